"""Which wave a run takes, what it records, and what an interrupted one leaves: nothing."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coprod_trust import runner
from coprod_trust.errors import EXIT_BUSY, Busy, Refused, StudyError, UsageError
from coprod_trust.status import status
from coprod_trust.store import StudyPaths, open_work, study_lock
from coprod_trust.store.query import query
from tests.store.published import publish_again, publish_small
from tests.studies import small_study


def run_rows(root: Path) -> list[tuple[object, ...]]:
    with open_work(StudyPaths(root)) as con:
        return con.execute("SELECT run_id, wave, finished_at IS NOT NULL FROM run ORDER BY started_at").fetchall()


def test_the_latest_wave_with_files_is_taken(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    (root / "waves" / "w3.csv").unlink()
    with runner.study_run(root) as context:
        assert context.wave == "w2"


def test_a_wave_whose_files_are_only_in_the_archive_counts(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    paths = StudyPaths(root)
    paths.archive.mkdir(parents=True)
    with (paths.archive / "index.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["path", "sha256", "wave", "kind", "received_at"])
        writer.writerow(["waves/w3.csv", "0" * 64, "w3", "survey", "2026-01-01T00:00:00+00:00"])
        writer.writerow(["codebook.csv", "1" * 64, "", "codebook", "2026-01-01T00:00:00+00:00"])
    (root / "waves" / "w3.csv").unlink()
    with runner.study_run(root) as context:
        assert context.wave == "w3"


def test_what_cannot_be_run_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    with pytest.raises(UsageError, match="choose one of: w1, w2, w3"), runner.study_run(root, "w9"):
        pass
    (root / "waves" / "w2.csv").unlink()
    with pytest.raises(Refused, match="wave w2 has no files"), runner.study_run(root, "w2"):
        pass
    shutil.rmtree(root / "waves")
    with pytest.raises(Refused, match=r"waves/w1\.csv, waves/w2\.csv, waves/w3\.csv"), runner.study_run(root):
        pass
    with pytest.raises(StudyError, match=r"no study\.yaml"), runner.study_run(tmp_path):
        pass
    assert not (root / "work").exists()
    assert not (tmp_path / "work").exists()


def test_two_runs_at_once_are_not_possible(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    code = (
        "import sys; from pathlib import Path; from coprod_trust import runner; from coprod_trust.errors import Busy\n"
        "try:\n"
        "    with runner.study_run(Path(sys.argv[1])): pass\n"
        "except Busy as busy: sys.exit(busy.exit_status)\n"
    )
    with runner.study_run(root):
        other = subprocess.run([sys.executable, "-c", code, root], check=False)
        assert other.returncode == EXIT_BUSY
        with pytest.raises(Busy, match="another run holds this study"), runner.study_run(root):
            pass
    assert subprocess.run([sys.executable, "-c", code, root], check=False).returncode == 0


def test_a_lock_that_is_held_over_runs_lets_those_inside_and_no_other(tmp_path: Path) -> None:
    paths = StudyPaths(small_study(tmp_path / "s"))
    other = (
        f"import sys; from filelock import FileLock, Timeout\ntry: FileLock({str(paths.lock)!r}, timeout=0).acquire()"
    )
    taken = [sys.executable, "-c", f"{other}\nexcept Timeout: sys.exit(9)"]
    with study_lock(paths, over_runs=True):
        with runner.study_run(paths.root):
            pass
        assert subprocess.run(taken, check=False).returncode == 9
    assert subprocess.run(taken, check=False).returncode == 0
    with runner.study_run(paths.root), pytest.raises(Busy), study_lock(paths, over_runs=True):
        pass


def test_what_an_interrupted_run_left_is_gone_when_the_next_one_begins(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    with runner.study_run(root) as first:
        page = first.paths.outbox / "reports" / "w3" / "public" / "report.en.html"
        page.parent.mkdir(parents=True)
        page.write_text("half done", encoding="utf-8")
        with open_work(first.paths) as con:
            con.execute(
                "INSERT INTO finding_history SELECT ?, * EXCLUDE (run_id) FROM finding_history LIMIT 1", [first.run_id]
            )
            con.execute("INSERT INTO step_record VALUES (?, 'ingest', now(), '{}', FALSE)", [first.run_id])
    with runner.study_run(root) as second:
        assert [r[0] for r in run_rows(root)][1:] == [second.run_id]
        with open_work(second.paths) as con:
            for table in ("finding_history", "step_record"):
                left = con.execute(f"SELECT count(*) FROM {table} WHERE run_id = ?", [first.run_id]).fetchone()
                assert left == (0,)
        assert not list(second.paths.outbox.iterdir())


def test_the_history_outlives_the_working_database(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    publish_again(root, "w2")
    with query(root, "FROM finding_history ORDER BY run_id") as answer:
        history = list(answer)
    runs = run_rows(root)
    assert len(history) == len(runs) == 2
    shutil.rmtree(root / "work")
    third = publish_again(root)
    with query(root, "FROM finding_history ORDER BY run_id") as answer:
        assert [r for r in answer if r[0] != third.run_id] == history
    assert run_rows(root) == [*runs, (third.run_id, "w3", True)]


def test_a_published_file_that_cannot_be_read_is_not_taken_for_an_empty_history(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    shutil.rmtree(root / "work")
    published = StudyPaths(root).published
    published.chmod(0o644)
    published.write_bytes(published.read_bytes()[:5000])
    with pytest.raises(StudyError, match="the history of earlier runs is only there"), runner.study_run(root):
        pass
    assert published.exists()


def test_the_input_hash_follows_what_was_read_and_nothing_else(tmp_path: Path) -> None:
    def hash_of(root: Path) -> object:
        with query(root, "SELECT input_hash FROM run ORDER BY started_at DESC LIMIT 1") as answer:
            return next(iter(answer))[0]

    root = tmp_path / "s"
    publish_small(root)
    first = hash_of(root)
    publish_again(root)
    assert hash_of(root) == first
    (root / "decisions").mkdir()
    (root / "decisions" / "release.csv").write_text("problem_id,who,when,why\n", encoding="utf-8")
    publish_again(root)
    assert hash_of(root) != first


def test_a_result_counts_each_row_or_cell_in_quarantine_once(tmp_path: Path) -> None:
    root = tmp_path / "s"
    context = publish_small(root) and publish_again(root)
    with open_work(context.paths) as con:
        con.execute(
            "INSERT INTO problem SELECT * REPLACE ('other_rule' AS rule, 'ffff0000' AS problem_id) FROM problem"
        )
        con.execute(
            "INSERT INTO problem SELECT * REPLACE (9 AS row_number, 'released' AS status, 'ffff0001' AS problem_id) "
            "FROM problem LIMIT 1"
        )
    found = runner.result(context)
    assert found.quarantined == 1
    assert found.report == root / "reports" / "w3" / "internal" / "report.en.html"
    assert found.report.is_file()


def test_a_clock_that_was_set_back_does_not_make_an_old_run_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "s"
    publish_small(root)
    monkeypatch.setenv("COPROD_TRUST_NOW", "2020-01-01T00:00:00+00:00")
    context = publish_again(root, "w2")
    with query(root, "SELECT run_id, wave FROM run ORDER BY started_at DESC LIMIT 1") as answer:
        assert list(answer) == [(context.run_id, "w2")]
    with query(root, "SELECT bool_and(started_at <= finished_at) FROM run") as answer:
        assert list(answer) == [(True,)]
    assert "the clock of this computer says 2020-01-01" in status(root).waiting[0]
