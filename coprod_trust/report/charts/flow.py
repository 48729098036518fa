"""The participation diagram as SVG, after the flow diagrams of CONSORT and STROBE."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from markupsafe import Markup, escape

from coprod_trust.report.charts.palette import FONT, GRID, INK, MUTED, SURFACE

WIDTH, BOX, SIDE = 384, 232, 124
LINE, PAD, GAP = 18, 12, 30

Step = tuple[str, str, Sequence[str], str | None]


def flow_diagram(steps: Sequence[Step]) -> str:
    """A box a wave from top to bottom, and beside the arrow those who were not seen in the next one.

    ``steps`` are (wave, how many answered, further lines, who is missing next or None).
    """
    parts: list[Markup] = []
    y = 2
    for index, (wave, answered, detail, out) in enumerate(steps):
        lines = [(line, True) for line in wrap(wave, 26)[:2]] + [(answered, False)]
        lines += [(part, False) for line in detail for part in wrap(line, 30)]
        height = 2 * PAD + LINE * len(lines) - 4
        parts.append(_box(2, y, BOX, height))
        parts += [_text(2 + PAD, y + PAD + 11 + i * LINE, line, bold) for i, (line, bold) in enumerate(lines)]
        y += height
        last = index == len(steps) - 1
        if out is not None:
            out_lines = wrap(out, 15)
            out_height = 2 * 8 + 16 * len(out_lines) - 2
            space = max(GAP, out_height + 12)
            middle = y + space / 2
            parts.append(_line(2 + BOX / 2, middle, WIDTH - SIDE - 4, middle, arrow=True))
            parts.append(_box(WIDTH - SIDE - 2, middle - out_height / 2, SIDE, out_height, dashed=True))
            parts += [
                _text(WIDTH - SIDE + 8, middle - out_height / 2 + 20 + 16 * i - 1, line, False, 12.5)
                for i, line in enumerate(out_lines)
            ]
        else:
            space = GAP
        if not last:
            parts.append(_line(2 + BOX / 2, y, 2 + BOX / 2, y + space, arrow=True))
            y += int(space)
        elif out is not None:
            parts.append(_line(2 + BOX / 2, y, 2 + BOX / 2, y + space / 2))
            y += int(space)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" font-family="{}">'
        ).format(WIDTH, y + 4, WIDTH, y + 4, FONT)
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def _box(x: float, y: float, width: float, height: float, dashed: bool = False) -> Markup:
    dash = Markup(' stroke-dasharray="4 3"') if dashed else Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}" stroke="{}"{}/>').format(
        x, y, width, height, SURFACE, MUTED if not dashed else GRID, dash
    )


def _text(x: float, y: float, text: str, bold: bool, size: float = 13.5) -> Markup:
    return Markup('<text x="{}" y="{}" font-size="{}" font-weight="{}" fill="{}">{}</text>').format(
        x, y, size, 600 if bold else 400, INK, escape(text)
    )


def _line(x1: float, y1: float, x2: float, y2: float, arrow: bool = False) -> Markup:
    line = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="1.2"/>').format(
        x1, y1, x2, y2, MUTED
    )
    if not arrow:
        return line
    if x1 == x2:
        points = f"{x2 - 4},{y2 - 7} {x2 + 4},{y2 - 7} {x2},{y2 - 1}"
    else:
        points = f"{x2 - 7},{y2 - 4} {x2 - 7},{y2 + 4} {x2 - 1},{y2}"
    return line + Markup('<polygon points="{}" fill="{}"/>').format(points, MUTED)
