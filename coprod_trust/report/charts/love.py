"""The love plot: how far two groups lie apart on each variable, before weighting and after it."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.report.charts import specs
from coprod_trust.report.charts.palette import MODEL, MUTED, SURFACE


def love_plot(
    rows: Sequence[tuple[str, float, float | None, float | None, float | None, str]], title: str
) -> specs.Spec:
    """Standardised differences with their intervals (filled dots), and under weights (open dots).

    ``rows`` are (label, difference, low, high, weighted difference or None, told), drawn in that order from the top.
    """
    data = [
        {"label": label, "smd": d, "low": low, "high": high, "weighted": after, "told": told}
        for label, d, low, high, after, told in rows
    ]
    ends = [abs(v) for r in data for k in ("smd", "low", "high", "weighted") if isinstance(v := r[k], float)]
    reach = max([*ends, 0.5]) * 1.05
    x = specs._q("smd", scale={"domain": [-reach, reach], "nice": False}, axis={"title": title})
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelLimit": 210, "domain": False, "ticks": False, "grid": True},
    }
    bars = [d for d in data if d["low"] is not None]
    after = [d for d in data if d["weighted"] is not None]
    line = {"type": "rule", "stroke": MODEL, "strokeWidth": 1.6, "opacity": 0.7}
    dot = {"type": "point", "filled": True, "fill": MODEL, "size": 50, "opacity": 1}
    ring = {
        "type": "point",
        "filled": True,
        "fill": SURFACE,
        "stroke": MODEL,
        "strokeWidth": 1.6,
        "size": 50,
        "opacity": 1,
    }
    layer = [
        specs._layer([{"smd": 0}], {"type": "rule", "stroke": MUTED, "strokeWidth": 1}, x=x),
        specs._told(specs._layer(bars, line, "before_bars", x={**x, "field": "low"}, x2={"field": "high"}, y=y)),
        specs._told(specs._layer(data, dot, "before_dots", x=x, y=y)),
        *([specs._told(specs._layer(after, ring, "after", x={**x, "field": "weighted"}, y=y))] if after else []),
    ]
    return specs._chart(230, 19 * len(data), layer)
