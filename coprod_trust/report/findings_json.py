"""findings.json: the findings for machines, beside the report."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

from coprod_trust.report.read import Material
from coprod_trust.report.rows import EstimateRow, FindingRow

FORMAT = 1


def findings_json(material: Material, sentences: dict[str, str]) -> str:
    """Study, run and every finding with its estimates and its sentence; numbers as they are in the database."""
    study = material.study
    document = {
        "format": FORMAT,
        "study": {"study_id": study.study_id, "title": study.title, "synthetic": study.synthetic},
        "wave": material.wave,
        "run_id": material.run.run_id,
        "version": material.run.version,
        "plan_hash": material.run.plan_hash,
        "equivalence_bound": study.plan.equivalence_bound,
        "alpha": study.plan.alpha,
        "findings": [{**_plain(_row(f)), "sentence": sentences.get(f.finding_id)} for f in material.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


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
