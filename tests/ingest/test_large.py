"""Files that are read without copying them first give what small ones give."""

import shutil
from pathlib import Path

import pytest

from coprod_trust.errors import Refused
from coprod_trust.ingest import answers
from coprod_trust.ingest.readers import csv_file, csv_text
from tests.ingest.gate_case import Case


@pytest.mark.parametrize("dirty", [False, True])
def test_a_large_file_gives_the_same_tables_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dirty: bool
) -> None:
    found = []
    for large in (False, True):
        case = Case(tmp_path / str(large))
        if dirty:
            case.set("w1", 3, prov_1="11", prov_2="seven", gen_1="88").set("w2", 4, pid="").set("w3", 5, age="old")
            case.waves["w2"].append(dict(case.waves["w2"][2]))
        if large:
            monkeypatch.setattr(csv_file, "VIEW_FROM", 0)
            monkeypatch.setattr(answers, "VIEW_FROM", 0)
        case.run()
        kind = case.query("SELECT table_type FROM information_schema.tables WHERE table_schema = 'answer'")
        assert {k for (k,) in kind} == {"VIEW" if large else "BASE TABLE"}
        found.append(
            [
                case.query(f"SELECT * FROM {t} ORDER BY ALL")
                for t in ("answer.w1", "answer.w2", "answer.w3", "participant")
            ]
            + [case.query("SELECT * EXCLUDE received_at FROM source_file ORDER BY ALL")]
            + [case.query("SELECT * FROM problem ORDER BY ALL")]
        )
    assert found[0] == found[1]


def test_a_ragged_row_in_a_large_file_is_refused_like_in_a_small_one(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "VIEW_FROM", 0)
    path = case.write() / "waves" / "w2.csv"
    lines = path.read_text().splitlines()
    lines[3] += ",5"
    path.write_text("\n".join(lines) + "\n")
    case.waves.pop("w2")
    assert [(p.rule, p.row_number) for p in case.problems() if p.severity == "refuse"] == [("rows-ragged", 4)]


def test_ragged_rows_that_make_up_for_each_other_are_refused_too(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has as many commas as it should have; only reading it tells that two rows are wrong."""
    monkeypatch.setattr(csv_file, "VIEW_FROM", 0)
    path = case.write() / "waves" / "w2.csv"
    lines = [line.replace(" ", "") for line in path.read_text().splitlines()]
    lines[3] += ",5"
    lines[6] = lines[6].rsplit(",", 1)[0]
    path.write_text("\n".join(lines) + "\n")
    case.waves.pop("w2")
    assert [(p.rule, p.row_number) for p in case.problems() if p.severity == "refuse"] == [("rows-ragged", 4)]
    with pytest.raises(Refused, match="cells"):
        case.run()


def test_a_file_that_changes_while_it_is_archived_is_looked_at_again(tmp_path: Path) -> None:
    """What is found while a file is copied counts only for the bytes that were copied."""
    path, kept = tmp_path / "w1.csv", tmp_path / "kept"
    path.write_text("a,b\n1,2\n")

    def keep_something_else() -> str:
        path.write_text('a,b\n"1",2\n3,4\n')
        shutil.copy(path, kept)
        return kept.name

    assert csv_text.scan_ahead(path, keep_something_else) == "kept"
    assert (csv_text.scan(kept).lines, csv_text.scan(kept).has(b'"')) == (3, True)
