"""The forest plot: a line a study, the mean over studies as a diamond, and what a further study may bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coprod_trust.report.charts import specs
from coprod_trust.report.charts.palette import INK, MODEL, MUTED, SURFACE, ZONE

WIDTH, ROW, LABEL = 215, 22, 145


@dataclass(frozen=True)
class Line:
    """A study: its change with its interval, and its weight in the mean (0 to 1; None: it is not in it). Without an
    estimate only its name and ``text`` stand there."""

    label: str
    text: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None


def forest_plot(
    lines: Sequence[Line],
    bound: float,
    title: str,
    mean: Line | None = None,
    further: tuple[str, str, float, float] | None = None,
) -> specs.Spec:
    """Changes of the studies from top to bottom, then the mean and what is expected in a ``further`` study, which is
    (label, text, low, high). The axis has zero in its middle."""
    rows = [{"i": i, **_row(line)} for i, line in enumerate(lines)]
    foot = len(lines) + 0.4
    summary = [{"i": foot, **_row(mean)}] if mean is not None else []
    extra = (
        [{"i": foot + 1, "label": further[0], "text": further[1], "low": further[2], "high": further[3]}]
        if further is not None
        else []
    )
    last = foot + 1 if further else foot if mean else len(lines) - 1
    ends = [abs(v) for r in (*rows, *summary, *extra) for k in ("low", "high") if isinstance(v := r.get(k), float)]
    reach = max([*ends, 2 * bound]) * 1.05
    x = specs._q("estimate", scale={"domain": [-reach, reach], "nice": False}, axis={"title": title, "tickCount": 7})
    y = specs._q("i", scale={"domain": [-0.7, last + 0.7], "reverse": True, "nice": False}, axis=None)
    drawn = [r for r in rows if isinstance(r["estimate"], float)]
    barred = [r for r in drawn if r["low"] is not None]
    weighed, beside = [r for r in drawn if r["size"]], [r for r in drawn if not r["size"]]
    size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
    dot = {"type": "point", "opacity": 1, "stroke": MODEL, "strokeWidth": 1.4}
    rule = {"type": "rule", "stroke": MODEL, "strokeWidth": 1.5}
    layer = [
        specs._layer([{"low": -bound, "high": bound}], {"type": "rect", "fill": ZONE, "opacity": 0.6},
                     x={**x, "field": "low"}, x2={"field": "high"}),
        specs._layer([{"estimate": 0.0}], {"type": "rule", "stroke": MUTED, "strokeWidth": 1}, x=x),
        specs._layer(barred, rule, x={**x, "field": "low"}, x2={"field": "high"}, y=y),
        specs._told(specs._layer(weighed, {**dot, "filled": True, "fill": MODEL}, x=x, y=y, size=size)),
        specs._told(specs._layer(beside, {**dot, "filled": True, "fill": SURFACE, "size": 40}, x=x, y=y)),
        *_diamond(summary, x, y),
        specs._layer(extra, {**rule, "strokeDash": [4, 3]}, x={**x, "field": "low"}, x2={"field": "high"}, y=y),
        *_words(rows, y, "normal"),
        *_words(summary, y, "bold"),
        *_words(extra, y, "normal"),
    ]  # fmt: skip
    return specs._chart(WIDTH, int(ROW * (last + 1.4)), layer)


def _row(line: Line) -> specs.Spec:
    size = None if line.weight is None else 25 + 260 * min(line.weight, 0.5)
    return {
        "label": line.label,
        "text": line.text,
        "told": f"{line.label}: {line.text}",
        "estimate": line.estimate,
        "low": line.low,
        "high": line.high,
        "size": size,
    }


def _diamond(summary: Sequence[specs.Spec], x: specs.Spec, y: specs.Spec) -> list[specs.Spec]:
    corners = [
        {"order": order, "estimate": r[end], "i": r["i"] + aside}
        for r in summary
        for order, (end, aside) in enumerate((("low", 0), ("estimate", -0.32), ("high", 0), ("estimate", 0.32)))
    ]
    mark = {"type": "line", "interpolate": "linear-closed", "fill": MODEL, "stroke": MODEL, "strokeWidth": 1}
    return [specs._layer(corners, mark, x=x, y=y, order={"field": "order", "type": "quantitative"})] if corners else []


def _words(rows: Sequence[specs.Spec], y: specs.Spec, weight: str) -> list[specs.Spec]:
    """The names at the left of the drawing and the figures at its right."""
    common = {"type": "text", "baseline": "middle", "fontSize": 12.5, "fontWeight": weight}
    name = {**common, "align": "right", "limit": LABEL, "fill": INK}
    figures = {**common, "align": "left", "fill": MUTED}
    return [
        specs._layer(rows, name, x={"value": -8}, y=y, text={"field": "label"}),
        specs._layer(rows, figures, x={"value": WIDTH + 8}, y=y, text={"field": "text"}),
    ]
