"""A revised file takes the place of the old one, which stays; late files join; what moved is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod_trust.check import check
from coprod_trust.cli.app import application
from coprod_trust.decisions import Revision, read
from coprod_trust.errors import UsageError
from coprod_trust.ingest.archive import hash_of, is_kept
from coprod_trust.lifecycle.correct import Cell, correct
from coprod_trust.lifecycle.revise import revise
from coprod_trust.runner import run_direct
from coprod_trust.status import status
from coprod_trust.store import StudyPaths
from coprod_trust.store.query import query
from tests.studies import STUDY_YAML, answers, small_study, write_csv

WHO = ("An evaluator", "the sender corrected it")
QUICK = STUDY_YAML.replace("999", "199").replace("  seed:", "  analyses: core\n  seed:")


def rows_of(root: Path, statement: str) -> list[tuple[object, ...]]:
    with query(root, statement) as answer:
        return list(answer)


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run on w1 and w2; then w2 is revised, and run again."""
    root = small_study(tmp_path_factory.mktemp("s") / "study", yaml=QUICK)
    run_direct(root, "w2")
    correct(root, Cell("w2", "muni_1", row=3), "1", *WHO)
    rows = answers()["w2"]
    for row in rows[:6]:
        row["prov_1"] = row["prov_2"] = row["prov_3"] = "0"
    new = root.parent / "from-the-sender.csv"
    write_csv(new, [*rows[:-1], {**rows[-1], "pid": "P077"}])
    old = hash_of(root / "waves" / "w2.csv")
    found = revise(root, "waves/w2.csv", *WHO, replacement=new)
    assert (found.people_added, found.people_gone) == (1, 1)
    assert found.columns_changed == ("prov_1", "prov_2", "prov_3")
    assert 12 <= found.cells_changed <= 18
    assert is_kept(StudyPaths(root), old)
    assert hash_of(root / "waves" / "w2.csv") == hash_of(new)
    run_direct(root, "w2")
    return root


def test_the_decision_is_on_record_and_both_versions_are_listed(revised: Path) -> None:
    (decision,) = read(revised, Revision)
    assert decision.who == WHO[0]
    found = rows_of(revised, "SELECT status FROM source_file WHERE name = 'waves/w2.csv' ORDER BY status")
    assert [s for (s,) in found] == ["imported", "superseded"]


def test_what_moved_is_told_with_both_figures(revised: Path) -> None:
    found = {str(r[0]): r[1:] for r in rows_of(
        revised, "SELECT finding_id, status, estimate_before, estimate, n_before, n FROM difference")}  # fmt: skip
    status_, before, after, n_before, n = found["change.provider.w1-w2"]
    assert status_ == "moved"
    assert float(str(after)) < float(str(before)) - 5
    assert n_before == n
    assert "change.municipal.w1-w2" not in found


def test_a_correction_of_the_old_content_is_not_lost_in_silence(revised: Path) -> None:
    (found,) = [p for p in check(revised, "w2").problems if p.rule == "correction-unused"]
    assert "1 correction belongs" in found.message


def test_what_is_in_use_or_was_never_imported_is_no_revision(revised: Path) -> None:
    with pytest.raises(UsageError, match="content in use"):
        revise(revised, "waves/w2.csv", *WHO)
    with pytest.raises(UsageError, match="never imported"):
        revise(revised, "waves/w3.csv", *WHO)
    with pytest.raises(UsageError, match="no wave reads such a file"):
        revise(revised, "waves/w9.csv", *WHO)


def test_a_late_file_joins_its_wave_and_a_stray_one_is_told(tmp_path: Path) -> None:
    yaml = QUICK.replace("path: waves/w2.csv", "path: 'waves/w2*.csv'")
    root = small_study(tmp_path / "s", yaml=yaml)
    rows = answers()["w2"]
    write_csv(root / "waves" / "w2.csv", rows[:-3])
    run_direct(root, "w2")
    assert "changed since" not in " ".join(status(root).lines()).casefold()
    write_csv(root / "waves" / "w2_late.csv", rows[-3:])
    write_csv(root / "waves" / "w1_late.csv", answers()["w1"][:1])
    stands = status(root)
    assert "waves/w2_late.csv" in stands.changed
    assert any("waves/w1_late.csv" in w and "no wave reads" in w for w in stands.waiting)
    run_direct(root, "w2")
    assert rows_of(root, 'SELECT count(*) FROM "answer".w2') == [(len(rows),)]
    assert rows_of(root, "SELECT n_before, n FROM difference WHERE finding_id = 'change.provider.w1-w2'") == [(10, 11)]


def test_the_commands_record_and_say_what_comes_next(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s")
    given = ["--wave", "w1", "--column", "prov_1", "--participant", "P003", "--who", "x", "--why", "y"]
    done = CliRunner().invoke(application, ["correct", str(root), *given, "--blank"])
    assert (done.exit_code, "coprod-trust run" in done.stderr) == (0, True)
    assert CliRunner().invoke(application, ["correct", str(root), *given]).exit_code == 2
    assert (
        CliRunner().invoke(application, ["revise", str(root), "waves/w1.csv", "--who", "x", "--why", "y"]).exit_code
        == 2
    )
