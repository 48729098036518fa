"""What each thing that can go wrong does to the exit status and to the two outputs."""

import errno
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.errors import Reason, Refused
from coprod_trust.store import StudyPaths, study_lock
from tests.studies import small_study


def call(*arguments):
    return CliRunner().invoke(application, [str(a) for a in arguments], prog_name="coprod-trust")


def raising(error):
    def stand_in(*_args, **_kwargs):
        raise error

    return stand_in


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "study")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run"],
        ["run", "/nowhere/at/all"],
        ["run", "--unknown", "."],
        ["release", ".", "abc"],
        ["sql", ".", "SELECT 1", "--format", "xml"],
        ["serve"],
    ],
)
def test_wrong_usage_is_2(arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "Usage: coprod-trust" in done.stderr
    assert done.stdout == ""


def test_an_unknown_wave_is_2_and_names_the_waves(study):
    done = call("run", study, "--wave", "w9", "--direct")
    assert done.exit_code == 2
    assert "w1, w2, w3" in done.stderr


def test_a_folder_without_a_study_is_1_and_says_how_to_begin(tmp_path):
    done = call("run", tmp_path, "--direct")
    assert done.exit_code == 1
    assert "no study.yaml" in done.stderr
    assert "coprod-trust init" in done.stderr


def test_every_mistake_in_study_yaml_is_told_with_its_line(study):
    path = study / "study.yaml"
    path.write_text(path.read_text().replace("month: 6", "mnth: 6").replace("format: 1", "format: 2"))
    done = call("status", study)
    assert done.exit_code == 1
    lines = path.read_text().splitlines()
    for number in (lines.index("format: 2") + 1, lines.index("    mnth: 6") + 1):
        assert f"study.yaml:{number}:" in done.stderr
    assert "Traceback" not in done.output


def test_a_study_may_be_named_by_its_yaml(study):
    assert call("status", study / "study.yaml").exit_code == 0
    assert call("status", study / "waves" / "w1.csv").exit_code == 2


def test_a_held_study_is_3_and_the_message_says_why(study):
    with study_lock(StudyPaths(study.resolve())):
        done = call("run", study, "--direct")
    assert done.exit_code == 3
    assert "another run holds this study" in done.stderr
    assert done.stdout == ""


def test_nothing_published_is_1(study):
    done = call("sql", study, "SELECT 1")
    assert done.exit_code == 1
    assert "nothing has been published yet" in done.stderr


def test_a_defect_is_70_and_only_the_log_holds_the_traceback(study, monkeypatch):
    monkeypatch.setattr("coprod_trust.status.status", raising(ValueError("the value of P001")))
    done = call("status", study)
    assert done.exit_code == 70
    assert "defect" in done.stderr
    assert "P001" not in done.output
    assert "Traceback" not in done.output
    log = next((study / "work" / "logs").iterdir())
    assert str(log) in done.stderr.replace("\n", "")
    assert "ValueError: the value of P001" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "work"), "no space is left on the disk"),
        (OSError(errno.EFBIG, "File too large"), "file may not become this large"),
        (duckdb.IOException("IO Error: Could not write: No space left on device"), "no space is left on the disk"),
    ],
)
def test_a_full_disk_is_a_refusal_not_a_defect(study, monkeypatch, error, said):
    monkeypatch.setattr("coprod_trust.status.status", raising(error))
    done = call("status", study)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "free space" in done.stderr


def test_a_file_of_somebody_else_is_told_with_whom_to_ask(study, monkeypatch):
    monkeypatch.setattr("coprod_trust.status.status", raising(PermissionError(errno.EACCES, "Permission denied", "x")))
    done = call("status", study)
    assert done.exit_code == 1
    assert "x: this user may not read or write it" in done.stderr
    assert "free space" not in done.stderr


def test_a_damaged_working_database_is_a_refusal_not_a_defect(study, monkeypatch):
    error = duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2")
    monkeypatch.setattr("coprod_trust.status.status", raising(error))
    done = call("status", study)
    assert done.exit_code == 1
    assert "the working database is damaged" in done.stderr.replace("The working", "the working")


def test_ctrl_c_is_130(study, monkeypatch):
    monkeypatch.setattr("coprod_trust.runner.run_direct", raising(KeyboardInterrupt()))
    done = call("run", study, "--direct")
    assert done.exit_code == 130
    assert "the last publication stays" in done.stderr


def test_every_reason_is_told_and_the_same_one_once_with_its_places(study, monkeypatch):
    reasons = [Reason("no id", "write the id", f"waves/w1.csv, row {n}") for n in (3, 9)]
    refused = Refused(*reasons, Reason("is empty", "send it again", "waves/w2.csv"))
    monkeypatch.setattr("coprod_trust.runner.run_direct", raising(refused))
    done = call("run", study, "--direct")
    assert done.exit_code == 1
    assert done.stderr == (
        "No id\n"
        "    at: waves/w1.csv, row 3\n"
        "    at: waves/w1.csv, row 9\n"
        "    fix: write the id\n"
        "waves/w2.csv: is empty\n"
        "    fix: send it again\n"
    )


def test_a_reader_that_stops_reading_is_no_defect(study, tmp_path):
    """``coprod-trust ... | head -1`` ends quietly."""
    program = f"{sys.executable} -m coprod_trust --help | true"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
