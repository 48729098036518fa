"""A project of a coding program, linked to the study: its cases to participants, its codes to the codebook, its
variables to what they say. What comes out is a table of segments like any other, and what else the project holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from coprod_trust.notes.codebook import Code
from coprod_trust.notes.documents import (
    CITIZEN,
    FOCUS_GROUP,
    INTERVIEW,
    ROLES,
    Document,
    Presence,
    Setting,
    kind_of,
    role_of,
    words,
)
from coprod_trust.notes.projects.model import OUR_PROGRAM, Coded, Memo, Project, ProjectCase, Span, Value
from coprod_trust.notes.table import Reporter, Row, Table
from coprod_trust.notes.transcript import Transcript
from coprod_trust.study.ids import normalise, well_formed

COLUMNS = (
    "segment_id", "document", "start_offset", "end_offset", "participant_id", "speaker", "speaker_role", "code",
    "coder", "coded_on", "valence", "time_reference", "certainty", "elicited", "stance", "finding_id", "blinded",
    "kept", "filter_reason", "consent_quote", "text",
)  # fmt: skip
_ENDINGS = re.compile(r"\.(txt|docx?|rtf|odt|pdf|md|html?|transcribed)$", re.I)
# A code that says something of a passage and is no code: 'stance: confirms change.provider.w1-w2', 'valence: positive'.
_RESERVED = re.compile(
    r"(stance|valence|time[ _]reference|certainty|elicited|blinded|kept|read|consent[ _]quote)\s*[:=/]\s*(.+)",
    re.I | re.S,
)
OUR_VARIABLES: Mapping[str, str] = {
    name: name for name in ("participant_id", "role", "wave", "date", "kind", "case_name")
}


@dataclass(frozen=True)
class Who:
    """A case of a project: a participant, another person with a role, or neither (a group, a place)."""

    case_name: str
    participant_id: str | None
    role: str | None

    @property
    def known(self) -> bool:
        return self.participant_id is not None or self.role is not None


@dataclass
class Linked:
    """A project as the rest of this room takes it."""

    table: Table
    transcripts: dict[str, Transcript]
    cases: list[Who] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)


def codes_of(projects: Iterable[Project]) -> list[Code]:
    """The codes of projects as a codebook, where a study has none of its own; reserved codes left out. A name that
    stands for several codes is written with the codes above it."""
    codes: dict[str, Code] = {}
    for project in projects:
        ids = ids_of(project)
        for c in project.codes:
            if is_reserved(c.name, project.path_of(c.key)) or ids[c.key] in codes:
                continue
            parent = ids.get(c.parent) if c.parent else None
            codes[ids[c.key]] = Code(ids[c.key], parent, c.name, c.definition, *[None] * 8)
    return list(codes.values())


def ids_of(project: Project) -> dict[str, str]:
    """An id for each key of a code: its name, or the names down to it where the name is not unique."""
    often = Counter(c.name for c in project.codes)
    return {c.key: c.name if often[c.name] == 1 else project.path_of(c.key) for c in project.codes}


def said_of(project: Project) -> str | None:
    """What of the file was not read or had to be assumed, in one line; None where nothing was."""
    lost = [f"{n} {what}" for what, n in sorted(project.lost.items()) if n]
    parts = ([f"not read: {', '.join(lost)}"] if lost else []) + list(dict.fromkeys(project.remarks))
    return "; ".join(parts) or None


class Linker:
    """Links one project; ``table`` is empty and says which file it is."""

    def __init__(self, project: Project, table: Table, setting: Setting, codes: Sequence[Code]) -> None:
        self.project = project
        self.table = table
        self.setting = setting
        self.settings = setting.study.notes
        self.codes = _code_names(project, codes)
        self.names = self._document_names()
        self.variables: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for v in project.values:
            if v.value is not None:
                name = self.names.get(v.subject_name, v.subject_name) if v.subject == "document" else v.subject_name
                self.variables[v.subject, name][words(v.variable)] = v.value
        self.who = {c.name: self._who(c) for c in project.cases}
        self.whole: dict[str, list[Who]] = defaultdict(list)
        self.parts: dict[str, list[tuple[int, int, Who]]] = defaultdict(list)
        self._spread_cases()

    def link(self, report: Reporter) -> Linked:
        """The rows and the rest; fills ``setting.documents`` and ``setting.roster``."""
        for document in self.project.documents.values():
            self._document(self.names[document.name])
        rows = tuple(self._rows())
        if (said := said_of(self.project)) is not None:
            report.add(
                "format-loses",
                self.table,
                message=said,
                expected="see docs/notes.md for what each program's format holds",
                fix="nothing needs mending where this does not matter; the file itself is kept as it is",
            )
        return Linked(
            replace(self.table, columns=COLUMNS, rows=rows),
            {self.names[d.name]: Transcript(d.text) for d in self.project.documents.values() if d.text is not None},
            [w for w in self.who.values() if not self._withdrew(w)],
            [self._renamed_value(v) for v in self.project.values if not self._of_withdrawn(v.subject, v.subject_name)],
            [self._renamed_memo(m) for m in self.project.memos if not self._of_withdrawn(m.subject, m.subject_name)],
        )

    def _withdrew(self, who: Who | None) -> bool:
        return who is not None and self.setting.withdrew(who.participant_id)

    def _of_withdrawn(self, subject: str, name: str) -> bool:
        """Whether a value or memo is about somebody who withdrew, or about what they said."""
        if subject == "case":
            return self._withdrew(self.who.get(name))
        if subject == "document":
            return any(self._withdrew(w) for w in self.whole[self.names.get(name, name)])
        if subject in ("segment", "coding"):
            document, _, place = name.rpartition("@")
            start, _, end = place.partition("-")
            return self._withdrew(self._speaker(self.names.get(document, document), Span("", int(start), int(end))))
        return False

    # -- names ---------------------------------------------------------------------------------------------------

    def _document_names(self) -> dict[str, str]:
        """What each document is called in the study: as in documents.csv or the roster, where only the ending of a file
        differs."""
        known = {*self.setting.documents, *(p.document for p in self.setting.roster)}
        names = {}
        for d in self.project.documents.values():
            bare = _ENDINGS.sub("", d.name)
            names[d.name] = bare if d.name not in known and bare in known else d.name
        return names

    def _renamed_value(self, value: Value) -> Value:
        if value.subject != "document":
            return value
        return replace(value, subject_name=self.names.get(value.subject_name, value.subject_name))

    def _renamed_memo(self, memo: Memo) -> Memo:
        if memo.subject == "code":
            return replace(memo, subject_name=self.codes.get(memo.subject_name, memo.subject_name))
        if memo.subject in ("segment", "coding"):
            document, _, place = memo.subject_name.rpartition("@")
            return replace(memo, subject_name=f"{self.names.get(document, document)}@{place}")
        if memo.subject == "document":
            return replace(memo, subject_name=self.names.get(memo.subject_name, memo.subject_name))
        return memo

    # -- cases ---------------------------------------------------------------------------------------------------

    def _variable(self, what: str, subject: str, name: str) -> str | None:
        """What the study's variable for ``what`` says of a case or document."""
        ours = OUR_VARIABLES if self.project.program.startswith(OUR_PROGRAM) else {}
        declared = dict(self.settings.variables).get(what, ours.get(what))  # type: ignore[call-overload]
        return self.variables[subject, name].get(words(declared)) if declared else None

    def _who(self, case: ProjectCase) -> Who:
        study = self.setting.study
        declared = self._declared(case.name)
        if declared is not None:
            participant = normalise(study.ids, declared.participant) or None
            return Who(case.name, participant, declared.role or (CITIZEN if participant else None))
        role = role_of(study, self._variable("role", "case", case.name) or "")
        written = self._variable("participant_id", "case", case.name)
        participant = normalise(study.ids, written) or None
        if participant is None:
            by_name = normalise(study.ids, case.name)
            fits = study.ids.pattern is not None and well_formed(study.ids, by_name)
            participant = by_name if by_name in self.setting.participants or fits else None
        if role is None and participant is None and words(case.name) in ROLES:
            role = role_of(study, case.name)
        return Who(case.name, participant, role or (CITIZEN if participant else None))

    def _declared(self, name: str):  # type: ignore[no-untyped-def]
        return {words(k): v for k, v in self.settings.people.items()}.get(words(name))

    def _spread_cases(self) -> None:
        """Which cases hold all of a document, and which a part."""
        lengths = {d.key: len(d.text or "") for d in self.project.documents.values()}
        for case in self.project.cases:
            for span in case.spans:
                document = self.project.documents.get(span.document)
                if document is None:
                    continue
                name, who = self.names[document.name], self.who[case.name]
                if (
                    span.start is None
                    or span.end is None
                    or (span.start <= 0 and span.end >= lengths[span.document] > 0)
                ):
                    if who not in self.whole[name]:
                        self.whole[name].append(who)
                else:
                    self.parts[name].append((span.start, span.end, who))
        for parts in self.parts.values():
            parts.sort(key=lambda p: p[:2])
        self._starts = {name: [p[0] for p in parts] for name, parts in self.parts.items()}

    def _speaker(self, document: str, span: Span) -> Who | None:
        """Whose words a passage is: the shortest case around it, else the one that the whole document belongs to."""
        start, end = span.start or 0, span.end or 0
        upto = bisect_right(self._starts.get(document, []), start)
        around = [(e - s, who) for s, e, who in self.parts.get(document, [])[:upto] if e >= end]
        if around:
            shortest = min(length for length, _ in around)
            found = {who for length, who in around if length == shortest}
            known = {w for w in found if w.known} or found
            if len(known) > 1:
                self.project.remarks.append(
                    "passages lie in the cases of several people; nobody is taken for their speaker"
                )
                return None
            return known.pop()
        people = [w for w in self.whole[document] if w.known]
        return people[0] if len(people) == 1 else None

    # -- documents -----------------------------------------------------------------------------------------------

    def _document(self, name: str) -> None:
        """What is known of a document, where documents.csv does not say it; and who was there."""
        people = [w for w in self.whole[name] if w.known]
        speakers = {who for *_, who in self.parts[name] if who.known}
        kept = self.setting.documents.get(name, Document(name))
        of = [("document", name), *(("case", w.case_name) for w in self.whole[name] if len(self.whole[name]) == 1)]

        def said(what: str) -> str | None:
            return next((v for subject, n in of if (v := self._variable(what, subject, n))), None)

        groups = [w.case_name for w in self.whole[name] if not w.known]
        kind = kind_of(said("kind") or "")
        if kind is None and len(people) + len(speakers) > 0:
            citizens = {w for w in {*people, *speakers} if w.role == CITIZEN}
            kind = INTERVIEW if len(citizens) == 1 else FOCUS_GROUP if len(citizens) > 1 else None
        self.setting.documents[name] = replace(
            kept,
            kind=kept.kind or kind,
            case_name=kept.case_name or said("case_name") or (groups[0] if len(groups) == 1 else None),
            date=kept.date or _day(said("date")),
            wave=kept.wave or said("wave"),
        )
        if (written := self._variable("participant_id", "document", name)) is not None and not people:
            participant = normalise(self.setting.study.ids, written)
            role = role_of(self.setting.study, self._variable("role", "document", name) or "") or CITIZEN
            people = [Who(participant, participant, role)]
            self.whole[name] += people
        listed = {(p.document, p.participant_id) for p in self.setting.roster}
        for who in dict.fromkeys([*people, *sorted(speakers, key=lambda w: w.case_name)]):
            if (name, who.participant_id) not in listed and not self._withdrew(who):
                spoke = True if who in speakers else None
                self.setting.roster.append(Presence(name, who.participant_id, who.case_name, who.role, spoke))

    # -- rows ----------------------------------------------------------------------------------------------------

    def _rows(self) -> Iterable[Row]:
        """A row a coding; a passage with reserved codes alone has one row, without a code."""
        said, reserved = self._reserved()
        coded = {self._key(c) for c in self.project.codings if c.number not in reserved}
        seen = set()
        for c in self.project.codings:
            key = self._key(c)
            if c.number not in reserved:
                yield self._row(c, self.codes[c.code], said.get(key, {}))
            elif key not in coded and key not in seen:
                seen.add(key)
                if said[key].keys() - {"kept", "filter_reason", "time_reference", "elicited", "consent_quote"}:
                    self.project.lost["attributes given as a code, of passages without any other code"] += 1
                yield self._row(c, "", said[key])

    def _row(self, c: Coded, code: str, said: Mapping[str, str]) -> Row:
        name = self.names[self.project.documents[c.document].name]
        who = self._speaker(name, Span(c.document, c.start, c.end))
        ours = self.project.program.startswith(OUR_PROGRAM)
        cells = {
            "segment_id": c.label if ours and c.label else f"{name}@{c.start}-{c.end}",
            "document": name,
            "start_offset": str(c.start),
            "end_offset": str(c.end),
            "participant_id": who.participant_id or "" if who else "",
            "speaker": who.case_name if who else "",
            "speaker_role": who.role or "" if who else "",
            "code": code,
            "coder": c.coder or "",
            "coded_on": c.coded_on.isoformat() if c.coded_on else "",
            "consent_quote": self._consent(name, who) or "",
            # The words of this project's own text: where another project has another text of the document, it shows.
            "text": c.text or (self.project.documents[c.document].text or "")[c.start : c.end],
        }
        return Row(c.number, {**cells, **said})

    def _key(self, c: Coded) -> tuple[str, int, int, str | None]:
        return c.document, c.start, c.end, c.coder

    def _reserved(self) -> tuple[dict[tuple[str, int, int, str | None], dict[str, str]], set[int]]:
        """What reserved codes say of passages, by passage and coder; and the numbers of those codings."""
        found = {c.key: _meaning(c.name, self.project.path_of(c.key)) for c in self.project.codes}
        meaning = {key: said for key, said in found.items() if said is not None}
        said: dict[tuple[str, int, int, str | None], dict[str, str]] = defaultdict(dict)
        numbers = set()
        for c in self.project.codings:
            if c.code in meaning:
                said[self._key(c)] |= meaning[c.code]
                numbers.add(c.number)
        return said, numbers

    def _consent(self, document: str, who: Who | None) -> str | None:
        of_case = self._variable("consent_quote", "case", who.case_name) if who else None
        return of_case or self._variable("consent_quote", "document", document)


def _code_names(project: Project, codes: Sequence[Code]) -> dict[str, str]:
    """The study's code for each key: by id, by name, or by the names down to it; else as the project writes it, so that
    the rule for unknown codes finds it."""
    known = {c.code: c.code for c in codes}
    folded: dict[str, set[str]] = defaultdict(set)
    for code in codes:
        folded[code.code.casefold()].add(code.code)
        folded[code.name.casefold()].add(code.code)
    ids = ids_of(project)
    names = {}
    for c in project.codes:
        found = next(
            (
                hit
                for written in (ids[c.key], c.name, project.path_of(c.key))
                if (hit := known.get(written) or _only(folded.get(written.casefold(), set())))
            ),
            None,
        )
        names[c.key] = found or ids[c.key]
    return names


def _only(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def is_reserved(name: str, path: str) -> bool:
    """Whether a code says something of a passage instead of what it is about."""
    return _meaning(name, path) is not None


def _meaning(name: str, path: str) -> dict[str, str] | None:
    """The attribute that a reserved code gives, as cells; None for a code that is one."""
    match = _RESERVED.fullmatch(name.strip()) or _RESERVED.fullmatch("/".join(path.split("/")[-2:]).strip())
    if match is None:
        return None
    attribute, value = match[1].casefold().replace(" ", "_"), match[2].strip()
    if attribute == "stance":
        stance, _, finding = value.partition(" ")
        return {"stance": stance, "finding_id": finding.strip()}
    if attribute == "read":
        return {}
    if attribute == "kept":
        kept, _, reason = value.partition(",")
        return {"kept": kept.strip(), "filter_reason": reason.strip()}
    return {attribute: value}


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written[:10]) if written else None
    except ValueError:
        return None
