"""The plan is put on record once, and amended in the open."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.errors import StudyError, UsageError
from coprod_trust.plan.record import amend, plan_state, register
from coprod_trust.runner import run_direct
from coprod_trust.store.query import query
from tests.studies import STUDY_YAML, small_study

QUICK = STUDY_YAML.replace("999", "199").replace("  seed:", "  analyses: core\n  seed:")


def change(root: Path, old: str, new: str) -> None:
    path = root / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_plan_is_registered_once_and_then_amended(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=QUICK)
    assert "not registered" in plan_state(root).lines()[1]
    with pytest.raises(UsageError, match="not registered yet"):
        amend(root, "A", "so")
    state = register(root, "A")
    with pytest.raises(UsageError, match="was registered on"):
        register(root, "A")
    with pytest.raises(UsageError, match="as it was recorded last"):
        amend(root, "A", "so")
    change(root, "seed: 11", "seed: 12")
    assert [str(c) for c in plan_state(root).unrecorded] == ["seed: 11 -> 12"]
    after = amend(root, "A", "the generator changed")
    assert [r.action for r in after.records] == ["registration", "amendment"]
    assert after.records[0].plan_hash == state.plan_hash != after.plan_hash
    assert after.unrecorded == ()


def test_a_record_edited_by_hand_is_refused(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=QUICK)
    register(root, "A")
    path = root / "decisions" / "amendment.csv"
    path.write_text(path.read_text(encoding="utf-8").replace('""seed"":11', '""seed"":12'), encoding="utf-8")
    with pytest.raises(StudyError, match="one of them was edited"):
        plan_state(root)


def test_what_is_not_of_the_plan_does_not_touch_it(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=QUICK)
    register(root, "A")
    change(root, "title: A dozen people", "title: Twelve people")
    assert plan_state(root).unrecorded == ()


def test_a_run_publishes_records_and_deviations_and_status_tells(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=QUICK)
    assert CliRunner().invoke(application, ["plan", str(root), "--register"]).exit_code == 2
    assert CliRunner().invoke(application, ["plan", str(root), "--register", "--who", "A"]).exit_code == 0
    change(root, "seed: 11", "seed: 12")
    run_direct(root, "w2")
    with query(root, "SELECT kind, subject FROM deviation") as answer:
        assert set(answer) == {("registered_late", "plan"), ("changed_unrecorded", "seed")}
    with query(root, "SELECT action, data_seen FROM plan_record") as answer:
        assert list(answer) == [("registration", "w2")]
    told = CliRunner().invoke(application, ["status", str(root)]).stdout
    assert "the plan was changed without a record (seed)" in told


def test_commands_that_are_proposed_name_the_study_so_that_they_can_be_pasted(tmp_path: Path) -> None:
    root = small_study(tmp_path / "my study", yaml=QUICK)
    shown = CliRunner().invoke(application, ["plan", str(root)], prog_name="coprod-trust")
    assert f"coprod-trust plan '{root}' --register --who NAME" in shown.stdout
    refused = CliRunner().invoke(application, ["plan", str(root), "--amend", "--who", "A", "--why", "so"])
    assert f"fix: coprod-trust plan '{root}' --register --who NAME" in refused.stderr
