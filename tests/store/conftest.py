from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.published import publish_small


@pytest.fixture(scope="session")
def published_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published study that no test changes."""
    root = tmp_path_factory.mktemp("published") / "study"
    publish_small(root)
    return root
