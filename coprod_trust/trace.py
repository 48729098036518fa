"""From a finding to what it rests on: its plan entry, its numbers, the rows and files behind them, and the segments
for, against and beyond it.

Read from the published database alone, so that asking never disturbs a run. Answers and scores are not shown: a row is
named by its file and number, and words only as they were released.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from coprod_trust.analysis.multiplicity import family_of
from coprod_trust.errors import Reason, UsageError
from coprod_trust.store import sql
from coprod_trust.store.query import published
from coprod_trust.study import Study, load_study, plan_hash
from coprod_trust.trace_rows import Record, rows_behind


@dataclass(frozen=True)
class Trace:
    """Everything behind one finding; each record has the names of the published table it comes from.

    ``n_rows_differ`` says that the estimate rests on another number of people than have all the scores, and why that
    can be.
    """

    finding: Record
    plan: Record
    estimates: tuple[Record, ...]
    files: tuple[Record, ...]
    rows: tuple[Record, ...]
    meta_inference: Record | None
    segments: tuple[Record, ...]
    run: Record
    n_rows_differ: str | None

    def as_data(self) -> Record:
        """For JSON."""
        return {
            "finding": self.finding,
            "plan": self.plan,
            "estimates": self.estimates,
            "files": self.files,
            "rows": self.rows,
            "n_rows_differ": self.n_rows_differ,
            "meta_inference": self.meta_inference,
            "segments": self.segments,
            "run": self.run,
        }

    def people(self) -> tuple[str, ...]:
        """The participants behind the finding."""
        return tuple(dict.fromkeys(r["participant_id"] for r in self.rows))


def trace(root: Path, finding_id: str) -> Trace:
    """What the published finding with that id rests on.

    Raises UsageError where no finding has that id, StudyError where nothing was published or study.yaml cannot be read.
    """
    study = load_study(root)
    with published(root) as con:
        found = _records(con.execute("SELECT * FROM finding WHERE finding_id = ?", [finding_id]))
        if not found:
            raise UsageError(_unknown(con, finding_id))
        finding = found[0]
        run = _records(con.execute("SELECT * FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1"))[0]
        estimates = _records(
            con.execute(
                "SELECT * FROM estimate WHERE finding_id = ? "
                "ORDER BY list_position(['primary', 'secondary', 'sensitivity', 'check'], role), estimate_id",
                [finding_id],
            )
        )
        n = _people_in(finding, estimates)
        rows = rows_behind(con, study, finding, n)
        segments = _records(sql.run(con, "trace/segments", {"finding_id": finding_id}))
        hashes = sorted({str(r["sha256"]) for r in (*rows, *segments) if r["sha256"]})
        waves = sorted({str(r["wave"]) for r in rows})
        files = _records(sql.run(con, "trace/files", {"sha256": hashes, "waves": waves}))
        metas = _records(con.execute("SELECT * FROM meta_inference WHERE finding_id = ?", [finding_id]))
    result = Trace(
        finding=finding,
        plan=_plan_entry(study, finding, run),
        estimates=tuple(estimates),
        files=tuple(files),
        rows=tuple(rows),
        meta_inference=metas[0] if metas else None,
        segments=tuple(segments),
        run={k: str(v) if v is not None else None for k, v in run.items()},
        n_rows_differ=None,
    )
    return _with_difference(result, n)


def _people_in(finding: Record, estimates: Sequence[Record]) -> int | None:
    """How many people the primary estimate rests on: a model may use more than those who answered both times."""
    primary = next((e["n"] for e in estimates if e["role"] == "primary"), None)
    return finding["n"] if primary is None else primary


def _plan_entry(study: Study, finding: Record, run: Record) -> Record:
    """What the plan says of the question; ``changed_since`` where study.yaml holds another plan than the run read."""
    question = ".".join(str(finding["finding_id"]).split(".")[:2])
    family = family_of(study.plan, question)
    registered = study.plan.registered
    return {
        "question": question,
        "planned": not finding["exploratory"],
        "primary_outcome": finding["outcome"] in study.plan.primary and question.startswith("change."),
        "family": family.id if family else finding["family"],
        "family_label": family.label if family else None,
        "members": list(family.members) if family else [],
        "adjust": family.adjust if family else None,
        "equivalence_bound": study.plan.equivalence_bound,
        "alpha": study.plan.alpha,
        "registered": registered.isoformat() if registered else None,
        "plan_hash": run["plan_hash"],
        "changed_since": plan_hash(study) != run["plan_hash"],
    }


def _with_difference(result: Trace, n: int | None) -> Trace:
    from dataclasses import replace

    found = len(result.people())
    if n is None or n == found:
        return result
    why = (
        f"the estimate rests on {n:,} people, and {found:,} have the scores that the finding names: the method needs "
        "something more than these, such as a covariate; the note of the estimate says what"
    )
    return replace(result, n_rows_differ=why)


def _unknown(con: duckdb.DuckDBPyConnection, finding_id: str) -> Reason:
    from difflib import get_close_matches

    ids = [i for (i,) in con.execute("SELECT finding_id FROM finding ORDER BY finding_id").fetchall()]
    near = get_close_matches(finding_id, ids, n=3, cutoff=0.5)
    fix = f"perhaps {', '.join(near)}" if near else "take the id from the report, or from the table finding"
    return Reason(f"no published finding has the id {finding_id}", fix, "FINDING")


def _records(result: duckdb.DuckDBPyConnection) -> list[Record]:
    names = [d[0] for d in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
