"""The drawings of a set of reports: each specification is drawn once, for every edition and format that shows it."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future

from coprod_trust.beside import submit
from coprod_trust.report.charts.draw import draw, untold
from coprod_trust.report.charts.palette import ON_PAPER
from coprod_trust.report.clean import NOT_IN_TEXT, REPLACED
from coprod_trust.report.language import Language
from coprod_trust.report.model import Panel, Report, Section, walk

_XML_SPACE = re.compile(r"^<svg(?![^>]*xmlns=)")
_OPENED = re.compile(r"^<svg[^>]*>")
_GROUND = '<rect width="100%" height="100%" fill="#ffffff"/>'


class Drawings:
    """SVG and PNG of every panel of the reports that were added."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}
        self._svg: dict[str, Future[str]] = {}
        self._png: dict[str, bytes] = {}

    def add(self, part: Report | Section, words: Language) -> None:
        """Have every panel of a part drawn, its axes in that language's numbers: beside the run where it has a process
        for that, and in order."""
        numbers = {
            "decimal": words.catalogue["format.decimal"],
            "thousands": words.catalogue["format.thousands"],
            "grouping": [3],
            "currency": ["", ""],
        }
        for panel in walk(part):
            if isinstance(panel, Panel) and panel.svg is None and id(panel) not in self._keys:
                chart = dict(panel.chart or {})
                chart["config"] = {**chart.get("config", {}), "locale": {"number": numbers}}
                key = self._keys[id(panel)] = json.dumps(chart, sort_keys=True)
                if key not in self._svg:
                    self._svg[key] = submit(draw, chart)

    def svg(self, panel: Panel) -> str:
        """The drawing, with the colours of the palette."""
        return panel.svg if panel.svg is not None else self._svg[self._keys[id(panel)]].result()

    def on_paper(self, panel: Panel) -> str:
        """The drawing as a file of its own, on a white ground."""
        svg = _XML_SPACE.sub('<svg xmlns="http://www.w3.org/2000/svg"', self.svg(panel))
        svg = NOT_IN_TEXT.sub(REPLACED, untold(svg))
        svg = _OPENED.sub(lambda opened: opened.group() + _GROUND, svg, count=1)
        for colour, paper in ON_PAPER.items():
            svg = svg.replace(colour, paper)
        return svg

    def png(self, panel: Panel) -> bytes:
        """The same as a picture of points, two a point of the drawing."""
        svg = self.on_paper(panel)
        if svg not in self._png:
            import vl_convert

            self._png[svg] = bytes(vl_convert.svg_to_png(svg, scale=2.0))
        return self._png[svg]
