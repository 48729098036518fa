"""Specifications to SVG, without a browser and without a request to anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from coprod_trust.report.charts.palette import VARIABLES
from coprod_trust.report.clean import without_control

_EMPTY = {"data": {"values": [{}]}, "mark": "point"}

# A drawing is one image with one alternative: roles of its marks, each without a name, would be read as further images.
_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')


def warm_up() -> None:
    """Start the renderer, which takes longer than drawing."""
    draw(_EMPTY)


def draw(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG."""
    import vl_convert

    text = json.dumps(without_control(spec))
    return _ROLES.sub("", str(vl_convert.vegalite_to_svg(text, vl_version="6.4", allowed_base_urls=[])))


def themed(svg: str) -> str:
    """The same drawing with each colour of the palette as a CSS variable, so that it follows light and dark."""

    def variable(match: re.Match[str]) -> str:
        name = VARIABLES.get(match.group(2).lower())
        return f'{match.group(1)}="var(--fig-{name}, {match.group(2)})"' if name else match.group(0)

    return re.sub(r'\b(fill|stroke)="(#[0-9a-fA-F]{6})"', variable, svg)
