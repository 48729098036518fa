"""What each section says of what is in the database, and of what is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from coprod_trust.report.build import build_report
from coprod_trust.report.guards import GuardViolation
from coprod_trust.report.language import language
from coprod_trust.report.model import Card, Figure, Heading, Report, Section, Sentence, Table, Words, walk
from coprod_trust.report.read import MOST_LINES, Material, read_material
from coprod_trust.report.sentences import finding_text
from coprod_trust.report.writer import Writer
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.study import load_study
from tests.report.filled import RUN, Fixture, fill, insert
from tests.studies import STUDY_YAML

Change = Callable[[duckdb.DuckDBPyConnection], object]


def built(root: Path, fixture: Fixture | None = None, change: Change | None = None) -> Report:
    """The report on a filled database, after ``change`` was made in it."""
    context = fill(root, fixture)
    with open_work(context.paths) as con:
        if change:
            change(con)
        return build_report(read_material(con, context.study(), context.wave, context.run_id), language("en"))


def read(root: Path) -> Material:
    """What was put into the database at ``root``."""
    with open_work(StudyPaths(root)) as con:
        return read_material(con, load_study(root), "w3", RUN)


def section(report: Report, id_: str) -> Section:
    return next(s for s in report.sections if s.id == id_)


def words(part: object) -> str:
    return " ".join(s.text for s in walk(part) if isinstance(s, Sentence))


def table(report: Report, id_: str) -> Table:
    return next(t for t in walk(report) if isinstance(t, Table) and t.id == id_)


def cells(report: Report, id_: str) -> list[tuple[str, ...]]:
    return [tuple(str(c) for c in row.cells) for row in table(report, id_).rows]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return built(tmp_path_factory.mktemp("sections"))


def test_page_one_has_at_most_five_findings_with_the_word_the_rules_gave(report: Report) -> None:
    cards = [c for c in walk(section(report, "summary")) if isinstance(c, Card)]
    assert [(c.finding_id, c.certainty) for c in cards] == [
        ("change.provider.w1-w3", "clear"),
        ("change.municipal.w1-w3", "suggestive"),
        ("change.generalized.w1-w3", "clear"),
        ("change.peers.w1-w3", "not clear"),
        ("association.peers-provider.w1-w3", "clear"),
    ]


def test_page_one_gives_starters_and_share(report: Report) -> None:
    said = words(section(report, "summary"))
    assert "60 participants answered at Start. At Twelve months 87% (52 of 60) of them answered." in said
    assert "18 other people (Non-participants) also answered at the start." in said


def test_page_one_says_that_no_comparison_group_was_followed(tmp_path: Path) -> None:
    def alone(con: duckdb.DuckDBPyConnection) -> None:
        for wave in ("w2", "w3"):
            con.execute(f"DELETE FROM answer.{wave} WHERE study_group <> 'participant'")

    assert "No comparison group was followed, so other events may explain this." in words(built(tmp_path, change=alone))


def test_page_one_says_until_when_a_comparison_group_was_followed(report: Report) -> None:
    said = "No comparison group was followed up to Twelve months, so other events may explain this."
    assert said in words(section(report, "summary"))


def test_a_comparison_group_that_was_followed_is_named_and_not_compared(tmp_path: Path) -> None:
    said = words(built(tmp_path, Fixture(wave="w2")))
    assert "No comparison group was followed" not in said
    assert "12 people outside the programme also answered at both times; the groups are not compared over time" in said


def test_under_twenty_people_there_are_no_percentages(tmp_path: Path) -> None:
    report = built(tmp_path, Fixture(n=18, with_notes=False))
    text = " ".join(str(n) for n in walk(report) if isinstance(n, str))
    assert not re.search(r"\d% \(\d+ of 18\)", text)
    assert "At Twelve months 16 of 18 of them answered." in text


def test_primary_and_sensitivity_that_disagree_are_both_on_page_one(tmp_path: Path) -> None:
    def disagree(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(
            "UPDATE estimate SET verdict = 'changed, size unclear' WHERE estimate_id = "
            "'change.provider.w1-w3/without_two_most_influential'"
        )

    said = words(section(built(tmp_path, change=disagree), "summary"))
    assert "For trust in the provider the main analysis says 'changed and matters'" in said
    assert (
        "(without the two most influential people) says 'changed, size unclear': −11.6 (−15.8 to −7.4) points" in said
    )


def test_a_card_says_what_limits_its_certainty(tmp_path: Path) -> None:
    def weaken(con: duckdb.DuckDBPyConnection) -> None:
        finding_id = "change.municipal.w1-w3"
        insert(
            con,
            "estimate",
            finding_id=finding_id,
            estimate_id=f"{finding_id}/tipping_point",
            role="sensitivity",
            method="tipping_point",
            estimate=7.5,
        )

    said = words(section(built(tmp_path, change=weaken), "summary"))
    assert (
        "Certainty is limited: the conclusion would be another one if those who left had scored 7.5 points higher than "
        "similar people who stayed."
    ) in said


def test_dimensions_that_a_study_does_not_measure_are_named_and_no_error(tmp_path: Path) -> None:
    cut = STUDY_YAML.index("  - id: municipal")
    end = STUDY_YAML.index("covariates:")
    plan = STUDY_YAML[end:].replace("[provider, municipal, generalized, peers]", "[provider]")
    yaml = STUDY_YAML[:cut] + plan[: plan.index("  families:")]

    def only_provider(con: duckdb.DuckDBPyConnection) -> None:
        for name in ("finding", "wave_mean", "reliability", "comparability", "estimate", "code_trajectory"):
            column = {"finding": "outcome", "code_trajectory": "outcome", "estimate": "finding_id"}.get(name, "scale")
            con.execute(f"DELETE FROM {name} WHERE NOT regexp_matches({column}, '^(change.)?provider')")
        con.execute("DELETE FROM finding WHERE predictor IS NOT NULL")

    report = built(tmp_path, Fixture(yaml=yaml), only_provider)
    assert (
        "Anything about trust in people in general, trust in the municipality and trust in fellow participants: "
        "not measured in this study."
    ) in words(section(report, "summary"))
    assert "has no scale for trust in fellow participants" in words(section(report, "association"))


def test_a_blocked_comparison_gives_its_reason(tmp_path: Path) -> None:
    def block(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(
            "UPDATE comparability SET comparable = false, reason = 'answered from 1 to 5 at w1 and from 0 to 10 at w3' "
            "WHERE scale = 'peers' AND wave_to = 'w3' AND wave_from = 'w1'"
        )
        con.execute(
            "UPDATE finding SET declined = 'answered from 1 to 5 at w1 and from 0 to 10 at w3', estimate = NULL, "
            "verdict = NULL, certainty = NULL WHERE finding_id = 'change.peers.w1-w3'"
        )

    report = built(tmp_path, change=block)
    said = words(report)
    assert (
        "How trust in fellow participants changed between Start and Twelve months: it was not asked in the same way"
        in said
    )
    assert (
        "Trust in fellow participants, Start to Twelve months: answered from 1 to 5 at w1 and from 0 to 10 at w3."
        in said
    )
    assert "11 of 12 pairs of waves may be compared" in said
    assert ("Trust in fellow participants", "not estimated") in [(c[0], c[-2]) for c in cells(report, "change-table")]


def test_the_change_table_is_the_rows_of_the_database(report: Report) -> None:
    assert cells(report, "change-table")[0] == (
        "Trust in the provider",
        "48 of 60",
        "70.0",
        "58.4",
        "−11.6 (−15.8 to −7.4)",
        ".002",
        "changed and matters",
        "clear",
    )
    assert len(cells(report, "change-rest")) == 8


def test_every_estimate_is_listed_once_and_declined_ones_with_their_reason(report: Report) -> None:
    listed = [t for t in walk(section(report, "tests")) if isinstance(t, Table)]
    assert len(listed) == 14
    assert sum(len(t.rows) for t in listed) == 62
    first = cells(report, "tests-change.provider.w1-w3")
    assert ("Bayes factor (secondary), not estimated", "48") in [r[:2] for r in first]
    why = "Bayes factor, not estimated: there is no variation to test with."
    assert why in words(section(report, "tests"))
    assert "t(47) = −5.52" in first[0]


def test_an_interval_of_another_level_says_so(tmp_path: Path) -> None:
    def ninety(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE estimate SET ci_level = 0.9 WHERE estimate_id = 'change.peers.w1-w3/sign_flip'")

    report = built(tmp_path, change=ninety)
    row = next(r for r in cells(report, "tests-change.peers.w1-w3") if r[0].startswith("Sign-flip"))
    assert row[2] == "−3.80 (90% CI −8.00 to 0.40)"


def test_codes_among_few_people_are_not_shown(report: Report) -> None:
    rows = {r[0]: r for r in cells(report, "codes-table")}
    assert rows["Being listened to"][2] == "64% (14 of 22)"
    assert rows["A rare remark"][2:] == ("not shown", "not shown")
    figure = next(f for f in walk(report) if isinstance(f, Figure) and f.id == "codes")
    assert "rare" not in str(figure.panels[0].chart)


def test_the_joint_display_lists_small_codes_without_figures(report: Report) -> None:
    said = words(section(report, "together"))
    assert "fewer than 5 people are on one side for some outcome: A rare remark." in said
    assert "The 28 participants with scores who were never interviewed are left out." in said
    assert "Of 8 comparisons, none has an adjusted p below .05" in said
    assert all("rare" not in row[1] for row in cells(report, "joint-table"))
    assert {r.finding_id for r in table(report, "joint-table").rows} == {"change.provider.w1-w3", "change.peers.w1-w3"}


def test_a_discordance_is_on_page_one(tmp_path: Path) -> None:
    def weigh(con: duckdb.DuckDBPyConnection) -> None:
        insert(con, "meta_inference", finding_id="change.peers.w1-w3", weighed=True, n_confirms=6, n_contrasts=8,
               n_expands=0, n_mentions=0, n_speaking=12, n_stale=0, n_blinded=0, fit="discordance")  # fmt: skip

    report = built(tmp_path, change=weigh)
    said = words(section(report, "summary"))
    assert "12 participants spoke about trust in fellow participants (Start to Twelve months): 6 said something" in said
    assert "and 8 said something that contradicts them" in said


def test_reasons_of_few_people_are_hidden_with_enough_others(tmp_path: Path) -> None:
    def reasons(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE participant SET exit_reason = 'found work' WHERE last_wave <> 'w3'")
        con.execute("UPDATE participant SET exit_reason = 'ill' WHERE participant_id IN ('P005', 'P010')")

    report = built(tmp_path, change=reasons)
    assert not any(isinstance(t, Table) and t.id == "reasons" for t in walk(report))
    assert "each was given by too few people to be shown" in words(report)


def test_quality_names_places_and_severities_but_no_value(tmp_path: Path) -> None:
    yaml = STUDY_YAML + "rules: {id-missing: warn}\n"
    report = built(tmp_path, Fixture(yaml=yaml))
    assert cells(report, "invariants")[0][2:] == ("63", "60", "2", "1", "0", "0", "yes")
    assert ("waves/w1.csv", "7", "prov_1") in [r[1:4] for r in cells(report, "places-table")]
    assert cells(report, "severities")[0][1:] == ("set aside", "warn")
    assert "SECRET" not in " ".join(str(n) for n in walk(report) if isinstance(n, str))


def test_rows_that_do_not_add_up_are_said_not_to(tmp_path: Path) -> None:
    report = built(tmp_path, change=lambda con: con.execute("UPDATE source_file SET accepted = accepted - 1"))
    assert {r[-1] for r in cells(report, "invariants")} == {"no"}


def test_provenance_has_what_is_needed_to_run_it_again(report: Report) -> None:
    facts = dict(cells(report, "run"))
    assert facts["Seed"] == "11"
    assert facts["Plan (SHA-256)"] == "ab" * 32
    assert facts["Command, in the study's folder"] == "coprod-trust run . --wave w3"
    assert [r[-1] for r in cells(report, "sources")] == ["a" * 64, "b" * 64, "c" * 64]


def test_a_large_study_draws_a_sample_of_lines_and_says_so(tmp_path: Path) -> None:
    report = built(tmp_path, Fixture(n=MOST_LINES + 50, with_notes=False))
    assert f"Lines of {MOST_LINES} people out of {MOST_LINES + 50} are drawn" in words(report)


def test_every_figure_has_its_numbers_in_a_table_and_a_text_alternative(report: Report) -> None:
    figures = [f for f in walk(report) if isinstance(f, Figure)]
    assert {f.id for f in figures} == {"flow", "trajectories", "dots", "reliable", "scatter", "codes", "joint"}
    assert all(numbers_of(report, f).rows for f in figures)
    assert numbers_of(report, next(f for f in figures if f.id == "dots")) == table(report, "change-table")
    assert all(len(p.alternative) > 40 for f in figures for p in f.panels)


def numbers_of(report: Report, figure: Figure) -> Table:
    """The table with the numbers of a figure: its own, or one of the same section that it names."""
    if figure.numbers is not None:
        return figure.numbers
    beside = next(s.blocks for s in report.sections if figure in s.blocks)
    return next(b for b in beside if isinstance(b, Table) and b.id == figure.numbers_in)


def test_a_method_that_stands_in_for_the_model_is_named(tmp_path: Path) -> None:
    def one_without(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE finding SET method = 'mixed_model' WHERE design = 'A1' AND outcome <> 'peers'")

    table = next(
        n for n in walk(built(tmp_path, change=one_without)) if isinstance(n, Table) and n.id == "change-table"
    )
    said = [str(s.text) for s in table.notes]
    assert said[-1].startswith("There is no mixed-effects model of trust in fellow participants: the paired t test of")
    con_all = built(tmp_path / "all", change=lambda con: con.execute("UPDATE finding SET method = 'mixed_model'"))
    table = next(n for n in walk(con_all) if isinstance(n, Table) and n.id == "change-table")
    assert len(table.notes) == len(said) - 1


def estimates(node: Any, intervals: set[str], about: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Texts with one of these intervals, and the finding that they, or the row, table or card around them, carry."""
    about = getattr(node, "finding_id", None) or about
    if isinstance(node, Words) and intervals & set(re.findall(r"−[\d.]+ to [\d.]+", node)):
        yield str(node), about
    if is_dataclass(node):
        for part in (getattr(node, f.name) for f in fields(node) if f.name not in ("chart", "svg", "alternative")):
            yield from estimates(part, intervals, about)
    elif isinstance(node, tuple):
        for part in node:
            yield from estimates(part, intervals, about)


def test_every_sentence_and_row_with_an_estimate_carries_its_finding(tmp_path: Path) -> None:
    def intervals_of_their_own(con: duckdb.DuckDBPyConnection) -> None:
        for table in ("finding", "estimate"):
            con.execute(f"UPDATE {table} SET ci_low = -200 - rowid, ci_high = 500 + rowid WHERE ci_low IS NOT NULL")

    report = built(tmp_path, change=intervals_of_their_own)
    own = {language("en").interval(-200 - i, 500 + i, digits) for i in range(300) for digits in (0, 1, 2)}
    found = list(estimates(report, own))
    assert len({text for text, _ in found}) > 40
    assert [text for text, about in found if about is None] == []


def told(chart: Any) -> Iterator[str]:
    """What the marks of a specification are told as, however deep."""
    if isinstance(chart, dict):
        if "told" in chart and "field" not in chart:
            yield str(chart["told"])
        for part in chart.values():
            yield from told(part)
    elif isinstance(chart, list):
        for part in chart:
            yield from told(part)


def test_what_a_drawing_tells_of_groups_is_in_its_table(report: Report) -> None:
    seen = 0
    for figure in (n for n in walk(report) if isinstance(n, Figure)):
        table = {x for r in numbers_of(report, figure).rows for c in r.cells for x in numbers(c)}
        for text in {t for p in figure.panels for t in told(p.chart) if "\t" not in t and not t.startswith("Marked")}:
            seen += 1
            assert all(min(abs(x - y) for y in table) <= 0.0501 for x in numbers(text)), (figure.id, text)
    assert seen > 20


def numbers(text: str) -> list[float]:
    return [float(x.replace("−", "-")) for x in re.findall(r"[−+]?\d+(?:\.\d+)?", text)]


def test_without_a_model_observed_means_are_drawn(tmp_path: Path) -> None:
    report = built(tmp_path, Fixture(with_model=False))
    columns = next(t for t in walk(report) if isinstance(t, Table) and t.id == "levels").columns
    assert not any("Model" in c.label for c in columns)
    assert any(isinstance(f, Figure) and f.id == "trajectories" and len(f.panels) == 4 for f in walk(report))


def test_a_scale_whose_name_is_a_forbidden_word_does_not_stop_the_report(tmp_path: Path) -> None:
    yaml = STUDY_YAML.replace("label: trust in the provider", "label: trust in Impact, because of its name")

    def note(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE estimate SET note = 'trust in Impact, because of its name, less impact of w1'")

    with pytest.raises(GuardViolation):
        built(tmp_path / "a", Fixture(yaml=yaml), note)
    built(tmp_path / "b", Fixture(yaml=yaml.replace("{id: letter,", "{id: impact,")), note)


def test_agreement_of_coders_is_shown_and_coders_are_numbered_not_named(tmp_path: Path) -> None:
    def agree(con: duckdb.DuckDBPyConnection) -> None:
        shared = {"coder_a": "anna", "coder_b": "bram", "n_segments": 120, "ci_low": 0.6, "ci_high": 0.9}
        insert(con, "coder_agreement", code=None, kappa=0.78, **shared)
        insert(con, "coder_agreement", code="c0", kappa=0.71, prevalence=0.2, alpha=0.7, ac1=0.8, pabak=0.79, **shared)

    report = built(tmp_path, change=agree)
    assert "Coders 1 and 2 both read 120 passages" in words(report)
    assert "pooled kappa of .78 (.60 to .90)" in words(report)
    assert cells(report, "agreement") == [
        ("Being listened to: coders 1 and 2", "120", "20", ".71 (.60 to .90)", ".70", ".79", ".80")
    ]
    assert "anna" not in " ".join(str(n) for n in walk(report) if isinstance(n, str))


def test_page_one_rounds_all_findings_alike(report: Report, tmp_path: Path) -> None:
    def even(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE finding SET mean_to = mean_from - 10, estimate = -10, ci_low = -14, ci_high = -6")

    assert "was 68.0 at Start and 64.2 at Twelve months" in words(section(report, "summary"))
    plain = words(section(built(tmp_path, change=even), "summary"))
    assert "fell from 70 to 60" in plain
    assert "was 68 at Start and 58 at Twelve months" in plain


def test_who_joined_is_set_beside_who_did_not(tmp_path: Path) -> None:
    def compare(con: duckdb.DuckDBPyConnection) -> None:
        shared = {"design": "A3", "predictor": "study_group", "contrast": "w1", "population": "participants", "n": 78}
        shared |= {"estimand": "difference at the first wave", "method": "welch", "exploratory": True}
        for outcome, estimate, p in (("provider", 7.4, 0.07), ("municipal", 11.7, 0.01)):
            figures = {"estimate": estimate, "ci_low": estimate - 8, "ci_high": estimate + 8, "p_value": p}
            insert(con, "finding", finding_id=f"selection.{outcome}.w1", outcome=outcome, **figures, **shared)

    report = built(tmp_path, Fixture(with_notes=False), compare)
    said = words(report)
    assert said.count("already differed at the start, so results may not hold for those who did not join.") == 2
    assert cells(report, "selection-table")[1][:3] == ("Trust in the municipality", "78", "+11.7 (3.7 to 19.7)")
    w = Writer(read(tmp_path), language("en"))
    sentences = {f.outcome: finding_text(w, f) for f in w.m.findings if f.question == "selection"}
    assert sentences["municipal"] == (
        "At Start, participants scored 11.7 points higher on trust in the municipality than Non-participants "
        "(95% CI 3.7 to 19.7; 78 people)."
    )
    assert sentences["provider"].startswith(
        "Whether participants and Non-participants differed on trust in the provider"
    )


def test_one_wave_draws_averages_side_by_side(tmp_path: Path) -> None:
    report = built(tmp_path, Fixture(wave="w1"))
    figure = next(f for f in walk(report) if isinstance(f, Figure) and f.id == "trajectories")
    assert len(figure.panels) == 1
    assert "trust in the provider: 70.0 (66.1 to 73.9)" in figure.panels[0].alternative
    assert "No comparison group" not in words(report)


def test_a_finding_on_page_one_that_was_not_planned_says_so(tmp_path: Path) -> None:
    def unplan(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE finding SET exploratory = true WHERE finding_id = 'change.peers.w1-w3'")

    said = words(section(built(tmp_path, change=unplan), "summary"))
    assert said.count("The plan does not hold this question, so the answer is exploratory.") == 1


def test_every_place_of_the_report_has_an_id_of_its_own(report: Report) -> None:
    ids = [n.id for n in walk(report) if isinstance(n, Section | Heading | Table | Figure)]
    assert [i for i in ids if ids.count(i) > 1] == []


def test_where_nobody_left_that_is_said_and_no_reason_is_missed(tmp_path: Path) -> None:
    def stay(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("INSERT INTO answer.w3 BY NAME SELECT * FROM answer.w1 AS a WHERE study_group = 'participant' AND "
                    "NOT EXISTS (SELECT 1 FROM answer.w3 AS b WHERE b.participant_id = a.participant_id)")  # fmt: skip

    said = words(section(built(tmp_path, change=stay), "participation"))
    assert "Everyone who started answered at the latest wave." in said
    assert "No reasons for leaving" not in said
    assert "People who leave often differ" not in said


def test_where_only_linked_people_are_followed_nobody_is_said_to_have_stayed_or_left(tmp_path: Path) -> None:
    yaml = STUDY_YAML + "\nfollow_up: {only_linked: true}\n"
    report = built(tmp_path, Fixture(yaml=yaml))
    text = words(report)
    assert "how many of the others were asked again is not known" in words(section(report, "summary"))
    assert "those of everyone who is in more than one wave" in text
    assert "Whether people who are in more than one wave are like those who are in one only" in text
    for claim in (
        r"\d% \(\d+ of \d+\) of them answered",
        r"\d+ started,",
        "everyone who started",
        "Everyone who started",
    ):
        assert re.search(claim, text) is None, claim
    assert all("%" not in cell for row in cells(report, "response") for cell in row)


def test_page_one_does_not_promise_to_weigh_notes_that_nobody_took(tmp_path: Path) -> None:
    unweighed: Change = lambda con: con.execute("DELETE FROM meta_inference")  # noqa: E731
    page_one = words(section(built(tmp_path, Fixture(with_notes=False), unweighed), "summary"))
    assert "No coded notes were handed in." in page_one
    assert "not been weighed" not in page_one


def test_what_could_not_be_answered_is_not_listed_as_done(tmp_path: Path) -> None:
    def declined(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE finding SET exploratory = true, estimate = NULL, declined = 'too few' "
                    "WHERE finding_id = (SELECT min(finding_id) FROM finding)")  # fmt: skip

    after = built(tmp_path, change=declined)
    assert not [t for t in walk(after) if isinstance(t, Table) and t.id == "not-planned"]
    assert "1 more could not be answered" in words(section(after, "plan-and-deviations"))


def test_a_scale_whose_items_do_not_go_together_is_to_be_read_with_care(tmp_path: Path) -> None:
    def spoil(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE reliability SET value = 0.09 WHERE scale = 'provider' AND wave = 'w3'")

    assert "hardly went together" not in words(section(built(tmp_path / "sound"), "trust"))
    said = words(section(built(tmp_path / "spoilt", change=spoil), "trust"))
    assert "At Twelve months the answers to the items of trust in the provider hardly went together" in said


def test_a_note_of_every_finding_by_a_method_stands_once(tmp_path: Path) -> None:
    def note(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE estimate SET note = 'said of all; of ' || finding_id WHERE method = 'paired_t'")

    said = words(section(built(tmp_path, change=note), "tests"))
    assert said.count("said of all") == 1
    assert "Paired t test: of change.provider.w1-w3." in said


def test_rows_that_were_set_aside_are_told_on_page_one(tmp_path: Path) -> None:
    def lose(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE source_file SET quarantined = 12 WHERE kind = 'survey' AND wave = 'w2'")

    said = words(section(built(tmp_path, change=lose), "summary"))
    assert re.search(r"\d+ rows that were handed in were set aside and are not counted", said)
