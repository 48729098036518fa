"""What a project of a coding program holds, whatever the program.

Offsets count code points of ``SourceText.text`` from 0, the end excluded; a line break is one character and there is no
byte order mark. Each reader brings its program's own way of counting to this.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

OUR_PROGRAM = "coprod-trust"  # the origin of projects that we write


@dataclass(frozen=True)
class ProjectCode:
    """A code; ``parent`` is the key of the one above it."""

    key: str
    name: str
    parent: str | None = None
    definition: str | None = None


@dataclass(frozen=True)
class SourceText:
    """A document. ``text`` is None where the project does not hold it as text."""

    key: str
    name: str
    text: str | None


@dataclass(frozen=True)
class Coded:
    """One coder gave one passage one code. ``number`` is its place in the file, from 1. ``text`` is what the program
    wrote down as the passage, where it did; ``label`` is a name that the passage carries."""

    number: int
    document: str
    start: int
    end: int
    code: str
    coder: str | None
    coded_on: date | None = None
    text: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Span:
    """A stretch of a document; without ends all of it."""

    document: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class ProjectCase:
    """A case (a person, a speaker, a group) and where it is in the documents."""

    name: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Value:
    """A variable (attribute) of a case or document. ``subject_name`` is the name of the case or of the document."""

    subject: str
    subject_name: str
    variable: str
    value_type: str
    value: str | None


@dataclass(frozen=True)
class Memo:
    """A memo. ``subject`` is project, code, case, document, segment or coding; ``subject_name`` the key of the code,
    the name of the case or document, or document@start-end."""

    subject: str
    subject_name: str
    text: str
    title: str | None = None
    author: str | None = None
    written_on: date | None = None


@dataclass
class Project:
    """One file. ``lost`` counts what it holds and what is not read, by a plain name; ``remarks`` say what had to be
    assumed and what the format itself cannot hold."""

    program: str
    name: str
    codes: list[ProjectCode] = field(default_factory=list)
    documents: dict[str, SourceText] = field(default_factory=dict)
    codings: list[Coded] = field(default_factory=list)
    cases: list[ProjectCase] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    n_selections: int = 0

    def path_of(self, key: str) -> str:
        """The code with those above it: 'Trust/Provider'."""
        by_key = {c.key: c for c in self.codes}
        names: list[str] = []
        seen: set[str] = set()
        current: str | None = key
        while current is not None and current in by_key and current not in seen:
            seen.add(current)
            names.append(by_key[current].name)
            current = by_key[current].parent
        return "/".join(reversed(names))


def day_of(written: str | None) -> date | None:
    """The day of a moment as programs write it (2021-01-15T23:37:54Z, 2021-01-15 23:37:54); None for anything else."""
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None
