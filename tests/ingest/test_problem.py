from __future__ import annotations

import pickle

from coprod_trust.errors import Busy, Reason
from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.study import Severity

PROBLEM = Problem(
    rule="wave-unknown",
    severity=Severity.REFUSE,
    scope="file",
    message="a spelling of the wave that the study does not know",
    expected="one of: start, end",
    fix="correct the file",
    name="waves/w1.csv",
    row_number=4,
    column_name="wave",
    found="Zeppelin",
    suggestion="Zeppelin?",
)


def test_a_refusal_names_place_rule_expectation_and_fix_but_not_the_value() -> None:
    text = str(FileRefused(PROBLEM))
    for part in ("waves/w1.csv, row 4, column wave", "wave-unknown", "one of: start, end", "correct the file"):
        assert part in text
    assert "Zeppelin" not in text
    assert "Zeppelin" not in repr(FileRefused(PROBLEM).problems)


def test_a_refusal_that_is_stored_says_the_same_and_holds_no_value() -> None:
    stored = pickle.dumps(FileRefused(PROBLEM))
    assert b"Zeppelin" not in stored
    back = pickle.loads(stored)
    assert (str(back), back.problems[0].rule) == (str(FileRefused(PROBLEM)), "wave-unknown")


def test_any_error_of_a_user_comes_back_whole() -> None:
    error = Busy(Reason("another run holds this study", "wait", "here"))
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), back.reasons) == (Busy, error.reasons)
