"""What the labels and missing codes inside an SPSS file say of the instrument (rules 34 and 36)."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from coprod_trust.ingest.step import inspect
from coprod_trust.store import StudyPaths, open_work
from tests.studies import STUDY_YAML, answers, small_study

YAML = STUDY_YAML.replace("waves/w2.csv, date_column: date", "waves/w2.sav, date_column: date")


def study(root: Path, yaml: str = YAML, change: dict[str, Any] | None = None, **labels: Any) -> Path:
    """The small study with its second wave as an SPSS file."""
    small_study(root, yaml=yaml)
    (root / "waves" / "w2.csv").unlink()
    frame = pd.DataFrame(answers()["w2"])
    for column in frame.columns:
        if column not in ("pid", "group", "date", "gender"):
            frame[column] = pd.to_numeric(frame[column])
    for column, value in (change or {}).items():
        frame.loc[0, column] = value
    pyreadstat.write_sav(frame, str(root / "waves" / "w2.sav"), **labels)
    return root


def found(root: Path, rule: str) -> list[tuple[str | None, str | None]]:
    return [(p.wave, p.scale) for p in inspect(root).problems if p.rule == rule]


def test_labels_of_the_same_ends_are_no_problem(tmp_path: Path) -> None:
    labels = {"gen_1": {0.0: "none at all", 10.0: "complete"}}
    root = study(tmp_path / "s", variable_value_labels=labels)
    assert [p.rule for p in inspect(root).problems] == []


def test_34_labels_of_another_answer_scale_block_the_scale(tmp_path: Path) -> None:
    labels = {"gen_1": {1.0: "none", 2.0: "a little", 3.0: "some", 4.0: "complete"}}
    assert found(study(tmp_path / "s", variable_value_labels=labels), "instrument-differs") == [("w2", "generalized")]


@pytest.mark.parametrize(
    ("label", "blocked"),
    [
        ("How far do you trust people in general?", False),
        ("Trust people", False),
        ("How satisfied are you with the weather in the last month?", True),
    ],
)
def test_34_a_label_that_is_another_wording_blocks_the_scale(tmp_path: Path, label: str, blocked: bool) -> None:
    yaml = YAML.replace("{id: gen_1}", "{id: gen_1, wording: 'How far do you trust people in general?'}")
    root = study(tmp_path / "s", yaml=yaml, column_labels={"gen_1": label})
    assert found(root, "instrument-differs") == ([("w2", "generalized")] if blocked else [])


def test_36_a_missing_code_of_the_file_that_is_an_answer_blocks_the_scale(tmp_path: Path) -> None:
    root = study(tmp_path / "s", missing_ranges={"gen_1": [9]})
    assert found(root, "missing-code-is-answer") == [("w2", "generalized")]


def test_missing_codes_of_the_file_keep_the_reason_that_their_label_states(tmp_path: Path) -> None:
    from coprod_trust.runner import run_direct

    root = study(
        tmp_path / "s",
        change={"gen_1": 97, "gen_2": 98},
        missing_ranges={"gen_1": [97], "gen_2": [98]},
        variable_value_labels={"gen_1": {97.0: "not asked"}, "gen_2": {98.0: "prefer not to say"}},
    )
    assert inspect(root).problems == ()
    run_direct(root)
    with open_work(StudyPaths(root)) as con:
        row = con.execute(
            "SELECT gen_1, gen_1__reason::VARCHAR, gen_2, gen_2__reason::VARCHAR FROM answer.w2 "
            "WHERE gen_1__reason = 'not_asked'"
        ).fetchall()
    assert row == [(None, "not_asked", None, "refused")]
