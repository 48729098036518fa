from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from coprod_trust.study.model import Model, Study
from coprod_trust.study.schema import schema, schema_text
from tests.studies import STUDY_YAML

DOCS = Path(__file__).resolve().parents[2] / "docs"


def document() -> Any:
    """The small study as an editor sees it: dates are text."""
    return json.loads(json.dumps(YAML(typ="safe").load(STUDY_YAML), default=str))


def test_the_committed_schema_is_current() -> None:
    committed = (DOCS / "study.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "write it again: python -m coprod_trust.study.schema > docs/study.schema.json"


def test_the_schema_takes_a_study_and_refuses_a_misspelt_setting() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(document(), schema(), format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError, match="tilte"):
        jsonschema.validate({**document(), "tilte": "x"}, schema())


def models(model: type[Model], seen: set[type[Model]] | None = None) -> set[type[Model]]:
    """A model and every model that its settings use."""
    seen = seen if seen is not None else set()
    seen.add(model)
    for other in Model.__subclasses__():
        used = any(other.__name__ in str(f.annotation) for f in model.model_fields.values())
        if used and other not in seen:
            models(other, seen)
    return seen


def test_every_setting_is_explained_in_the_reference() -> None:
    text = (DOCS / "study.md").read_text(encoding="utf-8")
    sections = text.split("\n## ")[1:]
    found = models(Study)
    assert len(found) >= 15
    missing = [
        f"{model.__name__}.{name}"
        for model in found
        for name in model.model_fields
        if not any(f"| `{name}` |" in part for part in sections if f"`{model.__name__}`:" in part)
    ]
    assert missing == []


def test_every_setting_has_words_in_the_schema() -> None:
    """Editors show the description where the name alone does not say it."""
    definitions = schema()["$defs"]
    assert "row that holds the column names" in definitions["File"]["properties"]["header_row"]["description"]


def test_the_example_of_the_reference_loads(tmp_path: Path) -> None:
    from coprod_trust.study import load_study

    text = (DOCS / "study.md").read_text(encoding="utf-8")
    (tmp_path / "study.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert load_study(tmp_path).study_id == "garden"
