"""Which waves of a scale may be compared, and what is said where they may not."""

from __future__ import annotations

from typing import Any

import pytest

from coprod_trust.score.comparability import compare
from coprod_trust.study import Study

WAVES = ["w1", "w2"]
ALL = {"w1": {"a", "b", "c"}, "w2": {"a", "b", "c"}}


def study(items: list[dict[str, Any]] | None = None, **scale: Any) -> Study:
    return Study.model_validate(
        {
            "format": 1,
            "study_id": "s",
            "title": "Test",
            "ids": {"column": "pid"},
            "waves": [
                {"id": "w1", "label": "One", "month": 0},
                {"id": "w2", "label": "Two", "month": 6},
                {"id": "w3", "label": "Three", "month": 12},
            ],
            "scales": [
                {
                    "id": "trust",
                    "label": "trust",
                    "low": 0,
                    "high": 10,
                    "items": items or [{"id": "a"}, {"id": "b"}, {"id": "c"}],
                    **scale,
                }
            ],
        }
    )


def reason(given: Study, answered: dict[str, set[str]] | None = None, **blocked: list[str]) -> str | None:
    (found,) = compare(given, WAVES, answered or ALL, {("trust", w): r for w, r in blocked.items()})
    assert found.comparable is (found.reason is None)
    return found.reason


def test_the_same_questions_with_the_same_ends_may_be_compared() -> None:
    assert reason(study()) is None


@pytest.mark.parametrize(
    ("given", "answered", "said"),
    [
        (study(), {"w1": {"a", "b", "c"}, "w2": {"a", "c"}}, "not the same items: b not answered by anybody at w2"),
        (study(), {"w1": {"a"}, "w2": {"a", "b", "c"}}, "not the same items: b, c not answered by anybody at w1"),
        (study(), {"w1": {"a", "b", "c"}, "w2": set()}, "not measured at w2: none of its items was answered there"),
        (
            study(response={"w2": {"low": 1, "high": 5}}),
            None,
            "answered from 0 to 10 at w1 and from 1 to 5 at w2",
        ),
        (
            study(response={"w2": {"low": 0, "high": 10, "note": "every point labelled"}}),
            None,
            "another response format (w1: as declared for the scale; w2: every point labelled)",
        ),
        (
            study([{"id": "a", "wording": "I trust them", "wordings": {"w2": "I trust the staff"}}, {"id": "b"}]),
            {"w1": {"a", "b"}, "w2": {"a", "b"}},
            "worded differently at w1 and w2: a",
        ),
    ],
)
def test_waves_that_were_asked_differently_may_not_be_compared(
    given: Study, answered: dict[str, set[str]] | None, said: str
) -> None:
    assert reason(given, answered) == said


def test_a_wording_that_differs_in_white_space_alone_is_the_same() -> None:
    items = [{"id": "a", "wording": "I trust them", "wordings": {"w2": "I  trust\nthem"}}, {"id": "b"}, {"id": "c"}]
    assert reason(study(items)) is None


def test_every_reason_is_said() -> None:
    given = study(response={"w2": {"low": 1, "high": 5}})
    said = reason(given, w2=["the direction of the answers looks turned"])
    assert said == (
        "blocked at w2: the direction of the answers looks turned; answered from 0 to 10 at w1 and from 1 to 5 at w2"
    )


def test_every_pair_of_waves_in_which_the_scale_was_asked_is_judged() -> None:
    answered = {w: {"a", "b", "c"} for w in ("w1", "w2", "w3")}
    found = compare(study(from_wave="w2"), ["w1", "w2", "w3"], answered, {})
    assert [(c.wave_from, c.wave_to, c.comparable) for c in found] == [("w2", "w3", True)]
    changed = study(response={"w3": {"low": 0, "high": 4}})
    found = compare(changed, ["w1", "w2", "w3"], answered, {})
    assert [(c.wave_from, c.wave_to, c.comparable) for c in found] == [
        ("w1", "w2", True),
        ("w1", "w3", False),
        ("w2", "w3", False),
    ]
