"""The rules that decide what is said: verdicts, certainty, directions and floors, and nothing else.

Pure functions of figures. Bounds and intervals are in POMP points; ``alpha`` is the level of the study's plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from coprod_trust.analysis.finding import (
    AssociationVerdict,
    Certainty,
    DifferenceVerdict,
    Finding,
    ModeratorVerdict,
    RelationVerdict,
    Verdict,
)

Interval = tuple[float, float]

CHANGE_VERDICTS = (Verdict.CHANGED_SMALL, Verdict.CHANGED_MATTERS, Verdict.CHANGED_UNCLEAR)

# People who left are shifted by up to this many points, in these steps.
TIPPING_STEP = 2.5
TIPPING_LIMIT = 40.0

# Fewer studies than this, or so few people in the middle study, is said beside a portfolio's summary.
FEW_STUDIES = 10
FEW_PEOPLE_A_STUDY = 20

# Studies are said to differ in their change at this p of Cochran's Q or this I² (Higgins and Thompson 2002).
HETEROGENEITY_P = 0.10
HETEROGENEITY_I2 = 0.50

# A person's change is more than measurement error would explain beyond this many standard errors (two-sided 5 %).
RELIABLE_CHANGE_CRITERION = 1.959963984540054

# Disattenuation is suppressed where the reliability of a change score is below this.
DISATTENUATION_MINIMUM_RELIABILITY = 0.40


# So large a share of people at one end of a scale is flagged: a change beyond that end cannot show.
END_OF_SCALE_SHARE = 0.15

# With so few steps an answer is hardly a number; where it is treated as one, that is said.
FEW_STEPS = 5

# Constraints of measurement hold where the fit loses no more than this (Cheung and Rensvold 2002; Chen 2007).
INVARIANCE_CFI_LOSS = 0.010
INVARIANCE_RMSEA_GAIN = 0.015


@dataclass(frozen=True)
class Floor:
    """The least an analysis needs, and what is counted."""

    analysis: str
    minimum: int
    unit: str

    def declines(self, available: int) -> str | None:
        """Why the analysis is not done with that many, or None where it can be."""
        if available >= self.minimum:
            return None
        return f"{self.analysis} needs at least {self.minimum} {self.unit}; there {_are(available)}"


def _are(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {count if count else 'none'}"


PAIRED_TEST = Floor("a paired test", 5, "people with both scores")
SENTENCE = Floor("a sentence about change", 8, "people with both scores")
MIXED_MODEL = Floor("a mixed model", 8, "people")
ASSOCIATION = Floor("an association of changes", 10, "people with all scores")
CORRELATION = Floor("a correlation", 10, "people with both scores")
WITHIN_BETWEEN = Floor("a within-between model", 10, "people with both scores at two waves or more")
WITHIN_BETWEEN_WAVES = Floor("a within-between model", 3, "waves with both scores")
SELECTION = Floor("a comparison at the start", 8, "people in the smaller group")
FIRTH_EVENTS = Floor("Firth's propensity model", 9, "events a predictor")
# Those who left are imputed from the starting score and as many other predictors as leave this many stayers for each.
IMPUTATION_PEOPLE_A_PREDICTOR = 10
ORDERED = Floor("an ordered regression", 30, "people with the answer and the predictor")
MODERATOR = Floor("a moderator", 30, "people")
MEDIATION = Floor("mediation", 60, "people with all five scores")
MEDIATION_WAVES = Floor("mediation", 3, "ordered waves")
DIFFERENCE_IN_DIFFERENCES = Floor("a difference in differences", 8, "people a group")
DIFFERENCE_IN_DIFFERENCES_CONCLUSIVE = Floor("a conclusive difference in differences", 15, "people a group")
CODE_TRAJECTORY = Floor("a code with trajectories", 5, "people an arm")
CODER_AGREEMENT = Floor("coder agreement", 30, "segments coded twice")
SATURATION = Floor("saturation", 6, "documents")
ALPHA = Floor("a reliability coefficient", 20, "people with all items")
INVARIANCE = Floor("invariance over time", 100, "people")
INVARIANCE_SCREENING = Floor("screening for invariance over time", 50, "people")
INVARIANCE_ITEMS = Floor("invariance over time", 3, "items asked at every wave")
CLUSTERS = Floor("a claim that is robust over teams", 10, "teams")
PORTFOLIO = Floor("a portfolio summary", 3, "studies")
# With fewer, how much studies differ is itself hardly known (IntHout, Ioannidis, Rovers and Goeman 2016).
PREDICTION = Floor("a prediction interval", 5, "studies")
CROSS_LAGGED = Floor("a random-intercept cross-lagged panel", 100, "people")


def unstructured_allowed(n: int, waves: int, least_shared: int, positive_definite: bool) -> bool:
    """Whether an unstructured covariance may be fitted; else compound symmetry with negative covariance allowed.

    ``least_shared`` is the number of people that the pair of waves with the fewest shares.
    """
    return n - 1 >= 2 * waves and least_shared >= 10 and positive_definite


def inside(interval: Interval, bound: float) -> bool:
    """Whether the interval lies wholly within -bound and +bound."""
    return -bound < interval[0] and interval[1] < bound


def beyond(interval: Interval, bound: float) -> bool:
    """Whether the interval lies wholly below -bound or wholly above +bound."""
    return interval[1] < -bound or interval[0] > bound


def verdict_on_change(
    p_adjusted: float | None, ci95: Interval | None, ci90: Interval | None, bound: float, alpha: float
) -> Verdict:
    """The verdict of a finding on change; the first rule that holds, in the order of the published table.

    ``p_adjusted`` is the p adjusted in its family, or the p itself for a question that is in no family. Where there
    is no interval nothing can be said of the size.
    """
    differs = p_adjusted is not None and p_adjusted < alpha
    if differs and ci90 is not None and inside(ci90, bound):
        return Verdict.CHANGED_SMALL
    if differs and ci95 is not None and beyond(ci95, bound):
        return Verdict.CHANGED_MATTERS
    if differs:
        return Verdict.CHANGED_UNCLEAR
    if ci90 is not None and inside(ci90, bound):
        return Verdict.TOO_SMALL
    return Verdict.INCONCLUSIVE


def verdict_on_association(p_adjusted: float | None, estimate: float | None, alpha: float) -> AssociationVerdict:
    """Whether two changes went together; never 'not related' from a large p."""
    if p_adjusted is None or estimate is None or p_adjusted >= alpha:
        return AssociationVerdict.INCONCLUSIVE
    return AssociationVerdict.TOGETHER if estimate > 0 else AssociationVerdict.OPPOSITE


def verdict_on_relation(p_adjusted: float | None, estimate: float | None, alpha: float) -> RelationVerdict:
    """Whether two scores go together, between people or within them; never 'not related' from a large p."""
    if p_adjusted is None or estimate is None or p_adjusted >= alpha:
        return RelationVerdict.INCONCLUSIVE
    return RelationVerdict.TOGETHER if estimate > 0 else RelationVerdict.OPPOSITE


def verdict_on_moderator(p_adjusted: float | None, estimate: float | None, alpha: float) -> ModeratorVerdict:
    """Whether change differs with a condition; never 'makes no difference' from a large p."""
    if p_adjusted is None or estimate is None or p_adjusted >= alpha:
        return ModeratorVerdict.INCONCLUSIVE
    return ModeratorVerdict.HIGHER if estimate > 0 else ModeratorVerdict.LOWER


def verdict_on_difference_in_differences(
    p_adjusted: float | None, smaller_group: int, alpha: float
) -> DifferenceVerdict:
    """Whether two groups changed differently; ``smaller_group`` counts its people with both scores.

    Under 15 people a group nothing is concluded, whatever the p; and never 'changed alike' from a large one.
    """
    if DIFFERENCE_IN_DIFFERENCES_CONCLUSIVE.declines(smaller_group):
        return DifferenceVerdict.NOT_CONCLUSIVE
    if p_adjusted is None or p_adjusted >= alpha:
        return DifferenceVerdict.INCONCLUSIVE
    return DifferenceVerdict.DIFFERENT


def invariance_holds(delta_cfi: float, delta_rmsea: float) -> bool:
    """Whether the constraints of a model cost so little fit that they can be taken to hold."""
    return delta_cfi >= -INVARIANCE_CFI_LOSS and delta_rmsea <= INVARIANCE_RMSEA_GAIN


def direction(p_adjusted: float | None, estimate: float | None, alpha: float) -> str | None:
    """'rose' or 'fell', or None: a direction verb needs an adjusted p below alpha."""
    if p_adjusted is None or estimate is None or p_adjusted >= alpha or estimate == 0:
        return None
    return "rose" if estimate > 0 else "fell"


@dataclass(frozen=True)
class Checks:
    """What certainty rests on. None: the check could not be made, which counts as failed.

    ``tipping_at_least_one_sd``: people who left would have to differ from similar stayers by at least one SD of
    change for the verdict to change; True where nobody left. ``same_after_imputation``: the verdict is the same after
    multiple imputation of those who left; True where nobody left.
    """

    permutation_p: float | None
    same_without_two: bool | None
    tipping_at_least_one_sd: bool | None = None
    same_after_imputation: bool | None = None


def certainty(verdict: str, p_adjusted: float | None, checks: Checks, alpha: float) -> Certainty:
    """The word that says how far a verdict can be relied on.

    For a change or an association: clear if p_adj < alpha and the permutation, influence and tipping checks hold;
    suggestive if p_adj < alpha and one of these fails; else not clear. For 'change too small to matter': clear if it
    holds without the two most influential people and after multiple imputation, else not clear.
    """
    if verdict == Verdict.TOO_SMALL:
        holds = checks.same_without_two and checks.same_after_imputation
        return Certainty.CLEAR if holds else Certainty.NOT_CLEAR
    if p_adjusted is None or p_adjusted >= alpha:
        return Certainty.NOT_CLEAR
    permutation = checks.permutation_p is not None and checks.permutation_p < alpha
    failed = [permutation, checks.same_without_two, checks.tipping_at_least_one_sd].count(True)
    return {3: Certainty.CLEAR, 2: Certainty.SUGGESTIVE}.get(failed, Certainty.NOT_CLEAR)


def heterogeneous(q_p: float | None, i_squared: float | None) -> bool:
    """Whether the changes of the studies of a portfolio differ by more than chance within studies would explain."""
    return (q_p is not None and q_p < HETEROGENEITY_P) or (i_squared is not None and i_squared >= HETEROGENEITY_I2)


@dataclass(frozen=True)
class SummaryChecks:
    """What the certainty of a portfolio's summary rests on. None: the check could not be made, which counts as failed.

    ``same_without_any_one``: the verdict is the same whichever study is left out. ``same_equal_weights``: also where
    every study counts alike. ``prediction``: the interval in which the change of a further such study is expected.
    """

    same_without_any_one: bool | None
    same_equal_weights: bool | None
    prediction: Interval | None


def certainty_of_summary(
    verdict: str, p_adjusted: float | None, estimate: float, checks: SummaryChecks, bound: float, alpha: float
) -> Certainty:
    """How far the verdict on the mean change over studies can be relied on.

    For a change: clear if p_adj < alpha, the verdict holds whichever study is left out and with equal weights, and a
    further study is not expected to change the other way by as much as matters; suggestive if one of these fails; else
    not clear. For 'change too small to matter': clear if all three hold, a further study being expected inside the
    bounds; else not clear.
    """
    held = [checks.same_without_any_one, checks.same_equal_weights]
    if verdict == Verdict.TOO_SMALL:
        expected = checks.prediction is not None and inside(checks.prediction, bound)
        return Certainty.CLEAR if all(held) and expected else Certainty.NOT_CLEAR
    if p_adjusted is None or p_adjusted >= alpha:
        return Certainty.NOT_CLEAR
    sign = 1.0 if estimate > 0 else -1.0
    expected = checks.prediction is not None and min(sign * e for e in checks.prediction) > -bound
    failed = [*held, expected].count(True)
    return {3: Certainty.CLEAR, 2: Certainty.SUGGESTIVE}.get(failed, Certainty.NOT_CLEAR)


def tipping_shifts(estimate: float, verdict: Verdict) -> tuple[float, ...]:
    """Shifts of those who left, against the conclusion, nearest first, beginning with none.

    Upwards for a fall, downwards for a rise, both ways for 'too small to matter'; an inconclusive finding has no
    conclusion to weaken.
    """
    steps = [TIPPING_STEP * i for i in range(1, int(TIPPING_LIMIT / TIPPING_STEP) + 1)]
    if verdict is Verdict.INCONCLUSIVE:
        return ()
    if verdict is Verdict.TOO_SMALL:
        return (0.0, *(s for step in steps for s in (step, -step)))
    sign = 1.0 if estimate < 0 else -1.0
    return (0.0, *(sign * step for step in steps))


def tipping_at_least_one_sd(tipping: float | None, sd_of_change: float) -> bool:
    """Whether the verdict stands up to a shift of one SD of change; ``tipping`` None: it held over the whole grid."""
    return sd_of_change <= (TIPPING_LIMIT if tipping is None else abs(tipping))


# Worst and best bounds and the grid of shifts are meant to overturn the verdict, so they do not count as disagreement.
EXEMPT_FROM_DISAGREEMENT = frozenset({"bounds", "tipping_point"})


def disagreeing(finding: Finding) -> tuple[str, ...]:
    """Methods of the sensitivity analyses whose verdict differs in category from the finding's."""
    return tuple(
        e.method
        for e in finding.estimates
        if e.role == "sensitivity"
        and e.method not in EXEMPT_FROM_DISAGREEMENT
        and e.verdict is not None
        and e.verdict != finding.verdict
    )


def certainty_beside_strict(finding: Finding, verdict: str | None) -> str | None:
    """The certainty, where people were linked by near matches: never clear if strict matches alone say otherwise."""
    if finding.certainty == Certainty.CLEAR and verdict != finding.verdict:
        return Certainty.SUGGESTIVE
    return finding.certainty


class Fit(StrEnum):
    """How numbers and notes fit in one finding (Fetters, Curry and Creswell 2013; silence: O'Cathain et al. 2010)."""

    CONFIRMATION = "confirmation"
    EXPANSION = "expansion"
    DISCORDANCE = "discordance"
    SILENCE_ASKED = "silence, asked"
    SILENCE_NOT_ASKED = "silence, not asked"


# Fewer participants than this who speak to a finding: silence. As many must have been asked for it to be their silence.
FIT_MINIMUM_SPEAKING = 3


def propose_fit(
    verdict: str | None, n_speaking: int, n_confirms: int, n_contrasts: int, n_silent_asked: int | None
) -> Fit | None:
    """The fit that is proposed, by participants; somebody who both confirms and contrasts counts in both.

    None for a finding without a conclusion. ``n_silent_asked`` None: it is not known what was asked. Silence is that of
    people who were asked where at least three who spoke or could have spoken were.
    """
    if verdict is None or verdict == Verdict.INCONCLUSIVE:
        return None
    if n_speaking < FIT_MINIMUM_SPEAKING:
        asked = (n_silent_asked or 0) + n_speaking
        return Fit.SILENCE_ASKED if n_silent_asked and asked >= FIT_MINIMUM_SPEAKING else Fit.SILENCE_NOT_ASKED
    if 3 * n_contrasts >= n_speaking:
        return Fit.DISCORDANCE
    if 3 * n_confirms >= 2 * n_speaking:
        return Fit.CONFIRMATION
    return Fit.EXPANSION


@dataclass(frozen=True)
class Standing:
    """What a finding said at some time."""

    verdict: str | None
    direction: str | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None


def moved(then: Standing, now: Standing) -> str | None:
    """Why something decided about a finding as it stood ``then`` is stale, or None.

    The verdict or the direction changed, or the estimate moved by more than half the half-width of the interval that it
    had then (or has now, where it had none).
    """
    if then.verdict != now.verdict:
        return "the verdict changed"
    if then.direction != now.direction:
        return "the direction changed"
    if (then.estimate is None) != (now.estimate is None):
        return "the estimate came or went"
    if then.estimate is None or now.estimate is None:
        return None
    low, high = (then.ci_low, then.ci_high) if None not in (then.ci_low, then.ci_high) else (now.ci_low, now.ci_high)
    if low is None or high is None:
        return "the estimate changed" if then.estimate != now.estimate else None
    return "the estimate moved" if abs(now.estimate - then.estimate) > (high - low) / 4 else None
