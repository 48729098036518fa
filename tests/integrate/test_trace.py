"""From a finding to its rows, files and segments, held against the files themselves."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from coprod_trust.errors import StudyError
from coprod_trust.runner import run_direct
from coprod_trust.trace import trace
from tests.integrate.test_decide import FINDING, call
from tests.studies import small_study


@pytest.fixture(scope="module")
def behind(ran_with_notes: Path) -> dict[str, Any]:
    done = call("trace", ran_with_notes, FINDING, "--json")
    assert done.exit_code == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_every_row_of_the_files_that_the_estimate_rests_on_is_named(
    behind: dict[str, Any], ran_with_notes: Path
) -> None:
    expected = set()
    for wave in ("w1", "w2"):
        with (ran_with_notes / "waves" / f"{wave}.csv").open(encoding="utf-8", newline="") as handle:
            expected |= {
                (row["pid"], f"waves/{wave}.csv", number)
                for number, row in enumerate(csv.DictReader(handle), start=2)
                if row["group"] == "participant"
            }
    assert {(r["participant_id"], r["file"], r["row_number"]) for r in behind["rows"]} == expected
    assert behind["finding"]["n"] == len({p for p, *_ in expected}) == 12
    assert behind["n_rows_differ"] is None


def test_the_files_are_those_of_the_rows_and_segments(behind: dict[str, Any]) -> None:
    assert {(f["file"], f["kind"]) for f in behind["files"]} == {
        ("waves/w1.csv", "survey"),
        ("waves/w2.csv", "survey"),
        ("notes/segments.csv", "segments"),
    }


def test_plan_and_estimates_are_there(behind: dict[str, Any]) -> None:
    plan = behind["plan"]
    assert (plan["family"], plan["planned"], plan["primary_outcome"], plan["changed_since"]) == (
        "F1",
        True,
        True,
        False,
    )
    assert behind["estimates"][0]["role"] == "primary"
    assert behind["estimates"][0]["estimate"] == behind["finding"]["estimate"]


def test_segments_come_with_file_row_and_stance_and_without_words_that_nobody_released(
    behind: dict[str, Any], ran_with_notes: Path
) -> None:
    set_by_people = {s["segment_id"]: s for s in behind["segments"] if not s["derived"]}
    assert {k: (s["stance"], s["participant_id"], s["file"]) for k, s in set_by_people.items()} == {
        "s1": ("confirms", "P001", "notes/segments.csv"),
        "s4": ("contrasts", "P003", "notes/segments.csv"),
    }
    rows = (ran_with_notes / "notes" / "segments.csv").read_text(encoding="utf-8").splitlines()
    assert rows[set_by_people["s4"]["row_number"] - 1].startswith("s4,")
    assert set_by_people["s4"]["codes"] == ["SUP"]


def test_a_person_reads_the_same(ran_with_notes: Path) -> None:
    shown = call("trace", ran_with_notes, FINDING).stdout
    assert "family F1: change.provider" in shown
    assert "P003  w1 waves/w1.csv:4; w2 waves/w2.csv:4" in shown
    assert "Segments against it (1)" in shown
    assert "confirm 1, contrast 1" in shown


def test_a_selection_is_about_everybody(ran_with_notes: Path) -> None:
    found = trace(ran_with_notes, "selection.provider.w1")
    assert len(found.people()) == 14


def test_a_plan_that_changed_since_the_run_is_said(study_with_notes: Path) -> None:
    path = study_with_notes / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("seed: 11", "seed: 12"), encoding="utf-8")
    assert trace(study_with_notes, FINDING).plan["changed_since"]
    assert "another plan by now" in call("trace", study_with_notes, FINDING).stdout


def test_before_the_first_run_there_is_nothing_to_trace(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nothing has been published"):
        trace(small_study(tmp_path), FINDING)


def test_who_left_is_among_the_rows_of_a_model_of_everybody_who_started(tmp_path: Path) -> None:
    root = small_study(tmp_path / "study", n=30)
    (root / "waves" / "w3.csv").unlink()
    run_direct(root)
    found = trace(root, FINDING)
    assert found.finding["method"] == "mixed_model"
    assert found.n_rows_differ is None
    waves = {p: {r["wave"] for r in found.rows if r["participant_id"] == p} for p in found.people()}
    assert waves["P001"] == {"w1"}, "the first participant left after the start"
    assert waves["P002"] == {"w1", "w2"}
