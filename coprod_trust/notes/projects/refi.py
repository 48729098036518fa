"""REFI-QDA 1.5: projects (.qdpx) and codebooks (.qdc), with what programs do otherwise than the standard says.

See docs/notes.md for the list. Elements are looked up by their local name, since namespaces differ between versions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coprod_trust.ingest.readers.report import Report
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
    day_of,
)
from coprod_trust.notes.projects.offsets import Counting, Evidence, RawText, choose
from coprod_trust.notes.projects.package import Package, parse
from coprod_trust.notes.transcript import comparable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FEWEST_NAMED, MOSTLY = 4, 0.75  # how many names of passages tell that names are words
DEEPEST = 50  # levels of codes; no program allows as many
_SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
_NOT_TEXT = {
    "PictureSelection": "coded parts of pictures",
    "PDFSelection": "coded areas of PDF pages",
    "AudioSelection": "coded stretches of sound",
    "VideoSelection": "coded stretches of film",
}


def read_project(path: Path, report: Report) -> Project:
    """A .qdpx. Refuses through ``report`` what cannot be opened."""
    with Package(path, report) as package:
        return _Reader(package, report).read()


def read_codes(path: Path, report: Report) -> Project:
    """A .qdc: codes alone."""
    root = parse(path.read_bytes(), report)
    if _tag(root) not in ("CodeBook", "Project"):
        report.refuse(
            "file-type-mismatch", "the XML is no REFI-QDA codebook", "a root CodeBook", "export the codebook as .qdc"
        )
    project = Project(root.get("origin") or "REFI-QDA", path.stem)
    _read_codes(root, project, report)
    project.lost["sets of codes"] += sum(1 for e in root.iter() if _tag(e) == "Set")
    return project


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element | None, *tags: str) -> Iterator[Element]:
    return (e for e in element if _tag(e) in tags) if element is not None else iter(())


def _child(element: Element | None, tag: str) -> Element | None:
    return next(_children(element, tag), None)


def _guid(written: str | None) -> str:
    return (written or "").strip().strip("{}").lower()


def _target(element: Element | None, tag: str) -> str:
    child = _child(element, tag)
    return _guid(child.get("targetGUID")) if child is not None else ""


def _description(element: Element) -> str | None:
    """The text of Description; some writers use an attribute instead."""
    child = _child(element, "Description")
    text = (child.text if child is not None else None) or element.get("description") or ""
    return text.strip() or None


def _read_codes(root: Element, project: Project, report: Report) -> None:
    book = root if _tag(root) == "CodeBook" else _child(root, "CodeBook")
    stack = [(e, None, 1) for e in reversed(list(_children(_child(book, "Codes"), "Code")))]
    while stack:
        element, parent, depth = stack.pop()
        if depth > DEEPEST:
            report.refuse(
                "file-unreadable", f"codes are nested more than {DEEPEST} deep", "a tree of codes", "export it again"
            )
        key = _guid(element.get("guid")) or f"code {len(project.codes) + 1}"
        name = (element.get("name") or "").strip() or key
        project.codes.append(ProjectCode(key, name, parent, _description(element)))
        stack += [(e, key, depth + 1) for e in reversed(list(_children(element, "Code")))]  # type: ignore[misc]


@dataclass
class _Selection:
    """A selection before its offsets are counted; ``references`` are (code, coder, day, coding)."""

    source: str
    start: int
    end: int
    guid: str
    label: str | None
    references: list[tuple[str, str | None, str | None, str]] = field(default_factory=list)
    memo: str | None = None
    author: str | None = None


class _Reader:
    def __init__(self, package: Package, report: Report) -> None:
        self.package = package
        self.report = report
        self.root = package.project()
        if _tag(self.root) != "Project":
            report.refuse(
                "file-type-mismatch", "the XML is no REFI-QDA project", "a root Project", "export the project as .qdpx"
            )
        origin = self.root.get("origin") or ""
        self.project = Project(origin or "unknown program", self.root.get("name") or "")
        self.texts: dict[str, RawText] = {}
        self.selections: list[_Selection] = []
        self.users: dict[str, str] = {}
        self.notes: dict[str, Element] = {}
        self.subjects: dict[str, tuple[str, str]] = {}  # guid: subject and name, for memos
        self.counting = Counting()

    def read(self) -> Project:
        root, project = self.root, self.project
        for user in _children(_child(root, "Users"), "User"):
            self.users[_guid(user.get("guid"))] = user.get("name") or user.get("id") or _guid(user.get("guid"))
        _read_codes(root, project, self.report)
        self.subjects |= {c.key: ("code", c.key) for c in project.codes}
        self.notes = {_guid(n.get("guid")): n for n in _children(_child(root, "Notes"), "Note")}
        variables = {
            _guid(v.get("guid")): (v.get("name") or "", v.get("typeOfVariable") or "Text")
            for v in _children(_child(root, "Variables"), "Variable")
        }
        for source in _children(_child(root, "Sources"), *_SOURCES):
            self._source(source, variables)
        self._cases(variables)
        self._memos()
        lost = project.lost
        lost["graphs"] += sum(1 for _ in _children(_child(root, "Graphs"), "Graph"))
        lost["sets"] += sum(1 for _ in _children(_child(root, "Sets"), "Set"))
        return project

    # -- sources -----------------------------------------------------------------------------------------------

    def _source(self, source: Element, variables: dict[str, tuple[str, str]]) -> None:
        kind, guid = _tag(source), _guid(source.get("guid"))
        inner: list[Element] = [source] if kind == "TextSource" else []
        inner += _children(source, "Representation", "TextDescription", "Transcript")
        for tag, what in _NOT_TEXT.items():
            for selection in _children(source, tag):
                nested = list(_children(selection, "Representation", "TextDescription"))
                inner += nested
                if not nested:
                    self.project.lost[what] += max(1, sum(1 for _ in _children(selection, "Coding")))
        name = self._name(source, guid)
        self.subjects[guid] = ("document", name)
        if not inner:
            self.project.documents[guid] = SourceText(guid, name, None)
            self.project.lost["documents without text (pictures, sound, film, PDF)"] += 1
        for n, element in enumerate(inner):
            key = guid if n == 0 else f"{guid}#{n}"
            self._text(element, key, name if n == 0 else self._unique(f"{name} ({n + 1})"))
        for value in _children(source, "VariableValue"):
            self._value("document", name, value, variables)
        if kind != "TextSource":
            self._whole(source, guid)

    def _name(self, source: Element, guid: str) -> str:
        path = source.get("plainTextPath") or source.get("path") or ""
        stem = path.rpartition("/")[2].rpartition(".")
        return self._unique((source.get("name") or "").strip() or stem[0] or stem[2] or guid)

    def _unique(self, name: str) -> str:
        """The name, with a number where two sources share it."""
        taken = {d.name for d in self.project.documents.values()}
        if name not in taken:
            return name
        self.project.remarks.append("two documents have the same name; the later one has a number added")
        return next(f"{name} ({n})" for n in range(2, len(taken) + 3) if f"{name} ({n})" not in taken)

    def _text(self, element: Element, key: str, name: str) -> None:
        """A text and its selections, with the offsets as they are in the file."""
        content = _child(element, "PlainTextContent")
        path = element.get("plainTextPath")
        raw = content.text or "" if content is not None else self.package.read(path) if path else None
        if raw is None:
            self.project.lost["texts that lie outside the project or cannot be read"] += 1
        else:
            self.texts[key] = RawText(raw)
        self.project.documents[key] = SourceText(key, name, self.texts[key].text if raw is not None else None)
        points = {_guid(p.get("guid")): p.get("position") for p in _children(element, "SyncPoint")}
        for selection in _children(element, "PlainTextSelection", "TranscriptSelection"):
            start, end = selection.get("startPosition"), selection.get("endPosition")
            if _tag(selection) == "TranscriptSelection":
                start = points.get(_guid(selection.get("fromSyncPoint")))
                end = points.get(_guid(selection.get("toSyncPoint")))
            if start is None or end is None or not start.isdecimal() or not end.isdecimal():
                self.project.lost["selections without a place in the text"] += 1
                continue
            self._selection(selection, key, int(start), int(end))
        self._whole(element, key)

    def _whole(self, element: Element, key: str) -> None:
        """Codes given to a document as a whole; without its text there is nothing to hold them to."""
        references = list(self._references(element))
        raw = self.texts.get(key)
        if references and (raw is None or not raw.text):
            self.project.lost["codes of whole documents without a text"] += len(references)
        elif references and raw is not None:
            self.selections.append(_Selection(key, -1, -1, "", None, references))

    def _selection(self, element: Element, key: str, start: int, end: int) -> None:
        self.project.n_selections += 1
        self.selections.append(
            _Selection(
                key,
                start,
                end,
                _guid(element.get("guid")),
                element.get("name"),
                list(self._references(element)),
                _description(element),
                self._coder(element),
            )
        )

    def _references(self, element: Element) -> Iterator[tuple[str, str | None, str | None, str]]:
        for coding in _children(element, "Coding"):
            coder = self._coder(coding) or self._coder(element)
            day = coding.get("creationDateTime") or element.get("creationDateTime")
            yield _target(coding, "CodeRef"), coder, day, _guid(coding.get("guid"))

    def _coder(self, element: Element) -> str | None:
        guid = _guid(element.get("creatingUser") or element.get("modifyingUser"))
        return self.users.get(guid, guid or None)

    # -- what cannot be placed before all is read --------------------------------------------------------------

    def _placed(self) -> dict[int, tuple[int, int]]:
        """Our offsets of each selection, by its place in the list."""
        evidence = [
            Evidence(self.texts[s.source], s.start, s.end, s.label)
            for s in self.selections
            if s.source in self.texts and s.start >= 0
        ]
        if evidence and not self.project.program.startswith(OUR_PROGRAM):
            self.counting, sure = choose(evidence)
            if not sure:
                self.project.remarks.append(
                    f"nothing in the file tells how its offsets count; taken as {self.counting.says()}"
                )
            elif self.counting != Counting():
                self.project.remarks.append(f"offsets count {self.counting.says()}, as their texts show")
        placed = {}
        for i, s in enumerate(self.selections):
            raw = self.texts.get(s.source)
            if s.start < 0 and raw is not None:
                placed[i] = (0, len(raw.text))
            else:
                placed[i] = (raw.place(self.counting, s.start, s.end) if raw else None) or (s.start, s.end)
        return placed

    def _named_by_words(self, placed: dict[int, tuple[int, int]]) -> bool:
        """Whether the program names passages by their words, as most of the names show: then each is held against its
        text, so that single offsets that are off are found."""
        if self.project.program.startswith(OUR_PROGRAM):
            return False
        named = [(s, placed[i]) for i, s in enumerate(self.selections) if s.label and s.source in self.texts]
        fits = sum(
            comparable(self.texts[s.source].text[start:end]) == comparable(s.label or "") for s, (start, end) in named
        )
        return len(named) >= FEWEST_NAMED and fits >= MOSTLY * len(named)

    def _cases(self, variables: dict[str, tuple[str, str]]) -> None:
        """Cases, and the codings; in MAXQDA's and NVivo's files a case may be coded as if it were a code."""
        placed = self._placed()
        elements = list(_children(_child(self.root, "Cases"), "Case"))
        of_case = {_guid(c.get("guid")): n for n, c in enumerate(elements)}
        of_code: dict[str, list[int]] = defaultdict(list)
        for n, case in enumerate(elements):
            for reference in _children(case, "CodeRef"):
                of_code[_guid(reference.get("targetGUID"))].append(n)
        named_by_words = self._named_by_words(placed)
        spans: dict[int, list[Span]] = defaultdict(list)
        by_guid: dict[str, Span] = {}
        codes = {c.key for c in self.project.codes}
        number = 0
        for i, s in enumerate(self.selections):
            start, end = placed[i]
            span = Span(s.source, start, end)
            by_guid[s.guid] = span
            where = f"{self.project.documents[s.source].name}@{start}-{end}"
            self.subjects[s.guid] = ("segment", where)
            for target, coder, day, guid in s.references:
                number += 1
                for n in of_code.get(target, ()):
                    spans[n].append(span)
                if target in of_case:
                    spans[of_case[target]].append(span)
                    continue
                if target not in codes:
                    self.project.lost["codings with a code that is not in the project"] += 1
                    continue
                self.subjects[guid] = ("coding", where)
                self.project.codings.append(
                    Coded(
                        number,
                        s.source,
                        start,
                        end,
                        target,
                        coder,
                        day_of(day),
                        text=s.label if named_by_words and s.start >= 0 else None,
                        label=s.label,
                    )
                )
            if s.memo:
                self.project.memos.append(Memo("segment", where, s.memo, author=s.author))
        for n, case in enumerate(elements):
            name = (case.get("name") or "").strip() or _guid(case.get("guid"))
            self.subjects[_guid(case.get("guid"))] = ("case", name)
            for reference in _children(case, "SourceRef"):
                guid = _guid(reference.get("targetGUID"))
                spans[n] += [Span(d) for d in self.project.documents if d.split("#")[0] == guid]
            for reference in _children(case, "SelectionRef"):
                if (found := by_guid.get(_guid(reference.get("targetGUID")))) is not None:
                    spans[n].append(found)
            for value in _children(case, "VariableValue"):
                self._value("case", name, value, variables)
            if text := _description(case):
                self.project.memos.append(Memo("case", name, text))
            self.project.cases.append(ProjectCase(name, tuple(spans[n])))

    def _value(self, subject: str, name: str, value: Element, variables: dict[str, tuple[str, str]]) -> None:
        variable, kind = variables.get(_target(value, "VariableRef"), ("", ""))
        if not variable:
            self.project.lost["values of unknown variables"] += 1
            return
        written = next((e.text for e in value if _tag(e).endswith("Value")), None)
        self.project.values.append(Value(subject, name, variable, kind.lower(), (written or "").strip() or None))

    # -- memos -------------------------------------------------------------------------------------------------

    def _memos(self) -> None:
        """Notes and what they hang on: a reference from there, or a link."""
        targets: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for element in self.root.iter():
            for reference in _children(element, "NoteRef"):
                owner = self.subjects.get(_guid(element.get("guid")), ("project", self.project.name))
                targets[_guid(reference.get("targetGUID"))].add(owner)
        for link in _children(_child(self.root, "Links"), "Link"):
            ends = (_guid(link.get("originGUID")), _guid(link.get("targetGUID")))
            for note, other in (ends, ends[::-1]):
                if note in self.notes and other in self.subjects:
                    targets[note].add(self.subjects[other])
            if not any(e in self.notes for e in ends):
                self.project.lost["links"] += 1
        for guid, written in self.notes.items():
            self._memo(written, sorted(targets.get(guid) or {("project", self.project.name)}))
        if text := _description(self.root):
            self.project.memos.append(Memo("project", self.project.name, text))
        for document in _children(_child(self.root, "Sources"), *_SOURCES):
            if text := _description(document):
                self.project.memos.append(Memo("document", self.subjects[_guid(document.get("guid"))][1], text))

    def _memo(self, note: Element, owners: list[tuple[str, str]]) -> None:
        content = _child(note, "PlainTextContent")
        path = note.get("plainTextPath")
        text = content.text if content is not None else self.package.read(path) if path else None
        text = (text or _description(note) or "").strip()
        if not text:
            self.project.lost["memos without text"] += 1
            return
        memo = Memo("", "", text, note.get("name") or None, self._coder(note), day_of(note.get("creationDateTime")))
        self.project.memos += [replace(memo, subject=s, subject_name=n) for s, n in owners]
