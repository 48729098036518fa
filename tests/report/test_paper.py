"""Tables on paper: nothing is lost by telling once what repeats, and columns break as few texts as can be."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.report.paper import SHARED_BY, WIDTH, burden, fewest_lines, on_paper


def row(*texts: str, finding: str = "") -> dict[str, Any]:
    return {"cells": [{"text": t, "to": "", "hash": False} for t in texts], "finding": finding, "to": ""}


def table(rows: list[dict[str, Any]], finding: str = "", notes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "kind": "table",
        "id": finding or "t",
        "label": "" if finding else "Table 1",
        "caption": f"About {finding}",
        "finding": finding,
        "columns": [{"label": "Outcome", "numeric": False}, *[{"label": "n", "numeric": True}] * 2],
        "widths": [10, 4, 4],
        "rows": rows,
        "notes": [{"text": text, "finding": "", "to": ""} for text in notes],
    }


def laid_out(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = on_paper({"sections": [{"blocks": list(blocks)}]})["sections"][0]["blocks"]
    return made


def test_findings_that_follow_one_another_share_a_table_and_their_common_notes() -> None:
    own = [f"Only of {i}." for i in range(SHARED_BY)]
    several = [table([row("t test", str(i), "2")], f"f{i}", (own[i], "Of all.")) for i in range(SHARED_BY)]
    paragraph = {"kind": "paragraph", "sentences": []}
    merged, between, alone = laid_out(*several, paragraph, table([row("x", "1", "2")], "f9", ("Of all.",)))
    assert between == paragraph
    assert merged["shared"] == [{"letter": "a", "text": "Of all."}]
    assert [(g["finding"], [s["text"] for s in g["notes"]], g["letters"]) for g in merged["groups"]] == [
        (f"f{i}", [own[i]], "a") for i in range(SHARED_BY)
    ]
    assert [g["rows"] for g in merged["groups"]] == [t["rows"] for t in several]
    assert [(g["letters"], g["notes"][0]["text"]) for g in alone["groups"]] == [("", "Of all.")]


def test_what_rows_repeat_in_their_first_cell_stands_above_them_once() -> None:
    rows = [row(first, str(i), "2", finding=f"f.{first}") for first in ("A", "B") for i in range(8)]
    (shown,) = laid_out(table(rows))
    assert [(g["name"], g["caption"], g["finding"], len(g["rows"])) for g in shown["groups"]] == [
        ("Outcome", "A", "f.A", 8),
        ("Outcome", "B", "f.B", 8),
    ]
    assert [r["cells"] for g in shown["groups"] for r in g["rows"]] == [r["cells"][1:] for r in rows]
    assert len(shown["columns"]) == len(shown["widths"]) == 2
    (apart,) = laid_out(table([row(str(i), "1", "2") for i in range(16)]))
    assert "groups" not in apart


cells = st.lists(st.lists(st.integers(1, 90), min_size=1, max_size=4), min_size=1, max_size=3)


@given(cells, st.integers(20, 160))
def test_no_other_widths_break_texts_into_fewerburden(columns: list[list[int]], room: int) -> None:
    least = [min(10.0, *of) for of in columns]
    widths = fewest_lines(columns, least, room)
    assert all(w >= n for w, n in zip(widths, least, strict=True))
    assert sum(widths) <= max(room, sum(least)) + 1e-9

    def lines(chosen: tuple[float, ...] | list[float]) -> int:
        return sum(burden(text, w) for of, w in zip(columns, chosen, strict=True) for text in of)

    if sum(max(of) for of in columns) <= room:
        assert lines(widths) == sum(len(of) for of in columns)
    others = [c for c in product(*[{*of, n} for of, n in zip(columns, least, strict=True)]) if sum(c) <= room]
    assert all(lines(widths) <= lines(other) for other in others if all(map(float.__ge__, map(float, other), least)))


def test_columns_fill_the_width_of_the_page() -> None:
    (shown,) = laid_out(table([row("Trust in the provider", "48", "−11.6 (−15.8 to −7.4)")]))
    assert abs(sum(shown["widths"]) - WIDTH) < 1e-6
