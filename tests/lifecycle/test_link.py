"""Who is who: proposed with a score, decided by a person, undone as easily."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.rules import disagreeing
from coprod_trust.analysis.strict import shown_beside
from coprod_trust.decisions import Link, read
from coprod_trust.errors import StudyError, UsageError
from coprod_trust.ingest.step import run_step
from coprod_trust.lifecycle.link import link, propose, take_crosswalk, take_review, write_review
from coprod_trust.runner import run_direct
from coprod_trust.steps import Context
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.store.query import query
from coprod_trust.study import load_study
from tests.studies import STUDY_YAML, answers, small_study, write_csv

WHO = ("An evaluator", "compared with the forms")
QUICK = (
    STUDY_YAML.replace("999", "199")
    .replace("  seed:", "  analyses: core\n  seed:")
    .replace("  normalise: {strip: true, upper: true, remove: '[^A-Z0-9]', prefix: P, digits: 3}\n", "")
    .replace("  pattern: 'P[0-9]{3}'\n", "")
)
CODES = ["M07ANN", "K21BRT", "S30LIE", "B11OTT", "T02EVE", "R19KIM"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """People with codes of their own; at w2 the first two wrote theirs otherwise, and a stranger came."""
    root = small_study(tmp_path / "s", yaml=QUICK)
    waves = answers(drop=False)
    for wave in ("w1", "w2"):
        for n, code in enumerate(CODES):
            waves[wave][n]["pid"] = code
    waves["w2"][0]["pid"] = "M07NAN"
    waves["w2"][1]["pid"] = "K21BRD"
    waves["w2"].append({**waves["w2"][5], "pid": "ZZ99QQ"})
    for wave in ("w1", "w2"):
        write_csv(root / "waves" / f"{wave}.csv", waves[wave])
    (root / "waves" / "w3.csv").unlink()
    return root


def linked(root: Path) -> list[tuple[object, ...]]:
    with query(root, "SELECT count(*) FROM participant WHERE n_waves = 2") as answer:
        return list(answer)


def test_likely_pairs_are_proposed_and_strangers_are_not(root: Path) -> None:
    found = {(p.id_in_wave, p.proposed_id): p for p in propose(root)}
    assert set(found) == {("M07NAN", "M07ANN"), ("K21BRD", "K21BRT")}
    assert found["M07NAN", "M07ANN"].score == 1.0
    assert "1 sign(s) differ, age agrees" in found["M07NAN", "M07ANN"].why
    assert not (root / "decisions").exists()


def test_a_birth_year_that_differs_speaks_against(root: Path) -> None:
    path = root / "waves" / "w2.csv"
    with path.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    rows[0] |= {"birth_year": "1950", "age": "75", "gender": "f"}
    write_csv(path, rows)
    assert ("M07NAN", "M07ANN") not in {(p.id_in_wave, p.proposed_id) for p in propose(root)}


def test_a_review_file_is_filled_in_and_used(root: Path) -> None:
    run_direct(root)
    before = linked(root)
    unlinked = estimates(root)
    path = write_review(root, propose(root))
    text = path.read_text(encoding="utf-8").splitlines()
    decided = [line + ("same" if "M07NAN" in line else "different" if "K21BRD" in line else "") for line in text]
    path.write_text("\n".join([*decided[:1], *decided[1:]]) + "\n", encoding="utf-8")
    assert take_review(root, path, *WHO) == (1, 1)
    assert propose(root) == ()
    run_direct(root)
    assert linked(root) == [(int(str(before[0][0])) + 1,)]
    with query(root, "SELECT participant_id, wave FROM flagged_answer WHERE rule = 'linked-by-decision'") as answer:
        assert list(answer) == [("M07ANN", "w2")]
    with query(root, "SELECT count(*) FROM estimate WHERE finding_id = 'change.provider.w1-w2' "
                     "AND method = 'without_flagged'") as answer:  # fmt: skip
        assert list(answer) == [(1,)]
    shown = estimates(root)
    plain = {key for key in shown if not key[1].startswith("strict_matches_")}
    assert {(f, f"strict_matches_{m}") for f, m in plain} == set(shown) - plain
    changes = [(f, m) for f, m in plain if f.startswith("change.") and m in ("mixed_model", "paired_t", "wilcoxon")]
    assert changes
    for finding, method in changes:
        assert shown[finding, f"strict_matches_{method}"] == pytest.approx(unlinked[finding, method])
    assert shown["change.provider.w1-w2", "paired_t"][0] == unlinked["change.provider.w1-w2", "paired_t"][0] + 1


def test_estimates_without_near_matches_are_told_where_they_contradict() -> None:
    finding = change("changed and matters")
    (same,) = shown_beside([finding], [finding], {"w2": np.array([True, False])})
    assert [(e.method, e.role, e.verdict) for e in same.estimates[1:]] == [
        ("strict_matches_paired_t", "sensitivity", "changed and matters")
    ]
    assert same.certainty == "clear"
    (other,) = shown_beside([finding], [change("inconclusive")], {"w2": np.array([True, False])})
    assert other.certainty == "suggestive"
    assert disagreeing(other) == ("strict_matches_paired_t",)
    (gone,) = shown_beside([finding], [], {"w2": np.array([True, False])})
    assert gone.estimates[1].declined
    assert gone.certainty == "suggestive"


def change(verdict: str) -> Finding:
    estimate = Estimate("paired_t", Role.PRIMARY, n=12, estimate=-8.0)
    return Finding("change.provider.w1-w2", "A1", "provider", "participants", "mean change", (estimate,),
                   verdict=verdict, certainty="clear")  # fmt: skip


def estimates(root: Path) -> dict[tuple[str, str], tuple[float | None, ...]]:
    """Finding and method: n and the figures of every estimate that was not declined."""
    with query(root, "SELECT finding_id, method, n, estimate, std_error, p_value FROM estimate "
                     "WHERE declined IS NULL OR method LIKE 'strict%'") as answer:  # fmt: skip
        return {(str(f), str(m)): figures for f, m, *figures in answer}  # type: ignore[misc]


ELEMENTS = """  elements:
    - {id: mother_initial, start: 1}
    - {id: birth_day, start: 2, length: 2, weight: 2}
    - {id: name_end, start: 4, length: 2}
    - {id: siblings, start: 6}
"""


@pytest.mark.parametrize(
    ("code", "score", "why"),
    [
        ("A07NN2", 0.8, "3 of 4 elements agree, mother_initial differs"),
        ("M70NN2", 0.8, "3 of 4 elements agree, birth_day is a slip"),
        ("M11NN2", 0.6, "3 of 4 elements agree, birth_day differs"),
        ("M07NN", 1.0, "3 of 4 elements agree, siblings is missing"),
        ("M08NM2", 0.7, "2 of 4 elements agree, birth_day is a slip, name_end is a slip"),
        ("A07NN3", None, ""),
        ("M12XX2", None, ""),
    ],
)
def test_codes_of_ones_own_are_compared_element_by_element(
    tmp_path: Path, code: str, score: float | None, why: str
) -> None:
    yaml = QUICK.replace("  column: pid\n", "  column: pid\n" + ELEMENTS).split("covariates:")[0]
    root = small_study(tmp_path / "s", yaml=yaml, drop=False)
    waves = answers(drop=False)
    waves["w1"][0]["pid"], waves["w2"][0]["pid"] = "M07NN2", code
    for wave in ("w1", "w2"):
        write_csv(root / "waves" / f"{wave}.csv", waves[wave])
    (root / "waves" / "w3.csv").unlink()
    found = [(p.id_in_wave, p.proposed_id, p.score, p.why) for p in propose(root)]
    assert found == ([] if score is None else [(code, "M07NN2", score, why)])


def test_elements_that_cannot_be_are_refused(tmp_path: Path) -> None:
    for elements in ("[{id: a, start: 1}]", "[{id: a, start: 1, length: 2}, {id: b, start: 2}, {id: c, start: 5}]",
                     "[{id: a, start: 1}, {id: a, start: 2}, {id: c, start: 5}]"):  # fmt: skip
        root = small_study(tmp_path, yaml=QUICK.replace("  column: pid\n", f"  column: pid\n  elements: {elements}\n"))
        with pytest.raises(StudyError, match="element"):
            load_study(root)


def test_a_decision_is_taken_back_by_the_next_one(root: Path) -> None:
    link(root, "w2", "M07NAN", "M07ANN", *WHO)
    link(root, "w2", "M07NAN", "M07ANN", *WHO, same=False)
    run_direct(root)
    with query(root, "SELECT count(*) FROM participant WHERE participant_id = 'M07NAN'") as answer:
        assert list(answer) == [(1,)]


def test_a_crosswalk_links_all_at_once(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    write_csv(file, [{"participant_id": "M07ANN", "w1": "M07ANN", "w2": "M07NAN"},
                     {"participant_id": "K21BRT", "w1": "", "w2": "K21BRD"}])  # fmt: skip
    assert take_crosswalk(root, file, *WHO) == 2
    assert [(x.wave, x.alias, x.participant_id) for x in read(root, Link)] == [
        ("w2", "M07NAN", "M07ANN"), ("w2", "K21BRD", "K21BRT"),
    ]  # fmt: skip
    assert {x.how for x in read(root, Link)} == {"crosswalk"}
    run_step(Context(root, "w2", "run"))
    with open_work(StudyPaths(root)) as con:
        flagged = con.execute("SELECT count(*) FROM flagged_answer WHERE rule = 'linked-by-decision'").fetchone()
        both = con.execute(
            "SELECT count(*) FROM participant WHERE participant_id IN ('M07ANN', 'K21BRT') AND n_waves = 2"
        )
        assert (flagged, both.fetchone()) == ((0,), (2,)), "a list that says who is who is no near match"
    write_csv(file, [{"participant_id": "A", "w2": "X"}, {"participant_id": "B", "w2": "X"}])
    with pytest.raises(StudyError, match="two people's"):
        take_crosswalk(root, file, *WHO)


def test_what_cannot_be_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one id already"):
        link(root, "w2", "M07ANN", "M07ANN ", *WHO)
    with pytest.raises(UsageError, match="no wave w9"):
        link(root, "w9", "M07NAN", "M07ANN", *WHO)
    file = tmp_path / "review.csv"
    write_csv(file, [{"wave": "w2", "id_in_wave": "M07NAN", "proposed_id": "M07ANN", "decision": "perhaps"}])
    with pytest.raises(StudyError, match="same, different, or empty"):
        take_review(root, file, *WHO)
