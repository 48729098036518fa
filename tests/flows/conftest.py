"""A real Prefect server, once for all tests of the flows, with a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """``env`` is the environment of commands that shall use it."""

    api: str
    home: Path
    env: dict[str, str]
    known: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, body: object | None = None) -> object:
        for _ in range(20):
            response = httpx.post(f"{self.api}/{path}", json=body or {}, timeout=30)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # SQLite is busy: ask again, as clients do
                break
            time.sleep(0.5)
        response.raise_for_status()
        return response.json()

    def get(self, path: str) -> object:
        response = httpx.get(f"{self.api}/{path}", timeout=30)
        response.raise_for_status()
        return response.json()

    def deployment(self, name: str, flow: str):
        """What the server knows of ``flow/name``, or None."""
        named = {"deployments": {"name": {"any_": [name]}}, "flows": {"name": {"any_": [flow]}}}
        return next(iter(self.post("deployments/filter", named)), None)

    def start(self, name: str, flow: str, **parameters: str) -> str:
        """Start a deployment now, as the UI and the schedule do; returns the run's id."""
        found = self.deployment(name, flow)
        return self.post(f"deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"]

    def runs(self, **conditions: object):
        """Flow runs, the latest first."""
        return self.post(
            "flow_runs/filter", {"flow_runs": conditions, "sort": "EXPECTED_START_TIME_DESC", "limit": 100}
        )

    def ended(self, run_id: str):
        """The run, once it has ended."""
        return self.until(
            "end of the run",
            lambda: next((r for r in self.runs(id={"any_": [run_id]}) if r["state_type"] in ENDED), None),
            seconds=120,
        )

    def looks(self, name: str):
        """Looks at a served study that have begun, the latest first; none of those that the schedule has ahead."""
        if name not in self.known:
            found = self.deployment(name, "due")
            if found is None:
                return []
            self.known[name] = found["id"]
        return self.runs(deployment_id={"any_": [self.known[name]]}, state={"type": {"not_any_": ["SCHEDULED"]}})

    def artifacts(self):
        """The latest of each key."""
        found: dict[str, dict] = {}
        for artifact in self.post("artifacts/filter", {"limit": 200, "sort": "UPDATED_DESC"}):
            found.setdefault(artifact["key"], artifact)
        return found

    def until(self, what: str, ask, seconds: float = 40):
        """The first true answer of ``ask()``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = ask()
            if answer:
                return answer
            time.sleep(0.4)
        pytest.fail(f"no {what} within {seconds} s")

    def database_for(self, home: Path) -> None:
        """Prefect's database for another home, so that its first server has no tables to make, which takes long."""
        home.mkdir()
        with sqlite3.connect(self.home / "prefect.db") as ours, sqlite3.connect(home / "prefect.db") as theirs:
            ours.backup(theirs)

    def stored(self) -> str:
        """Everything that the server keeps, as one text: its database with all that has not been written over."""
        parts = [p.read_bytes() for p in sorted(self.home.rglob("prefect.db*"))]
        return b"".join(parts).decode("utf-8", errors="replace")


def python(server: Server, *command: object, **more):
    """Run a module of Python to its end, as a command that uses the server."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)], env=server.env, cwd=ROOT, capture_output=True, text=True, **more
    )


@pytest.fixture(scope="session")
def deployed(server):
    """The deployments of prefect.yaml, as the documentation says to make them."""
    for command in (["work-pool", "create", "coprod-trust", "--type", "process"], ["deploy", "--all"]):
        python(server, "prefect", "--no-prompt", *command, check=True)


ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@contextmanager
def background(server: Server, log: Path, *command: object, **env: str):
    """``coprod-trust`` or another module of Python beside the test; killed at the end if it is still there."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *map(str, command)],
            env={**server.env, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def process_of(run_id: str) -> int | None:
    """The process in which a flow run is at work."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"PREFECT__FLOW_RUN_ID={run_id}\0".encode() in (folder / "environ").read_bytes():
                return int(folder.name)
        except OSError:  # it has ended, or is somebody else's
            continue
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Ours, without the settings for Prefect of whoever runs the tests."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    return {**own, "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", **more}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("prefect")
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    of_tests = {
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "2",
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
        # what nothing here is about takes time all the same
        "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    }
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment(home, **of_tests),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    running = Server(api, home, environment(home, PREFECT_API_URL=api, PREFECT_RUNNER_POLL_FREQUENCY="1"))

    def answers():
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            return httpx.get(f"{api}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    running.until("server", answers, seconds=90)
    yield running
    _send_what_waits()
    process.terminate()
    process.wait(20)


def _send_what_waits():
    """Logs and events of flows that ran in this process go out while the server is there."""
    if "prefect" in sys.modules:
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogWorker

        APILogWorker.drain_all(timeout=10)
        EventsWorker.drain_all(timeout=10)
