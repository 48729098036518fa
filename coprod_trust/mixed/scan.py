"""One scan of a wide table: fetched where it is small, summed by the database where it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.store import sql

if TYPE_CHECKING:
    import duckdb

    from coprod_trust.mixed.panel import Panel
# Which variables a person has is a number of 63 bits.
MOST_VARIABLES = 63
TEXT = ("VARCHAR", "ENUM")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = (*_WHOLE, *(f"U{kind}" for kind in _WHOLE), "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN")


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

    def check_columns(self) -> None:
        """ValueError names a column that the table does not have, or one of text where numbers are needed."""
        kinds = self._kinds()
        absent = [c for c in (*self.between, *self._repeated) if c not in kinds]
        if absent:
            raise ValueError(f"{self.table} has no column {', '.join(absent)}")
        text = [c for c in self._repeated if kinds[c].startswith(TEXT)]
        if text:
            raise ValueError(f"{', '.join(text)}: text where numbers are needed")
        other = [c for c in (*self.between, *self._repeated) if not kinds[c].startswith((*TEXT, *NUMBERS))]
        if other:
            raise ValueError(f"{', '.join(other)}: neither numbers nor text")

    def _kinds(self) -> dict[str, str]:
        """The type of each column."""
        return {name: kind for name, kind, *_ in self.con.execute(f"DESCRIBE FROM {self.table}").fetchall()}

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
        values = np.column_stack([np.ones(len(arrays[0])), *made])
        # In an order of its own: a table has none, and sums of doubles depend on it.
        return values[np.lexsort(values.T)], tuple(names), factors

    def aggregate(self, waves: tuple[str, ...], times: np.ndarray, varying: tuple[str, ...]) -> Panel:
        """The panel from sums of whole numbers that the database makes in one scan."""
        from coprod_trust.mixed.panel import Panel
        from coprod_trust.mixed.sums import standardised_sums

        expressions, names, factors = self._between_expressions()
        expressions += [f"CAST({sql.ident(c)} AS DOUBLE)" for c in self._repeated]
        d = len(expressions) + 1
        if d > MOST_VARIABLES:
            raise NotIdentified(f"more than {MOST_VARIABLES - 1} variables", "fit fewer covariates at a time")
        blocks = [[k] for k in range(1, 1 + len(names))]
        blocks += [list(range(k, k + len(waves))) for k in range(1 + len(names), d, len(waves))]
        found = standardised_sums(self.con, self._names(), expressions, blocks)
        return Panel(waves, times, names, varying, factors, *found)

    def _levels(self, column: str) -> list[str]:
        """The values of a text covariate in alphabetical order."""
        rows = sql.run(self.con, "mixed/levels", column=column, **self._names()).fetchall()
        return [level for (level,) in rows]

    def _between_expressions(self) -> tuple[list[str], tuple[str, ...], dict[str, tuple[str, ...]]]:
        from coprod_trust.mixed.panel import indicator_names

        expressions: list[str] = []
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        kinds = self._kinds()
        for column in self.between:
            if not kinds[column].startswith(TEXT):
                expressions.append(f"CAST({sql.ident(column)} AS DOUBLE)")
                names.append(column)
                continue
            levels = self._levels(column)
            if len(levels) < 2:
                raise NotIdentified(f"{column} has the same value for everybody", "leave it out")
            factors[column] = tuple(levels)
            names += indicator_names(column, levels)
            expressions += [f"CAST({sql.ident(column)} = {sql.text(level)} AS DOUBLE)" for level in levels[1:]]
        return expressions, tuple(names), factors


def _plain(values: Any) -> np.ndarray:
    """A fetched column with missing values as nan (None in text)."""
    if isinstance(values, np.ma.MaskedArray):
        if values.dtype.kind in "biuf":
            return np.ma.filled(values.astype(float), np.nan)
        found = values.data.astype(object)
        found[np.ma.getmaskarray(values)] = None
        return found
    return np.asarray(values)
