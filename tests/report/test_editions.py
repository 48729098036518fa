"""What the public edition may not hold is not in its files, whatever the rendering."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from coprod_trust.report.step import write_reports
from coprod_trust.store import open_work
from tests.report.filled import Fixture, fill
from tests.studies import STUDY_YAML

BOTH = STUDY_YAML.replace(
    "report: {editions: [internal], formats: [html]}",
    "report: {languages: [en, nl], editions: [internal, public], formats: [html]}",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("editions")
    context = fill(root, Fixture(yaml=BOTH))
    with open_work(context.paths) as con:
        con.execute("UPDATE estimate SET n = n - 2 WHERE method = 'without_two_most_influential'")
        con.execute("UPDATE estimate SET verdict = 'inconclusive' WHERE method = 'without_two_most_influential' "
                    "AND finding_id = 'change.provider.w1-w3'")  # fmt: skip
    write_reports(context)
    return root / "work/outbox/reports/w3"


def public(folder: Path) -> list[str]:
    return [p.read_text(encoding="utf-8") for p in sorted((folder / "public").iterdir())]


def test_there_is_a_report_for_each_language_and_edition(folder: Path) -> None:
    names = {"report.en.html", "report.nl.html", "findings.json"}
    assert {p.name for p in (folder / "public").iterdir()} == names
    assert {p.name for p in (folder / "internal").iterdir()} == names
    assert '<html lang="nl">' in (folder / "internal/report.nl.html").read_text(encoding="utf-8")


def test_no_participant_file_row_or_problem_is_named(folder: Path) -> None:
    internal = (folder / "internal/report.en.html").read_text(encoding="utf-8")
    traces = [r"\bP\d{3}\b", r"\bw[123]\.csv\b", r"data-segment", r"\b[0-9a-f]{8}\b(?=</td>)"]
    assert re.search(traces[1], internal)
    for text in public(folder):
        for trace in traces:
            assert not re.search(trace, text), trace


def test_no_table_is_a_head_without_rows(folder: Path) -> None:
    """A rule of the gate that concerns few rows is not named to the public: where none is, a sentence says so."""
    for text in public(folder)[1:]:
        assert not re.search(r"<tbody>\s*</tbody>", text)
    assert "so none is named" in (folder / "public/report.en.html").read_text(encoding="utf-8")


def test_no_drawing_has_a_mark_for_one_person(folder: Path) -> None:
    internal = (folder / "internal/report.en.html").read_text(encoding="utf-8")
    for text in public(folder)[1:]:
        assert "fig-person" in internal.split("</style>")[1]
        assert ' data-person="P0' in internal
        assert " data-told=" in text
        assert " data-person=" not in text
        assert "fig-person" not in text.split("</style>")[1]
        assert 'id="scatter"' not in text
        assert internal.count("<path") > 3 * text.count("<path")


def test_no_count_of_few_people_is_told(folder: Path) -> None:
    few = r"would explain, \w+ rose\.|meetfout kan verklaren en ste(?:gen|eg) er \w+\."
    assert re.search(few, (folder / "internal/report.en.html").read_text(encoding="utf-8"))
    assert re.search(few, (folder / "internal/report.nl.html").read_text(encoding="utf-8"))
    for text in public(folder):
        assert not re.search(few, text)
        assert not re.search(r'"n_(fell|rose)(_reliably)?": ([1-9]|10)\b', text)


def test_a_finding_on_few_people_is_not_in_the_public_edition(tmp_path: Path) -> None:
    from coprod_trust.store import StudyPaths, open_work

    context = fill(tmp_path, Fixture(yaml=BOTH))
    with open_work(StudyPaths(tmp_path)) as con:
        con.execute("UPDATE finding SET n = 9, estimate = -97.64 WHERE finding_id = 'change.peers.w1-w3'")
        con.execute("UPDATE estimate SET n = 9, estimate = -97.64 WHERE finding_id = 'change.peers.w1-w3'")
    write_reports(context)
    for text in public(tmp_path / "work/outbox/reports/w3"):
        text = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
        assert "97.6" not in text
        assert "97,6" not in text
    page = (tmp_path / "work/outbox/reports/w3/public/report.en.html").read_text(encoding="utf-8")
    assert "Trust in fellow participants: not shown, since it rests on fewer than 11 people." in page


def test_the_figures_of_all_but_a_few_people_do_not_stand_beside_those_of_all(folder: Path) -> None:
    """Two sums that differ by two people give what the two answered."""
    found = {}
    for edition in ("internal", "public"):
        findings = json.loads((folder / edition / "findings.json").read_text(encoding="utf-8"))["findings"]
        found[edition] = [e for f in findings for e in f["estimates"] if e["method"] == "without_two_most_influential"]
    assert all(e["estimate"] is not None and e["n"] is not None for e in found["internal"])
    numbers = [v for e in found["public"] for k, v in e.items() if isinstance(v, float | int) and k != "exploratory"]
    assert numbers == []
    assert [e["verdict"] for e in found["public"]] == [e["verdict"] for e in found["internal"]]
    text = (folder / "public/report.en.html").read_text(encoding="utf-8")
    assert "Where an analysis leaves out fewer than 11 people, only its verdict is shown" in text
    assert "(without the two most influential people) says &#39;inconclusive&#39;." in text
    assert "only its verdict is shown" not in (folder / "internal/report.en.html").read_text(encoding="utf-8")
