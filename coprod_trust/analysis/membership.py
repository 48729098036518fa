"""Who took part, and who stayed: one group of people against another on what is known of them at the start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import balance, firth, rules, selection, weighting
from coprod_trust.analysis.baseline import Columns, Variable
from coprod_trust.analysis.finding import Estimate, Role

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MODEL = "firth_logistic"
DIFFERENCE = "mean_difference"
SUPPORT = "common_support"
C_STATISTIC = "c_statistic"
WEIGHTED_N = "weighted_n"


@dataclass(frozen=True)
class Model:
    """Firth's model of who is in the first group: the fit, or why there is none.

    ``candidates`` in order of importance; ``used`` are those that the smaller group had room for, and ``sds`` the
    standard deviations in which their odds ratios are given (1 for a level).
    """

    event: Bools
    candidates: Columns
    used: Columns
    fit: firth.Fit | None = None
    declined: str | None = None

    def estimate(self, name: str, role: Role) -> Estimate:
        """The log odds ratio of one predictor, a standard deviation higher (of a level: having it), with its interval
        and penalised likelihood-ratio test."""
        n = len(self.event)
        if self.fit is None:
            return Estimate(MODEL, role, n=n, declined=self.declined)
        if name not in self.used.names:
            why = f"the model has room for {len(self.used.names)} of {len(self.candidates.names)} predictors: "
            rarer = min(self.fit.n_events, n - self.fit.n_events)
            return Estimate(
                MODEL,
                role,
                n=n,
                declined=f"{why}{rules.FIRTH_EVENTS.minimum} events are needed for each, there are {rarer}",
            )
        c = self.fit.coefficient(name)
        unit = self._unit(name)
        low, high = c.ci_low * unit, c.ci_high * unit
        others = [o for o in self.used.names if o != name]
        filled = int(self.used.filled.any(axis=1).sum())
        notes = [
            "log odds, for one standard deviation more" if unit != 1 else "log odds",
            f"beside {', '.join(others)}" if others else "alone in the model",
            *([f"{filled} with a gap, filled with the mean"] if filled else []),
            *([] if c.profiled else ["Wald's interval and test, which so many people make equal to the profile's"]),
        ]
        return Estimate(
            MODEL,
            role,
            n=n,
            estimate=c.estimate * unit,
            std_error=c.std_error * unit,
            statistic_name="chi2",
            statistic=c.chi2,
            p_value=c.p_value,
            ci_low=low,
            ci_high=high,
            effect_name="odds_ratio",
            effect_size=math.exp(c.estimate * unit),
            effect_ci_low=_exp(low),
            effect_ci_high=_exp(high),
            note="; ".join(notes),
        )

    def _unit(self, name: str) -> float:
        column = self.used.values[:, self.used.names.index(name)]
        return 1.0 if set(np.unique(column)) <= {0.0, 1.0} else float(column.std(ddof=1))


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def model(event: Bools, candidates: Columns) -> Model:
    """Firth's model of ``event`` on as many of the candidates, in their order, as the rarer outcome carries."""
    found = weighting.fitted(event, candidates, profile=True)
    if isinstance(found, str):
        return Model(event, candidates, candidates.first(0), declined=found)
    fit, used = found
    return Model(event, candidates, used, fit)


def difference(values: Floats, event: Bools, share: bool) -> Estimate:
    """Mean of those with the event less that of those without, with Welch's interval, and the SMD; no p.

    Whether a p is small depends on how many people there are, not on how far the groups lie apart.
    """
    known = ~np.isnan(values)
    first, second = values[event & known], values[~event & known]
    n = len(first) + len(second)
    declined = rules.SELECTION.declines(min(len(first), len(second)))
    found = None if declined else balance.smd(first, second, share)
    if declined or found is None:
        return Estimate(DIFFERENCE, Role.PRIMARY, n=n, declined=declined or "it does not vary in either group")
    test = selection.welch(first, second)
    dropped = len(values) - n
    return Estimate(
        DIFFERENCE,
        Role.PRIMARY,
        n=n,
        estimate=test.difference,
        std_error=test.std_error,
        df=test.df,
        df_method="Welch-Satterthwaite",
        ci_low=test.ci[0],
        ci_high=test.ci[1],
        effect_name="smd",
        effect_size=found.value,
        effect_ci_low=found.ci_low,
        effect_ci_high=found.ci_high,
        note=f"{len(first)} and {len(second)} people" + (f"; {dropped} without a value" if dropped else ""),
    )


def overlap(fitted: Model) -> tuple[Estimate, ...]:
    """How far the two groups' fitted probabilities lie over each other: the share of the first group within the range
    of the second, and the c statistic (.5: the predictors do not tell the groups apart, 1: they do so always)."""
    n = len(fitted.event)
    if fitted.fit is None:
        return (Estimate(SUPPORT, Role.PRIMARY, n=n, declined=fitted.declined),)
    first, second = fitted.fit.fitted[fitted.event], fitted.fit.fitted[~fitted.event]
    inside = (first >= second.min()) & (first <= second.max())
    low, high = _clopper_pearson(int(inside.sum()), len(first))
    return (
        Estimate(
            SUPPORT,
            Role.PRIMARY,
            n=n,
            estimate=float(inside.mean()),
            ci_low=low,
            ci_high=high,
            note=f"{int(inside.sum())} of {len(first)} within the range of the {len(second)} others, by the model on "
            + ", ".join(fitted.used.names),
        ),
        Estimate(
            C_STATISTIC,
            Role.SECONDARY,
            n=n,
            estimate=(selection.cliffs_delta(first, second) + 1) / 2,
            ci_level=None,
            note="of the data that the model was fitted to, so somewhat too high",
        ),
    )


def _clopper_pearson(k: int, n: int) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(k, n, method="beta")
    return float(low), float(high)


def odds_weights(fitted: Model, first_weighted: bool) -> tuple[Floats, float]:
    """Weights that make one group resemble the other (1 for that other), and the effective number of the weighted.

    ``first_weighted``: those with the event are weighted, else those without it. The model must have been fitted.
    """
    if fitted.fit is None:
        raise ValueError("there is no model to weight by")
    event, probability = fitted.event, fitted.fit.fitted
    weights = weighting.odds(~event, 1 - probability) if first_weighted else weighting.odds(event, probability)
    return weights, balance.effective_n(weights[event if first_weighted else ~event])


def weighted_n(fitted: Model, first_weighted: bool) -> tuple[Estimate, ...]:
    """How many people the weighted group is worth, and whether that is enough to compare it; nothing without model."""
    if fitted.fit is None:
        return ()
    _, n = odds_weights(fitted, first_weighted)
    too_few = rules.SELECTION.declines(int(n))
    note = "the group weighted to resemble those who take part is worth this many people"
    return (
        Estimate(
            WEIGHTED_N,
            Role.CHECK,
            n=len(fitted.event),
            estimate=n,
            ci_level=None,
            note=f"{note}: too few, so nothing is shown weighted" if too_few else note,
        ),
    )


def compared(
    variables: Iterator[Variable], groups: balance.Groups, fitted: Model, among: Bools, first_weighted: bool
) -> list[dict[str, object]]:
    """The rows of ``balance``: every variable, before weighting and, where there is a model, after it.

    ``among`` are the people of the model, in the order of its event. ``first_weighted``: the first group is weighted
    to resemble the second, else the second to resemble the first. Where weighting leaves fewer people, in effect, than
    a comparison needs, nothing is weighted.
    """
    if fitted.fit is not None:
        own, n = odds_weights(fitted, first_weighted)
        if not rules.SELECTION.declines(int(n)):
            weights = np.zeros(len(among))
            weights[among] = own
            groups = replace(groups, weights=weights)
    return [asdict(row) for row in balance.rows(groups, variables)]
