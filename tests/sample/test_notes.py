"""The notes have the sizes, agreement and leanings they were written to have."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from generator.casting import TARGETED, cast
from generator.notes import NAMED
from generator.people import draw
from generator.pick import SEED
from numpy.random import RandomState
from statsmodels.stats.inter_rater import cohens_kappa

from coprod_trust.ingest.problem import Problem
from coprod_trust.notes.step import Notes, read_notes
from coprod_trust.privacy.screens import screen, words_of
from coprod_trust.store import open_memory
from coprod_trust.study import load_study
from tests.sample.conftest import Generated

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(sample: Path) -> list[Row]:
    """segments.csv with the codes as they were meant: typing errors mended, codes of the first version followed."""
    right = {"COND-NOSUPP": "COND-NOSUP", "TRU-COGG": "TRU-COG", "MOT_DN": "MOT-DN"}
    became = {m["from_code"]: m["to_code"] for m in _read(sample / "notes/code_mapping.csv")}
    read_again = {int(c["row_number"]): c["value"] for c in _read(sample / "decisions/correction.csv")}
    return [
        {**r, "code": read_again.get(n) or right.get(r["code"]) or became.get(r["code"]) or r["code"]}
        for n, r in enumerate(_read(sample / "notes/segments.csv"), start=2)
    ]


@pytest.fixture(scope="module")
def notes(sample: Path) -> Notes:
    """The notes as the package reads them, with nobody known to be in the survey."""
    with open_memory() as con:
        return read_notes(con, load_study(sample), sample, "w3")


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _by_segment(rows: list[Row]) -> dict[str, dict[str, set[str]]]:
    """Segment to coder to codes."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for r in rows:
        found[r["segment_id"]][r["coder"]].add(r["code"])
    return found


def test_there_are_22_interviews_4_focus_groups_and_about_200_segments(sample: Path, rows: list[Row]) -> None:
    kinds = Counter(d["kind"] for d in _read(sample / "notes/documents.csv"))
    assert kinds == {"interview": 22, "focus group": 4}
    assert len({r["document"] for r in rows}) == 26
    assert len({r["segment_id"] for r in rows}) == 208
    assert len({r["code"] for r in rows}) == 24
    people = {r["participant_id"] for r in rows if r["document"].startswith("I")}
    assert len(people) == 22


def test_three_codes_are_rare(rows: list[Row]) -> None:
    segments = {code: {r["segment_id"] for r in rows if r["code"] == code} for code in {r["code"] for r in rows}}
    assert {c for c, s in segments.items() if len(s) <= 3} == {"TN-OUT", "OBS-SEL", "NEW-ANX"}


def test_about_thirty_percent_of_segments_have_several_codes(rows: list[Row]) -> None:
    several = [any(len(codes) > 1 for codes in coders.values()) for coders in _by_segment(rows).values()]
    assert 0.25 <= np.mean(several) <= 0.35


def test_two_coders_agree_between_fair_and_very_good_on_every_code(rows: list[Row]) -> None:
    twice = [coders for coders in _by_segment(rows).values() if len(coders) == 2]
    assert len(twice) == 120
    kappas = {}
    for code in {r["code"] for r in rows}:
        table = np.zeros((2, 2))
        for coders in twice:
            table[int(code in coders["coder_a"]), int(code in coders["coder_b"])] += 1
        kappas[code] = cohens_kappa(table).kappa
    assert all(0.45 <= k <= 0.90 for k in kappas.values()), kappas
    assert max(kappas.values()) - min(kappas.values()) > 0.3


def test_words_stand_at_their_offsets_except_where_one_coder_shifted_them(
    generated: Generated, sample: Path, rows: list[Row]
) -> None:
    shifted = {d.row for d in generated.dirt if "offsets of coder_b" in d.what}
    wrong = set()
    for number, r in enumerate(rows, start=2):
        transcript = (sample / "notes/transcripts" / f"{r['document']}.txt").read_text(encoding="utf-8")
        if transcript[int(r["start_offset"]) : int(r["end_offset"])] != r["text"]:
            wrong.add(number)
    assert wrong == shifted
    assert 5 <= len(wrong) <= 15
    assert len({(rows[k - 2]["document"], rows[k - 2]["coder"]) for k in wrong}) == 1


@pytest.mark.parametrize("code", TARGETED)
def test_decliners_speak_about_twice_as_often_of_falling_motivation_and_lack_of_support(
    rows: list[Row], code: str
) -> None:
    people = {p.participant_id: p for p in draw(SEED)}
    heard = {r["participant_id"] for r in rows if r["participant_id"]}
    fell = {i for i in heard if people[i].score("provider", 1) - people[i].score("provider", 0) <= -10}
    coded = {r["participant_id"] for r in rows if r["code"] == code and r["coder"] == "coder_a"} & heard
    ratio = (len(coded & fell) / len(fell)) / (len(coded - fell) / len(heard - fell))
    assert 1.5 <= ratio <= 2.7
    assert min(len(fell), len(heard - fell)) >= 8


def test_five_deviant_cases_were_interviewed() -> None:
    people = draw(SEED)
    chosen = cast(people, RandomState(SEED + 2))
    by_id = {p.participant_id: p for p in people}
    assert len(chosen.deviant) == 5
    assert set(chosen.deviant) <= set(chosen.interviewed)
    for i in chosen.deviant:
        assert by_id[i].score("peers", 1) > by_id[i].score("peers", 0)
        assert by_id[i].score("provider", 1) < by_id[i].score("provider", 0)


def test_about_fifteen_percent_of_segments_contrast(rows: list[Row]) -> None:
    stance = {r["segment_id"]: r["stance"] for r in rows}
    assert 0.12 <= Counter(stance.values())["contrasts"] / len(stance) <= 0.18


def test_two_people_withdrew_consent_to_be_quoted(rows: list[Row]) -> None:
    consent = defaultdict(set)
    for r in rows:
        if r["participant_id"]:
            consent[r["participant_id"]].add(r["consent_quote"])
    assert all(len(c) == 1 for c in consent.values()), "a person's consent holds for all they said"
    assert Counter(c for (c,) in consent.values())["withdrawn"] == 2


def test_the_screen_stops_the_four_quotes_with_names_and_few_others(sample: Path, rows: list[Row]) -> None:
    """The screen may stop more than there is ('I never miss ...', 'Thursdays'); it must not miss a name."""
    study = load_study(sample)
    ordinary = words_of(study.provider_name, study.municipality_name, study.title)
    texts = {r["text"] for r in rows}
    stopped = {t for t in texts if screen(t, ordinary=ordinary, ids=study.ids)}
    named = {t for t in texts if any(name in t for name in NAMED)}
    assert len(named) == 4
    assert named <= stopped
    assert len(stopped) <= 8
    assert not any(screen(p, ordinary=ordinary, ids=study.ids) for p in {r["paraphrase"] for r in rows})


def test_somebody_sat_in_every_focus_group_in_silence(sample: Path) -> None:
    silent = Counter(r["document"] for r in _read(sample / "notes/roster.csv") if r["spoke"] == "no")
    assert silent == {"F1": 1, "F2": 1, "F3": 1, "F4": 1}


def test_what_was_elicited_had_been_asked(sample: Path, rows: list[Row]) -> None:
    asked = {(g["document"], g["construct"]): g["asked"] == "yes" for g in _read(sample / "notes/guide.csv")}
    assert set(Counter(asked.values())) == {True, False}
    for r in rows:
        if r["code"] == "COND-COM" and r["coder"] == "coder_a" and r["elicited"] == "elicited":
            assert any(asked[(r["document"], c)] for c in ("commitment", "peers", "org_support", "motivation"))
    assert Counter(r["elicited"] for r in rows)["spontaneous"] > 30


def test_interviews_took_place_after_the_fieldwork_they_belong_to(sample: Path) -> None:
    window = load_study(sample).wave("w2").window
    assert window is not None
    for d in _read(sample / "notes/documents.csv"):
        assert d["wave"] == "w2"
        assert window.end.isoformat() < d["date"] < "2025-07-01"


def test_the_package_finds_the_planted_errors_and_no_others(generated: Generated, notes: Notes) -> None:
    def of(rule: str) -> set[int | None]:
        return {p.row_number for p in notes.problems if p.rule == rule}

    for rule in ("code-unknown", "offsets-text-differs", "speaker-unknown"):
        assert of(rule) == {d.row for d in generated.dirt if d.rule == rule}
    # the survey was not read here, so it knows nobody
    expected = {"code-unknown", "offsets-text-differs", "speaker-unknown", "participant-not-in-survey"}
    assert {p.rule for p in notes.problems if not _told_elsewhere(p)} <= expected
    assert notes.refusals == []


def _told_elsewhere(problem: Problem) -> bool:
    return problem.name != "notes/segments.csv"


def test_the_codebook_is_the_default_one_and_passes_every_rule(sample: Path, notes: Notes) -> None:
    from coprod_trust.study.instrument import default_codebook

    assert (sample / "codebook.csv").read_text(encoding="utf-8") == default_codebook()
    assert [p for p in notes.problems if p.name == "codebook.csv"] == []
    assert len(notes.codes) == 62


def test_two_talks_with_staff_come_from_a_project_with_what_its_filter_left_out(notes: Notes) -> None:
    mine = [s for s in notes.segments.segments.values() if s.document.startswith("S")]
    assert {(s.speaker_role, s.participant_id, s.wave) for s in mine} == {("professional", None, "w2")}
    assert Counter(s.filter_reason for s in mine if s.kept is False) == {
        "small talk": 2, "about another programme": 1, "says again what was said": 1}  # fmt: skip
    assert sum(s.kept is True for s in mine) == 8
    (linked,) = notes.linked
    assert len(linked.cases) == 3 and len(linked.memos) == 2
    assert [p for p in notes.problems if p.name == linked.table.name] == []


def test_codes_of_the_first_codebook_are_followed_and_the_split_one_was_read_again(notes: Notes) -> None:
    given = Counter((c.code_as_given, c.code) for c in notes.segments.codings.values() if c.code_as_given)
    assert set(given) == {("COND-HELP", "COND-SUP"), ("COND-HELP", "COND-NOSUP"), ("MOT-LOSS", "MOT-DN"),
                          ("TN-QUARREL", "TN-CONF"), ("TN-GOSSIP", "TN-CONF")}  # fmt: skip
    assert min(given.values()) >= 2
