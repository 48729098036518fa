"""What the evaluator declares in study.yaml, as frozen pydantic models.

Every rule about the declaration itself lives here; rules about data live in ``ingest``.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from coprod_trust.study.notes_settings import Notes
from coprod_trust.study.report_settings import ReportSettings

FORMAT = 1


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value) or "__" in value:
        raise ValueError("must begin with a small letter and hold only small letters, digits and single underscores")
    return value


Id = Annotated[str, AfterValidator(_identifier), Field(max_length=48)]


class Model(BaseModel):
    """Frozen, and an unknown key is an error: a misspelt key must never be ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Dimension(StrEnum):
    """The five trust constructs of the field; a scale with none of them is not about trust."""

    GENERALIZED = "generalized"
    MUNICIPAL = "municipal"
    PROVIDER = "provider"
    PEERS = "peers"
    INTERPERSONAL = "interpersonal"


class MissingReason(StrEnum):
    """Why there is no answer. 'Don't know' is an answer of its own, never the midpoint."""

    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"
    SKIPPED = "skipped"


class Severity(StrEnum):
    """What happens when a rule of the catalogue is broken."""

    REFUSE = "refuse"
    BLOCK = "block"
    QUARANTINE = "quarantine"
    WARN = "warn"


class Normalisation(Model):
    """How an id as typed becomes the id as compared; applied in the order of the fields."""

    strip: bool = True
    upper: bool = False
    remove: str = Field("", description="regular expression; what matches is taken out")
    prefix: str = Field("", description="put in front where the id does not begin with it")
    digits: int = Field(0, ge=0, le=18, description="the number in the id is padded with zeros to this length")


class CodeElement(Model):
    """A part of a code that people make themselves, such as the first letter of their mother's name."""

    id: Id
    start: int = Field(ge=1, description="its first sign in the normalised id, counted from 1")
    length: int = Field(1, ge=1)
    weight: float = Field(1.0, gt=0, description="what it tells: more for one that few people share")


class Ids(Model):
    """The column that links a person's rows over the waves."""

    column: str
    normalise: Normalisation = Normalisation()
    pattern: str | None = Field(None, description="regular expression that a normalised id matches as a whole")
    test_pattern: str | None = Field(None, description="ids of test and staff rows (regular expression)")
    elements: list[CodeElement] = Field(
        default_factory=list, description="of what the id is made, where people make it themselves; see link"
    )
    remember_withdrawn: bool = Field(
        False,
        description="keep a keyed hash of the id of whoever withdraws, to leave out rows of theirs in later files; "
        "false: nothing is kept, and ids that came after a withdrawal wait until somebody says whose they are",
    )

    @model_validator(mode="after")
    def _elements_are_told_apart(self) -> Self:
        names = [e.id for e in self.elements]
        if len(set(names)) != len(names):
            raise ValueError("two elements have the same id")
        if len(names) in (1, 2):
            raise ValueError("a code of fewer than three elements cannot be compared element by element")
        taken = sorted((e.start, e.start + e.length) for e in self.elements)
        if any(end > start for (_, end), (start, _) in pairwise(taken)):
            raise ValueError("two elements share a sign of the id")
        return self


class Group(Model):
    id: Id
    label: str
    codes: list[str] = Field(default_factory=list, description="how the group is written in the files")


class Crossing(Model):
    """A person who changed group on a known date."""

    participant_id: str
    date: date
    to: Id


class Groups(Model):
    """Who takes part in the programme and who does not."""

    column: str | None = Field(None, description="null: everybody is a participant")
    participants: Id = "participant"
    values: list[Group] = Field(default_factory=lambda: [Group(id="participant", label="Participants")])
    crossings: list[Crossing] = Field(default_factory=list)

    @model_validator(mode="after")
    def _participants_is_a_group(self) -> Self:
        ids = [g.id for g in self.values]
        if len(set(ids)) != len(ids):
            raise ValueError("two groups have the same id")
        if self.participants not in ids:
            raise ValueError(f"participants must be one of the groups: {', '.join(ids)}")
        return self


class FollowUp(Model):
    """Who was to be asked again. Everybody else of a wave has not left: analyses of change do not count them."""

    covariate: Id | None = Field(None, description="a covariate that is measured once, with one of ``values``")
    values: list[str] = Field(default_factory=list, description="values of the covariate, as in the study")
    only_linked: bool = Field(
        False, description="each wave is a sample of its own: only people found in more than one count as followed"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.covariate is None) != self.only_linked:
            raise ValueError("follow_up takes a covariate with its values, or only_linked: true")
        if self.covariate is not None and not self.values:
            raise ValueError("follow_up: values says which values of the covariate mean that a person was followed")
        return self


class Window(Model):
    """Days of fieldwork, both included."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class File(Model):
    """Files of one wave, and hints where a file cannot speak for itself."""

    path: str = Field(description="relative to the study folder; * and ? match several files")
    format: Literal["csv", "xlsx", "sav", "dta", "parquet", "zip"] | None = Field(
        None, description="null: by the ending"
    )
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False)] | None = Field(
        None, description="one sign, or tab"
    )
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    preset: Literal["qualtrics", "limesurvey", "redcap", "kobo"] | None = Field(
        None, description="the platform that the file was exported from; kobo also for ODK"
    )
    sheet: str | None = None
    repeat: str | None = Field(None, description="redcap, kobo: the repeating instrument or group that holds the rows")
    header_row: int | None = Field(None, ge=1, description="the row that holds the column names, counted from 1")
    layout: Literal["wide", "long"] = Field("wide", description="wide: a row a person; long: a row an answer")
    item_column: str | None = Field(None, description="long: the column with the item's name")
    value_column: str | None = Field(None, description="long: the column with the answer")
    id_column: str | None = Field(None, description="where it differs from ids.column")
    date_column: str | None = None
    date_format: str | None = Field(None, description="as in strptime, for example %d-%m-%Y")
    wave_column: str | None = Field(None, description="a file with several waves: the column that names the wave")
    wave_value: str | None = Field(None, description="how this wave is written in wave_column")
    expected_rows: int | None = Field(None, ge=0, description="rows according to the sender")
    columns: dict[str, str] = Field(default_factory=dict, description="name in the file: name in the study")
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.layout == "long" and not (self.item_column and self.value_column):
            raise ValueError("layout long needs item_column and value_column")
        if (self.wave_column is None) != (self.wave_value is None):
            raise ValueError("wave_column and wave_value go together")
        if self.path.startswith(("/", "~")) or ".." in self.path.split("/"):
            raise ValueError("path must lie inside the study folder")
        return self


class Wave(Model):
    id: Id
    label: str
    planned_date: date | None = None
    month: float = Field(description="months since the first wave")
    window: Window | None = None
    files: list[File] = Field(default_factory=list)


class Item(Model):
    """One question. ``low`` and ``high`` come from the scale unless a wave's response format says otherwise."""

    id: Id
    wording: str = ""
    reverse: bool = False
    aliases: dict[Id, list[str]] = Field(default_factory=dict, description="wave: names of the column in that wave")
    wordings: dict[Id, str] = Field(default_factory=dict, description="wave: the wording used then, where it differs")
    source: str = ""
    licence: str = ""
    wording_status: Literal["verbatim", "adapted", "own", "unknown"] = "unknown"
    verified: bool = False


class ResponseFormat(Model):
    """How a scale was answered in one wave, where that differs from the scale's own ends."""

    low: float
    high: float
    note: str = ""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be above low")
        return self


class Scale(Model):
    """Items that are scored together, with the theoretical ends of the answer scale."""

    id: Id
    dimension: Dimension | None = None
    label: str = Field(description="as the report writes it, for example 'trust in the provider'")
    low: float
    high: float
    items: list[Item] = Field(min_length=1)
    minimum_answered: int | None = Field(None, ge=1, description="null: two thirds of the items, at least two")
    from_wave: Id | None = Field(None, description="first wave in which it was asked")
    waves: list[Id] | None = Field(None, description="waves in which it was asked; null: all from from_wave")
    groups: list[Id] | None = Field(None, description="groups that were asked; null: all")
    response: dict[Id, ResponseFormat] = Field(default_factory=dict, description="wave: response format then")
    value_labels: dict[str, float] = Field(default_factory=dict, description="text in the files: value")
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    scored: bool = Field(True, description="false: a profile of single items, no total")
    integer: bool = Field(True, description="answers are whole numbers")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be above low")
        ids = [i.id for i in self.items]
        if len(set(ids)) != len(ids):
            raise ValueError("two items have the same id")
        if self.minimum_answered is not None and self.minimum_answered > len(ids):
            raise ValueError("minimum_answered is more than the number of items")
        for text, value in self.value_labels.items():
            if not self.low <= value <= self.high:
                raise ValueError(f"value label {text!r} lies outside the scale")
        return self

    @cached_property
    def needed(self) -> int:
        """Items that must be answered for a score: max(min(2, k), ceil(2k/3)) unless the study says otherwise."""
        k = len(self.items)
        return self.minimum_answered if self.minimum_answered is not None else max(min(2, k), ceil(2 * k / 3))

    def ends(self, wave: str) -> tuple[float, float]:
        """The theoretical ends of the answer scale in that wave."""
        response = self.response.get(wave)
        return (response.low, response.high) if response else (self.low, self.high)


class Covariate(Model):
    """Something known of a person beside the scales."""

    id: Id
    label: str = ""
    column: str | None = Field(None, description="null: the id itself")
    columns: dict[Id, str] = Field(default_factory=dict, description="wave: column, where the name differs")
    kind: Literal["number", "category", "birth_year", "gender", "team", "entry_reason", "exit_reason", "text"] = (
        "number"
    )
    varying: bool = Field(False, description="true: measured at each wave")
    low: float | None = None
    high: float | None = None
    codes: dict[str, str] = Field(default_factory=dict, description="as in the files: as in the study")
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)

    def source_column(self, wave: str) -> str:
        """The column of that wave's files in which the covariate stands."""
        return self.columns.get(wave, self.column or self.id)


class Event(Model):
    id: Id
    date: date
    label: str


class Consent(Model):
    """The column that says who agreed to take part; quotes may need a consent of their own."""

    column: str
    granted: list[str]
    withdrawn: list[str] = Field(default_factory=list)
    waves: list[Id] | None = Field(None, description="waves whose files carry the column; null: all")


class Platform(Model):
    """Columns of the survey platform that say what a row is."""

    status_column: str | None = None
    test_values: list[str] = Field(default_factory=list, description="values of status_column that mark a test row")
    mode_column: str | None = Field(None, description="how the person answered: online, paper, by telephone, proxy")
    weight_column: str | None = None
    free_text: list[str] = Field(default_factory=list, description="columns with free text, screened for names")
    ignore: list[str] = Field(default_factory=list, description="columns that are known and not needed")


class Family(Model):
    """Questions that share one error rate. A member is a finding id without its contrast: change.provider."""

    id: str
    label: str = ""
    members: list[str] = Field(min_length=1)
    adjust: Literal["holm", "benjamini_hochberg", "none"] = "holm"
    exploratory: bool = False


class Plan(Model):
    """The analysis plan. Its hash is published with every report; what is not in it is reported as exploratory."""

    registered: date | None = None
    primary: list[Id] = Field(default_factory=list, description="scales whose change is the primary outcome")
    contrasts: list[tuple[Id, Id]] = Field(default_factory=list, description="pairs of waves, earlier first")
    families: list[Family] = Field(default_factory=list)
    covariates: list[Id] = Field(default_factory=list, description="for the adjusted models")
    auxiliary: list[Id] = Field(
        default_factory=list,
        description="scales and covariates that leaving may go with, the most telling first; empty: the primary "
        "scales, then the covariates",
    )
    analyses: Literal["core", "full"] = Field(
        "full", description="core: change, change with change and selection only; full: everything the data carry"
    )
    equivalence_bound: float = Field(5.0, gt=0, le=100, description="points of 100")
    alpha: float = Field(0.05, gt=0, lt=0.5)
    seed: int = Field(20260101, ge=0)
    permutations: int = Field(9999, ge=99)
    bootstraps: int = Field(9999, ge=199)


class Study(Model):
    """A whole study.yaml."""

    format: Literal[1]
    study_id: Id
    title: str
    synthetic: str | None = Field(None, description="a sentence that labels invented data wherever it shows")
    provider_name: str = "the provider"
    municipality_name: str = "the municipality"
    ids: Ids
    groups: Groups = Groups()
    follow_up: FollowUp | None = Field(None, description="who was to be asked again; null: everybody")
    waves: list[Wave] = Field(min_length=1)
    scales: list[Scale] = Field(min_length=1)
    missing_codes: dict[str, MissingReason] = Field(default_factory=dict)
    covariates: list[Covariate] = Field(default_factory=list)
    events: list[Event] = Field(default_factory=list)
    consent: Consent | None = None
    platform: Platform = Platform()
    notes: Notes = Notes()
    rules: dict[str, Severity | Literal["off"]] = Field(default_factory=dict)
    plan: Plan = Plan()
    report: ReportSettings = ReportSettings()

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        problems: list[str] = []
        waves = [w.id for w in self.waves]
        for what, ids in (
            ("waves", waves),
            ("scales", [s.id for s in self.scales]),
            ("items", [i.id for s in self.scales for i in s.items]),
            ("covariates", [c.id for c in self.covariates]),
            ("events", [e.id for e in self.events]),
        ):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            problems += [f"two {what} have the id {i}" for i in twice]
        months = [w.month for w in self.waves]
        if any(b <= a for a, b in pairwise(months)):
            problems.append("waves must be in order: each month above the one before")
        groups = {g.id for g in self.groups.values}
        for s in self.scales:
            named = [
                s.from_wave,
                *(s.waves or []),
                *s.response,
                *(w for i in s.items for w in (*i.aliases, *i.wordings)),
            ]
            problems += [f"scale {s.id} names an unknown wave: {w}" for w in named if w is not None and w not in waves]
            problems += [f"scale {s.id} names an unknown group: {g}" for g in s.groups or [] if g not in groups]
            codes = {**self.missing_codes, **s.missing_codes}
            for wave in waves:
                low, high = s.ends(wave)
                clash = [c for c in codes if _number(c) is not None and low <= float(c) <= high]
                problems += [
                    f"missing code {c} is a valid answer of scale {s.id} ({low:g} to {high:g}); declare it only under "
                    "the scales or files where it means missing"
                    for c in clash
                ]
        covariates = {c.id for c in self.covariates}
        if self.follow_up is not None and self.follow_up.covariate is not None:
            once = {c.id for c in self.covariates if not c.varying}
            if self.follow_up.covariate not in once:
                problems.append(f"follow_up names no covariate that is measured once: {self.follow_up.covariate}")
        problems += [f"the plan names an unknown covariate: {c}" for c in self.plan.covariates if c not in covariates]
        scales = {s.id for s in self.scales}
        problems += [f"the plan names an unknown scale: {p}" for p in self.plan.primary if p not in scales]
        problems += [
            f"the plan names an unknown scale or covariate: {a}"
            for a in self.plan.auxiliary
            if a not in scales and a not in covariates
        ]
        for a, b in self.plan.contrasts:
            if a not in waves or b not in waves or waves.index(a) >= waves.index(b):
                problems.append(f"contrast [{a}, {b}] must be two waves, the earlier first")
        named_things = {
            "waves": waves,
            "scales": [s.id for s in self.scales],
            "items": [i.id for s in self.scales for i in s.items],
            "groups": list(groups),
            "covariates": list(covariates),
            "events": [e.id for e in self.events],
            "families": [f.id for f in self.plan.families],
        }
        problems += [
            f"report: labels: {language}: {kind} names an unknown id: {id_}"
            for language, labels in self.report.labels.items()
            for kind, known in named_things.items()
            for id_ in getattr(labels, kind)
            if id_ not in known
        ]
        if self.notes.wave is not None and self.notes.wave not in waves:
            problems.append(f"notes name an unknown wave: {self.notes.wave}")
        dimensions = [s.dimension for s in self.scales if s.dimension]
        problems += [f"two scales measure {d}" for d in {d for d in dimensions if dimensions.count(d) > 1}]
        if problems:
            raise ValueError("; ".join(dict.fromkeys(problems)))
        return self

    @cached_property
    def wave_ids(self) -> tuple[str, ...]:
        """Waves in order of time."""
        return tuple(w.id for w in self.waves)

    def wave(self, wave_id: str) -> Wave:
        """The wave with that id; KeyError if there is none."""
        for w in self.waves:
            if w.id == wave_id:
                return w
        raise KeyError(wave_id)

    def scale(self, scale_id: str) -> Scale:
        """The scale with that id; KeyError if there is none."""
        for s in self.scales:
            if s.id == scale_id:
                return s
        raise KeyError(scale_id)

    def scale_of(self, dimension: Dimension) -> Scale | None:
        """The scale that measures that dimension, or None where the study does not measure it."""
        return next((s for s in self.scales if s.dimension == dimension), None)

    def waves_up_to(self, wave_id: str) -> tuple[Wave, ...]:
        """The waves from the first to that one, in order."""
        return tuple(self.waves[: self.wave_ids.index(wave_id) + 1])

    def asked(self, scale: Scale, wave: str) -> bool:
        """Whether the study says that the scale was asked in that wave."""
        if scale.waves is not None:
            return wave in scale.waves
        return scale.from_wave is None or self.wave_ids.index(wave) >= self.wave_ids.index(scale.from_wave)

    def scored_in(self, wave: str) -> tuple[Scale, ...]:
        """The scales that have a score in that wave: asked then, and more than a profile of single items."""
        return tuple(s for s in self.scales if s.scored and self.asked(s, wave))

    def missing(self, scale: Scale, file: File | None = None) -> dict[str, MissingReason]:
        """Missing codes that hold for a scale: the study's, then the scale's, then the file's."""
        return {**self.missing_codes, **scale.missing_codes, **(file.missing_codes if file else {})}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
