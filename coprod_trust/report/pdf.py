"""The report as a tagged PDF (PDF/UA-1) through typst. Texts reach typst as data, never as markup."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib.resources import files

from coprod_trust.report.clean import without_control
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import language
from coprod_trust.report.model import Panel, Report
from coprod_trust.report.plain import plain


def render_pdf(report: Report, version: str, drawings: Drawings) -> bytes:
    """The PDF; the same report gives the same bytes wherever it is made: only typst's own fonts are used."""
    import typst

    words = language(report.head.language)
    pictures: dict[str, str] = {}

    def picture(panel: Panel) -> str:
        return pictures.setdefault(drawings.on_paper(panel), f"p{len(pictures)}")

    document = plain(report, words, picture)
    document["pictures"] = {name: svg for svg, name in pictures.items()}
    document["foot"] = str(words.say("head.written_by", version=version))
    document["run"] = f"{words.say('head.run')} {report.head.run_id}"
    text = json.dumps(without_control(document), ensure_ascii=True)
    template = files("coprod_trust.report").joinpath("templates").joinpath("report.typ").read_bytes()
    made = typst.compile(
        template,
        format="pdf",
        sys_inputs={"report": text},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=made_at(report.head.run_id),
    )
    assert isinstance(made, bytes)
    return made


def made_at(run_id: str) -> datetime:
    """When the run began, as its id says: the date inside the file."""
    found = re.match(r"(\d{8}T\d{6})Z", run_id)
    return (
        datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        if found
        else datetime(2000, 1, 1, tzinfo=UTC)
    )
