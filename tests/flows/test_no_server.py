"""``run`` where no Prefect server is up: a temporary one comes and goes with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.conftest import ROOT, environment
from tests.studies import small_study

pytestmark = [
    pytest.mark.server,
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


def start(study, home):
    command = [sys.executable, "-m", "coprod_trust", "run", study, "--wave", "w1"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(home), cwd=ROOT, **pipes)


def test_a_temporary_server_ends_with_the_run_also_where_it_is_killed(tmp_path):
    study, home = small_study(tmp_path / "study"), tmp_path / "prefect"
    killed = start(study, home)
    assert killed.stderr.readline() == "Starting Prefect\n"
    assert killed.stderr.readline().startswith("Read the wave files"), "a server is up, and the run is at work"
    assert any("uvicorn" in command for command in processes_of(home))
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    end = time.monotonic() + 10
    while processes_of(home) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(home) == []

    again = start(study, home)
    stdout, stderr = again.communicate(timeout=120)
    assert again.returncode == 0, stderr
    assert stdout == f"{study / 'reports' / 'w1' / 'internal' / 'report.en.html'}\n"
    assert processes_of(home) == []
