"""The integrate step: the coded notes meet the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import astuple
from math import sqrt

import duckdb

from coprod_trust import beside, kept
from coprod_trust.analysis.multiplicity import family_of
from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.decisions import QuoteRelease, SignOff, Stance, read, read_numbered
from coprod_trust.integrate.agreement import coder_agreement
from coprod_trust.integrate.boundaries import boundary_agreement, read_passages
from coprod_trust.integrate.cases import choose_cases, chosen_cases, compare_cases, follow_codes, trace_saturation
from coprod_trust.integrate.field_list import write_field_list
from coprod_trust.integrate.meta import meta_inferences
from coprod_trust.integrate.selection import Selected
from coprod_trust.integrate.stance import RULES, read_evidence
from coprod_trust.integrate.standing import Standings, aware, read_standings
from coprod_trust.integrate.trajectory import Compared, Comparison, Mark, Person, Trajectory, family_trajectories
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.quotes import store_gate
from coprod_trust.steps import Context, Counts
from coprod_trust.store import columns_of, insert_rows, open_work, sql, transaction
from coprod_trust.study import Scale, Study
from coprod_trust.study.contrasts import Contrast, contrasts_of


def run_step(context: Context) -> Counts:
    """Compare, for each code, trust scale and contrast, the people coded with the people not coded; weigh each finding
    against the notes; and decide which words may be quoted."""
    study = context.study()
    stances, signed = read_numbered(context.root, Stance), read(context.root, SignOff)
    releases = read(context.root, QuoteRelease)
    with open_work(context.paths) as con, transaction(con):
        computing = code_trajectories(con, study, context.wave)
        quotable = store_gate(con, study, releases)
        con.execute("DELETE FROM code_trajectory")
        con.execute("DELETE FROM coder_agreement")
        con.execute("DELETE FROM boundary_agreement")
        boundaries = boundary_agreement(read_passages(con))
        insert_rows(con, "boundary_agreement", [astuple(b) for b in boundaries])
        agreeing = coder_agreement(con)
        beside.prepare_drawing()
        set_by_people, proposed = weigh(con, study, context.wave, stances, signed)
        cases = compare_cases(con, study, context.wave)
        trace_saturation(con, study, context.wave)
        follow_codes(con, study, context.wave)
        selected = choose_cases(con, study, context.wave)
        insert_rows(con, "coder_agreement", [astuple(a) for a in agreeing.result()])
        rows = [row for family in computing for row in family.result()]
        insert_rows(con, "code_trajectory", [astuple(r) for r in rows])
    _write_list(context, selected)
    compared = sum(r.declined is None for r in rows)
    return {"compared": compared, "listed_only": len(rows) - compared, "quotable_segments": quotable,
            "stances": set_by_people, "fits_proposed": proposed, "cases": cases}  # fmt: skip


def inputs(con: duckdb.DuckDBPyConnection, context: Context) -> kept.Inputs:
    """The decisions, and for those that do not say what the finding was, what the record says it was."""
    stances, signed = read(context.root, Stance), read(context.root, SignOff)
    silent = [
        (d.finding_id, aware(d.when))
        for decided in (stances, signed)
        for d in decided
        if d.finding_id and d.verdict is None and d.estimate is None
    ]
    standings = read_standings(con, context.study().plan.alpha) if silent else Standings({})
    seen = [(f"{finding} {when}", str(standings.on_record(finding, when))) for finding, when in silent]
    return (*kept.decisions(context.root, Stance, SignOff, QuoteRelease), *seen)


def renew(context: Context) -> None:
    """Write again what every run leaves beside its tables."""
    with open_work(context.paths) as con:
        _write_list(context, chosen_cases(con))


def _write_list(context: Context, selected: Sequence[Selected]) -> None:
    folder = context.paths.outbox / "reports" / context.wave / Edition.INTERNAL
    write_field_list(folder, context.study(), selected)


def weigh(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    wave: str,
    stances: Sequence[tuple[int, Stance]],
    signed: Sequence[SignOff],
) -> tuple[int, int]:
    """Rebuild ``evidence`` and ``meta_inference``; returns how many stances people set and how many fits the rules
    propose."""
    standings = read_standings(con, study.plan.alpha)
    evidence, problems = read_evidence(con, study, wave, stances, standings)
    con.execute("DELETE FROM problem WHERE rule IN (SELECT unnest(?))", [list(RULES)])
    insert_rows(con, "problem", [p.as_row() for p in problems])
    con.execute("DELETE FROM evidence")
    insert_rows(con, "evidence", [astuple(e) for e in evidence])
    metas = meta_inferences(con, study, wave, standings, signed)
    con.execute("DELETE FROM meta_inference")
    insert_rows(con, "meta_inference", [astuple(m) for m in metas])
    return sum(not e.derived for e in evidence), sum(m.fit is not None for m in metas)


def code_trajectories(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> list[Future[list[Trajectory]]]:
    """Every code that any interviewed person has, with every scale of trust, over every contrast up to the wave: a
    family at a time, each being computed beside the run."""
    if not _any_interviewed(con):
        return []
    columns = frozenset(columns_of(con, "panel", "score_wide"))
    orders = RandomOrders(study.plan.seed, study.plan.permutations)
    errors = _error_variances(con, study)
    marks: dict[str, Mapping[str, Mapping[str, Mark]]] = {}
    families: dict[tuple[str, str], tuple[str, list[Compared]]] = {}
    for scale in study.scales:
        if scale.dimension is None or not scale.scored:
            continue
        waves = tuple(w.id for w in study.waves_up_to(wave) if f"{scale.id}__{w.id}" in columns)
        for contrast in contrasts_of(study, scale, waves):
            family = family_of(study.plan, f"codes.{scale.id}")
            key = (family.id if family else "codes", contrast.id)
            method = family.adjust if family else "benjamini_hochberg"
            if contrast.wave_to not in marks:
                marks[contrast.wave_to] = _marks(con, contrast.wave_to)
            comparison, people = _comparison(con, study, scale, contrast, errors)
            families.setdefault(key, (method, []))[1].append(Compared(comparison, people, marks[contrast.wave_to]))
    return [beside.submit(family_trajectories, family, orders, method) for method, family in families.values()]


def _comparison(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    scale: Scale,
    contrast: Contrast,
    errors: Mapping[tuple[str, str], float],
) -> tuple[Comparison, list[Person]]:
    names = {"scale": scale.id, "wave_from": contrast.wave_from, "wave_to": contrast.wave_to}
    bind = {"group": study.groups.participants, **names}
    people = [Person(*row) for row in sql.run(con, "integrate/interviewed_changes", bind, **names).fetchall()]
    both = [errors.get((scale.id, w)) for w in (contrast.wave_from, contrast.wave_to)]
    known = [e for e in both if e is not None]
    comparison = Comparison(
        outcome=scale.id,
        dimension=scale.dimension,
        wave_from=contrast.wave_from,
        wave_to=contrast.wave_to,
        error=sqrt(sum(known)) if len(known) == len(both) else None,
        n_not_interviewed=int(_number(sql.run(con, "integrate/not_interviewed", bind, **names)) or 0),
        declined=_not_comparable(con, scale, contrast),
    )
    return comparison, people


def _error_variances(con: duckdb.DuckDBPyConnection, study: Study) -> dict[tuple[str, str], float]:
    rows = sql.run(con, "integrate/measurement_error", {"group": study.groups.participants}).fetchall()
    return {(scale, wave): variance for scale, wave, variance in rows}


def _marks(con: duckdb.DuckDBPyConnection, wave: str) -> dict[str, dict[str, Mark]]:
    """Code: participant: mark, of what was coded up to the wave."""
    marks: dict[str, dict[str, Mark]] = {}
    for code, participant, status, single_only in sql.run(con, "integrate/marks", {"wave_to": wave}).fetchall():
        marks.setdefault(code, {})[participant] = Mark(status, single_only)
    return marks


def _number(result: duckdb.DuckDBPyConnection) -> float | None:
    row = result.fetchone()
    return row[0] if row else None


def _not_comparable(con: duckdb.DuckDBPyConnection, scale: Scale, contrast: Contrast) -> str | None:
    row = con.execute(
        "SELECT comparable, reason FROM comparability WHERE scale = ? AND wave_from = ? AND wave_to = ?",
        [scale.id, contrast.wave_from, contrast.wave_to],
    ).fetchone()
    if row is None:
        return f"it was not established that {contrast.wave_from} and {contrast.wave_to} can be compared"
    return None if row[0] else str(row[1] or "the two waves cannot be compared")


def _any_interviewed(con: duckdb.DuckDBPyConnection) -> bool:
    row = con.execute("SELECT count(*) FROM interviewed").fetchone()
    return bool(row and row[0])
