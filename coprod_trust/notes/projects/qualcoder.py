"""QualCoder: a folder NAME.qda with data.qda, an SQLite database.

``code_text.pos0`` and ``pos1`` count code points of ``source.fulltext`` from 0, the end excluded; ``seltext`` holds the
words, so each is checked against its text. Categories of codes are codes here as well: those above.
"""

from __future__ import annotations

from pathlib import Path

from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.projects.database import Database, open_database
from coprod_trust.notes.projects.model import (
    Coded,
    Memo,
    Project,
    ProjectCase,
    ProjectCode,
    SourceText,
    Span,
    Value,
    day_of,
)
from coprod_trust.notes.projects.offsets import Counting, Evidence, RawText, choose

TABLES = ("code_name", "code_text", "source")
_ENTRIES = {"code_image": "coded parts of pictures", "code_av": "coded stretches of sound and film", "graph": "graphs"}


def read_project(path: Path, report: Report) -> Project:
    """The project whose data.qda lies at ``path``."""
    with open_database(path, report) as db:
        return _Reader(db, path).read()


class _Reader:
    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.project = Project("QualCoder", path.parent.stem)
        self.texts: dict[int, RawText] = {}
        self.counting = Counting()

    def read(self) -> Project:
        self._codes()
        for key, name, text, memo, owner, day in self.db.rows(
            "source", "id", "name", "fulltext", "memo", "owner", "date"
        ):
            if text is not None:
                self.texts[key] = RawText(text)
            else:
                self.project.lost["documents without text (pictures, sound, film, PDF)"] += 1
            shown = self.texts[key].text if text is not None else None
            self.project.documents[str(key)] = SourceText(str(key), name or str(key), shown)
            self._memo("document", name or str(key), memo, owner, day)
        self._codings()
        self._cases()
        self._rest()
        return self.project

    def _codes(self) -> None:
        for key, name, memo, above in self.db.rows("code_cat", "catid", "name", "memo", "supercatid"):
            parent = f"category {above}" if above is not None else None
            self.project.codes.append(ProjectCode(f"category {key}", name or "", parent, (memo or "").strip() or None))
        for key, name, memo, above, code in self.db.rows("code_name", "cid", "name", "memo", "catid", "supercid"):
            parent = f"category {above}" if above is not None else str(code) if code is not None else None
            self.project.codes.append(ProjectCode(str(key), name or "", parent, (memo or "").strip() or None))

    def _codings(self) -> None:
        columns = ("ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "date", "memo")
        rows = self.db.rows("code_text", *columns)
        evidence = [
            Evidence(self.texts[fid], int(start), int(end), words)
            for _, _, fid, words, start, end, *_ in rows
            if fid in self.texts and start is not None and end is not None
        ]
        if evidence:
            self.counting, _ = choose(evidence)
            if self.counting != Counting():
                self.project.remarks.append(f"offsets count {self.counting.says()}, as their texts show")
        codes = {c.key for c in self.project.codes}
        self.project.n_selections = len({r[2:6] for r in rows})
        for number, (_, code, fid, words, start, end, owner, day, memo) in enumerate(rows, 1):
            document = self.project.documents.get(str(fid))
            if document is None or start is None or end is None or str(code) not in codes:
                self.project.lost["codings of a document or code that is not in the project"] += 1
                continue
            span = self._span(fid, int(start), int(end))
            where = f"{document.name}@{span.start}-{span.end}"
            self._memo("coding", where, memo, owner, day)
            assert span.start is not None and span.end is not None
            self.project.codings.append(
                Coded(number, document.key, span.start, span.end, str(code), owner or None, day_of(day), words or None)
            )

    def _span(self, fid: int, start: int, end: int) -> Span:
        raw = self.texts.get(fid)
        placed = raw.place(self.counting, start, end) if raw else None
        return Span(str(fid), *(placed or (start, end)))

    def _cases(self) -> None:
        spans: dict[int, list[Span]] = {}
        for case, fid, start, end in self.db.rows("case_text", "caseid", "fid", "pos0", "pos1"):
            if str(fid) in self.project.documents:
                whole = start is None or end is None or (start == 0 and end == 0)
                spans.setdefault(case, []).append(Span(str(fid)) if whole else self._span(fid, int(start), int(end)))
        names: dict[tuple[str, int], str] = {}
        for case, name, memo, owner, day in self.db.rows("cases", "caseid", "name", "memo", "owner", "date"):
            names["case", case] = name or str(case)
            self._memo("case", name or str(case), memo, owner, day)
            self.project.cases.append(ProjectCase(name or str(case), tuple(spans.get(case, ()))))
        types = dict(self.db.rows("attribute_type", "name", "valuetype"))
        for name, kind, value, owner in self.db.rows("attribute", "name", "attr_type", "value", "id"):
            subject = "case" if kind == "case" else "document"
            named = names.get(("case", owner)) if subject == "case" else self._document(owner)
            if named and str(value or "").strip():
                kind_of = "float" if types.get(name) == "numeric" else "text"
                self.project.values.append(Value(subject, named, name, kind_of, str(value).strip()))

    def _document(self, key: int) -> str | None:
        found = self.project.documents.get(str(key))
        return found.name if found else None

    def _rest(self) -> None:
        for fid, start, end, memo, owner, day in self.db.rows(
            "annotation", "fid", "pos0", "pos1", "memo", "owner", "date"
        ):
            if (document := self._document(fid)) is not None and start is not None and end is not None:
                span = self._span(fid, int(start), int(end))
                self._memo("segment", f"{document}@{span.start}-{span.end}", memo, owner, day)
        for title, text, day, owner in self.db.rows("journal", "name", "jentry", "date", "owner"):
            if text and text.strip():
                self.project.memos.append(Memo("project", self.project.name, text, title, owner, day_of(day)))
        for (memo,) in self.db.rows("project", "memo"):
            self._memo("project", self.project.name, memo, None, None)
        for table, what in _ENTRIES.items():
            self.project.lost[what] += self.db.count(table)

    def _memo(self, subject: str, name: str, text: str | None, author: str | None, day: str | None) -> None:
        if text and text.strip():
            self.project.memos.append(Memo(subject, name, text.strip(), None, author or None, day_of(day)))
