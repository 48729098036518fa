from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sample import SAMPLE  # puts the generator on the path

from generate import generate  # isort: skip
from generator.survey import Dirt  # isort: skip


@dataclass(frozen=True)
class Generated:
    root: Path
    dirt: list[Dirt]


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The sample study, generated afresh into another folder."""
    root = tmp_path_factory.mktemp("sample")
    return Generated(root, generate(root))


@pytest.fixture(scope="session")
def sample() -> Path:
    """The committed sample study. Nothing may be written there: copy it first."""
    return SAMPLE
