"""What a run of all steps publishes agrees with itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coprod_trust.store import StudyPaths
from coprod_trust.store.query import query


def ask(root: Path, statement: str) -> list[tuple[object, ...]]:
    with query(root, statement) as answer:
        return list(answer)


def test_paired_tests_of_change_are_those_of_the_change_view(ran_study: Path) -> None:
    found = ask(
        ran_study,
        "SELECT outcome, e.n, round(e.estimate, 9), n_fell, n_rose, n_fell_reliably, n_rose_reliably, "
        "  count(*), round(avg(c.change), 9), count(*) FILTER (c.change < 0), count(*) FILTER (c.change > 0), "
        "  count(*) FILTER (reliable_change = 'fell'), count(*) FILTER (reliable_change = 'rose') "
        "FROM finding AS f "
        "JOIN estimate AS e ON e.finding_id = f.finding_id AND e.method = 'paired_t' "
        "JOIN change AS c ON c.scale = f.outcome AND f.contrast = c.wave_from || '-' || c.wave_to "
        "JOIN study ON c.study_group = study.participants "
        "WHERE f.finding_id = 'change.' || f.outcome || '.w1-w2' GROUP BY ALL ORDER BY ALL",
    )
    assert [row[0] for row in found] == ["generalized", "municipal", "peers", "provider"]
    for row in found:
        assert row[1:7] == row[7:]
    assert sum(int(str(row[5])) for row in found) > 0, "somebody fell by more than measurement error"


def test_the_means_by_wave_are_those_of_the_score_view(ran_study: Path) -> None:
    apart = ask(
        ran_study,
        "SELECT m.scale, m.wave FROM wave_mean AS m "
        "JOIN score AS s ON s.scale = m.scale AND s.wave = m.wave AND s.study_group = m.population "
        "WHERE m.method = 'observed' GROUP BY m.scale, m.wave, m.population, m.mean, m.n "
        "HAVING m.n <> count(s.pomp) OR abs(m.mean - avg(s.pomp)) > 1e-9",
    )
    assert apart == []


def test_every_answer_can_be_followed_to_a_row_that_says_the_same(ran_study: Path) -> None:
    rows = ask(
        ran_study,
        "SELECT f.name, f.row_number, r.item, r.value, r.participant_id FROM response AS r "
        "JOIN source_row AS f USING (participant_id, wave) WHERE value IS NOT NULL",
    )
    assert len(rows) == (30 + 29) * 12 - 2 * 2 * 3
    lines = {n: (ran_study / n).read_text(encoding="utf-8").splitlines() for n in ("waves/w1.csv", "waves/w2.csv")}
    for name, row_number, item, value, person in rows:
        header, line = lines[str(name)][0].split(","), lines[str(name)][int(str(row_number)) - 1].split(",")
        record = dict(zip(header, line, strict=True))
        assert record["pid"] == person
        assert float(record[str(item)]) == value


def test_the_run_is_recorded_with_what_its_steps_counted(ran_study: Path) -> None:
    ((run_id, wave, finished, plan_hash, input_hash),) = ask(
        ran_study, "SELECT run_id, wave, finished_at >= started_at, plan_hash, input_hash FROM run"
    )
    assert (wave, finished) == ("w2", True)
    assert len(str(plan_hash)) == len(str(input_hash)) == 64
    assert ask(ran_study, "SELECT DISTINCT run_id FROM finding_history") == [(run_id,)]
    assert ask(ran_study, "SELECT count(*) FROM finding_history") == ask(ran_study, "SELECT count(*) FROM finding")


def test_the_report_lies_where_readers_look(ran_study: Path) -> None:
    folder = StudyPaths(ran_study).report("w2")
    assert (folder / "report.en.html").stat().st_size > 10_000
    assert json.loads((folder / "findings.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", ["evidence", "meta_inference"])
def test_what_has_no_notes_is_there_and_empty(ran_study: Path, table: str) -> None:
    assert ask(ran_study, f"FROM {table}") == []
