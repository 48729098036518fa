"""The report step on a filled working database: what it writes, and that it invents and computes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from coprod_trust.report.step import write_reports
from coprod_trust.store import open_work
from tests.report.filled import Fixture, fill


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    context = fill(root)
    write_reports(context)
    return root


def page(root: Path, wave: str = "w3") -> str:
    return (root / f"work/outbox/reports/{wave}/internal/report.en.html").read_text(encoding="utf-8")


def test_every_finding_gets_its_sentence_in_the_database(written: Path) -> None:
    from coprod_trust.store import StudyPaths

    with open_work(StudyPaths(written)) as con:
        sentences = dict(con.execute("SELECT finding_id, sentence FROM finding").fetchall())
    assert all(sentences.values())
    assert sentences["change.provider.w1-w3"].startswith(
        "Between Start and Twelve months, average trust in the provider fell from 70.0 to 58.4 on a scale of 0 to 100, "
        "by 11.6 points (95% CI 7.4 to 15.8)."
    )


def test_the_same_rows_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    context = fill(tmp_path / "again")
    write_reports(context)
    assert page(tmp_path / "again") == page(written)


def test_no_value_found_in_a_file_reaches_the_report(written: Path) -> None:
    assert "SECRET" not in page(written)


def test_a_synthetic_study_says_so_at_the_top_and_in_the_foot(written: Path) -> None:
    text = page(written)
    assert text.count("Every person and answer here is invented for tests.") == 2
    assert text.index("Every person and answer here is invented for tests.") < text.index("What was found")


def test_every_row_and_sentence_with_an_estimate_carries_its_finding_and_leads_to_every_test(written: Path) -> None:
    text = page(written)
    for finding_id in re.findall(r'href="#f\.([^"]+)"', text):
        assert text.count(f'id="f.{finding_id}"') == 1, finding_id
    assert text.count('data-finding="change.provider.w1-w3"') >= 5


def test_findings_json_holds_the_numbers_unrounded(written: Path) -> None:
    document = json.loads((written / "work/outbox/reports/w3/internal/findings.json").read_text(encoding="utf-8"))
    finding = next(f for f in document["findings"] if f["finding_id"] == "change.provider.w1-w3")
    assert finding["effect_size"] == pytest.approx(-11.6 / 14.5)
    assert {e["method"] for e in finding["estimates"]} >= {"paired_t", "sign_flip"}


def test_one_wave_gives_levels_and_says_that_change_needs_another(tmp_path: Path) -> None:
    context = fill(tmp_path, Fixture(wave="w1"))
    write_reports(context)
    text = page(tmp_path, "w1")
    assert "nothing can be said about change yet" in text
    assert "Average trust in the provider: 70.0" in text


def test_without_notes_the_report_says_so(tmp_path: Path) -> None:
    context = fill(tmp_path, Fixture(with_notes=False))
    write_reports(context)
    assert "No coded notes were handed in." in page(tmp_path)


def test_findings_json_is_what_its_schema_says_and_the_schema_is_that_of_the_docs(written: Path) -> None:
    import jsonschema

    from coprod_trust.report.findings_json import schema

    document = json.loads((written / "work/outbox/reports/w3/internal/findings.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "format": 0}, schema())
    committed = Path(__file__).resolve().parents[2] / "docs" / "findings.schema.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == schema()
