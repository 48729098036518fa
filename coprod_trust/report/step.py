"""The report step: words the findings, builds the report model and renders it into the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import duckdb

from coprod_trust import beside
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.build import build_report
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.findings_json import findings_json, sentences
from coprod_trust.report.html import render_html
from coprod_trust.report.language import language
from coprod_trust.report.localise import localise
from coprod_trust.report.model import Report
from coprod_trust.report.read import Material, read_material
from coprod_trust.steps import Context, Counts
from coprod_trust.store import open_work, transaction
from coprod_trust.store.publish import prepare
from coprod_trust.study.report_settings import ReportFormat, file_name


def run_step(context: Context) -> Counts:
    """Write the reports, and ``work/outbox/trust.duckdb``."""

    def build() -> None:
        prepare(context.paths, context.study(), context.wave, context.run_id)

    # Charts are drawn by another process: meanwhile the database that the next step puts in place is built.
    return write_reports(context, meanwhile=build)


def write_reports(context: Context, meanwhile: Callable[[], None] = lambda: None) -> Counts:
    """Write ``finding.sentence`` and ``work/outbox/reports/<wave>/<edition>/report.<language>.<format>`` for every
    edition, language and format that the study wants, with ``findings.json`` in each edition's folder.

    ``meanwhile`` is called while they are rendered, when the working database is closed and has the sentences.
    """
    beside.prepare_drawing()
    study = context.study()
    with open_work(context.paths) as con:
        material = read_material(con, study, context.wave, context.run_id, context.root)
        _keep(con, sentences(material, Edition.INTERNAL, study.report.languages[0]))
    drawings = Drawings()
    reports = [
        build_report(
            localise(material, language(code)),
            language(code),
            edition,
            worded=partial(drawings.add, words=language(code)),
        )
        for code in study.report.languages
        for edition in study.report.editions
    ]
    folder = context.paths.outbox / "reports" / context.wave
    with ThreadPoolExecutor(max_workers=1) as aside:
        version = material.run.version or _version()
        writing = aside.submit(write, folder, reports, study.report.formats, drawings, version)
        meanwhile()
        for edition in study.report.editions:
            _write(folder / edition / "findings.json", findings_json(material, edition).encode())
        writing.result()
    return _counts(material)


def write(
    folder: Path,
    reports: Sequence[Report],
    formats: Sequence[ReportFormat],
    drawings: Drawings,
    version: str,
    name: str = "report",
) -> None:
    """Render every report in every format, as ``<edition>/<name>.<language>.<format>``; the drawings are made once for
    all of them."""

    def one(job: tuple[Report, ReportFormat]) -> None:
        report, form = job
        file = file_name(report.head.language, form, name)
        _write(folder / report.head.edition / file, _rendered(report, form, drawings, version))

    # Most of the time goes to code that is not Python and does not hold it up.
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(one, [(report, form) for form in formats for report in reports]))


def _rendered(report: Report, form: ReportFormat, drawings: Drawings, version: str) -> bytes:
    if form is ReportFormat.HTML:
        return render_html(report, version, drawings).encode()
    if form is ReportFormat.PDF:
        from coprod_trust.report.pdf import render_pdf

        return render_pdf(report, version, drawings)
    if form is ReportFormat.DOCX:
        from coprod_trust.report.docx import render_docx

        return render_docx(report, version, drawings)
    from coprod_trust.report.parts import render_parts

    return render_parts(report, version, drawings)


def _keep(con: duckdb.DuckDBPyConnection, said: dict[str, str]) -> None:
    with transaction(con):
        for finding_id, text in said.items():
            con.execute("UPDATE finding SET sentence = ? WHERE finding_id = ?", [text, finding_id])


def _write(path: Path, content: bytes) -> None:
    """Write aside and move into place, so that a killed run leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(content)
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
