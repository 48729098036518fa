from __future__ import annotations

from collections.abc import Iterator

import pytest

from coprod_trust.store import open_memory
from tests.ingest.readers.desk import Desk


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    with open_memory() as con:
        yield Desk(con)
