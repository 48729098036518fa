"""The one place that asks what time it is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

ENVIRONMENT_VARIABLE = "COPROD_TRUST_NOW"


def now() -> datetime:
    """The current time in UTC; ``COPROD_TRUST_NOW`` (ISO 8601) sets it, to replay a study by the clock of its dates."""
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given:
        moment = datetime.fromisoformat(given)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.now(UTC)


def today() -> date:
    """The current date in UTC."""
    return now().date()
