"""Two waves of a real survey, from .sav to report: see tests/real/policylab/study.yaml.

The expected figures on the answers' own scale (1 to 4) were published with the task and are worked out again here from
the files by scipy; a POMP point is 3/100 of that scale.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from coprod_trust.runner import run_direct

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data" / "policylab"
POINT = 3 / 100

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public files are not at ../shared/data"),
]


def study_at(root: Path, *, as_default: bool = False) -> Path:
    """The study folder; ``as_default`` takes out its rule for birth years."""
    (root / "waves").mkdir(parents=True)
    for name in ("wave5.sav", "wave7.sav"):
        shutil.copyfile(DATA / name, root / "waves" / name)
    text = (HERE / "policylab" / "study.yaml").read_text(encoding="utf-8")
    if as_default:
        assert "  birth-year-differs: warn\n" in text
        text = text.replace("  birth-year-differs: warn\n", "  birth-year-differs: quarantine\n")
    (root / "study.yaml").write_text(text, encoding="utf-8")
    return root


class Published:
    """What was published of a study."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.con = duckdb.connect(str(root / "published" / "trust.duckdb"), read_only=True)

    def one(self, query: str, *values: Any) -> tuple[Any, ...]:
        row = self.con.execute(query, list(values)).fetchone()
        assert row is not None
        return row

    def change(self, scale: str) -> dict[str, Any]:
        """The paired test of a scale's change, on its own scale from 1 to 4."""
        result = self.con.execute(
            "SELECT * FROM estimate WHERE finding_id = ? AND method = 'paired_t'", [f"change.{scale}.w5-w7"]
        )
        names = [d[0] for d in result.description]
        row = result.fetchone()
        assert row is not None
        return dict(zip(names, row, strict=True))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    root = study_at(tmp_path_factory.mktemp("policylab") / "study")
    run_direct(root)
    return Published(root)


def linked() -> Any:
    """The people of both waves, read by pandas: their three answers at each wave and their years of birth."""
    import pyreadstat

    first, _ = pyreadstat.read_sav(str(DATA / "wave5.sav"), user_missing=True)
    second, _ = pyreadstat.read_sav(str(DATA / "wave7.sav"), user_missing=True)
    return first.merge(second, on="caseid_BROW0017", suffixes=("_w5", "_w7"))


def test_local_government(published: Published) -> None:
    found = published.change("municipal")
    assert found["n"] == 126
    assert found["estimate"] * POINT == pytest.approx(-0.1032, abs=5e-5)
    assert found["statistic"] == pytest.approx(-1.7676, abs=5e-5)
    assert found["p_value"] == pytest.approx(0.0796, abs=5e-5)
    assert found["df"] == 125
    means = published.con.execute(
        "SELECT avg(municipal__w5), avg(municipal__w7) FROM score_wide "
        "WHERE municipal__w5 IS NOT NULL AND municipal__w7 IS NOT NULL"
    ).fetchone()
    assert [m * POINT + 1 for m in means] == pytest.approx([2.4048, 2.3016], abs=5e-5)


def test_only_the_linked_were_followed_and_nobody_else_has_left(published: Published) -> None:
    n, n_start, method, estimate, p_value, note = published.con.execute(
        "SELECT n, n_start, method, estimate, p_value, note FROM finding WHERE finding_id = 'change.municipal.w5-w7'"
    ).fetchone()
    assert (n, n_start, method) == (126, 126, "mixed_model")
    # on complete pairs the model is the paired t-test
    assert (estimate * POINT, p_value) == (pytest.approx(-0.1032, abs=5e-5), pytest.approx(0.0796, abs=5e-5))
    aside = int(note.partition("left out: ")[2].partition(" who are in no other wave")[0])
    assert 1274 < aside <= 1374
    assert "had none" not in note
    assert published.con.execute("SELECT count(*) FROM finding WHERE design = 'A13'").fetchone() == (0,)
    text = (published.root / "reports" / "w7" / "internal" / "report.en.html").read_text(encoding="utf-8")
    assert "126 of them are in a later wave too, and change is theirs; how many of the others were asked again" in text
    assert "126 started" not in text
    assert "not in the next wave" not in text


def test_state_government(published: Published) -> None:
    found = published.change("state")
    assert found["n"] == 126
    assert found["estimate"] * POINT == pytest.approx(-0.0476, abs=5e-5)
    assert found["statistic"] == pytest.approx(-0.865, abs=5e-4)
    assert found["p_value"] == pytest.approx(0.389, abs=5e-4)


def test_the_federal_government_with_a_mean_change_of_exactly_0(published: Published) -> None:
    found = published.change("federal")
    assert (found["n"], found["estimate"], found["statistic"], found["p_value"]) == (126, 0.0, 0.0, 1.0)
    assert found["std_error"] > 0


def test_the_figures_are_those_that_scipy_finds_in_the_files(published: Published) -> None:
    from scipy.stats import ttest_rel

    people = linked()
    for scale, first, second in (("municipal", "q128_3", "q207_3"), ("state", "q128_2", "q207_2")):
        expected = ttest_rel(people[second], people[first])
        found = published.change(scale)
        assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-6)
        assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-6)


def test_only_the_dimension_that_was_measured_is_a_dimension(published: Published) -> None:
    rows = published.con.execute("SELECT scale, dimension FROM scale ORDER BY scale").fetchall()
    assert rows == [("federal", None), ("municipal", "municipal"), ("state", None)]


def test_every_row_is_accounted_for(published: Published) -> None:
    rows = published.con.execute(
        "SELECT wave_of_name, rows_in, accepted, quarantined, duplicates, blank, withdrawn FROM "
        "(SELECT name AS wave_of_name, * FROM source_file) ORDER BY 1"
    ).fetchall()
    assert rows == [("waves/wave5.sav", 1500, 1500, 0, 0, 0, 0), ("waves/wave7.sav", 1800, 126, 1674, 0, 0, 0)]


def test_skipped_and_not_asked_stay_apart(published: Published) -> None:
    import pyreadstat

    frame, _ = pyreadstat.read_sav(str(DATA / "wave5.sav"), user_missing=True, usecols=["q128_3"])
    expected = {"skipped": int((frame["q128_3"] == 8).sum()), "not_asked": int((frame["q128_3"] == 9).sum())}
    found = dict(
        published.con.execute(
            "SELECT missing_reason, count(*) FROM response WHERE wave = 'w5' AND item = 'trust_local' "
            "AND missing_reason IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    assert found == {reason: n for reason, n in expected.items() if n}


def test_the_linked_pairs_that_disagree_on_the_year_of_birth_are_flagged(published: Published) -> None:
    from coprod_trust.check import check

    people = linked()
    assert int((people["birthyr_w5"] != people["birthyr_w7"]).sum()) == 8
    flagged = [p for p in check(published.root).problems if p.rule == "birth-year-differs"]
    assert len(flagged) == 8
    assert {p.severity.value for p in flagged} == {"warn"}


def test_the_report_is_there_and_prints_the_rule_that_was_set(published: Published) -> None:
    (page,) = (published.root / "reports" / "w7" / "internal").glob("report.*.html")
    text = page.read_text(encoding="utf-8")
    assert "trust in local government" in text
    assert "126" in text
    assert "birth-year-differs" in text


def test_at_its_default_the_rule_breaks_those_links(tmp_path: Path) -> None:
    from scipy.stats import ttest_rel

    root = study_at(tmp_path / "study", as_default=True)
    run_direct(root)
    people = linked()
    agree = people[people["birthyr_w5"] == people["birthyr_w7"]]
    expected = ttest_rel(agree["q207_3"], agree["q128_3"])
    found = Published(root).change("municipal")
    assert found["n"] == len(agree) == 118
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-6)


def test_a_draft_from_the_files_alone_finds_the_link_and_the_renamed_questions(tmp_path: Path) -> None:
    from coprod_trust.study import load_study
    from coprod_trust.study.draft import draft

    draft(tmp_path / "study", [DATA / "wave7.sav", DATA / "wave5.sav"])
    study = load_study(tmp_path / "study")
    assert [w.files[0].path for w in study.waves] == ["waves/wave5.sav", "waves/wave7.sav"]
    assert study.ids.column == "caseid_BROW0017"
    trust = study.scale("q128")
    assert (trust.low, trust.high) == (1, 4)
    assert [i.aliases["w2"] for i in trust.items] == [["q207_1"], ["q207_2"], ["q207_3"]]
    assert {k: v.value for k, v in study.missing(trust).items()}.items() >= {"8": "skipped", "9": "not_asked"}.items()
