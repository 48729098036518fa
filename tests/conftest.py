"""What all tests share: the order in which their files begin."""

from __future__ import annotations

import pytest

# The one keeps two processes busy, the other waits for a server most of its time: side by side they fill the computer,
# where each beside tests of the usual kind leaves half of it idle or overloads it.
BEGIN = ("tests/store/test_killed.py", "tests/flows/test_schedule.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, name in enumerate(BEGIN) if item.nodeid.startswith(name)), len(BEGIN)))
