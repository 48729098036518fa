"""Problems grouped for a person, and rows of a query in three formats."""

import csv
import io
import json
import math
from datetime import date

import pytest

from coprod_trust.check import Checked
from coprod_trust.cli.show import plain, problem_lines, problems_as_data, summary
from coprod_trust.cli.tables import write_rows
from coprod_trust.errors import Reason
from coprod_trust.ingest.problem import Problem
from coprod_trust.study import Severity


def problem(**changes):
    fields = {
        "rule": "value-out-of-range",
        "severity": Severity.QUARANTINE,
        "scope": "cell",
        "message": "a value outside the scale",
        "expected": "0 to 10",
        "fix": "correct it in the file",
        "source_id": "w1__0123456789abcdef",
        "name": "waves/w1.csv",
        "wave": "w1",
        "row_number": 5,
        "column_name": "prov_1",
        "found": "77",
    }
    return Problem(**{**fields, **changes})


def test_problems_are_grouped_by_file_and_rule_the_gravest_first():
    warning = problem(rule="title-rows", severity=Severity.WARN, message="rows above the column names", row_number=1)
    other = problem(name="waves/w2.csv", message="no id", rule="id-missing")
    lines = list(problem_lines([warning, other, problem()], ids=False))
    told = [line for line in lines if line.startswith(("\nwaves", "  a ", "  no ", "  rows "))]
    assert [line.strip().split(" [")[0] for line in told] == [
        "waves/w1.csv",
        "a value outside the scale",
        "rows above the column names",
        "waves/w2.csv",
        "no id",
    ]


def test_rows_with_the_same_problem_share_a_line():
    lines = list(problem_lines([problem(row_number=n) for n in (9, 5, 6, 7)], ids=False))
    assert "    rows 5-7, 9, column prov_1: found 77; expected 0 to 10" in lines
    assert lines.count("    fix: correct it in the file") == 1


def test_with_ids_every_problem_has_a_line_of_its_own():
    problems = [problem(row_number=n) for n in (5, 6)]
    text = "\n".join(problem_lines(problems, ids=True))
    for p in problems:
        assert f"{p.problem_id}  row {p.row_number}, column prov_1" in text


def test_a_value_cannot_command_the_terminal():
    line = next(line for line in problem_lines([problem(found="\x1b[2Jgone\nnew")], ids=False) if "found" in line)
    assert "\x1b" not in line
    assert "\n" not in line
    assert plain("x" * 100).endswith("…")


def test_the_summary_says_what_a_run_would_do():
    assert summary(Checked("w1", ())) == "No problem in a row or file: a run would go through."
    assert summary(Checked("w1", (problem(),))).strip() == "1 problem (1 quarantine): a run would go through."
    refused = summary(Checked("w1", (problem(), problem(severity=Severity.REFUSE))))
    assert refused.strip() == "2 problems (1 refuse, 1 quarantine): a run would refuse this."
    assert summary(Checked("w1", (), (Reason("no codebook", "write one"),))).endswith("a run would refuse this.")


def test_problems_as_json_name_file_row_rule_and_fix():
    (data,) = json.loads(json.dumps(problems_as_data([problem()])))
    assert data["problem_id"] == problem().problem_id
    assert (data["file"], data["row_number"], data["column_name"]) == ("waves/w1.csv", 5, "prov_1")
    assert (data["rule"], data["severity"], data["fix"]) == (
        "value-out-of-range",
        "quarantine",
        "correct it in the file",
    )


NAMES = ("scale", "mean", "day")
ROWS = [("provider", 61.25, date(2025, 1, 7)), ("=1+1", math.nan, None)]


def test_csv_holds_every_row_and_disarms_formulas(capsys):
    write_rows(NAMES, iter(ROWS), "csv")
    read = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert read == [["scale", "mean", "day"], ["provider", "61.25", "2025-01-07"], ["'=1+1", "nan", ""]]


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_json_is_valid_whatever_the_number_of_rows(rows, capsys):
    write_rows(NAMES, iter(rows), "json")
    read = json.loads(capsys.readouterr().out)
    expected = [
        {"scale": "provider", "mean": 61.25, "day": "2025-01-07"},
        {"scale": "=1+1", "mean": None, "day": None},
    ]
    assert read == expected[: len(rows)]


def test_a_table_aligns_numbers_and_says_that_there_is_more(capsys):
    write_rows(("n", "name"), ((n, f"name {n}") for n in range(1000)), "table")
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "  n  name"
    assert shown.out.splitlines()[2] == "  0  name 0"
    assert len(shown.out.splitlines()) == 202
    assert "first 200 rows" in shown.err
