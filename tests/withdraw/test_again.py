"""Somebody who withdrew stands in a file that comes later: nothing of them comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.check import check
from coprod_trust.decisions import Link, Release, Withdrawal, append, read
from coprod_trust.ingest.step import inspect_into
from coprod_trust.notes.step import read_notes
from coprod_trust.store import StudyPaths, open_memory
from coprod_trust.study import load_study
from coprod_trust.withdraw.withdraw import withdraw
from tests.studies import STUDY_YAML, answers, small_study, write_csv
from tests.withdraw.test_withdraw import WORDS, notes, write

WHO = {"who": "An evaluator", "why": "asked for by letter"}
NOTES = "notes: {segments: [notes/segments.csv]}\n"
REMEMBER = STUDY_YAML.replace("ids:\n", "ids:\n  remember_withdrawn: true\n")


def left_and_came_back(root: Path, yaml: str) -> Path:
    """P005 withdrew after the second wave; the third file has them again, another new person, and their words."""
    small_study(root, yaml=yaml + NOTES)
    notes(root)
    third = answers()["w3"]
    (root / "waves" / "w3.csv").unlink()
    withdraw(root, "P005", **WHO, replace_files=True)
    write_csv(root / "waves" / "w3.csv", [*third, {**third[3], "pid": "p20"}])
    write(root / "notes" / "roster.csv", ["document", "participant_id", "speaker", "role", "spoke"],
          ["F02", "P-5", "R1", "citizen", "yes"], ["F02", "P006", "R2", "citizen", "yes"])  # fmt: skip
    write(root / "notes" / "segments.csv", ["segment_id", "document", "wave", "participant_id", "speaker", "code",
          "text"], ["s1", "F02", "w2", "", "R1", "LETTER", WORDS], ["s2", "F02", "w2", "", "R2", "LETTER", "Well."],
          ["s3", "F02", "w2", "P005", "", "LETTER", "That was all."])  # fmt: skip
    return root


def came_in(root: Path) -> tuple[set[str], dict[str, tuple[int, int, int]], set[str], dict[str, tuple[int, int]]]:
    """People of the third wave; by file rows accepted, quarantined, withdrawn; segments; the same of the notes."""
    study = load_study(root)
    with open_memory(StudyPaths(root)) as con:
        inspect_into(con, root, study, "w3")
        people = {p for (p,) in con.execute("SELECT participant_id FROM answer.w3").fetchall()}
        rows = con.execute("SELECT name, accepted, quarantined, withdrawn FROM source_file").fetchall()
        found = read_notes(con, study, root, "w3")
    tallies = {t.kind: (y.quarantined, y.withdrawn) for t, y in found.tallies if t.kind in ("roster", "segments")}
    return people, {n: (a, q, w) for n, a, q, w in rows}, set(found.segments.segments), tallies


def test_where_the_study_keeps_a_mark_their_rows_are_left_out_and_nobody_else_waits(tmp_path: Path) -> None:
    root = left_and_came_back(tmp_path / "s", REMEMBER)
    (kept,) = read(root, Withdrawal)
    assert kept.mark is not None
    assert kept.searched is None
    people, rows, segments, tallies = came_in(root)
    assert "P005" not in people
    assert "P020" in people
    assert rows["waves/w3.csv"] == (12, 0, 1)
    assert (segments, tallies) == ({"s2"}, {"roster": (0, 1), "segments": (0, 2)})
    (told,) = [p for p in check(root).problems if p.rule == "withdrawn-before"]
    assert (told.row_number, told.found) == (4, None)


def test_where_nothing_is_kept_an_id_that_came_after_waits_until_somebody_says_whose_it_is(tmp_path: Path) -> None:
    root = left_and_came_back(tmp_path / "s", STUDY_YAML)
    (kept,) = read(root, Withdrawal)
    assert kept.mark is None
    people, rows, segments, tallies = came_in(root)
    assert people.isdisjoint({"P005", "P020"})
    assert rows["waves/w3.csv"] == (11, 2, 0)
    assert (rows["waves/w1.csv"][1], rows["waves/w2.csv"][1]) == (0, 0), "what was looked into holds nothing of them"
    assert (segments, tallies) == ({"s2"}, {"roster": (1, 0), "segments": (2, 0)})
    waiting = {p.row_number: p for p in check(root).problems if p.rule == "id-after-withdrawal" and p.wave == "w3"}
    assert set(waiting) == {4, 14}
    assert {p.found for p in waiting.values()} == {None}
    new = waiting[14]
    append(root, Release(who="A", when="2026-01-20T00:00:00Z", why="new", problem_id=new.problem_id, rule=new.rule,
                         source_id=new.source_id, row_number=14, column=new.column_name))  # fmt: skip
    assert "P020" in came_in(root)[0]
    withdraw(root, "P005", **WHO, replace_files=True)
    people, rows, segments, _ = came_in(root)
    assert "P020" in people, "the release names the file that took the place of the old one"
    assert (rows["waves/w3.csv"], segments) == ((12, 0, 0), {"s2"})


@pytest.mark.parametrize("yaml", [REMEMBER, STUDY_YAML])
def test_another_id_that_was_linked_to_theirs_is_known_too(tmp_path: Path, yaml: str) -> None:
    root = small_study(tmp_path / "s", yaml=yaml)
    third = answers()["w3"]
    (root / "waves" / "w3.csv").unlink()
    link = {"wave": "w2", "alias": "P005", "participant_id": "P004"}
    append(root, Link(who="A", when="2026-01-01T00:00:00Z", why="x", **link))
    withdraw(root, "P004", **WHO, replace_files=True)
    write_csv(root / "waves" / "w3.csv", third)
    assert came_in_people(root).isdisjoint({"P004", "P005"})


def came_in_people(root: Path) -> set[str]:
    with open_memory(StudyPaths(root)) as con:
        inspect_into(con, root, load_study(root), "w3")
        return {p for (p,) in con.execute("SELECT participant_id FROM answer.w3").fetchall()}
