"""Stances on findings and what follows from them: whose stance stands, what is stale, who is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from coprod_trust.decisions import SignOff, Stance
from coprod_trust.integrate.meta import MetaInference
from coprod_trust.integrate.stance import Evidence
from coprod_trust.integrate.step import weigh
from coprod_trust.store import open_memory
from coprod_trust.study import Study, load_study
from tests.integrate.notes import FINDING, add_document, add_finding, add_people, add_segment
from tests.studies import STUDY_YAML, small_study

BEFORE = datetime(2025, 8, 1, tzinfo=UTC)
OTHER = "change.municipal.w1-w2"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(small_study(tmp_path_factory.mktemp("study")))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        add_people(connection, *(f"P{i:03d}" for i in range(1, 10)))
        add_finding(connection)
        connection.execute(
            "INSERT INTO code VALUES ('SUP', NULL, 'Support', NULL, NULL, NULL, NULL, NULL, '+', '?', NULL, NULL), "
            "('NOSUP', NULL, 'No support', NULL, NULL, NULL, NULL, NULL, '-', '-', NULL, NULL)"
        )
        yield connection


def decided(segment: str, stance: str, **more: object) -> tuple[int, Stance]:
    fields = {"finding_id": FINDING, "when": BEFORE, **more}
    return 2, Stance(who="the analyst", why="read again", segment_id=segment, stance=stance, **fields)  # type: ignore[arg-type]


def weighed(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    *stances: tuple[int, Stance],
    signed: tuple[SignOff, ...] = (),
    wave: str = "w2",
) -> tuple[dict[str, Evidence], dict[str, MetaInference]]:
    """Evidence on the finding by segment, and all meta-inferences."""
    weigh(con, study, wave, stances, signed)
    rows = con.execute("SELECT * FROM evidence WHERE finding_id = ?", [FINDING]).fetchall()
    metas = con.execute("SELECT * FROM meta_inference").fetchall()
    return {r[1]: Evidence(*r) for r in rows}, {m[0]: MetaInference(*m) for m in metas}


def problems(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [r for (r,) in con.execute("SELECT rule FROM problem ORDER BY rule").fetchall()]


def test_a_decision_goes_before_the_coders_and_they_before_what_is_derived(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    add_document(con, "i1")
    for segment in ("s1", "s2"):
        add_segment(con, segment, "i1", "P001", "confirms")
    add_segment(con, "s3", "i1", "P001", code="NOSUP")
    add_segment(con, "s4", "i1", "P001")
    evidence, _ = weighed(con, study, decided("s1", "expands", blinded=True))
    assert {s: (e.stance, e.origin, e.derived, e.blinded) for s, e in evidence.items()} == {
        "s1": ("expands", "decision", False, True),
        "s2": ("confirms", "coding", False, None),
        "s3": ("confirms", "derived", True, None),
        "s4": ("contrasts", "derived", True, None),
    }, "trust fell: a code that goes with falling confirms, one that goes with rising contrasts"


def test_coders_who_differ_are_unresolved_until_somebody_decides(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    add_document(con, "i1")
    add_segment(con, "s1", "i1", "P001", "confirms")
    add_segment(con, "s1", "i1", "P001", "contrasts", coder="ben")
    evidence, metas = weighed(con, study)
    assert evidence["s1"].stance == "unresolved"
    assert (metas[FINDING].n_speaking, metas[FINDING].n_confirms, metas[FINDING].n_contrasts) == (1, 0, 0)
    evidence, metas = weighed(con, study, decided("s1", "contrasts"))
    assert (evidence["s1"].stance, metas[FINDING].n_contrasts) == ("contrasts", 1)


def test_what_is_derived_never_counts(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    for i in range(1, 5):
        add_document(con, f"i{i}", f"P00{i}", asked="provider")
        add_segment(con, f"s{i}", f"i{i}", f"P00{i}", code="NOSUP")
    evidence, metas = weighed(con, study)
    assert [e.stance for e in evidence.values()] == ["confirms"] * 4
    assert (metas[FINDING].n_speaking, metas[FINDING].weighed, metas[FINDING].fit) == (0, False, "silence, asked")


def test_a_segment_whose_codes_point_both_ways_and_one_of_a_professional_give_nothing(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    add_document(con, "i1")
    add_segment(con, "s1", "i1", "P001", code="SUP")
    add_segment(con, "s1", "i1", "P001", code="NOSUP")
    add_segment(con, "s2", "i1", None, code="SUP", role="professional")
    assert weighed(con, study)[0] == {}


def test_people_are_counted_once_and_in_every_column_in_which_they_belong(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    for i, stances in enumerate(["confirms confirms", "confirms contrasts", "expands", "mentions"], start=1):
        add_document(con, f"i{i}", f"P00{i}", asked="provider")
        for k, stance in enumerate(stances.split()):
            add_segment(con, f"s{i}{k}", f"i{i}", f"P00{i}", stance)
    _, metas = weighed(con, study)
    m = metas[FINDING]
    assert (m.n_confirms, m.n_contrasts, m.n_expands, m.n_mentions, m.n_speaking) == (2, 1, 1, 1, 4)
    assert m.fit == "expansion"


def test_silence_of_who_was_asked_is_told_from_silence_of_who_was_not(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    add_finding(con, OTHER)
    add_finding(con, "association.peers-provider.w1-w2", ("changed together", 0.5, 0.2, 0.7))
    add_document(con, "i1", "P001 P002 P003", asked="provider peers", not_asked="municipal")
    add_document(con, "i2", "P003 P004", asked="municipal provider")
    add_document(con, "i3", "P005")
    add_segment(con, "s1", "i1", "P001", "confirms")
    _, metas = weighed(con, study)
    assert {f: (m.n_silent_asked, m.n_not_asked) for f, m in metas.items()} == {
        FINDING: (3, 1),
        OTHER: (2, 3),
        "association.peers-provider.w1-w2": (3, 2),
    }, "silent people of the roster count; an association was asked about where both its ends were"


def test_without_a_guide_it_is_not_known_who_was_asked(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    add_document(con, "i1", "P001 P002")
    add_segment(con, "s1", "i1", "P001", "confirms")
    m = weighed(con, study)[1][FINDING]
    assert (m.n_silent_asked, m.n_not_asked, m.fit) == (None, None, "silence, not asked")


def test_people_of_another_group_do_not_speak_to_a_finding_on_participants(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    add_people(con, "P100", group="non_participant")
    add_finding(con, "change.provider.w1-w2.non_participant")
    add_document(con, "i1", "P001 P100", asked="provider")
    add_segment(con, "s1", "i1", "P100", "confirms")
    metas = weighed(con, study)[1]
    assert (metas[FINDING].n_speaking, metas[FINDING].n_silent_asked) == (0, 1)
    assert metas["change.provider.w1-w2.non_participant"].n_silent_asked == 1


def published(con: duckdb.DuckDBPyConnection, run_id: str, day: int, verdict: str, estimate: float) -> None:
    con.execute(
        "INSERT INTO run VALUES ($run, 'w2', $at, $at, '1', 'h', 'h')",
        {"run": run_id, "at": datetime(2025, 8, day, 12, tzinfo=UTC)},
    )
    con.execute(
        "INSERT INTO finding_history (run_id, wave, finding_id, verdict, estimate, ci_low, ci_high, p_adjusted) "
        "VALUES (?, 'w2', ?, ?, ?, ?, ?, .001)",
        [run_id, FINDING, verdict, estimate, estimate - 5, estimate + 5],
    )


def test_a_stance_is_stale_where_the_finding_has_moved_since_it_was_set(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    for i in range(1, 5):
        add_document(con, f"i{i}", f"P00{i}", asked="provider")
        add_segment(con, f"s{i}", f"i{i}", f"P00{i}")
    published(con, "r1", 2, "inconclusive", -3.0)
    published(con, "r2", 10, "changed and matters", -9.0)
    on = [
        decided("s1", "confirms", when=datetime(2025, 8, 5, tzinfo=UTC)),
        decided("s2", "confirms", when=datetime(2025, 8, 11, tzinfo=UTC)),
        decided("s3", "confirms", when=datetime(2025, 8, 5, tzinfo=UTC), verdict="changed and matters",
                direction="fell", estimate=-9.5, ci_low=-14.0, ci_high=-5.0),
        decided("s4", "confirms", when=datetime(2025, 7, 1, tzinfo=UTC)),
    ]  # fmt: skip
    evidence, metas = weighed(con, study, *on)
    assert {s: e.stale_reason for s, e in evidence.items()} == {
        "s1": "the verdict changed",
        "s2": None,
        "s3": None,
        "s4": "the verdict changed",
    }, "by the run before it, else by what the decision holds, else by the first run after it"
    m = metas[FINDING]
    assert (m.n_confirms, m.n_speaking, m.n_stale, m.n_silent_asked) == (2, 2, 2, 0)
    assert (m.fit, m.no_fit) == (None, "the finding changed after stances on it were set")
    assert problems(con) == ["stance-stale"]


def test_a_stance_in_the_coded_files_is_as_old_as_its_file(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    published(con, "r1", 2, "inconclusive", -3.0)
    add_document(con, "i1", "P001")
    add_segment(con, "s1", "i1", "P001", "confirms")
    con.execute(
        "INSERT INTO source_file VALUES ('segments__1', 'x', 'notes/s.csv', 'segments', 'csv', NULL, 'imported', "
        "1, 1, 0, 0, 0, 0, 1, TIMESTAMPTZ '2025-08-03 00:00:00+00')"
    )
    assert weighed(con, study)[0]["s1"].stale
    con.execute("UPDATE coding SET coded_on = DATE '2025-07-21', blinded = TRUE")
    assert weighed(con, study)[0]["s1"].blinded is True, "a coder's own word goes before the study's"
    con.execute("UPDATE finding SET verdict = 'inconclusive', estimate = -3, ci_low = -8, ci_high = 2")
    assert not weighed(con, study)[0]["s1"].stale


def test_what_a_stance_names_must_be_there_unless_its_wave_is_still_to_come(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    add_document(con, "i1")
    add_segment(con, "s1", "i1", "P001", "agrees")
    add_segment(con, "s2", "i1", "P001", "confirms", finding_id="change.peer.w1-w2")
    stances = [
        decided("s9", "confirms"),
        decided("s1", "confirms", finding_id="change.provider.w1-w9"),
        decided("s1", "confirms", finding_id="change.provider.w1-w3"),
        decided("s2", "mentions", blinded=False),
    ]
    evidence, _ = weighed(con, study, *stances)
    assert problems(con) == [
        "stance-after-results",
        "stance-finding-unknown",
        "stance-finding-unknown",
        "stance-segment-unknown",
        "stance-unknown",
    ]
    assert {s for s, e in evidence.items() if not e.derived} == {"s2"}
    shown = con.execute("SELECT message, fix FROM problem WHERE rule = 'stance-unknown'").fetchall()
    assert "agrees" not in str(shown), "the value found is for check and quarantine"


def signed(**more: object) -> SignOff:
    fields = {"finding_id": FINDING, "when": BEFORE, "inference": "Both point the same way.", **more}
    return SignOff(who="the analyst", why="read all of it", **fields)  # type: ignore[arg-type]


def test_an_analyst_signs_a_fit_and_the_sign_off_ends_when_figures_change(
    con: duckdb.DuckDBPyConnection, study: Study
) -> None:
    for i in range(1, 4):
        add_document(con, f"i{i}", f"P00{i}", asked="provider")
        add_segment(con, f"s{i}", f"i{i}", f"P00{i}", "confirms")
    figures = {"verdict": "changed and matters", "direction": "fell", "estimate": -10.0, "ci_low": -15.0,
               "ci_high": -5.0, "n_confirms": 3, "n_contrasts": 0, "n_expands": 0}  # fmt: skip
    m = weighed(con, study, signed=(signed(fit="expansion", **figures),))[1][FINDING]
    assert (m.fit, m.signed_fit, m.signed_off, m.inference) == (
        "confirmation",
        "expansion",
        "the analyst",
        "Both point the same way.",
    )
    assert m.sign_off_stale is None
    m = weighed(con, study, signed=(signed(**{**figures, "n_confirms": 2}),))[1][FINDING]
    assert m.sign_off_stale == "the number of people for or against it changed"
    con.execute("UPDATE finding SET estimate = -13")
    assert weighed(con, study, signed=(signed(**figures),))[1][FINDING].sign_off_stale == "the estimate moved"


def test_a_study_may_say_that_its_coders_were_blind(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = small_study(tmp_path, yaml=STUDY_YAML + "notes: {stance_blinded: true}\n")
    add_document(con, "i1", "P001", asked="provider")
    add_segment(con, "s1", "i1", "P001", "confirms")
    evidence, metas = weighed(con, load_study(root))
    assert evidence["s1"].blinded is True
    assert metas[FINDING].n_blinded == 1


def test_without_notes_nothing_is_weighed(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    assert weighed(con, study) == ({}, {})
