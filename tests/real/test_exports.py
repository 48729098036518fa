"""Exports of survey platforms as they are found in public repositories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coprod_trust.store import open_memory
from tests.ingest.readers.desk import Desk

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
    staged = desk.stage(DATA / "qualtrics.csv")
    assert [c.name for c in staged.columns][-3:] == ["Q1", "Q2", "Q2 - Topics"]
    assert desk.rows(staged)[-1][0] == 4
    assert staged.rows == 3


def test_redcap_longitudinal(desk: Desk) -> None:
    staged = desk.stage(DATA / "redcap_longitudinal" / "data.csv")
    assert (staged.rows, len(staged.columns)) == (18, 125)
    assert {str(row[2]) for row in desk.rows(staged)} >= {"enrollment_arm_1", "enrollment_arm_2"}


@pytest.mark.parametrize("name", ["arm", "dictionary", "event"])
def test_redcap_definitions(desk: Desk, name: str) -> None:
    assert desk.stage(DATA / "redcap_longitudinal" / f"{name}.csv").rows >= 2


def test_limesurvey_with_a_question_code_used_twice(desk: Desk) -> None:
    found = desk.refused(DATA / "limesurvey.csv", "column-name-repeated")
    assert "columns 400 and 717" in found.message
