"""``run`` where no Prefect server is up: a temporary one comes and goes with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.conftest import ROOT, environment
from tests.studies import STUDY_YAML, small_study

pytestmark = [
    pytest.mark.server,
    pytest.mark.scenario,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"),
]


def processes_of(home):
    """Command lines of the processes that have this Prefect home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"PREFECT_HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


WATCHED = """
import subprocess, sys, time
from pipelines.server import _end_with_us
process = subprocess.Popen(["sleep", "60"])
_end_with_us(process.pid)
print("started", flush=True)
time.sleep(60)
"""


def test_what_a_run_started_ends_also_where_the_run_is_killed(tmp_path):
    home = tmp_path / "prefect"
    command = [sys.executable, "-c", WATCHED]
    killed = subprocess.Popen(command, env=environment(home), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout.readline() == "started\n"
    assert any(command.startswith("sleep") for command in processes_of(home))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    end = time.monotonic() + 10
    while processes_of(home) and time.monotonic() < end:
        time.sleep(0.05)
    assert processes_of(home) == []


def test_a_run_has_a_temporary_server_that_ends_with_it(server, tmp_path):
    study, home = small_study(tmp_path / "study", yaml=STUDY_YAML.replace("999", "199")), tmp_path / "prefect"
    with (study / "waves" / "w1.csv").open("a") as file:
        file.write(f"nobody,participant,2025-01-20,40,1985,f,x{',5' * 11}\n")
    server.database_for(home)
    command = [sys.executable, "-m", "coprod_trust", "run", study, "--wave", "w1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    run = subprocess.Popen(command, env=environment(home), cwd=ROOT, **pipes)
    assert run.stderr.readline() == "Starting Prefect\n"
    assert run.stderr.readline().startswith("Read the wave files"), "a server is up, and the run is at work"
    assert any("uvicorn" in command for command in processes_of(home))
    stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, stderr
    assert stdout == f"{study / 'reports' / 'w1' / 'internal' / 'report.en.html'}\n"
    assert "2 rows or cells wait in quarantine" in stderr
    assert "Flow run" not in stderr
    assert processes_of(home) == []
