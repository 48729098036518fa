from __future__ import annotations

from pathlib import Path

from tests.ingest.readers.desk import Desk


def test_values_are_written_as_a_person_would(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.parquet"
    desk.con.execute(
        f"""COPY (SELECT * FROM (VALUES
            ('007', 3.0::DOUBLE, 3::INTEGER, 2.50::DECIMAL(5,2), DATE '2025-01-13', TIMESTAMP '2025-01-13', ' a '),
            ('P2', 2.5, NULL, 2, NULL, TIMESTAMP '2025-01-13 09:30:00', '')
        ) t(pid, x, n, d, day, moment, text)) TO '{path}' (FORMAT parquet)"""
    )
    staged = desk.stage(path)
    assert desk.rows(staged) == [
        (1, "007", "3", "3", "2.50", "2025-01-13", "2025-01-13", "a"),
        (2, "P2", "2.5", None, "2", None, "2025-01-13 09:30:00", None),
    ]
    assert staged.header_row == 0


def test_a_file_cut_off_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.parquet"
    desk.con.execute(f"COPY (SELECT range AS pid FROM range(1000)) TO '{path}' (FORMAT parquet)")
    path.write_bytes(path.read_bytes()[:-50])
    desk.refused(path, "file-unreadable")


def test_no_rows_refuse_the_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.parquet"
    desk.con.execute(f"COPY (SELECT range AS pid FROM range(0)) TO '{path}' (FORMAT parquet)")
    desk.refused(path, "file-empty")


def test_names_that_differ_in_capitals_refuse_the_file(desk: Desk, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "w1.parquet"
    pq.write_table(pa.table({"pid": ["a"], "q1": ["1"], "Q1": ["2"]}), path)
    desk.refused(path, "column-name-repeated")
