"""Codes, passages and participants with their trajectories as a REFI-QDA project, for researchers who go on in their
own coding program.

Passages keep their offsets. Words that may not be quoted are masked, one sign for one character, and so is all that
nobody coded; so a passage stands where it stood, and what is coded further fits the transcript.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coprod_trust import __version__
from coprod_trust.export.formats import Built
from coprod_trust.notes.projects.model import (
    OUR_PROGRAM,
    Coded,
    Memo,
    Project,
    ProjectCase,
    ProjectCode,
    SourceText,
    Span,
    Value,
)
from coprod_trust.notes.projects.writing import Extras, decimal, project_bytes
from coprod_trust.store import sql
from coprod_trust.store.query import published
from coprod_trust.study import load_study

if TYPE_CHECKING:
    import duckdb

MASK = "·"
LINE = 80  # masked text is broken into lines, for the eye
MOST_PEOPLE = 5000
ABOUT = "about the passage"
NO_CODE = "read: no code"
RECONCILED = "reconciled"  # as the reader of our files knows it (notes: reconciled_by)
BLINDED = {True: "without having seen the results", False: "having seen the results"}
_PASSAGE_ATTRIBUTES = ("elicited", "time_reference")


@dataclass
class _Passage:
    segment_id: str
    document: str
    start: int
    end: int
    person: str | None
    role: str | None
    said: tuple[str, ...] = ()


@dataclass
class _Text:
    """A document as it leaves: masked, with what may be read laid over it."""

    characters: list[str] = field(default_factory=list)

    def reach(self, length: int) -> None:
        """Make it at least as long."""
        for i in range(len(self.characters), length):
            self.characters.append("\n" if i % LINE == LINE - 1 else MASK)

    def lay(self, start: int, end: int, words: str) -> None:
        """Words at a place; where their length differs from the place's they are cut or end in the mask."""
        self.reach(end)
        fitted = words.replace("\r\n", "\n")[: end - start]
        self.characters[start : start + len(fitted)] = fitted

    def append(self, words: str) -> tuple[int, int]:
        """Words of a passage without offsets, in a paragraph of their own at the end."""
        if self.characters:
            self.characters += "\n\n"
        start = len(self.characters)
        self.characters += words
        return start, len(self.characters)


def build(root: Path, form: str = "qdpx", table: str | None = None) -> Built:
    """The project of the study's last publication. Raises StudyError where there is none."""
    study = load_study(root)
    with published(root) as con:
        return _Builder(con, study.study_id, study.title).build()


class _Builder:
    def __init__(self, con: duckdb.DuckDBPyConnection, study_id: str, title: str) -> None:
        self.con = con
        self.study_id = study_id
        self.project = Project(f"{OUR_PROGRAM} {__version__}", title)
        self.reserved: dict[str, None] = {}
        self.extras_of: dict[str, str] = {}
        self.masked = 0
        self.uneven = 0
        self.half_settled = 0
        self.stances = 0

    def build(self) -> Built:
        passages = self._passages()
        self._codes()
        self._codings(passages)
        self._settled(passages)
        self._stances(passages)
        self._reserved_codes()
        self._cases(passages)
        self._documents()
        remarks = self._remarks(len(passages))
        description = f"Exported by coprod-trust {__version__}. Words that may not be quoted are masked by {MASK}."
        extras = Extras(description, self.extras_of, frozenset({ABOUT}))
        return Built(project_bytes(self.project, self.study_id, extras), remarks)

    def _remarks(self, passages: int) -> tuple[str, ...]:
        """What the file holds otherwise than the study, or not at all, because the format has no place for it."""
        said = (
            (self.masked, f"{self.masked} of {passages} passages are masked: their words may not be quoted"),
            (self.uneven, f"{self.uneven} attributes that differ between the codes of one coder and passage left out"),
            (self.stances, f"{self.stances} stances that a person decided are comments of passages; see decisions/"),
            (self.half_settled, f"of {self.half_settled} passages some codes are settled and others open: only what "
                                "each coder gave is in the file"),
            (1, "the format has no place for findings, sign-offs, the guide, who was silent, expected directions, "
                "constructs and earlier codebooks; they stay in the study"),
        )  # fmt: skip
        return tuple(text for n, text in said if n)

    # -- what was said -------------------------------------------------------------------------------------------

    def _passages(self) -> dict[str, _Passage]:
        """Every segment in its place, and the documents around them."""
        texts: dict[str, _Text] = defaultdict(_Text)
        for name, length in self.con.execute("SELECT document, n_characters FROM document ORDER BY 1").fetchall():
            texts[name].reach(length or 0)
        rows = sql.run(self.con, "export/passages").fetchall()
        found: dict[str, _Passage] = {}
        loose = []
        for row in rows:
            segment_id, document, start, end, person, role, text, paraphrase, kept, why, *attributes = row
            self.masked += text is None
            said = [f"{n.replace('_', ' ')}: {v}" for n, v in zip(_PASSAGE_ATTRIBUTES, attributes, strict=True) if v]
            said += [f"kept: {'yes' if kept else 'no'}" + (f", {why}" if why else "")] if kept is not None else []
            passage = _Passage(segment_id, document, start or 0, end or 0, person, role, tuple(said))
            found[segment_id] = passage
            if start is None:
                loose.append((passage, text or paraphrase or MASK * 10))
            else:
                texts[document].reach(end)
                if text is not None:
                    texts[document].lay(start, end, text)
            if paraphrase and text is None and start is not None:
                self._comment(passage, paraphrase)
        for passage, words in loose:
            passage.start, passage.end = texts[passage.document].append(words)
        for name, text in texts.items():
            self.project.documents[name] = SourceText(name, name, "".join(text.characters))
        return found

    def _documents(self) -> None:
        """What is known of the documents, as their variables; named as the reader of our own files expects them."""
        columns = ("kind", "case_name", "date", "wave")
        rows = self.con.execute(f"SELECT document, {', '.join(columns)} FROM document ORDER BY 1").fetchall()
        for name, *values in rows:
            for column, value in zip(columns, values, strict=True):
                if value is not None:
                    kind = "date" if isinstance(value, date) else "text"
                    self.project.values.append(Value("document", name, column, kind, str(value)))

    # -- codes ---------------------------------------------------------------------------------------------------

    def _codes(self) -> None:
        """The codebook; the definition carries what the format has no place for."""
        rows = self.con.execute(
            "SELECT code, parent, name, definition, include, exclude, anchor FROM code ORDER BY code"
        ).fetchall()
        often: dict[str, int] = defaultdict(int)
        for code, _, name, *_ in rows:
            often[name.casefold()] += 1
            often[code.casefold()] += name.casefold() != code.casefold()
        for code, parent, name, definition, *rest in rows:
            more = [
                f"{what}: {text}" for what, text in zip(("Include", "Exclude", "Example"), rest, strict=True) if text
            ]
            text = "\n".join([*([definition] if definition else []), *more]) or None
            shown = name if often[name.casefold()] == 1 else code
            self.project.codes.append(ProjectCode(code, shown, parent, text))

    def _codings(self, passages: Mapping[str, _Passage]) -> None:
        by_reading: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
        for segment_id, coder, *coding in sql.run(self.con, "export/codings").fetchall():
            by_reading[segment_id, coder].append(tuple(coding))
        for (segment_id, coder), codings in by_reading.items():
            passage = passages[segment_id]
            days = [day for _, day, *_ in codings if day is not None]
            for code, day, *_ in codings:
                if code is not None:
                    self._add(passage, code, coder, day)
            about = [NO_CODE] if codings[0][0] is None else []
            for said in (*about, *self._said(codings), *passage.said):
                self.reserved.setdefault(said)
                self._add(passage, said, coder, min(days, default=None))

    def _settled(self, passages: Mapping[str, _Passage]) -> None:
        """What the coders agreed upon, as the codes of one who stands for all; both coders' codes stay beside it."""
        for segment_id, codes, whole in sql.run(self.con, "export/settled").fetchall():
            if not whole:
                self.half_settled += 1
                continue
            if not codes:
                self.reserved.setdefault(NO_CODE)
            for code in codes or [NO_CODE]:
                self._add(passages[segment_id], code, RECONCILED, None)

    def _stances(self, passages: Mapping[str, _Passage]) -> None:
        """Stances that a person decided, as comments of their passages: these programs know no findings."""
        for segment_id, stance, finding, blinded, stale in sql.run(self.con, "export/stances").fetchall():
            marks = [
                *([BLINDED[blinded]] if blinded is not None else []),
                *(["the finding moved since"] if stale else []),
            ]
            self._comment(
                passages[segment_id], f"Decided: {stance} {finding}" + (f" ({', '.join(marks)})" if marks else "")
            )
            self.stances += 1

    def _comment(self, passage: _Passage, text: str) -> None:
        place = f"{passage.document}@{passage.start}-{passage.end}"
        self.project.memos.append(Memo("segment", place, text))

    def _add(self, passage: _Passage, code: str, coder: str, day: date | None) -> None:
        number = len(self.project.codings) + 1
        self.project.codings.append(
            Coded(number, passage.document, passage.start, passage.end, code, coder, day, label=passage.segment_id)
        )

    def _said(self, codings: list[tuple[Any, ...]]) -> Iterator[str]:
        """Attributes of codings as codes of their own; a program knows attributes of people and documents alone."""
        given: dict[str, set[str | None]] = defaultdict(set)
        for _, _, valence, stance, finding, certainty, blinded in codings:
            given["valence"].add(valence)
            given["certainty"].add(certainty)
            given["stance"].add(f"{stance} {finding or ''}".strip() if stance else None)
            given["blinded"].add(None if blinded is None else "yes" if blinded else "no")
        for name, values in given.items():
            if len(values) > 1:
                self.uneven += 1
            elif (value := next(iter(values))) is not None:
                yield f"{name}: {value}"

    def _reserved_codes(self) -> None:
        if self.reserved:
            self.project.codes.append(ProjectCode(ABOUT, ABOUT))
            self.project.codes += [ProjectCode(name, name, ABOUT) for name in sorted(self.reserved)]

    # -- people --------------------------------------------------------------------------------------------------

    def _cases(self, passages: Mapping[str, _Passage]) -> None:
        """A case a participant, with scores and changes; others who speak are cases by their role."""
        spans: dict[str, list[Span]] = defaultdict(list)
        roles: dict[str, str] = {}
        for p in passages.values():
            name = p.person or (p.role if p.role not in (None, "citizen") else None)
            if name is not None:
                spans[name].append(Span(p.document, p.start, p.end))
                roles[name] = p.role or "citizen"
        people = self._people(set(spans))
        for name in dict.fromkeys([*people, *sorted(spans)]):
            self.project.cases.append(ProjectCase(name, tuple(spans.get(name, ()))))
            role = roles.get(name)
            if role is not None:
                self.project.values.append(Value("case", name, "role", "text", role))
            if name in people:
                self.project.values.append(Value("case", name, "participant_id", "text", name))
                self._trajectory(name, people[name])

    def _people(self, spoke: set[str]) -> dict[str, dict[str, Any]]:
        """What is known of each participant, by id; of a large survey only those in the notes."""
        people: dict[str, dict[str, Any]] = defaultdict(dict)
        (count,) = self.con.execute("SELECT count(*) FROM participant").fetchone() or (0,)
        among = sorted(spoke) if count > MOST_PEOPLE else None
        for table in ("participant", "score_wide"):
            cursor = self.con.execute(
                f"SELECT * FROM {sql.ident(table)} WHERE $among IS NULL OR participant_id IN (SELECT unnest($among)) "
                "ORDER BY participant_id",
                {"among": among},
            )
            names = [c[0] for c in cursor.description or ()]
            for row in cursor.fetchall():
                person = dict(zip(names, row, strict=True))
                people[person.pop("participant_id")] |= person
            self.extras_of |= dict(
                self.con.execute(
                    "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = $1", [table]
                ).fetchall()
            )
        for person, scale, start, end, change, reliable in self.con.execute(
            "SELECT participant_id, scale, wave_from, wave_to, change, reliable_change FROM change "
            "WHERE $among IS NULL OR participant_id IN (SELECT unnest($among)) ORDER BY ALL",
            {"among": among},
        ).fetchall():
            name = f"change_{scale}__{start}_{end}"
            people[person] |= {name: change, f"{name}_reliable": reliable}
            self.extras_of[name] = f"Change of {scale} from {start} to {end}, points of 100."
            self.extras_of[f"{name}_reliable"] = "Whether the change is beyond measurement error."
        return dict(people)

    def _trajectory(self, name: str, known: Mapping[str, Any]) -> None:
        for variable, value in known.items():
            if (written := _written(value)) is not None:
                self.project.values.append(Value("case", name, variable, *written))


def _written(value: Any) -> tuple[str, str] | None:
    """The type and the text of a value; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, float):
        text = decimal(value)
        return None if text is None else ("float", text)
    if isinstance(value, date):
        return "date", value.isoformat()[:10]
    return "text", str(value)
