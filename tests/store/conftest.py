from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.runner import run_direct
from tests.store.published import publish_small
from tests.studies import STUDY_YAML, small_study


@pytest.fixture(scope="session")
def published_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published study that no test changes."""
    root = tmp_path_factory.mktemp("published") / "study"
    publish_small(root)
    return root


@pytest.fixture(scope="session")
def ran_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty people, two waves of three, through every step; no test changes it."""
    root = tmp_path_factory.mktemp("ran") / "study"
    small_study(root, n=30, yaml=STUDY_YAML.replace("999", "199"))
    (root / "waves" / "w3.csv").unlink()
    run_direct(root)
    return root
