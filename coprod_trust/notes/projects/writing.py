"""Writes a project as REFI-QDA 1.5 (.qdpx), so that it validates against the standard's schema and coding programs open
it.

Offsets count code points, the end excluded, as QualCoder, NVivo and MAXQDA read them. The same project gives the same
bytes: GUIDs are derived from names, and the archive carries no time.
"""

from __future__ import annotations

import io
import math
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coprod_trust.notes.projects.model import Coded, Project, Span, Value

NAMESPACE = "urn:QDA-XML:project:1.0"
_HOME = uuid.UUID("6ba0a2f4-6c1c-5c1e-9d0f-3f6f7a5d2c11")
# What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {
    "text": ("Text", "TextValue"),
    "boolean": ("Boolean", "BooleanValue"),
    "integer": ("Integer", "IntegerValue"),
    "float": ("Float", "FloatValue"),
    "date": ("Date", "DateValue"),
}
_Key = tuple[str, int, int, str | None]


@dataclass(frozen=True)
class Extras:
    """What a file carries beside a Project: descriptions of the whole and of variables by name, and codes that only
    group others."""

    description: str = ""
    variables: dict[str, str] | None = None
    not_codable: frozenset[str] = frozenset()


def project_bytes(project: Project, seed: str, extras: Extras | None = None) -> bytes:
    """The .qdpx as bytes. ``seed`` (the study's id) makes GUIDs that no other study has.

    Codings of one passage with the same label share one selection. Spans of cases must be passages, or whole documents.
    """
    writer = _Writer(project, seed, extras or Extras())
    xml = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(writer.project(), encoding="utf-8")
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        _put(archive, "project.qde", xml)
        for document in project.documents.values():
            if document.text is not None:
                # A carriage return would be read as a break, or as half of one, and shift what follows.
                text = clean(document.text).replace("\r", "\n")
                _put(archive, f"sources/{writer.guid('document', document.key)}.txt", text.encode())
    return buffer.getvalue()


def clean(text: str) -> str:
    """The text with each character that XML cannot hold replaced by one that it can, so that offsets stay."""
    return _FORBIDDEN.sub("\ufffd", text)


def _put(archive: ZipFile, name: str, data: bytes) -> None:
    member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = ZIP_DEFLATED
    archive.writestr(member, data)


class _Writer:
    def __init__(self, project: Project, seed: str, extras: Extras) -> None:
        self.source = project
        self.extras = extras
        self.home = uuid.uuid5(_HOME, seed)
        self.passages: dict[str, dict[_Key, list[Coded]]] = defaultdict(dict)
        for c in project.codings:
            key = (c.document, c.start, c.end, c.label)
            self.passages[c.document].setdefault(key, []).append(c)
        self.memos: dict[tuple[str, str], list[str]] = defaultdict(list)
        for memo in project.memos:
            self.memos[memo.subject, memo.subject_name].append(memo.text)
        self.values: dict[tuple[str, str], list[Value]] = defaultdict(list)
        for value in project.values:
            self.values[value.subject, value.subject_name].append(value)

    def guid(self, *parts: object) -> str:
        return str(uuid.uuid5(self.home, "\x1f".join(str(p) for p in parts)))

    def project(self) -> Element:
        """Children in the order that the schema wants."""
        root = Element("Project", {"xmlns": NAMESPACE, "name": clean(self.source.name), "origin": self.source.program})
        self._users(root)
        self._codes(root)
        self._variables(root)
        self._cases(root)
        self._sources(root)
        if self.extras.description:
            SubElement(root, "Description").text = clean(self.extras.description)
        return root

    def _users(self, root: Element) -> None:
        users = sorted({c.coder for c in self.source.codings if c.coder})
        if users:
            parent = SubElement(root, "Users")
            for user in users:
                SubElement(parent, "User", {"guid": self.guid("user", user), "name": clean(user)})

    def _codes(self, root: Element) -> None:
        if not self.source.codes:
            return
        parents: dict[str | None, Element] = {None: SubElement(SubElement(root, "CodeBook"), "Codes")}
        known = {c.key for c in self.source.codes}
        waiting = list(self.source.codes)
        while waiting:
            left = []
            for c in waiting:
                above = parents.get(c.parent if c.parent in known else None)
                if above is None:
                    left.append(c)
                    continue
                codable = str(c.key not in self.extras.not_codable).lower()
                element = SubElement(
                    above, "Code", {"guid": self.guid("code", c.key), "name": clean(c.name), "isCodable": codable}
                )
                if c.definition:
                    SubElement(element, "Description").text = clean(c.definition)
                parents[c.key] = element
            if len(left) == len(waiting):
                raise ValueError("the parents of codes run in a circle")
            waiting = left

    def _variables(self, root: Element) -> None:
        kinds = {v.variable: v.value_type for v in self.source.values}
        if not kinds:
            return
        parent = SubElement(root, "Variables")
        for name, kind in kinds.items():
            element = SubElement(
                parent,
                "Variable",
                {"guid": self.guid("variable", name), "name": clean(name), "typeOfVariable": _TYPES[kind][0]},
            )
            if text := (self.extras.variables or {}).get(name):
                SubElement(element, "Description").text = clean(text)

    def _values(self, parent: Element, subject: str, name: str) -> None:
        for v in self.values.get((subject, name), ()):
            if v.value is None:
                continue
            element = SubElement(parent, "VariableValue")
            SubElement(element, "VariableRef", {"targetGUID": self.guid("variable", v.variable)})
            SubElement(element, _TYPES[v.value_type][1]).text = clean(v.value)

    def _cases(self, root: Element) -> None:
        if not self.source.cases:
            return
        parent = SubElement(root, "Cases")
        for case in self.source.cases:
            element = SubElement(parent, "Case", {"guid": self.guid("case", case.name), "name": clean(case.name)})
            self._values(element, "case", case.name)
            for span in (s for s in case.spans if s.start is None):
                SubElement(element, "SourceRef", {"targetGUID": self.guid("document", span.document)})
            for guid in self._selections_at(s for s in case.spans if s.start is not None):
                SubElement(element, "SelectionRef", {"targetGUID": guid})

    def _selections_at(self, spans: Iterable[Span]) -> list[str]:
        # In their order: that of a set of texts is another at every start, and the bytes would be too.
        wanted = dict.fromkeys((s.document, s.start, s.end) for s in spans)
        return [
            self.guid("selection", *key)
            for document in dict.fromkeys(d for d, *_ in wanted)
            for key in self.passages[document]
            if key[:3] in wanted
        ]

    def _sources(self, root: Element) -> None:
        if not self.source.documents:
            return
        parent = SubElement(root, "Sources")
        for document in self.source.documents.values():
            guid = self.guid("document", document.key)
            source = SubElement(
                parent,
                "TextSource",
                {"guid": guid, "name": clean(document.name), "plainTextPath": f"internal://{guid}.txt"},
            )
            for memo in self.memos["document", document.name]:
                SubElement(source, "Description").text = clean(memo)
            for key, codings in self.passages[document.key].items():
                self._selection(source, key, codings, document.name)
            self._values(source, "document", document.name)

    def _selection(self, source: Element, key: _Key, codings: Sequence[Coded], name: str) -> None:
        _, start, end, label = key
        guid = self.guid("selection", *key)
        element = SubElement(
            source,
            "PlainTextSelection",
            {"guid": guid, "name": clean(label or ""), "startPosition": str(start), "endPosition": str(end)},
        )
        if texts := self.memos["segment", f"{name}@{start}-{end}"]:
            SubElement(element, "Description").text = clean("\n".join(texts))
        for c in codings:
            attributes = {"guid": self.guid("coding", guid, c.code, c.coder)}
            if c.coder:
                attributes["creatingUser"] = self.guid("user", c.coder)
            if c.coded_on:
                attributes["creationDateTime"] = f"{c.coded_on.isoformat()}T00:00:00Z"
            coding = SubElement(element, "Coding", attributes)
            SubElement(coding, "CodeRef", {"targetGUID": self.guid("code", c.code)})


def decimal(value: float) -> str | None:
    """A number as xsd:decimal writes it, to six places; None for what is no number."""
    return None if not math.isfinite(value) else f"{value:.6f}".rstrip("0").rstrip(".")
