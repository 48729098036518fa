"""Who speaks in a segment, completed from the roster and from what the study declares (rules 55 to 57 and 69)."""

from __future__ import annotations

from collections import defaultdict

from coprod_trust.notes.documents import (
    CITIZEN,
    INTERVIEW,
    PROFESSIONAL,
    Document,
    Presence,
    Setting,
    may_have_withdrawn,
    role_of,
    words,
)
from coprod_trust.notes.grouped import Grouped
from coprod_trust.notes.table import Row
from coprod_trust.study.ids import normalise


class Speakers:
    """Knows everybody in the roster, and the cases and speakers that the study names."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        study = setting.study
        present = [*setting.roster, *setting.aside]
        self._people = {(p.document, words(p.speaker)): p for p in present if p.speaker}
        self._roles = {(p.document, p.participant_id): p.role for p in present if p.participant_id}
        self._declared = {
            words(name): (normalise(study.ids, p.participant) or None, p.role) for name, p in study.notes.people.items()
        }
        self._citizens: dict[str, list[Presence]] = defaultdict(list)
        for presence in present:
            if presence.role == CITIZEN:
                self._citizens[presence.document].append(presence)

    def of(self, row: Row, document: Document, grouped: Grouped) -> Presence | None:
        """Who speaks; None where the row is held."""
        study = self.setting.study
        speaker = row["speaker"] or None
        participant = normalise(study.ids, row["participant_id"]) or None
        role = role_of(study, row["speaker_role"])
        listed = self._listed(document, speaker)
        if participant is None and listed is not None:
            participant = listed.participant_id
        alone = self._citizens[document.document]
        if participant is None and speaker is None and document.kind == INTERVIEW and len(alone) == 1:
            participant = alone[0].participant_id if role in (None, CITIZEN) else None
        known_role = listed.role if listed else self._roles.get((document.document, participant or ""))
        if known_role == PROFESSIONAL and role == CITIZEN:
            held = grouped.report.add(
                "speaker-role-differs",
                grouped.table,
                row=row.number,
                column="speaker_role",
                found=row["speaker_role"],
                message="the roster lists this speaker as a professional",
                expected="the role of the roster",
                fix="correct the role here or in the roster",
            )
            if held:
                return None
        role = role or known_role or (CITIZEN if participant else None)
        person = Presence(document.document, participant, speaker, role, True)
        return None if self._unknown(row, person, listed, grouped) else person

    def _listed(self, document: Document, speaker: str | None) -> Presence | None:
        """The speaker as the roster has it, or as the study declares for all documents."""
        if speaker is None:
            return None
        found = self._people.get((document.document, words(speaker)))
        if found is None and (declared := self._declared.get(words(speaker))) is not None:
            participant, role = declared
            return Presence(document.document, participant, speaker, role or (CITIZEN if participant else None), True)
        return found

    def _unknown(self, row: Row, person: Presence, listed: Presence | None, grouped: Grouped) -> bool:
        """Whether somebody who cannot be linked to the survey keeps the row out; by default that is only a warning."""
        if person.role not in (None, CITIZEN):
            return False
        if person.participant_id is None and person.speaker and listed is None:
            return grouped.count("speaker-unknown", f"{person.document}\x1f{person.speaker}", row)
        if person.participant_id is None:
            return grouped.count("segment-without-participant", person.document, row)
        if person.participant_id in self.setting.participants or self.setting.withdrew(person.participant_id):
            return False
        if may_have_withdrawn(self.setting, person.participant_id, grouped.table, row, grouped.report):
            return True
        return grouped.count("participant-not-in-survey", person.participant_id, row)
