"""Sums of products over a large table, made by the database from whole numbers.

A variable is counted in steps from a centre: where its values lie on a grid (answers, years, means of answers) the step
is the grid's, elsewhere it is so fine that rounding does not matter. Whole numbers can be added in any order, and what
is found about centre, step and spread is the same in whatever order the rows are looked at: the same table gives the
same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.store import sql

if TYPE_CHECKING:
    import duckdb

# Rows in which a grid and a centre are looked for first; the scan itself finds out whether all rows lie on it.
SAMPLED_PEOPLE = 10_000
# Steps per hundred units that scores come on: whole numbers, halves, quarters, and POMP of 2 to 10 items.
STEPS = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 60, 100, 120, 200, 240, 300, 400, 500, 600, 840, 1000, 1200, 1680, 2520)
OFF_GRID = 1e-6  # of a step
# Off a grid, half the range of a variable is 2^30 steps, so that a product fits 63 bits; where that leaves a standard
# deviation less than 2^14 steps (a value very far from all others), 2^50 steps, and products of 127 bits.
BITS, WIDE_BITS, FEWEST_BITS = 30, 50, 14


@dataclass(frozen=True)
class Lattice:
    """Variable j in a row is ``centre[j]`` + a whole number / ``unit[j]``; position 0 is the constant. ``exact``: its
    values lie on a grid. ``wide``: products need more than 63 bits."""

    centre: tuple[float, ...]
    unit: tuple[float, ...]
    exact: tuple[bool, ...]
    wide: bool = False

    def with_block(self, block: Sequence[int], centre: float, unit: float, exact: bool) -> Lattice:
        """The same with other settings for the variables of a block."""

        def put(values: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
            return tuple(value if j in block else v for j, v in enumerate(values))

        return replace(self, centre=put(self.centre, centre), unit=put(self.unit, unit), exact=put(self.exact, exact))


@dataclass(frozen=True)
class _Sums:
    """Per pattern of missing values: mask, people, and sums of whole numbers (of 64 bits where all variables lie on a
    grid, else Python's, of any size)."""

    masks: np.ndarray  # (G,)
    counts: np.ndarray  # (G,)
    first: np.ndarray  # (G, d)
    second: np.ndarray  # (G, d, d)
    far: np.ndarray  # (d,) farthest from the centre, in steps
    off: np.ndarray  # (d,) farthest from the grid, in steps


def standardised_sums(
    con: duckdb.DuckDBPyConnection,
    names: Mapping[str, Any],
    expressions: Sequence[str],
    blocks: Sequence[Sequence[int]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """masks (G,), counts (G,), moments (G, d, d) of the standardised variables, centre (d,), scale (d,).

    ``blocks``: positions of variables that share centre and scale (an outcome over the waves). ``names``: what the
    templates need to find the rows (table, where). Memory does not grow with the table.
    """
    table = _Table(con, names, expressions)
    lattice = table.first_guess(blocks)
    sums = table.sums(lattice)
    for _ in range(3):
        mended = table.mended(lattice, sums, blocks)
        if mended == lattice:
            break
        lattice = mended
        sums = table.sums(lattice)
    return _standardised(lattice, sums, blocks)


@dataclass(frozen=True)
class _Table:
    con: duckdb.DuckDBPyConnection
    names: Mapping[str, Any]
    expressions: Sequence[str]

    def first_guess(self, blocks: Sequence[Sequence[int]]) -> Lattice:
        """Where the first rows lie."""
        rows = sql.run(
            self.con, "mixed/sample", expressions=self.expressions, rows=SAMPLED_PEOPLE, **self.names
        ).fetchnumpy()
        d = len(self.expressions) + 1
        found = Lattice((0.0,) * d, (1.0,) * d, (True,) * d)
        loose = []
        for block in blocks:
            values: list[np.ndarray] = [np.ma.filled(np.ma.asarray(rows[f"v_{j}"], dtype=float), np.nan) for j in block]
            seen = np.concatenate(values)
            seen = seen[~np.isnan(seen)]
            step = _steps_per_unit(seen)
            if step is None:
                loose.append(block)
            elif len(seen):
                found = found.with_block(block, float(np.round(seen.mean() * step) / step), step, True)
        return self._off_grid(found, loose)

    def _off_grid(self, lattice: Lattice, blocks: Sequence[Sequence[int]]) -> Lattice:
        """Fine steps over the whole range for variables that lie on no grid."""
        if not blocks:
            return lattice
        chosen = [j for block in blocks for j in block]
        row = sql.run(
            self.con, "mixed/range", expressions=[self.expressions[j - 1] for j in chosen], **self.names
        ).fetchone()
        ends = {j: (row or ())[2 * k : 2 * k + 2] for k, j in enumerate(chosen)}
        for block in blocks:
            low = min((ends[j][0] for j in block if ends[j][0] is not None), default=0.0)
            high = max((ends[j][1] for j in block if ends[j][1] is not None), default=0.0)
            if not np.isfinite([low, high]).all():
                raise ValueError("a covariate or an outcome holds an infinite value")
            half = (high - low) / 2
            unit = 2.0 ** (WIDE_BITS if lattice.wide else BITS) / half if half else 1.0
            lattice = lattice.with_block(block, (low + high) / 2, unit, False)
        return lattice

    def mended(self, lattice: Lattice, sums: _Sums, blocks: Sequence[Sequence[int]]) -> Lattice:
        """A lattice on which all rows lie, where the scan showed that this one does not hold them."""
        loose, people = [], int(sums.counts.sum())
        for block in blocks:
            j = list(block)
            if lattice.exact[j[0]]:
                if (sums.off[j] > OFF_GRID).any():
                    found = self._steps_of_all(block)
                    if found is None:
                        loose.append(block)
                    else:
                        centre = float(np.round(lattice.centre[j[0]] * found) / found)
                        lattice = lattice.with_block(block, centre, found, True)
                elif sums.far[j].max() ** 2 * people >= 2**53:
                    loose.append(block)
        lattice = self._off_grid(lattice, loose)
        if not lattice.wide and not loose:
            spreads = [_centre_and_spread(sums, block)[1] for block in blocks if not lattice.exact[block[0]]]
            if any(0 < s < 2**FEWEST_BITS for s in spreads):
                wide = replace(lattice, wide=True)
                return self._off_grid(wide, [b for b in blocks if not lattice.exact[b[0]]])
        return lattice

    def _steps_of_all(self, block: Sequence[int]) -> float | None:
        """The grid on which all rows of a block lie."""
        row = sql.run(
            self.con,
            "mixed/steps",
            expressions=[self.expressions[j - 1] for j in block],
            steps=[s / 100 for s in STEPS],
            **self.names,
        ).fetchone()
        fits = (s / 100 for s, off in zip(STEPS, row or (), strict=True) if off is None or off < OFF_GRID)
        return next(fits, None)

    def sums(self, lattice: Lattice) -> _Sums:
        """The scan."""
        result = sql.run(
            self.con,
            "mixed/moments",
            expressions=self.expressions,
            centre=[repr(c) for c in lattice.centre[1:]],
            unit=[repr(u) for u in lattice.unit[1:]],
            exact=lattice.exact[1:],
            integer="HUGEINT" if lattice.wide else "BIGINT",
            **self.names,
        )
        columns = _whole_doubles(result) if all(lattice.exact) else _whole_numbers(result)
        masks, counts, *rest = columns
        d = len(self.expressions) + 1
        kind = np.int64 if all(lattice.exact) else object
        first, second = np.zeros((len(masks), d), kind), np.zeros((len(masks), d, d), kind)
        far, off = np.zeros(d), np.zeros(d)
        first[:, 0] = second[:, 0, 0] = counts
        at = 0
        for j in range(1, d):
            far[j], off[j] = rest[at].max(), rest[at + 1].max()
            first[:, j] = second[:, 0, j] = second[:, j, 0] = rest[at + 2]
            for i in range(1, j + 1):
                second[:, i, j] = second[:, j, i] = rest[at + 2 + i]
            at += 3 + j
        return _Sums(masks.astype(np.int64), counts.astype(np.int64), first, second, far, off)


def _whole_doubles(result: duckdb.DuckDBPyConnection) -> list[np.ndarray]:
    """The columns of sums that doubles hold exactly, rows in order of the mask."""
    columns = [np.ma.filled(np.ma.asarray(c), 0) for c in result.fetchnumpy().values()]
    order = np.argsort(columns[0])
    return [c[order] for c in columns]


def _whole_numbers(result: duckdb.DuckDBPyConnection) -> list[np.ndarray]:
    """The columns of sums of any size as Python's numbers, rows in order of the mask."""
    rows = sorted(result.fetchall())
    found = []
    for column in zip(*rows, strict=True):
        whole = np.empty(len(rows), dtype=object)
        # sums of variables on a grid come as doubles without a fraction
        whole[:] = [0 if v is None else int(v) if isinstance(v, float) and v.is_integer() else v for v in column]
        found.append(whole)
    return found


def _steps_per_unit(values: np.ndarray) -> float | None:
    """How many steps of the values' grid make one, or None where they lie on none of up to 25.2 steps a point."""
    for hundredths in STEPS:
        steps = hundredths / 100
        if not len(values) or np.abs(values * steps - np.round(values * steps)).max() < OFF_GRID:
            return steps
    return None


def _centre_and_spread(sums: _Sums, block: Sequence[int]) -> tuple[int, float]:
    """The mean of a block in steps from its centre, as a whole number, and its standard deviation in steps."""
    total, squares, n = 0, 0, 0
    for j in block:
        present = (sums.masks >> j) & 1
        total += int(sums.first[:, j].sum())
        squares += int(sums.second[:, j, j].sum())
        n += int(present @ sums.counts)
    if not n:
        return 0, 0.0
    return (2 * total + n) // (2 * n), sqrt(max(n * squares - total * total, 0)) / n


def _standardised(
    lattice: Lattice, sums: _Sums, blocks: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The sums about the mean (still in whole numbers), then in units of the standard deviation."""
    d = len(lattice.unit)
    kind = sums.first.dtype
    shift, centre, scale = np.zeros(d, kind), np.zeros(d), np.ones(d)
    for block in blocks:
        moved, spread = _centre_and_spread(sums, block)
        unit, start, j = lattice.unit[block[0]], lattice.centre[block[0]], list(block)
        shift[j] = moved
        # on a grid the same number whatever the first rows were
        centre[j] = (round(start * unit) + moved) / unit if lattice.exact[block[0]] else start + moved / unit
        scale[j] = spread / unit if spread else 1.0
    present = ((sums.masks[:, None] >> np.arange(d)) & 1).astype(kind)
    counts = sums.counts.astype(kind)
    mean = present * shift  # (G, d)
    second = (
        sums.second
        - mean[:, :, None] * sums.first[:, None, :]
        - mean[:, None, :] * sums.first[:, :, None]
        + mean[:, :, None] * mean[:, None, :] * counts[:, None, None]
    )
    both = present[:, :, None] * present[:, None, :]
    steps = np.array(lattice.unit) * scale
    steps[0] = 1.0
    moments = (second * both).astype(float) / (steps[:, None] * steps[None, :])
    return sums.masks, sums.counts, moments, centre, scale
