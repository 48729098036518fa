"""A draft must load, be explained, and be right where the files leave no doubt."""

from __future__ import annotations

import csv
import shutil
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.errors import UsageError
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.study import Dimension, Study, load_study
from coprod_trust.study.draft import draft
from coprod_trust.study.drafting.facts import reason_of
from coprod_trust.study.drafting.waves import token_of
from coprod_trust.study.drafting.yaml_text import scalar
from tests.studies import answers, write_csv

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "waves"


def drafted(folder: Path, *files: Path) -> Study:
    draft(folder / "study", files)
    return load_study(folder / "study")


@pytest.fixture
def small(tmp_path: Path) -> list[Path]:
    """Three clean waves with names of their own."""
    files = []
    for number, rows in enumerate(answers().values(), 1):
        path = tmp_path / f"meting {number}.csv"
        write_csv(path, [{f"{k}" if k != "pid" else "respondentnr": v for k, v in row.items()} for row in rows])
        files.append(path)
    return files


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, str]:
    """The draft of the sample study's own files, given in no order."""
    folder = tmp_path_factory.mktemp("draft")
    path = draft(folder / "study", sorted(SAMPLE.iterdir(), reverse=True))
    return load_study(folder / "study"), path.read_text()


def test_waves_come_in_order_with_their_files_dates_and_months(sample: tuple[Study, str]) -> None:
    study, _ = sample
    assert [(w.id, w.month, len(w.files)) for w in study.waves] == [("w1", 0, 2), ("w2", 6, 1), ("w3", 12, 1)]
    assert [w.planned_date.year for w in study.waves if w.planned_date] == [2024, 2025, 2025]
    assert {f.date_format for f in study.waves[0].files} == {"%d-%m-%Y"}
    assert study.waves[1].files[0].sheet == "Data"


def test_ids_written_in_several_ways_are_made_alike(sample: tuple[Study, str]) -> None:
    from coprod_trust.study.ids import normalise

    study, _ = sample
    assert study.ids.column == "respnr"
    assert {normalise(study.ids, raw) for raw in ("P007", "p7", "007", "P-007")} == {"P007"}


def test_groups_consent_and_what_is_known_of_people_are_recognised(sample: tuple[Study, str]) -> None:
    study, _ = sample
    assert study.groups.column == "groep"
    assert [(g.id, g.codes) for g in study.groups.values] == [
        ("participant", ["deelnemer"]),
        ("non_participant", ["niet-deelnemer"]),
    ]
    assert study.consent is not None
    assert (study.consent.column, study.consent.granted) == ("akkoord", ["ja"])
    kinds = {c.id: (c.kind, c.column) for c in study.covariates}
    assert kinds["birth_year"] == ("birth_year", "geboortejaar")
    assert kinds["gender"] == ("gender", "geslacht")
    assert {c.id: c.codes for c in study.covariates}["gender"]["v"] == "woman"
    assert study.platform.free_text == ["opmerking"]


def test_items_of_the_default_instrument_bring_their_scale(sample: tuple[Study, str]) -> None:
    study, _ = sample
    provider = study.scale_of(Dimension.PROVIDER)
    assert provider is not None
    assert (provider.low, provider.high) == (0, 10)
    assert [i.id for i in provider.items if i.reverse] == ["prov_guarded"]
    assert study.scale("peers").groups == ["participant"]
    assert not study.scale("self_interest").scored


def test_a_renamed_item_is_joined_and_another_format_declared(sample: tuple[Study, str]) -> None:
    study, text = sample
    worth = next(i for i in study.scale("motivation").items if i.id == "mot_worth")
    assert worth.aliases == {"w2": ["mot_worth_it"]}
    assert "one question under two names" in text
    assert study.scale("external_efficacy").ends("w2") == (0, 10)


def test_answers_in_words_count_as_the_numbers_of_another_wave(sample: tuple[Study, str]) -> None:
    study, _ = sample
    labels = study.scale("engagement").value_labels
    assert {k: labels[k] for k in ("oneens", "neutraal", "eens", "helemaal eens")} == {
        "oneens": 2,
        "neutraal": 3,
        "eens": 4,
        "helemaal eens": 5,
    }


def test_missing_codes_are_declared_with_their_reasons(sample: tuple[Study, str]) -> None:
    study, _ = sample
    assert {k: v.value for k, v in study.missing_codes.items()}.items() >= {
        "77": "not_applicable",
        "88": "dont_know",
        "99": "refused",
        "weet niet": "dont_know",
    }.items()


def test_every_guess_says_why(sample: tuple[Study, str]) -> None:
    study, text = sample
    assert text.count("Guess") >= len(study.scales) + len(study.covariates) + len(study.waves)
    assert text.startswith("# yaml-language-server: $schema=study.schema.json\n")


def test_scales_that_no_instrument_knows_are_found_by_stem_and_range(tmp_path: Path, small: list[Path]) -> None:
    study = drafted(tmp_path, *small)
    assert {s.id: ([i.id for i in s.items], s.low, s.high) for s in study.scales} == {
        s: ([f"{s}_{i}" for i in (1, 2, 3)], 0, 10) for s in ("prov", "muni", "gen", "peer")
    }
    assert study.scale("peer").groups == ["participant"]
    assert (study.ids.column, study.groups.column) == ("respondentnr", "group")


@pytest.mark.scenario
def test_a_drafted_study_runs_from_files_to_report(tmp_path: Path, small: list[Path]) -> None:
    from coprod_trust.runner import run_direct

    drafted(tmp_path, *small)
    run_direct(tmp_path / "study")
    assert (tmp_path / "study" / "published" / "trust.duckdb").is_file()
    assert list((tmp_path / "study" / "reports" / "w3").rglob("*.html"))


def test_one_file_with_a_wave_column_gives_every_wave(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    rows = [{"golf": f"meting {n}", **row} for n, wave in enumerate(answers().values(), 1) for row in wave]
    write_csv(path, rows)
    study = drafted(tmp_path, path)
    assert [w.files[0].wave_value for w in study.waves] == ["meting 1", "meting 2", "meting 3"]
    assert {w.files[0].wave_column for w in study.waves} == {"golf"}
    assert study.ids.column == "pid"


@pytest.mark.parametrize("several_waves", [False, True])
def test_a_file_with_a_row_an_answer_is_recognised(tmp_path: Path, several_waves: bool) -> None:
    path = tmp_path / "w1_export.csv"
    rows = [
        {"pid": row["pid"], "wave": str(n), "group": row["group"], "item": item, "value": row[item]}
        for n, wave in enumerate(answers().values(), 1)
        for row in wave
        for item in ("prov_1", "prov_2", "muni_1", "muni_2")
        if several_waves or n == 1
    ]
    write_csv(path, rows)
    study = drafted(tmp_path, path)
    hints = study.waves[0].files[0]
    assert (hints.layout, hints.item_column, hints.value_column) == ("long", "item", "value")
    assert [w.files[0].wave_value for w in study.waves] == (["1", "2", "3"] if several_waves else [None])
    assert study.ids.column == "pid"
    assert {s.id: len(s.items) for s in study.scales} == {"prov": 2, "muni": 2}
    assert study.groups.column == "group"


def test_words_of_an_answer_scale_become_values(tmp_path: Path) -> None:
    path = tmp_path / "w1.csv"
    words = ["helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens"]
    write_csv(
        path,
        [{"nr": f"A{i}", "steun_1": words[i % 5], "steun_2": words[(i + 1) % 5], "x": "weet niet"} for i in range(20)],
    )
    scale = drafted(tmp_path, path).scale("steun")
    assert (scale.low, scale.high) == (1, 5)
    assert scale.value_labels == {word: n for n, word in enumerate(words, 1)}


def test_the_id_of_a_later_wave_may_stand_in_another_column(tmp_path: Path) -> None:
    first, second = tmp_path / "t0.csv", tmp_path / "t1.csv"
    write_csv(first, [{"pid": f"{i}", "trust_1": str(i % 5 + 1), "trust_2": str(i % 4 + 1)} for i in range(100, 140)])
    write_csv(
        second,
        [{"new_id": f"{900 + i}", "old": f"{i}", "trust_1": str(i % 5 + 1), "trust_2": "2"} for i in range(110, 150)],
    )
    study = drafted(tmp_path, first, second)
    assert study.ids.column == "pid"
    assert [w.files[0].id_column for w in study.waves] == [None, "old"]


def test_columns_that_identify_people_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "w1.csv"
    write_csv(
        path,
        [{"nr": f"A{i}", "E-mail": f"a{i}@x.nl", "naam": f"N{i}", "v_1": str(i % 5), "v_2": "4"} for i in range(20)],
    )
    study = drafted(tmp_path, path)
    assert {"E-mail", "naam"} <= set(study.platform.ignore)
    assert study.ids.column == "nr"


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path, small: list[Path]) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "keep.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        draft(tmp_path / "study", small)
    assert [p.name for p in (tmp_path / "study").iterdir()] == ["keep.txt"]


def test_the_empty_folder_one_stands_in_is_filled_and_stays_the_same(
    tmp_path: Path, small: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "My study 2"
    folder.mkdir()
    before = folder.stat().st_ino
    monkeypatch.chdir(folder)
    path = draft(Path(), small)
    assert path == folder / "study.yaml"
    assert folder.stat().st_ino == before
    assert load_study(folder).study_id == "my_study_2"
    assert (folder / "waves" / small[0].name).is_file()


def test_a_file_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, small: list[Path]) -> None:
    (tmp_path / "bad.csv").write_bytes(b"pid,q1\nP1,3,5\n")
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(FileRefused):
        draft(tmp_path / "study", [*small, tmp_path / "bad.csv"])
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_two_files_of_one_name_are_refused(tmp_path: Path, small: list[Path]) -> None:
    (tmp_path / "other").mkdir()
    shutil.copy(small[0], tmp_path / "other" / small[0].name)
    with pytest.raises(UsageError, match="same name"):
        draft(tmp_path / "study", [small[0], tmp_path / "other" / small[0].name])


def test_files_are_copied_byte_for_byte(tmp_path: Path, small: list[Path]) -> None:
    drafted(tmp_path, *small)
    for path in small:
        assert (tmp_path / "study" / "waves" / path.name).read_bytes() == path.read_bytes()


def test_a_study_without_files_has_the_default_instrument_and_every_folder(tmp_path: Path) -> None:
    study = drafted(tmp_path)
    assert {s.dimension for s in study.scales if s.dimension} == set(Dimension)
    names = {p.name for p in (tmp_path / "study").iterdir()}
    assert names == {
        "study.yaml", "study.schema.json", "codebook.csv", "README.md", "waves", "notes", "text", "decisions"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("w1.csv", "w2.csv"),
        ("wave9_final.sav", "wave10_final.sav"),
        ("golf 1.xlsx", "golf 2.xlsx"),
        ("Nulmeting.csv", "meting 1.csv"),
        ("nulmeting.csv", "eindmeting.csv"),
        ("enquete_T0.csv", "enquete_T1.csv"),
        ("baseline.csv", "follow-up 1.csv"),
        ("survey_2024-09.csv", "survey_2025-03.csv"),
        ("maart2025.csv", "september2025.csv"),
        ("pre.csv", "post.csv"),
    ],
)
def test_the_names_of_files_tell_the_order_of_waves(first: str, second: str) -> None:
    a, b = token_of(first), token_of(second)
    assert a is not None
    assert b is not None
    assert a[0] < b[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Weet niet", "dont_know"),
        ("don’t know", "dont_know"),
        ("n.v.t.", "not_applicable"),
        ("prefer not to say", "refused"),
        ("not asked", "not_asked"),
        ("skipped", "skipped"),
    ],
)
def test_reasons_are_read_in_both_languages(text: str, reason: str) -> None:
    found = reason_of(text)
    assert found is not None
    assert found.value == reason


TEXT = st.text(string.printable + "éë€'\"{}[]:#&*!|>%@`\u0085\u2028", max_size=20)


@given(TEXT)
def test_any_text_is_written_so_that_yaml_reads_it_back(text: str) -> None:
    from ruamel.yaml import YAML

    plain = text.replace("\r\n", "\n")
    assert YAML(typ="safe").load(f"key: {scalar(plain)}")["key"] == plain


NAME = st.text(string.ascii_letters + "_0123456789 é-.", min_size=1, max_size=10)
VALUE = st.sampled_from(["", "1", "2", "3", "4", "5", "0", "10", "88", "99", "-9", "3.5", "weet niet", "ja", "P1", "x"])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(
        NAME.filter(lambda n: n.strip() and not n.strip().isdigit()),
        min_size=2,
        max_size=9,
        unique_by=lambda n: n.strip().casefold(),
    ),
    data=st.data(),
)
def test_whatever_is_in_the_files_the_draft_loads(names: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for wave in ("w1", "w2"):
            rows = data.draw(
                st.lists(st.lists(VALUE, min_size=len(names), max_size=len(names)), min_size=1, max_size=8)
            )
            path = Path(folder) / f"{wave}.csv"
            with path.open("w", newline="", encoding="utf-8") as handle:
                csv.writer(handle).writerows([names, *rows])
            files.append(path)
        try:
            study = drafted(Path(folder), *files)
        except FileRefused:
            return
        assert study.wave_ids == ("w1", "w2")


def test_a_project_of_a_coding_program_drafts_the_notes_and_the_codebook(tmp_path: Path, small: list[Path]) -> None:
    from coprod_trust.notes.step import read_notes
    from coprod_trust.store import open_memory
    from tests.notes.projects.making import code, coding, guid, qde, qdpx, reference, selection, source
    from tests.notes.study import survey

    variable = f'<Variable guid="{guid("v")}" name="Round" typeOfVariable="Text"/>'
    cases = f'<Case guid="{guid("c")}" name="P005">{reference("SourceRef", "source int1")}</Case>'
    value = f"<VariableValue>{reference('VariableRef', 'v')}<TextValue>w1</TextValue></VariableValue>"
    passage = selection(0, 16, coding("Left alone"), name="Nobody helped me")
    xml = qde(
        codes=code("Support", "<Description>help</Description>" + code("Left alone")),
        variables=variable,
        cases=cases,
        sources=source("int1", passage, value, text="Nobody helped me, ever."),
    )
    project = qdpx(tmp_path / "trust.qdpx", xml)
    study = drafted(tmp_path, *small, project)
    root = tmp_path / "study"
    assert study.notes.segments == ["notes/trust.qdpx"]
    assert (root / "notes" / "trust.qdpx").read_bytes() == project.read_bytes()
    assert study.notes.variables == {"wave": "Round"}
    assert study.notes.wave in study.wave_ids
    rows = list(csv.DictReader((root / "codebook.csv").open(encoding="utf-8")))
    assert [(r["code"], r["parent"], r["definition"]) for r in rows] == [
        ("Support", "", "help"),
        ("Left alone", "Support", ""),
    ]
    text = (root / "study.yaml").read_text(encoding="utf-8")
    assert "1 documents, 1 codings" in text and "P005" in text
    with open_memory() as con:
        survey(con)
        notes = read_notes(con, study, root, study.wave_ids[-1])
    assert notes.refusals == []
    assert [s.participant_id for s in notes.segments.segments.values()] == ["P005"]


def test_a_damaged_project_is_refused_and_nothing_is_left(tmp_path: Path, small: list[Path]) -> None:
    (tmp_path / "bad.qdpx").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(FileRefused):
        draft(tmp_path / "study", [*small, tmp_path / "bad.qdpx"])
    assert not (tmp_path / "study").exists()
