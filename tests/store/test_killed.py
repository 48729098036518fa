"""A run that is killed with SIGKILL, anywhere, and run again publishes what an undisturbed run publishes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coprod_trust.steps import STEPS

PROJECT = Path(__file__).parents[2]
OF_A_RUN = {"main.run", "main.finding_history"}
ALL = pytest.param(1, id="at every moment", marks=pytest.mark.scenario)
SOME = pytest.param(5, id="at every fifth moment")
killed_at_all = pytest.mark.parametrize("driven", [ALL], indirect=True, scope="module")
killed = pytest.mark.parametrize("driven", [SOME, ALL], indirect=True, scope="module")


@pytest.fixture(scope="module")
def driven(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("killing")
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.killing", str(folder), str(request.param)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        timeout=900,
        check=True,
    )
    return dict(json.loads(done.stdout))


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted(k for k in {*one, *other} if one.get(k) != other.get(k))


@killed
def test_a_killed_run_that_is_repeated_publishes_what_an_undisturbed_one_does(driven: dict[str, Any]) -> None:
    wrong = {
        f"{k['step']}: {k['moment']}": differing(driven["calm"], k["after"])
        for k in driven["killed"]
        if k["after"] != driven["calm"]
    }
    assert wrong == {}


@killed_at_all
def test_every_step_was_killed_at_its_start_and_inside(driven: dict[str, Any]) -> None:
    assert {k["ended_by"] for k in driven["killed"]} == {signal.SIGKILL}
    for step in STEPS:
        moments = [k["moment"] for k in driven["killed"] if k["step"] == step.name]
        assert f"step {step.name} started" in moments
        assert any(not m.startswith("step ") for m in moments), step.name
    moments = [k["moment"] for k in driven["killed"]]
    assert "os.rename work/outbox/trust.duckdb" in moments
    assert any(m.startswith("sql INSERT INTO part ") for m in moments)
    assert "os.rename work/outbox/reports/w2/internal/report.en.html" in moments
    assert any(m.startswith("open work/archive/index.csv") for m in moments)


@killed
def test_a_killed_run_leaves_the_earlier_or_the_new_publication_and_nothing_between(driven: dict[str, Any]) -> None:
    order = sorted(driven["killed"], key=lambda k: driven["moments"].index(k["moment"]))
    assert {k["left"] for k in order} == {1, 2}
    moved = [k["moment"] for k in order if k["left"] == 2]
    assert all(m.startswith(("os.rename work/outbox/reports", "shutil.rmtree", "sql UPDATE run")) for m in moved)


@killed
def test_the_study_is_worth_killing(driven: dict[str, Any]) -> None:
    calm = driven["calm"]
    for table in ("finding", "quarantine", "coding", "participant_code", "change", "answer.w2", "finding_history"):
        assert calm[table if "." in table else f"main.{table}"], table
    assert len(calm["main.run"]) == 2


@killed
def test_a_first_run_killed_again_and_again_publishes_what_an_undisturbed_one_does(driven: dict[str, Any]) -> None:
    assert differing(driven["first"], driven["first_killed_often"]) == []


@killed
def test_all_but_the_archive_can_be_rebuilt_from_the_other_folders(driven: dict[str, Any]) -> None:
    calm, rebuilt = driven["calm"], driven["rebuilt"]
    pages = {k for k in calm if k.startswith("reports/")}
    # The run before the rebuilt one is the calm one, from which nothing differs.
    assert set(differing(calm, rebuilt)) - pages == {*OF_A_RUN, "main.difference"}
    assert rebuilt["main.difference"] == []
    for table in OF_A_RUN:
        assert set(calm[table]) < set(rebuilt[table])
    assert len(rebuilt["main.run"]) == 3
