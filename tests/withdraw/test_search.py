"""A person is found wherever they stand, and nobody else is taken for them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pandas as pd
import pytest

from coprod_trust.withdraw.needles import Needles, words_of
from coprod_trust.withdraw.search import search

SAID = "They never told us that the workshop would close"
NEEDLES = Needles(frozenset({"P007", "p7 "}), frozenset({SAID}), frozenset({"participant_id"}))


@pytest.mark.parametrize("text", ["P007", "see p7.", "P-007 said", "(P 7)", "p_0007", f"x {SAID.upper()} y"])
def test_every_spelling_is_found(text: str) -> None:
    assert NEEDLES.in_text(text)


@pytest.mark.parametrize("text", ["P0071", "P070", "XP007", "7", "p .007", "prov_7", "they never told us"])
def test_others_are_not(text: str) -> None:
    assert not NEEDLES.in_text(text)


def test_an_id_of_a_few_digits_counts_in_columns_of_ids_alone() -> None:
    short = Needles(frozenset({"7"}), frozenset(), frozenset({"participant_id"}))
    assert short.in_cell("participant_id", "007")
    assert not short.in_cell("prov_1", "7")
    assert Needles(frozenset({"0012345"})).in_text("case 12345,")


def test_short_texts_are_nobodys_own() -> None:
    assert words_of(["yes", "I do not know", SAID, None]) == {SAID}


def write(root: Path) -> None:
    con = duckdb.connect(str(root / "a.duckdb"))
    con.execute("CREATE TABLE t AS SELECT 'P007' AS participant_id, 1 AS x")
    con.close()
    pd.DataFrame({"participant_id": ["P007"]}).to_parquet(root / "b.parquet")
    pd.DataFrame({"pid": ["p 7"], "x": [1]}).to_excel(root / "c.xlsx", index=False)
    with ZipFile(root / "inner.zip", "w") as inner:
        inner.writestr("x.txt", f"{SAID}.")
    with ZipFile(root / "d.qdpx", "w") as outer:
        outer.write(root / "inner.zip", "sources/inner.zip")
    (root / "inner.zip").unlink()
    lite = sqlite3.connect(root / "e.sqlite")
    lite.execute("CREATE TABLE s (who TEXT)")
    lite.execute("INSERT INTO s VALUES ('P007')")
    lite.commit()
    lite.close()
    import typst

    (root / "f.pdf").write_bytes(typst.compile(b"Said by P007 in spring."))
    (root / "g.html").write_text("<td>P007</td>", encoding="utf-8")
    (root / ".hidden").write_text("p-7", encoding="utf-16")
    (root / "P007.txt").write_text("nothing", encoding="utf-8")


def test_every_kind_of_file_is_opened(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "other.csv").write_text("pid,prov_7\nP070,7\n", encoding="utf-8")
    columns = {f"c{i}": range(10) for i in range(20)}  # has a cell P7
    pd.DataFrame(columns).to_excel(tmp_path / "wide.xlsx", index=False)
    found = search(tmp_path, NEEDLES)
    assert set(found.found) == {
        ".hidden", "P007.txt", "a.duckdb", "b.parquet", "c.xlsx", "d.qdpx", "e.sqlite", "f.pdf", "g.html",
    }  # fmt: skip
    assert (found.opened, found.unread) == (11, ())


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    assert search(tmp_path, NEEDLES).unread == ("broken.pdf",)
