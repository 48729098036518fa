"""What the report says of who stayed, who joined, a comparison group, and willingness to take part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.build import build_report
from coprod_trust.report.language import language
from coprod_trust.report.model import Figure, Report, walk
from coprod_trust.report.read import read_material
from coprod_trust.store import open_work
from tests.report.filled import Fixture, fill, insert
from tests.report.test_sections import cells, section, words

ODDS = {"effect_name": "odds_ratio", "effect_size": 2.9, "effect_ci_low": 1.6, "effect_ci_high": 6.0}


def finding(con: duckdb.DuckDBPyConnection, finding_id: str, method: str, **values: Any) -> None:
    """A finding with its primary estimate."""
    question, _, rest = finding_id.partition(".")
    figures = {"n": 78, "estimate": 1.1, "ci_low": 0.5, "ci_high": 1.8, "p_value": 0.001, **values}
    estimate = {k: v for k, v in figures.items() if k not in ("outcome", "predictor", "contrast", "certainty")}
    insert(con, "estimate", finding_id=finding_id, estimate_id=f"{finding_id}/{method}", role="primary", method=method,
           ci_level=0.95, **estimate)  # fmt: skip
    insert(
        con,
        "finding",
        **{
            "finding_id": finding_id,
            "design": "A3",
            "outcome": question,
            "contrast": rest.split(".")[1] if "." in rest else None,
            "population": "participants",
            "estimand": "what is asked",
            "method": method,
            "exploratory": True,
            **figures,
        },
    )


def balance(con: duckdb.DuckDBPyConnection, comparison: str, variable: str, **values: Any) -> None:
    selection = comparison == "selection"
    row = {
        "comparison": comparison,
        "contrast": "w1" if selection else "w1-w3",
        "population": "participants",
        "reference": "non_participant" if selection else "left",
        "variable": variable,
        "weighting": "none",
        "n": 41.0,
        "n_reference": 19.0,
        "mean": 70.0,
        "mean_reference": 62.0,
        "smd": 0.55,
        "ci_low": 0.1,
        "ci_high": 1.0,
        "variance_ratio": 1.2,
    }
    insert(con, "balance", **{**row, **values})


def everything(con: duckdb.DuckDBPyConnection) -> None:
    for comparison in ("selection", "retention"):
        balance(con, comparison, "provider", smd=0.11)
        balance(con, comparison, "municipal")
        balance(con, comparison, "municipal", weighting="odds", smd=0.04, ci_low=None, ci_high=None)
        balance(con, comparison, "gender", level="f", mean=0.05, mean_reference=0.4, smd=-0.9)
    finding(con, "selection.provider.w1", "welch", outcome="provider", predictor="study_group")
    finding(con, "propensity.provider.w1", "firth_logistic", predictor="provider", **ODDS)
    finding(con, "propensity.municipal.w1", "firth_logistic", predictor="municipal", p_value=0.4, **ODDS)
    finding(con, "overlap.participation.w1", "common_support", estimate=0.92, ci_low=0.82, ci_high=0.97, p_value=None)
    for scale, verdict in (("provider", "not conclusive"), ("municipal", "changed differently")):
        finding(con, f"difference_in_differences.{scale}.w1-w3", "did_mixed_model", outcome=scale, verdict=verdict,
                predictor="study_group", estimate=-9.4, ci_low=-17.2, ci_high=-1.6)  # fmt: skip
    finding(con, "difference_in_differences.generalized.w1-w2", "did_mixed_model", outcome="generalized",
            predictor="study_group", estimate=None, declined="nobody was followed")  # fmt: skip
    finding(con, "engagement.provider.w1", "proportional_odds", outcome="engagement", predictor="provider", **ODDS)
    finding(
        con, "engagement.peers.w1", "proportional_odds", outcome="engagement", predictor="peers", p_value=0.3, **ODDS
    )
    con.execute("UPDATE participant SET entry_reason = CASE WHEN study_group = 'participant' THEN 'own choice' "
                "WHEN participant_id > 'P075' THEN 'not eligible' ELSE 'did not want to' END")  # fmt: skip


def built(root: Path, edition: Edition = Edition.INTERNAL) -> Report:
    context = fill(root)
    with open_work(context.paths) as con:
        everything(con)
        return build_report(read_material(con, context.study(), context.wave, context.run_id), language("en"), edition)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return built(tmp_path_factory.mktemp("groups"))


def test_stayers_and_leavers_are_drawn_by_standardised_differences(report: Report) -> None:
    figures = [f for f in walk(section(report, "participation")) if isinstance(f, Figure)]
    drawn = next(f for f in figures if f.id == "retention-balance")
    chart = str(drawn.panels[0].chart)
    assert "Trust in the municipality" in chart and "'weighted': 0.04" in chart
    assert "trust in the municipality (+0.55 SD)" in words(section(report, "participation"))
    rows = cells(report, "retention-balance-table")
    assert rows[1][0] == "Trust in the municipality" and rows[1][3].startswith("+0.55") and rows[1][4] == "+0.04"


def test_a_level_that_few_people_have_is_not_shown(report: Report) -> None:
    """5 % of 41 are two people."""
    assert not [row for row in cells(report, "retention-balance-table") if "f" in row[0].split(": ")[1:]]


def test_what_goes_with_taking_part_has_a_direction_only_below_alpha(report: Report) -> None:
    said = words(section(report, "selection"))
    assert "People with more trust in the provider were more often among the participants than among" in said
    assert "Whether trust in the municipality goes with taking part stays open" in said
    assert "By that model 92% of the participants (95% CI 82% to 97%) resemble somebody" in said


def test_change_beside_a_comparison_group_is_told_by_its_verdict(report: Report) -> None:
    said = words(section(report, "comparison"))
    assert "so few Non-participants were followed that this is not conclusive" in said
    assert "trust in the municipality changed differently among participants than among Non-participants" in said
    assert said.count("moved in parallel") == 1
    assert "No such comparison can be made between Start and Six months: nobody was followed." in said


def test_willingness_has_a_direction_only_below_alpha_and_counts_what_stays_open(report: Report) -> None:
    said = words(section(report, "engagement"))
    assert "People with more of trust in the provider tended to be more willing" in said
    assert "trust in fellow participants" not in said
    assert "For 1 of 2 questions the data leave it open." in said


def test_reasons_for_not_joining_that_few_gave_are_not_named(report: Report) -> None:
    shown = cells(report, "entry-reasons")
    assert ("own choice", "60", "0") in shown
    assert "not eligible" not in str(shown), "three people gave it"
    assert shown[-1][0].endswith("other reasons") and shown[-1][1:] == ("not shown", "not shown")


def test_a_public_report_shows_no_comparison_of_few(tmp_path: Path) -> None:
    context = fill(tmp_path)
    with open_work(context.paths) as con:
        everything(con)
        con.execute("UPDATE balance SET n_reference = 9")
        material = read_material(con, context.study(), context.wave, context.run_id)
        report = build_report(material, language("en"), Edition.PUBLIC)
    assert not [f for f in walk(report) if isinstance(f, Figure) and f.id.endswith("-balance")]


@pytest.mark.parametrize("made", [True, False])
def test_page_one_says_whether_people_outside_the_programme_are_set_beside_the_participants(
    tmp_path: Path, made: bool
) -> None:
    context = fill(tmp_path, Fixture(wave="w2"))
    with open_work(context.paths) as con:
        if made:
            finding(con, "difference_in_differences.provider.w1-w2", "did_mixed_model", outcome="provider",
                    predictor="study_group", verdict="not conclusive")  # fmt: skip
        material = read_material(con, context.study(), context.wave, context.run_id)
        said = words(section(build_report(material, language("en")), "summary"))
    assert ("sets their change beside that of the participants" in said) is made
    assert ("the groups are not compared over time here" in said) is not made
