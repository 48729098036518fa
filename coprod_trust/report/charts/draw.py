"""Specifications to SVG, without a browser and without a request to anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from coprod_trust.report.charts.palette import VARIABLES

# Starting the renderer takes longer than drawing: it warms up while the tables are read.
_EMPTY = '{"data": {"values": [{}]}, "mark": "point"}'


def warm_up() -> Future[str]:
    """Start the renderer in the background."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
    future = pool.submit(draw, json.loads(_EMPTY))
    pool.shutdown(wait=False)
    return future


def draw(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(spec), vl_version="6.4", allowed_base_urls=[]))


def draw_all(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every specification as SVG, in the order given."""
    return [draw(spec) for spec in specs]


def themed(svg: str) -> str:
    """The same drawing with each colour of the palette as a CSS variable, so that it follows light and dark."""

    def variable(match: re.Match[str]) -> str:
        name = VARIABLES.get(match.group(2).lower())
        return f'{match.group(1)}="var(--fig-{name}, {match.group(2)})"' if name else match.group(0)

    return re.sub(r'\b(fill|stroke)="(#[0-9a-fA-F]{6})"', variable, svg)
