"""The report as a tagged PDF (PDF/UA-1) through typst. Texts reach typst as data, never as markup."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files

from coprod_trust.report import typeset
from coprod_trust.report.clean import without_control
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import language
from coprod_trust.report.model import Panel, Report
from coprod_trust.report.paper import on_paper
from coprod_trust.report.plain import plain
from coprod_trust.report.tags import with_row_headers


def render_pdf(report: Report, version: str, drawings: Drawings) -> bytes:
    """The PDF; the same report gives the same bytes wherever it is made: only typst's own fonts are used."""
    words = language(report.head.language)
    pictures: dict[str, str] = {}

    def picture(panel: Panel) -> str:
        return pictures.setdefault(drawings.on_paper(panel), f"p{len(pictures)}")

    document = on_paper(plain(report, words, picture))
    document["pictures"] = {name: {"svg": svg, **_size(svg)} for svg, name in pictures.items()}
    document["foot"] = str(words.say("head.written_by", version=version))
    document["of"] = str(words.say("head.numbers_of", figure="{}"))
    document["shared"] = str(words.say("head.shared_notes"))
    document["run"] = f"{words.say('head.run')} {report.head.run_id}"
    job = {
        "template": _template(),
        "report": json.dumps(without_control(document)),
        "moment": made_at(report.head.run_id).isoformat(),
    }
    # -P: the modules beside this one have names of the standard library.
    done = subprocess.run(  # noqa: S603 - our own file, in this interpreter
        [sys.executable, "-P", typeset.__file__], input=json.dumps(job).encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"typst could not set the report: {done.stderr.decode(errors='replace')[-2000:]}")
    return with_row_headers(done.stdout)


def _size(svg: str) -> dict[str, float]:
    """The size of a drawing in its own points."""
    found = dict(re.findall(r'\b(width|height)="([\d.]+)"', svg[: svg.index(">")]))
    return {"width": float(found["width"]), "height": float(found["height"])}


def _template() -> str:
    return files("coprod_trust.report").joinpath("templates").joinpath("report.typ").read_text(encoding="utf-8")


def made_at(run_id: str) -> datetime:
    """When the run began, as its id says: the date inside the file."""
    found = re.match(r"(\d{8}T\d{6})Z", run_id)
    return (
        datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        if found
        else datetime(2000, 1, 1, tzinfo=UTC)
    )
