"""Decisions are read and appended in one way, whoever wrote them."""

import os
import resource
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coprod_trust.decisions import Correction, Release, Revision, SignOff, append, path_of, read
from coprod_trust.errors import StorageError, StudyError

WHEN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def correction(value: str | None = "7") -> Correction:
    return Correction(
        wave="w1", participant_id="P001", column="prov_1", value=value, who="A", when=WHEN, why="form, p. 2"
    )


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    assert read(tmp_path, Correction) == ()
    for value in ("7", None, 'a "quoted", text\nover two lines'):
        append(tmp_path, correction(value))
    assert read(tmp_path, Correction) == tuple(correction(v) for v in ("7", None, 'a "quoted", text\nover two lines'))
    assert path_of(tmp_path, Correction).read_text().count("participant_id") == 1


def test_a_file_written_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = path_of(tmp_path, Revision)
    path.parent.mkdir()
    path.write_bytes(
        b"\xef\xbb\xbfwho,path,sha256,when,why\r\nA,waves/w1.csv," + b"a" * 64 + b",2026-01-05,new export\r\n,,,,\r\n"
    )
    (revision,) = read(tmp_path, Revision)
    assert (revision.path, revision.who) == ("waves/w1.csv", "A")
    append(tmp_path, revision)
    assert read(tmp_path, Revision) == (revision, revision)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",,w1,,,P001,prov_1,7,why", "when"),
        ("A,2026-01-01,w1,,,P001,prov_1,7,", "why"),
        ("A,2026-01-01,w1,,,,prov_1,7,why", "row_number"),
        ("A,2026-01-01,w1,,5,,prov_1,7,why", "sha256"),
        ("A,someday,w1,,,P001,prov_1,7,why", "when"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = path_of(tmp_path, Correction)
    path.parent.mkdir()
    path.write_text(f"who,when,wave,sha256,row_number,participant_id,column,value,why\n{line}\n")
    with pytest.raises(StudyError, match=says) as error:
        read(tmp_path, Correction)
    assert "correction.csv:2" in str(error.value)


def test_an_unknown_column_is_an_error_and_nothing_is_appended_to_it(tmp_path: Path) -> None:
    path = path_of(tmp_path, Release)
    path.parent.mkdir()
    path.write_text("problem,who,when,why\n")
    with pytest.raises(StudyError, match="problem_id"):
        append(tmp_path, Release(problem_id="0a1b2c3d", who="A", when=WHEN, why="b"))
    assert path.read_text() == "problem,who,when,why\n"


def test_a_line_without_an_end_is_closed_before_the_next(tmp_path: Path) -> None:
    append(tmp_path, correction())
    path = path_of(tmp_path, Correction)
    path.write_text(path.read_text().rstrip("\n"))
    append(tmp_path, correction("8"))
    assert [c.value for c in read(tmp_path, Correction)] == ["7", "8"]


@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, there: bool) -> None:
    if there:
        append(tmp_path, correction())
    path = path_of(tmp_path, Correction)
    before = path.read_bytes() if there else b""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, len(before) + 20))
            append(tmp_path, correction("8"))
        except StorageError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0, "told as an error of the disk"
    assert (path.read_bytes() if there else path.exists()) == (before if there else False)


def test_a_file_from_before_a_column_was_there_gets_it_and_keeps_its_lines(tmp_path: Path) -> None:
    path = path_of(tmp_path, SignOff)
    path.parent.mkdir(parents=True)
    path.write_text(
        'finding_id,who,when,why\nchange.peers.w1-w2,A,2026-01-01T00:00:00Z,"read, all"\n', encoding="utf-8"
    )
    append(
        tmp_path,
        SignOff(finding_id="change.provider.w1-w2", n_confirms=3, who="B", when="2026-01-02T00:00:00Z", why="so"),
    )
    first, second = read(tmp_path, SignOff)
    assert (first.finding_id, first.why, first.n_confirms) == ("change.peers.w1-w2", "read, all", None)
    assert (second.finding_id, second.n_confirms) == ("change.provider.w1-w2", 3)
