"""The overview as a page and as a database, in both languages and editions."""

import re
from datetime import UTC, datetime

import duckdb
import pytest

from coprod_trust.errors import Reason
from coprod_trust.portfolio.compare import compare
from coprod_trust.portfolio.declare import Declaration, Portfolio
from coprod_trust.portfolio.material import Overview
from coprod_trust.portfolio.overview import build_overview
from coprod_trust.portfolio.publish import publish_overview
from coprod_trust.portfolio.run import Outcome, State
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.language import language
from coprod_trust.report.model import Table, walk
from tests.portfolio.made import change, study

SETTINGS = Declaration(
    title="Harbour and hill", same_instrument={}, report={"languages": ["en", "nl"], "formats": ["html"]}
)


def overview(studies, outcomes=(), root="/nowhere"):
    from pathlib import Path

    portfolio = Portfolio(Path(root), SETTINGS, ())
    made = datetime(2026, 11, 22, tzinfo=UTC)
    by_key = {o.key: o for o in outcomes}
    return Overview(portfolio, "20261122T000000Z-abcd", made, tuple(studies), by_key, compare(studies, SETTINGS))


SIZES = {"a": 40, "b": 30, "c": 8, "d": 25, "e": 60, "f": 12, "g": 15}
ALIKE = [study(k, change(k, e, n=SIZES[k])) for k, e in zip(SIZES, (-8, -9, -7, -10, -8.5, -7.5, -9), strict=True)]
OTHERS = [study("twelve", change("twelve", months=12)), study("new", standing=None, changes=())]
REFUSED = Outcome("b", State.REFUSED, reasons=(Reason("column group is missing", "add it", "waves/w2.csv:1"),))


def text_of(report):
    return " ".join(str(n) for n in walk(report) if isinstance(n, str))


def test_the_card_says_what_the_mean_says_and_what_limits_it():
    report = build_overview(overview([*ALIKE, *OTHERS]), language("en"), Edition.INTERNAL)
    (card,) = report.cards()
    said = " ".join(s.text for s in card.sentences)
    assert "fell by 8.4 points of 100 on average" in said and "over 7 studies with 190 people" in said
    assert "7 studies are few" in said and "2 studies are not in this average" in said
    assert "measured over 12 months, not over 6" in text_of(report)


def test_a_study_that_was_refused_is_shown_in_plain_words_with_its_earlier_results():
    o = overview(ALIKE, [REFUSED])
    internal = text_of(build_overview(o, language("en"), Edition.INTERNAL))
    assert "refused; the earlier results stand" in internal
    assert "Study b (waves/w2.csv:1): column group is missing. To mend it: add it." in internal
    assert "1 study does not stand here with its newest data: Study b." in internal
    public = text_of(build_overview(o, language("en"), Edition.PUBLIC))
    assert "refused; the earlier results stand" in public and "waves/w2.csv" not in public


def test_the_public_edition_keeps_back_small_studies_so_that_none_can_be_had_from_the_rest():
    report = build_overview(overview(ALIKE), language("en"), Edition.PUBLIC)
    (numbers,) = [n for n in walk(report) if isinstance(n, Table) and n.id == "numbers-municipal"]
    shown = {str(r.cells[0]): str(r.cells[3]) for r in numbers.rows}
    hidden = {name for name, cell in shown.items() if cell == "not shown"}
    assert hidden == {"Study c", "Study f"}  # 8 people, and the next smallest, 12
    assert "Without Study" not in text_of(report)
    (chart,) = [n.chart for n in walk(report) if type(n).__name__ == "Panel"]
    drawn = [r for layer in chart["layer"] for r in layer["data"]["values"] if r.get("label") == "Study c"]
    assert drawn and all(r["estimate"] is None and r["low"] is None for r in drawn)


@pytest.mark.parametrize("edition", Edition)
def test_dutch_says_the_same_in_dutch(edition):
    text = text_of(build_overview(overview([*ALIKE, *OTHERS], [REFUSED]), language("nl"), edition))
    assert "daalde" in text and "studies met 190 mensen" in text
    assert not re.search(r"\b(?:studies with|fell by|the mean)\b", text)


def test_nothing_to_compare_is_said():
    report = build_overview(overview([study("new", standing=None, changes=())]), language("en"), Edition.PUBLIC)
    assert "No study has published a change yet" in text_of(report)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("portfolio")
    page = publish_overview(overview([*ALIKE, *OTHERS], [REFUSED], root))
    return root, page


def test_the_page_needs_nothing_from_outside(written):
    root, page = written
    assert page == root / "reports" / "internal" / "overview.en.html"
    pages = sorted(p.relative_to(root).as_posix() for p in (root / "reports").rglob("*.html"))
    assert pages == [f"reports/{e}/overview.{code}.html" for e in ("internal", "public") for code in ("en", "nl")]
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert 'role="img" aria-label="Forest plot of change in trust in the municipality' in html
    assert set(re.findall(r'href="#(f\.[^"]+)"', html)) <= {f"f.{i}" for i in re.findall(r'id="f\.([^"]+)"', html)}


def test_every_table_and_column_of_the_database_has_a_comment_and_holds_the_figures(written):
    root, _ = written
    with duckdb.connect(str(root / "published" / "portfolio.duckdb"), read_only=True) as con:
        bare = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
        ).fetchall()
        assert bare == []
        row = con.execute("SELECT k, n_people, round(estimate, 1), warnings FROM comparison WHERE main").fetchone()
        assert row[:3] == (7, 190, -8.4) and "few_studies" in row[3]
        assert con.execute("SELECT sum(weight), count(*) FROM comparison_study WHERE together").fetchone() == (
            pytest.approx(1),
            7,
        )
        reasons = dict(con.execute("SELECT study, reason FROM comparison_study WHERE NOT together").fetchall())
        assert reasons == {
            "twelve": "measured over 12 months, not over 6",
            "new": "nothing has been published yet",
        }
        assert con.execute("SELECT study, last_run, stale FROM study WHERE stale").fetchall() == [
            ("b", "refused", True)
        ]
        assert con.execute("SELECT study, place FROM study_problem").fetchall() == [("b", "waves/w2.csv:1")]


def test_the_public_edition_tells_no_count_of_few_people_among_the_reasons():
    few = study("few", change("few", None, None, n=3, declined="a paired test needs at least 5 people; there are 3"))
    o = overview([*ALIKE, few])
    assert "there are 3" in text_of(build_overview(o, language("en"), Edition.INTERNAL))
    public = text_of(build_overview(o, language("en"), Edition.PUBLIC))
    assert "there are 3" not in public and "not estimated: fewer than 11 people" in public


def test_the_database_is_asked_like_a_studys(written):
    from click.testing import CliRunner

    from coprod_trust.cli import app

    asked = CliRunner().invoke(app.application, ["sql", str(written[0]), "SELECT k FROM comparison", "--format", "csv"])
    assert asked.stdout.split() == ["k", "7"]


def test_studies_left_out_for_one_reason_are_told_together():
    more = [study(k, change(k, months=12)) for k in ("p", "q")]
    report = build_overview(overview([*ALIKE, *more, OTHERS[1]]), language("en"), Edition.INTERNAL)
    (table,) = [n for n in walk(report) if isinstance(n, Table) and n.id == "left-out-table"]
    assert [(str(r.cells[2]), str(r.cells[3])) for r in table.rows] == [
        ("2", "Study p and Study q"),
        ("1", "Study new"),
    ]
