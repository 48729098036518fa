"""Vega-Lite specifications of the figures.

Text from a study reaches a specification only as a value of its data, never inside an expression. A row with ``told``
says what its mark stands for, to readers of a screen who ask; ``person`` ties the marks of one person together.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from coprod_trust.report.charts.palette import (
    BAND,
    EVENT,
    FELL,
    FONT,
    GRID,
    INK,
    MODEL,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    PERSON,
    ROSE,
    SURFACE,
    WITHIN,
    ZONE,
)

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDE = 400
# Begins the name of a layer, and with it the class of its marks in the drawing.
SERIES = "series_"
# Between a person and what is told of that person.
OF_PERSON = "\t"
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "tickSize": 4,
        "labelPadding": 4,
        "titlePadding": 8,
        "titleLimit": 260,
    },
    "text": {"color": INK, "fontSize": 12},
    "legend": {"disable": True},
}

Spec = dict[str, Any]


def _chart(width: int, height: int, layer: Sequence[Spec], **more: Any) -> Spec:
    return {"$schema": SCHEMA, "width": width, "height": height, "layer": list(layer), "config": CONFIG, **more}


def _values(rows: Sequence[Spec]) -> Spec:
    return {"values": list(rows)}


def _q(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def _layer(rows: Sequence[Spec], mark: Spec, series: str = "", **encoding: Any) -> Spec:
    """A layer; ``series`` makes it part of what a reader can take away and put back under that name."""
    named = {"name": f"{SERIES}{series}"} if series else {}
    return {**named, "data": _values(rows), "mark": mark, "encoding": encoding}


def _told(layer: Spec) -> Spec:
    """The layer whose marks carry what their rows are ``told`` as."""
    told = {"field": "told", "type": "nominal"}
    return {**layer, "mark": {**layer["mark"], "aria": True}, "encoding": {**layer["encoding"], "description": told}}


def _text(**mark: Any) -> Spec:
    return {"type": "text", "align": "left", **mark}


def _dot(**mark: Any) -> Spec:
    return {"type": "point", "filled": True, **mark}


def trajectories(
    people: Sequence[tuple[str, float, float, str]],
    means: Sequence[tuple[float, float, float | None, float | None, str, str]],
    events: Sequence[tuple[float, str, str]],
    months: Sequence[float],
    month_title: str,
    points_title: str,
) -> Spec:
    """Each person's line, the mean with its interval, and events as broken lines.

    ``people`` are (person, month, points, told), ``means`` (month, mean, low, high, label, told), ``events``
    (month, letter, told). What is told of a person is the same at each month.
    """
    last = max(months)
    x = _q(
        "month",
        scale={"domain": [min(months) - last * 0.06 - 0.2, last * 1.14 + 0.6], "nice": False},
        axis={"values": list(months), "title": month_title, "grid": False, "format": ".1~f"},
    )
    y = _q("points", scale={"domain": [0, 100]}, axis={"values": [0, 25, 50, 75, 100], "title": points_title})
    person_rows = [{"person": p, "month": m, "points": v, "told": f"{p}{OF_PERSON}{told}"} for p, m, v, told in people]
    event_rows = [{"month": m, "points": 100, "label": s, "told": told} for m, s, told in events]
    faint = 0.55 if len({p for p, *_ in people}) <= 80 else 0.3
    label = {"field": "label"}
    line = {"type": "line", "stroke": PERSON, "strokeWidth": 0.9, "opacity": faint}
    dot, broken = _dot(fill=PERSON, size=7, opacity=faint), {"strokeDash": [4, 3], "strokeWidth": 1.3}
    layer = [
        _told(_layer(person_rows, line, "people_lines", x=x, y=y, detail={"field": "person", "type": "nominal"})),
        _told(_layer(person_rows, dot, "people_dots", x=x, y=y)),
        _told(_layer(event_rows, {"type": "rule", "stroke": EVENT, **broken}, "events_lines", x=x)),
        _layer(event_rows, _text(fill=EVENT, dx=4, dy=7, fontWeight="bold"), "events_letters", x=x, y=y, text=label),
        *_means(means, x, y),
    ]
    return _chart(270, 210, layer)


def _means(means: Sequence[tuple[float, float, float | None, float | None, str, str]], x: Spec, y: Spec) -> list[Spec]:
    """The line of the means with intervals, and its labels on a halo."""
    rows = [
        {"month": m, "points": v, "low": lo, "high": hi, "label": s, "told": told} for m, v, lo, hi, s, told in means
    ]
    bars = {"type": "rule", "stroke": MODEL, "strokeWidth": 5, "opacity": 0.5}
    whole = [r for r in rows if r["low"] is not None]
    words = _text(fill=MODEL, dx=8, dy=-9, fontWeight="bold", fontSize=13)
    label = {"field": "label"}
    return [
        _told(_layer(whole, bars, "means_bars", x=x, y={**y, "field": "low"}, y2={"field": "high"})),
        _layer(rows, {"type": "line", "stroke": MODEL, "strokeWidth": 2.6}, "means_line", x=x, y=y),
        _told(_layer(rows, _dot(fill=MODEL, size=30, opacity=1), "means_dots", x=x, y=y)),
        _layer(rows, {**words, "stroke": SURFACE, "strokeWidth": 3}, "means_halo", x=x, y=y, text=label),
        _layer(rows, words, "means_labels", x=x, y=y, text=label),
    ]


def dot_plot(
    rows: Sequence[tuple[str, float, float, float, str]],
    bound: float | None,
    title: str,
    ends: tuple[float, float] | None = None,
) -> Spec:
    """Estimates with their intervals, against the equivalence bounds where there are some; labels stand above.

    ``rows`` are (label, estimate, low, high, text). The axis has zero in its middle unless its ``ends`` are given.
    """
    reach = max([abs(v) for _, e, lo, hi, _ in rows for v in (e, lo, hi)] + [2 * bound if bound else 1.0]) * 1.08
    left, right = ends or (-reach, reach)
    height = 46 * len(rows)
    x = _q("estimate", scale={"domain": [left, right], "nice": False}, axis={"title": title, "tickCount": 7})
    data = [
        {"i": i, "label": label, "estimate": e, "low": lo, "high": hi, "text": text, "told": f"{label}: {text}"}
        for i, (label, e, lo, hi, text) in enumerate(rows)
    ]
    y = _q("i", scale={"domain": [-0.75, len(rows) - 0.45], "reverse": True, "nice": False}, axis=None)
    layer: list[Spec] = []
    if bound:
        layer.append(
            {
                "data": _values([{"low": -bound, "high": bound}]),
                "mark": {"type": "rect", "fill": ZONE, "opacity": 0.6},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    layer += [
        {
            "data": _values([{"estimate": 0}]),
            "mark": {"type": "rule", "stroke": MUTED, "strokeWidth": 1},
            "encoding": {"x": x},
        },
        _told(
            _layer(
                data,
                {"type": "rule", "stroke": MODEL, "strokeWidth": 2.4},
                x={**x, "field": "low"},
                x2={"field": "high"},
                y=y,
            )
        ),
        _told(_layer(data, _dot(fill=MODEL, size=80, opacity=1), x=x, y=y)),
        {
            "data": _values([{**d, "left": left} for d in data]),
            "mark": {"type": "text", "align": "left", "dy": -17, "fontSize": 13, "fill": INK, "limit": 255},
            "encoding": {"x": {**x, "field": "left"}, "y": y, "text": {"field": "label"}},
        },
        {
            "data": _values([{**d, "right": right} for d in data]),
            "mark": {"type": "text", "align": "right", "dy": -17, "fontSize": 12, "fill": MUTED},
            "encoding": {"x": {**x, "field": "right"}, "y": y, "text": {"field": "text"}},
        },
    ]
    return _chart(WIDE, height, layer)


def reliable_bars(rows: Sequence[tuple[str, int, int, int]], names: tuple[str, str, str], title: str) -> Spec:
    """How many people fell, stayed within measurement error, or rose: a bar an outcome, its label above.

    ``rows`` are (label, fell, within, rose); ``names`` what the three are called.
    """
    parts: list[Spec] = []
    for i, (label, *counts) in enumerate(rows):
        at = 0
        for part, count in enumerate(counts):
            if count:
                place = {"from": at, "to": at + count, "middle": at + count / 2}
                told = f"{label}: {names[part]} {count} / {sum(counts)}"
                parts.append({"i": i, "part": str(part), **place, "n": str(count), "told": told})
            at += count
    most = max(sum(r[1:]) for r in rows)
    x = _q("from", scale={"domain": [0, most], "nice": False}, axis={"title": title, "tickMinStep": 1, "grid": False})
    y = _q("i", scale={"domain": [-0.62, len(rows) - 0.5], "reverse": True, "nice": False}, axis=None)
    bar = {"type": "bar", "height": 20, "stroke": SURFACE, "strokeWidth": 1}
    inside = {"type": "text", "fontSize": 12, "fontWeight": "bold"}
    labels = [{"i": i, "label": r[0], "from": 0} for i, r in enumerate(rows)]
    above = _text(dy=-19, fontSize=13, fill=INK, limit=WIDE)
    chart = {
        "width": WIDE,
        "height": 54 * len(rows),
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            _told(_layer(parts, bar, x=x, x2={"field": "to"}, y=y, color=_of_part(FELL, WITHIN, ROSE))),
            _layer(
                parts,
                inside,
                x={**x, "field": "middle"},
                y=y,
                text={"field": "n"},
                color=_of_part(ON_DARK, ON_LIGHT, ON_LIGHT),
            ),
            _layer(labels, above, x=x, y=y, text={"field": "label"}),
        ],
    }
    return {"$schema": SCHEMA, "vconcat": [_key(names), chart], "config": CONFIG, "spacing": 6}


def _of_part(*colours: str) -> Spec:
    scale = {"domain": ["0", "1", "2"], "range": list(colours)}
    return {"field": "part", "type": "nominal", "scale": scale, "legend": None}


def _key(names: Sequence[str]) -> Spec:
    """What the colours of the bars mean, above them."""
    rows = [{"part": str(i), "name": name, "at": i} for i, name in enumerate(names)]
    place = {"x": _q("at", scale={"domain": [0, 3]}, axis=None), "y": {"value": 8}}
    square = {"type": "square", "size": 110, "opacity": 1}
    words = _text(dx=10, fontSize=12, fill=INK)
    return {
        "width": WIDE,
        "height": 20,
        "layer": [
            _layer(rows, square, "", **place, color=_of_part(FELL, WITHIN, ROSE)),
            _layer(rows, words, "", **place, text={"field": "name"}),
        ],
    }


def scatter(
    points: Sequence[tuple[str, float, float, str]], reach: float, x_title: str, y_title: str, note: str
) -> Spec:
    """Change against change, a dot a person, with both zero lines; ``note`` gives the correlation.

    ``points`` are (person, change, change, told). ``reach`` is the end of both axes, the same in drawings that stand
    side by side.
    """
    axis = {"tickCount": 5, "grid": False}
    # A title that is longer than its axis would be cut off.
    x = _q("x", scale={"domain": [-reach, reach], "nice": False}, axis={**axis, "title": wrap(x_title, 40)})
    y = _q("y", scale={"domain": [-reach, reach], "nice": False}, axis={**axis, "title": wrap(y_title, 40)})
    layer: list[Spec] = [
        {"data": _values([{"x": 0}]), "mark": {"type": "rule", "stroke": MUTED}, "encoding": {"x": x}},
        {"data": _values([{"y": 0}]), "mark": {"type": "rule", "stroke": MUTED}, "encoding": {"y": y}},
        _told(
            _layer(
                [{"x": a, "y": b, "told": f"{person}{OF_PERSON}{told}"} for person, a, b, told in points],
                _dot(fill=MODEL, size=34, opacity=0.7 if len(points) < 300 else 0.35),
                x=x,
                y=y,
            )
        ),
        {
            "data": _values([{"x": -reach, "y": reach, "note": note}]),
            "mark": {"type": "text", "align": "left", "dx": 4, "dy": 4, "baseline": "top", "fill": INK},
            "encoding": {"x": x, "y": y, "text": {"field": "note"}},
        },
    ]
    return _chart(262, 262, layer)


def code_bars(rows: Sequence[tuple[str, int]], title: str) -> Spec:
    """How many people spoke to each code: a bar a code, its label above."""
    data = [
        {"i": i, "label": label, "n": n, "zero": 0, "text": str(n), "told": f"{label}: {n}"}
        for i, (label, n) in enumerate(rows)
    ]
    x = _q("n", scale={"domainMin": 0, "nice": False}, axis={"title": title, "tickMinStep": 1, "grid": False})
    y = _q("i", scale={"domain": [-0.75, len(rows) - 0.5], "reverse": True, "nice": False}, axis=None)
    return _chart(
        WIDE,
        34 * len(rows),
        [
            _told(
                _layer(
                    data,
                    {"type": "rule", "stroke": ROSE, "strokeWidth": 9},
                    x={**x, "field": "zero"},
                    x2={"field": "n"},
                    y=y,
                )
            ),
            {
                "data": _values(data),
                "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": "bold"},
                "encoding": {"x": x, "y": y, "text": {"field": "text"}},
            },
            {
                "data": _values(data),
                "mark": {"type": "text", "align": "left", "dy": -13, "fill": INK, "limit": WIDE},
                "encoding": {"x": {**x, "field": "zero"}, "y": y, "text": {"field": "label"}},
            },
        ],
    )


def coded_dots(
    rows: Sequence[tuple[str, float, float, str]], ends: tuple[float, float], names: tuple[str, str], title: str
) -> Spec:
    """Mean change of people coded with a code (filled) beside those interviewed and not coded (open).

    ``rows`` are (label, change of those coded, change of the others, told). ``ends`` are those of the axis, the same in
    drawings that stand side by side.
    """
    reach_low, reach_high = ends
    data = [
        {"i": i, "label": label, "coded": a, "other": b, "left": reach_low, "told": told}
        for i, (label, a, b, told) in enumerate(rows)
    ]
    x = _q("coded", scale={"domain": [reach_low, reach_high], "nice": False}, axis={"title": title, "tickCount": 6})
    y = _q("i", scale={"domain": [-0.8, len(rows) - 0.5], "reverse": True, "nice": False}, axis=None)
    point = {"type": "point", "size": 75, "opacity": 1, "strokeWidth": 1.8, "stroke": MODEL}
    key = [{"label": f"● {names[0]}   ○ {names[1]}"}]
    return _chart(
        WIDE,
        44 * len(rows) + 8,
        [
            {"data": _values([{"coded": 0}]), "mark": {"type": "rule", "stroke": MUTED}, "encoding": {"x": x}},
            {
                "data": _values(data),
                "mark": {"type": "rule", "stroke": BAND, "strokeWidth": 4},
                "encoding": {"x": x, "x2": {"field": "other"}, "y": y},
            },
            _told(_layer(data, {**point, "fill": SURFACE}, "other", x={**x, "field": "other"}, y=y)),
            _told(_layer(data, {**point, "fill": MODEL}, "coded", x=x, y=y)),
            {
                "data": _values(data),
                "mark": {"type": "text", "align": "left", "dy": -16, "fontSize": 13, "fill": INK, "limit": WIDE},
                "encoding": {"x": {**x, "field": "left"}, "y": y, "text": {"field": "label"}},
            },
            {
                "data": _values(key),
                "mark": {"type": "text", "align": "left", "fill": MUTED, "baseline": "bottom"},
                "encoding": {"x": {"value": 0}, "y": {"value": -4}, "text": {"field": "label"}},
            },
        ],
    )
