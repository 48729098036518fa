"""Rules about how answers hang together (23, 40 to 43, 47, 48). They warn; nothing is changed by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from math import atanh, sqrt, tanh

import duckdb

from coprod_trust.ingest.fields import Field
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.store import sql
from coprod_trust.study import Scale, Study

SAMPLE = 20_000  # people looked at where a correlation is all that is asked
STRAIGHT_FROM = 8  # answers from which the same answer throughout is noted
IDENTICAL_FROM = 15  # answers from which a row identical to an earlier one is noted
REVERSED_FROM = 10  # people from which an item-rest correlation is looked at
INVERTED_FROM, INVERTED_R = 20, -0.3


def other_groups(part: Part, study: Study, fields: Mapping[str, Field], ledger: Ledger) -> None:
    """Rule 23: answers to a scale by a group that is not asked it."""
    group = part.layout.of("group")
    if group is None or all(s.groups is None for s in study.scales):
        return
    groups = sorted(part.groups.items())
    written = sql.run(ledger.con, "staging/groups", part=part, column=group.storage, groups=groups).fetchall()
    there = {g for (g,) in written}
    for scale in study.scales:
        items = [(i, use) for i, use in part.layout.items.items() if use.scale is scale]
        if scale.groups is None or not items or there <= {*scale.groups}:
            continue
        ledger.check(
            "scale-of-another-group",
            "other_group",
            Wording(
                f"an answer to {scale.id}, which this person's group is not asked",
                f"answers by {', '.join(scale.groups)} only",
                "correct the group or the id; if the group was asked too, name it under the scale's groups",
            ),
            part=part,
            items=[{"field": fields[i], "storage": use.storage, "file_column": use.name} for i, use in items],
            scale=scale.id,
            asked=scale.groups,
            group_column=group.storage,
            groups=groups,
        )


def patterns(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    waves: Mapping[str, Sequence[Part]],
    fields: Mapping[str, Mapping[str, Field]],
    ledger: Ledger,
) -> None:
    """Rules 40 to 43, 47 and 48 on answer.<wave> of all waves, in order. ``fields``: by source."""
    for wave, parts in waves.items():
        present = {i for p in parts for i in p.layout.items}
        rows = sum(p.staged.rows for p in parts)
        scales = {s.id: items for s in study.scales if (items := [i.id for i in s.items if i.id in present])}
        constant = set(_constant(con, wave, [i for items in scales.values() for i in items]))
        for scale in study.scales:
            if scale.id in scales:
                _one_wave(con, scale, wave, scales[scale.id], constant, rows, ledger)
        _straight(con, study, wave, present, ledger)
    for earlier, later in pairwise(waves):
        first, second = waves[earlier], waves[later]
        rows = max(sum(p.staged.rows for p in w) for w in (first, second))
        both = {
            s.id: [i.id for i in s.items if all(any(i.id in p.layout.items for p in w) for w in (first, second))]
            for s in study.scales
        }
        beside = len(first) == len(second) == 1 and first[0].base == second[0].base
        _linked(con, study, earlier, later, both, rows, beside, ledger)
        _identical(con, earlier, later, waves, fields, [i for items in both.values() for i in items], beside, ledger)


def _one_wave(
    con: duckdb.DuckDBPyConnection,
    scale: Scale,
    wave: str,
    items: Sequence[str],
    constant: Set[str],
    rows: int,
    ledger: Ledger,
) -> None:
    low, high = scale.ends(wave)
    bind = {"every": max(1, rows // SAMPLE)}
    reverse = [i.id for i in scale.items if i.reverse]
    for item in items:
        if item not in constant:
            continue
        ledger.tell(
            "item-without-variance",
            Wording(
                f"everybody gave the same answer to {item} of {scale.id}; no alpha is computed",
                "answers that differ",
                "check that the column is the right one",
            ),
            wave=wave, column_name=item, scale=scale.id,
        )  # fmt: skip
    turned = [i for i in reverse if i in items and i not in constant]
    if not turned or len(items) < 2:
        return
    row = sql.run(
        con, "checks/item_rest", bind, wave=wave, items=items, turned=reverse, ends=low + high, looked_at=turned
    ).fetchone()
    assert row is not None
    for k, item in enumerate(turned):
        r, n = row[2 * k : 2 * k + 2]
        if n >= REVERSED_FROM and r is not None and r < 0:
            ledger.tell(
                "reverse-item-reversed",
                Wording(
                    f"{item} of {scale.id} runs against the other items once it is turned (r = {r:.2f}, n = {n}): "
                    "it looks already reversed in the file",
                    "a reverse item as it was answered",
                    "ask whoever prepared the file; if it was turned already, set reverse: false for it",
                ),
                wave=wave, column_name=item, scale=scale.id,
            )  # fmt: skip


def _constant(con: duckdb.DuckDBPyConnection, wave: str, items: Sequence[str]) -> list[str]:
    """Items with at least two answers, all alike; a look at the first rows settles nearly every case."""
    left = list(items)
    for limit in (1000, None):
        if left:
            row = sql.run(con, "checks/constant", wave=wave, items=left, limit=limit).fetchone()
            assert row is not None
            figures = {item: row[3 * k : 3 * k + 3] for k, item in enumerate(left)}
            left = [i for i, (least, most, n) in figures.items() if least == most and (limit or n >= 2)]
    return left


def _straight(con: duckdb.DuckDBPyConnection, study: Study, wave: str, present: set[str], ledger: Ledger) -> None:
    """Rule 42, over the items that share one response format."""
    formats: dict[tuple[float, float], list[str]] = {}
    for scale in study.scales:
        if scale.integer:
            formats.setdefault(scale.ends(wave), []).extend(i.id for i in scale.items if i.id in present)
    for (low, high), items in formats.items():
        if len(items) >= STRAIGHT_FROM:
            before = _count(con)
            ledger.check(
                "straight-lining",
                "straight",
                Wording(
                    f"one and the same answer to every question answered from {low:g} to {high:g}, "
                    f"{STRAIGHT_FROM} or more of them",
                    "answers that differ between questions",
                    "nothing: a sensitivity analysis leaves the person out",
                ),
                # Somebody may have done so in one format and not in another: each is a problem of its own.
                {"least": STRAIGHT_FROM, "columns": f"{items[0]} … {items[-1]}"},
                wave=wave,
                items=items,
            )
            _flag(con, "straight-lining", wave, before)


def _linked(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    earlier: str,
    later: str,
    both: Mapping[str, Sequence[str]],
    rows: int,
    beside: bool,
    ledger: Ledger,
) -> None:
    """Rules 41 and 48, for every scale that both waves have."""
    scales = [s for s in study.scales if both[s.id]]
    if not scales:
        return
    row = sql.run(
        con,
        "checks/linked",
        {"every": max(1, rows // SAMPLE), "first": (rows - SAMPLE) // 2, "last": (rows + SAMPLE) // 2},
        earlier=earlier,
        later=later,
        beside=beside,
        scales=[
            {
                "items_asked": both[s.id],
                "turned": [i.id for i in s.items if i.reverse],
                "ends": (sum(s.ends(earlier)), sum(s.ends(later))),
            }
            for s in scales
        ],
    ).fetchone()
    assert row is not None
    for k, scale in enumerate(scales):
        _two_waves(scale, earlier, later, row[2 * k], row[2 * k + 1], rows, ledger)


def _two_waves(scale: Scale, earlier: str, later: str, r: float | None, n: int, rows: int, ledger: Ledger) -> None:
    if n == 1 and rows <= SAMPLE:
        ledger.tell(
            "one-person-left",
            Wording(
                f"one person alone answered {scale.id} at both {earlier} and {later}; change is not tested",
                "two people or more",
                "check the ids if you expect more people at both waves",
            ),
            wave=later, scale=scale.id,
        )  # fmt: skip
    if r is None or n < INVERTED_FROM or r >= INVERTED_R:
        return
    upper = tanh(atanh(max(r, -0.999999)) + 1.959964 / sqrt(n - 3))
    if upper < 0:
        ledger.tell(
            "scale-inverted",
            Wording(
                f"{scale.id} at {later} runs against {earlier} (linked r = {r:.2f}, n = {n}): its answers may be coded "
                "the other way round. No sentences are written about it",
                "a positive correlation between waves",
                "check the order of the answers in both questionnaires; declare what was reversed",
            ),
            wave=later, scale=scale.id,
        )  # fmt: skip


def _identical(
    con: duckdb.DuckDBPyConnection,
    earlier: str,
    later: str,
    waves: Mapping[str, Sequence[Part]],
    fields: Mapping[str, Mapping[str, Field]],
    items: Sequence[str],
    beside: bool,
    ledger: Ledger,
) -> None:
    """Rule 43: 15 or more answers, all as at the wave before. Waves that lie side by side in one file are compared in
    its rows, without looking people up."""
    if len(items) < IDENTICAL_FROM:
        return
    first, second = waves[earlier], waves[later]
    before = _count(con)
    ledger.check(
        "identical-answers",
        "identical_beside" if beside else "identical",
        Wording(
            f"every answer is that of {earlier} again",
            "some answers that differ",
            "nothing: many people do not change. A sensitivity analysis leaves the person out",
        ),
        {"least": IDENTICAL_FROM},
        earlier=earlier,
        later=later,
        items=items,
        part=second[0],
        pairs=[(fields[first[0].source_id][i], fields[second[0].source_id][i]) for i in items] if beside else [],
    )
    _flag(con, "identical-answers", later, before)


def _count(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("SELECT count(*) FROM noticed").fetchone()
    return int(row[0]) if row else 0


def _flag(con: duckdb.DuckDBPyConnection, rule: str, wave: str, before: int) -> None:
    if _count(con) > before:
        sql.run(con, "checks/flag", {"rule": rule, "wave": wave}, wave=wave)
