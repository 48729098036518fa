"""The notebook for analysts runs from its first cell to its last on a published database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_every_cell_of_the_notebook_runs(ran_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY", str(ran_study))
    monkeypatch.setenv("MPLBACKEND", "agg")
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in (c for c in book["cells"] if c["cell_type"] == "code"):
        assert cell["outputs"] == [], "a notebook is committed without what it shows"
        exec("".join(cell["source"]), names)
    assert len(names["findings"]) > 5  # type: ignore[arg-type]
    drawn = names["axis"].get_legend_handles_labels()[1]  # type: ignore[attr-defined]
    assert drawn == sorted(drawn)
    assert "provider" in drawn
    assert len(names["pairs"]) > 10  # type: ignore[arg-type]
