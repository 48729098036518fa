"""Schedules on a real server: from prefect.yaml, and by ``serve``."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from coprod_trust.defects import Defect
from coprod_trust.errors import Reason, Refused, StorageError
from coprod_trust.steps import STEPS, Context, Step
from coprod_trust.store import StudyPaths, study_lock
from tests.flows.conftest import ROOT
from tests.studies import STUDY_YAML, small_study

pytestmark = pytest.mark.server


def deployment(server, name, flow):
    found = server.post(
        "deployments/filter", {"deployments": {"name": {"any_": [name]}}, "flows": {"name": {"any_": [flow]}}}
    )
    return found[0] if found else None


def runs_of(server, deployment_id, *types):
    states = {"state": {"type": {"any_": list(types)}}} if types else {}
    return server.post(
        "flow_runs/filter", {"flow_runs": {"deployment_id": {"any_": [deployment_id]}, **states}, "limit": 20}
    )


def test_the_cron_deployment_of_prefect_yaml_makes_scheduled_runs(server):
    """With an SQLAlchemy that Prefect does not know, a cron schedule makes none and says nothing."""
    server.post("work_pools/", {"name": "coprod-trust", "type": "process"})
    subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        env=server.env,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    daily = deployment(server, "sample", "due")
    assert daily["parameters"] == {"study": "data/sample"}
    assert daily["paused"] is False
    (scheduled, *more) = server.until("scheduled run", lambda: runs_of(server, daily["id"], "SCHEDULED"))
    assert more, "a cron schedule makes several runs ahead"
    assert scheduled["auto_scheduled"] is True
    assert {run["expected_start_time"][11:16] for run in (scheduled, *more)} == {"06:00"}
    assert deployment(server, "sample", "wave")["schedules"] == []


MARK = "Zzyzx7301"
"""Stands in an id and in an answer of a row that goes to quarantine; nothing else is written like it."""


@pytest.fixture(scope="module")
def served(server, tmp_path_factory):
    """Two studies under one ``serve``: one with two waves that are due, one with a file that is refused."""
    folder = tmp_path_factory.mktemp("studies")
    good = small_study(folder / "good", yaml=STUDY_YAML.replace("2026-01-12", "2099-01-12"))
    with (good / "waves" / "w1.csv").open("a") as file:
        file.write(f"{MARK},participant,2025-01-20,40,1985,f,{MARK}" + ",5" * 11 + "\n")
    bad = small_study(folder / "bad", yaml=STUDY_YAML.replace("study_id: small", "study_id: bad_small"))
    (bad / "waves" / "w2.csv").write_text("")
    log = folder / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "coprod_trust", "serve", good, bad, "--cron", "0 4 * * *"],
            env=server.env,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )

    def ready():
        assert process.poll() is None, log.read_text()
        return deployment(server, "bad_small", "wave")

    server.until("served deployment", ready)
    yield {"good": good, "bad": bad, "log": log, "process": process}
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def start(server, name, flow):
    return server.post(f"deployments/{deployment(server, name, flow)['id']}/create_flow_run")["id"]


def ended(server, run_id):
    def run():
        (found,) = server.post("flow_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
        return found if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

    return server.until("end of the run", run, seconds=90)


def artifacts(server):
    return {a["key"]: a for a in server.post("artifacts/filter", {"limit": 200, "sort": "UPDATED_DESC"})}


def test_serve_runs_every_due_wave_and_shows_it(server, served):
    first, refused = start(server, "small", "due"), start(server, "bad_small", "wave")
    done = ended(server, first)
    assert (done["state_type"], done["state_name"]) == ("COMPLETED", "Waiting"), done["state"]
    assert done["state"]["message"] == "wave w3: not due before 2099-01-12"
    for wave in ("w1", "w2"):
        assert (served["good"] / "reports" / wave / "internal" / "report.en.html").is_file()

    shown = artifacts(server)
    findings = json.loads(shown["small-w2-findings"]["data"])
    assert {"change.provider.w1-w2", "change.peers.w1-w2"} <= {row["finding_id"] for row in findings}
    quality = json.loads(shown["small-w2-data-quality"]["data"])
    assert [(q["wave"], q["rows_in"], q["quarantined"]) for q in quality] == [("w1", 15, 1), ("w2", 13, 0)]
    report = served["good"] / "reports" / "w2" / "internal" / "report.en.html"
    assert report.as_uri() in shown["small-w2-report"]["data"]
    stands = [row["how it stands"] for row in json.loads(shown["small-schedule"]["data"])]
    assert stands == ["done", "done", "not due before 2099-01-12"]

    tasks = server.post("task_runs/filter", {"limit": 200})
    assert {t["name"] for t in tasks if t["state_type"] == "COMPLETED"} >= {step.name for step in STEPS}

    failed = ended(server, refused)
    assert failed["state_type"] == "FAILED"
    assert "waves/w2.csv" in failed["state"]["message"]
    assert "fix:" in failed["state"]["message"]


def test_a_second_look_runs_nothing(server, served):
    before = (served["good"] / "published" / "trust.duckdb").stat().st_ino
    assert ended(server, start(server, "small", "due"))["state_name"] == "Waiting"
    assert (served["good"] / "published" / "trust.duckdb").stat().st_ino == before


def test_a_held_study_makes_the_look_wait_for_the_next_one(server, served):
    (served["good"] / "study.yaml").write_text(STUDY_YAML)
    with study_lock(StudyPaths(served["good"])):
        held = ended(server, start(server, "small", "due"))
    assert (held["state_type"], held["state_name"]) == ("COMPLETED", "Waiting")
    assert "another run holds the study" in held["state"]["message"]


def test_no_value_and_no_id_reaches_the_server(server, served):
    """Looks at the database as bytes, so that deleted pages, logs, parameters and states are all seen."""
    stored = server.stored()
    assert "small-w2-findings" in stored, "the database was read"
    assert MARK not in stored
    assert not re.findall(r"\bP0\d\d\b", stored)


def test_run_on_the_server_says_what_direct_says(server, served):
    """Status, report path and reasons are those of --direct, and Prefect's own lines stay away."""

    def run(study, *options):
        command = [sys.executable, "-m", "coprod_trust", "run", study, *options]
        return subprocess.run(command, env=server.env, cwd=ROOT, capture_output=True, text=True)

    flow, direct = run(served["bad"]), run(served["bad"], "--direct")
    assert (flow.returncode, direct.returncode) == (1, 1)
    assert flow.stdout == direct.stdout == ""
    assert flow.stderr.removeprefix("Starting Prefect\n") == direct.stderr

    with study_lock(StudyPaths(served["good"])):
        held = run(served["good"])
    assert (held.returncode, held.stdout) == (3, "")
    assert "another run holds this study" in held.stderr

    done = run(served["good"], "--wave", "w1")
    assert done.returncode == 0
    assert done.stdout == f"{served['good'] / 'reports' / 'w1' / 'internal' / 'report.en.html'}\n"
    assert "2 rows or cells wait in quarantine" in done.stderr
    assert "Flow run" not in done.stderr


def test_the_schedule_stays_when_serve_stops(server, served):
    served["process"].send_signal(signal.SIGINT)
    assert served["process"].wait(30) == 0
    daily = deployment(server, "small", "due")
    assert daily["paused"] is False
    assert [s["schedule"]["cron"] for s in daily["schedules"] if s["active"]] == ["0 4 * * *"]


@dataclass(frozen=True)
class Failing(Step):
    """A step that raises ``errors`` one after the other and then succeeds."""

    errors: list[Exception] = field(default_factory=list)

    def run(self, context):
        if self.errors:
            raise self.errors.pop(0)
        return {"rows": 1}


def run_failing(server, tmp_path, *errors):
    """What comes of a flow with such a step, and how many of its errors were left."""
    from prefect import flow
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from pipelines.flow import _as_task

    step = Failing("failing", "Fail", "no.module", errors=list(errors))

    @flow(name="failing")
    async def failing():
        return _as_task(step).with_options(retry_delay_seconds=[0, 0])(Context(tmp_path, "w1", "run"))

    with temporary_settings({PREFECT_API_URL: server.api}):
        try:
            return asyncio.run(failing()), len(step.errors)
        except Exception as error:
            return error, len(step.errors)


def test_what_may_pass_by_itself_is_tried_again(server, tmp_path):
    full = StorageError(Reason("the disk is full", "free space"))
    assert run_failing(server, tmp_path, full, full) == ({"rows": 1}, 0)
    error, left = run_failing(server, tmp_path, full, full, full, full)
    assert (error, left) == (full, 1)


def test_what_will_not_get_better_is_not_tried_again(server, tmp_path):
    refused = Refused(Reason("an empty file", "send it again"))
    assert run_failing(server, tmp_path, refused, refused) == (refused, 1)


def test_a_defect_tells_prefect_its_kind_and_the_log_the_rest(server, tmp_path):
    (tmp_path / "work").mkdir()
    error, _ = run_failing(server, tmp_path, ValueError(f"could not convert {MARK}2"))
    assert isinstance(error, Defect)
    assert "ValueError" in str(error)
    assert f"could not convert {MARK}2" in error.log.read_text()
    stored = server.until("state", lambda: "step failing failed with ValueError" in server.stored() and server.stored())
    assert f"{MARK}2" not in stored
