"""The four cases of Van Eijk and Steen: a small coded data set, written for this test after the text of their article,
gives their pattern of findings and their Table 1. The words in it are invented."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from coprod_trust.integrate.cases import compare_cases
from coprod_trust.notes.step import read_notes, store_notes
from coprod_trust.store import open_memory
from coprod_trust.study import Study, load_study
from coprod_trust.study.instrument import default_codebook
from tests.studies import STUDY_YAML

HERE = Path(__file__).parent / "four_cases"
NL, BE = "Dutch client councils", "Belgian user councils"
SCHOOLS, WATCHES = "Dutch advisory councils at schools", "Dutch neighbourhood watches"
ALL = {NL, BE, SCHOOLS, WATCHES}
NOTES = "notes: {segments: [notes/segments.csv]%s}\n"


def load(root: Path, more: str = "") -> Study:
    shutil.copytree(HERE, root, dirs_exist_ok=True)
    (root / "codebook.csv").write_text(default_codebook(), encoding="utf-8")
    (root / "study.yaml").write_text(STUDY_YAML + NOTES % more, encoding="utf-8")
    return load_study(root)


def fill(con: duckdb.DuckDBPyConnection, study: Study, root: Path) -> None:
    notes = read_notes(con, study, root, "w1")
    assert notes.refusals == []
    store_notes(con, notes)
    assert compare_cases(con, study, "w1") == 4


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("cases")
    with open_memory() as connection:
        fill(connection, load(root), root)
        yield connection


def cases(con: duckdb.DuckDBPyConnection, element: str, status: str = "mentioned") -> set[str]:
    rows = con.execute(
        "SELECT case_name FROM case_element WHERE element = ? AND status = ?", [element, status]
    ).fetchall()
    return {c for (c,) in rows}


def test_table_1(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute("SELECT case_name, n_groups, n_people, n_professionals > 0 FROM case_summary").fetchall()
    assert {name: tuple(rest) for name, *rest in found} == {
        NL: (2, 6, False),
        SCHOOLS: (3, 20, True),
        WATCHES: (2, 10, True),
        BE: (3, 19, False),
    }
    assert con.execute("SELECT sum(n_groups), sum(n_people) FROM case_summary").fetchall() == [(10, 55)]


@pytest.mark.parametrize(
    ("element", "where"),
    [
        ("salience", ALL - {SCHOOLS}),
        ("ease", set()),
        ("internal_efficacy", ALL),
        ("external_efficacy", ALL),
        ("trust_before", set()),
        ("trust_during", ALL),
        ("socio_economic", {NL, BE, SCHOOLS}),
        ("connectedness", {NL, SCHOOLS}),
        ("self_interest", {SCHOOLS, WATCHES, BE}),
        ("community", ALL),
        ("feedback", ALL),
        ("new_network", {NL, BE}),
        ("new_problem", ALL - {SCHOOLS}),
        ("new_anxiety", {WATCHES}),
    ],
)
def test_which_variables_are_validated_in_which_case(
    con: duckdb.DuckDBPyConnection, element: str, where: set[str]
) -> None:
    assert cases(con, element) == where


def test_ease_is_spoken_of_as_time_alone(con: duckdb.DuckDBPyConnection) -> None:
    assert cases(con, "ease", "mentioned differently") == {NL, SCHOOLS}
    assert cases(con, "ease", "not mentioned") == {BE, WATCHES}


def test_looking_back_is_stronger_in_the_watches(con: duckdb.DuckDBPyConnection) -> None:
    people = dict(con.execute("SELECT case_name, n_people FROM case_element WHERE element = 'feedback'").fetchall())
    assert max(people, key=lambda c: people[c]) == WATCHES


def test_wanting_information_is_read_one_way_and_can_be_read_another(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert cases(con, "new_information") == ALL - {NL}, "read as: except for the Dutch client councils"
    element = "{id: new_information, label: information, codes: [NEW-INFO], times: [before], kind: new, note: read so}"
    with open_memory() as other:
        fill(other, load(tmp_path, f", engagement: {{elements: [{element}]}}"), tmp_path)
        assert cases(other, "new_information") == set()


def test_socio_economic_variables_go_with_internal_efficacy_alone(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "SELECT target, list(case_name) FROM model_link WHERE source = 'socio_economic' AND n_people > 0 GROUP BY ALL"
    ).fetchall()
    assert {t: set(c) for t, c in found} == {"internal_efficacy": {NL, BE, SCHOOLS}}
    expected = con.execute(
        "SELECT DISTINCT target FROM model_link WHERE source = 'socio_economic' AND expected"
    ).fetchall()
    assert {t for (t,) in expected} == {"internal_efficacy", "external_efficacy", "trust_before", "ease"}


def test_connectedness_goes_with_salience_where_the_model_does_not_expect_it(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(
        "SELECT source, target, case_name, n_people FROM model_link WHERE NOT expected AND n_people > 0 "
        "AND 'connectedness' IN (source, target)"
    ).fetchall() == [("salience", "connectedness", NL, 1)]


def test_trust_goes_with_external_efficacy_in_all_cases(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "SELECT case_name FROM model_link "
        "WHERE source = 'trust_during' AND target = 'external_efficacy' AND n_people > 0"
    ).fetchall()
    assert {c for (c,) in found} == ALL


def test_statements_that_did_not_pass_the_filter_and_professionals_do_not_count(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert con.execute("SELECT count(*) FROM segment WHERE NOT kept").fetchall() == [(1,)]
    counted = con.execute(
        "SELECT n_segments FROM case_element WHERE element = 'community' AND case_name = ?", [NL]
    ).fetchall()
    assert counted == [(1,)]
    people = con.execute(
        "SELECT n_people FROM case_element WHERE element = 'external_efficacy' AND case_name = ?", [WATCHES]
    ).fetchall()
    assert people == [(1,)], "the officer is a professional"


def test_every_narrative_of_two_rungs_or_more_climbs_the_ladder(con: duckdb.DuckDBPyConnection) -> None:
    told = con.execute("SELECT count(*) FILTER (in_order), count(*) FILTER (NOT in_order) FROM narrative").fetchone()
    assert told == (9, 0)


def test_a_narrative_that_tells_of_its_start_last_is_out_of_order(tmp_path: Path) -> None:
    with open_memory() as con:
        study = load(tmp_path)
        fill(con, study, tmp_path)
        con.execute("UPDATE segment SET position = 99 WHERE text LIKE 'My sister%'")
        compare_cases(con, study, "w1")
        told = con.execute("SELECT document, rungs, elements, in_order FROM narrative WHERE NOT in_order").fetchall()
        assert told == [("client1", [2, 1], ["internal_efficacy", "salience"], False)]


def test_a_talk_with_professionals_alone_is_no_case(tmp_path: Path) -> None:
    with open_memory() as con:
        study = load(tmp_path)
        fill(con, study, tmp_path)
        con.execute("INSERT INTO document (document, wave) VALUES ('staff', 'w1'), ('loose', 'w1')")
        con.execute("INSERT INTO roster VALUES ('staff', NULL, 'Boss', 'professional', TRUE)")
        con.execute("INSERT INTO roster VALUES ('loose', 'P1', 'R', 'citizen', TRUE)")
        compare_cases(con, study, "w1")
        assert cases_named(con, "case_summary") == ALL | {"loose"} == cases_named(con, "case_element")


def cases_named(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {c for (c,) in con.execute(f"SELECT DISTINCT case_name FROM {table}").fetchall()}
