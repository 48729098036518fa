"""What is read of coded notes: segments, and who coded them with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

UNNAMED = "unnamed"
CONSENT = {
    **dict.fromkeys(("yes", "y", "true", "1", "granted"), "yes"),
    "public": "public",
    "internal": "internal",
    **dict.fromkeys(("no", "n", "false", "0", "refused"), "no"),
    "withdrawn": "withdrawn",
}
STRICTNESS = ("withdrawn", "no", "internal", "public", "yes")


@dataclass(frozen=True)
class Segment:
    """A passage of a document; offsets count code points from 0, the end excluded."""

    segment_id: str
    source_id: str
    row_number: int
    document: str
    position: int | None
    start_offset: int | None
    end_offset: int | None
    participant_id: str | None
    speaker: str | None
    speaker_role: str | None
    wave: str
    text: str | None
    paraphrase: str | None
    consent_quote: str | None
    elicited: str | None
    time_reference: str | None
    kept: bool | None = None
    filter_reason: str | None = None
    translated_from: str | None = None
    original_text: str | None = None


@dataclass(frozen=True)
class Coding:
    """One coder gave one segment one code."""

    segment_id: str
    code: str
    coder: str
    valence: str | None
    stance: str | None
    finding_id: str | None
    certainty: str | None
    blinded: bool | None = None
    coded_on: date | None = None
    code_as_given: str | None = None
    codebook_version: str | None = None
    source_id: str | None = None
    row_number: int | None = None


@dataclass
class Segments:
    """Everything the segment files hold that may be used; ``readings`` are (segment, coder), ``held`` those of them of
    which a row waits in quarantine."""

    segments: dict[str, Segment] = field(default_factory=dict)
    codings: dict[tuple[str, str, str], Coding] = field(default_factory=dict)
    readings: set[tuple[str, str]] = field(default_factory=set)
    held: set[tuple[str, str]] = field(default_factory=set)
    settled: dict[str, Settled] = field(default_factory=dict)


@dataclass
class Settled:
    """What the coders of a segment agreed upon afterwards, as rows of the coder who stands for all of them say."""

    who: str
    on: date | None
    codes: set[str] = field(default_factory=set)
