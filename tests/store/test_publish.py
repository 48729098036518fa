"""The published database: what is in it, what is not, and how it comes into place."""

from __future__ import annotations

import shutil
import stat
import struct
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from coprod_trust import runner
from coprod_trust.errors import StorageError
from coprod_trust.store import StudyPaths
from coprod_trust.store.query import published, query
from tests.store.published import PRIVATE_WORDS, PUBLIC_WORDS, SECRET, publish_again, publish_small
from tests.studies import STUDY_YAML

CONTRACT = {
    "study": "study_id title plan_hash version",
    "participant": "participant_id study_group age birth_year gender first_wave last_wave n_waves entry_reason "
    "exit_reason",
    "wave": "wave label ordinal month planned_date first_response last_response",
    "scale": "scale dimension label low high n_items",
    "item": "item scale wording reverse source",
    "response": "participant_id wave item scale value missing_reason",
    "score": "participant_id study_group wave scale dimension mean pomp n_answered n_items missing_reason",
    "score_wide": "participant_id study_group age gender provider__w1 provider__w2 provider__w3 peers__w3",
    "change": "participant_id scale dimension wave_from wave_to change reliable_change",
    "finding": "finding_id design family outcome predictor contrast population estimand n_start n estimate std_error "
    "df df_method statistic p_value p_adjusted ci_low ci_high effect_name effect_size effect_ci_low effect_ci_high "
    "method verdict certainty exploratory sentence",
    "estimate": "finding_id estimate_id role method n estimate std_error df df_method statistic p_value ci_low ci_high "
    "effect_name effect_size effect_ci_low effect_ci_high",
    "finding_history": "run_id finding_id n estimate std_error df statistic p_value p_adjusted ci_low ci_high",
    "code": "code parent name construct",
    "segment": "segment_id document position participant_id speaker_role wave text",
    "coding": "segment_id code coder stance valence",
    "document": "document kind case_name date wave",
    "roster": "document participant_id role spoke",
    "code_trajectory": "code outcome contrast n_coded n_not_coded mean_change_coded mean_change_not_coded difference "
    "p_value p_adjusted",
    "evidence": "finding_id segment_id stance derived blinded stale",
    "meta_inference": "finding_id n_confirms n_contrasts n_expands n_silent_asked n_not_asked fit signed_off",
    "source_file": "sha256 name kind wave status rows_in accepted quarantined duplicates blank withdrawn received_at",
    "quarantine": "sha256 row_number column_name rule severity reason fix status",
    "event": "event date label",
    "run": "run_id started_at finished_at version plan_hash input_hash",
}


def ask(root: Path, statement: str) -> list[tuple[object, ...]]:
    with query(root, statement) as answer:
        return list(answer)


@pytest.mark.parametrize("view", CONTRACT)
def test_every_view_has_the_columns_that_analysts_rely_on(published_study: Path, view: str) -> None:
    with query(published_study, f"FROM {view} LIMIT 1") as answer:
        assert set(CONTRACT[view].split()) <= set(answer.names)


def test_every_table_view_and_column_has_a_comment(published_study: Path) -> None:
    bare = ask(
        published_study,
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE comment IS NULL UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL",
    )
    assert bare == []
    columns = ask(published_study, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert len(columns) > 300
    assert [c[:2] for c in columns if not c[2]] == []


def test_duckdb_1_4_and_later_can_read_it(published_study: Path) -> None:
    # The number of the storage version stands behind the checksum and the letters DUCK; 67 is that of 1.4, and 1.x
    # refuses any higher one.
    head = StudyPaths(published_study).published.read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert struct.unpack("<Q", head[12:20])[0] <= 67


def test_it_is_read_only_and_alone(published_study: Path) -> None:
    path = StudyPaths(published_study).published
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert [p.name for p in path.parent.iterdir()] == ["trust.duckdb"]
    assert not StudyPaths(published_study).outbox.exists()


def test_no_value_that_was_refused_and_no_words_without_consent_are_in_it(published_study: Path) -> None:
    with published(published_study) as con:
        words = set()
        for table, column in con.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
            "WHERE NOT internal AND data_type = 'VARCHAR'"
        ).fetchall():
            words |= {w for (w,) in con.execute(f'SELECT DISTINCT "{column}" FROM {table}').fetchall() if w}
    assert PUBLIC_WORDS in words
    assert not {w for w in words if SECRET in w or PRIVATE_WORDS in w}
    raw = StudyPaths(published_study).published.read_bytes()
    assert PUBLIC_WORDS.encode() in raw
    assert SECRET.encode() not in raw
    assert PRIVATE_WORDS.encode() not in raw


def test_free_text_covariates_stay_inside(tmp_path: Path) -> None:
    yaml = STUDY_YAML.replace(
        "  - {id: gender, kind: gender}",
        "  - {id: gender, kind: text}\n  - {id: remark, kind: text, varying: true}",
    )
    publish_small(tmp_path / "s", yaml)
    names = {str(n) for (n,) in ask(tmp_path / "s", "SELECT column_name FROM duckdb_columns() WHERE NOT internal")}
    assert "birth_year" in names
    assert not {n for n in names if n.startswith(("gender", "remark"))}


def test_the_long_views_hold_what_the_wide_tables_hold(published_study: Path) -> None:
    assert ask(published_study, "SELECT wave, count(*), count(value) FROM response GROUP BY wave ORDER BY wave") == [
        ("w1", 14 * 12, 14 * 12 - 2 * 3),
        ("w2", 13 * 12, 13 * 12 - 2 * 3),
        ("w3", 12 * 12, 12 * 12 - 2 * 3),
    ]
    assert ask(published_study, "SELECT missing_reason, count(*) FROM score GROUP BY 1 ORDER BY 1") == [
        ("absent", 3 * 4),
        ("not_asked", 3 * 2),
        (None, 14 * 4 * 3 - 3 * 4 - 3 * 2),
    ]
    assert ask(
        published_study,
        "SELECT count(*) FROM score JOIN (UNPIVOT score_wide ON COLUMNS('__w[123]$') INTO NAME which VALUE wide) AS w "
        "ON w.participant_id = score.participant_id AND w.which = score.scale || '__' || score.wave "
        "AND w.wide = score.pomp",
    ) == [(14 * 4 * 3 - 3 * 4 - 3 * 2,)]


def test_a_change_is_the_later_score_less_the_earlier_and_reliable_beyond_measurement_error(
    published_study: Path,
) -> None:
    rows = ask(
        published_study,
        "SELECT c.change, provider__w2 - provider__w1, reliable_change "
        "FROM change AS c JOIN score_wide USING (participant_id) "
        "WHERE scale = 'provider' AND wave_from = 'w1' AND wave_to = 'w2'",
    )
    assert len(rows) == 13
    # SD 10 and alpha .84 in both waves: sqrt(2 * 100 * .16) = 5.657, times 1.96 is 11.09.
    expected = {"fell": 0, "rose": 0, "within error": 0, None: 0}
    for change, difference, reliable in rows:
        assert change == difference
        expected[reliable] += 1
        if reliable is not None:
            assert reliable == ("fell" if change < -11.09 else "rose" if change > 11.09 else "within error")
    assert expected["fell"] > 2
    assert expected["within error"] > 2
    assert expected[None] == 2, "the reliability among non-participants is not known"


def test_no_change_is_offered_between_waves_that_may_not_be_compared(tmp_path: Path) -> None:
    yaml = STUDY_YAML.replace(
        "    items: [{id: muni_1}", "    response: {w2: {low: -5, high: 10}}\n    items: [{id: muni_1}"
    )
    publish_small(tmp_path / "s", yaml)
    assert ask(tmp_path / "s", "SELECT DISTINCT wave_from, wave_to FROM change WHERE scale = 'municipal'") == [
        ("w1", "w3")
    ]
    assert ask(
        tmp_path / "s", "SELECT reason FROM comparability WHERE scale = 'municipal' AND NOT comparable LIMIT 1"
    ) == [("answered from 0 to 10 at w1 and from -5 to 10 at w2",)]


def test_a_run_of_an_earlier_wave_publishes_that_state_alone(tmp_path: Path) -> None:
    publish_small(tmp_path / "s")
    publish_again(tmp_path / "s", "w1")
    assert ask(tmp_path / "s", "SELECT DISTINCT wave FROM score") == [("w1",)]
    assert ask(tmp_path / "s", "SELECT count(*) FROM change") == [(0,)]
    assert ask(tmp_path / "s", "SELECT wave, n_people FROM wave ORDER BY ordinal") == [("w1", 14), ("w2", 0), ("w3", 0)]
    assert ask(tmp_path / "s", "SELECT wave FROM run ORDER BY started_at") == [("w3",), ("w1",)]


READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print(con.execute("SELECT count(*) FROM run").fetchone()[0], flush=True)
sys.stdin.readline()
print(con.execute("SELECT count(*) FROM run JOIN finding_history USING (run_id)").fetchone()[0], flush=True)
"""


def test_a_reader_keeps_what_it_opened_and_never_stands_in_the_way_of_a_run(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(StudyPaths(root).published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "1\n"
        shutil.rmtree(root / "work")  # so that the run reads the history out of the very file
        publish_again(root)
        newer = subprocess.run(
            [sys.executable, "-c", READER, str(StudyPaths(root).published)],
            input="\n",
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        assert newer.stdout == "2\n2\n"
        old, _ = reader.communicate("\n", timeout=30)
        assert old == "1\n"
    finally:
        reader.kill()
        reader.wait()


def test_a_stray_write_ahead_log_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    wal = Path(f"{StudyPaths(root).published}.wal")
    wal.write_bytes(b"left behind")
    before = StudyPaths(root).published.read_bytes()
    with pytest.raises(StorageError, match="delete this file") as refused, runner.study_run(root):
        pytest.fail("the run began")
    assert str(wal) in str(refused.value)
    assert StudyPaths(root).published.read_bytes() == before
    wal.unlink()
    publish_again(root)


def test_pages_that_are_not_renewed_are_taken_away_and_other_files_stay(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    edition = StudyPaths(root).report("w3")
    (edition / "report.nl.html").write_text("old", encoding="utf-8")
    (edition / "my notes.txt").write_text("mine", encoding="utf-8")
    publish_again(root)
    assert sorted(p.name for p in edition.iterdir()) == ["my notes.txt", "report.en.html"]


def test_the_file_can_be_moved_and_its_views_still_work(published_study: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other name.duckdb"
    elsewhere.write_bytes(StudyPaths(published_study).published.read_bytes())
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{elsewhere}' AS copy (READ_ONLY)")
        con.execute("USE copy")
        for (view,) in con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall():
            con.execute(f"FROM {view}").fetchall()


def test_released_words_can_be_searched_with_their_context(published_study: Path) -> None:
    with published(published_study) as con:
        rows = con.execute("SELECT segment_id, before_it, it, after_it FROM concordance('KEPT', width := 6)").fetchall()
        assert rows == [("s1", " They ".strip() + " ", "kept", " their")]
        twice = con.execute("SELECT before_it, it FROM concordance('the', width := 3)").fetchall()
        assert twice == [("", "The"), ("pt ", "the")], "every place, capitals aside"
        assert con.execute("SELECT segment_id FROM find_passages('word')").fetchall() == [("s1",)]
        assert con.execute("FROM find_passages('neighbour')").fetchall() == [], "what was not released is not found"
