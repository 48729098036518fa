"""Warnings counted by what they are about, so that one unknown speaker is one problem and not a hundred."""

from __future__ import annotations

from coprod_trust.notes.table import Reporter, Row, Table
from coprod_trust.study import Severity

# Column, what is wrong, what is expected, how to mend it.
_SAID = {
    "speaker-unknown": (
        "speaker",
        "the speaker is not in the roster of the document; used for the group only",
        "a speaker whom the roster of the document or study.yaml names",
        "add the speaker to the roster, or to notes: people in study.yaml, or correct the spelling",
    ),
    "segment-without-participant": (
        "participant_id",
        "nobody is named; used for the group only",
        "a participant, or a speaker whom the roster links to one",
        "fill in participant_id, or speaker and the roster",
    ),
    "participant-not-in-survey": (
        "participant_id",
        "the person has no answers in the survey up to this wave; not compared with trajectories",
        "the id of a person of the survey",
        "correct the id, or leave it where the person never answered",
    ),
    "segment-before-wave": (
        "wave",
        "the document is dated before the fieldwork of this wave",
        "a document from the fieldwork of its wave, or after it",
        "correct the date of the document or the wave",
    ),
    "code-dropped": (
        "code",
        "the code was given up since; the passage counts as read, without it",
        "a code of the present codebook",
        "nothing, or read the passage again with the present codebook",
    ),
    "translation-without-original": (
        "original_text",
        "a translation without the words before it, so it cannot be held against its source",
        "the words before translation",
        "put the words as they were said into original_text",
    ),
    "coded-after-results": (
        "coded_on",
        "coded by somebody who may have seen the results: after the first report on this wave, or not blinded",
        "coded before the first report on the wave, or blinded",
        "give blinded as yes where the coder had not seen the report; else nothing: the report counts these apart",
    ),
    "text-normalised": (
        "text",
        "the quote matches its transcript apart from quotation marks, dashes, breaks or emoji",
        "the words as they stand in the transcript, sign for sign",
        "nothing needs mending; the text is kept as handed in",
    ),
}


class Grouped:
    """The warnings of one file; ``table`` is the file that is being read."""

    def __init__(self, table: Table, report: Reporter) -> None:
        self.table = table
        self.report = report
        self._first: dict[tuple[str, str], tuple[Row, int]] = {}

    def count(self, rule: str, about: str, row: Row) -> bool:
        """Count one row; whether it is held, where the study made more than a warning of the rule."""
        if self.report.severity(rule) is not Severity.WARN:
            return self._say(rule, row, 1)
        first, count = self._first.get((rule, about), (row, 0))
        self._first[rule, about] = (first, count + 1)
        return False

    def tell(self) -> None:
        """After the last row: one problem for each thing that was counted."""
        for (rule, _), (first, count) in sorted(self._first.items(), key=lambda i: (i[1][0].number, i[1][1])):
            self._say(rule, first, count)

    def _say(self, rule: str, row: Row, count: int) -> bool:
        column, message, expected, fix = _SAID[rule]
        rows = f" ({count} rows)" if count > 1 else ""
        return self.report.add(
            rule,
            self.table,
            row=row.number,
            column=column,
            found=row[column] or None,
            message=message + rows,
            expected=expected,
            fix=fix,
        )
