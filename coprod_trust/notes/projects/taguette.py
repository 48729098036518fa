"""Taguette: an SQLite file. Offsets are positions in the UTF-8 bytes of a document's text, its HTML tags left out.

Highlights carry no coder. The log of commands says who made each; where it is gone, the coder is not known.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.projects.database import Database, open_database
from coprod_trust.notes.projects.model import Coded, Memo, Project, ProjectCode, SourceText, day_of

TABLES = ("documents", "tags", "highlights", "highlight_tags", "projects")


class _Words(HTMLParser):
    """Gathers the text between tags; entities are turned into characters, as Taguette counts them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(contents: str) -> str:
    """The text of HTML without its tags."""
    reader = _Words()
    reader.feed(contents)
    reader.close()
    return "".join(reader.parts)


class _Bytes:
    """Where a byte of the UTF-8 text lies in characters."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8")
        self.plain = len(self.data) == len(text)

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """The passage in characters; None where it lies outside or cuts a character in two."""
        if not 0 <= start <= end <= len(self.data):
            return None
        if self.plain:
            return start, end
        try:
            before = len(self.data[:start].decode("utf-8"))
            return before, before + len(self.data[start:end].decode("utf-8"))
        except UnicodeDecodeError:
            return None


def read_project(path: Path, report: Report) -> Project:
    """The one project of the file; refuses a server's database with several."""
    with open_database(path, report) as db:
        projects = db.rows("projects", "id", "name", "description")
        if len(projects) > 1:
            report.refuse(
                "file-unreadable",
                "the database holds several projects",
                "one project",
                "in Taguette open the project, export it (Project info, Export project) and hand in that file",
            )
        name = projects[0][1] if projects else path.stem
        project = Project("Taguette", name or path.stem)
        if projects and projects[0][2]:
            project.memos.append(Memo("project", project.name, projects[0][2]))
        _read(db, project)
        return project


def _read(db: Database, project: Project) -> None:
    project.remarks.append("Taguette knows neither cases nor variables; say in roster.csv who speaks")
    coders = _coders(db)
    if not coders and db.count("highlights"):
        project.remarks.append("the log of commands is gone, so nobody knows who coded")
    for key, path, description in db.rows("tags", "id", "path", "description"):
        project.codes.append(ProjectCode(str(key), path, None, (description or "").strip() or None))
    places: dict[int, _Bytes] = {}
    for key, name, contents, description in db.rows("documents", "id", "name", "contents", "description"):
        text = text_of(contents or "")
        places[key] = _Bytes(text)
        project.documents[str(key)] = SourceText(str(key), name, text)
        if description and description.strip():
            project.memos.append(Memo("document", name, description.strip()))
    tags: dict[int, list[int]] = {}
    for highlight, tag in db.rows("highlight_tags", "highlight_id", "tag_id"):
        tags.setdefault(highlight, []).append(tag)
    number = 0
    for key, document, start, end, snippet in db.rows(
        "highlights", "id", "document_id", "start_offset", "end_offset", "snippet"
    ):
        project.n_selections += 1
        if document not in places:
            project.lost["highlights of a document that is not in the project"] += 1
            continue
        placed = places[document].place(int(start), int(end)) or (int(start), int(end))
        coder, day = coders.get(key, (None, None))
        if key not in tags:
            project.lost["highlights without a tag"] += 1
        for tag in tags.get(key, ()):
            number += 1
            words = text_of(snippet or "") or None
            project.codings.append(
                Coded(number, str(document), *placed, str(tag), coder, day_of(str(day) if day else None), words)
            )


def _coders(db: Database) -> Mapping[int, tuple[str, Any]]:
    """Who made each highlight first, and when."""
    found: dict[int, tuple[str, Any]] = {}
    for day, login, payload in db.rows("commands", "date", "user_login", "payload"):
        try:
            said = json.loads(payload)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("type") == "highlight_add" and isinstance(said.get("highlight_id"), int):
            found.setdefault(said["highlight_id"], (html.unescape(login), day))
    return found
