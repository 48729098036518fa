"""What goes with trust and what the instrument does, in sections and tables: the form follows the verdict."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from coprod_trust.report.build import build_report
from coprod_trust.report.language import language
from coprod_trust.report.model import Report, Sentence, Table, walk
from coprod_trust.report.read import read_material
from coprod_trust.store import open_work
from tests.report.filled import fill, insert

FIGURES = {"n": 58, "estimate": -4.8, "ci_low": -9.2, "ci_high": -0.5, "p_value": 0.001, "p_adjusted": 0.004}


def _found(con: duckdb.DuckDBPyConnection, finding_id: str, verdict: str | None, **more: object) -> None:
    question, pair, contrast = finding_id.split(".")
    predictor, _, outcome = pair.partition("-")
    row = {"design": "A8", "predictor": predictor, "outcome": outcome, "contrast": contrast, "estimand": "what it is"}
    shared = {"population": "participants", "method": question, "exploratory": True, "verdict": verdict}
    insert(con, "finding", finding_id=finding_id, **row, **shared, **(FIGURES | more))


def _rows(con: duckdb.DuckDBPyConnection) -> None:
    _found(con, "moderation.peers-provider.w1-w3", "lower change where there is more", family="mechanisms")
    _found(con, "moderation.peers-municipal.w1-w3", "inconclusive", p_adjusted=0.6, family="mechanisms")
    _found(con, "correlation.peers-generalized.w1", "go together", estimate=0.41, ci_low=0.2, ci_high=0.6)
    _found(con, "within.peers-provider.w1-w3", "go together", estimate=0.43, ci_low=0.2, ci_high=0.6)
    _found(
        con,
        "mediation.peers-provider.w1-w3",
        None,
        declined="mediation needs at least 60 people with all five scores; there are 39",
    )
    for place, change in (("minus_1_sd", -2.0), ("mean", -7.0), ("plus_1_sd", -12.0), ("boundary", -3.0)):
        slope = {"condition": 61.5, "within_range": True, "ci_low": change - 4, "ci_high": change + 4}
        insert(con, "simple_slope", finding_id="moderation.peers-provider.w1-w3", place=place, change=change, **slope)
    own = {"scale": "provider", "population": "participant"}
    insert(con, "scale_end", **own, wave="w1", n=60, n_lowest=6, n_highest=12, flagged=True)
    insert(con, "scale_end", **own, wave="w3", n=48, n_lowest=0, n_highest=2, flagged=False)
    fitted = {"n": 120, "n_items": 3, "grade": "evidence", "few_steps": True, "chi2": 30.1, "df": 24, "cfi": 0.96}
    insert(con, "invariance", **own, waves="w1 w3", model="metric", **fitted, rmsea=0.03, delta_cfi=-0.002, holds=True)
    insert(
        con, "invariance", **own, waves="w1 w3", model="scalar", n=120, n_items=3, few_steps=True, declined="it failed"
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return _built(tmp_path_factory.mktemp("relations"), "en")


def _built(root: Path, code: str) -> Report:
    context = fill(root)
    with open_work(context.paths) as con:
        _rows(con)
        return build_report(read_material(con, context.study(), context.wave, context.run_id), language(code))


def _said(report: Report) -> str:
    return " ".join(s.text for s in walk(report) if isinstance(s, Sentence))


def _cells(report: Report, id_: str) -> list[tuple[str, ...]]:
    found = next(t for t in walk(report) if isinstance(t, Table) and t.id == id_)
    return [tuple(str(c) for c in row.cells) for row in found.rows]


def test_a_condition_is_put_without_a_cause_and_its_size_without_a_sign(report: Report) -> None:
    said = _said(report)
    assert "was one standard deviation higher at Start, change in trust in the provider" in said
    assert "was 4.8 points lower (95% CI of the difference −9.2 to −0.5; 58 people)" in said
    assert "People differ in more than the condition" in said


def test_an_open_question_is_counted_and_never_called_unrelated(report: Report) -> None:
    assert "1 of 2 questions stays open." in _said(report)
    assert "it does not mean that the two are unrelated" in _said(report), "the section says that open is not an answer"


def test_simple_slopes_and_boundaries_stand_in_tables(report: Report) -> None:
    row = next(r for r in _cells(report, "moderation-table") if "−12.0" in r[4])
    assert row[2:5] == ("−2.0 (−6.0 to 2.0)", "−7.0 (−11.0 to −3.0)", "−12.0 (−16.0 to −8.0)")
    assert [r[1] for r in _cells(report, "boundaries")] == ["61.5"]


def test_what_goes_together_at_the_start_and_within_people(report: Report) -> None:
    said = _said(report)
    assert "people with more trust in fellow participants tended to report more trust in people in general" in said
    assert "0.43 points for each point (95% CI 0.20 to 0.60; 58 people)" in said
    assert "it does not tell which of the two moved first, or why" in said


def test_what_declined_says_why(report: Report) -> None:
    assert (
        "Paths over a third variable were not estimated: mediation needs at least 60 people with all five scores."
        in _said(report)
    )


def test_questions_that_are_adjusted_together_without_a_plan_are_listed_too(report: Report) -> None:
    (row,) = [r for r in _cells(report, "families") if "mechanisms" in r[0]]
    assert row[1:] == ("every question under: Conditions", "Benjamini and Hochberg", "exploratory")


def test_the_instruments_tables(report: Report) -> None:
    start, end = _cells(report, "scale-ends")
    assert start[2:] == ("60", "6 of 60", "12 of 60", "yes")
    assert end[4:] == ("not shown", "no"), "two people are too few to be told apart"
    (row,) = _cells(report, "invariance-models")
    assert row[2:] == ("same loadings (metric)", "120", "30.1 (24)", ".960", ".030", "−.002", "yes", "evidence")
    assert "Not examined: it failed." in _said(report)
    assert "Answers of five steps or fewer are treated as numbers here: trust in the provider." in _said(report)


def test_a_scale_that_did_not_measure_alike_is_to_be_read_with_care(report: Report, tmp_path: Path) -> None:
    assert "did not measure quite the same" not in _said(report), "what was not examined is not called different"
    context = fill(tmp_path)
    with open_work(context.paths) as con:
        insert(con, "invariance", scale="provider", population="participant", waves="w1 w3", model="scalar", n=60,
               n_items=3, grade="screening", few_steps=False, chi2=60.1, df=30, cfi=0.9, rmsea=0.1,
               holds=False)  # fmt: skip
        material = read_material(con, context.study(), context.wave, context.run_id)
    warned = _said(build_report(material, language("en")))
    assert "the items of trust in the provider did not measure quite the same at every wave" in warned
    assert "With 60 people this is a warning, not evidence" in warned


def test_it_is_said_in_dutch(tmp_path: Path) -> None:
    said = _said(_built(tmp_path, "nl"))
    assert "was de verandering in" in said and "blijft open" in said
