"""A study that an earlier version left goes on: its working database is brought up to date, its history stays."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest

from coprod_trust.errors import StudyError
from coprod_trust.runner import run_direct
from coprod_trust.status import status
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.store.query import query
from coprod_trust.store.work import migrations
from tests.store.older import PLACE


@pytest.fixture
def older(tmp_path: Path) -> Path:
    with ZipFile(PLACE) as archive:
        archive.extractall(tmp_path / "study")
    return tmp_path / "study"


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(statement).fetchall()


def test_an_older_study_is_brought_up_to_date_and_keeps_its_history(older: Path) -> None:
    database = StudyPaths(older).database
    assert rows(database, "SELECT number, sha256 FROM migration") == [(1, migrations()[0][2])], (
        "migration 0001 has changed: before the first release run python -m tests.store.older, after it never"
    )
    before = rows(database, "SELECT run_id, finding_id, n, estimate FROM finding_history ORDER BY ALL")
    assert len(before) == 2
    assert rows(database, "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'step_input'") == [(0,)]
    run_direct(older)
    assert [n for (n,) in rows(database, "SELECT number FROM migration ORDER BY ALL")] == [n for n, *_ in migrations()]
    history = rows(database, "SELECT run_id, finding_id, n, estimate FROM finding_history ORDER BY ALL")
    assert set(before) < set(history)
    assert rows(database, "SELECT count(*) FROM step_record WHERE kept AND step <> 'report'") == [(0,)]
    with query(older, "SELECT count(*) FROM difference") as answer:
        assert list(answer) == [(0,)], "the older run found the same"
    assert status(older).last_run is not None


def test_an_interrupted_migration_leaves_the_older_database(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = StudyPaths(older)
    broken = [*migrations()[:-1], (*migrations()[-1][:3], migrations()[-1][3] + "\nSELECT nothing_of_that_name;")]
    with monkeypatch.context() as patch:
        patch.setattr("coprod_trust.store.work.migrations", lambda: broken)
        with pytest.raises(duckdb.Error), open_work(paths):
            pass
    assert len(rows(paths.database, "FROM migration")) == len(migrations()) - 1
    with open_work(paths) as con:
        assert con.execute("SELECT count(*) FROM step_input").fetchone() == (0,)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(older: Path) -> None:
    paths = StudyPaths(older)
    with open_work(paths) as con:
        con.execute("INSERT INTO migration VALUES (999, '0999_later', 'x', now())")
    size = paths.database.stat().st_size
    with pytest.raises(StudyError, match="made by another version"), open_work(paths):
        pass
    assert paths.database.stat().st_size == size
