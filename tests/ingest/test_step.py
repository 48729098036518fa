"""Files of three waves become answers, people and a record of what came in."""

from pathlib import Path

import pytest

from coprod_trust.ingest.step import inspect, run_step
from coprod_trust.steps import Context
from coprod_trust.store import StudyPaths, open_work
from tests.studies import answers, small_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return small_study(tmp_path / "small")


def test_clean_files_become_answers_with_their_rows(study: Path) -> None:
    counts = run_step(Context(study, "w3", "run"))
    assert (counts["rows_in"], counts["accepted"]) == (39, 39)
    given = {row["pid"]: row for row in answers()["w2"]}
    with open_work(StudyPaths(study)) as con:
        rows = con.execute(
            "SELECT participant_id, study_group, row_number, response_date::VARCHAR, prov_1, peer_3, peer_3__reason "
            "FROM answer.w2 ORDER BY row_number"
        ).fetchall()
    assert [r[0] for r in rows] == list(given)
    assert [r[2] for r in rows] == list(range(2, len(given) + 2))
    for participant, group, _, date, first, last, reason in rows:
        raw = given[participant]
        assert group == raw["group"].replace("-", "_")
        assert date == raw["date"]
        assert first == int(raw["prov_1"])
        assert last == (int(raw["peer_3"]) if raw["peer_3"] else None)
        assert reason == (None if raw["peer_3"] else "not_asked")


def test_people_are_listed_once_with_the_waves_they_took_part_in(study: Path) -> None:
    run_step(Context(study, "w3", "run"))
    with open_work(StudyPaths(study)) as con:
        people = con.execute(
            "SELECT participant_id, first_wave, last_wave, n_waves, age, gender FROM participant ORDER BY 1"
        ).fetchall()
    assert len(people) == 14
    assert people[0] == ("P001", "w1", "w1", 1, 25, "m")
    assert people[1] == ("P002", "w1", "w2", 2, 26, "m")
    assert people[2] == ("P003", "w1", "w3", 3, 27, "f")


def test_a_run_of_an_earlier_wave_reads_nothing_later(study: Path) -> None:
    (study / "waves" / "w3.csv").write_bytes(b"\x00 not a file that anybody could read")
    counts = run_step(Context(study, "w2", "run"))
    assert counts["files"] == 2
    with open_work(StudyPaths(study)) as con:
        assert con.execute("SELECT max(n_waves) FROM participant").fetchone() == (2,)


def test_checking_writes_nothing(study: Path) -> None:
    assert inspect(study).problems == ()
    assert sorted(p.name for p in study.iterdir()) == ["study.yaml", "waves"]
