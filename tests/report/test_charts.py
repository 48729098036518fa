"""Drawings: made without a request, in colours that follow light and dark, with hostile text as text."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import coprod_trust.report
from coprod_trust.report.charts import specs
from coprod_trust.report.charts.draw import draw, themed, untold
from coprod_trust.report.charts.flow import flow_diagram
from coprod_trust.report.charts.love import love_plot
from coprod_trust.report.charts.palette import FELL, ON_DARK, ON_LIGHT, ROSE, VARIABLES, WITHIN
from coprod_trust.report.charts.saturation import saturation_curve

ATTACK = '</text><script>alert(1)</script><image href="http://127.0.0.1:9/x"/> datum.x & "quoted" data-told="x"'


def drawings() -> dict[str, dict[str, Any]]:
    return {
        "trajectories": specs.trajectories(
            [(ATTACK, 0, 50, ATTACK), (ATTACK, 6, 40, ATTACK)],
            [(0, 50, 45, 55, ATTACK, ATTACK), (6, 40, None, None, "40", ATTACK)],
            [(4, ATTACK, ATTACK)],
            [0, 6],
            ATTACK,
            "y",
        ),
        "dot_plot": specs.dot_plot([(ATTACK, -5, -8, -2, ATTACK)], 5, ATTACK),
        "reliable_bars": specs.reliable_bars([(ATTACK, 3, 0, 5)], (ATTACK, "b", "c"), ATTACK),
        "scatter": specs.scatter([(ATTACK, 1, 2, ATTACK), ("b", -3, 4, "b")], 10, ATTACK, ATTACK, ATTACK),
        "code_bars": specs.code_bars([(ATTACK, 7)], ATTACK),
        "coded_dots": specs.coded_dots([(ATTACK, -5, 2, ATTACK)], (-10, 10), (ATTACK, "b"), ATTACK),
        "love_plot": love_plot([(ATTACK, 0.2, 0.1, 0.3, -0.1, ATTACK)], ATTACK),
        "saturation": saturation_curve([("all", ATTACK, [(1, 2, ATTACK), (2, 5, "b")])], ATTACK, ATTACK),
    }


@pytest.mark.parametrize("name", list(drawings()))
def test_hostile_text_in_a_drawing_stays_text(name: str) -> None:
    svg = draw(drawings()[name])
    parts = list(ElementTree.fromstring(svg).iter())
    assert not {e.tag.split("}")[-1] for e in parts} & {"script", "image", "a", "foreignObject", "use"}
    told = ("data-told", "data-person")
    assert not [v for e in parts for k, v in e.attrib.items() if k not in told and "127.0.0.1" in v]


@pytest.mark.parametrize("name", list(drawings()))
def test_marks_carry_what_they_stand_for_and_lose_it_on_paper(name: str) -> None:
    svg = draw(drawings()[name])
    marks = [e.attrib for e in ElementTree.fromstring(svg).iter() if "data-told" in e.attrib]
    assert any(ATTACK in told["data-told"] for told in marks)
    assert {m.get("data-person") for m in marks} >= ({ATTACK} if name in ("trajectories", "scatter") else {None})
    assert "aria-label" not in svg
    paper = ElementTree.fromstring(untold(svg))
    assert not [k for e in paper.iter() for k in e.attrib if k.startswith("data-")]
    assert "".join(paper.itertext()) == "".join(ElementTree.fromstring(svg).itertext())


def test_the_participation_diagram_escapes_its_text() -> None:
    svg = flow_diagram([(ATTACK, ATTACK, [ATTACK], ATTACK), ("w2", "5 answered", [], None)])
    tags = {e.tag.split("}")[-1] for e in ElementTree.fromstring(svg).iter()}
    assert tags == {"svg", "rect", "text", "line", "polygon"}


def test_a_drawing_asks_for_nothing_outside() -> None:
    with pytest.raises(ValueError, match="http"):
        draw({"data": {"url": "http://127.0.0.1:9/data.csv"}, "mark": "point"})


def test_every_colour_of_a_drawing_follows_light_and_dark() -> None:
    svg = themed(draw(drawings()["dot_plot"]))
    assert "var(--fig-model, #0a5a78)" in svg
    assert not [c for c in VARIABLES if f'="{c}"' in svg]


def test_a_month_is_written_as_a_plain_number() -> None:
    means = [(0.0, 50.0, 45.0, 55.0, "50", "50"), (12.0, 40.0, 35.0, 45.0, "40", "40")]
    svg = draw(specs.trajectories([], means, [], [0, 12], "months", "points"))
    assert ">12<" in svg
    assert "e+" not in svg


def test_the_love_plot_can_be_read_on_a_telephone() -> None:
    rows = [(f"Trust in something with a long name, number {i}", 0.1 * i, -0.2, 1.4, 0.1, "told") for i in range(12)]
    svg = draw(love_plot(rows, "standard deviations"))
    width = float(re.search(r'width="([\d.]+)"', svg)[1])
    letters = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
    assert min(letters) * min(1, 288 / width) >= 11


def test_people_who_changed_by_nothing_have_no_bar_and_still_a_label() -> None:
    svg = draw(specs.reliable_bars([("Trust", 0, 9, 0)], ("fell", "within", "rose"), "people"))
    assert ">9<" in svg
    assert ">Trust<" in svg


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_numbers_on_bars_can_be_read_in_light_dark_and_print() -> None:
    style = (Path(coprod_trust.report.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
    for bar, text in (("fell", ON_DARK), ("within", ON_LIGHT), ("rose", ON_LIGHT)):
        colours = re.findall(rf"--fig-{bar}: (#[0-9a-f]{{6}})", style)
        assert len(colours) == 3
        assert min(contrast(colour, text) for colour in colours) >= 3


def test_bars_differ_in_grey() -> None:
    shades = sorted(luminance(c) for c in (FELL, WITHIN, ROSE))
    assert all((b + 0.05) / (a + 0.05) > 1.5 for a, b in pairwise(shades))
