"""What the report says of the last one, of the plan, of sign-off, and of the evaluator's own texts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coprod_trust.analysis.planning import people_needed
from coprod_trust.report.build import build_report
from coprod_trust.report.language import language
from coprod_trust.report.localise import localise
from coprod_trust.report.model import Linked, Prose, Report, walk
from coprod_trust.report.prose import prose
from coprod_trust.report.read import read_material
from coprod_trust.report.writer import Writer
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.study.report_settings import Labels, ReportLanguage
from tests.report.filled import RUN, Fixture, fill, insert
from tests.report.test_sections import cells, section, words
from tests.studies import STUDY_YAML

BEFORE = "20251201T090000Z-0001"


def again(root: Path, *, moved: bool = True, code: str = "en") -> Report:
    """The report of a run that follows another one up to the same wave."""
    context = fill(root)
    with open_work(StudyPaths(root)) as con:
        insert(
            con, "run", run_id=BEFORE, wave="w3", started_at=datetime(2025, 12, 1, 9, tzinfo=UTC),
            finished_at=datetime(2025, 12, 1, 9, 1, tzinfo=UTC), version="0.1.0", plan_hash="ab" * 32, input_hash="x",
        )  # fmt: skip
        con.execute(
            f"INSERT INTO finding_history SELECT '{BEFORE}', 'w3', finding_id, n, estimate, std_error, df, statistic, "
            "p_value, p_adjusted, ci_low, ci_high, verdict, certainty FROM finding"
        )
        if moved:
            con.execute(
                "UPDATE finding_history SET estimate = -3.25, verdict = 'inconclusive', n = 44 "
                "WHERE finding_id = 'change.provider.w1-w3'"
            )
            con.execute("UPDATE source_file SET received_at = TIMESTAMPTZ '2025-01-01 00:00:00+00'")
            con.execute("UPDATE source_file SET received_at = TIMESTAMPTZ '2025-12-24 00:00:00+00' WHERE wave = 'w1'")
        else:  # read for the first time by that run
            con.execute("UPDATE source_file SET received_at = TIMESTAMPTZ '2025-12-01 09:00:30+00'")
        material = read_material(con, context.study(), "w3", RUN, root)
    return build_report(localise(material, language(code)), language(code))


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def status(report: Report) -> str:
    return str(dict(report.head.facts)["Status"])


def test_the_first_report_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    context = fill(tmp_path)
    with open_work(context.paths) as con:
        report = build_report(read_material(con, context.study(), "w3", RUN, tmp_path), language("en"))
    assert words(section(report, "changed")).startswith("This is the first report of this study")
    assert "Replaces" not in dict(report.head.facts)


def test_a_number_that_moved_is_told_with_what_came_in_and_whether_the_conclusion_changed(tmp_path: Path) -> None:
    write(
        tmp_path,
        "decisions/correction.csv",
        "wave,sha256,row_number,participant_id,column,value,who,when,why\n"
        "w3,,,P001,prov_1,4,A,2025-12-20T10:00:00+00:00,typing error\n"
        "w3,,,P002,prov_1,4,A,2025-11-20T10:00:00+00:00,before the last run\n",
    )
    report = again(tmp_path)
    said = words(section(report, "changed"))
    assert "1 correction at Twelve months." in said
    assert "1 file for Start came late or was replaced." in said
    assert "1 number of that report moved. In 1 of them the verdict or its certainty is another one." in said
    (row,) = cells(report, "moved")
    assert row[1:5] == ("44", "48", "−3.25 (−15.80 to −7.40)", "−11.60 (−15.80 to −7.40)")
    assert row[5:8] == ("inconclusive", "changed and matters", "yes")
    assert row[8] == "late or replaced data and a correction"
    assert dict(report.head.facts)["Replaces"].startswith("the report of 1\u00a0December 2025")


def test_a_run_on_the_same_data_says_that_nothing_moved(tmp_path: Path) -> None:
    said = words(section(again(tmp_path, moved=False), "changed"))
    assert "No file and no decision came in since" in said
    assert "No number of that report moved." in said


def sign(root: Path) -> None:
    write(root, "decisions/signoff.csv", "wave,who,when,why\nw3,A. Nalist,2025-12-02T10:00:00+00:00,read and agreed\n")


def test_a_report_whose_numbers_are_those_that_were_signed_is_signed_off(tmp_path: Path) -> None:
    sign(tmp_path)
    assert status(again(tmp_path, moved=False)) == "Signed off by A. Nalist on 2\u00a0December 2025."


def test_a_report_whose_numbers_moved_after_the_signature_is_a_draft_again(tmp_path: Path) -> None:
    sign(tmp_path)
    assert status(again(tmp_path)).startswith("Draft: A. Nalist signed off on 2\u00a0December 2025, and numbers have")


def test_the_evaluators_texts_stand_in_the_report_in_the_language_where_there_is_one(tmp_path: Path) -> None:
    write(tmp_path, "text/context.md", "It **began** in May, because of [a law](https://example.org/law).")
    write(tmp_path, "text/nl/context.md", "Het begon in mei.")
    write(tmp_path, "text/funding.md", "Paid by nobody.")
    english, dutch = again(tmp_path / "en"), again(tmp_path / "nl", code="nl")
    assert "context" not in {s.id for s in english.sections}
    for code in ("en", "nl"):
        for name in ("text/context.md", "text/nl/context.md", "text/funding.md"):
            write(tmp_path / code, name, (tmp_path / name).read_text(encoding="utf-8"))
    english, dutch = again_with(tmp_path / "en", "en"), again_with(tmp_path / "nl", "nl")
    runs = [r for b in section(english, "context").blocks if isinstance(b, Prose) for i in b.items for r in i]
    assert [(str(r.text), r.strong, r.href) for r in runs] == [
        ("It ", False, None), ("began", True, None), (" in May, because of ", False, None),
        ("a law", False, "https://example.org/law"), (".", False, None),
    ]  # fmt: skip
    assert "Het begon in mei." in "".join(str(n) for n in walk(section(dutch, "context")) if isinstance(n, str))
    assert "Paid by nobody." in [str(n) for n in walk(section(english, "own")) if isinstance(n, str)]


def again_with(root: Path, code: str) -> Report:
    from coprod_trust.study import load_study

    with open_work(StudyPaths(root)) as con:
        material = read_material(con, load_study(root), "w3", RUN, root)
    return build_report(localise(material, language(code)), language(code))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![p](http://e.org/p.png)"])
def test_markdown_brings_no_script_and_no_picture(text: str) -> None:
    runs = [r for b in prose(text) for i in b.items for r in i]
    assert all(r.href is None for r in runs)
    assert "".join(str(r.text) for r in runs) in (text, "x", "[x](javascript:alert(1))", "p")


def test_every_item_of_the_guidelines_leads_somewhere_or_says_what_to_write(tmp_path: Path) -> None:
    report = again(tmp_path)
    there = {n.id for n in walk(report) if hasattr(n, "id")}
    met = [c for n in walk(section(report, "guidelines")) if isinstance(n, Linked) for c in [n]]
    assert len(met) > 20
    assert {c.target for c in met} <= there
    where = [row[2] for g in ("gramms",) for row in _rows(report, f"guideline-{g}")]
    assert "To be written: text/rationale.md" in where


def _rows(report: Report, id_: str) -> list[tuple[str, ...]]:
    return cells(report, id_) if any(getattr(n, "id", "") == id_ for n in walk(report)) else []


def test_an_inconclusive_change_says_how_many_people_the_next_wave_would_need(tmp_path: Path) -> None:
    (row,) = cells(again(tmp_path), "needed-table")
    assert row[0] == "Trust in fellow participants"
    assert int(row[2]) == people_needed(2.1, 48, 5, 0.05)


@pytest.mark.parametrize("sd", [8.0, 15.0, 25.0])
def test_people_needed_is_what_the_power_of_a_paired_test_asks_for(sd: float) -> None:
    from statsmodels.stats.power import TTestPower

    exact = TTestPower().solve_power(5 / sd, power=0.8, alpha=0.05)
    assert abs(people_needed(sd / 40**0.5, 40, 5, 0.05) - exact) < 1.5


def test_notes_that_name_groups_are_dutch_throughout(tmp_path: Path) -> None:
    context = fill(tmp_path)
    note = "60 participants compared with 18 non-participants"
    with open_work(StudyPaths(tmp_path)) as con:
        con.execute("UPDATE finding SET note = ? WHERE finding_id = 'change.provider.w1-w3'", [note])
        material = read_material(con, context.study(), "w3", RUN, tmp_path)
    labels = {ReportLanguage("nl"): Labels(groups={"participant": "deelnemers", "non_participant": "buitenstaanders"})}
    report = material.study.report.model_copy(update={"labels": labels})
    dutch = localise(replace(material, study=material.study.model_copy(update={"report": report})), language("nl"))
    found = dutch.finding("change.provider.w1-w3")
    assert found is not None
    assert found.note == "60 deelnemers vergeleken met 18 buitenstaanders"


def test_correlations_that_are_compared_are_named_by_their_labels(tmp_path: Path) -> None:
    context = fill(tmp_path)
    with open_work(StudyPaths(tmp_path)) as con:
        note = "correlation of peers with generalized less that with provider"
        con.execute("UPDATE finding SET note = ? WHERE finding_id = 'change.provider.w1-w3'", [note])
        material = read_material(con, context.study(), "w3", RUN, tmp_path)
    found = localise(material, language("en")).finding("change.provider.w1-w3")
    assert found is not None
    labels = ("trust in fellow participants", "trust in people in general", "trust in the provider")
    assert found.note == "correlation of {} with {} less that with {}".format(*labels)


def test_people_of_a_study_that_names_no_groups_are_named_in_its_language(tmp_path: Path) -> None:
    yaml = re.sub(r"groups:\n(  .*\n)+", "", STUDY_YAML)
    context = fill(tmp_path, Fixture(yaml=yaml, n_non_participants=0))
    with open_work(StudyPaths(tmp_path)) as con:
        material = read_material(con, context.study(), "w3", RUN, tmp_path)
    assert [Writer(material, language(c)).group("participant") for c in ("en", "nl")] == ["Participants", "Deelnemers"]
