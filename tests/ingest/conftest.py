from pathlib import Path

import pytest

from tests.ingest.gate_case import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path / "small")
