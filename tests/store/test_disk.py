"""A disk that is full or a folder that cannot be written: told plainly, and the last publication stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from coprod_trust import runner
from coprod_trust.errors import EXIT_REFUSED, StorageError, StudyError
from coprod_trust.runner import run_direct
from coprod_trust.store import StudyPaths
from coprod_trust.store.query import query
from coprod_trust.store.work import storage_error
from tests.store.published import publish_again, publish_small
from tests.studies import STUDY_YAML, small_study

LIMITED = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from coprod_trust.errors import StorageError
from coprod_trust.runner import run_direct
try:
    run_direct(Path(sys.argv[1]))
except StorageError as error:
    print(error)
    sys.exit(error.exit_status)
"""


@pytest.mark.parametrize("limit", [20_000, 500_000])
def test_a_disk_that_fills_up_is_told_and_the_next_run_goes_through(tmp_path: Path, limit: int) -> None:
    root = small_study(tmp_path / "s", yaml=STUDY_YAML.replace("999", "199"))
    publish_again(root, "w1")
    before = StudyPaths(root).published.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, root, str(limit)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == EXIT_REFUSED, ended.stderr
    assert "cannot write here: a file may not become this large here" in ended.stdout
    assert "fix: free space" in ended.stdout
    assert StudyPaths(root).published.read_bytes() == before
    assert run_direct(root).report.is_file()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    published = StudyPaths(root).published
    published.unlink()
    published.parent.rmdir()
    published.parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot put the new file in its place") as refused:
        publish_again(root)
    assert str(published) in str(refused.value)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space is left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied"),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), "no space is left on the disk"),
    ],
)
def test_errors_of_the_disk_are_known_from_python_and_from_duckdb(error: Exception, said: str, tmp_path: Path) -> None:
    known = storage_error(error, tmp_path)
    assert known is not None
    assert known.transient
    assert said in str(known)


def test_other_errors_are_left_alone(tmp_path: Path) -> None:
    assert storage_error(ValueError("No space left on device"), tmp_path) is None
    assert storage_error(duckdb.BinderException("no such column"), tmp_path) is None
    assert storage_error(FileNotFoundError(errno.ENOENT, "No such file"), tmp_path) is None


def test_a_damaged_working_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    paths = StudyPaths(root)
    paths.work.mkdir()
    paths.database.write_bytes(b"damaged" * 5000)
    with pytest.raises(StudyError, match="the working database is damaged") as refused, runner.study_run(root):
        pass
    assert "move it away and run again" in str(refused.value)
    paths.database.rename(tmp_path / "damaged")
    with runner.study_run(root):
        pass


def spoil(database: Path, table: str) -> None:
    """Write over the first block of a table, as a failing disk does: the file can still be opened."""
    with duckdb.connect(str(database), read_only=True) as con:
        (size,) = con.execute("SELECT block_size FROM pragma_database_size()").fetchall()[0]
        ((block,),) = con.execute(
            "SELECT min(block_id) FROM pragma_storage_info(?) WHERE block_id >= 0", [table]
        ).fetchall()
    database.chmod(0o644)
    with database.open("r+b") as file:
        file.seek(3 * 4096 + block * size + 100)
        file.write(b"damaged!" * 40)


def test_damage_that_shows_only_when_a_block_is_read_is_told_too(tmp_path: Path) -> None:
    root = tmp_path / "s"
    publish_small(root)
    paths = StudyPaths(root)
    before = paths.published.read_bytes()
    spoil(paths.database, "finding_history")
    with pytest.raises(StudyError, match="the working database is damaged"), runner.study_run(root):
        pass
    assert paths.published.read_bytes() == before
    spoil(paths.published, "segment")
    with (
        pytest.raises(StorageError, match="the published database is damaged") as refused,
        query(root, "FROM segment") as answer,
    ):
        list(answer)
    assert "make it anew: coprod-trust run" in str(refused.value)


READ_ONLY = """
import os, sys
from pathlib import Path
import filelock, ruamel.yaml
from coprod_trust.errors import StorageError
from coprod_trust.runner import run_direct
from coprod_trust.study import load_study
load_study(Path(sys.argv[1]))  # what is imported on the way may not be readable for another user
os.setuid(int(sys.argv[2]))
try:
    run_direct(Path(sys.argv[1]))
except StorageError as error:
    print(error)
    sys.exit(error.exit_status)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becoming another user needs root")
def test_a_folder_that_is_not_ones_own_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    publish_again(root, "w1")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o055)
        if folder.name.startswith("pytest-of"):
            break
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*")}
    ended = subprocess.run(
        [sys.executable, "-c", READ_ONLY, root, "65534"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == EXIT_REFUSED, ended.stderr
    assert "cannot write here: permission denied" in ended.stdout
    assert "make the folder writable" in ended.stdout
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*")} == before
