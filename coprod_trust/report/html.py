"""The report as one HTML file that needs nothing else: no request, readable on a phone and on paper.

Its one script (templates/figures.js) tells the values of drawings; the page's policy lets no other run, whatever a
text holds, and the page is whole without it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from coprod_trust.report.charts.draw import themed
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import NO_BREAK, language
from coprod_trust.report.model import Figure, Panel, Report, Table

TEMPLATE = "report.html.jinja"
SCRIPT = "figures.js"


def render_html(report: Report, version: str, drawings: Drawings) -> str:
    """The whole page. Every text is escaped; the only markup that is taken as it is are drawings made here."""
    env = _environment()
    return str(
        env.get_template(TEMPLATE).render(
            report=report,
            t=language(report.head.language),
            version=version,
            style=Markup(_read("style.css")),  # noqa: S704 - our own file
            script=Markup(_read(SCRIPT)),  # noqa: S704 - our own file
            script_hash=_sha256(_read(SCRIPT)),
            numbers=numbered(report),
            drawing=lambda panel: _drawing(panel, drawings),
        )
    )


def compile_template() -> None:
    """Compile the page's template ahead of its use; it is kept for the process."""
    _environment().get_template(TEMPLATE)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    env = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.filters["kind"] = lambda block: type(block).__name__
    env.filters["breakable"] = lambda id_: Markup(".<wbr>").join(escape(part) for part in str(id_).split("."))
    env.filters["tight"] = tight
    env.filters["is_hash"] = is_hash
    return env


def is_hash(text: str) -> bool:
    """Whether a text is a SHA-256."""
    return re.fullmatch(r"[0-9a-f]{64}", str(text)) is not None


def tight(text: str) -> str:
    """Figures that may break only between an estimate and its interval."""
    return text.replace(" ", NO_BREAK).replace(f"{NO_BREAK}(", " (")


def _sha256(text: str) -> str:
    """As a content security policy names a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return files("coprod_trust.report").joinpath("templates").joinpath(name).read_text(encoding="utf-8")


def numbered(report: Report) -> dict[str, int]:
    """Figures and tables are numbered apart, in the order in which they stand."""
    numbers: dict[str, int] = {}
    figures = tables = 0
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                figures += 1
                numbers[block.id] = figures
            elif isinstance(block, Table) and block.finding_id is None:
                tables += 1
                numbers[block.id] = tables
    return numbers


def _drawing(panel: Panel, drawings: Drawings) -> Markup:
    """The drawing as inline SVG, an image with a text alternative to those who do not see it."""
    opened = Markup('<svg role="img" aria-label="{}" focusable="false" ').format(panel.alternative)
    return Markup(themed(drawings.svg(panel)).replace("<svg ", opened, 1))  # noqa: S704 - made by the renderer, which escapes text
