"""The curve of new codes over documents."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.report.charts.palette import INK, MODEL, MUTED
from coprod_trust.report.charts.specs import WIDE, Spec, _chart, _dot, _layer, _q, _text, _told


def saturation_curve(
    curves: Sequence[tuple[str, str, Sequence[tuple[int, int, str]]]], x_title: str, y_title: str
) -> Spec:
    """``curves``: id, name and points (place of the document, codes so far, told), the fuller curve first."""
    most = max((n for *_, points in curves for _, n, _ in points), default=1)
    last = max((x for *_, points in curves for x, *_ in points), default=1)
    layers = []
    for colour, dash, (id_, name, points) in zip((MODEL, MUTED), ([1, 0], [4, 3]), curves, strict=False):
        rows = [{"x": x, "n": n, "told": told} for x, n, told in points]
        encoding = {
            "x": _q("x", title=x_title, scale={"domain": [1, last + 1]}, axis={"tickMinStep": 1, "grid": False}),
            "y": _q("n", title=y_title, scale={"domain": [0, most * 1.1]}),
        }
        mark = {"type": "line", "interpolate": "step-after", "color": colour, "strokeWidth": 2, "strokeDash": dash}
        layers.append(_layer(rows, mark, f"{id_}_line", **encoding))
        layers.append(_told(_layer(rows, _dot(fill=colour, size=14, opacity=1), f"{id_}_dots", **encoding)))
        end = [{**rows[-1], "name": name}] if rows else []
        layers.append(
            _layer(end, _text(dy=-8, align="right", color=INK), f"{id_}_name", **encoding, text={"field": "name"})
        )
    return _chart(WIDE, 200, layers)
