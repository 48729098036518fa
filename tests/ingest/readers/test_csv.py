from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.ingest.problem import FileRefused
from coprod_trust.study import Severity
from tests.ingest.readers.desk import Desk, problem, rules

PLAIN = "pid,group,q1\nP001,a,3\nP002,b,4\n"
ROWS = [(2, "P001", "a", "3"), (3, "P002", "b", "4")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w1.csv"


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def test_a_plain_file_is_read_as_it_stands(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, PLAIN))
    assert desk.rows(staged) == ROWS
    assert [c.name for c in staged.columns] == ["pid", "group", "q1"]
    assert (staged.rows, staged.header_row, staged.format, staged.problems) == (2, 1, "csv", ())


def test_values_stand_as_written_and_blanks_are_null(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, 'pid,q1,q2\n007,3.0, 4 \n"a ""b""",,"  "\n1E5,"1\n2",\u00a0x\u00a0\n'))
    assert desk.rows(staged) == [(2, "007", "3.0", "4"), (3, 'a "b"', None, None), (4, "1E5", "1\n2", "x")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_found_and_told(desk: Desk, path: Path, delimiter: str) -> None:
    staged = desk.stage(write(path, PLAIN.replace(",", delimiter)))
    assert desk.rows(staged) == ROWS
    assert problem(staged, "delimiter-not-comma").severity is Severity.WARN


def test_decimal_commas_become_points_and_are_told(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, "pid;q1;text\nP1;3,5;a,b\nP2;4;1,5 of 2\n"))
    assert desk.rows(staged) == [(2, "P1", "3.5", "a,b"), (3, "P2", "4", "1,5 of 2")]
    assert any("q1" in p.message and "decimal" in p.message for p in staged.problems)


def test_commas_that_may_stand_between_thousands_are_left(desk: Desk, path: Path) -> None:
    content = "pid;income\nP1;1,500\nP2;12,000\n"
    assert desk.rows(desk.stage(write(path, content))) == [(2, "P1", "1,500"), (3, "P2", "12,000")]
    assert desk.rows(desk.stage(path, decimal=",")) == [(2, "P1", "1.500"), (3, "P2", "12.000")]


def test_a_declared_decimal_point_leaves_commas_alone(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, "pid;q1\nP1;3,5\nP2;4,5\n"), decimal=".")
    assert desk.rows(staged) == [(2, "P1", "3,5"), (3, "P2", "4,5")]


def test_unquoted_decimal_commas_refuse_the_file_and_name_the_rows(desk: Desk, path: Path) -> None:
    found = desk.refused(write(path, "pid,q1,q2\nP1,3,5,4\nP2,4,4\nP3,3,5,4,1\n"), "rows-ragged")
    assert "2 (4), 4 (5)" in found.message
    assert "decimal commas" in found.message
    assert found.row_number == 2


def test_a_short_row_refuses_the_file(desk: Desk, path: Path) -> None:
    assert desk.refused(write(path, "pid,q1,q2\nP1,3,4\nP2,4\n"), "rows-ragged").row_number == 3


def test_blank_cells_after_the_last_column_are_no_error(desk: Desk, path: Path) -> None:
    assert desk.rows(desk.stage(write(path, "pid,q1,,\nP1,3,,\nP2,4,,,,\n"))) == [(2, "P1", "3"), (3, "P2", "4")]


def test_two_delimiters_that_both_fit_refuse_the_file(desk: Desk, path: Path) -> None:
    content = "naam,stad;land\nJan,Delft;NL\nPiet,Gouda;NL\n"
    found = desk.refused(write(path, content), "delimiter-ambiguous")
    assert "comma" in found.message
    assert "semicolon" in found.message
    assert desk.rows(desk.stage(path, delimiter=";")) == [(2, "Jan,Delft", "NL"), (3, "Piet,Gouda", "NL")]


def test_title_rows_are_left_out_told_and_counted(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, "Survey of the neighbourhood\n\nexported,today\n" + PLAIN))
    assert desk.rows(staged) == [(5, *ROWS[0][1:]), (6, *ROWS[1][1:])]
    assert staged.header_row == 4
    assert "3 rows above" in problem(staged, "title-rows").message


def test_a_file_without_names_is_refused_unless_the_row_is_declared(desk: Desk, path: Path) -> None:
    assert desk.refused(write(path, "1,2,3\n4,5,6\n"), "header-not-found").row_number == 1
    assert desk.rows(desk.stage(path, header_row=1)) == [(2, "4", "5", "6")]


def test_a_declared_header_beyond_the_end_is_refused(desk: Desk, path: Path) -> None:
    desk.refused(write(path, PLAIN), "header-not-found", header_row=9)


def test_the_same_name_twice_refuses_the_file(desk: Desk, path: Path) -> None:
    found = desk.refused(write(path, "pid,q1,Q1\nP1,3,4\n"), "column-name-repeated")
    assert "columns 2 and 3" in found.message
    assert found.column_name == "Q1"


def test_the_name_of_our_own_column_refuses_the_file(desk: Desk, path: Path) -> None:
    desk.refused(write(path, "pid,row_number\nP1,3\n"), "column-name-repeated")


def test_a_column_without_a_name_gets_one(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, ",pid,q1\n1,P1,3\n2,P2,4\n"))
    assert [c.name for c in staged.columns] == ["column_1", "pid", "q1"]
    assert problem(staged, "column-unnamed").column_name == "column_1"


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"pid,q1\n", b"pid,q1\n\n\n"])
def test_nothing_or_no_rows_refuses_the_file(desk: Desk, path: Path, content: bytes) -> None:
    desk.refused(write(path, content), "file-empty")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_in_any_form(desk: Desk, path: Path, encoding: str) -> None:
    staged = desk.stage(write(path, PLAIN.replace("P001", "Café €"), encoding))
    assert desk.rows(staged)[0][1] == "Café €"
    assert ("encoding-not-utf8" in rules(staged)) == (not encoding.startswith("utf-8"))


def test_windows_text_is_read_and_told(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, PLAIN.replace("P001", "Zoë’s café – €5 Škoda ‘x’"), "cp1252"))
    assert desk.rows(staged)[0][1] == "Zoë’s café – €5 Škoda ‘x’"
    assert "cp1252" in problem(staged, "encoding-not-utf8").message


@pytest.mark.parametrize("encoding", ["mac-roman", "cp850", "cp437"])
def test_other_one_byte_text_is_undecidable_until_declared(desk: Desk, path: Path, encoding: str) -> None:
    found = desk.refused(write(path, PLAIN.replace("P001", "café crème"), encoding), "encoding-undecidable")
    assert found.row_number == 2
    assert desk.rows(desk.stage(path, encoding=encoding))[0][1] == "café crème"


def test_an_encoding_that_does_not_fit_or_exist_is_refused(desk: Desk, path: Path) -> None:
    write(path, PLAIN.replace("P001", "café"), "cp1252")
    desk.refused(path, "encoding-undecidable", encoding="utf-8")
    desk.refused(path, "encoding-undecidable", encoding="klingon")


def test_text_like_a_formula_is_text_and_told(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, 'pid,q1,q2\nP1,-3,+31\nP2,"=1+1",-\nP3,@x, -cmd\n'))
    assert [row[2] for row in desk.rows(staged)] == ["-3", "=1+1", "@x"]
    found = {p.column_name: p for p in staged.problems if p.rule == "formula-like-text"}
    assert {c: p.row_number for c, p in found.items()} == {"q1": 3, "q2": 4}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_text_like_a_formula_is_found_in_a_file_without_quotes_or_spaces(
    desk: Desk, path: Path, delimiter: str
) -> None:
    staged = desk.stage(write(path, "pid,q1,q2\n=A1,3,4\nP2,-5,@x\n".replace(",", delimiter)))
    found = {p.column_name: p.row_number for p in staged.problems if p.rule == "formula-like-text"}
    assert found == {"pid": 2, "q2": 3}


def test_an_unclosed_quote_refuses_the_file(desk: Desk, path: Path) -> None:
    desk.refused(write(path, 'pid,q1\nP1,"3\nP2,4\n'), "file-unreadable")


def test_blank_lines_and_mixed_line_ends_keep_the_numbers_of_rows(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, "pid,q1\r\nP1,3\n\nP2,4\r\n;\n".replace(";", ",")))
    assert desk.rows(staged) == [(2, "P1", "3"), (3, None, None), (4, "P2", "4"), (5, None, None)]


def test_blank_lines_in_a_file_with_quotes_keep_the_numbers_of_rows(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, 'pid,q1\n"P1","a, b"\n\n"P2",4\n'))
    assert desk.rows(staged) == [(2, "P1", "a, b"), (3, None, None), (4, "P2", "4")]


def test_single_quotes_are_understood(desk: Desk, path: Path) -> None:
    staged = desk.stage(write(path, "'pid','q1'\n'P1','a,b'\n'P2','it''s'\n"))
    assert desk.rows(staged) == [(2, "P1", "a,b"), (3, "P2", "it's")]


def test_column_names_may_fill_more_than_a_sample(desk: Desk, path: Path) -> None:
    names = [f"question {i} " + "x" * 400 for i in range(1000)]
    staged = desk.stage(write(path, ",".join(names) + "\n" + ",".join(["1"] * 1000) + "\n"))
    assert [c.name for c in staged.columns] == names


def test_fewer_rows_than_the_sender_says_refuse_the_file(desk: Desk, path: Path) -> None:
    write(path, PLAIN + ",,\n")
    assert "2 rows, not the 3" in desk.refused(path, "file-truncated", expected_rows=3).message
    assert desk.stage(path, expected_rows=2).rows == 3


def test_a_study_can_soften_a_rule_or_switch_it_off(desk: Desk, path: Path) -> None:
    write(path, PLAIN)
    softened = desk.stage(path, {"file-truncated": Severity.WARN}, expected_rows=9)
    assert problem(softened, "file-truncated").severity is Severity.WARN
    assert desk.stage(path, {"file-truncated": None}, expected_rows=9).problems == ()


def test_a_study_can_harden_a_rule(desk: Desk, path: Path) -> None:
    write(path, PLAIN.replace(",", ";"))
    with pytest.raises(FileRefused, match="delimiter-not-comma"):
        desk.stage(path, {"delimiter-not-comma": Severity.REFUSE})


def test_messages_hold_no_value_of_the_file(desk: Desk, path: Path) -> None:
    secret = "Zeppelin"
    for content in (
        f"pid,q1\n{secret},3,{secret}\n",
        f'pid,q1\n"{secret},3\n',
        f"pid,q1\n={secret},3\n",
        f"{secret}\npid,q1\n1,3\n",
    ):
        write(path, content)
        try:
            said = str(desk.stage(path).problems)
        except FileRefused as error:
            said = str(error)
        assert secret not in said


def test_a_name_that_looks_like_a_pattern_is_a_name(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path / "w1.csv", PLAIN.replace("P001", "wrong"))
    assert desk.rows(desk.stage(write(tmp_path / "w[1].csv", PLAIN))) == ROWS
