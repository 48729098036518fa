"""Where a quote stands: its offsets and words held against the transcript (rules 59, 67 and 68)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coprod_trust.notes.table import Row
from coprod_trust.notes.transcript import Transcript, comparable

if TYPE_CHECKING:
    from coprod_trust.notes.coded import Segment


@dataclass(frozen=True)
class Passage:
    """Offsets, both or neither, and the words."""

    start: int | None
    end: int | None
    text: str | None

    def overlaps(self, other: Passage) -> bool:
        """Whether the two have a character in common; never where one has no offsets."""
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return False
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Located:
    """A passage, and the rule that its row breaks, if any."""

    passage: Passage
    rule: str | None = None
    column: str = "text"
    message: str = ""
    expected: str = ""
    fix: str = ""
    suggestion: str | None = None


def locate(row: Row, transcript: Transcript | None) -> Located:
    """The passage of a row; where the document has no transcript only the offsets themselves can be checked."""
    text = row["original_text"] or row["text"] or None
    written = (row["start_offset"], row["end_offset"])
    if not any(written):
        passage = Passage(None, None, text)
        if text is None or transcript is None or transcript.holds(text):
            return Located(passage)
        return _altered(passage)
    if not all(w.isdecimal() for w in written):
        return _outside(Passage(None, None, text), "offsets must be two whole numbers from 0", transcript)
    start, end = int(written[0]), int(written[1])
    passage = Passage(start, end, text)
    if end <= start:
        return _outside(passage, "the end offset must lie after the start", transcript)
    if transcript is None:
        if text is not None and len(comparable(text)) > end - start:
            return _altered(passage)
        return Located(passage)
    span = transcript.span(start, end)
    if span is None:
        return _outside(passage, "the offsets lie outside the transcript", transcript)
    if text is None:
        return Located(Passage(start, end, span))
    if span == text:
        return Located(passage)
    if comparable(span) == comparable(text):
        return Located(passage, rule="text-normalised")
    if not transcript.holds(text):
        return _altered(passage)
    return Located(
        passage,
        "offsets-text-differs",
        "start_offset",
        "at these offsets stand other words; the text stands elsewhere in the transcript",
        "offsets that count characters from 0, the end excluded",
        "correct the offsets: a shift is common where a program counts line breaks or a byte order mark",
        _suggestion(text, transcript),
    )


def _outside(passage: Passage, message: str, transcript: Transcript | None) -> Located:
    return Located(
        passage,
        "offsets-outside",
        "start_offset",
        message,
        "0 <= start < end <= length of the transcript",
        "correct the offsets",
        _suggestion(passage.text, transcript),
    )


def _altered(passage: Passage) -> Located:
    return Located(
        passage,
        "quote-altered",
        "text",
        "the text does not stand in its source: it is longer, or was edited",
        "the words as they stand in the transcript",
        "quote word for word; put a summary into the column paraphrase",
    )


def _suggestion(text: str | None, transcript: Transcript | None) -> str | None:
    found = transcript.find(text) if text and transcript else None
    return f"{found[0]}-{found[1]}" if found else None


def same_passage(kept: Segment, new: Segment) -> bool:
    """Whether two rows under one id speak of one passage; what one of them leaves blank cannot differ."""
    if (kept.document, kept.wave) != (new.document, new.wave):
        return False
    if kept.participant_id and new.participant_id and kept.participant_id != new.participant_id:
        return False
    if kept.start_offset is not None and new.start_offset is not None:
        return (kept.start_offset, kept.end_offset) == (new.start_offset, new.end_offset)
    return not (kept.text and new.text) or comparable(kept.text) == comparable(new.text)
