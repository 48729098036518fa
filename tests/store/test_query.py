"""Asking the published database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coprod_trust.errors import EXIT_USAGE, StorageError, StudyError, UsageError
from coprod_trust.store import StudyPaths
from coprod_trust.store.query import query, spreadsheet_safe
from tests.studies import small_study


def refusal(root: Path, statement: str) -> str:
    with pytest.raises(UsageError) as refused, query(root, statement) as answer:
        list(answer)
    assert refused.value.exit_status == EXIT_USAGE
    return str(refused.value)


def test_rows_come_with_the_names_of_their_columns(published_study: Path) -> None:
    with query(published_study, "SELECT wave, n_people FROM wave ORDER BY ordinal") as answer:
        assert answer.names == ("wave", "n_people")
        assert list(answer) == [("w1", 14), ("w2", 13), ("w3", 12)]


def test_more_rows_than_one_batch_all_come(published_study: Path) -> None:
    with query(published_study, "SELECT i FROM range(25001) AS t(i)") as answer:
        assert [i for (i,) in answer] == list(range(25_001))


def test_moments_can_be_asked_for(published_study: Path) -> None:
    with query(published_study, "SELECT finished_at > started_at, finished_at FROM run") as answer:
        ((later, finished),) = list(answer)
    assert later is True
    assert finished is not None


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM run",
        "CREATE TABLE mine AS FROM score",
        "DROP VIEW score",
        "UPDATE participant SET study_group = 'x'",
    ],
)
def test_nothing_can_be_changed(published_study: Path, statement: str) -> None:
    assert "read-only" in refusal(published_study, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('{root}/study.yaml')",
        "COPY score TO '{root}/score.csv'",
        "ATTACH '{root}/work/study.duckdb' AS work",
        "EXPORT DATABASE '{root}/out'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
    ],
)
def test_no_other_file_can_be_reached(published_study: Path, statement: str) -> None:
    before = sorted(p.name for p in published_study.iterdir())
    refusal(published_study, statement.format(root=published_study))
    assert sorted(p.name for p in published_study.iterdir()) == before


def test_a_mistake_in_the_statement_is_told_with_what_would_fit(published_study: Path) -> None:
    assert 'column "pump" not found' in refusal(published_study, "SELECT pump FROM score")
    assert "pomp" in refusal(published_study, "SELECT pump FROM score")
    assert "syntax error" in refusal(published_study, "SELEC 1")
    assert "2 statements" in refusal(published_study, "SELECT 1; SELECT 2")
    assert "0 statements" in refusal(published_study, "  ")


def test_what_fails_on_a_row_does_not_print_the_row(published_study: Path) -> None:
    message = refusal(published_study, "SELECT participant_id::INTEGER FROM participant")
    assert "P0" not in message
    assert "TRY_CAST" in message


def test_before_the_first_run_there_is_nothing_to_ask(tmp_path: Path) -> None:
    small_study(tmp_path / "s")
    with pytest.raises(StudyError, match="nothing has been published yet"), query(tmp_path / "s", "SELECT 1"):
        pass


def test_a_damaged_file_is_told_plainly(tmp_path: Path) -> None:
    path = StudyPaths(tmp_path).published
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageError, match="cannot be opened"), query(tmp_path, "SELECT 1"):
        pass


def test_several_readers_ask_at_once(published_study: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from coprod_trust.store.query import query\n"
        "with query(Path(sys.argv[1]), 'SELECT count(*) FROM score') as a: print(list(a)[0][0], flush=True)\n"
    )
    with query(published_study, "SELECT 1") as answer:
        other = subprocess.run(
            [sys.executable, "-c", code, published_study], capture_output=True, text=True, check=True
        )
        assert other.stdout == "168\n"
        assert list(answer) == [(1,)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1.5, 0, None, "plain", "a=b", ""])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert spreadsheet_safe(value) == value
