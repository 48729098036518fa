"""One scan of a wide table: fetched where it is small, summed by the database where it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.store import sql

if TYPE_CHECKING:
    import duckdb

    from coprod_trust.mixed.panel import Panel

# Centre, scale and grid are taken from the first rows, in the table's own order, so that one scan is enough.
SAMPLED_PEOPLE = 10_000
# A standardised value is held to 2^-26: within 32 standard deviations its products fit 63 bits. The error, 7e-9 of a
# standard deviation a value, is averaged over all the people of a large table.
FIXED_POINT_BITS = 26
# Steps per hundred units that scores come on: whole numbers, halves, quarters, and POMP of 2 to 10 items.
STEPS = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 60, 100, 120, 200, 240, 300, 400, 500, 600, 840, 1000, 1200, 1680, 2520)


@dataclass(frozen=True)
class Source:
    """A wide table and the columns of it that a panel needs."""

    con: duckdb.DuckDBPyConnection
    table: str
    outcome: tuple[str, ...]
    between: tuple[str, ...]
    where: str | None
    varying: tuple[tuple[str, ...], ...]

    @property
    def _repeated(self) -> tuple[str, ...]:
        return (*self.outcome, *(c for block in self.varying for c in block))

    def _names(self) -> dict[str, Any]:
        return {"table": self.table, "where": self.where}

    def people(self) -> int:
        """Rows of the table that are asked for."""
        row = sql.run(self.con, "mixed/count", **self._names()).fetchone()
        assert row is not None
        return int(row[0])

    def fetch(self) -> tuple[np.ndarray, tuple[str, ...], dict[str, tuple[str, ...]]]:
        """(people, d) values in the order of v, names of between-person columns, and indicators of text covariates."""
        from coprod_trust.mixed.panel import indicator_names, indicators

        columns = [*self.between, *self._repeated]
        fetched = sql.run(self.con, "mixed/fetch", columns=columns, **self._names()).fetchnumpy()
        arrays = [_plain(a) for a in fetched.values()]
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        made: list[np.ndarray] = []
        for name, values in zip(self.between, arrays, strict=False):
            levels, found = indicators(name, values)
            if levels is not None:
                factors[name] = levels
            names += [name] if levels is None else indicator_names(name, levels)
            made += found
        made += [np.asarray(a, dtype=float) for a in arrays[len(self.between) :]]
        people = len(arrays[0])
        return np.column_stack([np.ones(people), *made]), tuple(names), factors

    def aggregate(self, waves: tuple[str, ...], times: np.ndarray, varying: tuple[str, ...]) -> Panel:
        """The panel from sums of whole numbers that the database makes in one scan."""
        from coprod_trust.mixed.panel import Panel

        expressions, names, factors = self._between_expressions()
        expressions += [f"CAST({sql.ident(c)} AS DOUBLE)" for c in self._repeated]
        grid = self._grid(expressions, len(names), len(waves), rows=SAMPLED_PEOPLE)
        sums = self._moments(expressions, grid)
        if sums is None:
            # Later rows do not lie where the first ones do: look at them all, and believe no grid.
            sums = self._moments(expressions, grid := self._grid(expressions, len(names), len(waves), rows=None))
            assert sums is not None
        masks, counts, moments = sums
        return Panel(waves, times, names, varying, factors, masks, counts, moments, grid.centre, grid.scale)

    def _moments(self, expressions: list[str], grid: _Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Masks, people and moments; None where values lie off the grid or too far out for exact sums."""
        import duckdb

        try:
            fetched = sql.run(
                self.con,
                "mixed/moments",
                expressions=expressions,
                centre=[repr(float(c)) for c in grid.centre[1:]],
                unit=[repr(float(u)) for u in grid.units[1:]],
                exact=grid.exact[1:],
                **self._names(),
            ).fetchnumpy()
        except duckdb.OutOfRangeException:
            return None  # a product does not fit 63 bits
        d = len(expressions) + 1
        masks = np.asarray(fetched["mask"], dtype=np.int64)
        order = np.argsort(masks)
        counts = np.asarray(fetched["people"], dtype=np.int64)[order]
        far = np.array([_whole(fetched[f"far_{j}"]).max() for j in range(1, d)])
        off = np.array([_whole(fetched[f"off_{j}"]).max() for j in range(1, d)])
        on_grid = np.array(grid.exact[1:])
        if (off[on_grid] > 1e-6).any() or (far[~on_grid] >= 2**31).any():
            return None
        if on_grid.any() and far[on_grid].max() ** 2 * counts.sum() >= 2**53:
            return None
        steps = np.array(grid.units) * grid.scale
        moments = np.zeros((len(masks), d, d))
        moments[:, 0, 0] = counts
        for j in range(1, d):
            moments[:, 0, j] = moments[:, j, 0] = _whole(fetched[f"s_{j}"])[order] / steps[j]
            for i in range(1, j + 1):
                product = _whole(fetched[f"s_{i}_{j}"])[order] / (steps[i] * steps[j])
                moments[:, i, j] = moments[:, j, i] = product
        return masks[order], counts, moments

    def _between_expressions(self) -> tuple[list[str], tuple[str, ...], dict[str, tuple[str, ...]]]:
        from coprod_trust.mixed.errors import NotIdentified
        from coprod_trust.mixed.panel import indicator_names

        expressions: list[str] = []
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        for column in self.between:
            (levels,) = sql.run(self.con, "mixed/levels", column=column, **self._names()).fetchone() or (None,)
            if not levels:
                expressions.append(f"CAST({sql.ident(column)} AS DOUBLE)")
                names.append(column)
                continue
            if len(levels) < 2:
                raise NotIdentified(f"{column} has the same value for everybody", "leave it out")
            factors[column] = tuple(levels)
            names += indicator_names(column, levels)
            expressions += [f"CAST({sql.ident(column)} = {sql.text(level)} AS DOUBLE)" for level in levels[1:]]
        return expressions, tuple(names), factors

    def _grid(self, expressions: list[str], n_between: int, n_waves: int, rows: int | None) -> _Grid:
        """Centre, scale and unit of each variable, from the first ``rows`` of the table or from all.

        Where the first rows lie on a grid of steps (answers, years, means of answers), the step is the unit: sums of
        products are then whole numbers that a double holds exactly, in whatever order they are added. Elsewhere the
        unit is 2^-26 of a standard deviation, and sums are made of integers of 128 bits.
        """
        sample = sql.run(self.con, "mixed/sample", expressions=expressions, rows=rows, **self._names()).fetchnumpy()
        values = [np.asarray(_plain(sample[f"v_{j}"]), dtype=float) for j in range(1, len(expressions) + 1)]
        d = len(expressions) + 1
        centre, scale, units, exact = np.zeros(d), np.ones(d), np.ones(d), [False] * d
        blocks = [[j] for j in range(1, 1 + n_between)]
        blocks += [list(range(s, s + n_waves)) for s in range(1 + n_between, d, n_waves)]
        for block in blocks:
            seen = np.concatenate([values[j - 1] for j in block])
            seen = seen[~np.isnan(seen)]
            if not len(seen):
                continue
            spread = float(seen.std())
            scale[block] = spread if spread > 0 else 1.0
            step = _steps_per_unit(seen) if rows is not None else None
            for j in block:
                exact[j] = step is not None
            if step is None:
                centre[block] = float(seen.mean())
                # Where all rows were looked at, even the farthest value must leave its products within 63 bits.
                farthest = float(np.abs(seen - centre[block][0]).max()) if rows is None else 0.0
                units[block] = min(2**FIXED_POINT_BITS / scale[block][0], 2**30 / farthest if farthest else np.inf)
            else:
                units[block] = step
                centre[block] = np.round(float(seen.mean()) * step) / step
        return _Grid(centre, scale, units, tuple(exact))


@dataclass(frozen=True)
class _Grid:
    """v_raw = centre + whole number / units = centre + scale * v; ``exact``: the values lie on the grid."""

    centre: np.ndarray
    scale: np.ndarray
    units: np.ndarray
    exact: tuple[bool, ...]


def _steps_per_unit(values: np.ndarray) -> float | None:
    """How many steps of the values' grid make one, or None where they lie on none of up to 25.2 steps a point."""
    for hundredths in STEPS:
        steps = hundredths / 100
        if np.abs(values * steps - np.round(values * steps)).max() < 1e-7:
            return steps
    return None


def _whole(values: Any) -> np.ndarray:
    """Sums of integers, absent ones as 0."""
    return np.asarray(np.ma.filled(np.ma.asarray(values), 0), dtype=float)


def _plain(values: Any) -> np.ndarray:
    """A fetched column with missing values as nan (None in text)."""
    if isinstance(values, np.ma.MaskedArray):
        if values.dtype.kind in "biuf":
            return np.ma.filled(values.astype(float), np.nan)
        found = values.data.astype(object)
        found[np.ma.getmaskarray(values)] = None
        return found
    return np.asarray(values)
