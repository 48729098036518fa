"""Results of R, read from the files that the scripts beside them write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def oracle(name: str) -> Any:
    """``tests/oracle/<name>.json``."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
