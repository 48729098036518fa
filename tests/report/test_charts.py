"""Drawings: made without a request, in colours that follow light and dark, with hostile text as text."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from coprod_trust.report.charts import specs
from coprod_trust.report.charts.draw import draw, themed
from coprod_trust.report.charts.flow import flow_diagram
from coprod_trust.report.charts.palette import VARIABLES

ATTACK = '</text><script>alert(1)</script><image href="http://127.0.0.1:9/x"/> datum.x & "quoted"'


def drawings() -> dict[str, dict[str, Any]]:
    return {
        "trajectories": specs.trajectories(
            [("a", 0, 50), ("a", 6, 40)],
            [(0, 50, 45, 55, ATTACK), (6, 40, None, None, "40")],
            [(4, ATTACK)],
            [0, 6],
            ATTACK,
            "y",
        ),
        "dot_plot": specs.dot_plot([(ATTACK, -5, -8, -2, ATTACK)], 5, ATTACK),
        "reliable_bars": specs.reliable_bars([(ATTACK, 3, 0, 5)], (ATTACK, "b", "c"), ATTACK),
        "scatter": specs.scatter([(1, 2), (-3, 4)], 10, ATTACK, ATTACK, ATTACK),
        "code_bars": specs.code_bars([(ATTACK, 7)], ATTACK),
        "coded_dots": specs.coded_dots([(ATTACK, -5, 2)], (-10, 10), (ATTACK, "b"), ATTACK),
    }


@pytest.mark.parametrize("name", list(drawings()))
def test_hostile_text_in_a_drawing_stays_text(name: str) -> None:
    svg = draw(drawings()[name])
    tags = {e.tag.split("}")[-1] for e in ElementTree.fromstring(svg).iter()}
    assert not tags & {"script", "image", "a", "foreignObject", "use"}
    assert "127.0.0.1" not in svg.replace("&lt;image href=&quot;http://127.0.0.1", "").replace(
        '&lt;image href="http://127.0.0.1', ""
    )


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
    svg = draw(specs.trajectories([], [(0, 50, 45, 55, "50"), (12, 40, 35, 45, "40")], [], [0, 12], "months", "points"))
    assert ">12<" in svg
    assert "e+" not in svg


def test_people_who_changed_by_nothing_have_no_bar_and_still_a_label() -> None:
    svg = draw(specs.reliable_bars([("Trust", 0, 9, 0)], ("fell", "within", "rose"), "people"))
    assert ">9<" in svg
    assert ">Trust<" in svg
