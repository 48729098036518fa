"""What one written answer means."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.ingest.fields import reason_of_label
from coprod_trust.ingest.reading import AnswerField, number, read_answer
from coprod_trust.study import MissingReason

SCALE = AnswerField(
    1, 5, integer=True, labels={"agree": 4.0, "strongly agree": 5.0},
    missing={"99": MissingReason.REFUSED, "n/a": MissingReason.NOT_APPLICABLE},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "reason", "rule"),
    [
        ("3", 3, None, None),
        ("3.0", 3, None, None),
        ("03", 3, None, None),
        ("Agree", 4, None, None),
        ("strongly  AGREE", 5, None, None),
        ("99", None, "refused", None),
        ("99.0", None, "refused", None),
        ("N/A", None, "not_applicable", None),
        ("0", 0, None, "zero-as-missing"),
        ("6", 6, None, "out-of-range"),
        ("-2", -2, None, "out-of-range"),
        ("2.5", 2.5, None, "decimals"),
        ("3-4", None, None, "answer-ambiguous"),
        ("4?", None, None, "answer-ambiguous"),
        ("<3", None, None, "answer-ambiguous"),
        ("three", None, None, "text-unmapped"),
        ("nan", None, None, "text-unmapped"),
        ("inf", None, None, "text-unmapped"),
        ("1_0", None, None, "text-unmapped"),
        ("0x3", None, None, "text-unmapped"),
    ],
)
def test_readings(text: str, value: float | None, reason: str | None, rule: str | None) -> None:
    found = read_answer(text, SCALE)
    assert (found.value, found.reason, found.rule) == (value, reason, rule)


def test_a_label_nearly_right_and_a_number_with_words_are_suggested() -> None:
    assert read_answer("agre", SCALE).suggestion == "4 (agree)"
    assert read_answer("4 - quite", SCALE).suggestion == "4"


@given(st.text(max_size=12))
def test_no_text_has_both_a_value_and_a_reason_and_values_are_finite(text: str) -> None:
    found = read_answer(text, SCALE)
    assert found.value is None or found.reason is None
    assert found.value is None or math.isfinite(found.value)
    if found.rule is None and found.reason is None:
        assert found.value is not None
        assert 1 <= found.value <= 5
        assert found.value == int(found.value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read_back(value: float) -> None:
    assert number(repr(value)) == value


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("not asked", "not_asked"),
        ("Don't know", "dont_know"),
        ("DK", "dont_know"),
        ("Refused", "refused"),
        ("prefer not to say", "refused"),
        ("Inapplicable", "not_applicable"),
        ("skipped", "skipped"),
        ("whatever", "skipped"),
    ],
)
def test_reasons_are_taken_from_the_labels_of_missing_codes(label: str, reason: str) -> None:
    assert reason_of_label(label) == reason
