"""Published tables for SPSS, Stata, R and spreadsheets: values, labels, and why an answer is missing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.export import export
from coprod_trust.export.tables import _short
from coprod_trust.store import StudyPaths
from coprod_trust.store.copies import copies
from coprod_trust.store.query import query
from tests.store.published import publish_small


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("e") / "study"
    publish_small(root)
    return root


def answers_of(root: Path, item: str, wave: str) -> dict[object, object]:
    with query(root, f"SELECT participant_id, {item} FROM answer.{wave}") as answer:
        return dict(answer)  # type: ignore[arg-type]


def test_spss_has_labels_and_codes_for_why_an_answer_is_missing(study: Path, tmp_path: Path) -> None:
    path = export(study, "sav", tmp_path / "x.sav").path
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    assert len(frame) == 14
    known = answers_of(study, "prov_1", "w1")
    assert dict(zip(frame.participant_id, frame.prov_1__w1, strict=True)) == known
    skipped = frame.loc[frame.study_group == "non_participant", "peer_1__w1"]
    assert set(skipped) == {-95.0}
    assert meta.variable_value_labels["peer_1__w1"][-95.0] == "skipped"
    assert meta.column_names_to_labels["prov_1__w1"].endswith("(Start)")
    assert meta.column_names_to_labels["provider__w1"] == "trust in the provider, at w1."
    plain, _ = pyreadstat.read_sav(str(path))
    assert plain["peer_1__w1"].isna().sum() == 2


def test_stata_has_them_as_extended_missing_values(study: Path, tmp_path: Path) -> None:
    path = export(study, "dta", tmp_path / "x.dta").path
    frame, meta = pyreadstat.read_dta(str(path), user_missing=True)
    assert set(frame.loc[frame.study_group == "non_participant", "peer_1__w1"]) == {"e"}
    assert meta.variable_value_labels["peer_1__w1"]["e"] == "skipped"
    plain = pd.read_stata(path, convert_categoricals=False)
    assert plain["peer_1__w1"].isna().sum() == 2
    assert dict(zip(plain.participant_id, plain.prov_1__w1, strict=True)) == answers_of(study, "prov_1", "w1")


def test_csv_and_parquet_hold_the_same_rows_with_the_reasons_beside(study: Path, tmp_path: Path) -> None:
    text = export(study, "csv", tmp_path / "x.csv").path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    frame = pd.read_parquet(export(study, "parquet", tmp_path / "x.parquet").path)
    assert [r["participant_id"] for r in rows] == list(frame["participant_id"])
    absent = next(r for r in rows if r["study_group"] == "non_participant")
    assert (absent["peer_1__w1"], absent["peer_1__w1__reason"]) == ("", "skipped")
    assert [float(r["prov_1__w1"]) for r in rows] == list(frame["prov_1__w1"])


def test_a_table_is_named_and_an_unknown_one_told(study: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(export(study, "parquet", tmp_path / "f.parquet", table="finding").path)
    assert list(frame["finding_id"]) == ["change.provider.w1-w2"]
    sav, meta = pyreadstat.read_sav(str(export(study, "sav", tmp_path / "f.sav", table="finding").path))
    assert sav["estimate"][0] == -4.5
    assert meta.column_names_to_labels["n"]
    for given in (["csv", "--table", "nothing"], ["html", "--table", "finding"]):
        asked = CliRunner().invoke(application, ["export", str(study), "--format", *given])
        assert asked.exit_code == 2
    assert (
        "score_wide"
        in CliRunner().invoke(application, ["export", str(study), "--format", "csv", "--table", "x"]).stderr
    )


def test_a_formula_in_a_text_is_made_harmless(study: Path, tmp_path: Path) -> None:
    from coprod_trust.store.query import published

    with published(study) as con:
        from coprod_trust.export.tables import _csv

        assert b"'=1+1" in _csv(con, "SELECT '=1+1' AS x")


def test_names_that_stata_does_not_take_are_shortened_each_to_its_own() -> None:
    long = [f"{'a' * 40}{i}" for i in range(3)]
    short = _short([*long, "b"])
    assert len(set(short.values())) == 4
    assert all(len(s) <= 32 for s in short.values())
    assert short["b"] == "b"


def test_the_dictionary_says_what_everything_means(study: Path, tmp_path: Path) -> None:
    page = export(study, "html", tmp_path / "d.html").path.read_text(encoding="utf-8")
    assert "<code>meta_inference</code>" in page
    assert "trust in fellow participants" in page
    assert "12 answered, 2 missing" in page
    assert "http" not in page
    with query(study, "SELECT count(*) FROM dictionary WHERE meaning IS NULL") as answer:
        assert list(answer) == [(0,)]


def test_copies_are_remembered_for_recall(study: Path, tmp_path: Path) -> None:
    path = export(study, "csv", tmp_path / "y.csv").path
    assert [c.path for c in copies(StudyPaths(study))][-1] == str(path)


def test_a_path_through_a_file_is_told_as_what_it_is(study: Path, tmp_path: Path) -> None:
    blocking = tmp_path / "notes.txt"
    blocking.write_text("a file", encoding="utf-8")
    done = CliRunner().invoke(application, ["export", str(study), "--format", "csv", "--table", "finding",
                                            "--out", str(blocking / "below" / "x.csv")])  # fmt: skip
    assert done.exit_code == 1
    assert f"cannot write here: {blocking} is a file, not a folder" in done.stderr
    assert "fix: name another place with --out" in done.stderr
    assert "free space" not in done.stderr
