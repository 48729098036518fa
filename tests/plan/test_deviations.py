"""Deviations are found, whoever changed what."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from coprod_trust.decisions import Amendment
from coprod_trust.plan.deviations import Done, Kind, WaveFacts, deviations, last_wave_seen
from coprod_trust.study import Study, plan_hash, plan_text

STUDY = {
    "format": 1,
    "study_id": "s",
    "title": "S",
    "ids": {"column": "pid"},
    "waves": [
        {"id": "w1", "label": "1", "month": 0, "planned_date": "2025-01-13"},
        {"id": "w2", "label": "2", "month": 6, "planned_date": "2025-07-14"},
    ],
    "scales": [
        {"id": s, "label": s, "low": 0, "high": 10, "items": [{"id": f"{s}_1"}, {"id": f"{s}_2"}]}
        for s in ("provider", "municipal")
    ],
    "covariates": [{"id": "age"}],
}
PLAN = {
    "primary": ["provider"],
    "covariates": ["age"],
    "families": [{"id": "F1", "members": ["change.provider", "association.peers-provider"]}],
}


def study(**plan: object) -> Study:
    return Study.model_validate({**STUDY, "plan": {**PLAN, **plan}})


def record(of: Study, day: str, action: str = "registration") -> Amendment:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Amendment.model_validate(
        {"who": "A", "when": moment, "why": "so", "action": action, "plan_hash": plan_hash(of), "plan": plan_text(of)}
    )


def done(**other: object) -> Done:
    facts = {
        "w1": WaveFacts("w1", date(2025, 1, 14), datetime(2025, 2, 1, tzinfo=UTC)),
        "w2": WaveFacts("w2", date(2025, 7, 15), datetime(2025, 8, 1, tzinfo=UTC)),
    }
    found: dict[str, object] = {
        "wave": "w2",
        "waves": facts,
        "findings": {"change.provider.w1-w2": None, "association.peers-provider.w1-w2": None},
        "measured": frozenset({"provider"}),
        "covariates": frozenset({"age"}),
    }
    return Done(**{**found, **other})  # type: ignore[arg-type]


def test_a_plan_that_was_registered_and_followed_deviates_in_nothing() -> None:
    assert deviations(study(), [record(study(), "2025-01-06")], done()) == ()


def test_a_date_in_study_yaml_is_no_record() -> None:
    (found,) = deviations(study(registered="2025-01-06"), [], done())
    assert found.kind is Kind.NOT_REGISTERED
    assert "2025-01-06, without a record" in found.done


@pytest.mark.parametrize(("day", "wave"), [("2025-01-13", None), ("2025-01-14", "w1"), ("2025-07-15", "w2")])
def test_a_plan_registered_when_answers_had_come_is_late(day: str, wave: str | None) -> None:
    found = deviations(study(), [record(study(), day)], done())
    assert [d.kind for d in found] == ([Kind.REGISTERED_LATE] if wave else [])
    assert last_wave_seen(study(), done(), datetime.fromisoformat(day).replace(tzinfo=UTC)) == wave


def test_a_change_nobody_recorded_is_found_setting_by_setting() -> None:
    now = study(alpha=0.1, families=[{"id": "F1", "members": ["change.provider"]}])
    found = {d.subject: d for d in deviations(now, [record(study(), "2025-01-06")], done())}
    assert set(found) == {"alpha", "family F1"}
    assert (found["alpha"].planned, found["alpha"].done, found["alpha"].recorded) == ("0.05", "0.1", False)


def test_an_amendment_counts_as_a_deviation_only_once_answers_had_come() -> None:
    now = study(alpha=0.1)
    early = [record(study(), "2025-01-06"), record(now, "2025-01-10", "amendment")]
    late = [record(study(), "2025-01-06"), record(now, "2025-03-01", "amendment")]
    assert deviations(now, early, done()) == ()
    (found,) = deviations(now, late, done())
    assert (found.kind, found.recorded, found.why) == (Kind.AMENDED_AFTER_DATA, True, "so")
    assert "after answers of w1 had come" in found.done


def test_what_was_planned_and_not_done_is_found() -> None:
    other = done(
        findings={"change.provider.w1-w2": "fewer than three people"}, measured=frozenset({"provider"}),
        covariates=frozenset(),
    )  # fmt: skip
    found = {(d.kind, d.subject): d for d in deviations(study(), [record(study(), "2025-01-06")], other)}
    assert found[Kind.NOT_ESTIMATED, "change.provider.w1-w2"].done == "fewer than three people"
    assert (Kind.NOT_ESTIMATED, "association.peers-provider") in found
    assert (Kind.COVARIATE_WITHOUT_VALUES, "age") in found
    assert len(found) == 3


def test_a_primary_outcome_without_a_score_is_told_once() -> None:
    other = done(
        measured=frozenset(), findings={"association.peers-provider.w1-w2": None, "change.municipal.w1-w2": None}
    )
    found = deviations(study(), [record(study(), "2025-01-06")], other)
    assert (found[0].kind, found[0].subject) == (Kind.NOT_MEASURED, "provider")


def test_a_wave_that_came_late_or_never_is_told() -> None:
    late = WaveFacts("w2", date(2025, 8, 20), None)
    found = deviations(study(), [record(study(), "2025-01-06")], done(waves={"w2": late}, findings={}))
    by = {(d.kind, d.subject): d.done for d in found}
    assert by[Kind.WAVE_WITHOUT_DATA, "w1"] == "no answers came"
    assert "37 days late" in by[Kind.WAVE_AT_ANOTHER_TIME, "w2"]
