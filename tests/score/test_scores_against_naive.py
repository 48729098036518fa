"""The SQL scores of any instrument and any answers equal those of a scorer that adds up one person at a time."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.score.step import score
from coprod_trust.store import open_memory, sql
from coprod_trust.study import Scale, Study
from tests.tables import rows
from tests.working import load_answers

REASONS = ("not_applicable", "dont_know", "refused", "not_asked", "skipped")
GROUPS = ("participant", "other")


@st.composite
def instruments(draw: st.DrawFn) -> Study:
    scales = []
    for s in range(draw(st.integers(1, 3))):
        low = draw(st.sampled_from([0, 1, -3, 0.5]))
        k = draw(st.integers(1, 5))
        scales.append(
            {
                "id": f"s{s}",
                "label": "a scale",
                "low": low,
                "high": low + draw(st.sampled_from([1, 4, 10])),
                "items": [{"id": f"s{s}_i{i}", "reverse": draw(st.booleans())} for i in range(k)],
                "minimum_answered": draw(st.none() | st.integers(1, k)),
                "groups": draw(st.sampled_from([None, ["participant"], ["other"]])),
                "response": draw(st.sampled_from([{}, {"w1": {"low": 2, "high": 7}}])),
            }
        )
    return Study.model_validate(
        {
            "format": 1,
            "study_id": "any",
            "title": "Any",
            "ids": {"column": "pid"},
            "groups": {"column": "g", "values": [{"id": g, "label": g} for g in GROUPS]},
            "waves": [{"id": "w1", "label": "One", "month": 0}],
            "scales": scales,
        }
    )


@st.composite
def studies_with_answers(draw: st.DrawFn) -> tuple[Study, list[dict[str, Any]]]:
    study = draw(instruments())
    people = []
    for number in range(draw(st.integers(0, 6))):
        person: dict[str, Any] = {
            "participant_id": f"P{number}",
            "study_group": draw(st.sampled_from([*GROUPS, None])),
        }
        for scale in study.scales:
            low, high = scale.ends("w1")
            steps = st.integers(0, round(high - low)).map(lambda v, low=low: low + v)
            for item in scale.items:
                person[item.id] = draw(steps | st.sampled_from(REASONS))
        people.append(person)
    return study, people


def naive(study: Study, scale: Scale, person: dict[str, Any]) -> tuple[float | None, float | None, int, str | None]:
    """Mean, POMP, items answered and the reason why there is no score."""
    low, high = scale.ends("w1")
    values = []
    for item in scale.items:
        answer = person[item.id]
        if not isinstance(answer, str):
            values.append(low + high - answer if item.reverse else answer)
    if len(values) >= scale.needed:
        mean = sum(values) / len(values)
        return mean, (mean - low) / (high - low) * 100, len(values), None
    outside = (
        scale.groups is not None and person["study_group"] is not None and person["study_group"] not in scale.groups
    )
    never = all(person[i.id] == "not_asked" for i in scale.items)
    return None, None, len(values), "not_asked" if outside or never else "too_few_answered"


def close(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, (int, float)):
        return abs(a - b) < 1e-9
    return a == b


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(studies_with_answers())
def test_sql_scores_equal_the_naive_ones(case: tuple[Study, list[dict[str, Any]]]) -> None:
    study, people = case
    with open_memory() as con:
        load_answers(con, study, {"w1": people})
        score(con, study, "w1")
        if not people:
            assert rows(con, "SELECT * FROM panel.w1") == []
            return
        for scale in study.scales:
            columns = ", ".join(sql.ident(f"{scale.id}__{part}") for part in ("mean", "pomp", "n", "reason"))
            found = con.execute(f"SELECT participant_id, {columns} FROM panel.w1").fetchall()
            assert len(found) == len(people)
            by_person = {row[0]: row[1:] for row in found}
            for person in people:
                expected = naive(study, scale, person)
                got = by_person[person["participant_id"]]
                assert all(close(g, e) for g, e in zip(got, expected, strict=True)), (scale, person, got, expected)
                if got[1] is not None:
                    assert -1e-9 <= got[1] <= 100 + 1e-9
