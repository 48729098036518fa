"""What surrounds the segments: the documents, who was there, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from coprod_trust.ingest.erased import FIX_AFTER_WITHDRAWAL, Erased
from coprod_trust.notes.table import Reporter, Row, Table, Tally
from coprod_trust.study import Study
from coprod_trust.study.ids import normalise

INTERVIEW = "interview"
FOCUS_GROUP = "focus_group"
CITIZEN, PROFESSIONAL, INTERVIEWER = "citizen", "professional", "interviewer"
ROLES = {
    **dict.fromkeys(("citizen", "participant", "user", "client", "resident", "respondent", "volunteer"), CITIZEN),
    **dict.fromkeys(("professional", "staff", "employee", "official", "board member", "manager"), PROFESSIONAL),
    **dict.fromkeys(("interviewer", "moderator", "researcher"), INTERVIEWER),
}
YES = frozenset({"yes", "y", "true", "1"})
NO = frozenset({"no", "n", "false", "0"})


def words(text: str) -> str:
    """Small letters, underscores and hyphens as spaces: how words of a fixed vocabulary are compared."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


def role_of(study: Study, written: str) -> str | None:
    """The role in the study's terms; a word that is in no list stays as written, in small letters."""
    if not written:
        return None
    declared = {words(k): v for k, v in study.notes.roles.items()}
    folded = words(written)
    return declared.get(folded) or ROLES.get(folded) or folded


def kind_of(written: str) -> str | None:
    """interview, focus_group, or the word as written; a group interview is a focus group."""
    folded = words(written)
    if "group" in folded or "groep" in folded:
        return FOCUS_GROUP
    return INTERVIEW if "interview" in folded else folded.replace(" ", "_") or None


def truth(written: str) -> bool | None:
    """yes or no; None where neither is written."""
    folded = words(written)
    return True if folded in YES else False if folded in NO else None


@dataclass(frozen=True)
class Document:
    """An interview, a focus group or other notes. ``wave`` is the wave that it belongs to."""

    document: str
    kind: str | None = None
    case_name: str | None = None
    date: date | None = None
    wave: str | None = None


@dataclass(frozen=True)
class Presence:
    """Somebody who was there; ``spoke`` is false for those who stayed silent."""

    document: str
    participant_id: str | None
    speaker: str | None
    role: str | None
    spoke: bool | None


@dataclass
class Setting:
    """Everything a segment is held against."""

    study: Study
    wave: str
    codes: frozenset[str] = frozenset()
    documents: dict[str, Document] = field(default_factory=dict)
    roster: list[Presence] = field(default_factory=list)
    guide: list[tuple[str, str, bool]] = field(default_factory=list)
    participants: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    before: Erased = field(default_factory=Erased)
    aside: list[Presence] = field(default_factory=list)  # who withdrew or may have: to know their words by

    def __post_init__(self) -> None:
        self.waves = tuple(w.id for w in self.study.waves_up_to(self.wave))

    def withdrew(self, participant: str | None) -> bool:
        """Whether the person withdrew: said so in the survey, or was taken out before."""
        return participant is not None and (participant in self.withdrawn or self.before.withdrew(participant))

    def later(self, wave: str | None) -> bool:
        """Whether the wave comes after the one that is run."""
        return wave is not None and wave in self.study.wave_ids and wave not in self.waves


def wave_at(study: Study, day: date | None) -> str | None:
    """The latest wave whose fieldwork (or planned date) had begun on that day; None where no wave says when."""
    if day is None:
        return None
    begun = [w.id for w in study.waves if (start := (w.window.start if w.window else w.planned_date)) and start <= day]
    return begun[-1] if begun else None


def read_documents(table: Table, setting: Setting, report: Reporter) -> Tally:
    """Fill ``setting.documents``; documents of later waves are left out of this run."""
    tally = Tally()
    for row in table.rows:
        if row.blank:
            tally.blank += 1
            continue
        name = row["document"]
        if not name or name in setting.documents:
            report.add(
                "id-repeated-conflicting" if name else "id-missing",
                table,
                row=row.number,
                column="document",
                found=name or None,
                message="the document is listed twice" if name else "a row without a document",
                expected="each document once",
                fix="correct or delete one of the rows",
            )
            tally.quarantined += 1
            continue
        wave = row["wave"] or None
        if wave is not None and wave not in setting.study.wave_ids:
            _unknown_wave(table, row, setting, report)
            tally.quarantined += 1
            continue
        day = _date(table, row, report)
        wave = wave or wave_at(setting.study, day)
        if setting.later(wave):
            tally.later += 1
        else:
            tally.accepted += 1
        setting.documents[name] = Document(name, kind_of(row["kind"]), row["case_name"] or None, day, wave)
    return tally


def _unknown_wave(table: Table, row: Row, setting: Setting, report: Reporter) -> None:
    report.add(
        "wave-unknown",
        table,
        row=row.number,
        column="wave",
        found=row["wave"],
        message="a wave that the study does not know",
        expected=", ".join(setting.study.wave_ids),
        fix="write the id of a wave of study.yaml, or declare the wave there",
    )


def _date(table: Table, row: Row, report: Reporter) -> date | None:
    written = row["date"]
    try:
        return date.fromisoformat(written[:10]) if written else None
    except ValueError:
        report.add(
            "date-impossible",
            table,
            row=row.number,
            column="date",
            found=written,
            message="not a date; the document is used without one",
            expected="a date written 2025-07-14",
            fix="write year, month and day with hyphens",
        )
        return None


def read_roster(table: Table, setting: Setting, report: Reporter) -> Tally:
    """Fill ``setting.roster``; complete documents by the case named there."""
    tally = Tally()
    for row in table.rows:
        if row.blank:
            tally.blank += 1
            continue
        name = row["document"]
        if not name:
            _no_document(table, row, report)
            tally.quarantined += 1
            continue
        document = setting.documents.setdefault(name, Document(name))
        if setting.later(document.wave):
            tally.later += 1
            continue
        participant = normalise(setting.study.ids, row["participant_id"]) or None
        presence = Presence(
            name,
            participant,
            row["speaker"] or None,
            role_of(setting.study, row["role"]) or (CITIZEN if participant else None),
            truth(row["spoke"]),
        )
        if setting.withdrew(participant):
            tally.withdrawn += 1
            setting.aside.append(presence)
            continue
        if may_have_withdrawn(setting, participant, table, row, report):
            tally.quarantined += 1
            setting.aside.append(presence)
            continue
        if row["case_name"] and document.case_name is None:
            setting.documents[name] = replace(document, case_name=row["case_name"])
        tally.accepted += 1
        setting.roster.append(presence)
    return tally


def may_have_withdrawn(setting: Setting, participant: str | None, table: Table, row: Row, report: Reporter) -> bool:
    """Whether the row must wait, as nobody can tell whether the id is that of somebody who withdrew (rule 24)."""
    before = setting.before
    if participant is None or participant in setting.participants or before.was_searched(table.sha256):
        return False
    return participant not in before.known and report.add(
        "id-after-withdrawal",
        table,
        row=row.number,
        column="participant_id",
        message="neither the survey nor any file had this id when somebody withdrew: it may be theirs",
        expected="an id of somebody who did not withdraw",
        fix=FIX_AFTER_WITHDRAWAL,
    )


def read_guide(table: Table, setting: Setting, report: Reporter) -> Tally:
    """Fill ``setting.guide``: what was asked in which document. A blank ``asked`` means yes: the row is there."""
    tally = Tally()
    for row in table.rows:
        if row.blank:
            tally.blank += 1
        elif not row["document"] or not row["construct"]:
            _no_document(table, row, report)
            tally.quarantined += 1
        else:
            document = setting.documents.setdefault(row["document"], Document(row["document"]))
            if setting.later(document.wave):
                tally.later += 1
                continue
            tally.accepted += 1
            setting.guide.append((row["document"], row["construct"], truth(row["asked"]) is not False))
    return tally


def _no_document(table: Table, row: Row, report: Reporter) -> None:
    missing = "document" if not row["document"] else "construct"
    report.add(
        "id-missing",
        table,
        row=row.number,
        column=missing,
        message=f"a row without a {missing}",
        expected=f"a {missing} in every row",
        fix=f"fill in the {missing}, or delete the row",
    )
