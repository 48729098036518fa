"""Rules about columns, items and how answers hang together, each on a file that breaks it."""

import random

import pytest

from coprod_trust.errors import Refused
from tests.ingest.gate_case import Case

ITEMS = [f"{s}_{i}" for s in ("prov", "muni", "gen", "peer") for i in (1, 2, 3)]


def cells(case: Case, rule: str) -> list[tuple[str | None, int | None, str | None, str | None]]:
    return [(p.wave, p.row_number, p.column_name, p.found) for p in case.of(rule)]


def value(case: Case, wave: str, row: int, item: str) -> tuple[object, object]:
    case.run()
    (found,) = case.query(f"SELECT {item}, {item}__reason::VARCHAR FROM answer.{wave} WHERE row_number = {row}")
    return found


def without(case: Case, wave: str, *columns: str) -> None:
    case.waves[wave] = [{k: v for k, v in row.items() if k not in columns} for row in case.waves[wave]]


def test_31_an_unknown_column_is_told_and_does_no_harm(case: Case) -> None:
    case.each("w2", lambda _, row: row.update(shoe_size="42"))
    assert cells(case, "column-unknown") == [("w2", None, "shoe_size", None)]
    assert case.run()["accepted"] == 39
    assert case.query("SELECT role FROM source_column WHERE name = 'shoe_size'") == [("unknown",)]
    case.declare("platform: {ignore: [shoe_size]}\n")
    assert case.problems() == []


def test_31_columns_of_other_waves_in_a_wide_file_are_known(case: Case) -> None:
    rows = {row["pid"]: {k: v for k, v in row.items() if k not in ("date", *ITEMS)} for row in case.waves["w1"]}
    for wave, people in case.waves.items():
        for row in people:
            rows[row["pid"]] |= {f"{i}.{wave}": row[i] for i in ITEMS}
    names = [f"{i}.{w}" for w in case.waves for i in ITEMS]
    expected = {w: len(rows) for w, rows in case.waves.items()}
    case.waves = {"w1": [{**dict.fromkeys(names, ""), **row} for row in rows.values()]}
    for wave in ("w1", "w2", "w3"):
        case.replace(f"{{path: waves/{wave}.csv, date_column: date}}", "{path: waves/w1.csv}")
    for item in ITEMS:
        aliases = f"aliases: {{w1: [{item}.w1], w2: [{item}.w2], w3: [{item}.w3]}}"
        case.replace(f"{{id: {item}", f"{{id: {item}, {aliases}")
    assert case.problems() == []
    case.run()
    found = dict(case.query("SELECT wave, accepted FROM source_file"))
    assert found == expected
    assert case.query("SELECT wave, rows_in, blank FROM source_file WHERE wave = 'w3'") == [("w3", 14, 2)]


def test_32_a_missing_item_is_told(case: Case) -> None:
    without(case, "w2", "gen_2")
    assert [(p.wave, p.scale, p.column_name) for p in case.of("item-missing")] == [("w2", "generalized", "gen_2")]
    assert value(case, "w2", 2, "gen_2") == (None, "not_asked")


def test_32_a_missing_scale_is_not_measured(case: Case) -> None:
    without(case, "w2", "gen_1", "gen_2", "gen_3")
    assert [(p.wave, p.scale) for p in case.of("scale-missing")] == [("w2", "generalized")]
    assert "item-missing" not in case.rules()
    case.replace("    items: [{id: gen_1}", "    waves: [w1, w3]\n    items: [{id: gen_1}")
    assert case.problems() == []


def test_33_an_item_that_looks_renamed_refuses_until_an_alias_is_declared(case: Case) -> None:
    case.waves["w2"] = [{("Gen02" if k == "gen_2" else k): v for k, v in row.items()} for row in case.waves["w2"]]
    assert [(p.wave, p.column_name, p.scale) for p in case.of("item-renamed")] == [("w2", "Gen02", "generalized")]
    with pytest.raises(Refused):
        case.run()
    case.replace("{id: gen_2}", "{id: gen_2, aliases: {w2: [gen02]}}")
    assert case.problems() == []
    assert value(case, "w2", 2, "gen_2")[0] == int(case.waves["w2"][0]["Gen02"])


def test_33_a_neighbour_with_another_number_is_not_taken_for_a_renamed_item(case: Case) -> None:
    case.waves["w2"] = [{("gen_4" if k == "gen_2" else k): v for k, v in row.items()} for row in case.waves["w2"]]
    assert case.rules() == {"item-missing", "column-unknown"}


def test_34_answers_in_another_format_block_the_scale(case: Case) -> None:
    case.each("w2", lambda _, row: row.update({f"gen_{i}": str(10 * int(row[f"gen_{i}"] or 0)) for i in (1, 2, 3)}))
    (problem,) = case.of("instrument-differs")
    assert (problem.wave, problem.scale) == ("w2", "generalized")
    assert "out-of-range" not in case.rules()
    case.run()
    assert [r[:2] for r in case.query("SELECT scale, wave FROM blocked_scale")] == [("generalized", "w2")]


def test_35_an_answer_outside_the_scale_is_held_back(case: Case) -> None:
    case.set("w1", 3, prov_1="11").set("w1", 4, age="199")
    assert cells(case, "out-of-range") == [("w1", 3, "prov_1", "11"), ("w1", 4, "age", "199")]
    assert value(case, "w1", 3, "prov_1") == (None, "quarantined")
    (row,) = case.query("SELECT accepted, quarantined FROM source_file WHERE wave = 'w1'")
    assert row == (14, 0)


def test_missing_codes_keep_their_reasons_apart(case: Case) -> None:
    case.set("w1", 3, prov_1="88", prov_2="99", prov_3="")
    assert case.problems() == []
    case.run()
    (row,) = case.query(
        "SELECT prov_1, prov_1__reason::VARCHAR, prov_2__reason::VARCHAR, prov_3__reason::VARCHAR "
        "FROM answer.w1 WHERE row_number = 3"
    )
    assert row == (None, "dont_know", "refused", "skipped")


def test_36_a_missing_code_that_is_a_valid_answer_blocks_the_scales(case: Case) -> None:
    case.replace("waves/w2.csv, date_column: date", "waves/w2.csv, date_column: date, missing_codes: {'9': not_asked}")
    assert {(p.wave, p.scale) for p in case.of("missing-code-is-answer")} == {
        ("w2", s) for s in ("provider", "municipal", "generalized", "peers")
    }
    case.set("w2", 3, prov_1="9")
    assert value(case, "w2", 3, "prov_1") == (None, "not_asked")
    assert len(case.query("SELECT * FROM blocked_scale")) == 4


def test_37_text_that_no_label_explains_is_held_back(case: Case) -> None:
    labels = "    value_labels: {complete trust: 10, no trust at all: 0}\n    items: [{id: prov_1}"
    case.replace("    items: [{id: prov_1}", labels)
    case.set("w1", 3, prov_1="Complete  trust").set("w1", 4, prov_1="completed trust").set("w1", 5, gender="?")
    (problem,) = case.of("text-unmapped")
    assert (problem.row_number, problem.column_name, problem.found) == (4, "prov_1", "completed trust")
    assert problem.suggestion == "10 (complete trust)"
    assert value(case, "w1", 3, "prov_1") == (10, None)
    assert value(case, "w1", 4, "prov_1") == (None, "quarantined")


def test_37_an_unknown_group_or_code_is_held_back(case: Case) -> None:
    case.replace("{id: gender, kind: gender}", "{id: gender, kind: gender, codes: {m: man, f: woman}}")
    assert case.problems() == []
    last = len(case.waves["w3"]) + 1
    case.set("w3", last, group="observer").set("w3", 2, gender="x")
    assert cells(case, "text-unmapped") == [("w3", 2, "gender", "x"), ("w3", last, "group", "observer")]
    case.run()
    assert case.query(f"SELECT study_group FROM answer.w3 WHERE row_number = {last}") == [(None,)]
    assert {r[0] for r in case.query("SELECT gender FROM participant")} <= {"man", "woman"}


@pytest.mark.parametrize("text", ["3-4", "7?", "3 or 4", "5/6", ">8", "6+"])
def test_38_an_answer_that_may_mean_several_values_is_held_back(case: Case, text: str) -> None:
    case.set("w1", 3, prov_1=text)
    assert cells(case, "answer-ambiguous") == [("w1", 3, "prov_1", text)]
    assert value(case, "w1", 3, "prov_1") == (None, "quarantined")


def test_39_a_decimal_on_whole_numbers_is_held_back(case: Case) -> None:
    case.set("w1", 3, prov_1="7.5").set("w1", 4, prov_1="7.0")
    assert cells(case, "decimals") == [("w1", 3, "prov_1", "7.5")]
    case.waves["w1"][2]["prov_1"] = "7.0"
    assert value(case, "w1", 4, "prov_1") == (7, None)


def test_39_decimals_throughout_are_told_and_kept(case: Case) -> None:
    case.each("w1", lambda i, row: row.update({f"gen_{k}": f"{(i * k) % 9}.{1 + i % 8}" for k in (1, 2, 3)}))
    assert [(p.wave, p.scale) for p in case.of("decimals-throughout")] == [("w1", "generalized")]
    assert "decimals" not in case.rules()
    assert value(case, "w1", 2, "gen_1") == (2.3, None)


def test_a_decimal_comma_is_read_as_a_number(case: Case) -> None:
    case.replace(
        "low: 0\n    high: 10\n    items: [{id: gen_1}",
        "low: 0\n    high: 10\n    integer: false\n    items: [{id: gen_1}",
    )
    case.each("w1", lambda i, row: row.update({f"gen_{k}": f"{(i * k) % 9},{1 + i % 8}" for k in (1, 2, 3)}))
    assert "text-unmapped" not in case.rules()
    assert value(case, "w1", 2, "gen_1") == (2.3, None)


def correlated(case: Case, n: int = 40) -> Case:
    """More people, so that correlations can be told."""
    from tests.studies import answers

    case.waves = answers(n)
    return case


def test_40_a_reverse_item_that_looks_reversed_already_is_told(case: Case) -> None:
    correlated(case)
    assert "reverse-item-reversed" not in case.rules()
    turned = lambda _, row: row.update(peer_3=str(10 - int(row["peer_3"])) if row["peer_3"] else "")  # noqa: E731
    case.each("w2", turned)
    assert [(p.wave, p.column_name, p.scale) for p in case.of("reverse-item-reversed")] == [("w2", "peer_3", "peers")]


def test_41_a_scale_that_runs_against_the_wave_before_is_told(case: Case) -> None:
    correlated(case)
    assert "scale-inverted" not in case.rules()
    case.each("w2", lambda _, row: row.update({f"gen_{i}": str(10 - int(row[f"gen_{i}"])) for i in (1, 2, 3)}))
    assert {(p.wave, p.scale) for p in case.of("scale-inverted")} == {("w2", "generalized"), ("w3", "generalized")}


def test_41_a_dozen_people_are_too_few_to_say_so(case: Case) -> None:
    case.each("w2", lambda _, row: row.update({f"gen_{i}": str(10 - int(row[f"gen_{i}"])) for i in (1, 2, 3)}))
    assert "scale-inverted" not in case.rules()


def test_42_the_same_answer_throughout_is_flagged(case: Case) -> None:
    case.set("w2", 3, **dict.fromkeys(ITEMS, "7")).set("w2", 4, **dict.fromkeys(ITEMS[:6], "7"))
    (found,) = case.of("straight-lining")
    assert (found.wave, found.row_number) == ("w2", 3)
    assert found.column_name == f"{ITEMS[0]} … {ITEMS[-1]}", "two formats answered so are two problems"
    case.run()
    assert case.query("SELECT * FROM flagged_answer") == [("P003", "w2", "straight-lining")]


def test_43_a_long_row_identical_to_the_wave_before_is_flagged(case: Case) -> None:
    case.replace(
        "  - id: peers\n",
        "  - id: support\n    label: support\n    low: 0\n    high: 10\n"
        "    items: [{id: sup_1}, {id: sup_2}, {id: sup_3}, {id: sup_4}]\n  - id: peers\n",
    )
    draw = random.Random(4)
    for wave in case.waves:
        case.each(wave, lambda _, row: row.update({f"sup_{i}": str(draw.randint(0, 10)) for i in (1, 2, 3, 4)}))
    assert case.problems() == []
    names = [*ITEMS, *(f"sup_{i}" for i in (1, 2, 3, 4))]
    first = {row["pid"]: row for row in case.waves["w1"]}
    target = case.waves["w2"][2]
    target.update({k: first[target["pid"]][k] for k in names})
    assert [(p.wave, p.row_number) for p in case.of("identical-answers")] == [("w2", 4)]
    case.run()
    assert case.query("SELECT * FROM flagged_answer") == [(target["pid"], "w2", "identical-answers")]


ONE_TO_FIVE = ("low: 0\n    high: 10\n    items: [{id: gen_1}", "low: 1\n    high: 10\n    items: [{id: gen_1}")


def test_44_a_0_where_the_scale_has_none_is_held_back(case: Case) -> None:
    case.replace(*ONE_TO_FIVE)
    for wave in case.waves:
        case.each(wave, lambda _, row: row.update({f"gen_{i}": row[f"gen_{i}"].replace("0", "1") for i in (1, 2, 3)}))
    case.set("w1", 3, gen_1="0")
    assert cells(case, "zero-as-missing") == [("w1", 3, "gen_1", "0")]
    assert value(case, "w1", 3, "gen_1") == (None, "quarantined")


def test_44_many_zeros_block_the_scale(case: Case) -> None:
    case.replace(*ONE_TO_FIVE)
    case.each("w1", lambda i, row: row.update({f"gen_{k}": "0" if i < 8 else "5" for k in (1, 2, 3)}))
    assert [(p.wave, p.scale) for p in case.of("zero-as-missing-common")] == [("w1", "generalized")]
    assert "zero-as-missing" not in case.rules()


def test_45_a_negative_weight_is_held_back(case: Case) -> None:
    case.declare("platform: {weight_column: weight}\n")
    case.each("w1", lambda _, row: row.update(weight="1.2"))
    case.set("w1", 3, weight="-0.5")
    assert cells(case, "weight-negative") == [("w1", 3, "weight", "-0.5")]


def test_47_an_item_that_everybody_answers_alike_is_told(case: Case) -> None:
    case.each("w2", lambda _, row: row.update(gen_2="6"))
    assert [(p.wave, p.column_name) for p in case.of("item-without-variance")] == [("w2", "gen_2")]


def test_48_one_person_left_at_both_waves_is_told(case: Case) -> None:
    case.waves["w2"] = case.waves["w2"][:1]
    assert {(p.wave, p.scale) for p in case.of("one-person-left")} >= {("w2", "generalized"), ("w2", "provider")}


def test_the_severity_of_a_rule_can_be_set(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    case.declare("rules: {out-of-range: warn}\n")
    (problem,) = case.problems()
    assert (problem.rule, problem.severity) == ("out-of-range", "warn")
    assert value(case, "w1", 3, "prov_1") == (11, None)


def test_a_rule_that_is_off_says_nothing(case: Case) -> None:
    case.waves["w2"].pop(4)
    case.declare("rules: {wave-skipped: 'off'}\n")
    assert case.problems() == []


def test_a_rule_can_be_made_to_refuse(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    case.declare("rules: {out-of-range: refuse}\n")
    with pytest.raises(Refused) as refused:
        case.run()
    assert "row 3, column prov_1" in str(refused.value)


def test_files_of_one_wave_bring_more_people(case: Case) -> None:
    case.replace("path: waves/w1.csv", "path: waves/w1*.csv")
    case.waves["w1b"] = case.waves["w1"][7:]
    case.waves["w1"] = case.waves["w1"][:7]
    assert case.problems() == []
    case.run()
    assert case.query("SELECT count(*), count(DISTINCT source_id) FROM answer.w1") == [(14, 2)]


def test_files_of_one_wave_bring_more_columns(case: Case) -> None:
    case.replace("path: waves/w1.csv", "path: waves/w1*.csv")
    rows = case.waves["w1"]
    case.waves["w1b"] = [{k: r[k] for k in ("pid", "date", "gen_1", "gen_2", "gen_3", "prov_1")} for r in rows]
    case.waves["w1"] = [{k: v for k, v in r.items() if not k.startswith("gen")} for r in rows]
    assert case.problems() == []
    case.run()
    row = rows[3]
    assert case.query("SELECT gen_1, prov_1, muni_1, gen_1__reason FROM answer.w1 WHERE participant_id = 'P004'") == [
        (int(row["gen_1"]), int(row["prov_1"]), int(row["muni_1"]), None)
    ]
    assert case.query("SELECT sum(accepted) FROM source_file WHERE wave = 'w1'") == [(28,)]


def test_files_of_one_wave_that_contradict_each_other_hold_the_person_back(case: Case) -> None:
    case.replace("path: waves/w1.csv", "path: waves/w1*.csv")
    case.waves["w1b"] = [{k: r[k] for k in ("pid", "prov_1")} for r in case.waves["w1"]]
    case.waves["w1b"][3] = {"pid": "P004", "prov_1": "0" if case.waves["w1"][3]["prov_1"] != "0" else "1"}
    assert [(p.name, p.row_number) for p in case.of("id-repeated-conflicting")] == [
        ("waves/w1.csv", 5),
        ("waves/w1b.csv", 5),
    ]
    case.run()
    assert case.query("SELECT * FROM answer.w1 WHERE participant_id = 'P004'") == []
