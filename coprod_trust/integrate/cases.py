"""Fills the tables that compare cases and narratives, show saturation, and say whom to speak to next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

import duckdb

from coprod_trust.analysis import rules
from coprod_trust.integrate.saturation import Point, saturation
from coprod_trust.integrate.selection import Candidate, Selected, select_cases
from coprod_trust.store import columns_of, insert_rows, sql
from coprod_trust.study import Study
from coprod_trust.study.contrasts import contrasts_of
from coprod_trust.study.model import Dimension, Scale


def compare_cases(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> int:
    """Rebuild ``case_summary``, ``case_element``, ``model_link``, ``narrative`` and ``appraisal``; returns the number
    of cases. Elements none of whose codes is in the codebook are left out."""
    waves = [w.id for w in study.waves_up_to(wave)]
    bind: dict[str, Any] = {"waves": waves, "participants": study.groups.participants} | _model(con, study)
    sql.run(con, "integrate/case_summary", bind)
    sql.run(con, "integrate/mention", bind)
    for name in ("case_element", "model_link", "narrative"):
        sql.run(con, f"integrate/{name}", bind)
    con.execute("DROP TABLE mention")
    if columns_of(con, "main", "participant"):
        with_answers = [w for w in waves if columns_of(con, "answer", w)]
        sql.run(con, "integrate/appraisal", bind, waves=with_answers)
    row = con.execute("SELECT count(*) FROM case_summary").fetchone()
    return int(row[0]) if row else 0


def _model(con: duckdb.DuckDBPyConnection, study: Study) -> dict[str, Any]:
    """The declared model as lists of equal length, each code with those below it in the codebook."""
    parents = dict(con.execute("SELECT code, parent FROM code").fetchall())
    constructs = dict(con.execute("SELECT code, construct FROM code").fetchall())
    model = study.notes.engagement
    known = [(e, codes) for e in model.elements if (codes := _with_children(e.codes, parents))]
    here = {e.id for e, _ in known}
    mentions = [(e.id, code, time) for e, codes in known for code in codes for time in e.times or [""]]
    asked = {
        (e.id, construct)
        for e, codes in known
        for construct in (e.id, *e.guide, *((constructs[c] for c in codes) if e.kind == "model" else ()))
        if construct
    }
    links = [(k.source, k.target) for k in model.links if {k.source, k.target} <= here]
    rungs = [(e.id, e.rung) for e, _ in known if e.rung is not None]
    appraisals = [(name, code) for name, codes in model.appraisals.items() for code in _with_children(codes, parents)]
    return {
        **_columns(("elements", "codes", "times"), mentions),
        **_columns(("all_elements", "kinds"), [(e.id, e.kind) for e, _ in known]),
        **_columns(("asked_elements", "constructs"), sorted(asked)),
        **_columns(("variables",), [(e.id,) for e, _ in known if e.kind == "model"]),
        **_columns(("sources", "targets"), links),
        **_columns(("rung_elements", "rungs"), rungs),
        **_columns(("appraisals", "appraisal_codes"), appraisals),
    }


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _with_children(codes: Iterable[str], parents: dict[str, str | None]) -> list[str]:
    """The codes that are in the codebook, with every code below them."""
    found = [c for c in codes if c in parents]
    for code in found:
        found += [child for child, parent in parents.items() if parent == code and child not in found]
    return found


def trace_saturation(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> None:
    """Rebuild ``saturation`` for all codes, and for those that came from the notes themselves: deductive codes are
    there from the beginning, so they make saturation look early."""
    con.execute("DELETE FROM saturation")
    con.execute("DELETE FROM saturation_declined")
    waves = [w.id for w in study.waves_up_to(wave)]
    documents = [
        (d, list(codes or ())) for d, codes in sql.run(con, "integrate/codes_by_document", {"waves": waves}).fetchall()
    ]
    parents = dict(con.execute("SELECT code, parent FROM code").fetchall())
    inductive = set(_with_children(study.notes.engagement.inductive, parents))
    points: list[Point] = []
    for name in ("all", "inductive"):
        kept = documents if name == "all" else [(d, [c for c in codes if c in inductive]) for d, codes in documents]
        found = saturation(kept, name)
        if isinstance(found, str):
            con.execute("INSERT INTO saturation_declined VALUES (?, ?)", [name, found])
        else:
            points += found
    insert_rows(con, "saturation", [astuple(p) for p in points])


def follow_codes(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> None:
    """Rebuild ``code_change``: what each change of the codebook did to the link of a code with a change of trust."""
    con.execute("DELETE FROM code_change")
    row = con.execute("SELECT count(*) FROM code_mapping").fetchone()
    if not row or not row[0]:
        return
    for scale, start, to in _comparable_trust(con, study, wave):
        names = {"scale": scale.id, "wave_from": start, "wave_to": to}
        bind = {"group": study.groups.participants, "contrast": f"{start}-{to}", "floor": rules.CODE_TRAJECTORY.minimum}
        sql.run(con, "integrate/code_change", bind | names, **names)


def _comparable_trust(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> list[tuple[Scale, str, str]]:
    """The scales of trust with the primary contrast up to the wave, where its waves may be compared."""
    columns = frozenset(columns_of(con, "panel", "score_wide"))
    comparable = set(con.execute("SELECT scale, wave_from, wave_to FROM comparability WHERE comparable").fetchall())
    found = []
    for scale in (s for s in study.scales if s.dimension and s.scored):
        waves = tuple(w.id for w in study.waves_up_to(wave) if f"{scale.id}__{w.id}" in columns)
        contrast = next((c for c in contrasts_of(study, scale, waves) if c.primary), None)
        if contrast is not None and (scale.id, contrast.wave_from, contrast.wave_to) in comparable:
            found.append((scale, contrast.wave_from, contrast.wave_to))
    return found


def choose_cases(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> list[Selected]:
    """Rebuild ``case_selection``: for each scale of trust, on its primary contrast up to the wave."""
    peers = next((s for s in study.scales if s.dimension == Dimension.PEERS and s.scored), None)
    interviewed = {p for (p,) in con.execute(
        "SELECT participant_id FROM interviewed WHERE wave = ?", [wave]).fetchall()}  # fmt: skip
    compared = _comparable_trust(con, study, wave)
    chosen: list[Selected] = []
    for scale, *ends in compared:
        with_peers = peers if peers and peers != scale and (peers, *ends) in compared else None
        people, leavers = _changes(con, study, scale, with_peers, (ends[0], ends[1]))
        chosen += select_cases(scale.id, "-".join(ends), people, leavers, interviewed, study.plan.seed)
    con.execute("DELETE FROM case_selection")
    insert_rows(con, "case_selection", [astuple(s) for s in chosen])
    return chosen


def chosen_cases(con: duckdb.DuckDBPyConnection) -> list[Selected]:
    """``case_selection`` as it was built last."""
    return [Selected(*row) for row in con.execute("FROM case_selection ORDER BY rowid").fetchall()]


def _changes(
    con: duckdb.DuckDBPyConnection, study: Study, scale: Scale, peers: Scale | None, ends: tuple[str, str]
) -> tuple[list[Candidate], list[str]]:
    """Participants with their changes, and those who answered at the first of the two waves and not at the second."""
    rows = sql.run(
        con, "integrate/selection", {"group": study.groups.participants}, scale=scale.id,
        peers=peers.id if peers else None, start=ends[0], to=ends[1],
    ).fetchall()  # fmt: skip
    people = [Candidate(i, change, other) for i, change, other, _ in rows]
    return people, [i for i, _, _, left in rows if left]
