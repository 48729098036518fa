"""A real Prefect server, once for all tests of the flows, with a home of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
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

    def post(self, path: str, body: object | None = None) -> object:
        for _ in range(20):
            response = httpx.post(f"{self.api}/{path}", json=body or {}, timeout=30)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # SQLite is busy: ask again, as clients do
                break
            time.sleep(0.5)
        response.raise_for_status()
        return response.json()

    def until(self, what: str, ask, seconds: float = 40):
        """The first true answer of ``ask()``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = ask()
            if answer:
                return answer
            time.sleep(0.25)
        pytest.fail(f"no {what} within {seconds} s")

    def stored(self) -> str:
        """Everything that the server keeps, as one text: its database with all that has not been written over."""
        parts = [p.read_bytes() for p in sorted(self.home.rglob("prefect.db*"))]
        return b"".join(parts).decode("utf-8", errors="replace")


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
    quick = {
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    }
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment(home, **quick),
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
