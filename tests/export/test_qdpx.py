"""The study as a REFI-QDA project: what it holds, what it withholds, and that it reads back."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.decisions import CodingDecision, QuoteRelease, Stance, append
from coprod_trust.errors import EXIT_REFUSED, EXIT_USAGE
from coprod_trust.notes.step import read_notes, store_notes
from coprod_trust.runner import run_direct
from coprod_trust.store import open_memory
from coprod_trust.study import load_study
from tests.notes.projects.making import read
from tests.notes.study import NOTES_YAML, WORDS, segment, survey, write_notes, write_transcripts
from tests.studies import small_study

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "qda" / "Project.xsd"
DECIDED = datetime(2026, 1, 6, tzinfo=UTC)
SECRET = "They always helped me"
NAMED = "Mr. Jansen came by"
ROWS = [
    segment("s1", "int1", "NOSUP", participant_id="P001", text="Nobody helped me", consent_quote="yes",
            start_offset="6", end_offset="22", valence="negative", stance="contrasts",
            finding_id="change.provider.w1-w2"),
    segment("s1", "int1", "NOSUP", "ben", participant_id="P001", text="Nobody helped me", start_offset="6",
            end_offset="22"),
    segment("s1", "int1", "MOT", participant_id="P001", text="Nobody helped me", start_offset="6", end_offset="22",
            valence="negative", stance="contrasts", finding_id="change.provider.w1-w2"),
    segment("s2", "int2", "SUP", participant_id="P002", text=SECRET, paraphrase="Speaks of support.",
            consent_quote="no"),
    segment("s5", "int3", "SUP", participant_id="P003", text=NAMED, paraphrase="Somebody came by.",
            consent_quote="yes"),
    segment("s3", "fg1", "", speaker="R1", text="We were left to sort it out", consent_quote="yes"),
    segment("s4", "fg1", "SUP", speaker="Staff", text="We did what we could"),
    {**segment("s6", "int2", "", participant_id="P002", text="when I asked", start_offset="22", end_offset="34"),
     "kept": "no", "filter_reason": "small talk"},
]  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study with notes, published."""
    root = small_study(tmp_path_factory.mktemp("export") / "study")
    write_notes(root, segments=[{"kept": "", "filter_reason": "", **r} for r in ROWS])
    write_transcripts(root, {**WORDS, "fg1": "We were left to sort it out ourselves. We did what we could."})
    (root / "study.yaml").write_text(NOTES_YAML, encoding="utf-8")
    for segment_id, text, redact in (("s1", "Nobody helped me", None), ("s3", "We were left to sort it out", "8-12")):
        read_words = hashlib.sha256(text.encode()).hexdigest()[:16]
        append(root, QuoteRelease(segment_id=segment_id, words=read_words, redact=redact, who="analyst",
                                  when=datetime(2026, 1, 5, tzinfo=UTC), why="read"))  # fmt: skip
    append(
        root, CodingDecision(segment_id="s1", code="MOT", present=False, who="both", when=DECIDED, why="talked over")
    )
    append(root, Stance(finding_id="change.provider.w1-w2", segment_id="s2", stance="expands", blinded=False,
                        who="analyst", when=DECIDED, why="read again"))  # fmt: skip
    run_direct(root)
    return root


@pytest.fixture(scope="module")
def project_file(study: Path) -> Path:
    done = CliRunner().invoke(application, ["export", str(study), "--format", "qdpx"])
    assert done.exit_code == 0, done.output
    path = Path(done.stdout.strip())
    assert path == study / "exports" / "small.qdpx"
    assert "may not be quoted" in done.stderr
    return path


def test_every_coding_is_there(study: Path, project_file: Path) -> None:
    project = read(project_file)
    names = {c.key: c.name for c in project.codes}
    by_coders = [c for c in project.codings if c.coder != "reconciled"]
    found = {(c.label, names[c.code], c.coder) for c in by_coders if ": " not in names[c.code]}
    with duckdb.connect(str(study / "published" / "trust.duckdb"), read_only=True) as con:
        rows = con.execute("SELECT segment_id, name, coder FROM coding JOIN code USING (code)").fetchall()
    assert found == set(rows) and len(found) == 6


def test_words_stand_at_their_offsets_or_are_masked(project_file: Path) -> None:
    project = read(project_file)
    text = {d.name: d.text or "" for d in project.documents.values()}
    assert text["int1"][6:22] == "Nobody helped me"
    assert len(text["int1"]) == len(WORDS["int1"])
    assert set(text["int1"][:6] + text["int1"][22:]) <= {"·", "\n"}, "what nobody coded does not leave"
    everything = project_file.read_bytes()
    with zipfile.ZipFile(project_file) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist())
    assert SECRET.encode() not in everything, "no consent to be quoted"
    assert b"We did what we could" not in everything, "not the words of a citizen"
    assert {c.coder for c in project.codings} == {"coder_1", "coder_2", "reconciled"}, "coders leave under a number"
    assert b"Staff" not in everything and b"R1" not in everything, "labels of speakers may be names"
    assert "We were" in text["fg1"] and "sort it out" in text["fg1"]
    assert "left" not in text["fg1"], "what the release leaves out is left out here"
    assert NAMED.encode() not in everything, "a name is in it"
    assert "Somebody came by." in text["int3"], "the coder's own words stand in their place"
    assert b"Speaks of support." not in everything, "without consent not even those"


def test_participants_are_cases_with_their_trajectories(study: Path, project_file: Path) -> None:
    project = read(project_file)
    values = {(v.subject_name, v.variable): v.value for v in project.values if v.subject == "case"}
    with duckdb.connect(str(study / "published" / "trust.duckdb"), read_only=True) as con:
        rows = con.execute("SELECT participant_id, provider__w1 FROM score_wide").fetchall()
        person, change = con.execute(
            "SELECT participant_id, change FROM change WHERE scale = 'provider' AND wave_from = 'w1' AND wave_to = 'w2'"
        ).fetchall()[0]
    assert {c.name for c in project.cases} == {*(p for p, _ in rows), "professional"}
    for somebody, score in rows:
        written = values.get((somebody, "provider__w1"))
        assert (float(written) if written else None) == pytest.approx(score, abs=1e-6)
    assert float(values[person, "change_provider__w1_w2"] or "") == pytest.approx(change, abs=1e-6)
    assert {c.name: len(c.spans) for c in project.cases if c.spans} == {
        "P001": 1,
        "P002": 2,
        "P003": 1,
        "P005": 1,
        "professional": 1,
    }


def test_a_study_that_reads_it_has_the_same_codings_and_people(study: Path, project_file: Path, tmp_path: Path) -> None:
    root = write_notes(tmp_path / "again", segments=[], documents=[], roster=[], guide=[])
    (root / "notes").mkdir()
    (root / "notes" / "p.qdpx").write_bytes(project_file.read_bytes())
    (root / "study.yaml").write_text(NOTES_YAML.replace("segments.csv", "p.qdpx"), encoding="utf-8")
    queries = (
        "SELECT segment_id, code, coder, valence, stance, finding_id FROM coding ORDER BY ALL",
        "SELECT segment_id, document, participant_id, speaker_role, wave FROM segment ORDER BY ALL",
        "SELECT segment_id, coder FROM segment_coder ORDER BY ALL",
        "SELECT document, kind, case_name, date, wave FROM document ORDER BY ALL",
        "SELECT segment_id, code, replace(status, 'agreed', 'decided') FROM segment_code ORDER BY ALL",
        "SELECT segment_id, kept, filter_reason FROM segment ORDER BY ALL",
    )
    with open_memory() as con:
        survey(con)
        notes = read_notes(con, load_study(root), root, "w3")
        assert {p.rule for p in notes.problems if p.severity != "warn"} == set()
        store_notes(con, notes)
        assert con.execute("SELECT kept, filter_reason FROM segment WHERE segment_id = 's6'").fetchall() == [
            (False, "small talk")]  # fmt: skip
        assert ("s1", "MOT", "rejected") in con.execute(queries[4]).fetchall()
        again = [con.execute(q).fetchall() for q in queries]
    with duckdb.connect(str(study / "published" / "trust.duckdb"), read_only=True) as con:
        assert again == [con.execute(q).fetchall() for q in queries]


def test_what_a_person_decided_of_a_finding_is_a_comment_of_its_passage_and_what_is_lost_is_said(
    study: Path, project_file: Path, tmp_path: Path
) -> None:
    memos = {(m.subject, m.subject_name.split("@")[0]): m.text for m in read(project_file).memos}
    assert "Decided: expands change.provider.w1-w2 (having seen the results)" in memos["segment", "int2"]
    said = (
        CliRunner()
        .invoke(application, ["export", str(study), "--format", "qdpx", "--out", str(tmp_path / "again.qdpx")])
        .stderr
    )
    assert "1 stances that a person decided are comments" in said
    assert "the format has no place for findings, sign-offs" in said


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the standard's schema is not at ../shared/data")
def test_it_validates_and_opens_with_somebody_elses_library(project_file: Path, tmp_path: Path) -> None:
    from lxml import etree
    from pyrefiqda import RefiProject

    with zipfile.ZipFile(project_file) as archive:
        xml = archive.read("project.qde")
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.fromstring(xml))
    project = RefiProject.load(project_file, extract_dir=str(tmp_path / "out"))
    assert {s.name for s in project.sources.text_source} == {"int1", "int2", "int3", "int4", "fg1"}


def test_a_file_that_is_there_is_not_overwritten(study: Path, project_file: Path) -> None:
    before = project_file.read_bytes()
    project_file.write_bytes(b"a week of coding")
    refused = CliRunner().invoke(application, ["export", str(study), "--format", "qdpx"])
    assert refused.exit_code == EXIT_USAGE
    assert project_file.read_bytes() == b"a week of coding"
    done = CliRunner().invoke(application, ["export", str(study), "--format", "qdpx", "--force"])
    assert done.exit_code == 0
    assert project_file.read_bytes() == before, "the same publication gives the same bytes"


def test_nothing_published_is_said(tmp_path: Path) -> None:
    write_notes(tmp_path / "s")
    refused = CliRunner().invoke(application, ["export", str(tmp_path / "s"), "--format", "qdpx"])
    assert refused.exit_code == EXIT_REFUSED
