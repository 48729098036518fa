"""Rules about files, ids, people and dates, each on a file that breaks it."""

import pytest

from coprod_trust.errors import Refused
from tests.ingest.gate_case import Case


def only(case: Case, rule: str) -> list[tuple[str | None, int | None, str | None]]:
    """Where the rule was broken; that nothing but warnings were found beside it."""
    return [(p.wave, p.row_number, p.column_name) for p in case.of(rule)]


def fates(case: Case, wave: str) -> tuple[int, ...]:
    """rows in, accepted, quarantined, duplicates, blank, withdrawn of a wave's one file, after a run."""
    case.run()
    (row,) = case.query(
        "SELECT rows_in, accepted, quarantined, duplicates, blank, withdrawn FROM source_file "
        f"WHERE wave = '{wave}' AND status = 'imported'"
    )
    assert row[0] == sum(row[1:])
    return row


def coded(case: Case) -> list[tuple[str]]:
    """The coded tables that there are."""
    return case.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'staging' ORDER BY ALL")


def ids(case: Case, wave: str) -> set[str]:
    return {r[0] for r in case.query(f"SELECT participant_id FROM answer.{wave}")}


def test_clean_files_break_no_rule(case: Case) -> None:
    assert case.problems() == []


def test_12_a_copy_of_a_file_is_read_once(case: Case) -> None:
    case.replace("path: waves/w1.csv", "path: waves/w1*.csv").write()
    (case.root / "waves" / "w1_copy.csv").write_bytes((case.root / "waves" / "w1.csv").read_bytes())
    assert only(case, "file-unchanged") == [("w1", None, None)]
    assert case.run()["accepted"] == 39


def test_13_other_content_under_an_imported_path_is_refused_until_declared(case: Case) -> None:
    case.run()
    before = case.query("SELECT * FROM answer.w1 ORDER BY ALL")
    tables = coded(case)
    case.set("w1", 2, prov_1="3" if case.waves["w1"][0]["prov_1"] != "3" else "4")
    with pytest.raises(Refused) as refused:
        case.run()
    assert "other content" in str(refused.value)
    assert case.query("SELECT * FROM answer.w1 ORDER BY ALL") == before
    assert coded(case) == tables
    from coprod_trust.decisions import Revision, append
    from coprod_trust.ingest.archive import hash_of

    sha256 = hash_of(case.root / "waves" / "w1.csv")
    append(
        case.root,
        Revision(
            path="waves/w1.csv", sha256=sha256, who="A. Evaluator", when="2026-01-01T10:00:00", why="typing error"
        ),
    )
    case.run()
    assert case.query("SELECT * FROM answer.w1 ORDER BY ALL") != before
    status = dict(case.query("SELECT sha256, status FROM source_file WHERE wave = 'w1'"))
    assert status.pop(sha256) == "imported"
    assert list(status.values()) == ["superseded"]


def test_13_a_file_that_was_refused_can_simply_be_mended(case: Case) -> None:
    good = case.waves["w1"]
    case.waves["w1"] = [{k: v for k, v in row.items() if k != "pid"} for row in good]
    with pytest.raises(Refused):
        case.run()
    case.waves["w1"] = good
    assert case.run()["accepted"] == 39
    assert case.rules() == set()


def test_importing_again_changes_nothing(case: Case) -> None:
    case.set("w2", 3, prov_1="11")
    tables = ("answer.w1", "answer.w2", "participant", "source_file", "problem", "source_column")
    case.run()
    before = [case.query(f"SELECT * FROM {t} ORDER BY ALL") for t in tables]
    n_coded = len(coded(case))
    case.run()
    assert [case.query(f"SELECT * FROM {t} ORDER BY ALL") for t in tables] == before
    assert len(coded(case)) == n_coded


def test_a_refusal_that_only_the_columns_show_leaves_no_coded_table(case: Case) -> None:
    case.run("w2")
    tables = coded(case)
    case.waves["w3"] = [{k: v for k, v in row.items() if k != "pid"} for row in case.waves["w3"]]
    with pytest.raises(Refused):
        case.run()
    assert coded(case) == tables


def test_an_original_that_has_gone_is_read_from_the_archive(case: Case) -> None:
    case.run()
    before = case.query("SELECT * FROM answer.w1 ORDER BY ALL")
    (case.root / "waves" / "w1.csv").unlink()
    del case.waves["w1"]
    assert only(case, "file-from-archive") == [("w1", None, None)]
    case.run()
    assert case.query("SELECT * FROM answer.w1 ORDER BY ALL") == before


def test_every_refused_file_is_named_at_once(case: Case) -> None:
    case.write()
    for wave in ("w1", "w3"):
        (case.root / "waves" / f"{wave}.csv").write_text("")
        case.waves.pop(wave)
    with pytest.raises(Refused) as refused:
        case.run()
    assert [w for w in ("w1", "w2", "w3") if f"{w}.csv" in str(refused.value)] == ["w1", "w3"]
    assert {p.wave for p in case.of("file-empty")} == {"w1", "w3"}


def test_15_rows_outside_the_fieldwork_are_told_with_the_days(case: Case) -> None:
    case.replace("month: 0\n", "month: 0\n    window: {start: 2025-01-01, end: 2025-01-31}\n")
    case.set("w1", 4, date="2025-02-03")
    (problem,) = case.of("date-outside-window")
    assert (problem.row_number, problem.column_name) == (4, "date")
    assert problem.found == "2025-02-03, 3 days after the last day"


def test_15_a_file_that_lies_mostly_outside_the_fieldwork_is_refused(case: Case) -> None:
    case.replace("month: 0\n", "month: 0\n    window: {start: 2024-01-01, end: 2024-01-31}\n")
    assert only(case, "dates-mostly-outside-window") == [("w1", None, "date")]
    with pytest.raises(Refused):
        case.run()


def test_16_a_row_without_an_id_is_held_back(case: Case) -> None:
    case.set("w1", 5, pid="")
    assert only(case, "id-missing") == [("w1", 5, "pid")]
    assert fates(case, "w1") == (14, 13, 1, 0, 0, 0)


def test_16_a_file_without_ids_is_refused(case: Case) -> None:
    case.waves["w1"] = [{k: v for k, v in row.items() if k != "pid"} for row in case.waves["w1"]]
    assert only(case, "id-column-missing") == [("w1", None, None)]


def test_16_an_id_of_another_form_is_held_back(case: Case) -> None:
    case.set("w1", 5, pid="Q 12x34")
    assert only(case, "id-malformed") == [("w1", 5, "pid")]


def test_17_the_first_spelling_of_an_id_stands(case: Case) -> None:
    case.replace("  normalise: {strip: true, upper: true, remove: '[^A-Z0-9]', prefix: P, digits: 3}\n", "")
    case.replace("  pattern: 'P[0-9]{3}'\n", "")
    case.set("w2", 4, pid="p-4")
    (problem,) = case.of("id-near-duplicate")
    assert (problem.wave, problem.row_number, problem.suggestion) == ("w2", 4, "P004")
    case.run()
    assert "P004" not in ids(case, "w2")
    assert "p-4" not in ids(case, "w2")


def test_17_spellings_that_the_study_normalises_are_one_person(case: Case) -> None:
    case.set("w2", 4, pid="p-4").set("w3", 4, pid="005")
    assert case.problems() == []
    case.run()
    assert {"P004"} <= ids(case, "w2")


def test_18_an_id_in_scientific_notation_is_held_back(case: Case) -> None:
    case.set("w1", 5, pid="1.23E+11")
    assert only(case, "id-scientific") == [("w1", 5, "pid")]
    assert "id-malformed" not in case.rules()


def test_19_the_same_row_twice_counts_once(case: Case) -> None:
    case.waves["w1"].append(dict(case.waves["w1"][2]) | {"pid": "p3"})
    assert only(case, "id-repeated-identical") == [("w1", 16, "pid")]
    assert fates(case, "w1") == (15, 14, 0, 1, 0, 0)
    assert case.query("SELECT row_number FROM answer.w1 WHERE participant_id = 'P003'") == [(4,)]


def test_19_conflicting_rows_are_held_back_both(case: Case) -> None:
    case.waves["w1"].append(dict(case.waves["w1"][2]) | {"prov_1": "0"})
    case.waves["w1"][2]["prov_1"] = "9"
    assert only(case, "id-repeated-conflicting") == [("w1", 4, "pid"), ("w1", 16, "pid")]
    assert fates(case, "w1") == (15, 13, 2, 0, 0, 0)


def test_20_a_new_id_at_a_later_wave_is_told(case: Case) -> None:
    del case.waves["w1"][5]
    assert only(case, "id-new") == [("w2", 6, "pid")]
    assert fates(case, "w2")[1] == 13


def test_21_another_birth_year_breaks_the_link_and_keeps_both_rows(case: Case) -> None:
    case.set("w2", 6, birth_year="1970").set("w3", 5, birth_year="1970")
    pid = case.waves["w2"][4]["pid"]
    assert case.waves["w3"][3]["pid"] == pid
    assert only(case, "birth-year-differs") == [("w2", 6, "birth_year"), ("w3", 5, "birth_year")]
    assert fates(case, "w2")[1] == 13
    assert {w for w in ("w1", "w2", "w3") if pid in ids(case, w)} == {"w1"}
    assert {w for w in ("w1", "w2", "w3") if f"{pid}~w2" in ids(case, w)} == {"w2", "w3"}
    assert all(
        "the link between them is broken" in p.message and "release" in p.fix for p in case.of("birth-year-differs")
    )


def test_21_where_the_study_only_warns_of_another_birth_year_the_rows_stay_linked_and_it_says_so(case: Case) -> None:
    case.declare("\nrules:\n  birth-year-differs: warn\n").set("w2", 6, birth_year="1970")
    told = case.of("birth-year-differs")[0]
    assert fates(case, "w2")[1] == 13
    assert case.waves["w2"][4]["pid"] in ids(case, "w2")
    assert "they stay linked" in told.message
    assert "broken" not in told.message
    assert "release" not in told.fix


def test_21_another_gender_is_told(case: Case) -> None:
    row = case.waves["w2"][4]
    case.set("w2", 6, gender="f" if row["gender"] == "m" else "m")
    assert ("w2", 6, "gender") in only(case, "gender-differs")
    assert fates(case, "w2")[1] == 13


def test_22_a_switch_of_group_holds_the_cell_back(case: Case) -> None:
    case.set("w2", 3, group="non-participant", peer_1="", peer_2="", peer_3="")
    assert only(case, "group-switch") == [("w2", 3, "group")]
    case.run()
    assert case.query("SELECT study_group FROM answer.w2 WHERE row_number = 3") == [(None,)]


def test_22_a_declared_crossing_is_only_told(case: Case) -> None:
    pid = case.waves["w2"][1]["pid"]
    case.replace(
        "waves:\n  - id: w1",
        f"  crossings: [{{participant_id: {pid.lower()}, date: 2025-05-01, to: non_participant}}]\nwaves:\n  - id: w1",
    )
    for wave in ("w2", "w3"):
        for row in case.waves[wave]:
            if row["pid"] == pid:
                row.update(group="non-participant", peer_1="", peer_2="", peer_3="")
    assert case.rules() == {"group-switch-declared"}
    case.run()
    assert case.query("SELECT study_group FROM answer.w2 WHERE row_number = 3") == [("non_participant",)]


def test_23_peers_answered_by_a_non_participant_are_held_back(case: Case) -> None:
    last = len(case.waves["w1"]) + 1
    case.set("w1", last, peer_2="7")
    assert only(case, "scale-of-another-group") == [("w1", last, "peer_2")]
    case.run()
    assert case.query(f"SELECT peer_2, peer_2__reason::VARCHAR FROM answer.w1 WHERE row_number = {last}") == [
        (None, "quarantined")
    ]


CONSENT = "consent: {column: consent, granted: ['yes'], withdrawn: [withdrawn]}\n"


def test_24_a_row_without_consent_is_held_back(case: Case) -> None:
    case.declare(CONSENT)
    for wave in case.waves:
        case.each(wave, lambda _, row: row.update(consent="Yes"))
    assert case.problems() == []
    case.set("w2", 3, consent="").set("w2", 4, consent="perhaps")
    assert only(case, "consent-missing") == [("w2", 3, "consent"), ("w2", 4, "consent")]
    assert fates(case, "w2") == (13, 11, 2, 0, 0, 0)


def test_24_who_withdraws_leaves_every_wave_and_the_database(case: Case) -> None:
    case.declare(CONSENT)
    for wave in case.waves:
        case.each(wave, lambda _, row: row.update(consent="yes"))
    pid = case.waves["w3"][3]["pid"]
    case.set("w3", 5, consent="withdrawn", prov_1="41.7")
    assert [p.wave for p in case.of("consent-withdrawn")] == ["w1", "w2", "w3"]
    assert all(p.found is None for p in case.of("consent-withdrawn"))
    assert fates(case, "w3") == (12, 11, 0, 0, 0, 1)
    assert fates(case, "w1") == (14, 13, 0, 0, 0, 1)
    for wave in case.waves:
        assert pid not in ids(case, wave)
    bases = [r[0] for r in case.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'staging'")]
    for table in bases:
        assert not [r for r in case.query(f"SELECT * FROM staging.{table}") if pid in r or pid.lower() in r]
    assert case.query("SELECT * FROM problem WHERE found LIKE '%41.7%'") == []
    assert case.query("SELECT participant_id FROM withdrawn_participant") == [(pid,)], "the notes leave them out too"


def test_25_a_wave_that_the_study_does_not_know_is_refused(case: Case) -> None:
    case.waves = {"w1": [r | {"wave": w[1]} for w, rows in case.waves.items() for r in rows]}
    for w in ("w1", "w2", "w3"):
        case.replace(
            f"{{path: waves/{w}.csv, date_column: date}}",
            f"{{path: waves/w1.csv, date_column: date, wave_column: wave, wave_value: '{w[1]}'}}",
        )
    assert case.problems() == []
    assert case.run()["accepted"] == 39
    case.set("w1", 4, wave="9")
    assert "wave-unknown" in case.rules()


def test_25_waves_whose_dates_run_backwards_are_told(case: Case) -> None:
    case.each("w2", lambda i, row: row.update(date=f"2024-06-{i:02d}"))
    assert [(p.rule, p.wave) for p in case.problems()] == [("waves-out-of-order", "w2")]


def test_26_a_missing_date_is_told(case: Case) -> None:
    case.set("w1", 3, date="")
    assert only(case, "date-missing") == [("w1", 3, "date")]
    assert fates(case, "w1")[1] == 14


@pytest.mark.parametrize("date", ["2025-02-31", "31-02-2025", "2999-01-01", "soon"])
def test_26_an_impossible_date_is_held_back(case: Case, date: str) -> None:
    case.set("w1", 3, date=date)
    if date.startswith("31"):
        case.replace("waves/w1.csv, date_column: date", "waves/w1.csv, date_column: date, date_format: '%d-%m-%Y'")
    assert only(case, "date-impossible") == [("w1", 3, "date")]
    assert fates(case, "w1")[1] == 14
    assert case.query("SELECT response_date FROM answer.w1 WHERE row_number = 3") == [(None,)]
    assert case.query("SELECT count(response_date) FROM answer.w1") == [(13,)]


def test_27_dates_that_can_be_read_in_two_ways_are_refused_until_declared(case: Case) -> None:
    case.each("w1", lambda i, row: row.update(date=f"0{1 + i % 9}/03/2025"))
    assert only(case, "date-ambiguous") == [("w1", 2, "date")]
    with pytest.raises(Refused):
        case.run()
    case.replace("waves/w1.csv, date_column: date", "waves/w1.csv, date_column: date, date_format: '%d/%m/%Y'")
    assert case.problems() == []
    case.run()
    assert case.query("SELECT response_date::VARCHAR FROM answer.w1 WHERE row_number = 2") == [("2025-03-03",)]


def test_27_a_day_above_12_settles_the_order(case: Case) -> None:
    case.each("w1", lambda i, row: row.update(date=f"{10 + i}-01-2025 09:30"))
    assert case.problems() == []
    case.run()
    assert case.query("SELECT response_date::VARCHAR FROM answer.w1 WHERE row_number = 2") == [("2025-01-12",)]


def test_27_years_of_two_digits_are_refused_until_declared(case: Case) -> None:
    case.each("w1", lambda i, row: row.update(date=f"{10 + i}-01-25"))
    assert only(case, "date-ambiguous") == [("w1", 2, "date")]


def test_28_test_rows_are_held_back(case: Case) -> None:
    case.replace("  pattern: 'P[0-9]{3}'\n", "  pattern: 'P[0-9]{3}'\n  test_pattern: '(?i)p?test.*'\n")
    case.declare("platform: {status_column: status, test_values: [Survey Preview]}\n")
    case.each("w1", lambda _, row: row.update(status="IP Address"))
    case.set("w1", 3, pid="test1").set("w1", 4, status="survey preview")
    assert only(case, "test-row") == [("w1", 3, "pid"), ("w1", 4, "status")]
    assert "id-malformed" not in case.rules()
    assert fates(case, "w1") == (14, 12, 2, 0, 0, 0)


def test_29_free_text_that_names_somebody_is_held_back(case: Case) -> None:
    case.declare("platform: {free_text: [remark]}\n")
    case.each("w1", lambda _, row: row.update(remark="nothing to add"))
    case.set("w1", 3, remark="call me on 06-12345678").set("w1", 4, remark="ask jan@example.org, please")
    found = case.of("personal-data-in-text")
    assert [(p.row_number, p.column_name, p.suggestion) for p in found] == [
        (3, "remark", "phone"),
        (4, "remark", "email"),
    ]
    assert fates(case, "w1")[1] == 14


def test_30_a_skipped_wave_is_told(case: Case) -> None:
    pid = case.waves["w2"].pop(4)["pid"]
    (problem,) = case.of("wave-skipped")
    assert (problem.wave, problem.found) == ("w3", pid)


def test_46_another_mode_or_a_proxy_is_told(case: Case) -> None:
    case.declare("platform: {mode_column: mode}\n")
    for wave in case.waves:
        case.each(wave, lambda _, row: row.update(mode="online"))
    case.set("w2", 3, mode="paper").set("w3", 4, mode="by proxy")
    where = only(case, "mode-changed")
    assert ("w2", 3, "mode") in where
    assert ("w3", 4, "mode") in where


def test_blank_rows_are_counted_and_left_out(case: Case) -> None:
    blank = dict.fromkeys(case.waves["w1"][0], "")
    case.waves["w1"] = [*case.waves["w1"][:3], blank, *case.waves["w1"][3:], blank, blank]
    assert case.problems() == []
    assert fates(case, "w1") == (17, 14, 0, 0, 3, 0)
    assert case.query("SELECT max(row_number) FROM answer.w1") == [(16,)]
