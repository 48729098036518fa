"""Exports of survey platforms as they are found in public repositories, read where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coprod_trust.store import open_memory
from tests.ingest.readers.desk import Desk, problem, rules

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "exports"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public files are not at ../shared/data"),
]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_memory() as con:
        yield Desk(con)


def test_qualtrics_with_three_header_rows(desk: Desk) -> None:
    staged = desk.stage(DATA / "qualtrics.csv", preset="qualtrics")
    by_name = {c.name: c for c in staged.columns}
    assert by_name["Q1"].label == "This is a multiple choice question."
    assert staged.rows == 1
    (row,) = desk.rows(staged)
    assert row[0] == 4
    assert row[list(by_name).index("Q2") + 1] == "Hello World!"
    assert "title-rows" not in rules(staged)


def test_qualtrics_is_known_by_its_import_ids_also_without_a_preset(desk: Desk) -> None:
    staged = desk.stage(DATA / "qualtrics.csv")
    assert staged.rows == 1
    assert "Qualtrics" in problem(staged, "title-rows").message


def test_redcap_longitudinal_reads_the_event_of_the_wave_in_both_arms(desk: Desk) -> None:
    data = DATA / "redcap_longitudinal" / "data.csv"
    staged = desk.stage(data, preset="redcap", wave_column="redcap_event_name", wave_value="enrollment")
    found = desk.rows(staged)
    assert {str(row[2]) for row in found} == {"enrollment_arm_1", "enrollment_arm_2"}
    assert [row[0] for row in found] == [2, 8, 14]
    assert staged.rows == 3
    assert problem(staged, "rows-of-no-wave").message.endswith(": 10")
    alone = desk.stage(data, preset="redcap", wave_column="redcap_event_name", wave_value="dose_1_arm_1")
    assert {str(row[2]) for row in desk.rows(alone)} == {"dose_1_arm_1"}


@pytest.mark.parametrize("name", ["arm", "dictionary", "event"])
def test_redcap_definitions(desk: Desk, name: str) -> None:
    assert desk.stage(DATA / "redcap_longitudinal" / f"{name}.csv").rows >= 2


def test_limesurvey_with_a_question_code_used_twice(desk: Desk) -> None:
    found = desk.refused(DATA / "limesurvey.csv", "column-name-repeated")
    assert "columns 400 and 717" in found.message


def test_limesurvey_preset_tells_code_from_wording(desk: Desk) -> None:
    staged = desk.stage(DATA / "limesurvey.csv", preset="limesurvey")
    names = [c.name for c in staged.columns]
    assert (len(names), staged.rows) == (1396, 2)
    assert names[0] == "id"
    assert names[9] == "paridaeLandUse[SQ1]"
    assert staged.columns[9].label == (
        "Is species richness of Paridae correlated with land-use type? [species richness of Paridae]"
    )
    assert names[399] == "heracleumMantC[SQ1]"
    assert names[716] == "heracleumMantC[SQ1] (2)"
    assert "question-code-repeated" in rules(staged)
