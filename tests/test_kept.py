"""A step is done again when something that it reads has changed, and what is kept is what would be made anew."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from coprod_trust.clock import ENVIRONMENT_VARIABLE
from coprod_trust.decisions import Correction, Stance, append
from coprod_trust.ingest import archive
from coprod_trust.kept import is_kept
from coprod_trust.lifecycle.revise import revise
from coprod_trust.notes import step as notes_step
from coprod_trust.plan.record import register
from coprod_trust.runner import study_run
from coprod_trust.steps import STEPS, Context, Step
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.study import Study
from tests.notes.study import NOTES_YAML, write_notes
from tests.studies import small_study

MADE = [s for s in STEPS if s.needs is not None]
NAMES = [s.name for s in MADE]
AFTER_INGEST = set(NAMES)


def _yaml() -> str:
    """Two waves and one scale, so that each of the many runs is short."""
    text = NOTES_YAML.replace("999", "199").replace("  seed:", "  analyses: core\n  seed:")
    scales, rest = text.split("  - id: municipal")[0], "covariates:" + text.split("covariates:", 1)[1]
    waves = scales.split("  - id: w3")[0] + "missing_codes:" + scales.split("missing_codes:", 1)[1]
    return (
        (waves + rest).split("  primary:")[0]
        + "  primary: [provider]\n  analyses: core\n  bootstraps: 199\n"
        + ("notes: {segments: [notes/segments.csv]}\n")
    )


YAML = _yaml()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two waves with notes, through every step but report and publish, twice: from the second time on
    nothing changes by itself."""
    root = small_study(tmp_path_factory.mktemp("kept") / "study", yaml=YAML, drop=False)
    write_notes(root)
    (root / "study.yaml").write_text(YAML, encoding="utf-8")
    (root / "waves" / "w3.csv").unlink()
    steps(root)
    assert steps(root) == set()
    return root


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "study"))


def steps(root: Path, full: bool = False, wave: str | None = None) -> set[str]:
    """Walk the steps that can be kept; returns those that were done."""
    with study_run(root, wave, full=full) as context:
        return {s.name for s in MADE if not is_kept(s.run(context))}


def tables(root: Path) -> dict[str, list[str]]:
    """Every row that these steps left, but for who made it when."""
    with open_work(StudyPaths(root)) as con:
        names = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('main', 'answer', 'panel') "
            "AND table_name NOT IN ('run', 'step_record', 'step_input', 'migration', 'finding_history') ORDER BY ALL"
        ).fetchall()
        return {f"{s}.{t}": sorted(map(repr, con.execute(f'FROM {s}."{t}"').fetchall())) for s, t in names}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def late_file(root: Path) -> None:
    lines = (root / "waves" / "w2.csv").read_text(encoding="utf-8").splitlines()
    edit(root / "study.yaml", "waves/w2.csv", "waves/w2*.csv")
    (root / "waves" / "w2_late.csv").write_text("\n".join([lines[0], lines[3].replace("P003", "P091")]) + "\n", "utf-8")


def correction(root: Path) -> None:
    cell = {"wave": "w2", "column": "prov_1", "value": "0", "participant_id": "P004"}
    append(root, Correction(who="A", when=NOW, why="form", **cell))


def revision(root: Path) -> None:
    file = root / "waves" / "w1.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    revise(root, "waves/w1.csv", "A", "a row twice")


def coding(root: Path) -> None:
    file = root / "notes" / "segments.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


def stance(root: Path) -> None:
    append(root, Stance(who="A", when=NOW, why="read", finding_id="change.provider.w1-w2", segment_id="s1",
                        stance="contrasts", blinded=True))  # fmt: skip


NOW = datetime(2026, 2, 1, tzinfo=UTC)
CHANGES: list[tuple[Callable[[Path], Any], set[str]]] = [
    (late_file, AFTER_INGEST),
    (stance, {"integrate"}),
    (coding, {"notes", "integrate"}),
    (lambda root: register(root, "A"), {"plan"}),
    (lambda root: edit(root / "study.yaml", "formats: [html]", "formats: [pdf]"), set()),
    (lambda root: edit(root / "study.yaml", "alpha: 0.05", "alpha: 0.1"), {"score", "analyse", "integrate", "plan"}),
    (correction, AFTER_INGEST),
    (revision, AFTER_INGEST),
]


def test_after_each_change_only_what_depends_on_it_is_done_and_all_is_as_if_done_anew(study: Path) -> None:
    edit(study / "study.yaml", "  analyses:", "  alpha: 0.05\n  analyses:")
    assert steps(study) == set(), "a default that is written out changes nothing"
    for change, done in CHANGES:
        change(study)
        assert steps(study) == done, getattr(change, "__name__", done)
    kept = tables(study)
    assert steps(study, full=True) == set(NAMES)
    anew = tables(study)
    assert {t for t in anew if anew[t] != kept[t]} == set()
    assert steps(study) == set()


def test_an_earlier_wave_keeps_nothing_of_a_later_one(study: Path) -> None:
    assert steps(study, wave="w1") == set(NAMES)
    assert "answer.w2" not in tables(study)


def test_a_step_that_was_interrupted_is_done_again_and_what_rests_on_it(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    correction(study)
    score = import_module("coprod_trust.score.step")

    def stopped(_: Context) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(score, "run_step", stopped)
        with pytest.raises(KeyboardInterrupt):
            steps(study)
    (study / "decisions" / "correction.csv").unlink()
    assert steps(study) == set(NAMES), "all is as at the start, but the tables were made from something else"


def test_a_file_that_changes_while_a_step_reads_leaves_no_record(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = import_module("coprod_trust.notes.step")
    really = notes.run_step

    def read_and_change(context: Context) -> object:
        counts = really(context)
        coding(study)
        return counts

    correction(study)
    with monkeypatch.context() as patch:
        patch.setattr(notes, "run_step", read_and_change)
        steps(study)
    assert "notes" in steps(study)


def test_a_date_in_the_future_is_looked_at_again_on_another_day(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "2025-07-15T12:00:00+00:00")
    assert "ingest" in steps(study), "the clock is before the day on which the tables were made"
    assert _quarantined(study) > 0
    assert steps(study) == set()
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "2025-08-01T12:00:00+00:00")
    assert "ingest" in steps(study)
    assert _quarantined(study) == 0
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "2025-08-02T12:00:00+00:00")
    assert steps(study) == set()


def _quarantined(root: Path) -> int:
    with open_work(StudyPaths(root)) as con:
        row = con.execute("SELECT count(*) FROM problem WHERE rule = 'date-impossible'").fetchone()
    assert row is not None
    return int(row[0])


_opened: list[Path] | None = None


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(args[0], str):
        _opened.append(Path(args[0]))


sys.addaudithook(_hear)


@pytest.fixture
def opened() -> Iterator[list[Path]]:
    """The files that Python opens while the test runs."""
    global _opened
    _opened = []
    yield _opened
    _opened = None


class Blind(Study):
    """A study of which a step can read no section that it says it does not read."""

    def __getattribute__(self, name: str) -> Any:
        if name in BLIND_TO:
            raise AssertionError(f"reads {name} of study.yaml")
        return super().__getattribute__(name)


BLIND_TO: frozenset[str] = frozenset()


class Blinded(Context):
    def study(self) -> Study:
        return Blind.model_construct(**super().study().__dict__)


@pytest.mark.parametrize("step", MADE, ids=lambda s: s.name)
def test_a_step_reads_nothing_that_it_does_not_name(
    study: Path, step: Step, opened: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.BLIND_TO", step.blind)
    archive._hashed.clear()
    module = import_module(step.module)
    with study_run(study) as given:
        context = Blinded(given.root, given.wave, given.run_id)
        opened.clear()
        module.run_step(context)
        read = {p for p in opened if p.is_relative_to(study)}
        with open_work(context.paths) as con:
            named = {name for name, _ in module.inputs(con, context)} if hasattr(module, "inputs") else set()
    ours = {study / "work", study / "study.yaml"}
    others = {p.relative_to(study).as_posix() for p in read if not any(p.is_relative_to(o) for o in ours)}
    assert others <= named


def test_without_notes_it_does_not_matter_that_a_wave_was_reported(tmp_path: Path) -> None:
    with study_run(small_study(tmp_path / "study"), "w1") as context, open_work(context.paths) as con:
        before = notes_step.inputs(con, context)
        con.execute("UPDATE run SET finished_at = started_at")
        assert notes_step.first_reported(con, context.study())
        assert notes_step.inputs(con, context) == before
