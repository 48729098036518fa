"""What a person lets in comes in, and is held against the rules again."""

import pytest

from coprod_trust.decisions import Correction, Release, append, read
from coprod_trust.errors import StudyError, UsageError
from coprod_trust.ingest.release import release
from coprod_trust.quarantine import waiting
from tests.ingest.gate_case import Case

WHO = ("A. Evaluator", "the paper form says so")


def id_of(case: Case, rule: str, row: int) -> str:
    case.run()
    (found,) = [p.problem_id for p in waiting(case.root) if (p.rule, p.row_number) == (rule, row)]
    return found


def state(case: Case, rule: str) -> list[tuple[int, str]]:
    case.run()
    return case.query(f"SELECT row_number, status FROM problem WHERE rule = '{rule}' ORDER BY row_number")


def test_a_cell_is_released_with_the_right_value(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    found = id_of(case, "out-of-range", 3)
    assert case.query("SELECT prov_1, prov_1__reason::VARCHAR FROM answer.w1 WHERE row_number = 3") == [
        (None, "quarantined")
    ]
    release(case.root, found, *WHO, value="1")
    assert state(case, "out-of-range") == [(3, "corrected")]
    assert case.query("SELECT prov_1, prov_1__reason FROM answer.w1 WHERE row_number = 3") == [(1, None)]
    assert case.query("SELECT problem_id FROM problem") == [(found,)]
    assert waiting(case.root) == ()


def test_a_value_that_breaks_the_rule_again_stays_out(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    release(case.root, id_of(case, "out-of-range", 3), *WHO, value="12")
    assert state(case, "out-of-range") == [(3, "open")]
    assert case.query("SELECT prov_1 FROM answer.w1 WHERE row_number = 3") == [(None,)]


def test_what_cannot_be_used_as_it_is_needs_a_value(case: Case) -> None:
    case.set("w1", 3, prov_1="seven")
    found = id_of(case, "text-unmapped", 3)
    with pytest.raises(UsageError, match="--value"):
        release(case.root, found, *WHO)
    assert not (case.root / "decisions").exists()


def test_a_release_by_hand_without_a_value_lets_nothing_unusable_in(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    found = id_of(case, "out-of-range", 3)
    append(case.root, Release(problem_id=found, who="x", when="2026-01-01T00:00:00Z", why="y"))
    assert state(case, "out-of-range") == [(3, "open")]


def test_a_row_is_released_as_it_is(case: Case) -> None:
    case.waves["w1"].append(dict(case.waves["w1"][2]) | {"prov_1": "0"})
    case.waves["w1"][2]["prov_1"] = "9"
    release(case.root, id_of(case, "id-repeated-conflicting", 16), *WHO)
    assert state(case, "id-repeated-conflicting") == [(4, "open"), (16, "released")]
    assert case.query("SELECT row_number, prov_1 FROM answer.w1 WHERE participant_id = 'P003'") == [(16, 0)]


def test_two_conflicting_rows_of_one_person_cannot_both_come_in(case: Case) -> None:
    case.waves["w1"].append(dict(case.waves["w1"][2]) | {"prov_1": "0"})
    case.waves["w1"][2]["prov_1"] = "9"
    for row in (4, 16):
        case.run()
        ids = {p.row_number: p.problem_id for p in waiting(case.root)}
        release(case.root, ids[row], *WHO)
    assert state(case, "id-repeated-conflicting") == [(4, "open"), (16, "open")]
    assert case.query("SELECT * FROM answer.w1 WHERE participant_id = 'P003'") == []


def test_an_id_given_by_a_person_is_checked_like_any_other(case: Case) -> None:
    case.set("w1", 5, pid="")
    release(case.root, id_of(case, "id-missing", 5), *WHO, value="p4")
    case.run()
    assert case.query("SELECT participant_id FROM answer.w1 WHERE row_number = 5") == [("P004",)]
    assert state(case, "id-missing") == [(5, "corrected")]


def test_a_released_link_is_kept(case: Case) -> None:
    case.set("w2", 6, birth_year="1970")
    release(case.root, id_of(case, "birth-year-differs", 6), *WHO)
    case.run()
    assert case.query("SELECT participant_id FROM answer.w2 WHERE row_number = 6") == [("P006",)]


@pytest.mark.parametrize(("problem", "who", "why"), [("00000000", "a", "b"), ("", "a", "b")])
def test_only_what_waits_can_be_released(case: Case, problem: str, who: str, why: str) -> None:
    case.run()
    with pytest.raises(UsageError, match="waits"):
        release(case.root, problem, who, why)


def test_who_and_why_are_never_empty(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    found = id_of(case, "out-of-range", 3)
    with pytest.raises(UsageError, match="--why"):
        release(case.root, found, "A. Evaluator", "  ", value="1")
    release(case.root, found, "A. Evaluator", "form", value="1")
    (decision,) = read(case.root, Release)
    assert (decision.who, decision.why, decision.rule) == ("A. Evaluator", "form", "out-of-range")


def test_a_correction_is_laid_over_the_file(case: Case) -> None:
    case.set("w1", 3, prov_1="11")
    case.write()
    original = (case.root / "waves" / "w1.csv").read_bytes()
    decided = {"who": "A. Evaluator", "when": "2026-01-01T00:00:00Z", "why": "typing error"}
    append(case.root, Correction(wave="w1", participant_id="P002", column="prov_1", value="1", **decided))
    append(case.root, Correction(wave="w2", participant_id="P003", column="Muni_1", value=None, **decided))
    assert case.rules() == set()
    case.run()
    assert case.query("SELECT prov_1 FROM answer.w1 WHERE participant_id = 'P002'") == [(1,)]
    assert case.query("SELECT muni_1, muni_1__reason::VARCHAR FROM answer.w2 WHERE participant_id = 'P003'") == [
        (None, "skipped")
    ]
    assert (case.root / "waves" / "w1.csv").read_bytes() == original


def test_a_correction_by_row_names_its_file_and_the_last_one_holds(case: Case) -> None:
    from coprod_trust.ingest.archive import hash_of

    case.write()
    sha256 = hash_of(case.root / "waves" / "w1.csv")
    decided = {"who": "A. Evaluator", "when": "2026-01-01T00:00:00Z", "why": "typing error"}
    for value in ("1", "2"):
        append(
            case.root, Correction(wave="w1", sha256=sha256[:16], row_number=3, column="prov_1", value=value, **decided)
        )
    case.run()
    assert case.query("SELECT prov_1 FROM answer.w1 WHERE row_number = 3") == [(2,)]


def test_a_corrected_value_is_validated(case: Case) -> None:
    decided = {"who": "A. Evaluator", "when": "2026-01-01T00:00:00Z", "why": "typing error"}
    append(case.write(), Correction(wave="w1", participant_id="P002", column="prov_1", value="77", **decided))
    assert [(p.rule, p.row_number) for p in case.problems()] == [("out-of-range", 3)]


def test_a_correction_of_nothing_is_an_error(case: Case) -> None:
    decided = {"who": "A. Evaluator", "when": "2026-01-01T00:00:00Z", "why": "typing error"}
    append(case.write(), Correction(wave="w1", participant_id="P002", column="prov_9", value="7", **decided))
    with pytest.raises(StudyError, match="column"):
        case.problems()
