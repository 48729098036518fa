"""Whom to speak to next."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.integrate.selection import Candidate, Selected, select_cases
from coprod_trust.runner import run_direct
from coprod_trust.store.query import published

CHANGES = [
    (-20, -18),
    (-15, -14),
    (-10, -10),
    (-9, -8),
    (-8, -7),
    (-5, -4),
    (-2, -1),
    (0, 1),
    (3, 4),
    (6, 8),
    (-16, 12),
]
PEOPLE = [Candidate(f"P{i:02d}", change, peers) for i, (change, peers) in enumerate(CHANGES, start=1)]


def chosen(people: list[Candidate], leavers: tuple[str, ...] = (), seed: int = 1) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for s in select_cases("provider", "w1-w2", people, leavers, {"P01"}, seed):
        found.setdefault(s.rule, []).append(s.participant_id)
    return found


def test_each_rule_takes_whom_it_says() -> None:
    found = chosen(PEOPLE, ("P20", "P21"))
    assert found["typical"] == ["P05", "P04"], "the median change is -8"
    assert found["extreme_fall"] == ["P01", "P11"]
    assert found["extreme_rise"] == ["P10", "P09"]
    assert found["deviant"][0] == "P11", "peer trust up, provider trust down"
    assert set(found["leaver"]) == {"P20", "P21"}


def test_a_residual_needs_ten_people_and_nobody_rises_who_did_not() -> None:
    found = chosen([Candidate(f"P{i}", -float(i), -float(i)) for i in range(1, 6)])
    assert "deviant" not in found
    assert "extreme_rise" not in found


def test_ties_are_broken_by_lot_and_the_lot_by_the_seed() -> None:
    tied = [Candidate(f"P{i:02d}", -5.0) for i in range(30)]
    assert chosen(tied)["typical"] == chosen(tied[::-1])["typical"]
    assert len({tuple(chosen(tied, seed=s)["typical"]) for s in range(6)}) > 1


@given(st.lists(st.floats(-100, 100), max_size=20))
def test_nobody_is_chosen_twice_by_a_rule(changes: list[float]) -> None:
    rows: list[Selected] = select_cases(
        "provider", "w1-w2", [Candidate(f"P{i}", c) for i, c in enumerate(changes)], (), (), 1
    )
    assert len({(s.rule, s.participant_id) for s in rows}) == len(rows)


def test_the_field_list_stays_inside_names_no_score_and_says_whom_to_invite(study_with_notes: Path) -> None:
    run_direct(study_with_notes)
    path = study_with_notes / "reports" / "w2" / "internal" / "field_list.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    provider = [r for r in rows if r["about"] == "trust in the provider"]
    assert {r["what_to_do"] for r in provider} == {"invite for an interview", "read the interview again"}
    assert set(rows[0]) == {"participant_id", "about", "between", "why_chosen", "interviewed", "what_to_do"}
    with published(study_with_notes) as con:
        interviewed = {p for (p,) in con.execute("SELECT participant_id FROM interviewed WHERE wave = 'w2'").fetchall()}
    assert all((r["interviewed"] == "yes") == (r["participant_id"] in interviewed) for r in rows)
    assert not (study_with_notes / "reports" / "w2" / "public" / "field_list.csv").exists()
