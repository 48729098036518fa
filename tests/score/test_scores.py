"""Scores of small tables that can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from coprod_trust.score.step import score
from coprod_trust.store import open_memory
from coprod_trust.study import Study
from tests.tables import rows, table
from tests.working import load_answers

PROVIDER = {
    "id": "provider",
    "dimension": "provider",
    "label": "trust in the provider",
    "low": 0,
    "high": 10,
    "items": [{"id": "a"}, {"id": "b"}, {"id": "c", "reverse": True}],
}


def study(*scales: dict[str, Any], **more: Any) -> Study:
    return Study.model_validate(
        {
            "format": 1,
            "study_id": "s",
            "title": "Test",
            "ids": {"column": "pid"},
            "groups": {
                "column": "group",
                "values": [{"id": "participant", "label": "In"}, {"id": "other", "label": "Out"}],
            },
            "waves": [
                {"id": "w1", "label": "One", "month": 0},
                {"id": "w2", "label": "Two", "month": 6},
                {"id": "w3", "label": "Three", "month": 12},
            ],
            "scales": list(scales),
            **more,
        }
    )


def scored(given: Study, wave: str, query: str, blocked: tuple[str, ...] = (), **waves: str) -> list[dict[str, object]]:
    with open_memory() as con:
        load_answers(con, given, {w: table(text) for w, text in waves.items()})
        for b in blocked:
            con.execute(
                "INSERT INTO blocked_scale VALUES (?, ?, 'rule', 'the answers are another scale''s')", b.split()
            )
        score(con, given, wave)
        return rows(con, query)


def test_a_score_is_the_mean_of_the_answered_items_with_reversed_ones_turned() -> None:
    found = scored(
        study(PROVIDER),
        "w1",
        "SELECT participant_id, provider__mean, provider__pomp, provider__n, provider__reason FROM panel.w1",
        w1="""
        participant_id | study_group | a | b | c
        all            | participant | 6 | 9 | 4
        two            | participant | 6 | - | 2
        one            | participant | 6 | - | -
        none           | participant | - | - | -
        """,
    )
    assert found == table("""
        participant_id | provider__mean | provider__pomp | provider__n | provider__reason
        all            | 7              | 70             | 3           | -
        two            | 7              | 70             | 2           | -
        one            | -              | -              | 1           | too_few_answered
        none           | -              | -              | 0           | too_few_answered
    """)


def test_the_ends_are_those_of_the_wave() -> None:
    given = {**PROVIDER, "response": {"w2": {"low": 1, "high": 5}}}
    answers = """
        participant_id | study_group | a | b | c
        p              | participant | 4 | 5 | 2
    """
    query = "SELECT provider__mean AS mean, provider__pomp AS pomp FROM panel.{}"
    assert scored(study(given), "w2", query.format("w1"), w1=answers, w2=answers) == [
        {"mean": (4 + 5 + 8) / 3, "pomp": pytest.approx(56.6666667)}
    ]
    assert scored(study(given), "w2", query.format("w2"), w1=answers, w2=answers) == [
        {"mean": (4 + 5 + 4) / 3, "pomp": pytest.approx(83.3333333)}
    ]


@pytest.mark.parametrize(("minimum", "expected"), [(None, [5, None]), (1, [5, 9]), (3, [None, None])])
def test_a_study_can_say_how_many_items_must_be_answered(minimum: int | None, expected: list[float | None]) -> None:
    found = scored(
        study({**PROVIDER, "minimum_answered": minimum}),
        "w1",
        "SELECT provider__mean FROM panel.w1 ORDER BY participant_id",
        w1="""
        participant_id | study_group | a | b | c
        p1             | participant | 4 | 6 | -
        p2             | participant | 9 | - | -
        """,
    )
    assert [r["provider__mean"] for r in found] == expected


def test_who_was_not_asked_is_told_from_who_did_not_answer() -> None:
    peers = {**PROVIDER, "id": "peers", "dimension": "peers", "groups": ["participant"]}
    found = scored(
        study(peers),
        "w1",
        "SELECT participant_id, peers__n, peers__reason FROM panel.w1",
        w1="""
        participant_id | study_group | a         | b         | c
        skipped        | participant | skipped   | skipped   | skipped
        not_asked      | participant | not_asked | not_asked | not_asked
        partly         | participant | not_asked | skipped   | not_asked
        unsure         | participant | dont_know | 5         | refused
        outsider       | other       | skipped   | skipped   | skipped
        unknown_group  | -           | skipped   | skipped   | skipped
        """,
    )
    assert found == table("""
        participant_id | peers__n | peers__reason
        skipped        | 0        | too_few_answered
        not_asked      | 0        | not_asked
        partly         | 0        | too_few_answered
        unsure         | 1        | too_few_answered
        outsider       | 0        | not_asked
        unknown_group  | 0        | too_few_answered
    """)


def test_a_scale_that_the_files_do_not_hold_was_not_asked() -> None:
    municipal = {**PROVIDER, "id": "municipal", "dimension": "municipal", "items": [{"id": "m1"}, {"id": "m2"}]}
    found = scored(
        study(PROVIDER, municipal),
        "w1",
        "SELECT municipal__n, municipal__mean, municipal__reason FROM panel.w1",
        w1="""
        participant_id | study_group | a | b | c
        p              | participant | 4 | 6 | 5
        """,
    )
    assert found == [{"municipal__n": 0, "municipal__mean": None, "municipal__reason": "not_asked"}]


def test_a_blocked_scale_has_no_score_in_that_wave_and_keeps_its_others() -> None:
    answers = """
        participant_id | study_group | a | b | c
        p              | participant | 4 | 6 | 5
    """
    found = scored(
        study(PROVIDER),
        "w2",
        "SELECT w2.provider__reason AS reason, w2.provider__n AS n, provider__w1, provider__w2 "
        "FROM panel.w2 JOIN panel.score_wide USING (participant_id)",
        blocked=("provider w2",),
        w1=answers,
        w2=answers,
    )
    assert found == [{"reason": "blocked", "n": 3, "provider__w1": 50, "provider__w2": None}]


def test_a_profile_of_single_items_gets_no_score() -> None:
    profile = {**PROVIDER, "id": "motives", "dimension": None, "scored": False}
    found = scored(
        study(profile, {**PROVIDER, "items": [{"id": "p1"}]}),
        "w1",
        "SELECT * FROM panel.score_wide",
        w1="""
        participant_id | study_group | a | b | c | p1
        p              | participant | 4 | 6 | 5 | 3
        """,
    )
    assert found == [{"participant_id": "p", "study_group": "participant", "provider__w1": 30}]


def test_scores_stand_side_by_side_with_nothing_where_a_person_is_absent() -> None:
    found = scored(
        study(PROVIDER, covariates=[{"id": "age"}, {"id": "hours", "varying": True}]),
        "w3",
        "SELECT * EXCLUDE (study_group) FROM panel.score_wide ORDER BY participant_id",
        w1="""
        participant_id | study_group | age | hours | a | b | c
        p1             | participant | 31  | 8     | 4 | 6 | 5
        p2             | participant | 32  | 4     | 9 | 9 | 1
        """,
        w3="""
        participant_id | study_group | age | hours | a | b | c
        p2             | participant | 32  | 2     | 6 | 6 | 4
        p3             | participant | 33  | 6     | 0 | 0 | 10
        """,
    )
    assert found == [
        {"participant_id": p, "age": a, "hours__w1": h1, "hours__w3": h3, "provider__w1": s1, "provider__w3": s3}
        for p, a, h1, h3, s1, s3 in (
            ("p1", 31, 8, None, 50, None),
            ("p2", 32, 4, 2, 90, 60),
            ("p3", 33, None, 6, None, 0),
        )
    ]


def test_a_run_of_an_earlier_wave_leaves_the_later_ones_out() -> None:
    answers = """
        participant_id | study_group | a | b | c
        p              | participant | 4 | 6 | 5
    """
    with open_memory() as con:
        given = study(PROVIDER)
        load_answers(con, given, {w: table(answers) for w in ("w1", "w2", "w3")})
        score(con, given, "w3")
        score(con, given, "w2")
        names = [
            n for (n,) in con.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'panel'").fetchall()
        ]
        assert sorted(names) == ["w1", "w2"]
        wide = [c for (c,) in con.execute("SELECT column_name FROM (DESCRIBE panel.score_wide)").fetchall()]
        assert wide == ["participant_id", "study_group", "provider__w1", "provider__w2"]
        assert rows(con, "SELECT wave_from, wave_to FROM comparability") == [{"wave_from": "w1", "wave_to": "w2"}]


def test_a_person_with_two_rows_in_a_wave_is_a_defect_and_never_counted_twice() -> None:
    with pytest.raises(RuntimeError, match="the gate let somebody in twice"):
        scored(
            study(PROVIDER),
            "w1",
            "SELECT 1",
            w1="""
            participant_id | study_group | a | b | c
            p              | participant | 4 | 6 | 5
            p              | participant | 4 | 6 | 5
            """,
        )
