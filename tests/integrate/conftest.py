from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coprod_trust.runner import run_direct
from tests.notes.study import NOTES_YAML, SEGMENTS, segment, write_notes
from tests.studies import small_study

STANCE = {"stance": "confirms", "finding_id": "change.provider.w1-w2"}


def with_notes(root: Path) -> Path:
    """Fourteen people and two waves with four interviews and a focus group, through every step."""
    small_study(root, yaml=NOTES_YAML.replace("999", "199"), drop=False)
    (root / "waves" / "w3.csv").unlink()
    rows = [
        {**SEGMENTS[0], **STANCE},
        *SEGMENTS[1:],
        segment("s4", "int3", "SUP", participant_id="P003", text="They were always there", consent_quote="internal",
                paraphrase="was helped", **{**STANCE, "stance": "contrasts"}),
    ]  # fmt: skip
    guide = [{"document": f"int{i}", "construct": "provider", "asked": "yes"} for i in (1, 2, 3)]
    write_notes(root, segments=rows, guide=guide)
    (root / "study.yaml").write_text(NOTES_YAML.replace("999", "199"), encoding="utf-8")
    run_direct(root)
    return root


@pytest.fixture(scope="session")
def ran_with_notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That study; no test changes it."""
    return with_notes(tmp_path_factory.mktemp("notes") / "study")


@pytest.fixture
def study_with_notes(ran_with_notes: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(ran_with_notes, tmp_path / "study"))
