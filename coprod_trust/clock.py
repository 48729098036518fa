"""The one place that asks what time it is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from coprod_trust.errors import Reason, UsageError

ENVIRONMENT_VARIABLE = "COPROD_TRUST_NOW"


def now() -> datetime:
    """The current time in UTC; ``COPROD_TRUST_NOW`` sets it, to replay a study by the clock of its dates.

    It holds a moment in ISO 8601, or ``@`` and the path of a file with one, which is read at each call: so the clock of
    a program that keeps running can be moved on.
    """
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given and given.startswith("@"):
        given = Path(given[1:]).read_text(encoding="utf-8").strip()
    if given:
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            raise UsageError(
                Reason("it holds no moment", "write it as 2026-01-31T12:00:00Z, or unset it", ENVIRONMENT_VARIABLE)
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.now(UTC)


def today() -> date:
    """The current date in UTC."""
    return now().date()
