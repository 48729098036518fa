from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coprod_trust.errors import StorageError
from coprod_trust.ingest import archive
from coprod_trust.store import StudyPaths


@pytest.fixture
def paths(tmp_path: Path) -> StudyPaths:
    return StudyPaths(tmp_path / "study")


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    path = tmp_path / "w1.csv"
    path.write_bytes(b"pid,a\r\nP001,3\r\n")
    return path


def test_the_archive_holds_the_very_bytes_under_their_hash(paths: StudyPaths, handed_in: Path) -> None:
    sha256 = archive.keep(paths, handed_in)
    assert sha256 == hashlib.sha256(handed_in.read_bytes()).hexdigest()
    assert (paths.archive / sha256).read_bytes() == handed_in.read_bytes()


def test_keeping_the_same_bytes_again_writes_nothing(paths: StudyPaths, handed_in: Path) -> None:
    kept = paths.archive / archive.keep(paths, handed_in)
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    archive.keep(paths, handed_in)
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before


def test_a_copy_of_another_length_under_that_name_is_replaced(paths: StudyPaths, handed_in: Path) -> None:
    kept = paths.archive / archive.keep(paths, handed_in)
    kept.chmod(0o600)
    kept.write_bytes(b"pid")
    archive.keep(paths, handed_in)
    assert kept.read_bytes() == handed_in.read_bytes()


def test_what_a_killed_copy_left_is_cleared(paths: StudyPaths, handed_in: Path) -> None:
    paths.archive.mkdir(parents=True)
    (paths.archive / ".incoming-1").write_bytes(b"half")
    archive.keep(paths, handed_in)
    assert [p.name for p in paths.archive.iterdir()] == [archive.hash_of(handed_in)]


def test_killed_while_copying_leaves_no_file_under_a_hash(paths: StudyPaths, tmp_path: Path) -> None:
    big = tmp_path / "big.csv"
    big.write_bytes(b"x" * 3_000_000)
    code = (
        "import sys, time; from pathlib import Path; from coprod_trust.ingest import archive; "
        "from coprod_trust.store import StudyPaths\n"
        "def slow(source, target):\n"
        "    target.write(source.read(1000)); target.flush(); print('copying', flush=True); time.sleep(60)\n"
        "archive._copy = slow\n"
        "archive.keep(StudyPaths(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(paths.root), str(big)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"copying\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert all(p.name.startswith(".incoming-") for p in paths.archive.iterdir())
    assert archive.keep(paths, big) == archive.hash_of(paths.archive / archive.hash_of(big))


def test_the_index_has_a_line_for_every_file_received_and_none_twice(paths: StudyPaths, handed_in: Path) -> None:
    sha256 = archive.keep(paths, handed_in)
    first = archive.record(paths, 'waves/a "b", c.csv', sha256, "w1", "survey")
    time.sleep(0.01)
    assert archive.record(paths, 'waves/a "b", c.csv', sha256, "w1", "survey") == first
    archive.record(paths, "waves/w1.csv", sha256, None, "codebook")
    assert [(e.path, e.wave, e.kind) for e in archive.entries(paths)] == [
        ('waves/a "b", c.csv', "w1", "survey"),
        ("waves/w1.csv", None, "codebook"),
    ]


def test_a_line_cut_off_by_a_kill_is_left_out_and_spoils_no_other(paths: StudyPaths, handed_in: Path) -> None:
    sha256 = archive.keep(paths, handed_in)
    archive.record(paths, "waves/w1.csv", sha256, "w1", "survey")
    index = paths.archive / archive.INDEX
    index.write_bytes(index.read_bytes() + b'"waves/w2.csv')
    archive.record(paths, "waves/w3.csv", sha256, "w3", "survey")
    assert [e.path for e in archive.entries(paths)] == ["waves/w1.csv", "waves/w3.csv"]


def test_the_latest_entry_of_a_path_and_wave_wins(paths: StudyPaths, handed_in: Path) -> None:
    archive.record(paths, "waves/w1.csv", archive.keep(paths, handed_in), "w1", "survey")
    handed_in.write_bytes(b"pid,a\nP001,4\n")
    second = archive.record(paths, "waves/w1.csv", archive.keep(paths, handed_in), "w1", "survey")
    assert archive.latest(paths) == {("waves/w1.csv", "w1"): second}


def test_verify_finds_lost_and_changed_files(paths: StudyPaths, handed_in: Path) -> None:
    first = archive.keep(paths, handed_in)
    archive.record(paths, "waves/w1.csv", first, "w1", "survey")
    handed_in.write_bytes(b"other")
    second = archive.keep(paths, handed_in)
    archive.record(paths, "waves/w2.csv", second, "w2", "survey")
    assert archive.verify(paths) == []
    (paths.archive / first).unlink()
    (paths.archive / second).chmod(0o600)
    (paths.archive / second).write_bytes(b"0ther")
    assert {r.where for r in archive.verify(paths)} == {"waves/w1.csv", f"archive/{second}"}


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path, handed_in: Path) -> None:
    (tmp_path / "blocked").write_text("a file where the study should be")
    with pytest.raises(StorageError):
        archive.keep(StudyPaths(tmp_path / "blocked"), handed_in)
