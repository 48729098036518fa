"""Whom a finding rests on, told from what its question needs of a person, and the rows that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import duckdb

from coprod_trust.store import sql
from coprod_trust.study import Study

Record = dict[str, Any]
# Questions about groups set beside each other, and those about everybody asked at the start whatever they answered.
COMPARES_GROUPS = frozenset({"selection", "difference_in_differences", "overlap", "propensity"})
EVERYBODY = frozenset({"overlap", "propensity"})


@dataclass(frozen=True)
class Needed:
    """A score, covariate or answer: a column of ``score_wide``, or of ``answer.<wave>`` where ``wave`` is given."""

    column: str
    wave: str | None = None


@dataclass(frozen=True)
class Reading:
    """One way in which a finding rests on people: what a person must have, and what counts in each wave (nothing named:
    any row). ``at_least``: a wave counts only with all that is named there, and a person with that many such waves."""

    required: tuple[Needed, ...]
    counts: Mapping[str, tuple[Needed, ...]] = field(default_factory=dict)
    at_least: int = 0


def rows_behind(con: duckdb.DuckDBPyConnection, study: Study, finding: Record, n: int | None) -> list[Record]:
    """The rows of the reading that gives the number of people in the estimate, else of the first one."""
    found: list[Record] = []
    readings = tuple(_Readings(con, study, finding).all())
    # Analyses of change are of those who were to be asked again, others are of everybody.
    rules = (study.follow_up, None) if study.follow_up else (None,)
    for rule, groups, reading in product(rules, tuple(_groups(study, finding)), readings):
        bind = {"groups": list(groups), "n_groups": len(groups)}
        result = sql.run(con, "trace/rows", bind, required=reading.required, counts=reading.counts,
                         at_least=reading.at_least, follow_up=rule)  # fmt: skip
        names = [d[0] for d in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        if n is None or len({r["participant_id"] for r in rows}) == n:
            return rows
        found = found or rows
    return found


def _groups(study: Study, finding: Record) -> Iterator[tuple[str, ...]]:
    """Whose rows: the group of the population; in a comparison that group and the other one. Then, should that not give
    the number of people, everybody's (no group)."""
    known = {g.id for g in study.groups.values}
    population = finding["population"]
    group = population if population in known else study.groups.participants
    question, *_, last = str(finding["finding_id"]).split(".")
    if question in COMPARES_GROUPS and last in known:
        yield (study.groups.participants, last)
    if question not in COMPARES_GROUPS:
        yield (group,)
    yield ()
    if question in COMPARES_GROUPS:
        yield (group,)


class _Readings:
    def __init__(self, con: duckdb.DuckDBPyConnection, study: Study, finding: Record) -> None:
        self.study = study
        self.finding = finding
        listed = con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
            "WHERE schema_name = 'answer' OR (schema_name = 'main' AND table_name = 'score_wide')"
        ).fetchall()
        self.scores = {column for schema, _, column in listed if schema == "main"}
        self.answers = {(wave, column) for schema, wave, column in listed if schema == "answer"}
        self.dimensions = {str(s.dimension): s.id for s in study.scales if s.dimension}
        self.question, *_ = str(finding["finding_id"]).split(".")
        self.named = [w for w in str(finding["contrast"] or "").split("-") if w in study.wave_ids]

    def all(self) -> Iterator[Reading]:
        """The question's own reading first, then the usual ones."""
        if not self.named:
            return
        own = {
            "mediation": self._path,
            "moderation": self._condition,
            "within": lambda: self._together(1),
            "cross_lagged": lambda: self._together(2),
        }.get(self.question)
        if self.question in EVERYBODY:
            yield Reading((), dict.fromkeys(self.named, ()))
        elif own is not None:
            yield from own()
        yield from self._usual()

    def _needed(self, names: Iterable[str], wave: str) -> tuple[Needed, ...]:
        """The scores and answers of that wave that have one of the names."""
        found = []
        for name in names:
            if f"{name}__{wave}" in self.scores:
                found.append(Needed(f"{name}__{wave}"))
            elif (wave, name) in self.answers:
                found.append(Needed(name, wave))
        return tuple(found)

    def _subjects(self) -> list[str]:
        names = [self.finding["outcome"], *str(self.finding["predictor"] or "").split("-")]
        return list(dict.fromkeys(self.dimensions.get(n, n) for n in names if n))

    def _upto(self, names: Iterable[str]) -> list[str]:
        """The waves up to the latest of the contrast in which any of them was measured."""
        until = self.study.wave_ids.index(self.named[-1]) + 1
        wanted = list(names)
        return [w for w in self.study.wave_ids[:until] if self._needed(wanted, w)]

    def _usual(self) -> Iterator[Reading]:
        """How methods use people: all scores at both waves; a score at the first wave of the scale and whatever came up
        to the later one (models of everybody who started); a score at the earlier of the waves."""
        subjects = self._subjects()
        constant = tuple(Needed(s) for s in subjects if s in self.scores)
        upto = self._upto(subjects)
        of_named = {w: self._needed(subjects, w) for w in self.named}
        if not upto or not all(of_named.values()):
            return
        both = Reading(tuple(n for w in self.named for n in of_named[w]) + constant, of_named)
        started = Reading(of_named[self.named[0]] if upto[0] == self.named[0] else self._needed(subjects, upto[0]),
                          {w: self._needed(subjects, w) for w in upto})  # fmt: skip
        at_start = Reading(of_named[self.named[0]], of_named)
        models = "mixed_model" in str(self.finding["method"])
        yield from (started, at_start, both) if models else (both, started, at_start)

    def _condition(self) -> Iterator[Reading]:
        """The condition and the outcome at the first wave, and every later score of the outcome; with too few of them
        the question is declined by those who have the outcome at both ends."""
        outcome, condition = (
            self.dimensions.get(n, n) for n in (str(self.finding[c]) for c in ("outcome", "predictor"))
        )
        first, last = self.named[0], self.named[-1]
        start = self._needed([condition], first) + self._needed([outcome], first)
        waves = [w for w in self._upto([outcome]) if self.study.wave_ids.index(w) >= self.study.wave_ids.index(first)]
        counts = {w: self._needed([outcome], w) for w in waves} | {first: start}
        yield Reading(start, counts)
        yield Reading(start + self._needed([outcome], last), {first: start, last: self._needed([outcome], last)})

    def _together(self, at_least: int) -> Iterator[Reading]:
        """Everybody with both scores in that many waves or more, whichever they are."""
        subjects = self._subjects()
        counts = {w: needed for w in self._upto(subjects) if len(needed := self._needed(subjects, w)) == len(subjects)}
        yield Reading((), counts, at_least)

    def _path(self) -> Iterator[Reading]:
        """From the start over what lies between to the outcome: the last three waves of all in which all were asked."""
        names = str(self.finding["finding_id"]).split(".")[1].split("-")
        start, between, outcome = (self.dimensions.get(n, n) for n in names)
        asked = [w for w in self._upto([outcome]) if len(self._needed((start, between, outcome), w)) == len(names)]
        if len(asked) < len(names):
            return
        first, then, last = asked[0], asked[-2], asked[-1]
        counts = {
            first: self._needed((start, between), first),
            then: self._needed((between, outcome), then),
            last: self._needed((outcome,), last),
        }
        yield Reading(tuple(n for needed in counts.values() for n in needed), counts)
