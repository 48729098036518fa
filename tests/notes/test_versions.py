"""Codebooks over time: mappings are followed, and what no mapping explains is refused (rule 53)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coprod_trust.decisions import Release, append
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.notes.step import Notes, read_notes, run_step, store_notes
from coprod_trust.steps import Context
from coprod_trust.store import open_memory, open_work
from coprod_trust.study import load_study
from tests.notes.study import CODEBOOK, SEGMENTS, STUDY_YAML, segment, survey, write_notes
from tests.studies import write_csv

Rows = list[dict[str, str]]
YAML = STUDY_YAML + (
    "notes:\n  segments: [notes/segments.csv]\n  codebook_version: '2'\n"
    "  earlier_codebooks: [{version: '1', path: codebooks/first.csv}]\n"
)


def code(code_id: str, **more: str) -> dict[str, str]:
    return {**dict.fromkeys(CODEBOOK[0], ""), "code": code_id, "name": f"name of {code_id}", "definition": "d", **more}


def row(code: str, version: str = "", segment_id: str = "s1", coder: str = "ann") -> dict[str, str]:
    return {**segment(segment_id, "int1", code, coder, participant_id="P001"), "codebook_version": version}


@pytest.fixture
def versions(tmp_path: Path) -> Callable[..., Notes]:
    """Reads a study with two codebooks, a mapping, and segments."""

    def read(first: Rows, second: Rows, mapping: Rows, segments: Rows) -> Notes:
        root = write_notes(tmp_path, codebook=second, segments=segments)
        write_csv(root / "codebooks" / "first.csv", first)
        if mapping:
            write_csv(root / "notes" / "code_mapping.csv", mapping)
        (root / "study.yaml").write_text(YAML, encoding="utf-8")
        with open_memory() as con:
            survey(con)
            return read_notes(con, load_study(root), root, "w3")

    return read


def given(notes: Notes) -> list[tuple[str, str | None, str | None]]:
    return [(c.code, c.code_as_given, c.codebook_version) for c in notes.segments.codings.values()]


def arrow(a: str, b: str, why: str = "") -> dict[str, str]:
    return {"from_code": a, "to_code": b, "why": why}


def test_53_a_code_that_is_gone_without_a_mapping_is_refused_with_its_twin(versions: Callable[..., Notes]) -> None:
    first = [code("A"), code("OLD", name="Left alone")]
    second = [code("A"), code("NEW", name="left alone"), code("OLDER")]
    (problem,) = versions(first, second, [], [row("A")]).refusals
    assert (problem.rule, problem.found, problem.suggestion) == ("code-renamed", "OLD", "NEW")


def test_53_a_mapping_to_a_code_that_does_not_exist_is_refused(versions: Callable[..., Notes]) -> None:
    refusals = versions([code("A")], [code("B")], [arrow("A", "C")], [row("B")]).refusals
    assert {(p.rule, p.row_number, p.column_name) for p in refusals if p.rule == "code-mapping-unknown"} == {
        ("code-mapping-unknown", 2, "to_version")}  # fmt: skip


def test_renamed_and_merged_codes_are_followed(versions: Callable[..., Notes]) -> None:
    first = [code("A"), code("B"), code("C")]
    mapping = [arrow("A", "AA", "clearer"), arrow("B", "BC"), arrow("C", "BC")]
    rows = [row("A"), row("B", "1", "s2"), row("AA", "2", "s3")]
    notes = versions(first, [code("AA"), code("BC")], mapping, rows)
    assert notes.refusals == []
    assert given(notes) == [("AA", "A", None), ("BC", "B", "1"), ("AA", None, "2")]
    assert [(m.from_version, m.from_code, m.to_version, m.to_code, m.kind, m.why) for m in notes.versions.mappings] == [
        ("1", "A", "2", "AA", "renamed", "clearer"),
        ("1", "B", "2", "BC", "merged", None),
        ("1", "C", "2", "BC", "merged", None),
    ]


def test_a_split_code_waits_until_somebody_says_which_part(versions: Callable[..., Notes]) -> None:
    mapping = [arrow("A", "A1"), arrow("A", "A2")]
    notes = versions([code("A")], [code("A1"), code("A2")], mapping, [row("A"), row("A1", "", "s2")])
    (problem,) = [p for p in notes.problems if p.rule == "code-split"]
    assert (problem.severity, problem.row_number, problem.suggestion) == ("quarantine", 2, "A1 or A2")
    assert given(notes) == [("A1", None, None)]
    assert ("s1", "ann") not in notes.segments.readings or ("s1", "ann") in notes.segments.held


@pytest.mark.parametrize("chosen", ["A", "A2"])
def test_a_split_code_that_was_read_again_keeps_what_was_given(
    versions: Callable[..., Notes], tmp_path: Path, chosen: str
) -> None:
    both = [arrow("A", "A"), arrow("A", "A2")]
    first, second, rows = [code("A")], [code("A"), code("A2")], [row("A", "1"), row("A2", "2", "s2")]
    (held,) = [p for p in versions(first, second, both, rows).problems if p.rule == "code-split"]
    append(
        tmp_path,
        Release(problem_id=held.problem_id, source_id=held.source_id, row_number=2, column="code", rule=held.rule,
                value=chosen, who="ann", when=datetime(2026, 1, 5, tzinfo=UTC), why="read again"),
    )  # fmt: skip
    notes = versions(first, second, both, rows)
    assert [p.rule for p in notes.problems if p.rule == "code-split"] == []
    assert given(notes) == [(chosen, "A", "1"), ("A2", None, "2")]


def test_a_code_that_was_given_up_counts_as_read(versions: Callable[..., Notes]) -> None:
    notes = versions([code("A"), code("B")], [code("B")], [arrow("A", "", "too vague")], [row("A"), row("B", "", "s2")])
    (problem,) = [p for p in notes.problems if p.rule == "code-dropped"]
    assert problem.severity == "warn"
    assert given(notes) == [("B", None, None)]
    assert ("s1", "ann") in notes.segments.readings


def test_a_code_with_a_new_meaning_under_its_old_id(versions: Callable[..., Notes]) -> None:
    first, second = [code("A", definition="help")], [code("A", definition="help from staff alone")]
    notes = versions(first, second, [], [row("A", "1")])
    (problem,) = [p for p in notes.problems if p.rule == "code-redefined"]
    assert (problem.severity, problem.found) == ("warn", "A")
    said = versions(first, second, [arrow("A", "A", "staff only")], [row("A", "1")])
    assert not [p for p in said.problems if p.rule == "code-redefined"]
    assert [m.kind for m in said.versions.mappings] == ["redefined"]
    assert given(said) == [("A", None, "1")], "what was coded under the old meaning can be told"


def test_a_code_swapped_with_another_is_read_by_its_version(versions: Callable[..., Notes]) -> None:
    mapping = [arrow("A", "B"), arrow("B", "A")]
    notes = versions([code("A"), code("B")], [code("A"), code("B")], mapping, [row("A", "1"), row("A", "2", "s2")])
    assert given(notes) == [("B", "A", "1"), ("A", None, "2")]


def test_versions_and_mappings_are_stored(versions: Callable[..., Notes], tmp_path: Path) -> None:
    notes = versions([code("A")], [code("AA")], [arrow("A", "AA")], [row("A")])
    with open_work(Context(tmp_path, "w3", "r").paths) as con:
        store_notes(con, notes)
        assert con.execute("SELECT version, ordinal, code FROM code_version ORDER BY ordinal").fetchall() == [
            ("1", 1, "A"), ("2", 2, "AA")]  # fmt: skip
        assert con.execute("SELECT from_code, to_code, kind FROM code_mapping").fetchall() == [("A", "AA", "renamed")]


# Versions that nobody declared: earlier contents of the file, remembered by the archive


def again(root: Path, codebook: Rows) -> None:
    write_csv(root / "codebook.csv", codebook)
    run_step(Context(root, "w2", "run"))


def test_a_code_in_use_that_leaves_the_codebook_between_runs_is_refused(tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    again(root, CODEBOOK)
    renamed = [{**c, "code": "LEFT"} if c["code"] == "NOSUP" else c for c in CODEBOOK]
    with pytest.raises(FileRefused) as refused:
        again(root, renamed)
    assert [p.rule for p in refused.value.problems] == ["code-renamed"]
    write_csv(root / "notes" / "code_mapping.csv", [arrow("NOSUP", "LEFT", "a better word")])
    again(root, renamed)
    with open_work(Context(root, "w2", "run").paths) as con:
        rows = con.execute("SELECT DISTINCT code, code_as_given FROM coding WHERE code = 'LEFT'").fetchall()
    assert rows == [("LEFT", "NOSUP")]


def test_a_code_that_nobody_used_may_leave_the_codebook_between_runs(tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    again(root, [*CODEBOOK, code("UNUSED")])
    again(root, CODEBOOK)


def test_63_rows_of_a_coder_that_vanish_are_refused(tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    again(root, CODEBOOK)
    write_csv(root / "notes" / "segments.csv", [r for r in SEGMENTS if r["coder"] == "ann"])
    with pytest.raises(FileRefused) as refused:
        again(root, CODEBOOK)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.found) == ("originals-overwritten", "ben")
    assert "1 rows of 1 of 2 coders" in problem.message
