"""Agreement of each pair of coders, code by code and pooled, from the working database."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import duckdb
import numpy as np

from coprod_trust import beside
from coprod_trust.analysis import rules
from coprod_trust.integrate.boundaries import read_passages
from coprod_trust.notes.agreement import (
    Table2x2,
    ac1,
    cohen_kappa,
    krippendorff_alpha,
    pabak,
    pooled_interval,
    pooled_kappa,
    tabulate,
)
from coprod_trust.store import sql


@dataclass(frozen=True)
class Agreement:
    """A row of ``coder_agreement``; ``code`` None: pooled over all codes that either gave."""

    coder_a: str
    coder_b: str
    code: str | None
    n_segments: int
    n_both: int | None = None
    n_a_only: int | None = None
    n_b_only: int | None = None
    n_neither: int | None = None
    prevalence: float | None = None
    agreement: float | None = None
    kappa: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    alpha: float | None = None
    ac1: float | None = None
    pabak: float | None = None
    declined: str | None = None


def coder_agreement(con: duckdb.DuckDBPyConnection) -> Future[list[Agreement]]:
    """Every pair of coders who read passages in common; under the floor only their number, with the reason. Computed
    beside the run.

    A passage that both cut, if not quite alike, counts as one that both read; one that only one of them cut is left
    out, since nobody knows whether the other would have given it a code.
    """
    given: dict[str, dict[Hashable, set[str]]] = {}
    for segment, code, coder in con.execute("SELECT segment_id, code, coder FROM coding").fetchall():
        given.setdefault(code, {}).setdefault(segment, set()).add(coder)
    pairs: dict[tuple[str, str], list[Hashable]] = {
        (a, b): list(segments) for a, b, segments in sql.run(con, "integrate/read_twice").fetchall()
    }
    passages = read_passages(con)
    for a, b, documents in passages.pairs():
        matched = passages.matched(a, b, documents)
        if matched:
            _join(given, a, b, matched)
            pairs[a, b] = [*pairs.get((a, b), []), *matched]
    listed = [(a, b, segments) for (a, b), segments in sorted(pairs.items())]
    return beside.submit(_of_pairs, listed, given)


def _join(given: Mapping[str, dict[Hashable, set[str]]], a: str, b: str, matched: Sequence[tuple[str, str]]) -> None:
    """Add each pair of matched segments as one, with what either coder gave their part of it."""
    none: set[str] = set()
    for by_segment in given.values():
        for mine, theirs in matched:
            said = ({a} & by_segment.get(mine, none)) | ({b} & by_segment.get(theirs, none))
            if said:
                by_segment[mine, theirs] = said


def _of_pairs(
    pairs: Sequence[tuple[str, str, Sequence[Hashable]]], given: Mapping[str, Mapping[Hashable, set[str]]]
) -> list[Agreement]:
    return [row for a, b, segments in pairs for row in _of_pair(a, b, segments, given)]


def _of_pair(
    a: str, b: str, segments: Sequence[Hashable], given: Mapping[str, Mapping[Hashable, set[str]]]
) -> Iterator[Agreement]:
    too_few = rules.CODER_AGREEMENT.declines(len(segments))
    if too_few:
        yield Agreement(a, b, None, len(segments), declined=too_few)
        return
    tables: dict[str, Table2x2] = {}
    for code in sorted(given):
        table = tabulate(given[code], segments, a, b)
        if table.neither < table.n:
            tables[code] = table
    none: set[str] = set()
    answers = [(a in given[code].get(s, none), b in given[code].get(s, none)) for code in tables for s in segments]
    by_coder = np.array(answers, dtype=bool).reshape(len(tables), len(segments), 2)
    ends = pooled_interval(by_coder[:, :, 0], by_coder[:, :, 1]) if tables else None
    yield Agreement(
        a,
        b,
        None,
        len(segments),
        ci_low=ends[0] if ends else None,
        ci_high=ends[1] if ends else None,
        agreement=sum(t.observed for t in tables.values()) / len(tables) if tables else None,
        kappa=pooled_kappa(list(tables.values())),
        alpha=krippendorff_alpha(answers),
    )
    for code, table in tables.items():
        yield _of_code(a, b, code, table)


def _of_code(a: str, b: str, code: str, table: Table2x2) -> Agreement:
    kappa = cohen_kappa(table)
    units = (
        [(True, True)] * table.both
        + [(True, False)] * table.first_only
        + [(False, True)] * table.second_only
        + [(False, False)] * table.neither
    )
    return Agreement(
        coder_a=a,
        coder_b=b,
        code=code,
        n_segments=table.n,
        n_both=table.both,
        n_a_only=table.first_only,
        n_b_only=table.second_only,
        n_neither=table.neither,
        prevalence=table.prevalence,
        agreement=table.observed,
        kappa=kappa.value,
        ci_low=kappa.ci_low,
        ci_high=kappa.ci_high,
        alpha=krippendorff_alpha(units),
        ac1=ac1(table),
        pabak=pabak(table),
    )
