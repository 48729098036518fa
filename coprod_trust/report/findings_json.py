"""findings.json: the findings for machines, beside the report."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.edition import for_edition, moved
from coprod_trust.report.language import language
from coprod_trust.report.localise import localise
from coprod_trust.report.read import Material
from coprod_trust.report.rows import EstimateRow, FindingRow
from coprod_trust.report.sentences import finding_text
from coprod_trust.report.writer import Writer

FORMAT = 1


def findings_json(material: Material, edition: Edition) -> str:
    """Study, run and every finding with its estimates and its sentences; numbers as they are in the database, as far
    as the edition may hold them."""
    study = material.study
    said = {str(code): sentences(material, edition, code) for code in study.report.languages}
    first = str(study.report.languages[0])
    shown = for_edition(material, edition, language("en"))
    document = {
        "format": FORMAT,
        "study": {"study_id": study.study_id, "title": study.title, "synthetic": study.synthetic},
        "edition": str(edition),
        "wave": material.wave,
        "run_id": material.run.run_id,
        "version": material.run.version,
        "plan_hash": material.run.plan_hash,
        "equivalence_bound": study.plan.equivalence_bound,
        "alpha": study.plan.alpha,
        "findings": [
            {
                **_plain({**_row(f), **_counts(f, edition)}),
                "sentence": said[first][f.finding_id],
                "sentences": {code: of_language[f.finding_id] for code, of_language in said.items()},
            }
            for f in shown.findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def sentences(material: Material, edition: Edition, code: str) -> dict[str, str]:
    """The sentence of each finding in that language, as that edition says it."""
    words = language(code)
    local = for_edition(localise(material, words), edition, words)
    writer = Writer(local, words, edition)
    return {f.finding_id: finding_text(writer, f) for f in local.findings}


def _counts(f: FindingRow, edition: Edition) -> dict[str, int | None]:
    fell, _, rose, fell_any, rose_any = moved(f, edition)
    return {"n_fell": fell_any, "n_rose": rose_any, "n_fell_reliably": fell, "n_rose_reliably": rose}


def _row(row: FindingRow | EstimateRow) -> dict[str, Any]:
    values = {f.name: getattr(row, f.name) for f in fields(row)}
    return {k: [_row(e) for e in v] if k == "estimates" else v for k, v in values.items()}


def _plain(node: Any) -> Any:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(node, dict):
        return {k: _plain(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(v) for v in node]
    if isinstance(node, float) and not math.isfinite(node):
        return None
    return node


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of findings.json, from the rows that it is made of."""
    estimate = _object(EstimateRow)
    finding = _object(FindingRow)
    finding["properties"] |= {
        "estimates": {"type": "array", "items": estimate},
        "sentence": {"type": "string"},
        "sentences": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    finding["required"] = sorted(finding["properties"])
    text = {"type": "string"}
    study = {"study_id": text, "title": text, "synthetic": {"type": ["string", "null"]}}
    properties = {
        "format": {"const": FORMAT},
        "study": {"type": "object", "properties": study, "required": sorted(study), "additionalProperties": False},
        "edition": {"enum": [str(e) for e in Edition]},
        "wave": text,
        "run_id": text,
        "version": text,
        "plan_hash": text,
        "equivalence_bound": {"type": "number", "description": "points of 100"},
        "alpha": {"type": "number"},
        "findings": {"type": "array", "items": finding},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "findings.json of coprod-trust",
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


_JSON_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null"}


def _object(row: type) -> dict[str, Any]:
    """The fields of a row; a field of another type is described by who calls."""
    properties: dict[str, Any] = {}
    for f in fields(row):
        kinds = [_JSON_TYPES[part] for part in str(f.type).split(" | ") if part in _JSON_TYPES]
        properties[f.name] = {"type": kinds if len(kinds) > 1 else kinds[0]} if kinds else {}
    return {"type": "object", "properties": properties, "required": sorted(properties), "additionalProperties": False}


if __name__ == "__main__":
    import sys

    sys.stdout.write(json.dumps(schema(), indent=1) + "\n")
