"""Which waves are due, by the study's dates and files."""

from datetime import date

import pytest

from coprod_trust.due import State, due_on, due_waves
from coprod_trust.study import load_study
from tests.studies import STUDY_YAML, small_study

IN_TIME = date(2026, 1, 20)
NONE_MISSING = {"w1": (), "w2": (), "w3": ()}


@pytest.fixture
def study(tmp_path):
    return load_study(small_study(tmp_path))


def states(waves):
    return [str(w.state) for w in waves]


def test_a_wave_is_due_on_its_planned_date_or_the_day_after_its_window(study, tmp_path):
    assert due_on(study.wave("w2")) == date(2025, 7, 14)
    window = "    planned_date: 2025-07-14\n    window: {start: 2025-07-14, end: 2025-08-03}\n"
    yaml = STUDY_YAML.replace("    planned_date: 2025-07-14\n", window)
    windowed = load_study(small_study(tmp_path / "windowed", yaml=yaml))
    assert due_on(windowed.wave("w2")) == date(2025, 8, 4)


@pytest.mark.parametrize(
    ("today", "third"),
    [(date(2026, 1, 11), State.NOT_YET), (date(2026, 1, 12), State.READY)],
)
def test_a_wave_is_run_from_its_day_on(study, today, third):
    waves = due_waves(study, NONE_MISSING, today, "w2", changed=False)
    assert states(waves) == [State.DONE, State.DONE, third]


def test_nothing_published_yet_makes_every_due_wave_ready_in_order(study):
    assert states(due_waves(study, NONE_MISSING, IN_TIME, None, changed=True)) == [State.READY] * 3


def test_a_due_wave_without_its_file_waits_and_says_for_which(study):
    waves = due_waves(study, {"w3": ("waves/w3.csv",)}, IN_TIME, "w2", changed=False)
    assert states(waves)[2] == State.WAITING
    assert waves[2].sentence == "due since 2026-01-12; waiting for waves/w3.csv"


def test_changed_inputs_make_the_published_wave_run_again_and_no_other(study):
    waves = due_waves(study, NONE_MISSING, IN_TIME, "w3", changed=True)
    assert states(waves) == [State.DONE, State.DONE, State.READY]


def test_an_older_state_never_replaces_a_newer_one(study):
    waves = due_waves(study, {"w1": ("waves/w1.csv",)}, IN_TIME, "w2", changed=False)
    assert states(waves) == [State.PASSED, State.DONE, State.READY]


def test_a_frozen_wave_is_never_run_again_by_itself(study):
    waves = due_waves(study, NONE_MISSING, IN_TIME, "w2", changed=True, frozen=["w2"])
    assert states(waves) == [State.DONE, State.FROZEN, State.READY]
