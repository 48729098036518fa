"""Codebooks over time: which codes each version had, and what became of them (rule 53)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from coprod_trust.notes.codebook import Code, nearest
from coprod_trust.notes.documents import words
from coprod_trust.notes.table import Reporter, Row, Table, Tally

Kind = Literal["renamed", "merged", "split", "redefined", "dropped"]
KINDS: tuple[Kind, ...] = ("renamed", "merged", "split", "redefined", "dropped")
ANY = ""


@dataclass(frozen=True)
class Version:
    """A codebook. ``declared`` is false for one that the archive alone remembers: an earlier content of the file."""

    name: str
    codes: tuple[Code, ...]
    table: Table
    declared: bool = True

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(c.code for c in self.codes)


@dataclass(frozen=True)
class Mapping:
    """One code became another. ``to_code`` is None where it was given up."""

    from_version: str
    from_code: str
    to_version: str
    to_code: str | None
    kind: Kind
    why: str | None


@dataclass(frozen=True)
class Became:
    """What a code given earlier is now: one code, several (split), or none."""

    codes: tuple[str, ...]
    split: bool = False
    dropped: bool = False


@dataclass
class Versions:
    """Every codebook, oldest first and the present one last, and the mappings between them."""

    versions: list[Version] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._resolved: dict[tuple[str, str | None], Became | None] = {}

    @property
    def current(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    def place(self, name: str | None) -> int | None:
        """The place of a version in time; None where there is none of that name."""
        return next((i for i, v in enumerate(self.versions) if v.name == name), None)

    def became(self, code: str, version: str | None) -> Became | None:
        """What a code is in the present codebook, given in ``version`` (None: not said). None for an unknown code."""
        key = (code, version)
        if key not in self._resolved:
            self._resolved[key] = self._follow(code, version)
        return self._resolved[key]

    def _follow(self, code: str, version: str | None) -> Became | None:
        current = self.current.ids if self.current else frozenset()
        start = self.place(version)
        if start is None and code in current:
            return Became((code,))
        found, split = [code], False
        steps = range(start or 0, len(self.versions) - 1)
        known = code in current or any(code in v.ids for v in self.versions[start or 0 :])
        for i in steps:
            nexts: list[str] = []
            for c in found:
                edges = self._edges(c, i)
                if not edges:
                    nexts.append(c)
                    continue
                to = [m.to_code for m in edges if m.to_code is not None]
                split |= len(set(to)) > 1
                known |= True
                nexts += to
            found = list(dict.fromkeys(nexts))
        if not known:
            return None
        alive = tuple(c for c in found if c in current)
        if found and not alive:
            return None
        return Became(alive, split=split and len(alive) > 1, dropped=not found)

    def _edges(self, code: str, place: int) -> list[Mapping]:
        """The mappings of a code out of the version at that place."""
        version = self.versions[place].name
        return [m for m in self.mappings if m.from_code == code and m.from_version == version]


def read_mapping(table: Table, versions: Versions, report: Reporter) -> Tally:
    """Fill ``versions.mappings``; a version left blank is found from the codes."""
    tally = Tally()
    rows: list[tuple[Row, Mapping]] = []
    for row in table.rows:
        if row.blank:
            tally.blank += 1
            continue
        mapping = _mapping(row, versions, table, report)
        if mapping is None:
            tally.quarantined += 1
        else:
            tally.accepted += 1
            rows.append((row, mapping))
    targets = defaultdict(set)
    sources = defaultdict(set)
    for _, m in rows:
        if m.to_code is not None:
            targets[m.from_version, m.from_code].add(m.to_code)
            sources[m.to_version, m.to_code].add(m.from_code)
    for row, m in rows:
        kind: Kind = m.kind
        if words(row["kind"]) not in KINDS:
            if m.to_code is None:
                kind = "dropped"
            elif len(targets[m.from_version, m.from_code]) > 1:
                kind = "split"
            elif m.to_code == m.from_code:
                kind = "redefined"
            else:
                kind = "merged" if len(sources[m.to_version, m.to_code]) > 1 else "renamed"
        versions.mappings.append(
            Mapping(m.from_version, m.from_code, m.to_version, m.to_code, kind, row["why"] or None)
        )
    return tally


def _mapping(row: Row, versions: Versions, table: Table, report: Reporter) -> Mapping | None:
    from_code, to_code = row["from_code"], row["to_code"] or None
    earlier = versions.versions[:-1]
    start = row["from_version"] or next((v.name for v in reversed(earlier) if from_code in v.ids), ANY)
    place = versions.place(start)
    nexts = versions.versions[place + 1 :] if place is not None else []
    end = row["to_version"] or next((v.name for v in nexts if to_code is None or to_code in v.ids), ANY)
    wrong = None
    if place is None or (versions.place(end) or 0) <= place:
        wrong = ("from_version" if place is None else "to_version", "no such version of the codebook, or not later")
    elif from_code not in versions.versions[place].ids:
        wrong = ("from_code", "the code is not in that version of the codebook")
    elif to_code is not None and to_code not in versions.versions[versions.place(end) or 0].ids:
        wrong = ("to_code", "the code is not in that version of the codebook")
    if wrong is not None:
        report.add(
            "code-mapping-unknown",
            table,
            row=row.number,
            column=wrong[0],
            found=row[wrong[0]] or None,
            message=wrong[1],
            expected="codes and versions of the codebooks that study.yaml names",
            fix="correct the row; versions are the ones under notes: earlier_codebooks and codebook_version",
        )
        return None
    return Mapping(start, from_code, end, to_code, "renamed", None)


def check_versions(versions: Versions, used: Iterable[str], report: Reporter) -> None:
    """Every code that a later codebook lacks must be mapped; of codebooks that only the archive remembers, those that
    segments still use."""
    in_use = frozenset(used)
    current = versions.current.ids if versions.current else frozenset()
    for before, after in pairwise(versions.versions):
        mapped = {m.from_code for m in versions.mappings if m.from_version == before.name}
        gone = [c for c in before.codes if c.code not in after.ids and c.code not in mapped]
        for code in gone:
            # A code that came back needs no mapping, and of undeclared versions only what is in use matters.
            if not before.declared and (code.code not in in_use or code.code in current):
                continue
            _refuse(code, before, after, [c for c in after.codes if c.code not in before.ids], report)
        if before.declared:
            _warn_of_meaning(before, after, mapped, report)


def _refuse(code: Code, before: Version, after: Version, new: Sequence[Code], report: Reporter) -> None:
    report.add(
        "code-renamed",
        after.table,
        column="code",
        found=code.code,
        suggestion=_twin(code, new) or nearest(code.code, after.ids),
        message=f"a code of version {before.name} is gone from version {after.name}, and nothing tells what it became",
        expected="a row in the mapping for each code that was renamed, merged, split or dropped",
        fix="add to notes/code_mapping.csv: from_code, to_code (blank where it was given up), why",
    )


def _twin(code: Code, new: Sequence[Code]) -> str | None:
    """The new code that has the old one's name or definition, where there is one."""
    for other in new:
        if other.name.casefold() == code.name.casefold():
            return other.code
        if code.definition and other.definition:
            alike = SequenceMatcher(None, code.definition.casefold(), other.definition.casefold()).ratio()
            if alike >= 0.8:
                return other.code
    return None


def _warn_of_meaning(before: Version, after: Version, mapped: set[str], report: Reporter) -> None:
    earlier = {c.code: c for c in before.codes}
    changed = [
        c.code
        for c in after.codes
        if c.code in earlier
        and c.code not in mapped
        and (c.definition, c.include, c.exclude)
        != (earlier[c.code].definition, earlier[c.code].include, earlier[c.code].exclude)
    ]
    if changed:
        report.add(
            "code-redefined",
            after.table,
            column="definition",
            found=", ".join(changed),
            message=f"{len(changed)} codes mean something else than in version {before.name}",
            expected="what was coded before is read again, or counts as before",
            fix="read again what was coded under the old definition, and give each segment its codebook_version",
        )
