"""The kinds of decision. The name of the file is that of ``kind``; the columns are the fields, in their order."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Decision(BaseModel):
    """Who decided, when, and why: never empty. A subclass is one kind, kept in ``decisions/<kind>.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    kind: ClassVar[str]

    who: str = Field(min_length=1)
    when: datetime
    why: str = Field(min_length=1)


class Correction(Decision):
    """Another value for one cell, laid over the original before the gate; the original is never edited.

    The cell is named by its column as in the file and by its row: ``row_number`` with the file's ``sha256`` (its first
    16 digits do), or the ``participant_id``. An empty ``value`` blanks the cell.
    """

    kind: ClassVar[str] = "correction"

    wave: str = Field(min_length=1)
    sha256: str | None = Field(None, min_length=8)
    row_number: int | None = Field(None, ge=1)
    participant_id: str | None = None
    column: str = Field(min_length=1)
    value: str | None = None

    @model_validator(mode="after")
    def _names_a_row(self) -> Self:
        if (self.row_number is None) == (self.participant_id is None):
            raise ValueError("give either row_number with sha256, or participant_id")
        if self.row_number is not None and self.sha256 is None:
            raise ValueError("row_number needs the sha256 of the file in which it counts")
        return self


class Release(Decision):
    """Lets what a rule holds back in, as it is or with a value in its place; what it becomes is validated again."""

    kind: ClassVar[str] = "release"

    problem_id: str = Field(pattern=r"^[0-9a-f]{8}$")
    source_id: str | None = None
    row_number: int | None = None
    column: str | None = None
    scale: str | None = None
    rule: str | None = None
    value: str | None = None

    @model_validator(mode="after")
    def _value_has_a_place(self) -> Self:
        if self.value is not None and (self.source_id is None or self.row_number is None or self.column is None):
            raise ValueError("a value needs source_id, row_number and column: where it belongs")
        return self


class Revision(Decision):
    """A file that was imported may be replaced by one with this content; the old one stays in the archive."""

    kind: ClassVar[str] = "revision"

    path: str = Field(min_length=1, description="relative to the study folder, as in study.yaml")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class CodingDecision(Decision):
    """What the coders of a segment settled where they had differed: whether the code is present."""

    kind: ClassVar[str] = "coding"

    segment_id: str = Field(min_length=1)
    code: str = Field(min_length=1)
    present: bool


class Seen(Decision):
    """A decision about a finding as it stood; with figures that have moved since, the decision is stale.

    The commands fill in the figures. Where they are blank, those of the last run before ``when`` count, or else of the
    first one after it.
    """

    verdict: str | None = None
    direction: Literal["rose", "fell"] | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


class Stance(Seen):
    """What a segment does to a finding, by its rhetorical function; the last line on a segment and finding stands.

    ``blinded``: whether the person had not seen the results; None where nobody said.
    """

    kind: ClassVar[str] = "stance"

    finding_id: str = Field(min_length=1)
    segment_id: str = Field(min_length=1)
    stance: Literal["confirms", "contrasts", "expands", "mentions"]
    blinded: bool | None = None


class SignOff(Seen):
    """An analyst stands for how numbers and notes fit in one finding, or, with ``wave`` alone, for a whole report.

    ``fit`` is the analyst's own where it differs from the one proposed; ``inference`` is printed in the report. The
    counts of participants are those that were signed.
    """

    kind: ClassVar[str] = "signoff"

    finding_id: str | None = None
    wave: str | None = None
    fit: str | None = None
    inference: str | None = None
    n_confirms: int | None = Field(None, ge=0)
    n_contrasts: int | None = Field(None, ge=0)
    n_expands: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _signs_one_thing(self) -> Self:
        if (self.finding_id is None) == (self.wave is None):
            raise ValueError("give either the finding_id of a finding, or the wave of a report")
        return self


class QuoteRelease(Decision):
    """Lets the words of a segment out, or, with ``released`` false, takes them back; the last line on a segment stands.

    ``redact`` names parts of the words that are left out, as places in them from 0, the end excluded: ``4-11 30-38``.
    ``words`` are the first 16 digits of the SHA-256 of the words that were read: other words are not released by it.
    """

    kind: ClassVar[str] = "quote"

    segment_id: str = Field(min_length=1)
    edition: Literal["internal", "public"] = "internal"
    released: bool = True
    redact: str | None = Field(None, pattern=r"^\d+-\d+([ ;]+\d+-\d+)*$")
    words: str = Field(pattern=r"^[0-9a-f]{16}$")


class Amendment(Decision):
    """The analysis plan as it stood when it was registered or amended: its canonical JSON, and the SHA-256 of that."""

    kind: ClassVar[str] = "amendment"

    action: Literal["registration", "amendment"]
    plan_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    plan: str = Field(min_length=2)

    @model_validator(mode="after")
    def _hash_is_that_of_the_plan(self) -> Self:
        if hashlib.sha256(self.plan.encode()).hexdigest() != self.plan_hash:
            raise ValueError("plan_hash is not that of the plan in this line: one of them was edited")
        return self


class Freeze(Decision):
    """A wave is frozen, by the SHA-256 of its manifest, or thawed: then the next run may change it, and says why."""

    kind: ClassVar[str] = "freeze"

    action: Literal["freeze", "thaw"]
    wave: str = Field(min_length=1)
    manifest: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _names_its_manifest(self) -> Self:
        if (self.action == "freeze") != (self.manifest is not None):
            raise ValueError("a freeze names its manifest, a thaw names none")
        return self


class Withdrawal(Decision):
    """Somebody withdrew. What is kept of it has no identity: a random reference, how many rows went, and which files
    were replaced: ``originals`` as SHA-256 of the old and, after a colon, of the one without those rows (nothing: the
    file could not be written again and was taken out as a whole). To know their rows in a later file by there is either
    ``mark``, a salt and a hash with it of each of their ids, where the study keeps that, or ``searched``: the first
    digits of the SHA-256 of each content that was looked into and holds nothing of them."""

    kind: ClassVar[str] = "withdrawal"

    reference: str = Field(pattern=r"^[0-9a-f]{8}$")
    rows: int = Field(ge=0)
    originals: str | None = Field(None, pattern=r"^[0-9a-f]{64}:([0-9a-f]{64})?( [0-9a-f]{64}:([0-9a-f]{64})?)*$")
    mark: str | None = Field(None, pattern=r"^[0-9a-f]{32}:[0-9a-f]{64}( [0-9a-f]{64})*$")
    searched: str | None = Field(None, pattern=r"^[0-9a-f]{16}( [0-9a-f]{16})*$")

    @property
    def replaced(self) -> dict[str, str]:
        """Old hash: new hash, or an empty text."""
        return dict(pair.split(":") for pair in (self.originals or "").split()) if self.originals else {}


class Link(Decision):
    """An id in a wave is that of a person known by another id; with ``same`` false, it is not, and is not proposed
    again. Both ids are normalised. The last line on a pair stands."""

    kind: ClassVar[str] = "link"

    wave: str = Field(min_length=1)
    alias: str = Field(min_length=1, description="the id in that wave")
    participant_id: str = Field(min_length=1, description="the id under which the person is known")
    same: bool = True
    how: Literal["crosswalk"] | None = Field(
        None, description="crosswalk: a list says who is who; else they matched nearly, and estimates are shown without"
    )
