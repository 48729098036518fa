"""Exports of survey platforms: rows of names, groups, repeats, events."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from coprod_trust.check import check
from coprod_trust.ingest.readers.presets import own_columns, recognise, without_groups
from coprod_trust.study import load_study
from coprod_trust.study.draft import draft
from coprod_trust.study.drafting.platforms import split_definitions
from tests.ingest.readers.desk import Desk, problem, rules


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows(rows)
    return path


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


QUALTRICS = [
    ["RecordedDate", "Status", "ResponseId", "pid", "Q1"],
    ["Recorded Date", "Response Type", "Response ID", "pid", "How far do you trust\nthe <b>provider</b>?"],
    [f'{{"ImportId":"{x}"}}' for x in ("recordedDate", "status", "_recordId", "pid", "QID1")],
    ["2025-01-13 10:00:00", "IP Address", "R_1", "P001", "7"],
    ["2025-01-14 10:00:00", "Survey Preview", "R_2", "P002", "3"],
]


def test_qualtrics_keeps_row_numbers_and_takes_wordings_as_labels(desk: Desk, tmp_path: Path) -> None:
    for path in (write(tmp_path / "q.csv", *QUALTRICS), workbook(tmp_path / "q.xlsx", Sheet0=QUALTRICS)):  # type: ignore[arg-type]
        staged = desk.stage(path, preset="qualtrics")
        assert [(r[0], r[4]) for r in desk.rows(staged)] == [(4, "P001"), (5, "P002")]
        assert staged.columns[4].label == "How far do you trust the provider ?"
        assert staged.columns[4].name == "Q1"


def test_an_older_qualtrics_export_has_two_rows_of_names(desk: Desk, tmp_path: Path) -> None:
    staged = desk.stage(write(tmp_path / "q.csv", *QUALTRICS[:2], *QUALTRICS[3:]), preset="qualtrics")
    assert [r[0] for r in desk.rows(staged)] == [3, 4]


def test_a_second_row_of_words_is_a_row_of_answers_without_a_preset(desk: Desk, tmp_path: Path) -> None:
    staged = desk.stage(write(tmp_path / "q.csv", *QUALTRICS[:2], *QUALTRICS[3:]))
    assert staged.rows == 3


def test_kobo_names_lose_their_groups_unless_two_would_be_one() -> None:
    assert without_groups(["start", "trust/prov_1", "trust/peer/peer_1"]) == ("start", "prov_1", "peer_1")
    assert without_groups(["a/q", "b/q", "b/r"]) == ("a/q", "b/q", "r")
    assert without_groups(["SubmissionDate", "trust-prov_1", "KEY"]) == ("SubmissionDate", "prov_1", "KEY")
    assert without_groups(["pid", "well-being"]) == ("pid", "well-being")


FORM = [["today", "who/pid", "trust/prov_1", "_uuid", "_submission_time", "_index"],
        ["2025-01-13", "P001", 7, "u1", "2025-01-13T10:00:00", 1],
        ["2025-01-14", "P002", 4, "u2", "2025-01-14T10:00:00", 2]]  # fmt: skip
MEMBERS = [["members/age", "_index", "_parent_table_name", "_parent_index"],
           [31, 1, "Form", 2], [54, 2, "Form", 1], [12, 3, "Form", 2]]  # fmt: skip


def test_kobo_reads_the_form_and_leaves_its_repeats(desk: Desk, tmp_path: Path) -> None:
    staged = desk.stage(workbook(tmp_path / "k.xlsx", Form=FORM, members=MEMBERS), preset="kobo")
    assert [c.name for c in staged.columns] == ["today", "pid", "prov_1", "_uuid", "_submission_time", "_index"]
    assert staged.columns[2].label == "trust/prov_1"
    assert [r[2] for r in desk.rows(staged)] == ["P001", "P002"]


def test_kobo_reads_a_repeat_with_the_columns_of_its_form(desk: Desk, tmp_path: Path) -> None:
    path = workbook(tmp_path / "k.xlsx", Form=FORM, members=MEMBERS)
    staged = desk.stage(path, preset="kobo", repeat="members")
    names = [c.name for c in staged.columns]
    found = [(r[names.index("age") + 1], r[names.index("pid") + 1]) for r in desk.rows(staged)]
    assert found == [("31", "P002"), ("54", "P001"), ("12", "P002")]
    lost = workbook(tmp_path / "l.xlsx", members=MEMBERS)
    desk.refused(lost, "sheet-not-chosen", preset="kobo", repeat="members")


REDCAP = [["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "prov_1",
           "trust_complete"],
          ["1", "start_arm_1", "", "", "5", "2"],
          ["1", "start_arm_1", "visits", "1", "", "2"],
          ["1", "half_year_arm_1", "", "", "4", "2"],
          ["2", "start_arm_2", "", "", "3", "2"]]  # fmt: skip


def test_redcap_reads_one_event_in_all_arms_and_leaves_repeated_instruments(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", *REDCAP)
    event = {"preset": "redcap", "wave_column": "redcap_event_name", "wave_value": "start"}
    assert [r[0] for r in desk.rows(desk.stage(path, known_waves=["start", "half_year"], **event))] == [2, 5]
    assert "rows-of-no-wave" not in rules(desk.stage(path, known_waves=["start", "half_year"], **event))
    assert problem(desk.stage(path, **event), "rows-of-no-wave").row_number == 4
    assert [r[0] for r in desk.rows(desk.stage(path, repeat="visits", **event))] == [3]  # type: ignore[arg-type]


def test_the_columns_of_the_platform_are_known() -> None:
    assert own_columns("redcap", ["pid", "trust_complete", "redcap_event_name"]) == [
        "redcap_event_name",
        "trust_complete",
    ]
    assert own_columns("limesurvey", ["token", "G1Q1", "submitdate"]) == ["token", "submitdate"]
    assert own_columns(None, ["token"]) == []


@pytest.mark.parametrize(
    ("names", "platform"),
    [
        (QUALTRICS[0], None),
        (
            ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "startlanguage. Language"],
            "limesurvey",
        ),
        (["id", "submitdate", "lastpage", "startlanguage", "G1Q1"], "limesurvey"),
        (REDCAP[0], "redcap"),
        (FORM[0], "kobo"),
        (["pid", "prov_1", "status", "start"], None),
    ],
)
def test_a_platform_is_recognised_by_its_columns(names: list[str], platform: str | None) -> None:
    assert recognise(names) == platform
    assert recognise(QUALTRICS[0], QUALTRICS[1:3]) == "qualtrics"


def test_a_redcap_dictionary_gives_wordings_ends_and_identifiers(tmp_path: Path) -> None:
    choices = " | ".join(f"{n}, {n}" for n in range(11))
    dictionary = write(
        tmp_path / "dictionary.csv",
        ["Variable / Field Name", "Form Name", "Field Type", "Field Label",
         "Choices, Calculations, OR Slider Labels", "Identifier?"],
        ["record_id", "trust", "text", "Record", "", ""],
        *([f"prov_{i}", "trust", "radio", f"How far do you trust the provider, part {i}?", choices, ""]
          for i in (1, 2, 3)),
        ["nick", "trust", "text", "What do friends call you", "", "y"],
        ["days", "trust", "checkbox", "Days", "1, Monday | 2, Tuesday", ""],
    )  # fmt: skip
    head = ["record_id", "redcap_event_name", "prov_1", "prov_2", "prov_3", "nick", "days___1"]
    rows = [[str(i), e, str(3 + i % 5), str(4 + i % 3), str(2 + i % 6), f"n{i}", "1"]
            for e in ("start_arm_1", "half_year_arm_1") for i in range(1, 13)]  # fmt: skip
    data = write(tmp_path / "data.csv", head, *rows)
    surveys, found = split_definitions([data, dictionary])
    assert surveys == [data]
    assert found.questions["days___2"].label == "Days: Tuesday"
    study = load_study(draft(tmp_path / "s", [data, dictionary]).parent)
    (scale,) = study.scales
    assert (scale.items[0].id, scale.items[0].wording) == ("prov_1", "How far do you trust the provider, part 1?")
    assert (scale.low, scale.high) == (0, 10)
    assert [f.wave_value for w in study.waves for f in w.files] == ["start", "half_year"]
    assert "nick" in study.platform.ignore
    found_problems = check(tmp_path / "s")
    assert not found_problems.refused
    assert not {p.rule for p in found_problems.problems} & {"column-unknown", "wave-unknown", "rows-of-no-wave"}
