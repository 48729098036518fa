"""The drawings of a set of reports: each specification is drawn once, for every edition and format that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from coprod_trust.beside import submit
from coprod_trust.report.charts.draw import draw, untold
from coprod_trust.report.charts.palette import ON_PAPER
from coprod_trust.report.clean import NOT_IN_TEXT, REPLACED
from coprod_trust.report.model import Panel, Report, walk

_XML_SPACE = re.compile(r"^<svg(?![^>]*xmlns=)")


class Drawings:
    """SVG and PNG of every panel of the reports."""

    def __init__(self, reports: Sequence[Report]) -> None:
        panels = {id(p): p for r in reports for p in walk(r) if isinstance(p, Panel) and p.svg is None}
        self._keys = {i: json.dumps(p.chart, sort_keys=True) for i, p in panels.items()}
        specs = {self._keys[i]: p.chart or {} for i, p in panels.items()}
        # Drawn beside the run where it has processes for that: in order, while the texts are rendered.
        self._svg = {key: submit(draw, spec) for key, spec in specs.items()}
        self._png: dict[str, bytes] = {}

    def svg(self, panel: Panel) -> str:
        """The drawing, with the colours of the palette."""
        return panel.svg if panel.svg is not None else self._svg[self._keys[id(panel)]].result()

    def on_paper(self, panel: Panel) -> str:
        """The drawing as a file of its own, on a white ground."""
        svg = _XML_SPACE.sub('<svg xmlns="http://www.w3.org/2000/svg"', self.svg(panel))
        svg = NOT_IN_TEXT.sub(REPLACED, untold(svg))
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
