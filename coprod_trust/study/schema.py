"""The JSON Schema of study.yaml, for editors."""

from __future__ import annotations

import json
from typing import Any

from coprod_trust.study.model import Study


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of study.yaml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Study.model_json_schema(),
        "title": "study.yaml of coprod-trust",
    }


def schema_text() -> str:
    """The schema as it is committed and copied beside study.yaml."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema_text())
