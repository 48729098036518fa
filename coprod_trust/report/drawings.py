"""The drawings of a set of reports: each specification is drawn once, for every edition and format that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from coprod_trust.report.charts.draw import draw_all
from coprod_trust.report.charts.palette import ON_PAPER
from coprod_trust.report.model import Panel, Report, walk

_XML_SPACE = re.compile(r"^<svg(?![^>]*xmlns=)")


class Drawings:
    """SVG and PNG of every panel of the reports."""

    def __init__(self, reports: Sequence[Report]) -> None:
        panels = {id(p): p for r in reports for p in walk(r) if isinstance(p, Panel)}
        specs = {_key(p): p.chart for p in panels.values() if p.svg is None}
        drawn = draw_all([spec or {} for spec in specs.values()])
        self._svg = dict(zip(specs, drawn, strict=True))
        self._png: dict[str, bytes] = {}

    def svg(self, panel: Panel) -> str:
        """The drawing, with the colours of the palette."""
        return panel.svg if panel.svg is not None else self._svg[_key(panel)]

    def on_paper(self, panel: Panel) -> str:
        """The drawing as a file of its own, on a white ground."""
        svg = _XML_SPACE.sub('<svg xmlns="http://www.w3.org/2000/svg"', self.svg(panel))
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


def _key(panel: Panel) -> str:
    return json.dumps(panel.chart, sort_keys=True)
