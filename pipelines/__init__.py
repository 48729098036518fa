"""Prefect flows: order, retries, artifacts, schedules. No SQL, no statistics.

Importing this package turns Prefect's telemetry off, before Prefect itself is imported.
"""

import os

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
