"""One person's id, however it was typed."""

import pytest

from coprod_trust.study.ids import normalise, well_formed
from coprod_trust.study.model import Ids, Normalisation

IDS = Ids(
    column="pid",
    normalise=Normalisation(strip=True, upper=True, remove="[^A-Z0-9]", prefix="P", digits=3),
    pattern="P[0-9]{3}",
)


@pytest.mark.parametrize("raw", ["P007", "p7", "007", " P 7 ", "P-0007", "7"])
def test_spellings_of_one_person_become_one_id(raw: str) -> None:
    assert normalise(IDS, raw) == "P007"


@pytest.mark.parametrize("raw", [None, "", "  ", "-"])
def test_nothing_stays_nothing(raw: str | None) -> None:
    assert normalise(IDS, raw) == ""


def test_a_longer_number_is_not_cut() -> None:
    assert normalise(IDS, "1234") == "P1234"
    assert not well_formed(IDS, "P1234")
    assert well_formed(IDS, "P123")


def test_by_default_only_spaces_around_go() -> None:
    assert normalise(Ids(column="pid"), " a 07 ") == "a 07"


def test_only_the_last_number_is_padded() -> None:
    ids = Ids(column="pid", normalise=Normalisation(prefix="T1-", digits=3))
    assert normalise(ids, "7b") == "T1-007b"
    assert normalise(ids, "000") == "T1-000"
