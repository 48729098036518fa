"""Coded segments, held against the codebook, the roster, the transcripts and each other (rules 53 to 76)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from coprod_trust.notes.codebook import nearest
from coprod_trust.notes.coded import CONSENT, STRICTNESS, UNNAMED, Coding, Segment, Segments, Settled
from coprod_trust.notes.coders import check_coders
from coprod_trust.notes.documents import Document, Presence, Setting, truth, words
from coprod_trust.notes.grouped import Grouped
from coprod_trust.notes.layout import GIVEN, HELD
from coprod_trust.notes.passage import Passage, locate, same_passage
from coprod_trust.notes.speakers import Speakers
from coprod_trust.notes.table import Reporter, Row, Table, Tally
from coprod_trust.notes.transcript import Transcript, comparable
from coprod_trust.notes.versions import Became, Versions

# Of the parts of a row (several codes in one), the first of these says what became of the row.
_FATES = ("accepted", "quarantined", "duplicates", "withdrawn", "later", "blank")


class SegmentReader:
    """Reads the rows of all segment files of a study in order; the first row of a segment stands."""

    def __init__(
        self,
        setting: Setting,
        transcripts: Mapping[str, Transcript],
        report: Reporter,
        versions: Versions | None = None,
        reported: Mapping[str, date] | None = None,
    ) -> None:
        """``versions``: what became of codes. ``reported``: by wave, the day of the first report on it."""
        self.setting = setting
        self.transcripts = transcripts
        self.report = report
        self.versions = versions or Versions()
        self.reported = reported or {}
        self.result = Segments()
        self._aliases: dict[str, str] = {}
        self._by_span: dict[tuple[str, int | None, int | None], str] = {}
        self._by_text: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._coded: dict[tuple[str, str, str], list[Passage]] = defaultdict(list)
        self._speakers = Speakers(setting)
        self._reconcilers = {words(name) for name in setting.study.notes.reconciled_by}

    def read(self, table: Table) -> Tally:
        """Take in one file; what is wrong goes to the report."""
        self.table = table
        self.grouped = Grouped(table, self.report)
        fates: dict[int, str] = {}
        for row in table.rows:
            fate = self._row(row)
            before = fates.setdefault(row.number, fate)
            fates[row.number] = min(before, fate, key=_FATES.index)
        tally = Tally()
        for fate in fates.values():
            setattr(tally, fate, getattr(tally, fate) + 1)
        self.grouped.tell()
        return tally

    def finish(self, table: Table) -> Segments:
        """After the last file: what concerns all of them. ``table`` is where such problems are shown."""
        known = self.result.segments
        self.result.readings = {(s, c) for s, c in self.result.readings if s in known}
        check_coders({c for _, c in self.result.readings}, table, self.report)
        read = {s for s, _ in self.result.readings}
        alone = [s for s in self.result.settled if s not in read]
        if alone:
            self.report.add(
                "originals-overwritten",
                table,
                column="coder",
                message=f"of {len(alone)} segments there are only the codes agreed upon, not what each coder had given",
                expected="the rows of both coders, and those agreed upon beside them",
                fix="hand in the files of each coder as well, or take the name out of notes: reconciled_by where it is "
                "one coder's own work",
            )
        return self.result

    def _row(self, row: Row) -> str:
        if row.blank:
            return "blank"
        if not row["document"]:
            return self._held("id-missing", row, "document", "a row without a document", "a document in every row")
        document = self.setting.documents.setdefault(row["document"], Document(row["document"]))
        wave = row["wave"] or document.wave or self.setting.study.notes.wave
        if wave is not None and wave not in self.setting.study.wave_ids:
            expected = ", ".join(self.setting.study.wave_ids)
            return self._held("wave-unknown", row, "wave", "a wave that the study does not know", expected)
        if self.setting.later(wave):
            return "later"
        if wave is None:
            message = "neither the row nor its document says to which wave it belongs"
            return self._held(
                "segment-without-wave", row, "wave", message,
                "a wave here, a wave or date in documents.csv, or notes: wave in study.yaml",
            )  # fmt: skip
        if document.wave is None and not row["wave"]:
            self.setting.documents[document.document] = document = replace(document, wave=wave)
        person = self._speakers.of(row, document, self.grouped)
        if person is None:
            return "quarantined"
        if self.setting.withdrew(person.participant_id):
            return "withdrawn"
        coder = self.setting.study.notes.coder_aliases.get(row["coder"], row["coder"]) or UNNAMED
        passage = self._passage(row)
        if passage is None:
            self._note_reading(row["segment_id"], coder, held=True)
            return "quarantined"
        segment = self._segment(row, document, wave, person, passage)
        if (segment_id := self._identity(row, segment, coder)) is None:
            return "quarantined"
        self._warn(row, document, wave)
        return self._coding(row, replace(segment, segment_id=segment_id), coder, passage)

    def _held(self, rule: str, row: Row, column: str, message: str, expected: str, **more: str | None) -> str:
        fix = more.pop("fix", None) or "correct the cell in the file, or leave the row in quarantine"
        held = self.report.add(
            rule, self.table, row=row.number, column=column, message=message, expected=expected, fix=fix,
            found=more.get("found", row[column] or None), suggestion=more.get("suggestion"),
        )  # fmt: skip
        return "quarantined" if held else "accepted"

    # -- where the words stand ---------------------------------------------------------------------------------

    def _passage(self, row: Row) -> Passage | None:
        found = locate(row, self.transcripts.get(row["document"]))
        if found.rule == "text-normalised":
            self.grouped.count("text-normalised", "", row)
        elif found.rule is not None:
            held = self._held(
                found.rule, row, found.column, found.message, found.expected, fix=found.fix, suggestion=found.suggestion
            )
            if held == "quarantined":
                return None
        return found.passage

    def _segment(self, row: Row, document: Document, wave: str, person: Presence, passage: Passage) -> Segment:
        position = int(row["position"]) if row["position"].isdecimal() else None
        if passage.start is not None:
            made = f"{document.document}@{passage.start}-{passage.end}"
        else:
            made = f"{document.document}#{position if position is not None else f'row{row.number}'}"
        original = row["original_text"] or None
        return Segment(
            segment_id=row["segment_id"] or made,
            source_id=self.table.source_id,
            row_number=row.number,
            document=document.document,
            position=position,
            start_offset=passage.start,
            end_offset=passage.end,
            participant_id=person.participant_id,
            speaker=person.speaker,
            speaker_role=person.role,
            wave=wave,
            text=(row["text"] or None) if original else passage.text,
            paraphrase=row["paraphrase"] or None,
            consent_quote=CONSENT.get(words(row["consent_quote"])),
            elicited=words(row["elicited"]) or None,
            time_reference=words(row["time_reference"]) or None,
            kept=truth(row["kept"]),
            filter_reason=row["filter_reason"] or None,
            translated_from=row["translated_from"] or None,
            original_text=original,
        )

    def _identity(self, row: Row, new: Segment, coder: str) -> str | None:
        """The id under which the passage is kept; None where the row is held (rule 58)."""
        written = new.segment_id
        kept = self.result.segments.get(self._aliases.get(written, written))
        if kept is not None:
            if same_passage(kept, new):
                return kept.segment_id
            self._ambiguous_id(row, f"row {kept.row_number} uses this id for another passage, speaker or wave")
            return None
        twin = self._by_span.get((new.document, new.start_offset, new.end_offset))
        if twin is not None:
            if not same_passage(self.result.segments[twin], new):
                self._ambiguous_id(row, "another row gives these words to another speaker or wave, under another id")
                return None
            self._held("segment-ids-differ", row, "segment_id", "the passage has another id already; brought together",
                       "one id for one passage", fix="use the same id for the same passage")  # fmt: skip
            self._aliases[written] = twin
            return twin
        if new.start_offset is None and new.text and len(new.text) >= 20:
            for other in self._by_text[(new.document, comparable(new.text))]:
                if self._ambiguous(self.result.segments[other], new, coder):
                    self._ambiguous_id(row, "another coder's row has this text under another id, and no offsets tell "
                                       "whether it is the same passage")  # fmt: skip
                    self._note_reading(other, coder, held=True)
                    return None
        return written

    def _ambiguous_id(self, row: Row, message: str) -> None:
        self._held(
            "segment-id-ambiguous", row, "segment_id", message, "one id for one passage",
            fix="use one id for one passage; make document, participant, wave, offsets and text of its rows agree",
        )  # fmt: skip

    def _ambiguous(self, kept: Segment, new: Segment, coder: str) -> bool:
        if kept.start_offset is not None or (kept.segment_id, coder) in self.result.readings:
            return False
        return kept.position is None or new.position is None or kept.position == new.position

    # -- what it was coded with --------------------------------------------------------------------------------

    def _note_reading(self, segment_id: str, coder: str, held: bool = False) -> None:
        if segment_id and words(coder) not in self._reconcilers:
            reading = (self._aliases.get(segment_id, segment_id), coder)
            self.result.readings.add(reading)
            if held:
                self.result.held.add(reading)

    def _coding(self, row: Row, segment: Segment, coder: str, passage: Passage) -> str:
        written = row["code"]
        code = self._present_code(row, segment, coder) if written else ""
        if code is None:
            return "quarantined"
        if written and segment.kept is False:
            self._note_reading(segment.segment_id, coder, held=True)
            return self._held(
                "code-on-filtered", row, "code", "the statement did not pass the filter, and yet it has a code",
                "no code, or kept: yes", fix="take the code out, or let the statement pass with kept: yes",
            )  # fmt: skip
        if words(coder) in self._reconcilers:
            return self._settle(row, segment, coder, code)
        if code and self._repeated(row, segment, code, coder, passage):
            return "duplicates"
        self._keep(segment)
        self._note_reading(segment.segment_id, coder, held=bool(row[HELD]))
        if code:
            self.result.codings[(segment.segment_id, code, coder)] = self._given(row, segment, code, coder)
        return "accepted"

    def _present_code(self, row: Row, segment: Segment, coder: str) -> str | None:
        """The code in the present codebook, blank where it was given up; None where the row is held (53, 54)."""
        written = row["code"]
        # What a person wrote over a code is a code of the present codebook.
        became = self._became(written, None if row[GIVEN] else row["codebook_version"])
        if became is None and written in self.setting.codes:
            return written
        if became is None:
            self._note_reading(segment.segment_id, coder, held=True)
            held = self._held(
                "code-unknown", row, "code", "the code is not in the codebook", "a code of the codebook",
                suggestion=nearest(written, self.setting.codes), fix="correct the code, or add it to the codebook",
            )  # fmt: skip
            return None if held == "quarantined" else ""
        if became.split:
            self._note_reading(segment.segment_id, coder, held=True)
            self._held(
                "code-split", row, "code", "the code was split in a later codebook", "one of the codes that it became",
                suggestion=" or ".join(became.codes), fix="read the passage again and write the code that fits",
            )  # fmt: skip
            return None
        if became.dropped:
            self.grouped.count("code-dropped", written, row)
            return ""
        return became.codes[0]

    def _became(self, code: str, version: str | None) -> Became | None:
        """What a code is in the present codebook, as far as there are several; ``version`` is where it was given."""
        return self.versions.became(code, version or None) if self.versions.versions else None

    def _as_given(self, row: Row, code: str) -> str | None:
        """The code under which the passage was coded, where that is not the present one: a code that was renamed, or
        one that was split and read again. What was only mistyped was never given."""
        if row["code"] != code:
            return row["code"]
        before = self._became(row[GIVEN], row["codebook_version"]) if row[GIVEN] else None
        return row[GIVEN] if before is not None and before.split and code in before.codes else None

    def _given(self, row: Row, segment: Segment, code: str, coder: str) -> Coding:
        return Coding(
            segment.segment_id,
            code,
            coder,
            valence=words(row["valence"]) or None,
            stance=words(row["stance"]) or None,
            finding_id=row["finding_id"] or None,
            certainty=words(row["certainty"]) or None,
            blinded=truth(row["blinded"]),
            coded_on=_day(row["coded_on"]),
            code_as_given=self._as_given(row, code),
            codebook_version=row["codebook_version"] or None,
            source_id=self.table.source_id,
            row_number=row.number,
        )

    def _settle(self, row: Row, segment: Segment, coder: str, code: str) -> str:
        """Take a row of the coder who stands for all as what they agreed upon; the originals stay what they are."""
        self._keep(segment)
        settled = self.result.settled.setdefault(segment.segment_id, Settled(coder, _day(row["coded_on"])))
        if code:
            settled.codes.add(code)
        return "accepted"

    def _repeated(self, row: Row, segment: Segment, code: str, coder: str, passage: Passage) -> bool:
        same = (segment.segment_id, code, coder) in self.result.codings
        spans = self._coded[(segment.document, code, coder)]
        if same or any(passage.overlaps(other) for other in spans):
            self.report.add(
                "coding-repeated",
                self.table,
                row=row.number,
                column="code",
                message="this coder gave the passage, or one that overlaps it, the code already; the first stands",
                expected="a code once a passage and coder",
                fix="nothing needs mending; the row is left out and logged",
            )
            return True
        spans.append(passage)
        return False

    def _keep(self, new: Segment) -> None:
        kept = self.result.segments.get(new.segment_id)
        if kept is None:
            self.result.segments[new.segment_id] = new
            if new.start_offset is not None:
                self._by_span.setdefault((new.document, new.start_offset, new.end_offset), new.segment_id)
            elif new.text:
                self._by_text[(new.document, comparable(new.text))].append(new.segment_id)
            return
        consents = [c for c in (kept.consent_quote, new.consent_quote) if c]
        self.result.segments[new.segment_id] = replace(
            kept,
            participant_id=kept.participant_id or new.participant_id,
            speaker=kept.speaker or new.speaker,
            speaker_role=kept.speaker_role or new.speaker_role,
            consent_quote=min(consents, key=STRICTNESS.index) if consents else None,
            text=kept.text or new.text,
            paraphrase=kept.paraphrase or new.paraphrase,
            elicited=kept.elicited or new.elicited,
            time_reference=kept.time_reference or new.time_reference,
            kept=new.kept if kept.kept is None else kept.kept,
            filter_reason=kept.filter_reason or new.filter_reason,
            translated_from=kept.translated_from or new.translated_from,
            original_text=kept.original_text or new.original_text,
        )

    def _warn(self, row: Row, document: Document, wave: str) -> None:
        """What is worth knowing and keeps nothing out (rules 64, 70 and 71)."""
        declared = self.setting.study.wave(wave)
        start = declared.window.start if declared.window else declared.planned_date
        if start is not None and document.date is not None and document.date < start:
            self.grouped.count("segment-before-wave", f"{document.document}\x1f{wave}", row)
        if row["translated_from"] and not row["original_text"]:
            self.grouped.count("translation-without-original", "", row)
        blinded, coded_on, reported = truth(row["blinded"]), _day(row["coded_on"]), self.reported.get(wave)
        late = coded_on is not None and reported is not None and coded_on > reported
        if row["code"] and (blinded is False or (late and blinded is None)):
            self.grouped.count("coded-after-results", wave, row)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10]) if written else None
    except ValueError:
        return None
