"""A study goes into one file and comes back as it was; a damaged file brings nothing back."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.errors import Busy, Refused, UsageError
from coprod_trust.ingest.archive import verify as archive_is_whole
from coprod_trust.lifecycle.backup import backup, restore
from coprod_trust.store import StudyPaths, study_lock
from coprod_trust.store.copies import copies
from coprod_trust.store.query import query
from tests.store.published import publish_again, publish_small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("b") / "study"
    publish_small(root)
    (root / "work" / "logs").mkdir()
    (root / "work" / "logs" / "x.log").write_text("a log", encoding="utf-8")
    return root, backup(root).path


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_what_cannot_be_made_again_comes_back_byte_for_byte(made: tuple[Path, Path], tmp_path: Path) -> None:
    root, file = made
    restore(tmp_path / "back", file)
    before, after = contents(root), contents(tmp_path / "back")
    gone = before.keys() - after.keys()
    assert {g for g in gone if not g.startswith("work/archive/copies")} == {
        "work/study.duckdb", "work/study.lock", "work/logs/x.log",
    }  # fmt: skip
    assert all(after[name] == before[name] for name in after)
    assert not StudyPaths(tmp_path / "back").published.stat().st_mode & 0o222


def test_a_restored_study_runs_on_with_its_history(made: tuple[Path, Path], tmp_path: Path) -> None:
    root, file = made
    back = restore(tmp_path / "back", file).path
    publish_again(back)
    with query(back, "SELECT count(*) FROM run") as answer:
        assert list(answer) == [(2,)]
    assert archive_is_whole(StudyPaths(back)) == archive_is_whole(StudyPaths(root))


def test_a_damaged_or_foreign_file_brings_nothing_back(made: tuple[Path, Path], tmp_path: Path) -> None:
    data = bytearray(made[1].read_bytes())
    middle = len(data) // 3
    data[middle : middle + 64] = bytes(64)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(data)
    other = tmp_path / "other.zip"
    with ZipFile(other, "w") as archive:
        archive.writestr("study.yaml", "format: 1")
    for file in (broken, other):
        with pytest.raises(Refused, match="no backup of coprod-trust, or it is damaged"):
            restore(tmp_path / "back", file)
        assert not (tmp_path / "back").exists()


def test_a_backup_that_names_a_place_outside_is_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    evil = tmp_path / "evil.zip"
    with ZipFile(evil, "w") as archive:
        archive.writestr("../out.txt", "x")
        archive.writestr("backup.json", json.dumps({"format": 1, "made_at": "", "files": {"../out.txt": "0" * 64}}))
    with pytest.raises(Refused):
        restore(tmp_path / "inner" / "back", evil)
    assert not list(tmp_path.rglob("out.txt"))


def test_nothing_is_written_over(made: tuple[Path, Path], tmp_path: Path) -> None:
    root, file = made
    with pytest.raises(UsageError, match="there already"):
        backup(root, file)
    with pytest.raises(UsageError, match="inside the study"):
        backup(root, root / "b.zip")
    with pytest.raises(UsageError, match="not empty"):
        restore(root, file)
    with study_lock(StudyPaths(root)), pytest.raises(Busy):
        backup(root, tmp_path / "x.zip")


def test_backups_are_remembered_and_the_commands_print_where(made: tuple[Path, Path], tmp_path: Path) -> None:
    root, file = made
    assert [(c.kind, c.path) for c in copies(StudyPaths(root))] == [("backup", str(file))]
    done = CliRunner().invoke(application, ["restore", str(tmp_path / "again"), str(file)])
    assert (done.exit_code, done.stdout.strip()) == (0, str(tmp_path / "again"))
