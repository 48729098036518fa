"""What the notes say in the report: findings beside voices, cases beside cases, what a public edition leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.build import build_report
from coprod_trust.report.language import language
from coprod_trust.report.localise import localise
from coprod_trust.report.model import Figure, Heading, Report, Section, Table, walk
from coprod_trust.report.read import Material, read_material
from coprod_trust.store import open_work
from coprod_trust.study.report_settings import Labels, ReportLanguage
from tests.report.filled import fill, insert
from tests.report.test_sections import cells, section, table, words

FINDING = "change.provider.w1-w3"
COUNTS = {"weighed": True, "n_expands": 0, "n_mentions": 0, "n_stale": 0, "n_blinded": 12}


def said(con: duckdb.DuckDBPyConnection) -> None:
    """Findings weighed, cases compared, words released, as the integrate step leaves them."""
    insert(con, "meta_inference", finding_id=FINDING, n_confirms=14, n_contrasts=3, n_speaking=17, n_silent_asked=8,
           n_not_asked=2, fit="confirmation", signed_fit="expansion", signed_off="A. Nalyst",
           inference="They add something.", signed_on=date(2026, 1, 20), **COUNTS)  # fmt: skip
    insert(con, "meta_inference", finding_id="change.peers.w1-w3", n_confirms=0, n_contrasts=0, n_speaking=0,
           no_fit="the finding changed after stances on it were set", signed_off="A. Nalyst",
           signed_fit="silence, asked", sign_off_stale="the verdict changed", **{**COUNTS, "n_stale": 4})  # fmt: skip
    for segment, stance in (("s1", "confirms"), ("s2", "contrasts")):
        insert(con, "evidence", finding_id=FINDING, segment_id=segment, stance=stance, derived=False, blinded=True,
               stale=False, origin="coding")  # fmt: skip
        insert(con, "segment_code", segment_id=segment, code="c0", status="agreed", n_coders=2, n_applied=2)
    insert(con, "quote_gate", segment_id="s1", may_quote=True, may_paraphrase=False, in_public=True, released="public",
           words="They kept […] word")  # fmt: skip
    insert(con, "quote_gate", segment_id="s2", may_quote=True, may_paraphrase=True, in_public=False)
    con.execute("UPDATE segment SET paraphrase = 'speaks well of staff' WHERE segment_id = 's2'")
    for case, n in (("north", 14), ("south", 4)):
        insert(con, "case_summary", case_name=case, n_documents=2, n_interviews=1, n_groups=1, n_people=n + 1,
               n_citizens=n, n_professionals=1, n_spoke=n, n_segments=20)  # fmt: skip
        for element, status, people in (("salience", "mentioned", n - 1), ("ease", "not asked", 0)):
            insert(con, "case_element", element=element, kind="model", case_name=case, status=status, n_people=people,
                   n_documents=1, n_segments=people)  # fmt: skip
    insert(con, "model_link", source="socio_economic", target="internal_efficacy", case_name="north", expected=True,
           n_people=6, n_segments=7)  # fmt: skip
    for ordinal, (new, codes, share) in enumerate([(5, 5, None)] * 5 + [(0, 5, 0.0), (1, 6, 0.2)], start=1):
        insert(con, "saturation", code_set="all", ordinal=ordinal, document=f"d{ordinal}", n_new=new, n_codes=codes,
               new_information=share, saturated=None if share is None else True)  # fmt: skip
    for outcome, before, after in (("provider", -8.0, -3.0), ("peers", -2.0, None)):
        insert(con, "code_change", from_version="1", from_code="c0", to_version="2", to_code="c1", kind="split",
               outcome=outcome, contrast="w1-w3", n_segments_before=20, n_segments_after=12, n_people=30,
               n_people_before=14, n_people_after=9, n_people_kept=9, n_stances=3, difference_before=before,
               difference_after=after)  # fmt: skip
    insert(con, "code_version", version="1", ordinal=1, code="c0", name="Being heard", source_id="x")
    insert(con, "boundary_agreement", coder_a="ann", coder_b="ben", n_documents=5, n_passages_a=40, n_passages_b=38,
           n_same=30, n_matched=35, share_in_common=0.81, alpha_u=0.77)  # fmt: skip
    for code in (None, "c0", "c4"):
        insert(con, "coder_agreement", coder_a="ann", coder_b="ben", n_segments=40, kappa=0.6, agreement=0.9, code=code,
               prevalence=0.2)  # fmt: skip
    for segment, kept, reason in (("s18", True, None), ("s19", False, "small talk"), ("s20", False, "small talk")):
        con.execute("UPDATE segment SET kept = ? WHERE segment_id = ?", [kept, segment])
        insert(con, "quote_gate", segment_id=segment, may_quote=False, may_paraphrase=False, in_public=False,
               filter_reason=reason)  # fmt: skip
    con.execute("UPDATE segment SET speaker_role = 'professional', participant_id = NULL "
                "WHERE segment_id IN ('s15', 's16')")  # fmt: skip
    insert(con, "segment_code", segment_id="s15", code="c1", status="single", n_coders=1, n_applied=1)
    insert(con, "case_selection", outcome="provider", contrast="w1-w3", rule="deviant", place=1, participant_id="P001",
           change=-30.0, distance=20.0, interviewed=True)  # fmt: skip
    con.execute("UPDATE segment SET participant_id = 'P001' WHERE segment_id = 's1'")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    context = fill(tmp_path_factory.mktemp("voices"))
    with open_work(context.paths) as con:
        said(con)
        return read_material(con, context.study(), context.wave, context.run_id)


@pytest.fixture(scope="module")
def internal(material: Material) -> Report:
    return build_report(material, language("en"), Edition.INTERNAL)


@pytest.fixture(scope="module")
def public(material: Material) -> Report:
    return build_report(material, language("en"), Edition.PUBLIC)


def text(report: Report) -> str:
    return "\n".join(n for n in walk(report) if isinstance(n, str))


def test_a_finding_stands_beside_people_for_and_against_it_and_what_an_analyst_signed(internal: Report) -> None:
    rows = {r[0]: r[1:] for r in cells(internal, "meta-table")}
    provider = rows["Trust in the provider, Start to Twelve months"]
    assert provider[1:] == ("14", "fewer than 5", "0", "8 asked, fewer than 5 not asked", "expansion (signed off)",
                            "They add something.")  # fmt: skip
    peers = rows["Trust in fellow participants, Start to Twelve months"]
    assert peers[5:] == (
        "open: the finding has moved since",
        "the sign-off no longer stands: figures have moved since",
    )


def test_voices_are_released_words_else_a_summary_else_a_number(internal: Report, public: Report) -> None:
    (row,) = [r for r in cells(internal, "side-by-side") if r[0].startswith("Trust in the provider")]
    assert row[2:4] == (
        "“They kept […] word” (one of 14)",
        "speaks well of staff (a coder's summary; one of fewer than 5)",
    )
    (row,) = [r for r in cells(public, "side-by-side") if r[0].startswith("Trust in the provider")]
    assert row[2:4] == tuple(f"{n} of those who spoke of it; their words may not be printed" for n in ("most", "few"))


def test_the_public_edition_names_no_segment_no_case_and_no_few(internal: Report, public: Report) -> None:
    ids = {t.id for t in walk(public) if isinstance(t, Table)}
    assert not ids & {"evidence-ledger", "case-display"}
    assert {"evidence-ledger", "case-display"} <= {t.id for t in walk(internal) if isinstance(t, Table)}
    assert "speaks well of staff" not in text(public), "its consent is for internal reports"
    (provider,) = [r for r in cells(public, "meta-table") if r[0].startswith("Trust in the provider")]
    assert provider[2:4] == ("most", "few")
    assert [c.label for c in table(public, "matrix-model").columns] == ["Element", "north"], "south has four people"
    assert "P001" not in text(public)


def test_cases_stand_beside_each_other(internal: Report) -> None:
    assert cells(internal, "matrix-model") == [
        ("Salience", "mentioned (13)", "mentioned (fewer than 5)"),
        ("Ease", "not asked", "not asked"),
    ]
    assert cells(internal, "links") == [("Skills from job or education with internal efficacy", "yes", "6", "1")]
    why = words(section(internal, "why"))
    assert "at document 6, two documents in a row had for the first time brought at most 5%" in why
    assert any(isinstance(f, Figure) and f.id == "saturation" for f in walk(internal))


def test_a_case_is_shown_with_its_lines_and_released_words_and_no_id(internal: Report) -> None:
    ((person, scores, quoted),) = cells(internal, "case-display")
    assert person == "Person 1 (against the pattern)"
    assert scores.startswith("trust in the provider ") and " → " in scores
    assert quoted == "“They kept […] word”"


def test_page_one_says_none_found_where_nothing_contradicts(internal: Report) -> None:
    assert "None found: the notes were weighed against 1 finding." in words(section(internal, "summary"))


def test_what_a_change_of_the_codebook_did_to_each_link_is_told(internal: Report, public: Report) -> None:
    found = cells(internal, "code-change")
    assert [row[2] for row in found] == ["trust in the provider", "trust in fellow participants"]
    assert found[0][1] == "split" and found[0][0] == "Being heard (version 1) → Lack of support"
    assert list(found[0][3:]) == ["14", "9", "9", "−8.0", "−3.0", "3"]
    assert found[1][6:8] == ("−2.0", "–")
    shown = cells(public, "code-change")
    assert shown[0][3:6] == ("some", "few", "few"), "in bands, where few were interviewed"
    assert shown[0][6:8] == ("−8.0", "–"), "nine people are too few for the public"
    assert "1 code was renamed, merged, split or given up" in words(section(internal, "together"))


def test_agreement_on_where_passages_end_comes_before_agreement_on_codes(internal: Report) -> None:
    text = words(section(internal, "said"))
    assert "30 with the same ends, 35 that share half or more; 81% of what either marked, both did" in text
    assert text.index("same ends") < text.index("pooled kappa")


def test_agreement_on_a_code_of_few_people_is_not_told_to_the_public(internal: Report, public: Report) -> None:
    """The share of passages with a code tells how few people it concerns."""
    assert {row[0].split(":")[0] for row in cells(internal, "agreement")} == {"Being listened to", "A rare remark"}
    assert [row[0].split(":")[0] for row in cells(public, "agreement")] == ["Being listened to"]


def test_codes_that_came_after_saturation_are_counted(internal: Report) -> None:
    assert "Later documents brought 1 more code." in words(section(internal, "why"))


def test_cases_that_are_all_too_small_are_not_listed_for_the_public(material: Material) -> None:
    small = tuple(replace(c, n_people=4, n_citizens=3, n_interviews=1) for c in material.voices.cases)
    report = build_report(replace(material, voices=replace(material.voices, cases=small)), language("en"),
                          Edition.PUBLIC)  # fmt: skip
    assert not [t for t in walk(section(report, "why")) if isinstance(t, Table) and t.id == "who-was-heard"]
    assert "The cases are too small" in words(section(report, "why"))


def test_few_who_spoke_to_a_discordant_finding_are_not_counted_for_the_public(material: Material) -> None:
    few = {"n_speaking": 6, "n_confirms": 2, "n_contrasts": 4, "fit": "discordance", "signed_off": None}
    meta = tuple(replace(m, **few) if m.finding_id == FINDING else m for m in material.meta)
    report = build_report(replace(material, meta=meta), language("en"), Edition.PUBLIC)
    assert "of the few who spoke about trust in the provider" in words(section(report, "summary"))
    rows = {r[0]: r for r in cells(report, "side-by-side")}
    said = rows["Trust in the provider, Start to Twelve months"]
    assert said[3] == "number not shown; their words may not be printed"


def test_codes_that_changed_have_their_names_in_the_language_of_the_report(material: Material) -> None:
    labels = {ReportLanguage.DUTCH: Labels(codes={"c1": "Te weinig steun"}, texts={"Being heard": "Gehoord worden"})}
    study = material.study.model_copy(update={"report": material.study.report.model_copy(update={"labels": labels})})
    localised = localise(replace(material, study=study), language("nl"))
    first = localised.voices.recodings[0]
    assert (first.from_code, first.to_code) == ("Gehoord worden", "Te weinig steun")


def test_what_the_filter_left_out_is_shown_with_its_reason(internal: Report, public: Report) -> None:
    assert cells(internal, "filter") == [("passed", "–", "1", "1"), ("left out", "small talk", "2", "2")]
    assert "1 of 3 passed" in words(section(internal, "said"))
    assert not [t for t in walk(section(public, "said")) if isinstance(t, Table) and t.id == "filter"]
    assert "how many were left out is not shown" in words(section(public, "said"))


def test_professionals_stand_beside_participants_and_are_not_added_to_them(internal: Report, public: Report) -> None:
    (row,) = cells(internal, "two-actors")
    assert row == ("Lack of support", "11", "Trust in the provider: changed and matters", "1", "1")
    assert not [t for t in walk(section(public, "together")) if isinstance(t, Table) and t.id == "two-actors"]


def test_codes_of_few_are_in_bands_for_the_public_and_left_out_for_the_team(internal: Report, public: Report) -> None:
    inside, outside = ({row[0]: row[2] for row in cells(r, "codes-table")} for r in (internal, public))
    assert (inside["A rare remark"], outside["A rare remark"]) == ("not shown", "few")
    assert inside["Good company"].endswith("(7 of 22)") and outside["Good company"] == "few"
    assert outside["Being listened to"].endswith("(14 of 22)"), "eleven people or more are counted"


def test_conditions_are_put_as_questions_beside_notes_and_survey(material: Material) -> None:
    support = {"construct": "org_support", "expected": ("-", None, None, None)}
    codes = tuple(replace(c, **support) if c.code == "c1" else c for c in material.codes)  # type: ignore[arg-type]
    texts = {("", name): "Some words." for name in ("context", "interpretation", "recommendations")}
    told = replace(material, codes=codes, record=replace(material.record, texts=texts))
    report = build_report(told, language("en"), Edition.INTERNAL)
    ids = [n.id for n in walk(report) if isinstance(n, Figure | Heading | Section | Table)]
    assert len(ids) == len(set(ids)), "a link leads to one place, also where the evaluator's own words stand"
    assert cells(report, "conditions-asked") == [
        ("Lack of support", "11 of 22 people who were interviewed spoke of it", "not in the survey",
         "What would make it less, and who could try that first?")]  # fmt: skip
