"""One scan of a wide table: fetched where it is small, summed by the database where it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.store import sql

if TYPE_CHECKING:
    import duckdb

    from coprod_trust.mixed.panel import Panel


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
        from coprod_trust.mixed.panel import indicators

        columns = [*self.between, *self._repeated]
        fetched = sql.run(self.con, "mixed/fetch", columns=columns, **self._names()).fetchnumpy()
        arrays = [_plain(a) for a in fetched.values()]
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        made: list[np.ndarray] = []
        for name, values in zip(self.between, arrays, strict=False):
            of_text, found = indicators(name, values)
            if of_text is not None:
                factors[name] = of_text
            names += of_text or [name]
            made += found
        made += [np.asarray(a, dtype=float) for a in arrays[len(self.between) :]]
        people = len(arrays[0])
        return np.column_stack([np.ones(people), *made]), tuple(names), factors

    def aggregate(self, waves: tuple[str, ...], times: np.ndarray, varying: tuple[str, ...]) -> Panel:
        """The panel from sums of integers that the database makes in one scan."""
        from coprod_trust.mixed.panel import FIXED_POINT_BITS, Panel

        expressions, names, factors = self._between_expressions()
        expressions += [f"CAST({sql.ident(c)} AS DOUBLE)" for c in self._repeated]
        centre, scale = self._standardisation(expressions, len(names), len(waves))
        d = len(expressions) + 1
        fetched = sql.run(
            self.con,
            "mixed/moments",
            expressions=expressions,
            centre=[repr(float(c)) for c in centre[1:]],
            scale=[repr(float(s)) for s in scale[1:]],
            unit=2**FIXED_POINT_BITS,
            **self._names(),
        ).fetchnumpy()
        masks = np.asarray(fetched.pop("mask"), dtype=np.int64)
        order = np.argsort(masks)
        counts = np.asarray(fetched.pop("people"), dtype=np.int64)[order]
        moments = np.zeros((len(masks), d, d))
        moments[:, 0, 0] = counts
        unit = float(2**FIXED_POINT_BITS)
        for j in range(1, d):
            moments[:, 0, j] = moments[:, j, 0] = _whole(fetched[f"s_{j}"])[order] / unit
            for i in range(1, j + 1):
                moments[:, i, j] = moments[:, j, i] = _whole(fetched[f"s_{i}_{j}"])[order] / unit**2
        masks = masks[order]
        return Panel(waves, times, names, varying, factors, masks, counts, moments, centre, scale)

    def _between_expressions(self) -> tuple[list[str], tuple[str, ...], dict[str, tuple[str, ...]]]:
        from coprod_trust.mixed.errors import NotIdentified

        expressions: list[str] = []
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        for column in self.between:
            kind, levels = sql.run(self.con, "mixed/levels", column=column, **self._names()).fetchone() or ("", [])
            if kind != "VARCHAR":
                expressions.append(f"CAST({sql.ident(column)} AS DOUBLE)")
                names.append(column)
                continue
            if len(levels) < 2:
                raise NotIdentified(f"{column} has the same value for everybody", "leave it out")
            factors[column] = tuple(f"{column}[T.{level}]" for level in levels[1:])
            names += factors[column]
            expressions += [f"CAST({sql.ident(column)} = {sql.text(level)} AS DOUBLE)" for level in levels[1:]]
        return expressions, tuple(names), factors

    def _standardisation(self, expressions: list[str], n_between: int, n_waves: int) -> tuple[np.ndarray, np.ndarray]:
        """Centre and scale from counts, sums and sums of squares. They need not be exact, only the same at every run:
        rounded to four digits, they do not depend on the order in which threads add."""
        row = sql.run(self.con, "mixed/spread", expressions=expressions, **self._names()).fetchone()
        assert row is not None
        figures = np.array([0.0 if v is None else float(v) for v in row]).reshape(-1, 3)
        d = len(expressions) + 1
        centre, scale = np.zeros(d), np.ones(d)
        blocks = [[j] for j in range(1, 1 + n_between)]
        blocks += [list(range(s, s + n_waves)) for s in range(1 + n_between, d, n_waves)]
        for block in blocks:
            n, total, squares = figures[[j - 1 for j in block]].sum(0)
            if n:
                mean = total / n
                spread = np.sqrt(max(squares / n - mean**2, 0.0))
                centre[block] = _rounded(mean)
                scale[block] = _rounded(spread) or 1.0
        return centre, scale


def _rounded(value: float) -> float:
    return float(f"{value:.3e}")


def _whole(values: Any) -> np.ndarray:
    """Sums of integers, absent ones as 0."""
    return np.asarray(np.ma.filled(np.ma.asarray(values), 0), dtype=float)


def _plain(values: Any) -> np.ndarray:
    """A fetched column with missing values as nan (None in text)."""
    if isinstance(values, np.ma.MaskedArray):
        if values.dtype.kind in "biuf":
            return np.ma.filled(values.astype(float), np.nan)
        return np.where(np.ma.getmaskarray(values), None, values.data.astype(object))
    return np.asarray(values)
