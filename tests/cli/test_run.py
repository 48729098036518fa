"""The commands on a study of a dozen people, through the real steps."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.steps import STEPS
from tests.studies import small_study

ROOT = Path(__file__).parents[2]


def call(*arguments, **options):
    return CliRunner().invoke(application, [str(a) for a in arguments], prog_name="coprod-trust", **options)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    study = small_study(tmp_path_factory.mktemp("run") / "a study")
    return study, call("run", study, "--direct", "--wave", "w2")


@pytest.fixture
def study(first_run):
    return first_run[0]


def test_run_prints_the_reports_path_and_nothing_else_on_stdout(first_run):
    study, done = first_run
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{study / 'reports' / 'w2' / 'internal' / 'report.en.html'}\n"
    assert Path(done.stdout.strip()).is_file()


def test_run_tells_every_step_in_a_plain_line(first_run):
    _, done = first_run
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == [step.title for step in STEPS]
    assert "27 accepted" in lines[0]
    assert "\x1b" not in done.stderr


def test_a_terminal_shows_live_progress_and_stdout_stays_clean(tmp_path):
    study = small_study(tmp_path / "study")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "coprod_trust", "run", study, "--direct", "--wave", "w1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # how Linux says that the other end was closed
        pass
    stdout = process.stdout.read().decode()
    assert process.wait(60) == 0
    assert stdout.splitlines() == [str(study / "reports" / "w1" / "internal" / "report.en.html")]
    text = shown.decode(errors="replace")
    assert "\x1b[" in text
    assert all(step.title in text for step in STEPS)
    assert text.rstrip().endswith("\x1b[?25h"), "the cursor is shown again"


def test_check_finds_nothing_and_writes_nothing(tmp_path):
    study = small_study(tmp_path / "study")
    before = sorted(study.rglob("*"))
    done = call("check", study)
    assert (done.exit_code, done.stdout) == (0, "No problem in a row or file: a run would go through.\n")
    assert sorted(study.rglob("*")) == before


def test_check_is_1_where_run_would_refuse_and_tells_every_problem(tmp_path):
    study = small_study(tmp_path / "study")
    (study / "waves" / "w2.csv").write_text("")
    done = call("check", study)
    assert done.exit_code == 1
    assert "waves/w2.csv" in done.stdout
    assert "fix:" in done.stdout
    told = json.loads(call("check", study, "--json").stdout)
    assert told["refused"] is True
    assert told["problems"][0]["file"] == "waves/w2.csv"
    assert call("check", study, "--wave", "w1").exit_code == 0


def test_a_refused_run_leaves_the_last_publication(tmp_path):
    study = small_study(tmp_path / "study")
    assert call("run", study, "--direct", "--wave", "w1").exit_code == 0
    published = (study / "published" / "trust.duckdb").read_bytes()
    (study / "waves" / "w2.csv").write_text("")
    done = call("run", study, "--direct")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "waves/w2.csv" in done.stderr
    assert (study / "published" / "trust.duckdb").read_bytes() == published


def test_status_tells_rows_last_run_and_what_is_due(study):
    done = call("status", study)
    assert done.exit_code == 0
    assert "Last run:" in done.stdout
    told = json.loads(call("status", study, "--json").stdout)
    assert [w["state"] for w in told["waves"]] == ["done", "done", "ready"]
    assert told["waves"][0]["rows"]["accepted"] == 14


def test_sql_answers_in_three_formats(study):
    query = "SELECT wave, count(pomp) AS people FROM score WHERE scale = 'provider' GROUP BY wave ORDER BY wave LIMIT 2"
    table = call("sql", study, query)
    assert table.stdout.splitlines()[0].split() == ["wave", "people"]
    rows = list(csv.DictReader(io.StringIO(call("sql", study, query, "--format", "csv").stdout)))
    assert rows == [{"wave": "w1", "people": "14"}, {"wave": "w2", "people": "13"}]
    assert json.loads(call("sql", study, query, "--format", "json").stdout)[1] == {"wave": "w2", "people": 13}
    assert call("sql", study, "-", "--format", "csv", input=query).stdout.splitlines()[1] == "w1,14"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nothing FROM finding",
        "DROP VIEW finding",
        "SELECT * FROM read_csv('/etc/passwd')",
        "",
        "SELECT 1; SELECT 2",
    ],
)
def test_a_query_that_cannot_be_run_is_wrong_usage(study, query):
    done = call("sql", study, query)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "fix:" in done.stderr


def test_nothing_waits_in_quarantine_of_clean_files(study):
    assert call("quarantine", study).stdout == "Nothing waits in quarantine.\n"
    assert json.loads(call("quarantine", study, "--json").stdout) == []


def test_quarantine_of_a_study_never_run_says_what_to_do_first(tmp_path):
    done = call("quarantine", small_study(tmp_path / "study"))
    assert done.exit_code == 1
    assert "coprod-trust run" in done.stderr


def test_init_drafts_a_study_that_can_be_checked_and_run(tmp_path):
    files = sorted((small_study(tmp_path / "sent") / "waves").iterdir())
    done = call("init", tmp_path / "mine", "--from", *files)
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'mine' / 'study.yaml'}\n")
    assert f"coprod-trust check {tmp_path / 'mine'}" in done.stderr
    assert call("check", tmp_path / "mine").exit_code == 0
    assert call("init", tmp_path / "mine").exit_code == 2, "nothing that is there is overwritten"
    assert call("init", tmp_path / "other", *files).exit_code == 2, "files come after --from"


def test_schema_is_the_one_that_init_puts_beside_the_study(tmp_path):
    assert call("init", tmp_path / "new").exit_code == 0
    assert json.loads(call("schema").stdout) == json.loads((tmp_path / "new" / "study.schema.json").read_text())


def test_what_waits_is_listed_with_its_value_and_comes_in_when_released(tmp_path):
    study = small_study(tmp_path / "study")
    path = study / "waves" / "w1.csv"
    lines = path.read_text().splitlines()
    cells = lines[2].split(",")
    cells[6] = "77"
    path.write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:]]) + "\n")

    done = call("run", study, "--direct", "--wave", "w1")
    assert done.exit_code == 0, "a row or cell in quarantine is no failure"
    assert "1 row or cell waits in quarantine" in done.stderr
    (waits,) = json.loads(call("quarantine", study, "--json").stdout)
    assert (waits["row_number"], waits["column_name"], waits["found"]) == (3, "prov_1", "77")
    assert f"{waits['problem_id']}  row 3, column prov_1: found 77" in call("quarantine", study).stdout

    who = ["--who", "the evaluator", "--why", "the paper form says 7"]
    assert call("release", study, "00000000", *who).exit_code == 2
    assert call("release", study, waits["problem_id"], *who, "--value", "7").exit_code == 0
    again = call("run", study, "--direct", "--wave", "w1")
    assert "quarantine" not in again.stderr.splitlines()[-1]
    assert call("quarantine", study).stdout == "Nothing waits in quarantine.\n"
    value = "SELECT value FROM response WHERE participant_id = 'P002' AND item = 'prov_1'"
    assert call("sql", study, value, "--format", "csv").stdout == "value\n7.0\n"
