"""A portfolio on a real server: in processes, on Dask, on the workers of a work pool and without Prefect the same is
published, also where a process is killed on the way."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import httpx
import pytest

from coprod_trust.portfolio.declare import load_portfolio
from coprod_trust.portfolio.material import material
from coprod_trust.portfolio.publish import publish_overview
from coprod_trust.portfolio.run import run_study
from coprod_trust.store import StudyPaths, study_lock
from tests.flows.conftest import ROOT, background, process_of
from tests.studies import STUDY_YAML, small_study

pytestmark = [pytest.mark.server, pytest.mark.scenario]

QUICK = (
    STUDY_YAML.replace("permutations: 999", "permutations: 99")
    .replace("bootstraps: 999", "bootstraps: 199")
    .replace("plan:\n", "plan:\n  analyses: core\n")
)
MOMENTS = {f'"{c}"' for c in ("run_id", "started_at", "finished_at", "received_at", "made_at")}
"""Columns that say which run it was and when."""
MARK = "Zzyzx7302"
"""Stands in a row that goes to quarantine and in a file that is refused; nothing else is written like it."""


WAYS = ("flow", "dask", "workers")


@pytest.fixture(scope="module")
def ran(server, deployed, tmp_path_factory):
    """Four copies of a portfolio of a good study and a refused one, each run in its own way: where they lie, and
    what the command said."""
    root = tmp_path_factory.mktemp("portfolios")
    for i, name in enumerate(("good", "refused")):
        small_study(root / "direct" / name, seed=i, yaml=QUICK.replace("study_id: small", f"study_id: {name}"))
    (root / "direct" / "studies.yaml").write_text("title: Good and refused\n")
    with (root / "direct" / "good" / "waves" / "w1.csv").open("a") as file:
        file.write(f"{MARK},participant,2025-01-20,40,1985,f,{MARK}" + ",5" * 11 + "\n")
    (root / "direct" / "refused" / "waves" / "w2.csv").write_text(f"{MARK}\n{MARK}\n")
    for name in WAYS:
        shutil.copytree(root / "direct", root / name)
    publish_in_this_process(root / "direct")
    done = {}
    for way, options in {"flow": ["--jobs", "1"], "dask": ["--dask", "local", "--jobs", "2"]}.items():
        done[way] = subprocess.run(
            [sys.executable, "-m", "coprod_trust", "portfolio", str(root / way), *options],
            env=server.env, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    done["workers"] = on_two_workers(server, root / "workers", tmp_path_factory.mktemp("logs"))
    return root, done


def on_two_workers(server, portfolio: Path, logs: Path) -> subprocess.CompletedProcess[str]:
    """Run the portfolio where two workers take one study at a time, and kill the process of the good study with all
    that it has done so far."""
    pool = ("prefect", "worker", "start", "--pool", "coprod-trust", "--limit", "1", "--name")
    quick = {"PREFECT_WORKER_QUERY_SECONDS": "1"}
    workers = [background(server, logs / name, *pool, name, **quick) for name in ("one", "other")]
    with workers[0], workers[1]:
        server.until("workers", lambda: len(server.post("work_pools/coprod-trust/workers/filter")) >= 2)
        command = [sys.executable, "-m", "coprod_trust", "portfolio", str(portfolio), "--deployment", "study/portfolio"]
        seen = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        run = subprocess.Popen(command, env=server.env, cwd=ROOT, **seen)
        server.until("study at work", lambda: StudyPaths(portfolio / "good").outbox.exists() or run.poll() is not None)
        (begun,) = server.runs(name={"any_": ["good"]})
        os.kill(process_of(begun["id"]), signal.SIGKILL)
        out, err = run.communicate(timeout=120)
    return subprocess.CompletedProcess(command, run.returncode, out, err)


def publish_in_this_process(root: Path) -> None:
    """One study after another, as ``--direct`` has it done in processes."""
    portfolio = load_portfolio(root)
    publish_overview(material(portfolio, [run_study(listed) for listed in portfolio.studies]))


def tables(path: Path) -> dict[str, object]:
    """Every table and view: its columns but the moments, and its rows in order."""
    with duckdb.connect(str(path), read_only=True) as con:
        columns: dict[str, list[str]] = {}
        for schema, table, column in con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall():
            columns.setdefault(f'"{schema}"."{table}"', []).append(f'"{column}"')
        return {
            table: con.execute(
                f"SELECT {', '.join(n for n in names if n not in MOMENTS)} FROM {table} ORDER BY ALL"
            ).fetchall()
            for table, names in columns.items()
        }


@pytest.mark.parametrize("way", WAYS)
def test_what_is_published_is_the_same_whatever_ran_it(ran, way):
    root, done = ran
    assert done[way].returncode == 1, done[way].stderr
    for database in ("good/published/trust.duckdb", "published/portfolio.duckdb"):
        direct, other = tables(root / "direct" / database), tables(root / way / database)
        assert set(direct) == set(other) and direct
        place = str(root / "direct"), str(root / way)
        differing = [t for t in direct if str(direct[t]).replace(*place) != str(other[t])]
        assert differing == []
    pages = [root / p / "reports" / "public" / "overview.en.html" for p in ("direct", way)]
    assert all(p.is_file() for p in pages)


@pytest.mark.parametrize("way", WAYS)
def test_one_study_stops_no_other_and_is_told_in_plain_words(ran, way):
    root, done = ran
    said = done[way]
    assert said.stdout.strip() == str(root / way / "reports" / "internal" / "overview.en.html")
    assert "good: run, waves up to w3, 2 in quarantine" in said.stderr
    assert "1 study of 2 did not go through:" in said.stderr and "\nrefused (refused)\n" in said.stderr
    assert MARK not in said.stderr
    with duckdb.connect(str(root / way / "published" / "portfolio.duckdb"), read_only=True) as con:
        assert con.execute("SELECT study, last_run FROM study ORDER BY ALL").fetchall() == [
            ("good", "run"),
            ("refused", "refused"),
        ]
        assert con.execute("SELECT DISTINCT study FROM study_problem").fetchall() == [("refused",)]


def test_prefect_shows_every_study_and_keeps_no_value(server, ran):
    artifacts = {a["key"]: a for a in server.post("artifacts/filter", {"limit": 200, "sort": "UPDATED_DESC"})}
    shown = {row["study"]: row["last run"] for row in json.loads(artifacts["portfolio-studies"]["data"])}
    assert shown == {"good": "run", "refused": "refused"}
    flows = server.post("flow_runs/filter", {"flows": {"name": {"any_": ["portfolio"]}}})
    assert [(run["state_type"], run["state_name"]) for run in flows] == [("FAILED", "Incomplete")] * len(WAYS)
    assert {run["state"]["message"] for run in flows} == {"1 of 2 did not go through: refused"}
    ours = {"task_runs": {"name": {"any_": ["good", "refused"]}}, "flows": {"name": {"any_": ["portfolio"]}}}
    tasks = server.post("task_runs/filter", ours)
    assert sorted((t["name"], t["state_name"]) for t in tasks) == sorted(
        [("good", "Completed"), ("refused", "Refused")] * 2
    )
    assert MARK not in server.stored()


def test_every_worker_takes_a_study_and_a_killed_one_is_begun_once_more(server, ran):
    studies = server.post("flow_runs/filter", {"flows": {"name": {"any_": ["study"]}}, "sort": "START_TIME_ASC"})
    ended = sorted((run["name"], run["state_name"]) for run in studies)
    assert ended == [("good", "Completed"), ("good", "Crashed"), ("refused", "Refused")]
    assert {run["labels"]["prefect.worker.name"] for run in studies} == {"one", "other"}
    (refused,) = [run for run in studies if run["name"] == "refused"]
    assert "waves/w2.csv" in refused["state"]["message"]


def test_no_lock_is_left_after_a_run(ran):
    root, _ = ran
    for way in ("direct", *WAYS):
        for study in ("good", "refused"):
            with study_lock(StudyPaths(root / way / study)):
                pass


def test_a_run_that_gives_no_sign_of_life_is_taken_for_dead(server, monkeypatch):
    """As where a computer dies with the worker on it: nobody else would ever end the run."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings
    from prefect.states import Pending, Running

    from pipelines import workers

    # Longer than the server may take until an event can be found, which it writes every few seconds.
    monkeypatch.setattr(workers, "SILENT_SECONDS", 15.0)

    async def looked_at():
        async with get_client() as client:
            given = {"key": "k", "root": "/nowhere"}
            at_work = (Running, Running, Pending)
            runs = [
                await client.create_flow_run(workers.run_one_study, parameters=given, state=state())
                for state in at_work
            ]
            ids = [run.id for run in runs]
            await asyncio.sleep(workers.SILENT_SECONDS + 0.1)
            resource = f"prefect.flow-run.{ids[0]}"
            sign = {
                "id": str(uuid4()),
                "occurred": datetime.now(UTC).isoformat(),
                "event": workers.HEARTBEAT,
                "resource": {"prefect.resource.id": resource},
            }
            httpx.post(f"{server.api}/events", json=[sign]).raise_for_status()
            its = {"filter": {"resource": {"id": [resource]}, "event": {"name": [workers.HEARTBEAT]}}}
            server.until("event", lambda: server.post("events/filter", its)["total"])
            await workers._bury(client, ids)
            return [(await client.read_flow_run(i)).state_type.value for i in ids]

    with temporary_settings({PREFECT_API_URL: server.api}):
        assert asyncio.run(looked_at()) == ["RUNNING", "CRASHED", "PENDING"]
        monkeypatch.setattr(workers, "SILENT_SECONDS", 0.1)
        monkeypatch.setattr(workers, "PENDING_SECONDS", 0.1)
        assert asyncio.run(looked_at())[2] == "CRASHED"
