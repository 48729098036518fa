"""Schedules on a real server: from prefect.yaml, and by ``serve``."""

import subprocess
import sys

import pytest

from tests.flows.conftest import ROOT

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
