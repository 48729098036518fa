"""Schedules, triggers, workers and what goes wrong, on a real server: from prefect.yaml, and by ``serve``."""

import asyncio
import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from coprod_trust.defects import Defect
from coprod_trust.errors import Busy, Reason, Refused, StorageError
from coprod_trust.runner import run_direct
from coprod_trust.steps import Context, Step
from coprod_trust.store import StudyPaths, study_lock
from tests.flows.conftest import background, process_of, python
from tests.studies import STUDY_YAML, small_study

pytestmark = pytest.mark.server

ONE_WAVE = STUDY_YAML.replace("2025-07-14", "2099-01-12").replace("2026-01-12", "2099-07-12").replace("999", "199")


def test_the_cron_deployment_of_prefect_yaml_makes_scheduled_runs(server, deployed):
    """With an SQLAlchemy that Prefect does not know, a cron schedule makes none and says nothing."""
    daily = server.deployment("sample", "due")
    assert daily["parameters"] == {"study": "data/sample"}
    assert daily["paused"] is False
    assert daily["global_concurrency_limit"]["limit"] == 1
    assert daily["concurrency_options"]["collision_strategy"] == "ENQUEUE"

    def scheduled():
        return server.runs(deployment_id={"any_": [daily["id"]]}, state={"type": {"any_": ["SCHEDULED"]}})

    (first, *more) = server.until("scheduled run", scheduled)
    assert more, "a cron schedule makes several runs ahead"
    assert first["auto_scheduled"] is True
    assert {run["expected_start_time"][11:16] for run in (first, *more)} == {"06:00"}
    assert server.deployment("sample", "wave")["schedules"] == []


def test_a_cancelled_run_leaves_the_last_publication_and_the_worker_goes_on(server, deployed, tmp_path):
    root = small_study(tmp_path / "s", yaml=ONE_WAVE)
    run_direct(root, "w1")
    before = {p: p.stat().st_ino for p in (StudyPaths(root).published, *StudyPaths(root).report("w1").iterdir())}
    (root / "text").mkdir()
    (root / "text" / "context.md").write_text("A sentence that was not there before.\n")
    worker = ("prefect", "worker", "start", "--pool", "coprod-trust", "--name", "tests")
    with background(server, tmp_path / "worker.log", *worker, PREFECT_WORKER_QUERY_SECONDS="1") as process:
        run_id = server.start("sample", "wave", study=str(root))
        server.until("run at work", lambda: StudyPaths(root).outbox.exists() or process.poll())
        pid = process_of(run_id)
        os.kill(pid, signal.SIGSTOP)  # so that it cannot end before it is cancelled
        server.post(f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})

        def told_to_stop():
            status = Path(f"/proc/{pid}/status").read_text()
            pending = int(re.search(r"^ShdPnd:\s*(\w+)", status, re.MULTILINE).group(1), 16)
            return pending >> (signal.SIGTERM - 1) & 1

        server.until("signal", told_to_stop)
        os.kill(pid, signal.SIGCONT)
        assert server.ended(run_id)["state_type"] == "CANCELLED"
        server.until("end of the process", lambda: process_of(run_id) is None)
        assert {p: p.stat().st_ino for p in before} == before

        run_direct(root, "w1")
        assert not {p: p.stat().st_ino for p in before}.items() & before.items()
        done = server.ended(server.start("sample", "due", study=str(root)))
        assert done["state"]["message"].startswith("wave w2: not due before"), done["state"]


MARK = "Zzyzx7301"
"""Stands in an error; nothing else is written like it."""


def test_a_refused_file_fails_the_run_with_its_reasons_and_is_not_tried_again(server, tmp_path):
    """On the terminal as with --direct, without Prefect's own lines; on the server the same reasons."""
    bad = small_study(tmp_path / "bad", yaml=ONE_WAVE.replace("study_id: small", "study_id: bad_small"))
    (bad / "waves" / "w1.csv").write_text("")
    with pytest.raises(Refused) as refused:
        run_direct(bad, "w1")
    flow = python(server, "coprod_trust", "run", bad, "--wave", "w1")
    assert (flow.returncode, flow.stdout) == (1, "")
    (run,) = server.runs(name={"any_": ["bad w1"]})
    for reason in refused.value.reasons:
        for told in (flow.stderr, run["state"]["message"]):
            assert reason.message in told
            assert reason.fix in told
    assert "Flow run" not in flow.stderr
    assert run["state_type"] == "FAILED"
    (ingest,) = server.post("task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert (ingest["name"], ingest["run_count"]) == ("ingest", 1)


@pytest.fixture
def here(server):
    """Flows of this process run on the server."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: server.api}):
        yield


def test_a_held_study_is_waited_for_and_then_left_to_the_next_look(server, here, tmp_path, monkeypatch):
    from pipelines import flow

    root = small_study(tmp_path / "s", yaml=ONE_WAVE)
    monkeypatch.setattr(flow, "BUSY_DELAY", 0.01)
    monkeypatch.setattr(flow, "BUSY_SECONDS", 0.02)
    with study_lock(StudyPaths(root)):
        state = asyncio.run(flow.run_due(str(root), return_state=True))
    assert (state.type, state.name) == ("COMPLETED", "Waiting")
    assert state.message == "another run holds the study; the next look will do"
    held = server.runs(name={"any_": ["s w1"]}, tags={"all_": []})
    assert len([r for r in held if r["parameters"]["study"] == str(root)]) == 2


def test_one_slot_a_study_keeps_runs_apart_that_share_no_lock(server, here, tmp_path, monkeypatch):
    """As workers on two computers: the same study under two paths."""
    from prefect import flow, runtime

    from pipelines import slot

    monkeypatch.setattr(slot, "WAIT_SECONDS", 0.2)
    one, other = tmp_path / "one", tmp_path / "other"

    @flow(name="wave")
    async def holds(study: str, then=None) -> str:
        async with slot.only_run("twice", Path(study), UUID(runtime.flow_run.id)):
            return await then(study=str(other)) if then else "held"

    with pytest.raises(Busy, match="another run holds this study, on another computer"):
        asyncio.run(holds(study=str(one), then=holds))
    assert asyncio.run(holds(study=str(other))) == "held"

    # A slot whose holder was killed: taken at once by whoever holds the lock.
    server.post("v2/concurrency_limits/increment", {"names": ["coprod-trust.twice"], "slots": 1, "mode": "concurrency"})
    assert server.get("v2/concurrency_limits/coprod-trust.twice")["active_slots"] == 1
    assert asyncio.run(holds(study=str(one))) == "held"
    assert server.get("v2/concurrency_limits/coprod-trust.twice")["active_slots"] == 0

    # A run of the same path on another computer is at work for all that this computer's lock can say.
    computers = ["coprod-trust.on.another"]
    monkeypatch.setattr(slot, "here", lambda: computers[-1])

    @flow(name="wave")
    async def at_work(study: str) -> str:
        async with slot.only_run("twice", Path(study), UUID(runtime.flow_run.id)):
            computers.append("coprod-trust.on.this")
            return await holds(study=study)

    with pytest.raises(Busy):
        asyncio.run(at_work(study=str(one)))


@dataclass(frozen=True)
class Failing(Step):
    """A step that raises ``errors`` one after the other and then succeeds."""

    errors: list[Exception] = field(default_factory=list)
    hangs: float = 0

    def run(self, context):
        time.sleep(self.hangs)
        if self.errors:
            raise self.errors.pop(0)
        return {"rows": 1}


def run_failing(tmp_path, *errors, hangs=0.0):
    """What comes of a flow with such a step, and how many of its errors were left."""
    from prefect import flow

    from pipelines.flow import _as_task

    step = Failing("failing", "Fail", "no.module", errors=list(errors), hangs=hangs)

    @flow(name="failing")
    async def failing():
        return _as_task(step).with_options(retry_delay_seconds=[0, 0])(Context(tmp_path, "w1", "run"))

    try:
        return asyncio.run(failing()), len(step.errors)
    except Exception as error:
        return error, len(step.errors)


def test_what_may_pass_by_itself_is_tried_again(here, tmp_path):
    full = StorageError(Reason("the disk is full", "free space"))
    assert run_failing(tmp_path, full, full) == ({"rows": 1}, 0)
    error, left = run_failing(tmp_path, full, full, full, full)
    assert (error, left) == (full, 1)


def test_what_will_not_get_better_is_not_tried_again(here, tmp_path):
    refused = Refused(Reason("an empty file", "send it again"))
    assert run_failing(tmp_path, refused, refused) == (refused, 1)


def test_a_step_that_hangs_is_ended_and_not_tried_again(here, tmp_path, monkeypatch):
    from pipelines import flow

    monkeypatch.setattr(flow, "STEP_SECONDS", 0.2)
    began = time.monotonic()
    error, _ = run_failing(tmp_path, hangs=30)
    assert isinstance(error, TimeoutError)
    assert time.monotonic() - began < 15


def test_a_defect_tells_prefect_its_kind_and_the_log_the_rest(server, here, tmp_path):
    (tmp_path / "work").mkdir()
    error, _ = run_failing(tmp_path, ValueError(f"could not convert {MARK}2"))
    assert isinstance(error, Defect)
    assert "ValueError" in str(error)
    assert f"could not convert {MARK}2" in error.log.read_text()
    stored = server.until("state", lambda: "step failing failed with ValueError" in server.stored() and server.stored())
    assert f"{MARK}2" not in stored
