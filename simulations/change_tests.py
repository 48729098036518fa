"""Type I error and interval coverage of the tests of change, where people leave depending on their first score.

    python -m simulations.change_tests [--draws 5000] [--cell 2x20x0 ...]

A cell is waves x people x change. Each is written to results/change_tests.csv as soon as it is done; cells that are
there already are left alone, so that an interrupted run goes on where it was. Every draw has its own seed, made of its
cell and number: draw 17 of a cell is the same whichever others are made.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from coprod_trust.analysis import mixed_model, paired, rules
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.mixed import NotIdentified, Panel
from coprod_trust.mixed.fit import Fit

RESULTS = Path(__file__).parent / "results" / "change_tests.csv"
FIRST_DRAWS = Path(__file__).parent / "results" / "change_tests_first_draws.csv"

SEED = 20261122
DRAWS = 5_000
KEPT_DRAWS = 5
PEOPLE = (12, 20, 40, 60)
WAVES = (2, 3)
# Half a standard deviation of the first wave.
CHANGES = (0.0, -9.0)
ALPHA = 0.05
Z = 1.959963984540054
METHODS = (
    "primary",
    "paired_t",
    "unstructured kenward-roger",
    "compound-symmetry kenward-roger",
    "random-intercept kenward-roger",
    "random-intercept satterthwaite",
    "ar1 kenward-roger",  # on two waves it is the random intercept
    "statsmodels MixedLM z",
)

# Four items answered from 0 to 10: their mean lies on steps of 2.5 POMP points.
STEP = 2.5
START = 65.0
SD = (18.0, 20.0, 22.0)
CORRELATION = np.array([[1.0, 0.6, 0.45], [0.6, 1.0, 0.65], [0.45, 0.65, 1.0]])
GONE = 0.30
# Log-odds of leaving per point of the first score: some 1.1 per standard deviation, the lower the likelier.
PULL = -0.06

Floats = np.ndarray


@dataclass(frozen=True)
class Cell:
    """``change``: true mean change from the first to the last wave, in POMP points as recorded."""

    waves: int
    people: int
    change: float

    @property
    def name(self) -> str:
        return f"{self.waves}x{self.people}x{self.change:g}"

    @property
    def wave_names(self) -> tuple[str, ...]:
        return tuple(f"w{k + 1}" for k in range(self.waves))

    @property
    def means(self) -> Floats:
        return START + self.change * np.arange(self.waves) / (self.waves - 1)

    @cached_property
    def latent_means(self) -> Floats:
        """Means of the latent scores for which the recorded ones (rounded, cut off at 0 and 100) have ``means``."""
        return np.array([latent_mean(m, s) for m, s in zip(self.means, SD, strict=False)])

    @cached_property
    def root(self) -> Floats:
        places = [0, 2] if self.waves == 2 else [0, 1, 2]
        sd = np.array(SD[: self.waves])
        return np.linalg.cholesky(CORRELATION[np.ix_(places, places)] * np.outer(sd, sd))

    @cached_property
    def intercept(self) -> float:
        """Log-odds of leaving at ``START`` for which 30 % are gone by the last wave."""
        share = grid_shares(self.latent_means[0], SD[0])
        steps = self.waves - 1

        def gone(intercept: float) -> float:
            stay = 1 - expit(intercept + PULL * (grid() - START))
            return float(share @ (1 - stay**steps)) - GONE

        return float(brentq(gone, -10, 10))

    def draw(self, number: int) -> Floats:
        """(people, waves) recorded scores of one study, nan from the wave at which a person has left."""
        key = [SEED, self.waves, self.people, CHANGES.index(self.change), number]
        rng = np.random.default_rng(np.random.SeedSequence(key))
        latent = self.latent_means + rng.standard_normal((self.people, self.waves)) @ self.root.T
        scores = np.clip(np.round(latent / STEP) * STEP, 0, 100)
        chance = expit(self.intercept + PULL * (scores[:, :1] - START))
        leaves = rng.random((self.people, self.waves - 1)) < chance
        scores[:, 1:][np.logical_or.accumulate(leaves, axis=1)] = np.nan
        return scores


def grid() -> Floats:
    return np.arange(0, 100 + STEP, STEP)


def grid_shares(mean: float, sd: float) -> Floats:
    """Share of each recorded score where the latent one is normal."""
    ends = ndtr((grid()[:-1] + STEP / 2 - mean) / sd)
    return np.diff(np.concatenate([[0.0], ends, [1.0]]))


def latent_mean(recorded: float, sd: float) -> float:
    return float(brentq(lambda m: float(grid_shares(m, sd) @ grid()) - recorded, -50, 150))


def cells() -> list[Cell]:
    """All cells, those without change first."""
    return [Cell(w, n, c) for c in CHANGES for n in PEOPLE for w in WAVES]


def answers(waves: tuple[str, ...], scores: Floats) -> Iterator[tuple[str, Estimate]]:
    """The change from the first to the last wave by each method; what cannot be estimated is declined.

    With fewer people at both waves than a paired test needs, the question itself is declined, for every method.
    """
    first, last = waves[0], waves[-1]
    too_few = rules.PAIRED_TEST.declines(int((~np.isnan(scores[:, [0, -1]])).all(axis=1).sum()))
    if too_few:
        for method in METHODS if len(waves) > 2 else (m for m in METHODS if m != "ar1 kenward-roger"):
            yield method, Estimate(method, Role.CHECK, declined=too_few)
        return
    primary = mixed_model.fit(waves, scores)
    yield "primary", primary.contrast(first, last, Role.PRIMARY)
    yield "paired_t", _paired(scores)
    panel = Panel.from_matrix(scores, waves, np.empty((len(scores), 0)), ())
    fits: dict[str, Fit | str] = {}
    if primary.engine is not None:
        fits[primary.engine.kind] = primary.engine
    for kind in ("unstructured", "compound-symmetry", "random-intercept", *(("ar1",) if len(waves) > 2 else ())):
        symmetric = fits.get("compound-symmetry")
        if kind == "random-intercept" and isinstance(symmetric, Fit) and symmetric.solution.phi[1] > 0:
            # With people's own levels varying, the two are one model; a test holds that they give the same.
            fits[kind] = symmetric
        elif kind not in fits:
            fits[kind] = _fit(panel, kind)
        for df in ("kenward-roger", "satterthwaite") if kind == "random-intercept" else ("kenward-roger",):
            yield f"{kind} {df}", _tested(fits[kind], last, df)
    yield "statsmodels MixedLM z", statsmodels_z(scores, fits["random-intercept"])


def _fit(panel: Panel, kind: str) -> Fit | str:
    try:
        return panel.fit("wave", covariance=kind)
    except NotIdentified as error:
        return str(error)


def _tested(fitted: Fit | str, last: str, df: str) -> Estimate:
    if isinstance(fitted, str):
        return Estimate(df, Role.CHECK, declined=fitted)
    row = fitted.contrast({f"wave[T.{last}]": 1.0}, df=df)  # type: ignore[arg-type]
    names = ("estimate", "std_error", "df", "p_value", "ci_low", "ci_high")
    return Estimate(df, Role.CHECK, **{name: float(row[name]) for name in names})


def statsmodels_z(scores: Floats, start: Fit | str) -> Estimate:
    """MixedLM with a random intercept, by REML. Where our fit has a variance between people the search starts there,
    which spares most of its steps; where not, from statsmodels' own start."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    person, wave = np.nonzero(~np.isnan(scores))
    design = np.eye(scores.shape[1])[wave]
    begin = None
    if isinstance(start, Fit) and start.solution.phi[1] > 0:
        begin = np.array([np.sqrt(start.solution.phi[1] / start.solution.phi[0])])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MixedLM(scores[person, wave], design, groups=person)
        try:
            fitted = model.fit(reml=True, method=["bfgs", "lbfgs", "powell"], start_params=begin)
        except np.linalg.LinAlgError:
            return Estimate("mixedlm", Role.CHECK, declined="the model could not be fitted")
    if not fitted.converged:
        return Estimate("mixedlm", Role.CHECK, declined="the model did not converge")
    k = scores.shape[1]
    weights = np.zeros(k)
    weights[0], weights[-1] = -1.0, 1.0
    change = float(weights @ np.asarray(fitted.fe_params))
    variance = float(weights @ np.asarray(fitted.cov_params())[:k, :k] @ weights)
    if not variance > 0:
        return Estimate("mixedlm", Role.CHECK, declined="no standard error could be computed")
    se = variance**0.5
    z, half = change / se, Z * se
    return Estimate(
        "mixedlm",
        Role.CHECK,
        estimate=change,
        std_error=se,
        p_value=2 * float(ndtr(-abs(z))),
        ci_low=change - half,
        ci_high=change + half,
    )


def _paired(scores: Floats) -> Estimate:
    change = paired.differences(scores[:, 0], scores[:, -1])
    if np.ptp(change) == 0:
        return Estimate("paired_t", Role.CHECK, declined="all changed alike")
    test = paired.paired_t(change)
    return Estimate(
        "paired_t",
        Role.CHECK,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        p_value=test.p_value,
        ci_low=test.ci95[0],
        ci_high=test.ci95[1],
        note="completers",
    )


def run(cell: Cell, draws: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """A row a method, and the first draws one by one."""
    found: dict[str, list[Estimate]] = {}
    for number in range(draws):
        for method, estimate in answers(cell.wave_names, cell.draw(number)):
            found.setdefault(method, []).append(estimate)
    rows = [_row(cell, method, estimates) for method, estimates in found.items()]
    kept = [
        _kept(cell, number, method, estimates[number])
        for number in range(min(draws, KEPT_DRAWS))
        for method, estimates in found.items()
    ]
    return rows, kept


def _row(cell: Cell, method: str, estimates: list[Estimate]) -> dict[str, object]:
    figures = [(e.estimate, e.p_value, e.ci_low, e.ci_high) for e in estimates if e.declined is None]
    estimate, p_value, low, high = np.array(figures, dtype=float).reshape(-1, 4).T
    n = len(estimate)
    rejected = int((p_value < ALPHA).sum())
    covered = int(((low <= cell.change) & (cell.change <= high)).sum())
    return {
        "waves": cell.waves,
        "people": cell.people,
        "change": f"{cell.change:g}",
        "method": method,
        "draws": len(estimates),
        "answered": n,
        "unstructured": sum((e.note or "").startswith("unstructured") for e in estimates),
        "rejected": rejected,
        "rejected_share": _share(rejected, n),
        "rejected_mc_error": _mc_error(rejected, n),
        "covered": covered,
        "covered_share": _share(covered, n),
        "covered_mc_error": _mc_error(covered, n),
        "bias": f"{estimate.mean() - cell.change:.4f}",
        "bias_mc_error": f"{estimate.std(ddof=1) / n**0.5:.4f}",
        "mean_ci_width": f"{(high - low).mean():.4f}",
    }


def _share(count: int, n: int) -> str:
    return f"{count / n:.4f}"


def _mc_error(count: int, n: int) -> str:
    return f"{(count / n * (1 - count / n) / n) ** 0.5:.4f}"


def _kept(cell: Cell, number: int, method: str, e: Estimate) -> dict[str, object]:
    def text(value: float | None) -> str:
        return "" if value is None else f"{value:.9g}"

    return {
        "cell": cell.name,
        "draw": number,
        "method": method,
        "estimate": text(e.estimate),
        "std_error": text(e.std_error),
        "p_value": text(e.p_value),
        "ci_low": text(e.ci_low),
        "ci_high": text(e.ci_high),
    }


def _append(path: Path, rows: list[dict[str, object]]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)


def _done() -> set[str]:
    if not RESULTS.exists():
        return set()
    with RESULTS.open(encoding="utf-8") as file:
        return {f"{r['waves']}x{r['people']}x{r['change']}" for r in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--cell", action="append", help="waves x people x change, as 2x20x0; by default all")
    chosen = parser.parse_args()
    from threadpoolctl import threadpool_limits

    RESULTS.parent.mkdir(exist_ok=True)
    with threadpool_limits(1):
        for cell in cells():
            if cell.name in _done() or (chosen.cell and cell.name not in chosen.cell):
                continue
            started = time.perf_counter()
            rows, kept = run(cell, chosen.draws)
            _append(RESULTS, rows)
            _append(FIRST_DRAWS, kept)
            took = time.perf_counter() - started
            say(f"{cell.name}: {chosen.draws} draws in {took:.0f} s, {took / chosen.draws * 1e3:.0f} ms each")
            for row in rows:
                say(
                    f"  {row['method']:32s} p < .05 in {row['rejected_share']} (+-{row['rejected_mc_error']}), "
                    f"covered {row['covered_share']} (+-{row['covered_mc_error']}), bias {row['bias']}, "
                    f"answered {row['answered']}"
                )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
