"""The love plot: how far two groups lie apart on each variable, before weighting and after it."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.report.charts import specs
from coprod_trust.report.charts.palette import GRID, INK, MODEL, MUTED, SURFACE

# As narrow as a telephone, so that letters stay as large there as they are here.
WIDTH, ROW = 285, 30

Row = tuple[str, float, float | None, float | None, float | None, str]


def reach(rows: Sequence[Row]) -> float:
    """How far the axis goes to either side."""
    return max([*(abs(v) for r in rows for v in r[1:5] if isinstance(v, float)), 0.5]) * 1.05


def love_plot(rows: Sequence[Row], title: str, end: float | None = None) -> specs.Spec:
    """Standardised differences with their intervals (filled dots), and under weights (open dots); names stand above.

    ``rows`` are (label, difference, low, high, weighted difference or None, told), drawn in that order from the top;
    ``end`` of the axis where it is shared with another drawing.
    """
    data = [
        {"i": i, "label": label, "smd": d, "low": low, "high": high, "weighted": after, "told": told}
        for i, (label, d, low, high, after, told) in enumerate(rows)
    ]
    end = reach(rows) if end is None else end
    x = specs._q("smd", scale={"domain": [-end, end], "nice": False}, axis={"title": title, "tickCount": 5})
    y = specs._q("i", scale={"domain": [-0.75, len(data) - 0.55], "reverse": True, "nice": False}, axis=None)
    bars = [d for d in data if d["low"] is not None]
    after = [d for d in data if d["weighted"] is not None]
    line = {"type": "rule", "stroke": MODEL, "strokeWidth": 1.6, "opacity": 0.7}
    dot = {"type": "point", "filled": True, "fill": MODEL, "size": 50, "opacity": 1}
    ring = {**dot, "fill": SURFACE, "stroke": MODEL, "strokeWidth": 1.6}
    name = {"type": "text", "align": "left", "dy": -13, "fontSize": 12, "fill": INK, "limit": WIDTH}
    layer = [
        specs._layer([{"smd": 0}], {"type": "rule", "stroke": MUTED, "strokeWidth": 1}, x=x),
        specs._layer(data, {"type": "rule", "stroke": GRID, "strokeWidth": 1}, y=y),
        specs._told(specs._layer(bars, line, "before_bars", x={**x, "field": "low"}, x2={"field": "high"}, y=y)),
        specs._told(specs._layer(data, dot, "before_dots", x=x, y=y)),
        *([specs._told(specs._layer(after, ring, "after", x={**x, "field": "weighted"}, y=y))] if after else []),
        specs._layer(data, {**name, "stroke": SURFACE, "strokeWidth": 3}, x={"value": 0}, y=y, text={"field": "label"}),
        specs._layer(data, name, x={"value": 0}, y=y, text={"field": "label"}),
    ]
    return specs._chart(WIDTH, ROW * len(data), layer)
