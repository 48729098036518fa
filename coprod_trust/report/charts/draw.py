"""Specifications to SVG, without a browser and without a request to anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from coprod_trust.report.charts.palette import VARIABLES
from coprod_trust.report.clean import without_control

_COLUMNS: dict[str, Any] = {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "nominal"}}
_OF_EVERY_KIND = {
    "data": {"values": [{"a": 1, "b": "A"}, {"a": 2, "b": "B"}]},
    "layer": [{"mark": mark, "encoding": _COLUMNS} for mark in ("rule", "line", "point", "bar")]
    + [{"mark": {"type": "text", "limit": 100}, "encoding": {**_COLUMNS, "text": {"field": "b"}}}],
}

# A drawing is one image with one alternative: roles of its marks, each without a name, would be read as further images.
_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')
# What a mark is told as (charts/specs.py) comes out as its label; "<" begins a tag only, since text is escaped.
_LABEL = re.compile(r'(<[a-z]+) aria-label="(?:([^"]*?)(?:\t|&#x9;))?([^"]*)"')
_TOLD = re.compile(r'(<[a-z]+)(?: data-person="[^"]*")?(?: data-told="[^"]*")')


@cache
def warm_up() -> None:
    """Start the renderer and have it draw each kind of mark, which takes longer the first time."""
    draw(_OF_EVERY_KIND)


def draw(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG."""
    import vl_convert

    text = json.dumps(without_control(spec))
    svg = str(vl_convert.vegalite_to_svg(text, vl_version="6.4", allowed_base_urls=[]))
    return _LABEL.sub(_as_data, _ROLES.sub("", svg))


def _as_data(match: re.Match[str]) -> str:
    """A mark's label as data for the script of the page, beside whose mark it is."""
    tag, person, told = match.groups()
    whose = f' data-person="{person}"' if person else ""
    return f'{tag}{whose} data-told="{told}"'


def untold(svg: str) -> str:
    """The drawing without what its marks are told as: on paper nobody can ask, and a picture names nobody."""
    return _TOLD.sub(r"\1", svg)


def themed(svg: str) -> str:
    """The same drawing with each colour of the palette as a CSS variable, so that it follows light and dark."""

    def variable(match: re.Match[str]) -> str:
        name = VARIABLES.get(match.group(2).lower())
        return f'{match.group(1)}="var(--fig-{name}, {match.group(2)})"' if name else match.group(0)

    return re.sub(r'\b(fill|stroke)="(#[0-9a-fA-F]{6})"', variable, svg)
