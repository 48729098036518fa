"""A person is gone from everything that is kept, and all else is as before."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from coprod_trust.decisions import Correction, Withdrawal, append, read
from coprod_trust.errors import UsageError
from coprod_trust.freeze.freeze import freeze
from coprod_trust.freeze.verify import verify
from coprod_trust.ingest.archive import hash_of
from coprod_trust.ingest.archive import verify as archive_is_whole
from coprod_trust.lifecycle.correct import Cell, correct
from coprod_trust.lifecycle.staged import opened
from coprod_trust.runner import run_direct
from coprod_trust.status import status
from coprod_trust.store import StudyPaths
from coprod_trust.store.copies import note_copy
from coprod_trust.store.query import query
from coprod_trust.study import load_study
from coprod_trust.withdraw.needles import Needles
from coprod_trust.withdraw.search import search
from coprod_trust.withdraw.withdraw import Withdrawn, withdraw
from tests.studies import STUDY_YAML, answers, small_study

WHO = ("An evaluator", "asked for by letter")
QUICK = STUDY_YAML.replace("999", "199").replace("  seed:", "  analyses: core\n  seed:") + (
    "notes: {segments: [notes/segments.csv]}\n"
)
WORDS = "I was told in March that nobody would be sent away, and then the letter came."
OTHER = "The people of the workshop kept every promise that they made to me."
NEEDLES = Needles(frozenset({"P005", "p5"}), frozenset({WORDS}), frozenset({"participant_id", "pid"}))


def write(path: Path, *rows: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows(rows)


def notes(root: Path) -> None:
    write(root / "codebook.csv", ["code", "name"], ["LETTER", "The letter"])
    write(root / "notes" / "roster.csv", ["document", "participant_id", "speaker", "role", "spoke"],
          ["I01", "P005", "R", "citizen", "yes"], ["F01", "P005", "R1", "citizen", "yes"],
          ["F01", "P006", "R2", "citizen", "yes"])  # fmt: skip
    write(root / "notes" / "documents.csv", ["document", "kind", "date", "wave"],
          ["I01", "interview", "2025-07-20", "w2"], ["F01", "focus_group", "2025-07-21", "w2"])  # fmt: skip
    group = f"M: How was it?\nR1: {WORDS}\nR2: {OTHER}\nR1: That was all.\nM: Thank you.\n"
    transcripts = root / "notes" / "transcripts"
    transcripts.mkdir()
    (transcripts / "I01.txt").write_text(f"M: Well?\nR: {WORDS}\n", encoding="utf-8")
    (transcripts / "F01.txt").write_text(group, encoding="utf-8")
    start, other = group.index(WORDS), group.index(OTHER)
    write(root / "notes" / "segments.csv",
          ["segment_id", "document", "start_offset", "end_offset", "participant_id", "speaker", "code", "coder",
           "text"],
          ["s1", "F01", start, start + len(WORDS), "P005", "R1", "LETTER", "a", WORDS],
          ["s2", "F01", other, other + len(OTHER), "P006", "R2", "LETTER", "a", OTHER])  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Withdrawn, dict[str, str]]:
    root = small_study(tmp_path_factory.mktemp("w") / "study", yaml=QUICK)
    notes(root)
    rows = answers()["w2"]
    text = (root / "waves" / "w2.csv").read_text(encoding="utf-8")
    (root / "waves" / "w2.csv").write_text(text.replace("P005,", "p 5,"), encoding="utf-8")
    assert any(r["pid"] == "P005" for r in rows)
    correct(root, Cell("w1", "prov_1", participant="P005"), "3", "A clerk", "P005 said so on the phone")
    correct(root, Cell("w1", "prov_1", row=4), "6", "A clerk", "the form of the one after P005")
    of_words = {"wave": "w2", "sha256": hash_of(root / "notes" / "segments.csv"), "row_number": 2, "column": "code"}
    append(root, Correction(**of_words, value="LETTER", who="A", when="2026-01-01T00:00:00Z", why="read again"))
    run_direct(root, "w1")
    run_direct(root, "w2")
    freeze(root, "w2", *WHO)
    before = {p.name: hash_of(p) for p in (root / "waves").iterdir()}
    assert len(search(root, NEEDLES).found) > 10
    return root, withdraw(root, "p5", *WHO), before


def rows_of(root: Path, statement: str) -> list[tuple[object, ...]]:
    with query(root, statement) as answer:
        return list(answer)


def test_nothing_is_left_in_anything_that_is_kept(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, found, _ = done
    assert found.left == ()
    own = {name for name, _ in found.to_replace}
    assert own == {"waves/w1.csv", "waves/w2.csv", "waves/w3.csv", "notes/roster.csv", "notes/segments.csv",
                   "notes/transcripts/F01.txt", "notes/transcripts/I01.txt"}  # fmt: skip
    assert set(search(root, NEEDLES).found) == own
    assert "P005" not in "\n".join(found.lines())


def test_files_of_the_user_are_not_touched_and_never_read_again(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, _, before = done
    assert {p.name: hash_of(p) for p in (root / "waves").iterdir()} == before
    told = " ".join(status(root).waiting)
    assert "waves/w1.csv still holds somebody who withdrew; replace it by work/archive/" in told
    assert not any(c.startswith("waves/") for c in status(root).changed)
    assert archive_is_whole(StudyPaths(root)) == []


def test_everybody_else_is_as_before(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, _, _ = done
    assert rows_of(root, "SELECT count(*), count(*) FILTER (participant_id = 'P005') FROM participant") == [(13, 0)]
    assert rows_of(root, "SELECT prov_1, row_number FROM answer.w1 WHERE participant_id = 'P003'") == [(6.0, 4)]
    assert rows_of(root, "SELECT name, rows_in, accepted, blank FROM source_file WHERE wave = 'w2'") == [
        ("waves/w2.csv", 13, 12, 1)
    ]
    assert rows_of(root, "SELECT segment_id, participant_id FROM segment") == [("s2", "P006")]
    text = next(p for p in StudyPaths(root).archive.iterdir() if OTHER in p.read_text("utf-8", errors="replace")
                and "Thank you" in p.read_text("utf-8", errors="replace"))  # fmt: skip
    assert WORDS not in text.read_text(encoding="utf-8")
    assert "That was all" not in text.read_text(encoding="utf-8")


def test_what_is_kept_of_it_has_no_identity(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, found, _ = done
    (decision,) = read(root, Withdrawal)
    assert (decision.reference, decision.rows, decision.who) == (found.reference, found.rows, WHO[0])
    corrections = read(root, Correction)
    assert [(c.row_number, c.why) for c in corrections] == [(4, "the form of the one after [somebody who withdrew]")]


def test_the_frozen_wave_says_how_many_rows_were_erased_and_proves_the_rest(
    done: tuple[Path, Withdrawn, dict[str, str]],
) -> None:
    root, _, _ = done
    (found,) = verify(root)
    assert found.holds, found.lines()
    assert (found.rows_frozen, found.rows_erased) == (27, 2)
    assert "P005" not in (root / "frozen" / "w2" / "keys.csv").read_text(encoding="utf-8")


def test_numbers_that_moved_and_copies_to_recall_are_listed(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, found, _ = done
    assert found.waves_rebuilt == ("w1", "w2")
    moved = {m.finding_id: (m.before, m.after) for m in found.moved}
    assert "(n = 11" in moved["change.provider.w1-w2"][0]
    assert "(n = 10" in moved["change.provider.w1-w2"][1]
    assert "in the report of w1" in "".join(moved), "the reports of earlier waves are made again too"
    changed = [m.concluded_otherwise for m in found.moved]
    assert changed == sorted(changed, reverse=True)
    assert sum("published/trust.duckdb" in r for r in found.recall) == 2
    assert (root / "reports" / "w1").is_dir()


def test_the_next_wave_is_read_without_the_person(done: tuple[Path, Withdrawn, dict[str, str]]) -> None:
    root, _, _ = done
    with opened(root, load_study(root), "w3") as desk:
        (part,) = desk.of("w3")
        assert desk.rows_of(part, "P005") == []
        assert len(desk.rows_of(part, "P006")) == 1


def test_an_unknown_id_and_a_reason_that_names_the_person_are_refused(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=STUDY_YAML)
    with pytest.raises(UsageError, match="nobody in this study has that id"):
        withdraw(root, "P099", *WHO)
    with pytest.raises(UsageError, match="names the person"):
        withdraw(root, "P005", "An evaluator", "p5 asked for it")
    assert not (root / "decisions").exists()


def test_files_can_be_replaced_at_once(tmp_path: Path) -> None:
    root = small_study(tmp_path / "s", yaml=STUDY_YAML)
    append(
        root,
        Correction(who="x", when="2026-01-01T00:00:00Z", why="y", wave="w1", participant_id="P005", column="prov_1"),
    )
    exported, worked_on = root / "exports" / "a.csv", root / "exports" / "b.csv"
    for path in (exported, worked_on):
        write(path, ["participant_id", "x"], ["P005", path.name])
    # Written when the study lay elsewhere.
    note_copy(StudyPaths(root), "export", tmp_path / "before" / "a.csv", hash_of(exported))
    found = withdraw(root, "P005", *WHO, replace_files=True)
    assert ([name for name, _ in found.to_replace], found.left) == (["exports/b.csv"], ())
    assert not exported.exists()
    assert found.waves_rebuilt == ()
    assert "P005" not in (root / "waves" / "w1.csv").read_text(encoding="utf-8")
    assert read(root, Correction) == ()


def test_a_withdrawal_that_was_interrupted_goes_on_where_nothing_names_the_person_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_study(tmp_path / "study", yaml=QUICK)
    notes(root)
    run_direct(root, "w1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("coprod_trust.withdraw.withdraw.run_direct", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw(root, "P005", *WHO, replace_files=True)
    assert "published/trust.duckdb" in search(root, NEEDLES).found
    assert any("withdrawal was interrupted" in w for w in status(root).waiting)
    with pytest.raises(UsageError, match="somebody else was interrupted"):
        withdraw(root, "P006", *WHO)
    again = withdraw(root, "p5", *WHO, replace_files=True)
    assert again.left == ()
    assert again.waves_rebuilt == ("w1",)
    assert again.moved
    assert again.recall
    assert search(root, NEEDLES).found == tuple(name for name, _ in again.to_replace)
    assert not any("withdrawal was interrupted" in w for w in status(root).waiting)


def test_of_a_workbook_with_a_sheet_a_wave_each_sheet_loses_the_rows_of_the_person_alone(tmp_path: Path) -> None:
    yaml = STUDY_YAML
    for wave in ("w1", "w2"):
        yaml = yaml.replace(f"path: waves/{wave}.csv", f"path: waves/all.xlsx, sheet: {wave}")
    root = small_study(tmp_path / "s", yaml=yaml)
    frames = {w: pd.read_csv(root / "waves" / f"{w}.csv", dtype=str) for w in ("w1", "w2")}
    mail = ["a@example.org", "b@example.org"]
    frames["addresses"] = pd.DataFrame({"PID": ["p-6", "p-5"], "mail": mail, "age": ["5", "6"]})
    for wave in ("w1", "w2"):
        (root / "waves" / f"{wave}.csv").unlink()
    with pd.ExcelWriter(root / "waves" / "all.xlsx") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
    found = withdraw(root, "P005", *WHO, replace_files=True)
    assert (found.to_replace, found.left) == ((), ())
    left = pd.read_excel(root / "waves" / "all.xlsx", sheet_name=None, dtype=str, engine="calamine")
    for wave in ("w1", "w2"):
        others = frames[wave][frames[wave].pid != "P005"].reset_index(drop=True)
        pd.testing.assert_frame_equal(left[wave].dropna(how="all").reset_index(drop=True), others, check_dtype=False)
        assert left[wave].isna().all(axis=1).sum() == 1, "a blank row keeps the numbers of the others"
    assert left["addresses"].dropna(how="all")["mail"].tolist() == ["a@example.org"]
