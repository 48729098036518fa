"""Rows of the working database, as the report reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class EstimateRow:
    """A row of ``estimate``: a finding by one method."""

    finding_id: str
    estimate_id: str
    role: str
    method: str
    n: int | None
    estimate: float | None
    std_error: float | None
    df: float | None
    df_method: str | None
    statistic_name: str | None
    statistic: float | None
    p_value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    verdict: str | None
    declined: str | None
    note: str | None


@dataclass(frozen=True)
class FindingRow:
    """A row of ``finding`` with its estimates."""

    finding_id: str
    design: str
    family: str | None
    outcome: str
    predictor: str | None
    contrast: str | None
    population: str
    estimand: str
    n_start: int | None
    n: int | None
    estimate: float | None
    std_error: float | None
    df: float | None
    df_method: str | None
    statistic: float | None
    p_value: float | None
    p_adjusted: float | None
    ci_low: float | None
    ci_high: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    method: str
    verdict: str | None
    certainty: str | None
    exploratory: bool
    mean_from: float | None
    mean_to: float | None
    n_fell: int | None
    n_rose: int | None
    n_fell_reliably: int | None
    n_rose_reliably: int | None
    declined: str | None
    note: str | None
    estimates: tuple[EstimateRow, ...] = field(default=())

    @property
    def question(self) -> str:
        """What kind of question it is: change, association, ..."""
        return self.finding_id.split(".", 1)[0]

    @property
    def waves(self) -> tuple[str, str] | None:
        """The two waves of its contrast."""
        if self.contrast is None or "-" not in self.contrast:
            return None
        start, end = self.contrast.split("-", 1)
        return start, end


@dataclass(frozen=True)
class WaveMean:
    scale: str
    wave: str
    population: str
    method: str
    n: int
    mean: float | None
    sd: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class SimpleSlope:
    """Mean change at a place of a condition."""

    finding_id: str
    place: str
    condition: float
    within_range: bool
    change: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class CrossCheck:
    """A change by our engine and by statsmodels' MixedLM, both with a random intercept."""

    scale: str
    population: str
    contrast: str
    model: str
    n: int
    estimate: float | None
    estimate_difference: float | None
    std_error: float | None
    std_error_ratio: float | None
    loglik_difference: float | None
    agrees: bool | None
    declined: str | None


@dataclass(frozen=True)
class ItemChange:
    """One item between two waves, and how far it lies from the scale's other items."""

    scale: str
    item: str
    population: str
    wave_from: str
    wave_to: str
    n: int
    change: float | None
    ci_low: float | None
    ci_high: float | None
    p_adjusted: float | None
    from_others: float | None
    from_others_ci_low: float | None
    from_others_ci_high: float | None
    from_others_p_adjusted: float | None


@dataclass(frozen=True)
class ScaleEnd:
    """People at the lowest and the highest score of a scale."""

    scale: str
    wave: str
    population: str
    n: int
    n_lowest: int
    n_highest: int
    flagged: bool


@dataclass(frozen=True)
class StartingLevel:
    """How change goes with the level at the start, by one method."""

    scale: str
    population: str
    wave_from: str
    wave_to: str
    method: str
    n: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    declined: str | None


@dataclass(frozen=True)
class TeamLikeness:
    """How alike the changes of people of one team are."""

    scale: str
    population: str
    wave_from: str
    wave_to: str
    n: int
    n_teams: int | None
    icc: float | None
    ci_low: float | None
    ci_high: float | None
    design_effect: float | None


@dataclass(frozen=True)
class Invariance:
    """A model of a scale over the waves."""

    scale: str
    population: str
    waves: str
    model: str
    n: int
    n_items: int
    grade: str | None
    few_steps: bool
    chi2: float | None
    df: int | None
    cfi: float | None
    rmsea: float | None
    delta_cfi: float | None
    delta_rmsea: float | None
    holds: bool | None
    declined: str | None


@dataclass(frozen=True)
class Instrument:
    """What is known of the instrument itself."""

    items: tuple[ItemChange, ...] = ()
    ends: tuple[ScaleEnd, ...] = ()
    levels: tuple[StartingLevel, ...] = ()
    teams: tuple[TeamLikeness, ...] = ()
    invariance: tuple[Invariance, ...] = ()


@dataclass(frozen=True)
class Reliability:
    scale: str
    wave: str
    population: str
    coefficient: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_items: int
    declined: str | None


@dataclass(frozen=True)
class BalanceRow:
    """A row of ``balance``: how far two groups lie apart on one variable at the start."""

    comparison: str
    contrast: str
    population: str
    reference: str
    variable: str
    level: str | None
    weighting: str
    n: float
    n_reference: float
    mean: float | None
    mean_reference: float | None
    smd: float | None
    ci_low: float | None
    ci_high: float | None
    variance_ratio: float | None
    declined: str | None

    @property
    def name(self) -> str:
        """The variable as findings name it."""
        return self.variable if self.level is None else f"{self.variable}: {self.level}"


@dataclass(frozen=True)
class EntryReason:
    """How many people of a group gave a reason for taking part, or for not taking part; '' is 'not given'."""

    study_group: str
    reason: str
    n: int


@dataclass(frozen=True)
class Comparison:
    """Whether change between two waves of a scale may be computed."""

    scale: str
    wave_from: str
    wave_to: str
    comparable: bool
    reason: str | None


@dataclass(frozen=True)
class FlowRow:
    """Who answered in one wave, by group; ``ordinal`` counts the waves with data from 0. ``n_starters`` answered at
    the first wave and were to be asked again."""

    study_group: str
    ordinal: int
    n_answered: int
    n_starters: int
    n_stayed: int
    n_returned: int
    n_joined: int
    n_absent_next: int


@dataclass(frozen=True)
class CodeRow:
    code: str
    name: str
    parent: str | None
    construct: str | None
    n_participants: int
    n_segments: int
    expected: Sequence[str | None] = ()  # of trust in provider, municipality, people in general, fellow participants


@dataclass(frozen=True)
class TrajectoryRow:
    """A row of ``code_trajectory``: the change of people coded with a code beside those who were not."""

    code: str
    outcome: str
    contrast: str
    n_coded: int
    n_not_coded: int
    n_unresolved: int
    n_not_interviewed: int
    mean_change_coded: float | None
    mean_change_not_coded: float | None
    difference: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    method: str | None
    n_fell_coded: int | None
    n_fell_not_coded: int | None
    segments_per_person_coded: float | None
    segments_per_person_not_coded: float | None
    n_interviewed_before: int | None
    n_interviewed_after: int | None
    declined: str | None


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree on a code before anything is reconciled; ``code`` None: pooled over all codes."""

    coder_a: str
    coder_b: str
    code: str | None
    n_segments: int
    prevalence: float | None
    kappa: float | None
    ci_low: float | None
    ci_high: float | None
    alpha: float | None
    ac1: float | None
    pabak: float | None
    declined: str | None


@dataclass(frozen=True)
class NotesBase:
    n_participants: int
    n_segments: int
    n_documents: int
    n_unidentified: int


@dataclass(frozen=True)
class Source:
    source_id: str
    sha256: str
    name: str
    kind: str
    format: str
    wave: str | None
    status: str
    rows_in: int
    accepted: int
    quarantined: int
    duplicates: int
    blank: int
    withdrawn: int
    received_at: datetime


@dataclass(frozen=True)
class ProblemCount:
    rule: str
    severity: str
    n: int
    n_open: int
    n_files: int


@dataclass(frozen=True)
class Place:
    rule: str
    name: str | None
    row_number: int | None
    column_name: str | None
    scale: str | None
    wave: str | None
    status: str
    problem_id: str
    message: str


@dataclass(frozen=True)
class Blocked:
    scale: str
    wave: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Meta:
    """A row of ``meta_inference``: people for, against and beyond a finding, and the fit proposed and signed."""

    finding_id: str
    weighed: bool
    n_confirms: int
    n_contrasts: int
    n_expands: int
    n_mentions: int
    n_speaking: int
    n_stale: int
    n_silent_asked: int | None
    n_not_asked: int | None
    n_blinded: int
    fit: str | None
    no_fit: str | None
    signed_fit: str | None
    inference: str | None
    signed_off: str | None
    signed_on: date | None
    sign_off_stale: str | None

    @property
    def stands(self) -> str | None:
        """The fit that counts: the analyst's where the sign-off stands, else the one proposed."""
        return self.signed_fit if self.signed_off and not self.sign_off_stale else self.fit


@dataclass(frozen=True)
class Run:
    run_id: str
    wave: str
    started_at: datetime | None
    version: str
    plan_hash: str
    input_hash: str | None
