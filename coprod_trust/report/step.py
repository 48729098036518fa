"""The report step: words the findings, builds the report model and renders it into the outbox."""

from __future__ import annotations

from pathlib import Path

import duckdb

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.build import build_report
from coprod_trust.report.charts.draw import warm_up
from coprod_trust.report.findings_json import findings_json
from coprod_trust.report.html import render_html
from coprod_trust.report.language import language
from coprod_trust.report.read import Material, read_material
from coprod_trust.report.sentences import finding_text
from coprod_trust.report.writer import Writer
from coprod_trust.steps import Context, Counts
from coprod_trust.store import open_work, transaction


def run_step(context: Context) -> Counts:
    """Write ``finding.sentence`` and ``work/outbox/reports/<wave>/internal/{report.en.html,findings.json}``."""
    warm = warm_up()
    study = context.study()
    with open_work(context.paths) as con:
        material = read_material(con, study, context.wave, context.run_id)
        words = language(study.language)
        writer = Writer(material, words)
        sentences = {f.finding_id: finding_text(writer, f) for f in material.findings}
        _keep(con, sentences)
    report = build_report(material, words)
    folder = context.paths.outbox / "reports" / context.wave / Edition.INTERNAL
    folder.mkdir(parents=True, exist_ok=True)
    warm.result()
    _write(folder / f"report.{words.code}.html", render_html(report, material.run.version or _version()))
    _write(folder / "findings.json", findings_json(material, sentences))
    return _counts(material)


def _keep(con: duckdb.DuckDBPyConnection, sentences: dict[str, str]) -> None:
    with transaction(con):
        for finding_id, text in sentences.items():
            con.execute("UPDATE finding SET sentence = ? WHERE finding_id = ?", [text, finding_id])


def _write(path: Path, text: str) -> None:
    """Write aside and move into place, so that a killed run leaves no half file."""
    aside = path.with_name(path.name + ".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _version() -> str:
    from coprod_trust import __version__

    return __version__


def _counts(material: Material) -> Counts:
    return {
        "findings": len(material.findings),
        "estimates": sum(len(f.estimates) for f in material.findings),
        "declined": sum(f.declined is not None for f in material.findings),
    }
