"""Projects of coding programs, written for tests as the programs write them."""

from __future__ import annotations

import sqlite3
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.projects import Project, open_project

NAMESPACE = "urn:QDA-XML:project:1.0"


def guid(name: str) -> str:
    """The same GUID for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def qde(*, origin: str = "NVivo 14", **parts: str) -> str:
    """A project.qde; parts are named users, codes, variables, cases, sources, notes, links, after."""
    p = dict.fromkeys(("users", "codes", "variables", "cases", "sources", "notes", "links", "after"), "") | parts

    def wrap(tag: str, inner: str) -> str:
        return f"<{tag}>{inner}</{tag}>" if inner else ""

    return (
        f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="{NAMESPACE}" name="p" origin={quoteattr(origin)}>'
        + wrap("Users", p["users"] or user("ann") + user("ben"))
        + wrap("CodeBook", wrap("Codes", p["codes"]))
        + wrap("Variables", p["variables"])
        + wrap("Cases", p["cases"])
        + wrap("Sources", p["sources"])
        + wrap("Notes", p["notes"])
        + wrap("Links", p["links"])
        + p["after"]
        + "</Project>"
    )


def user(name: str) -> str:
    return f'<User guid="{guid(name)}" name="{name}"/>'


def code(name: str, inner: str = "", **more: str) -> str:
    rest = "".join(f" {k}={quoteattr(v)}" for k, v in more.items())
    return f'<Code guid="{guid(name)}" name={quoteattr(name)} isCodable="true"{rest}>{inner}</Code>'


def coding(name: str, coder: str = "ann", day: str = "2025-07-22T10:00:00Z") -> str:
    return (
        f'<Coding guid="{uuid.uuid4()}" creatingUser="{guid(coder)}" creationDateTime="{day}">'
        f'<CodeRef targetGUID="{guid(name)}"/></Coding>'
    )


def selection(start: int, end: int, *inner: str, name: str = "", key: str = "") -> str:
    return (
        f'<PlainTextSelection guid="{guid(key or f"{start}-{end}-{name}")}" name={quoteattr(name)} '
        f'startPosition="{start}" endPosition="{end}" creatingUser="{guid("ann")}">'
        f"{''.join(inner)}</PlainTextSelection>"
    )


def source(name: str, *inner: str, path: str | None = None, text: str | None = None) -> str:
    """A TextSource; ``text`` stands in the XML itself, else a file of that name is pointed at."""
    content = f"<PlainTextContent>{escape(text)}</PlainTextContent>" if text is not None else ""
    where = "" if text is not None else f' plainTextPath="{path or f"internal://{name}.txt"}"'
    start = f'<TextSource guid="{guid("source " + name)}" name={quoteattr(name)}{where}>'
    return f"{start}{content}{''.join(inner)}</TextSource>"


def reference(tag: str, name: str) -> str:
    return f'<{tag} targetGUID="{guid(name)}"/>'


def qdpx(path: Path, xml: str, texts: Mapping[str, str | bytes] | None = None, *, inner: str = "project.qde") -> Path:
    """A .qdpx with that XML and, in sources/, those texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner, xml)
        for name, text in (texts or {}).items():
            archive.writestr(f"sources/{name}", text if isinstance(text, bytes) else text.encode())
    return path


QUALCODER = """
CREATE TABLE project (databaseversion TEXT, date TEXT, memo TEXT, about TEXT, codername TEXT);
CREATE TABLE code_cat (catid INTEGER PRIMARY KEY, name TEXT, owner TEXT, date TEXT, memo TEXT, supercatid INTEGER);
CREATE TABLE code_name (cid INTEGER PRIMARY KEY, name TEXT, memo TEXT, catid INTEGER, owner TEXT, date TEXT,
    color TEXT);
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT, fulltext TEXT, mediapath TEXT, memo TEXT, owner TEXT,
    date TEXT);
CREATE TABLE code_text (ctid INTEGER PRIMARY KEY, cid INTEGER, fid INTEGER, seltext TEXT, pos0 INTEGER, pos1 INTEGER,
    owner TEXT, date TEXT, memo TEXT, avid INTEGER, important INTEGER);
CREATE TABLE code_image (imid INTEGER PRIMARY KEY, id INTEGER, cid INTEGER, memo TEXT);
CREATE TABLE cases (caseid INTEGER PRIMARY KEY, name TEXT, memo TEXT, owner TEXT, date TEXT);
CREATE TABLE case_text (id INTEGER PRIMARY KEY, caseid INTEGER, fid INTEGER, pos0 INTEGER, pos1 INTEGER, owner TEXT,
    date TEXT, memo TEXT);
CREATE TABLE attribute_type (name TEXT PRIMARY KEY, date TEXT, owner TEXT, memo TEXT, caseOrFile TEXT, valuetype TEXT);
CREATE TABLE attribute (attrid INTEGER PRIMARY KEY, name TEXT, attr_type TEXT, value TEXT, id INTEGER, date TEXT,
    owner TEXT);
CREATE TABLE annotation (anid INTEGER PRIMARY KEY, fid INTEGER, pos0 INTEGER, pos1 INTEGER, memo TEXT, owner TEXT,
    date TEXT);
CREATE TABLE journal (jid INTEGER PRIMARY KEY, name TEXT, jentry TEXT, date TEXT, owner TEXT);
"""
TAGUETTE = """
CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created TEXT);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT, project_id INTEGER,
    contents TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER, end_offset INTEGER,
    snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
CREATE TABLE commands (id INTEGER PRIMARY KEY, date TEXT, user_login TEXT, project_id INTEGER, document_id INTEGER,
    payload TEXT);
"""


def database(path: Path, schema: str, rows: Mapping[str, list[tuple[object, ...]]]) -> Path:
    """An SQLite file with those tables and rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con = sqlite3.connect(path)
    con.executescript(schema)
    for table, values in rows.items():
        width = len(con.execute(f"PRAGMA table_info({table})").fetchall())
        for row in values:
            con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", row + (None,) * (width - len(row)))
    con.commit()
    con.close()
    return path


def read(path: Path) -> Project:
    return open_project(path, path.name, Report(path.name, None, "x"))[1]


def refusal(path: Path) -> Problem:
    """The problem with which the file is refused."""
    try:
        read(path)
    except FileRefused as refused:
        (problem,) = refused.problems
        assert problem.severity == "refuse" and problem.fix and problem.expected
        return problem
    raise AssertionError("the file was not refused")


def words(project: Project) -> list[str]:
    """The words at the offsets of each coding."""
    found = []
    for c in project.codings:
        text = project.documents[c.document].text
        assert text is not None
        found.append(text[c.start : c.end])
    return found
