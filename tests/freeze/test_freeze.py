"""A frozen wave cannot change in silence, and can be proven row by row."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.errors import Refused, StudyError, UsageError
from coprod_trust.freeze.freeze import freeze, thaw
from coprod_trust.freeze.manifest import load_keys, load_manifest
from coprod_trust.freeze.verify import Verified, verify
from coprod_trust.lifecycle.correct import Cell, correct
from coprod_trust.runner import run_direct
from coprod_trust.store import StudyPaths
from coprod_trust.store.query import query
from tests.studies import STUDY_YAML, small_study

WHO = ("An evaluator", "the report went to the council")
QUICK = STUDY_YAML.replace("999", "199").replace("  seed:", "  analyses: core\n  seed:")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_study(tmp_path_factory.mktemp("f") / "study", yaml=QUICK)
    run_direct(root, "w2")
    freeze(root, "w2", *WHO)
    return root


@pytest.fixture
def study(frozen: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(frozen, tmp_path / "s"))


def holds(found: Verified) -> dict[str, bool | None]:
    return {c.what: c.holds for c in found.checks}


def test_the_manifest_holds_every_row_and_no_id(frozen: Path) -> None:
    manifest = load_manifest(StudyPaths(frozen), "w2")
    assert [(t.wave, len(t.rows)) for t in manifest.tables] == [("w1", 14), ("w2", 13)]
    assert len(load_keys(StudyPaths(frozen), "w2")) == manifest.people == 14
    text = (frozen / "frozen" / "w2" / "manifest.json").read_text(encoding="utf-8")
    assert "P00" not in text
    assert set(manifest.files) == {"waves/w1.csv", "waves/w2.csv"}
    assert any(name.endswith("findings.json") for name in manifest.reports)


def test_the_findings_come_out_again_from_the_frozen_files(frozen: Path) -> None:
    (found,) = verify(frozen)
    assert found.holds, found.lines()
    assert all(holds(found).values())
    assert (found.rows_frozen, found.rows_erased) == (27, 0)


def test_a_row_changed_in_the_archive_is_found(study: Path) -> None:
    import duckdb

    path = study / "frozen" / "w2" / "data" / "answer_w1.parquet"
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t AS FROM read_parquet('{path}')")
    con.execute("UPDATE t SET prov_1 = (prov_1 + 1) % 10 WHERE participant_id = 'P003'")
    con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    con.close()
    (found,) = verify(study, rerun=False)
    wrong = {what for what, ok in holds(found).items() if ok is False}
    assert wrong == {
        "the archive of rows and findings is as it was written",
        "every frozen row can be proven by its keyed hash",
    }


def test_a_manifest_written_again_is_found(study: Path) -> None:
    path = study / "frozen" / "w2" / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["plan_hash"] = "0" * 64
    path.write_text(json.dumps(data), encoding="utf-8")
    (found,) = verify(study, rerun=False)
    assert holds(found)["the manifest is the one that was recorded"] is False
    assert CliRunner().invoke(application, ["verify", str(study), "--quick"]).exit_code == 1


def test_a_report_that_was_touched_and_an_original_that_is_lost_are_found(study: Path) -> None:
    report = next((study / "reports" / "w2").rglob("report.*.html"))
    report.write_text(report.read_text(encoding="utf-8") + " ", encoding="utf-8")
    manifest = load_manifest(StudyPaths(study), "w2")
    (StudyPaths(study).archive / manifest.files["waves/w1.csv"]).unlink()
    (found,) = verify(study, "w2", rerun=False)
    assert holds(found)["the report is the one that was frozen"] is False
    assert holds(found)["the files received are in the archive, byte for byte"] is False


def test_the_frozen_report_is_not_made_again(study: Path) -> None:
    with pytest.raises(Refused, match="its report stays as it is"):
        run_direct(study, "w2")


def test_a_later_wave_goes_through_as_long_as_the_frozen_rows_are_the_same(study: Path) -> None:
    run_direct(study, "w3")
    with query(study, "SELECT wave, state, rows_frozen, rows_changed FROM frozen_wave") as answer:
        assert list(answer) == [("w2", "frozen", 27, 0)]


def test_a_change_is_refused_until_it_is_allowed_by_name_and_then_told(study: Path) -> None:
    correct(study, Cell("w1", "prov_1", participant="P005"), "0", *WHO)
    before = StudyPaths(study).published.read_bytes()
    with pytest.raises(Refused, match=r"w1: 1 changed, 0 added, 0 gone") as refused:
        run_direct(study, "w3")
    assert "--thaw" in str(refused.value)
    assert StudyPaths(study).published.read_bytes() == before
    thaw(study, "w2", "A council clerk", "a typing error came to light")
    run_direct(study, "w3")
    with query(study, "SELECT state, rows_changed, who, why FROM frozen_wave") as answer:
        assert list(answer) == [("thawed", 1, "A council clerk", "a typing error came to light")]
    with pytest.raises(UsageError, match="is not frozen"):
        thaw(study, "w2", "A council clerk", "again")
    (found,) = verify(study, rerun=False)
    assert holds(found)["the same rows are in use today"] is False
    assert holds(found)["every frozen row can be proven by its keyed hash"] is True


def test_only_what_is_published_as_it_stands_is_frozen(study: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="frozen already"):
        freeze(study, "w2", *WHO)
    with pytest.raises(StudyError, match="a run of wave w2"):
        freeze(study, "w1", *WHO)
    fresh = small_study(tmp_path / "fresh", yaml=QUICK)
    with pytest.raises(StudyError, match="nothing is published yet"):
        freeze(fresh, "w1", *WHO)
    with pytest.raises(UsageError, match="no wave is frozen"):
        verify(fresh)
