"""A fitted model: estimates, tests, marginal means, in the units of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

from coprod_trust.mixed import covariance as structures
from coprod_trust.mixed.checks import check
from coprod_trust.mixed.design import Design, build
from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.inference import KenwardRoger, Satterthwaite, Structure
from coprod_trust.mixed.moments import Attendance, attendance, cross_products
from coprod_trust.mixed.panel import TIME, Panel, indicator_names
from coprod_trust.mixed.parameters import cholesky_2x2, lower_triangle
from coprod_trust.mixed.threads import one_thread

if TYPE_CHECKING:
    import pandas as pd

    from coprod_trust.mixed.second_pass import SecondPass

DfMethod = Literal["kenward-roger", "satterthwaite"]
COVARIANCES = ("random-intercept", "random-slope", "unstructured", "compound-symmetry", "ar1", "independent")

REDUCED = {"random-slope": "random-intercept", "random-intercept": "independent"}


@one_thread
def fit(panel: Panel, formula: str, kind: str, reml: bool = True) -> Fit:
    """Fit a model; see ``Panel.fit``."""
    if kind not in COVARIANCES:
        raise ValueError(f"covariance must be one of {', '.join(COVARIANCES)}")
    design = build(panel, formula)
    attended = attendance(panel, design, own_times=kind in ("random-slope", "ar1"))
    structure = _structure(panel, design, attended, kind, reml)
    return Fit(panel, design, attended, structure, structure.solve(), kind, reml, formula)


def _structure(panel: Panel, design: Design, attended: Attendance, kind: str, reml: bool) -> Structure:
    if len(panel.waves) < 2:
        raise NotIdentified("one wave has no change", "add a wave")
    basis: np.ndarray | None = None
    if kind in ("random-intercept", "compound-symmetry", "independent"):
        basis = np.ones((len(panel.waves), 1))
    elif kind == "random-slope":
        mean, sd = panel.mean_time
        basis = _slope_basis(panel, attended, mean, sd)
    check(panel, design, attended, 0 if basis is None or kind == "independent" else basis.shape[-1])
    products = cross_products(attended, design, basis)
    if kind == "unstructured":
        structures.check_pairs(attended, panel.waves)
        return structures.Unstructured(products, reml)
    if kind == "independent":
        return structures.Independent(products, reml, len(panel.waves))
    if kind == "ar1":
        return structures.ContinuousAr1(products, reml, panel.times, attended.visits)
    return structures.RandomEffects(products, reml, negative=kind == "compound-symmetry")


def _slope_basis(panel: Panel, attended: Attendance, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    """(W, 2) the columns of Z of a random slope; (G, W, 2) where people came at times of their own."""
    times = panel.times if attended.visits is None else np.nan_to_num(attended.visits, nan=mean)
    return np.stack([np.ones(times.shape), (times - mean) / sd], axis=-1)


@dataclass(frozen=True)
class Fit:
    """A fitted model. Figures are in the units of the outcome and the covariates."""

    panel: Panel
    design: Design
    attended: Attendance
    structure: Structure
    solution: structures.Solution
    kind: str
    reml: bool
    formula: str

    @property
    def n_people(self) -> int:
        return self.attended.people

    @property
    def n_observations(self) -> int:
        return self.attended.observations

    @property
    def singular(self) -> bool:
        """Whether a variance is estimated at its boundary."""
        return self.solution.singular

    @cached_property
    def reduced(self) -> Fit | None:
        """Where the fit is singular: the model without the variance at its boundary (the random slope goes, then the
        random intercept), to stand beside it; else None."""
        if not self.singular:
            return None
        return fit(self.panel, self.formula, REDUCED[self.kind], self.reml)

    @property
    def _scale(self) -> float:
        return float(self.panel.scale[self.panel.outcome_index(0)])

    @cached_property
    def _back(self) -> np.ndarray:
        """beta = _back @ standardised beta, apart from the outcome's mean in the intercept."""
        return self._scale * np.linalg.inv(self.design.transform)

    @cached_property
    def beta(self) -> np.ndarray:
        """(p,) the coefficients, in the order of ``terms``."""
        found = self._back @ self.solution.state.beta
        found[0] += self.panel.centre[self.panel.outcome_index(0)]
        return found

    @property
    def terms(self) -> list[str]:
        return self.design.names

    @cached_property
    def covariance_of_beta(self) -> np.ndarray:
        """(p, p) (X'V^-1 X)^-1, without small-sample adjustment."""
        return self._back @ self.solution.state.phi @ self._back.T

    @property
    def sigma(self) -> float | None:
        """Residual standard deviation; None where the covariance over waves has no separate residual."""
        if self.kind in ("unstructured", "ar1"):
            return None
        return float(np.sqrt(self.solution.phi[0])) * self._scale

    @cached_property
    def random_covariance(self) -> np.ndarray:
        """Covariance of the random effects (intercept, slope per unit of time); for the other structures that of the
        answers over the waves."""
        matrix = self.structure.covariance(self.solution.phi) * self._scale**2
        if self.kind == "random-slope":
            mean, sd = self.panel.mean_time
            turn = np.array([[1.0, -mean / sd], [0.0, 1.0 / sd]])
            return turn @ matrix @ turn.T
        if self.kind == "compound-symmetry":
            n = len(self.panel.waves)
            return matrix[0, 0] * np.ones((n, n)) + self.solution.phi[0] * self._scale**2 * np.eye(n)
        return matrix

    @cached_property
    def theta(self) -> np.ndarray | None:
        """The relative Cholesky factor of the random effects by column, as lme4 has it; None for other structures."""
        if self.kind == "random-intercept":
            return self.solution.theta
        if self.kind == "random-slope":
            assert self.sigma is not None
            return cholesky_2x2(self.random_covariance / self.sigma**2)
        return None

    @property
    def random_basis(self) -> np.ndarray | None:
        """(W, b) the columns of Z at each wave (at its mean time, where people came at their own); None where there
        are no random effects."""
        ones = np.ones(len(self.panel.waves))
        if self.kind == "random-intercept":
            return ones[:, None]
        return np.column_stack([ones, self.panel.times]) if self.kind == "random-slope" else None

    @cached_property
    def marginal_covariance(self) -> np.ndarray:
        """(W, W) covariance of a person's answers, were all waves attended."""
        basis = self.random_basis
        if basis is None:
            return self.random_covariance
        assert self.sigma is not None
        return basis @ self.random_covariance @ basis.T + self.sigma**2 * np.eye(len(basis))

    @cached_property
    def loglik(self) -> float:
        """The log-likelihood, restricted where fitted by REML, with all constants (as R's logLik)."""
        n, p = self.n_observations, len(self.terms)
        deviance = self.solution.state.deviance
        if not self.reml:
            return -(deviance + 2 * n * np.log(self._scale)) / 2
        _, logdet = np.linalg.slogdet(self.design.transform)
        return -(deviance + 2 * (n - p) * np.log(self._scale) + 2 * logdet) / 2

    @property
    def n_parameters(self) -> int:
        return len(self.terms) + len(self.solution.phi)

    @property
    def aic(self) -> float:
        return -2 * self.loglik + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        return -2 * self.loglik + float(np.log(self.n_observations)) * self.n_parameters

    @cached_property
    def _kenward_roger(self) -> KenwardRoger:
        if not self.reml:
            raise ValueError("Kenward-Roger needs a fit by REML")
        return KenwardRoger(self.solution.state)

    @cached_property
    def _satterthwaite(self) -> Satterthwaite:
        solution = self.solution
        if self.kind == "random-slope":
            # in the parametrisation in which lmerTest differentiates
            structure = self.in_given_time()
            phi = np.append(solution.phi[0], lower_triangle(self.random_covariance / self._scale**2))
            solution = structures.Solution(phi, structure.state(phi), self.singular, self.theta)
        return Satterthwaite(self.structure, solution)

    def in_given_time(self) -> structures.RandomEffects:
        """The structure of a random slope with time in the units given; the fit itself is made in standardised time."""
        basis = _slope_basis(self.panel, self.attended)
        return structures.RandomEffects(cross_products(self.attended, self.design, basis), self.reml)

    def _method(self, df: DfMethod) -> KenwardRoger | Satterthwaite:
        if df not in ("kenward-roger", "satterthwaite"):
            raise ValueError("df must be kenward-roger or satterthwaite")
        return self._kenward_roger if df == "kenward-roger" else self._satterthwaite

    @one_thread
    def _rows(self, weights: np.ndarray, df: DfMethod, level: float) -> dict[str, np.ndarray]:
        """Estimates and t tests of contrasts (m, p), a column each."""
        from scipy.special import stdtr, stdtrit

        test = self._method(df).t_tests(weights @ self._back)
        estimate = weights @ self.beta
        statistic = estimate / test.std_error
        half = stdtrit(test.df, (1 + level) / 2) * test.std_error
        return {
            "estimate": estimate,
            "std_error": test.std_error,
            "df": test.df,
            "statistic": statistic,
            "p_value": 2 * stdtr(test.df, -np.abs(statistic)),
            "ci_low": estimate - half,
            "ci_high": estimate + half,
        }

    def coefficients(self, df: DfMethod = "kenward-roger", level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient: term, estimate, std_error, df, statistic (t), p_value, ci_low, ci_high."""
        import pandas as pd

        return pd.DataFrame({"term": self.terms, **self._rows(np.eye(len(self.terms)), df, level)})

    def contrast(
        self, weights: Mapping[str, float], df: DfMethod = "kenward-roger", level: float = 0.95
    ) -> dict[str, float | str]:
        """A weighted sum of coefficients: the keys of a row of ``coefficients``. KeyError names an unknown term."""
        rows = self._rows(self._weights(weights)[None, :], df, level)
        return {"term": "contrast", **{name: float(column[0]) for name, column in rows.items()}}

    def _weights(self, weights: Mapping[str, float]) -> np.ndarray:
        found = np.zeros(len(self.terms))
        for name, value in weights.items():
            if name not in self.terms:
                raise KeyError(f"the model has no coefficient {name}; it has {', '.join(self.terms)}")
            found[self.terms.index(name)] = value
        return found

    @one_thread
    def wald(self, term: str | Sequence[Mapping[str, float]], df: DfMethod = "kenward-roger") -> dict[str, float]:
        """Joint F test of a term's coefficients, or of several contrasts: F, num_df, den_df, p_value."""
        if isinstance(term, str):
            rows = np.eye(len(self.terms))[self.design.of_term(term)]
        else:
            rows = np.array([self._weights(w) for w in term])
        if np.linalg.matrix_rank(rows) < len(rows):
            raise ValueError("the contrasts determine each other; leave one out")
        from scipy.special import fdtrc

        test = self._method(df).f_test(rows @ self._back, self._standard_beta())
        p = float(fdtrc(test.num_df, test.den_df, test.statistic))
        return {"F": test.statistic, "num_df": test.num_df, "den_df": test.den_df, "p_value": p}

    def _standard_beta(self) -> np.ndarray:
        """The coefficients of standardised columns with the outcome's mean back in the intercept."""
        return np.linalg.solve(self._back, self.beta)

    def marginal_means(
        self,
        df: DfMethod = "kenward-roger",
        level: float = 0.95,
        by: str | Sequence[str] = (),
        **at: float | str | Sequence[float] | Sequence[str],
    ) -> pd.DataFrame:
        """The mean at each wave: wave, then the columns of ``coefficients``.

        Covariates are at their means over people (text ones in the shares that they have; times of visits at those of
        the wave) unless given in ``at``: one
        value, or several, with a column of that name and a row for each. ``by``: text covariates with a row for each of
        their values. KeyError names a covariate that the model does not have.
        """
        import pandas as pd

        grid = self._grid([by] if isinstance(by, str) else list(by), at)
        shown = [n for n in grid if n in by or not np.isscalar(at.get(n))]
        labels: dict[str, list[object]] = {name: [] for name in [*shown, "wave"]}
        weights = []
        for values in product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            means = {c.variable: self._level(c.variable, chosen) for c in self.design.columns if c.variable}
            for w, wave in enumerate(self.panel.waves):
                if self.panel.visits is not None and TIME not in at:
                    means[TIME] = self.panel.times[w]
                weights.append([c.weights[w] * means.get(c.variable, 1.0) for c in self.design.columns])
                labels["wave"].append(wave)
                for name in shown:
                    labels[name].append(chosen[name])
        return pd.DataFrame({**labels, **self._rows(np.array(weights), df, level)})

    def _grid(self, by: list[str], at: Mapping[str, object]) -> dict[str, list[object]]:
        """The values of each covariate that is not at its mean."""
        factors = self.panel.factors
        used = {c.variable for c in self.design.columns}
        indicators = {f: set(indicator_names(f, levels)) for f, levels in factors.items()}
        known = [f for f, names in indicators.items() if used & names]
        numbers = used - set().union(*indicators.values())
        known += [v for v in (*self.panel.between, *self.panel.varying) if v in numbers]
        for name in (*by, *at):
            if name not in known:
                raise KeyError(f"the model has no covariate {name}; it has {', '.join(known) or 'none'}")
        for name in by:
            if name not in factors and name not in at:
                raise ValueError(f"{name} is a number: say at which values, as in {name}=(0, 1)")
        found: dict[str, list[object]] = {n: list(factors[n]) for n in by if n in factors}
        for name, value in at.items():
            found[name] = [value] if np.isscalar(value) else list(value)  # type: ignore[call-overload]
            unknown = [v for v in found[name] if name in factors and v not in factors[name]]
            if unknown:
                raise ValueError(f"{name} has the values {', '.join(factors[name])}")
        return found

    def _level(self, variable: str, chosen: Mapping[str, object]) -> float:
        """A covariate's value in a row of marginal means."""
        if variable in chosen:
            return float(chosen[variable])  # type: ignore[arg-type]
        for factor, level in chosen.items():
            if factor in self.panel.factors and variable in indicator_names(factor, self.panel.factors[factor]):
                return float(variable == f"{factor}[T.{level}]")
        return self._mean(variable)

    @one_thread
    def variance_intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Profile intervals of ``intercept``, ``slope`` and ``residual`` standard deviations and of the ``correlation``
        of the random effects, by maximum likelihood; see ``mixed/profile.py``."""
        from coprod_trust.mixed.profile import variance_intervals

        return variance_intervals(self, level)

    @one_thread
    def second_pass(
        self, df: pd.DataFrame, participant: str, wave: str, outcome: str, cluster: str | None = None
    ) -> SecondPass:
        """Fitted values, residuals, random effects and cluster-robust covariance; see ``mixed/second_pass.py``.
        ValueError where people have visit times of their own."""
        if self.panel.visits is not None:
            raise ValueError("a second pass takes one time a wave; make the panel without visits")
        from coprod_trust.mixed.second_pass import second_pass

        return second_pass(self, df, participant, wave, outcome, cluster)

    def _mean(self, variable: str) -> float:
        """Mean of a covariate over the people in the model, or over their answers where it varies over waves."""
        panel, moments = self.panel, self.attended.moments
        if variable in panel.between:
            j = panel.between_index(variable)
            mean = moments[:, 0, j].sum() / moments[:, 0, 0].sum()
        else:
            places = [panel.varying_index(variable, w) for w in range(len(panel.waves))]
            j = places[0]
            total = sum((self.attended.waves[:, w] * moments[:, 0, k]).sum() for w, k in enumerate(places))
            mean = total / self.n_observations
        return float(panel.centre[j] + panel.scale[j] * mean)
