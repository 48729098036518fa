"""Every planted error stands in the committed files where the data dictionary says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyreadstat
import pytest
from generator.people import draw
from generator.pick import SEED
from generator.survey import Dirt

from coprod_trust.study import load_study
from coprod_trust.study.ids import normalise
from tests.sample.conftest import Generated
from tests.sample.files import cell, rows_of

W1, OUTSIDE = "waves/w1_deelnemers.csv", "waves/w1_niet_deelnemers.csv"
W2, W3 = "waves/w2_maart2025.xlsx", "waves/w3_september2025.sav"


def planted(generated: Generated, what: str) -> list[Dirt]:
    """The recorded errors whose description holds these words."""
    found = [d for d in generated.dirt if what in d.what]
    assert found, what
    return found


def test_the_dictionary_names_every_planted_error(generated: Generated, sample: Path) -> None:
    text = (sample / "DATA_DICTIONARY.md").read_text(encoding="utf-8")
    lines = text[text.index("## Planted errors") :].splitlines()
    for d in generated.dirt:
        line = next(x for x in lines if d.what in x and d.file in x)
        assert d.rule in line
        assert d.row is None or str(d.row) in line.split("|")[2].replace(" ", "").split(",")


def test_the_dictionary_names_every_column(sample: Path) -> None:
    text = (sample / "DATA_DICTIONARY.md").read_text(encoding="utf-8")
    for name in (W1, OUTSIDE, W2, W3):
        header = next(r for r in rows_of(sample / name) if "respnr" in r)
        assert [c for c in header if f"`{c}`" not in text] == []


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("88, the paper form's", "88"),
        ("an 11 typed", 11),
        ("written p7", "p7"),
        ("written 007", "007"),
        ("does not exist", "31-02-2025"),
        ("entered as a participant", "deelnemer"),
        ("by telephone", "telefoon"),
        ("COND-NOSUP mistyped", "COND-NOSUPP"),
        ("TRU-COG mistyped", "TRU-COGG"),
        ("MOT-DN mistyped", "MOT_DN"),
        ("withdrew consent", "withdrawn"),
    ],
)
def test_the_value_stands_where_it_is_said_to_stand(
    generated: Generated, sample: Path, what: str, value: object
) -> None:
    for d in planted(generated, what):
        assert d.row is not None
        assert d.column is not None
        assert cell(sample / d.file, d.row, d.column) == value


def test_the_first_file_has_a_mark_semicolons_decimal_commas_and_blank_rows(sample: Path) -> None:
    data = (sample / W1).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert not (sample / OUTSIDE).read_bytes().startswith(b"\xef\xbb\xbf")
    rows = rows_of(sample / W1)
    assert {len(r) for r in rows} == {len(rows[0])}
    assert sum("," in r[rows[0].index("uren")] for r in rows) > 10
    assert [any(r) for r in rows[-4:]] == [True, False, False, False]


def test_the_workbook_has_title_rows_a_second_sheet_and_blank_rows(sample: Path) -> None:
    from openpyxl import load_workbook

    assert load_workbook(sample / W2).sheetnames == ["Data", "Toelichting"]
    rows = rows_of(sample / W2)
    assert "respnr" in rows[3]
    assert sum(v not in (None, "") for r in rows[:3] for v in r) == 2
    assert [str(r[0]).strip() for r in rows[-2:]] == ["", ""]


def test_one_participant_stands_twice_alike_and_one_twice_unlike(generated: Generated, sample: Path) -> None:
    alike = planted(generated, "the same row")[0]
    rows = rows_of(sample / W1)
    assert alike.row is not None
    assert rows.count(rows[alike.row - 1]) == 2
    unlike = planted(generated, "different answers")
    first, second = (rows_of(sample / W2)[d.row - 1] for d in unlike if d.row)
    assert first[0] == second[0]
    assert first != second
    for name, expected in ((W1, 1), (OUTSIDE, 0), (W2, 1), (W3, 0)):
        ids = Counter(r[0] for r in rows_of(sample / name) if str(r[0]).startswith("P"))
        assert sum(n > 1 for n in ids.values()) == expected


def test_the_three_spellings_are_one_person_by_the_declared_normalisation(sample: Path) -> None:
    study = load_study(sample)
    assert {normalise(study.ids, s) for s in ("P007", "p7", "007")} == {"P007"}
    assert "P007" in [r[0] for r in rows_of(sample / W1)]


def test_somebody_switches_group_who_was_a_non_participant(generated: Generated, sample: Path) -> None:
    d = planted(generated, "entered as a participant")[0]
    assert d.row is not None
    person = cell(sample / d.file, d.row, "respnr")
    assert person in [r[0] for r in rows_of(sample / OUTSIDE)]


def test_the_renamed_item_is_declared(sample: Path) -> None:
    study = load_study(sample)
    item = next(i for i in study.scale("motivation").items if i.id == "mot_worth")
    header = rows_of(sample / W2)[3]
    assert item.aliases == {"w2": ["mot_worth_it"]}
    assert "mot_worth" not in header
    assert "mot_worth_it" in header
    assert "mot_worth" in rows_of(sample / W1)[0]


def test_external_efficacy_has_another_response_format_in_the_second_wave(sample: Path) -> None:
    scale = load_study(sample).scale("external_efficacy")
    assert [scale.ends(w) for w in ("w1", "w2", "w3")] == [(1, 5), (0, 10), (1, 5)]
    assert max(_answers(sample, W2, "ext_say")) > 5
    assert max(_answers(sample, W1, "ext_say")) <= 5


def test_the_reverse_item_was_turned_already_in_the_second_wave_only(sample: Path) -> None:
    """It then goes with the other items instead of against them."""
    from scipy.stats import pearsonr

    r = {}
    for name in (W1, W2, W3):
        pairs = _pairs(sample, name, "ease_time", "ease_fits")
        r[name] = pearsonr(*zip(*pairs, strict=True)).statistic
    assert r[W1] < -0.2
    assert r[W2] > 0.2
    assert r[W3] < -0.2


def test_one_person_ticks_the_same_throughout(generated: Generated, sample: Path) -> None:
    d = planted(generated, "every question")[0]
    rows = rows_of(sample / W3)
    header = rows[0]
    items = [header.index(c) for c in header if "_" in c]
    alike = [case for case, row in enumerate(rows[1:], start=1) if len({row[c] for c in items}) == 1]
    assert alike == [d.row]
    assert len(items) == 68


def test_the_spss_file_keeps_labels_and_user_missing_codes(sample: Path) -> None:
    _, meta = pyreadstat.read_sav(str(sample / W3), user_missing=True)
    assert meta.variable_value_labels["prov_trust"][88.0] == "weet niet"
    assert [r["lo"] for r in meta.missing_ranges["prov_trust"]] == [77.0, 88.0, 99.0]
    assert meta.column_names_to_labels["muni_trust"] == "How far do you trust the municipality of Lindeveen?"


def test_the_control_items_stand_in_another_order_in_the_third_wave(sample: Path) -> None:
    first, third = ([c for c in rows_of(sample / n)[0] if c.startswith("ctl_")] for n in (W1, W3))
    assert sorted(first) == sorted(third)
    assert first != third


def test_who_is_in_the_sample(sample: Path) -> None:
    people = draw(SEED)
    inside = [p for p in people if p.participant]
    assert (len(inside), len(people) - len(inside)) == (60, 18)
    assert sorted(Counter(p.team for p in inside).values()) == [9, 11, 12, 13, 15]
    assert sum(p.gender == "m" for p in inside) == 38
    assert all(22 <= 2024 - p.birth_year <= 61 for p in people)
    assert [sum(p.present[w] for p in inside) for w in range(3)] == [60, 49, 41]
    assert [sum(p.present[w] for p in people if not p.participant) for w in range(3)] == [18, 12, 0]
    assert sum(p.present == (True, False, True) for p in inside) == 2
    assert all(p.entry_reason for p in people)
    assert all(bool(p.exit_reason) == (not p.present[2]) for p in inside)


def _answers(sample: Path, name: str, item: str) -> list[float]:
    return [a for a, _ in _pairs(sample, name, item, item)]


def _pairs(sample: Path, name: str, a: str, b: str) -> list[tuple[float, float]]:
    """Answers to two items of everybody who gave both."""
    rows = rows_of(sample / name)
    at = next(i for i, r in enumerate(rows) if "respnr" in r)
    x, y = rows[at].index(a), rows[at].index(b)
    pairs = []
    for row in rows[at + 1 :]:
        try:
            pair = (float(row[x]), float(row[y]))
        except (TypeError, ValueError):
            continue
        if all(v <= 10 for v in pair):  # neither a missing code nor SPSS's own blank
            pairs.append(pair)
    return pairs
