"""What segments do to findings: confirm, contrast, expand or mention them, as persons set it; and, kept apart, what
follows from expected and observed directions alone.

A decision in ``decisions/stance.csv`` goes before what coders set in their files, and both before a derived stance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import duckdb

from coprod_trust.analysis import rules
from coprod_trust.decisions import Stance
from coprod_trust.ingest.catalogue import severities
from coprod_trust.ingest.problem import Problem
from coprod_trust.integrate.standing import Standings
from coprod_trust.store import sql
from coprod_trust.study import Study

STANCES = ("confirms", "contrasts", "expands", "mentions")
UNRESOLVED = "unresolved"
RULES = ("stance-after-results", "stance-finding-unknown", "stance-segment-unknown", "stance-unknown", "stance-stale")
DECISIONS = "decisions/stance.csv"


@dataclass(frozen=True)
class Evidence:
    """A row of ``evidence``. ``stance`` is unresolved where coders differ and nobody decided."""

    finding_id: str
    segment_id: str
    stance: str
    derived: bool
    blinded: bool | None
    stale: bool
    stale_reason: str | None
    origin: Literal["decision", "coding", "derived"]


@dataclass(frozen=True)
class CodedStance:
    """What coders said of one segment and finding in their files, and when; ``name`` and ``row_number`` say where."""

    segment_id: str
    finding_id: str
    stances: tuple[str, ...]
    blinded: bool | None
    set_at: datetime | None
    source_id: str | None
    name: str | None
    row_number: int | None


class StanceReader:
    """Brings decisions, coders' stances and derived ones together. ``problems`` says what was wrong."""

    def __init__(self, study: Study, wave: str, standings: Standings, segments: Collection[str]) -> None:
        self.study = study
        self.standings = standings
        self.segments = segments
        self.problems: list[Problem] = []
        self._severities = severities(study)
        self._later = {w.id for w in study.waves} - {w.id for w in study.waves_up_to(wave)}
        self._elements = {f"model.{e.id}" for e in study.notes.engagement.elements}
        self._rows: dict[tuple[str, str], Evidence] = {}
        self._stale: Counter[tuple[str, str, str]] = Counter()
        self._after_results: dict[str, int] = defaultdict(int)

    def decided(self, decisions: Iterable[tuple[int, Stance]]) -> None:
        """Take in decisions, in their order; each with its line."""
        for line, d in decisions:
            if not self._finding_is_there(d.finding_id, name=DECISIONS, row_number=line):
                continue
            if d.segment_id not in self.segments:
                self._say(
                    "stance-segment-unknown",
                    "no segment of this run has that id",
                    "the id of a segment that was accepted",
                    "correct segment_id; or see whether the segment waits in quarantine",
                    name=DECISIONS,
                    row_number=line,
                )
                continue
            reason = self.standings.moved_since(d.finding_id, d)
            self._rows[d.finding_id, d.segment_id] = Evidence(
                d.finding_id, d.segment_id, d.stance, False, d.blinded, reason is not None, reason, "decision"
            )
        for row in self._rows.values():
            self._count(DECISIONS, row)

    def coded(self, stances: Iterable[CodedStance]) -> None:
        """Take in what coders set in their files, where no decision goes before it."""
        for c in stances:
            where = {"source_id": c.source_id, "name": c.name, "row_number": c.row_number}
            if not self._finding_is_there(c.finding_id, **where):
                continue
            unknown = [s for s in c.stances if s not in STANCES]
            if unknown:
                self._say(
                    "stance-unknown",
                    "a stance that is none of the four",
                    ", ".join(STANCES),
                    "correct the stance of this segment in the file",
                    column_name="stance",
                    found=unknown[0],
                    **where,
                )
            known = [s for s in c.stances if s in STANCES]
            if not known or (c.finding_id, c.segment_id) in self._rows:
                continue
            now = self.standings.now[c.finding_id]
            then = self.standings.at(c.finding_id, c.set_at) if c.set_at else now
            reason = rules.moved(then, now)
            row = Evidence(
                c.finding_id,
                c.segment_id,
                known[0] if len(known) == 1 else UNRESOLVED,
                False,
                self.study.notes.stance_blinded if c.blinded is None else c.blinded,
                reason is not None,
                reason,
                "coding",
            )
            self._rows[c.finding_id, c.segment_id] = row
            self._count(c.name or "notes", row)

    def derived(self, stances: Iterable[tuple[str, str, str]]) -> None:
        """Take in (finding, segment, stance) where no person said anything."""
        for finding_id, segment_id, stance in stances:
            self._rows.setdefault(
                (finding_id, segment_id),
                Evidence(finding_id, segment_id, stance, True, None, False, None, "derived"),
            )

    def rows(self) -> list[Evidence]:
        """Every row, by finding and segment; problems of whole files are told first."""
        for (name, finding_id, reason), n in sorted(self._stale.items()):
            self._say(
                "stance-stale",
                f"{n} stances on {finding_id} were set before it changed ({reason}); they do not count",
                "stances on the finding as it is now",
                f"look at the segments again and set them anew: coprod-trust stance STUDY SEGMENT {finding_id}",
                name=name,
                column_name=finding_id,
            )
        for name, n in sorted(self._after_results.items()):
            self._say(
                "stance-after-results",
                f"{n} stances were set by somebody who had seen the results",
                "stances set blind",
                "nothing needs mending; the report says how many were set blind",
                name=name,
            )
        return [self._rows[key] for key in sorted(self._rows)]

    def _finding_is_there(self, finding_id: str, **where: object) -> bool:
        if finding_id in self.standings.now:
            return True
        if finding_id in self._elements:
            return False  # what a passage does to a variable of the model (sql/integrate/mention.sql)
        if not self._is_later(finding_id):
            self._say(
                "stance-finding-unknown",
                "no finding has that id",
                "the id of a finding, as the report and the table finding have it",
                "correct finding_id",
                **where,
            )
        return False

    def _is_later(self, finding_id: str) -> bool:
        """Whether the finding is about a wave after the one that is run."""
        parts = finding_id.split(".")
        return len(parts) > 2 and bool(set(parts[2].split("-")) & self._later)

    def _count(self, name: str, row: Evidence) -> None:
        if row.stale_reason:
            self._stale[name, row.finding_id, row.stale_reason] += 1
        if row.blinded is False:
            self._after_results[name] += 1

    def _say(self, rule: str, message: str, expected: str, fix: str, **where: object) -> None:
        from coprod_trust.ingest.catalogue import RULES as CATALOGUE

        severity = self._severities[rule]
        if severity is not None:
            self.problems.append(
                Problem(rule, severity, CATALOGUE[rule].scope, message, expected, fix, **where)  # type: ignore[arg-type]
            )


def read_evidence(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    wave: str,
    decisions: Sequence[tuple[int, Stance]],
    standings: Standings,
) -> tuple[list[Evidence], list[Problem]]:
    """Every stance on a finding of this run, and what was wrong with stances."""
    segments = frozenset(s for (s,) in con.execute("SELECT segment_id FROM segment").fetchall())
    reader = StanceReader(study, wave, standings, segments)
    reader.decided(decisions)
    reader.coded(
        CodedStance(
            segment,
            finding,
            tuple(stances),
            blinded,
            datetime.fromtimestamp(at / 1e6, UTC) if at is not None else None,
            source,
            name,
            row,
        )
        for segment, finding, stances, blinded, at, source, name, row in sql.run(
            con, "integrate/coded_stances"
        ).fetchall()
    )
    reader.derived(_derived(con, study, standings))
    return reader.rows(), reader.problems


def _derived(con: duckdb.DuckDBPyConnection, study: Study, standings: Standings) -> list[tuple[str, str, str]]:
    """Findings on a change of trust with a direction, among participants, met with what codes lead to expect."""
    dimensions: Mapping[str, str] = {s.id: str(s.dimension) for s in study.scales if s.dimension}
    chosen = [
        (finding_id, dimensions[parts[1]], standing.direction)
        for finding_id, standing in standings.now.items()
        if (parts := finding_id.split("."))[0] == "change"
        and len(parts) == 3
        and parts[1] in dimensions
        and standing.direction is not None
    ]
    if not chosen:
        return []
    findings, names, directions = (list(column) for column in zip(*chosen, strict=True))
    bind = {"findings": findings, "dimensions": names, "directions": directions}
    return sql.run(con, "integrate/derived_stances", bind).fetchall()
