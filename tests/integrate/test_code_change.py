"""A change of the codebook, followed through to the difference that a code goes with."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from coprod_trust.integrate.cases import follow_codes
from coprod_trust.store import open_memory
from coprod_trust.study import load_study
from tests.integrate.test_step import CODED, fill
from tests.studies import small_study


def give(con: duckdb.DuckDBPyConnection, person: str, now: str, as_given: str | None) -> None:
    con.execute(
        "INSERT INTO segment (segment_id, document, participant_id, speaker_role, wave) "
        "VALUES (?, 'd', ?, 'citizen', 'w2')",
        [f"{person}-{now}", person],
    )
    con.execute(
        "INSERT INTO coding (segment_id, code, coder, code_as_given) VALUES (?, ?, 'ann', ?)",
        [f"{person}-{now}", now, as_given],
    )
    con.execute("INSERT INTO segment_code VALUES (?, ?, 'single', 1, 1)", [f"{person}-{now}", now])


def test_a_split_code_shows_what_each_part_keeps_of_the_difference(tmp_path: Path) -> None:
    study = load_study(small_study(tmp_path))
    with open_memory() as con:
        fill(con)
        con.execute("INSERT INTO code_mapping VALUES ('v1', 'NOSUP', 'v2', 'ALONE', 'split', 'two things'), "
                    "('v1', 'NOSUP', 'v2', 'UNSEEN', 'split', 'two things')")  # fmt: skip
        for person in CODED:
            give(con, person, "ALONE", "NOSUP")
        for person in ("P007", "P008"):
            give(con, person, "UNSEEN", "NOSUP")
        con.execute(
            "INSERT INTO evidence VALUES "
            "('change.provider.w1-w2', 'P001-ALONE', 'confirms', FALSE, NULL, FALSE, NULL, 'coding')"
        )
        follow_codes(con, study, "w2")
        rows = con.execute(
            "SELECT to_code, n_people_before, n_people_after, n_people_kept, n_stances, difference_before, "
            "difference_after, declined FROM code_change WHERE outcome = 'provider' ORDER BY to_code"
        ).fetchall()
    assert [r[:5] for r in rows] == [("ALONE", 8, 6, 6, 1), ("UNSEEN", 8, 2, 2, 1)]
    assert [r[5] for r in rows] == [None, None], "coded as before, four of the twelve are left beside the eight"
    assert rows[0][6] == pytest.approx(-20 + 0.6), "the six who fell by 20 more, beside the six who did not"
    assert rows[1][6] is None
    assert {r[7] for r in rows} == {"fewer than 5 people in an arm"}


def test_who_has_the_present_code_unresolved_is_in_no_arm(tmp_path: Path) -> None:
    """As where the code is compared for itself: else two tables of one report give two differences."""
    study = load_study(small_study(tmp_path))
    with open_memory() as con:
        fill(con)
        con.execute("INSERT INTO code_mapping VALUES ('v1', 'NOSUP', 'v2', 'ALONE', 'renamed', 'clearer')")
        for person in CODED:
            give(con, person, "ALONE", "NOSUP")
        con.execute("DELETE FROM participant_code WHERE code = 'ALONE'")
        con.execute("INSERT INTO participant_code VALUES ('P007', 'w2', 'ALONE', 'unresolved', FALSE, 1, 1, NULL)")
        follow_codes(con, study, "w2")
        rows = con.execute("SELECT n_people, n_people_after FROM code_change WHERE outcome = 'provider'").fetchall()
    assert rows == [(11, 6)]
