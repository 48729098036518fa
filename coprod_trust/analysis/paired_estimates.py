"""Each method's answer to one question of change, as rows of ``estimate``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import effect_size, mixed_model, paired
from coprod_trust.analysis.finding import Estimate, Role

Floats = NDArray[np.float64]

METHOD = "paired_t"


def estimates(
    start: Floats, end: Floats, change: Floats, test: paired.PairedT, flip: paired.SignFlip
) -> tuple[Estimate, ...]:
    """What stands beside the test of the mean. ``start`` and ``end`` are of the people with both scores."""
    return (
        *_effects(start, end, test),
        _wilcoxon(change, flip),
        _sign_flip(test, flip),
        _bayes(test),
    )


def paired_t(test: paired.PairedT, flip: paired.SignFlip, role: Role) -> Estimate:
    """The paired t-test of the people with both scores; where all changed alike it has no t, and the sign-flip p."""
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    if test.t is None:
        return Estimate(
            METHOD,
            role,
            n=test.n,
            estimate=test.mean,
            p_value=flip.p_mean,
            ci_level=None,
            note=f"everybody changed by exactly {test.mean:g} points, so there is no variation to compute t or an "
            "interval from; p is that of the sign-flip test",
        )
    return replace(
        of_test(test, METHOD, role),
        effect_name=d_z.name,
        effect_size=d_z.value,
        effect_ci_low=d_z.ci_low,
        effect_ci_high=d_z.ci_high,
    )


def of_test(test: paired.PairedT, method: str, role: Role, note: str | None = None) -> Estimate:
    """A paired t-test that has a t."""
    return Estimate(
        method,
        role,
        n=test.n,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        df_method="n - 1",
        statistic_name="t",
        statistic=test.t,
        p_value=test.p_value,
        ci_low=test.ci95[0],
        ci_high=test.ci95[1],
        note=note,
    )


def _effects(start: Floats, end: Floats, test: paired.PairedT) -> tuple[Estimate, ...]:
    if test.constant:
        return ()
    sd_from, sd_to = float(start.std(ddof=1)), float(end.std(ddof=1))
    # Where one wave has no spread there is no correlation; its covariance is 0, which is all that is used of it.
    r = float(np.corrcoef(start, end)[0, 1]) if sd_from > 0 and sd_to > 0 else 0.0
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    effects = (
        effect_size.cohen_d_av(test.mean, sd_from, sd_to, r, test.n),
        effect_size.hedges_g(d_z, test.n),
    )
    return tuple(
        Estimate(
            e.name,
            Role.SECONDARY,
            n=test.n,
            effect_name=e.name,
            effect_size=e.value,
            effect_ci_low=e.ci_low,
            effect_ci_high=e.ci_high,
        )
        for e in effects
        if e.value is not None
    )


def _wilcoxon(change: Floats, flip: paired.SignFlip) -> Estimate:
    ranks = paired.signed_ranks(change)
    if ranks.n_nonzero == 0:
        return Estimate("wilcoxon", Role.CHECK, n=len(change), declined="nobody's score changed")
    rb = effect_size.rank_biserial(ranks.positive, ranks.negative, ranks.n_nonzero)
    zeros = len(change) - ranks.n_nonzero
    return Estimate(
        "wilcoxon",
        Role.CHECK,
        n=len(change),
        statistic_name="W",
        statistic=ranks.positive,
        p_value=flip.p_ranks,
        effect_name=rb.name,
        effect_size=rb.value,
        effect_ci_low=rb.ci_low,
        effect_ci_high=rb.ci_high,
        note=f"{_how(flip)}; {zeros} without change dropped from the ranks" if zeros else _how(flip),
    )


def _sign_flip(test: paired.PairedT, flip: paired.SignFlip) -> Estimate:
    return Estimate(
        "sign_flip", Role.CHECK, n=test.n, estimate=test.mean, p_value=flip.p_mean, ci_level=None, note=_how(flip)
    )


def _how(flip: paired.SignFlip) -> str:
    if flip.resamples is None:
        return "p exact, over all patterns of signs"
    return f"p from {flip.resamples} random patterns of signs"


def equivalence(change: Floats, test: paired.PairedT, bound: float) -> Estimate:
    """Two one-sided paired tests against the bounds (statsmodels)."""
    if test.constant:
        return Estimate("tost", Role.SECONDARY, n=test.n, declined="there is no variation to test with")
    return Estimate(
        "tost",
        Role.SECONDARY,
        n=test.n,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        df_method="n - 1",
        p_value=paired.equivalence_p(change, bound),
        ci_low=test.ci90[0],
        ci_high=test.ci90[1],
        ci_level=0.90,
        note=_bounds(bound),
    )


def equivalence_of_model(found: mixed_model.Change, n: int, bound: float) -> Estimate:
    """Two one-sided t tests of the model's change against the bounds: the larger of the two p."""
    from scipy.special import stdtr

    below, above = ((found.estimate + s * bound) / found.std_error for s in (1, -1))
    return Estimate(
        "tost",
        Role.SECONDARY,
        n=n,
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        df_method="Kenward-Roger",
        p_value=max(float(stdtr(found.df, -below)), float(stdtr(found.df, above))),
        ci_low=found.ci90[0],
        ci_high=found.ci90[1],
        ci_level=0.90,
        note=_bounds(bound),
    )


def _bounds(bound: float) -> str:
    return f"two one-sided tests against −{bound:g} and +{bound:g} points"


def _bayes(test: paired.PairedT) -> Estimate:
    if test.t is None:
        return Estimate("bayes_factor", Role.SECONDARY, n=test.n, declined="there is no variation to test with")
    factor = paired.bayes_factor(test.t, test.n)
    if factor is None:
        return Estimate("bayes_factor", Role.SECONDARY, n=test.n, declined="it is too large a number to be written")
    return Estimate(
        "bayes_factor",
        Role.SECONDARY,
        n=test.n,
        ci_level=None,
        effect_name="BF10",
        effect_size=factor,
        note="JZS Bayes factor for a change against none, Cauchy prior of scale 0.707",
    )
