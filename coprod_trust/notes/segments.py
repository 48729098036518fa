"""Coded segments, held against the codebook, the roster, the transcripts and each other (rules 54 to 71)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from coprod_trust.notes.codebook import nearest
from coprod_trust.notes.coders import check_coders
from coprod_trust.notes.documents import CITIZEN, INTERVIEW, PROFESSIONAL, Document, Presence, Setting, role_of, words
from coprod_trust.notes.passage import Passage, locate, same_passage
from coprod_trust.notes.table import Reporter, Row, Table, Tally
from coprod_trust.notes.transcript import Transcript, comparable
from coprod_trust.study import Severity
from coprod_trust.study.ids import normalise

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


class SegmentReader:
    """Reads the rows of all segment files of a study in order; the first row of a segment stands."""

    def __init__(self, setting: Setting, transcripts: Mapping[str, Transcript], report: Reporter) -> None:
        self.setting = setting
        self.transcripts = transcripts
        self.report = report
        self.result = Segments()
        self._aliases: dict[str, str] = {}
        self._by_span: dict[tuple[str, int | None, int | None], str] = {}
        self._by_text: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._coded: dict[tuple[str, str, str], list[Passage]] = defaultdict(list)
        self._grouped: dict[tuple[str, str], tuple[int, int]] = {}
        self._normalised: list[int] = []
        self._people = {(p.document, words(p.speaker)): p for p in setting.roster if p.speaker}
        self._roles = {(p.document, p.participant_id): p.role for p in setting.roster if p.participant_id}
        self._citizens: dict[str, list[Presence]] = defaultdict(list)
        for presence in setting.roster:
            if presence.role == CITIZEN:
                self._citizens[presence.document].append(presence)

    def read(self, table: Table) -> Tally:
        """Take in one file; what is wrong goes to the report."""
        self.table = table
        self._grouped.clear()
        self._normalised.clear()
        tally = Tally()
        for row in table.rows:
            setattr(tally, outcome := self._row(row), getattr(tally, outcome) + 1)
        self._report_groups()
        return tally

    def finish(self, table: Table) -> Segments:
        """After the last file: what concerns all of them. ``table`` is where such problems are shown."""
        known = self.result.segments
        self.result.readings = {(s, c) for s, c in self.result.readings if s in known}
        check_coders({c for _, c in self.result.readings}, table, self.report)
        return self.result

    def _row(self, row: Row) -> str:
        if row.blank:
            return "blank"
        if not row["document"]:
            return self._held("id-missing", row, "document", "a row without a document", "a document in every row")
        document = self.setting.documents.setdefault(row["document"], Document(row["document"]))
        wave = row["wave"] or document.wave
        if wave is not None and wave not in self.setting.study.wave_ids:
            expected = ", ".join(self.setting.study.wave_ids)
            return self._held("wave-unknown", row, "wave", "a wave that the study does not know", expected)
        if self.setting.later(wave):
            return "later"
        if wave is None:
            message = "neither the row nor its document says to which wave it belongs"
            return self._held(
                "segment-without-wave", row, "wave", message, "a wave here, or a wave or date in documents.csv"
            )
        person = self._person(row, document)
        if person is None:
            return "quarantined"
        if person.participant_id in self.setting.withdrawn:
            return "withdrawn"
        coder = self.setting.study.notes.coder_aliases.get(row["coder"], row["coder"]) or UNNAMED
        passage = self._passage(row)
        if passage is None:
            self._note_reading(row["segment_id"], coder, held=True)
            return "quarantined"
        segment = self._segment(row, document, wave, person, passage)
        if (segment_id := self._identity(row, segment, coder)) is None:
            return "quarantined"
        self._warn_of_dates(row, document, wave)
        return self._coding(row, replace(segment, segment_id=segment_id), coder, passage)

    def _held(self, rule: str, row: Row, column: str, message: str, expected: str, **more: str | None) -> str:
        fix = more.pop("fix", None) or "correct the cell in the file, or leave the row in quarantine"
        held = self.report.add(
            rule, self.table, row=row.number, column=column, message=message, expected=expected, fix=fix,
            found=more.get("found", row[column] or None), suggestion=more.get("suggestion"),
        )  # fmt: skip
        return "quarantined" if held else "accepted"

    # -- who is speaking ---------------------------------------------------------------------------------------

    def _person(self, row: Row, document: Document) -> Presence | None:
        """Who speaks, completed from the roster; None where the row is held."""
        study = self.setting.study
        speaker = row["speaker"] or None
        participant = normalise(study.ids, row["participant_id"]) or None
        role = role_of(study, row["speaker_role"])
        listed = self._people.get((document.document, words(speaker))) if speaker else None
        if participant is None and listed is not None:
            participant = listed.participant_id
        alone = self._citizens[document.document]
        if participant is None and speaker is None and document.kind == INTERVIEW and len(alone) == 1:
            participant = alone[0].participant_id if role in (None, CITIZEN) else None
        known_role = listed.role if listed else self._roles.get((document.document, participant or ""))
        if known_role == PROFESSIONAL and role == CITIZEN:
            held = self._held(
                "speaker-role-differs", row, "speaker_role", "the roster lists this speaker as a professional",
                "the role of the roster", fix="correct the role here or in the roster",
            )  # fmt: skip
            if held == "quarantined":
                return None
        role = role or known_role or (CITIZEN if participant else None)
        person = Presence(document.document, participant, speaker, role, True)
        return None if self._unknown(row, person, listed) else person

    def _unknown(self, row: Row, person: Presence, listed: Presence | None) -> bool:
        """Whether somebody who cannot be linked to the survey keeps the row out; by default that is only a warning."""
        if person.role not in (None, CITIZEN):
            return False
        if person.participant_id is None and person.speaker and listed is None:
            return self._group("speaker-unknown", f"{person.document}\x1f{person.speaker}", row)
        if person.participant_id is None:
            return self._group("segment-without-participant", person.document, row)
        if person.participant_id not in self.setting.participants | self.setting.withdrawn:
            return self._group("participant-not-in-survey", person.participant_id, row)
        return False

    def _group(self, rule: str, key: str, row: Row) -> bool:
        """Count a warning by what it is about, so that one unknown speaker is one problem; whether the row is held."""
        if self.report.severity(rule) is not Severity.WARN:
            return self._say(rule, row.number, 1)
        first, count = self._grouped.get((rule, key), (row.number, 0))
        self._grouped[(rule, key)] = (first, count + 1)
        return False

    def _say(self, rule: str, row_number: int, count: int) -> bool:
        column, message, fix = {
            "speaker-unknown": (
                "speaker",
                "the speaker is not in the roster of the document; used for the group only",
                "add the speaker to the roster, or correct the spelling",
            ),
            "segment-without-participant": (
                "participant_id",
                "nobody is named; used for the group only",
                "fill in participant_id, or speaker and the roster",
            ),
            "participant-not-in-survey": (
                "participant_id",
                "the person has no answers in the survey up to this wave; not compared with trajectories",
                "correct the id, or leave it where the person never answered",
            ),
            "segment-before-wave": (
                "wave",
                "the document is dated before the fieldwork of this wave",
                "correct the date of the document or the wave",
            ),
        }[rule]
        rows = f" ({count} rows)" if count > 1 else ""
        return self.report.add(
            rule, self.table, row=row_number, column=column, message=message + rows, expected="see the fix", fix=fix
        )

    def _report_groups(self) -> None:
        for (rule, _), (first, count) in sorted(self._grouped.items(), key=lambda item: item[1]):
            self._say(rule, first, count)
        if self._normalised:
            n = len(self._normalised)
            self.report.add(
                "text-normalised",
                self.table,
                row=self._normalised[0],
                column="text",
                message=f"{n} quotes match their transcript apart from quotation marks, dashes, breaks or emoji",
                expected="the transcript's own characters",
                fix="nothing needs mending; the text is kept as handed in",
            )

    # -- where the words stand ---------------------------------------------------------------------------------

    def _passage(self, row: Row) -> Passage | None:
        found = locate(row, self.transcripts.get(row["document"]))
        if found.rule == "text-normalised":
            self._normalised.append(row.number)
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
            text=passage.text,
            paraphrase=row["paraphrase"] or None,
            consent_quote=CONSENT.get(words(row["consent_quote"])),
            elicited=words(row["elicited"]) or None,
            time_reference=words(row["time_reference"]) or None,
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
        if segment_id:
            reading = (self._aliases.get(segment_id, segment_id), coder)
            self.result.readings.add(reading)
            if held:
                self.result.held.add(reading)

    def _coding(self, row: Row, segment: Segment, coder: str, passage: Passage) -> str:
        code = row["code"]
        if code and code not in self.setting.codes:
            self._note_reading(segment.segment_id, coder, held=True)
            return self._held(
                "code-unknown", row, "code", "the code is not in the codebook", "a code of the codebook",
                suggestion=nearest(code, self.setting.codes), fix="correct the code, or add it to the codebook",
            )  # fmt: skip
        if code and self._repeated(row, segment, code, coder, passage):
            return "duplicates"
        self._keep(segment)
        self._note_reading(segment.segment_id, coder)
        if code:
            self.result.codings[(segment.segment_id, code, coder)] = Coding(
                segment.segment_id,
                code,
                coder,
                valence=words(row["valence"]) or None,
                stance=words(row["stance"]) or None,
                finding_id=row["finding_id"] or None,
                certainty=words(row["certainty"]) or None,
                source_id=self.table.source_id,
                row_number=row.number,
            )
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
        )

    def _warn_of_dates(self, row: Row, document: Document, wave: str) -> None:
        declared = self.setting.study.wave(wave)
        start = declared.window.start if declared.window else declared.planned_date
        if start is not None and document.date is not None and document.date < start:
            self._group("segment-before-wave", f"{document.document}\x1f{wave}", row)
