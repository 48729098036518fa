"""The kinds of decision. The name of the file is that of ``kind``; the columns are the fields, in their order."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

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
