"""How a study stands, asked without disturbing a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from coprod_trust import runner
from coprod_trust.errors import Refused, StorageError, StudyError
from coprod_trust.freeze.freeze import freeze
from coprod_trust.plan.record import register
from coprod_trust.runner import run_direct
from coprod_trust.status import Status, status
from coprod_trust.store import StudyPaths, study_lock
from tests.studies import STUDY_YAML, answers, small_study, write_csv


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quick = STUDY_YAML.replace("999", "199").replace("plan:\n", "plan:\n  analyses: core\n")
    root = small_study(tmp_path_factory.mktemp("status") / "s", yaml=quick)
    (root / "waves" / "w3.csv").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPROD_TRUST_NOW", "2025-12-01T11:00:00+00:00")
        register(root, "An evaluator")
        run_direct(root)
    return root


@pytest.fixture
def study(ran: Path, tmp_path: Path) -> Path:
    """A study of which two waves were run, to be changed."""
    return Path(shutil.copytree(ran, tmp_path / "s"))


@pytest.fixture(autouse=True)
def on_the_first_of_february_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPROD_TRUST_NOW", "2026-02-01T12:00:00+00:00")


def states(found: Status) -> dict[str, str]:
    return {w.wave: w.state for w in found.waves}


def test_before_the_first_run_the_waves_with_files_are_ready(tmp_path: Path) -> None:
    found = status(small_study(tmp_path / "s"))
    assert states(found) == {"w1": "ready", "w2": "ready", "w3": "ready"}
    assert found.last_run is None
    assert found.waves[0].rows is None
    assert any("No run has been published yet" in line for line in found.lines())
    assert not (tmp_path / "s" / "work").exists()


def test_after_a_run_rows_are_told_and_the_wave_that_is_late(study: Path) -> None:
    found = status(study)
    assert states(found) == {"w1": "done", "w2": "done", "w3": "waiting"}
    assert found.waves[1].rows == {
        "rows_in": 13,
        "accepted": 13,
        "quarantined": 0,
        "duplicates": 0,
        "blank": 0,
        "withdrawn": 0,
    }
    assert found.last_run is not None
    assert found.last_run.wave == "w2"
    assert found.changed == ()
    assert not found.unfinished
    assert found.waiting == ("wave w3: due since 2026-01-12; waiting for waves/w3.csv",)


def test_before_its_date_a_wave_is_not_due(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPROD_TRUST_NOW", "2026-01-01T12:00:00+00:00")
    found = status(study)
    assert states(found)["w3"] == "not_yet"
    assert found.waiting == ()


def test_a_file_that_came_makes_its_wave_ready(study: Path) -> None:
    write_csv(study / "waves" / "w3.csv", answers()["w3"])
    found = status(study)
    assert states(found) == {"w1": "done", "w2": "done", "w3": "ready"}
    assert found.changed == ()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("waves/w2.csv", "waves/w2.csv"),
        ("study.yaml", "study.yaml, decisions/ or text/"),
        ("decisions/release.csv", "study.yaml, decisions/ or text/"),
        ("text/context.md", "study.yaml, decisions/ or text/"),
        ("notes/roster.csv", "notes/roster.csv"),
    ],
)
def test_what_changed_since_is_named_and_makes_the_wave_run_again(study: Path, path: str, said: str) -> None:
    (study / path).parent.mkdir(exist_ok=True)
    with (study / path).open("a", encoding="utf-8") as handle:
        handle.write("\n")
    found = status(study)
    assert found.changed == (said,)
    assert states(found)["w2"] == "ready"
    assert found.waves[1].sentence == "changed since it was run; ready to run again"
    revise = f"{path} is another file than the one that was imported: put that one back; or, if the sender revised it:"
    run = "wave w2: changed since it was run; ready to run again; to run it: coprod-trust run"
    assert [w.startswith(revise if path == "waves/w2.csv" else run) for w in found.waiting].count(True) == 1


def test_waves_that_can_be_run_are_told_with_one_command(tmp_path: Path) -> None:
    found = status(small_study(tmp_path / "my study"))
    (told,) = [w for w in found.waiting if "to run" in w and "wave" in w]
    assert told == (
        "waves w1 (ready to run), w2 (ready to run), w3 (ready to run); to run them together: "
        f"coprod-trust run '{tmp_path}/my study' --wave w3"
    )


def test_a_file_that_was_refused_is_told_until_it_is_mended(study: Path) -> None:
    late = study / "waves" / "w3.csv"
    late.write_text("")
    with pytest.raises(Refused):
        run_direct(study)
    assert status(study).waiting == (
        "not in use, as the run that read it was refused: waves/w3.csv; to see what is wrong and how to mend it: "
        f"coprod-trust check {study}",
    )
    write_csv(late, answers()["w3"])
    assert [w.split(";")[0] for w in status(study).waiting] == ["wave w3: ready to run"]


def test_a_wave_whose_file_never_came_is_passed_by(study: Path) -> None:
    with (study / "study.yaml").open("r+", encoding="utf-8") as file:
        earlier = file.read().replace(
            "  - id: w2\n", "  - {id: w1b, label: Between, month: 3, files: [{path: waves/w1b.csv}]}\n  - id: w2\n"
        )
        file.seek(0)
        file.write(earlier)
    assert [w.sentence for w in status(study).waves][1] == "not run; a later wave is published"


def test_a_file_that_changes_after_its_wave_was_frozen_waits_for_a_person(study: Path) -> None:
    freeze(study, "w2", "evaluator", "for the council")
    found = status(study)
    assert states(found)["w2"] == "frozen"
    assert not any("is frozen" in w for w in found.waiting)
    with (study / "waves" / "w2.csv").open("a", encoding="utf-8") as handle:
        handle.write("\n")
    found = status(study)
    assert states(found)["w2"] == "frozen"
    (told,) = [w for w in found.waiting if "waves/w2.csv" in w]
    assert not any(line.startswith("Changed since") for line in found.lines())
    assert told.startswith("wave w2 is frozen, and waves/w2.csv changed since: put it back as it was; or allow it:")
    assert f"coprod-trust freeze {study} w2 --thaw" in told


def test_a_file_that_has_gone_is_no_change(study: Path) -> None:
    (study / "waves" / "w1.csv").unlink()
    found = status(study)
    assert found.changed == ()
    assert states(found)["w1"] == "done"


def test_it_can_be_asked_during_a_run_and_says_so(study: Path) -> None:
    with runner.study_run(study):
        found = status(study)
    assert found.unfinished
    assert any("has not ended" in line for line in found.lines())
    assert states(found)["w2"] == "done"


def test_asking_needs_no_lock_and_takes_none(study: Path) -> None:
    with study_lock(StudyPaths(study)):
        status(study)
    before = sorted(p.relative_to(study) for p in study.rglob("*"))
    status(study)
    assert sorted(p.relative_to(study) for p in study.rglob("*")) == before


def test_it_can_be_written_as_json(study: Path) -> None:
    data = json.loads(json.dumps(status(study).as_data(), default=str))
    assert data["last_run"]["wave"] == "w2"
    assert [w["wave"] for w in data["waves"]] == ["w1", "w2", "w3"]


def test_a_folder_without_a_study_and_a_damaged_database_are_told(study: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no study\.yaml"):
        status(tmp_path)
    published = StudyPaths(study).published
    published.chmod(0o644)
    published.write_bytes(b"no database")
    with pytest.raises(StorageError, match="cannot be opened"):
        status(study)
