"""Findings as they stood at some time, so that what was decided about them can be called stale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from coprod_trust.analysis import rules
from coprod_trust.analysis.rules import Standing
from coprod_trust.decisions import Seen
from coprod_trust.store import sql


@dataclass(frozen=True)
class Standings:
    """What each finding says ``now``, and what it said in earlier runs, by the time when they were published."""

    now: Mapping[str, Standing]
    earlier: Mapping[str, tuple[tuple[datetime, Standing], ...]] = field(default_factory=dict)

    def at(self, finding_id: str, when: datetime) -> Standing:
        """The finding as a person saw it at that time: in the last run published by then, else in the first one after
        it, else in this run."""
        return self.on_record(finding_id, when) or self.now[finding_id]

    def on_record(self, finding_id: str, when: datetime) -> Standing | None:
        """The same, from earlier runs alone."""
        history = self.earlier.get(finding_id, ())
        seen = [standing for published, standing in history if published <= when]
        if seen:
            return seen[-1]
        return history[0][1] if history else None

    def moved_since(self, finding_id: str, decision: Seen) -> str | None:
        """Why a decision about the finding is stale, or None; figures that the decision holds go before the record."""
        now = self.now[finding_id]
        if decision.verdict is None and decision.estimate is None:
            return rules.moved(self.at(finding_id, aware(decision.when)), now)
        then = Standing(
            decision.verdict, decision.direction, decision.estimate, decision.ci_low, decision.ci_high
        )  # fmt: skip
        return rules.moved(then, now)


def aware(moment: datetime) -> datetime:
    """A time typed without a zone is taken for local time."""
    return moment if moment.tzinfo else moment.astimezone()


def read_standings(con: duckdb.DuckDBPyConnection, alpha: float) -> Standings:
    """From ``finding`` and ``finding_history`` of finished runs, oldest first."""
    now = {row[0]: _standing(row[1:], alpha) for row in sql.run(con, "integrate/standing_now").fetchall()}
    earlier: dict[str, list[tuple[datetime, Standing]]] = defaultdict(list)
    for finding_id, published, *figures in sql.run(con, "integrate/standing_earlier").fetchall():
        earlier[finding_id].append((_utc(published), _standing(figures, alpha)))
    return Standings(now, {k: tuple(v) for k, v in earlier.items()})


def _standing(figures: tuple[object, ...] | list[object], alpha: float) -> Standing:
    verdict, p_adjusted, p_value, estimate, low, high = figures
    p = p_adjusted if p_adjusted is not None else p_value
    direction = rules.direction(p, estimate, alpha)  # type: ignore[arg-type]
    return Standing(verdict, direction, estimate, low, high)  # type: ignore[arg-type]


def _utc(microseconds: int) -> datetime:
    from datetime import UTC

    return datetime.fromtimestamp(microseconds / 1e6, UTC)
