"""Whom a finding rests on: the people that its question needs, by who has which scores and answers."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from coprod_trust.study import Study, load_study
from coprod_trust.study.model import FollowUp
from coprod_trust.trace_rows import rows_behind
from tests.studies import small_study

# Who has what: provider, municipal, generalized at w1, w2, w3, and the item prov_1 at w1; a dot is a gap.
PEOPLE = {
    "P001": ("participant", "555", "555", "555", "5"),
    "P002": ("participant", "5..", "555", "555", "5"),  # left after the start
    "P003": ("participant", "555", "5.5", "555", "."),  # without the answer
    "P004": ("participant", ".55", "555", "555", "5"),  # nothing of the outcome at the start
    "P005": ("participant", "555", ".55", "555", "5"),  # without the condition at the start
    "P006": ("non_participant", "5..", "5..", "...", "5"),
    "P007": ("non_participant", "...", "...", "...", "."),  # a row without any score
}
SCALES, WAVES = ("provider", "municipal", "generalized"), ("w1", "w2", "w3")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(small_study(tmp_path_factory.mktemp("rows")))


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a publication that are asked."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"{s}__{w} DOUBLE" for s in SCALES for w in WAVES)
        connection.execute(f"CREATE TABLE score_wide (participant_id VARCHAR, study_group VARCHAR, {columns})")
        connection.execute("CREATE SCHEMA answer")
        connection.execute("CREATE TABLE answer.w1 (participant_id VARCHAR, prov_1 DOUBLE)")
        connection.execute(
            "CREATE TABLE wave AS SELECT unnest(['w1', 'w2', 'w3']) AS wave, unnest([1, 2, 3]) AS ordinal"
        )
        connection.execute("CREATE TABLE source_row (participant_id VARCHAR, wave VARCHAR, name VARCHAR, "
                           "sha256 VARCHAR, row_number BIGINT)")  # fmt: skip
        for row, (person, (group, *scores, item)) in enumerate(PEOPLE.items(), start=2):
            values = [float(v) if v != "." else None for of_scale in scores for v in of_scale]
            connection.execute(f"INSERT INTO score_wide VALUES (?, ?{', ?' * 9})", [person, group, *values])
            connection.execute("INSERT INTO answer.w1 VALUES (?, ?)", [person, float(item) if item != "." else None])
            for k, wave in enumerate(WAVES):
                if wave == "w1" or any(s[k] != "." for s in scores):
                    connection.execute(
                        "INSERT INTO source_row VALUES (?, ?, ?, 'hash', ?)", [person, wave, f"waves/{wave}.csv", row]
                    )
        yield connection


@pytest.mark.parametrize(
    ("finding_id", "outcome", "predictor", "method", "n", "expected"),
    [
        ("mediation.municipal-generalized-provider.w1-w3", "provider", "generalized", "indirect_path", 3,
         dict.fromkeys(("P001", "P003", "P004"), "w1 w2 w3")),
        ("moderation.municipal-provider.w1-w3", "provider", "municipal", "moderation", 3,
         {"P001": "w1 w2 w3", "P002": "w1", "P003": "w1 w2 w3"}),
        ("moderation.prov_1-generalized.w1-w3", "generalized", "prov_1", "moderation", 4,
         dict.fromkeys(("P001", "P002", "P004", "P005"), "w1 w2 w3")),
        ("moderation.municipal-provider.w1-w3", "provider", "municipal", "moderation", 2,
         {"P001": "w1 w3", "P003": "w1 w3"}),
        ("within.municipal-provider.w1-w3", "provider", "municipal", "within_between", 5,
         {"P001": "w1 w2 w3", "P002": "w1", "P003": "w1 w3", "P004": "w2 w3", "P005": "w2 w3"}),
        ("cross_lagged.municipal-provider.w1-w3", "provider", "municipal", "cross_lagged", 4,
         {"P001": "w1 w2 w3", "P003": "w1 w3", "P004": "w2 w3", "P005": "w2 w3"}),
        ("engagement.prov_1.w1", "municipal", "prov_1", "proportional_odds", 3,
         {"P001": "w1", "P002": "w1", "P004": "w1"}),
        ("overlap.participation.w1", "participation", None, "common_support", 7, dict.fromkeys(PEOPLE, "w1")),
        ("selection.provider.w1", "provider", "study_group", "welch", 5,
         dict.fromkeys(("P001", "P002", "P003", "P005", "P006"), "w1")),
        ("change.provider.w1-w3", "provider", None, "mixed_model", 4,
         {"P001": "w1 w2 w3", "P002": "w1", "P003": "w1 w2 w3", "P005": "w1 w2 w3"}),
        ("change.provider.w1-w3", "provider", None, "paired_t", 3,
         {"P001": "w1 w3", "P003": "w1 w3", "P005": "w1 w3"}),
    ],
)  # fmt: skip
def test_the_people_and_waves_that_a_question_needs(
    con: duckdb.DuckDBPyConnection, study: Study, finding_id: str, outcome: str, predictor: str | None, method: str,
    n: int, expected: dict[str, str],
) -> None:  # fmt: skip
    finding = {"finding_id": finding_id, "outcome": outcome, "predictor": predictor, "method": method,
               "contrast": finding_id.split(".")[2], "population": "participants"}  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in rows_behind(con, study, finding, n):
        found.setdefault(row["participant_id"], []).append(row["wave"])
    assert {p: " ".join(waves) for p, waves in found.items()} == expected


def test_a_change_rests_on_those_who_were_to_be_asked_again_and_a_comparison_on_all(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE participant AS "
        "SELECT participant_id, if(participant_id IN ('P001', 'P002'), 'yes', 'no') AS again FROM score_wide"
    )
    rule = FollowUp(covariate="again", values=["yes"])
    followed = study.model_copy(update={"follow_up": rule})

    def people(finding_id: str, method: str, n: int) -> set[str]:
        finding = {
            "finding_id": finding_id,
            "outcome": "provider",
            "predictor": None,
            "contrast": finding_id.split(".")[-1],
            "population": "participants",
            "method": method,
        }
        return {r["participant_id"] for r in rows_behind(con, followed, finding, n)}

    assert people("change.provider.w1-w3", "mixed_model", 2) == {"P001", "P002"}
    assert people("change.provider.w1-w3", "paired_t", 1) == {"P001"}
    assert people("selection.provider.w1", "welch", 5) == {"P001", "P002", "P003", "P005", "P006"}
