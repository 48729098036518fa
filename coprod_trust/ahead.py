"""Imports what later steps need while earlier ones wait for files, DuckDB or a Prefect server.

The statistics libraries take two seconds to import, and reading files leaves a core idle.
"""

from __future__ import annotations

import gc
import threading
from importlib import import_module

NEEDED_LATER = (
    "statsmodels.regression.mixed_linear_model",
    "pingouin",
    "coprod_trust.analysis.step",
    "coprod_trust.integrate.step",
    "vl_convert",
    "coprod_trust.report.step",
)


# Modules make hundreds of thousands of objects that stay: looking through them for garbage every 700 new ones, as
# Python does by itself, takes a twelfth of a small run.
COLLECT_EVERY = 100_000


def import_ahead() -> None:
    """Begin to import, in a thread of its own; a run that ends early waits for the module at hand only."""
    gc.set_threshold(COLLECT_EVERY, 20, 100)
    threading.Thread(target=_import, name="import-ahead").start()


def _import() -> None:
    for name in NEEDED_LATER:
        if not threading.main_thread().is_alive():
            return
        try:
            import_module(name)
        except Exception:  # whoever needs it imports it again, and there the error is told
            return
