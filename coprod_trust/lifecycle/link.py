"""Linking people whose ids differ between waves. Nothing is merged by itself: pairs are proposed with a score, a person
decides in a review file, and estimates without those who were linked so stand beside the others."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import Link, append, read
from coprod_trust.errors import Reason, StudyError, UsageError
from coprod_trust.ingest.step import inspect_into
from coprod_trust.lifecycle.staged import must_be_given
from coprod_trust.store import StudyPaths, columns_of, open_memory, sql
from coprod_trust.study import Study, load_study
from coprod_trust.study.ids import normalise
from coprod_trust.study.model import CodeElement

REVIEW = "link_review.csv"
FIELDS = ("wave", "id_in_wave", "proposed_id", "score", "why", "decision")
LOWEST = 0.6
AGREES, DIFFERS, BIRTH_YEAR_DIFFERS = 0.1, 0.2, 0.4
MOST = 5000
"""More unmatched ids than this on either side are too many to hold against each other, and to review."""


@dataclass(frozen=True)
class Proposal:
    """Two ids that may be one person: that of ``wave``, unknown before, and one of an earlier wave that is not in it.

    The score is 1 - edits / length, with an exchange of neighbours as one edit (Damerau-Levenshtein), plus .1 for
    each constant covariate that agrees and less .2 (birth year: .4) for each that does not; from 0 to 1.

    For codes of which study.yaml declares the ``elements`` it begins with the weighted share of elements that agree, a
    slip counting half, of those that both codes have; pairs in which more than one element differs are not proposed.
    """

    wave: str
    id_in_wave: str
    proposed_id: str
    score: float
    why: str


def propose(root: Path) -> tuple[Proposal, ...]:
    """Pairs worth a look, the likeliest first, without those that were decided. Raises UsageError where there are more
    unmatched ids than anybody could review."""
    study = load_study(root)
    decided = {(d.wave, d.alias, d.participant_id) for d in read(root, Link)}
    found: list[Proposal] = []
    with open_memory(StudyPaths(root)) as con:
        inspect_into(con, root, study, study.wave_ids[-1])
        waves = [w for w in study.wave_ids if columns_of(con, "answer", w)]
        covariates = [c for c in study.covariates if not c.varying and c.kind != "text"]
        known = _people(con, [c.id for c in covariates])
        present = {w: {p for (p,) in con.execute(f"SELECT participant_id FROM answer.{sql.ident(w)}").fetchall()}
                   for w in waves}  # fmt: skip
        kinds = {c.id: c.kind for c in covariates}
        for n, wave in enumerate(waves[1:], start=1):
            before = set().union(*(present[earlier] for earlier in waves[:n]))
            new, absent = sorted(present[wave] - before), sorted(before - present[wave])
            people = {p: known.get(p, {}) for p in (*new, *absent)}
            found += _pairs(con, wave, new, absent, people, kinds, study.ids.elements)
    found = [p for p in found if (p.wave, p.id_in_wave, p.proposed_id) not in decided]
    return tuple(sorted(found, key=lambda p: (-p.score, p.wave, p.id_in_wave)))


def _people(con: duckdb.DuckDBPyConnection, covariates: Sequence[str]) -> dict[str, dict[str, object]]:
    """What each id says of itself that does not change."""
    there = [c for c in covariates if c in columns_of(con, "main", "participant")]
    names = "".join(f", {sql.ident(c)}" for c in there)
    rows = con.execute(f"SELECT participant_id{names} FROM participant").fetchall()
    return {person: dict(zip(there, values, strict=True)) for person, *values in rows}


def _pairs(
    con: duckdb.DuckDBPyConnection,
    wave: str,
    new: Sequence[str],
    absent: Sequence[str],
    people: Mapping[str, Mapping[str, object]],
    kinds: Mapping[str, str],
    elements: Sequence[CodeElement],
) -> list[Proposal]:
    if max(len(new), len(absent)) > MOST:
        raise UsageError(
            Reason(
                f"{len(new):,} ids of wave {wave} are new and {len(absent):,} known ones absent: too many to compare",
                "ids of that wave are of another kind: give a crosswalk, coprod-trust link STUDY --crosswalk FILE",
            )
        )
    compared = _by_elements(con, new, absent, elements) if elements else _by_signs(con, new, absent)
    scored = []
    for a, b, alike, said in compared:
        score, why = _score(alike, said, people[a], people[b], kinds)
        if score >= LOWEST:
            scored.append(Proposal(wave, a, b, round(score, 2), why))
    best: dict[str, float] = {}
    for s in scored:
        for p in (s.id_in_wave, s.proposed_id):
            best[p] = max(best.get(p, 0.0), s.score)
    return [s for s in scored if s.score == best[s.id_in_wave] == best[s.proposed_id]]


Compared = Iterator[tuple[str, str, float, str]]
"""New id, absent id, how alike they are from 0 to 1, and in words."""


def _by_signs(con: duckdb.DuckDBPyConnection, new: Sequence[str], absent: Sequence[str]) -> Compared:
    rows = con.execute(
        "SELECT a, b, damerau_levenshtein(lower(a), lower(b)), greatest(length(a), length(b)) "
        "FROM (SELECT unnest($new) AS a), (SELECT unnest($absent) AS b) "
        "WHERE damerau_levenshtein(lower(a), lower(b)) <= greatest(1, 0.4 * greatest(length(a), length(b)))",
        {"new": list(new), "absent": list(absent)},
    ).fetchall()
    for a, b, edits, length in rows:
        yield a, b, 1 - edits / length, f"{edits} sign(s) differ" if edits else "only spelling differs"


def _by_elements(
    con: duckdb.DuckDBPyConnection, new: Sequence[str], absent: Sequence[str], elements: Sequence[CodeElement]
) -> Compared:
    bind = {"new": list(new), "absent": list(absent)}
    for a, b, agreement in sql.run(con, "lifecycle/code_pairs", bind, elements=elements).fetchall():
        both = [(e, float(x)) for e, x in zip(elements, agreement, strict=True) if x is not None]
        alike = sum(e.weight * x for e, x in both) / sum(e.weight for e, _ in both)
        said = [f"{sum(x == 1 for _, x in both)} of {len(elements)} elements agree"]
        said += [f"{e.id} {'is a slip' if x else 'differs'}" for e, x in both if x < 1]
        said += [f"{e.id} is missing" for e, x in zip(elements, agreement, strict=True) if x is None]
        yield a, b, alike, ", ".join(said)


def _score(
    alike: float, said: str, one: Mapping[str, object], other: Mapping[str, object], kinds: Mapping[str, str]
) -> tuple[float, str]:
    score, words = alike, [said]
    for name in one:
        if one[name] is None or other.get(name) is None:
            continue
        if one[name] == other[name]:
            score += AGREES
            words.append(f"{name} agrees")
        else:
            score -= BIRTH_YEAR_DIFFERS if kinds.get(name) == "birth_year" else DIFFERS
            words.append(f"{name} differs")
    return max(0.0, min(1.0, score)), ", ".join(words)


def write_review(root: Path, proposals: Sequence[Proposal]) -> Path:
    """The proposals as a table to fill in: work/link_review.csv, with an empty column decision."""
    path = StudyPaths(root).work / REVIEW
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows((p.wave, p.id_in_wave, p.proposed_id, f"{p.score:.2f}", p.why, "") for p in proposals)
    return path


def link(root: Path, wave: str, alias: str, participant: str, who: str, why: str, same: bool = True) -> None:
    """Decide that an id in a wave is that of a person known by another id, or (``same`` false) that it is not."""
    study = load_study(root)
    must_be_given(who=who, why=why)
    _append(root, study, wave, alias, participant, who, why, same)


def take_review(root: Path, file: Path, who: str, why: str) -> tuple[int, int]:
    """Record the decisions of a review file; returns how many were 'same' and how many 'different'."""
    study = load_study(root)
    must_be_given(who=who, why=why)
    with file.open(newline="", encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle))
    counts = {"same": 0, "different": 0}
    reasons = []
    for line, row in enumerate(rows, start=2):
        said = (row.get("decision") or "").strip().casefold()
        if said not in ("", *counts):
            reasons.append(Reason("decision is same, different, or empty", "correct that line", f"{file}:{line}"))
    if reasons:
        raise StudyError(*reasons)
    for row in rows:
        said = (row.get("decision") or "").strip().casefold()
        if said:
            _append(root, study, row["wave"], row["id_in_wave"], row["proposed_id"], who, why, said == "same")
            counts[said] += 1
    return counts["same"], counts["different"]


def take_crosswalk(root: Path, file: Path, who: str, why: str) -> int:
    """Record a crosswalk: a CSV with participant_id and a column a wave that holds the id then; returns the links.

    Raises StudyError where a column is no wave or one id of a wave is two people's.
    """
    study = load_study(root)
    must_be_given(who=who, why=why)
    with file.open(newline="", encoding="utf-8-sig") as handle:
        reader = csv.DictReader(handle)
        names = list(reader.fieldnames or ())
        rows = list(reader)
    waves = [n for n in names if n in study.wave_ids]
    if "participant_id" not in names or not waves:
        raise StudyError(
            Reason(
                "not a crosswalk", f"columns: participant_id, and one a wave: {', '.join(study.wave_ids)}", str(file)
            )
        )
    links: dict[tuple[str, str], str] = {}
    for line, row in enumerate(rows, start=2):
        person = normalise(study.ids, row["participant_id"])
        for wave in waves:
            alias = normalise(study.ids, row[wave])
            if not alias or not person or alias == person:
                continue
            if links.setdefault((wave, alias), person) != person:
                raise StudyError(Reason(f"an id of {wave} is two people's", "correct that line", f"{file}:{line}"))
    for (wave, alias), person in links.items():
        _append(root, study, wave, alias, person, who, why, True, "crosswalk")
    return len(links)


def _append(
    root: Path,
    study: Study,
    wave: str,
    alias: str,
    participant: str,
    who: str,
    why: str,
    same: bool,
    how: Literal["crosswalk"] | None = None,
) -> None:
    if wave not in study.wave_ids:
        raise UsageError(Reason(f"there is no wave {wave}", f"choose one of: {', '.join(study.wave_ids)}"))
    one, other = normalise(study.ids, alias), normalise(study.ids, participant)
    if not one or not other or one == other:
        raise UsageError(Reason("these are one id already, or none", "name the id in that wave and the person's own"))
    append(
        root,
        Link(who=who, when=clock.now(), why=why, wave=wave, alias=one, participant_id=other, same=same, how=how),
    )
