"""The sufficient statistics of a panel: everything a mixed model needs, whatever the number of people.

Each person is a vector v = [1, between-person covariates, outcome at each wave, wave-varying covariates at each wave].
People with the same pattern of missing values share one matrix S = sum of v v' (missing entries as 0). Every model of
the outcome is fitted on these matrices; no person is looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.mixed.errors import NotIdentified

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from coprod_trust.mixed.fit import Fit

# Up to here the columns are fetched and summed in one fixed order; above, the database sums them as integers. Either
# way the sums, and so the fits, are the same to the bit whatever the number of threads and the order of the rows.
FETCHED_PEOPLE = 20_000

# With visit times of their own people are no patterns: each keeps a matrix of products. So many are held in memory.
OWN_TIMES_PEOPLE = 200_000
TIME = "time"


@dataclass(frozen=True)
class Panel:
    """Sufficient statistics of one outcome.

    ``masks``: (G,) bit j set where variable j is present; ``counts``: (G,) people; ``moments``: (G, d, d) sums of v v'
    of the standardised variables. ``centre`` and ``scale``: (d,), v_raw = centre + scale * v, for v[0] 0 and 1.
    ``factors``: the values of each text covariate; all but the first have an indicator variable in ``between``.

    ``visits``: (G, W) the time of each visit, nan where there was none, where people came at times of their own. Then
    each person is a pattern, ``time`` is a wave-varying covariate, and ``times`` holds the waves' mean times.
    """

    waves: tuple[str, ...]
    times: np.ndarray
    between: tuple[str, ...]
    varying: tuple[str, ...]
    factors: Mapping[str, tuple[str, ...]]
    masks: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    visits: np.ndarray | None = None

    def outcome_index(self, wave: int) -> int:
        """Where the outcome at that wave (from 0) stands in v."""
        return 1 + len(self.between) + wave

    def varying_index(self, name: str, wave: int) -> int:
        """Where that wave-varying covariate at that wave stands in v."""
        return 1 + len(self.between) + len(self.waves) * (1 + self.varying.index(name)) + wave

    def between_index(self, name: str) -> int:
        """Where that between-person covariate stands in v."""
        return 1 + self.between.index(name)

    @classmethod
    def from_table(
        cls,
        con: duckdb.DuckDBPyConnection,
        table: str,
        outcome: Mapping[str, str],
        between: Sequence[str] = (),
        varying: Mapping[str, Mapping[str, str]] | None = None,
        time: Mapping[str, float] | None = None,
        where: str | None = None,
        visits: Mapping[str, str] | None = None,
    ) -> Panel:
        """From a wide table (a row a person) in one scan.

        ``outcome``: wave -> column, in order of time. ``varying``: covariate -> wave -> column. ``time``: wave -> time
        in any unit (default 0, 1, 2, ...); or ``visits``: wave -> column with the time at which each person came; an
        answer without a time is left out. ``where``: an SQL condition. Text covariates become indicator variables
        named ``column[T.value]`` against the first value in alphabetical order. ValueError names a column that is not
        there or is text where numbers are needed.
        """
        from coprod_trust.mixed import scan

        varying = _with_visits(varying or {}, visits, time)
        waves = tuple(outcome)
        _known_waves(waves, {"time": time} if time is not None else {})
        _known_waves(waves, varying)
        source = scan.Source(
            con,
            table,
            tuple(outcome.values()),
            tuple(between),
            where,
            tuple(tuple(columns[w] for w in waves) for columns in varying.values()),
        )
        source.check_columns()
        people = source.people()
        if visits is not None and people > OWN_TIMES_PEOPLE:
            raise NotIdentified(f"visit times of {people} people do not fit", "give each wave one time")
        if visits is not None or people <= FETCHED_PEOPLE:
            values, names, factors = source.fetch()
            found = cls._from_matrix(values, waves, _times(waves, time), names, tuple(varying), factors)
            return found if visits is None else found._at_visits(values)
        return source.aggregate(waves, _times(waves, time), tuple(varying))

    @classmethod
    def from_frame(
        cls,
        df: pd.DataFrame,
        participant: str,
        wave: str,
        outcome: str,
        between: Sequence[str] = (),
        varying: Sequence[str] = (),
        time: Mapping[Any, float] | None = None,
        visits: str | None = None,
    ) -> Panel:
        """From a long frame (a row a person and wave).

        Waves are taken in sorted order and named by their text. ``visits``: the column with the time at which each
        person came, where people came at times of their own. A between-person covariate must be the same in all
        rows of a person: ValueError names the one that is not, and a column that is not there or is text where numbers
        are needed.
        """
        from pandas.api.types import is_numeric_dtype

        named = dict(_with_visits({name: name for name in varying}, visits, time))
        columns_used = [participant, wave, outcome, *between, *named.values()]
        absent = [c for c in columns_used if c not in df.columns]
        if absent:
            raise ValueError(f"the frame has no column {', '.join(map(str, absent))}")
        if df[[participant, wave]].isna().any(axis=None):
            raise ValueError(f"rows without {participant} or {wave}")
        for name in (outcome, *named.values()):
            if not is_numeric_dtype(df[name]):
                raise ValueError(f"{name} holds something else than numbers")
        if df.duplicated([participant, wave]).any():
            raise ValueError(f"a {participant} has two rows in one {wave}")
        labels = sorted(df[wave].unique())
        waves = tuple(str(w) for w in labels)
        wide = df.pivot(index=participant, columns=wave, values=[outcome, *named.values()])
        columns: list[np.ndarray] = []
        names: list[str] = []
        factors: dict[str, tuple[str, ...]] = {}
        groups = df.groupby(participant, sort=True)
        for name in between:
            if (groups[name].nunique() > 1).any():
                raise ValueError(f"{name} differs between the rows of one {participant}; name it under varying")
            found, of_values = indicators(name, groups[name].first().to_numpy())
            if found is not None:
                factors[name] = found
            names += [name] if found is None else indicator_names(name, found)
            columns += of_values
        blocks = [wide[v][labels].to_numpy(dtype=float) for v in (outcome, *named.values())]
        matrix = np.column_stack([np.ones(len(wide)), *columns, *blocks])
        given = None if time is None else {str(k): v for k, v in time.items()}
        _known_waves(waves, {} if given is None else {"time": given})
        times = _times(waves, given)
        panel = cls._from_matrix(matrix, waves, times, tuple(names), tuple(named), factors)
        return panel if visits is None else panel._at_visits(matrix)

    @classmethod
    def from_matrix(
        cls,
        outcome: np.ndarray,
        waves: Sequence[str],
        between: np.ndarray,
        names: Sequence[str],
        varying: Mapping[str, np.ndarray] | None = None,
        visits: np.ndarray | None = None,
    ) -> Panel:
        """From ``outcome`` (people, waves), numeric covariates ``between`` (people, names), wave-varying ones (each
        people, waves), and the times of ``visits`` (people, waves) where people came at their own; missing as nan."""
        varying = _with_visits(varying or {}, visits, None)
        matrix = np.column_stack([np.ones(len(outcome)), between, outcome, *varying.values()])
        found = cls._from_matrix(matrix, tuple(waves), _times(tuple(waves), None), tuple(names), tuple(varying), {})
        return found if visits is None else found._at_visits(matrix)

    def _at_visits(self, matrix: np.ndarray) -> Panel:
        """The panel with a pattern for each person (a row of ``matrix``), whose last block is the times of visits."""
        n_waves = len(self.waves)
        outcome = slice(self.outcome_index(0), self.outcome_index(0) + n_waves)
        matrix = matrix.copy()
        matrix[:, outcome][np.isnan(matrix[:, -n_waves:])] = np.nan
        matrix[:, -n_waves:][np.isnan(matrix[:, outcome])] = np.nan
        there = ~np.isnan(matrix[:, -n_waves:])
        if not there.any(axis=0).all():
            empty = [w for w, any_ in zip(self.waves, there.any(axis=0), strict=True) if not any_]
            raise NotIdentified(f"nobody answered in {', '.join(empty)}", "leave that wave out of the panel")
        centre, scale = standardisation(matrix, n_waves, len(self.between))
        present = ~np.isnan(matrix)
        values = np.where(present, (matrix - centre) / scale, 0.0)
        return replace(
            self,
            times=np.nanmean(matrix[:, -n_waves:], axis=0),
            masks=present @ (1 << np.arange(matrix.shape[1], dtype=np.int64)),
            counts=np.ones(len(matrix), dtype=np.int64),
            moments=values[:, :, None] * values[:, None, :],
            centre=centre,
            scale=scale,
            visits=matrix[:, -n_waves:],
        )

    @property
    def mean_time(self) -> tuple[float, float]:
        """Mean and standard deviation of the times, by which those of a random slope are standardised."""
        times = self.times if self.visits is None else self.visits[~np.isnan(self.visits)]
        return float(times.mean()), float(times.std())

    def without(self, rows: np.ndarray) -> Panel:
        """The panel without people that are in it: (k, d - 1) their values in the order of v[1:], missing as nan.

        KeyError where nobody in the panel has the pattern of missing values of a row; ValueError where people have
        visit times of their own.
        """
        if self.visits is not None:
            raise ValueError("people with visit times of their own cannot be taken out; make another panel")
        present = ~np.isnan(rows)
        keys = 1 + (present @ (1 << np.arange(1, len(self.centre), dtype=np.int64)))
        values = np.column_stack(
            [np.ones(len(rows)), np.where(present, (rows - self.centre[1:]) / self.scale[1:], 0.0)]
        )
        counts, moments = self.counts.copy(), self.moments.copy()
        places = {int(mask): g for g, mask in enumerate(self.masks)}
        for key in np.unique(keys):
            part = values[keys == key]
            counts[places[int(key)]] -= len(part)
            moments[places[int(key)]] -= np.einsum("ni,nj->ij", part, part)
        kept = counts > 0
        return replace(self, masks=self.masks[kept], counts=counts[kept], moments=moments[kept])

    @classmethod
    def _from_matrix(
        cls,
        matrix: np.ndarray,
        waves: tuple[str, ...],
        times: np.ndarray,
        between: tuple[str, ...],
        varying: tuple[str, ...],
        factors: Mapping[str, tuple[str, ...]],
    ) -> Panel:
        """From one row a person in the order of v, missing as nan; a first column of ones."""
        d = matrix.shape[1]
        if d > 63:
            raise NotIdentified("more than 62 variables", "fit fewer covariates at a time")
        if np.isinf(matrix).any():
            raise ValueError("a covariate or an outcome holds an infinite value")
        centre, scale = standardisation(matrix, len(waves), len(between))
        present = ~np.isnan(matrix)
        keys = present @ (1 << np.arange(d, dtype=np.int64))
        values = np.where(present, (matrix - centre) / scale, 0.0)
        masks, group = np.unique(keys, return_inverse=True)
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(len(masks) + 1))
        ordered = values[order]
        moments = np.empty((len(masks), d, d))
        for g in range(len(masks)):
            part = ordered[starts[g] : starts[g + 1]]
            moments[g] = np.einsum("ni,nj->ij", part, part)
        return cls(waves, times, between, varying, factors, masks, np.diff(starts), moments, centre, scale)

    def fit(
        self,
        formula: str,
        random: str | None = None,
        covariance: str | None = None,
        reml: bool = True,
    ) -> Fit:
        """Fit a model with that mean structure.

        ``formula``: terms joined by ``+``; ``wave`` (a factor), ``time`` (linear), covariates, and their interactions
        with wave or time by ``*`` or ``:``. Either ``random`` ("intercept" or "slope") or ``covariance``
        ("unstructured", "compound-symmetry", "ar1", "independent"); random intercept by default. Raises NotIdentified
        where the data cannot carry the model, ValueError where the panel does not have a term.
        """
        from coprod_trust.mixed.fit import fit

        if random is not None and covariance is not None:
            raise ValueError("give either random or covariance, not both")
        if random not in (None, "intercept", "slope"):
            raise ValueError("random must be intercept or slope")
        return fit(self, formula, covariance or f"random-{random or 'intercept'}", reml)


def standardisation(matrix: np.ndarray, n_waves: int, n_between: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations by which v is standardised: one of all waves for each repeated variable."""
    d = matrix.shape[1]
    centre, scale = np.zeros(d), np.ones(d)
    blocks = [[j] for j in range(1, 1 + n_between)]
    blocks += [list(range(s, s + n_waves)) for s in range(1 + n_between, d, n_waves)]
    for block in blocks:
        values = matrix[:, block]
        seen = values[~np.isnan(values)]
        if len(seen):
            centre[block] = seen.mean()
            spread = float(np.sqrt(np.mean((seen - seen.mean()) ** 2)))
            scale[block] = spread if spread > 0 else 1.0
    return centre, scale


def indicators(
    name: str, values: np.ndarray, levels: tuple[str, ...] | None = None
) -> tuple[tuple[str, ...] | None, list[np.ndarray]]:
    """A numeric covariate as it is, and None; or the values of a text covariate (those of ``levels`` where given) and
    its indicators against the first of them."""
    if levels is None and values.dtype.kind in "biuf":
        return None, [values.astype(float)]
    known = np.array([v is not None and v == v for v in values])
    if levels is None and all(isinstance(v, Number) for v in values[known]):
        return None, [np.array([float(v) if k else np.nan for v, k in zip(values, known, strict=True)])]
    if levels is None:
        levels = tuple(sorted({str(v) for v in values[known]}))
    if len(levels) < 2:
        raise NotIdentified(f"{name} has the same value for everybody", "leave it out")
    text = np.array([str(v) for v in values])
    return levels, [np.where(known, (text == level).astype(float), np.nan) for level in levels[1:]]


def indicator_names(name: str, levels: Sequence[str]) -> list[str]:
    """The names of a text covariate's indicators."""
    return [f"{name}[T.{level}]" for level in levels[1:]]


def _with_visits(varying: Mapping[str, Any], visits: Any, time: object) -> Mapping[str, Any]:
    """Wave-varying covariates with the times of visits as the last of them, under the name ``time``."""
    if visits is None:
        return varying
    if time is not None or TIME in varying:
        raise ValueError("give either the times of the waves or those of visits")
    return {**varying, TIME: visits}


def _known_waves(waves: tuple[str, ...], given: Mapping[str, Mapping[str, object]]) -> None:
    """ValueError where something is not given for every wave, or there is no wave."""
    if not waves:
        raise ValueError("outcome names no wave")
    for name, by_wave in given.items():
        absent = [w for w in waves if w not in by_wave]
        if absent:
            raise ValueError(f"{name} says nothing of {', '.join(absent)}")


def _times(waves: tuple[str, ...], time: Mapping[str, float] | None) -> np.ndarray:
    if time is None:
        return np.arange(len(waves), dtype=float)
    found = np.array([float(time[w]) for w in waves])
    if (np.diff(found) <= 0).any():
        raise ValueError("time must rise from wave to wave; name the waves in that order")
    return found
