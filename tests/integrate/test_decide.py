"""Decisions on findings through the commands, and what the next run makes of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from coprod_trust.cli.app import application
from coprod_trust.runner import run_direct
from coprod_trust.store.query import published

FINDING = "change.provider.w1-w2"
WHO = ("--who", "A. Nalyst", "--why", "read again")


def call(*arguments: object) -> Any:
    return CliRunner().invoke(application, [str(a) for a in arguments], prog_name="coprod-trust")


def lines(root: Path, kind: str) -> list[dict[str, str]]:
    with (root / "decisions" / f"{kind}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def ask(root: Path, sql: str) -> list[tuple[Any, ...]]:
    with published(root) as con:
        return con.execute(sql).fetchall()


def test_a_stance_and_a_sign_off_are_recorded_with_the_figures_and_used_by_the_next_run(study_with_notes: Path) -> None:
    root = study_with_notes
    assert call("stance", root, FINDING, "expands", "s1", "s2", *WHO, "--not-blinded").exit_code == 0
    ((verdict, estimate),) = ask(root, f"SELECT verdict, estimate FROM finding WHERE finding_id = '{FINDING}'")
    first, second = lines(root, "stance")
    assert (first["segment_id"], second["segment_id"], first["stance"]) == ("s1", "s2", "expands")
    assert (first["verdict"], float(first["estimate"]), first["blinded"]) == (verdict, estimate, "False")
    done = call("signoff", root, FINDING, *WHO, "--fit", "expansion", "--inference", "They add something.")
    assert done.exit_code == 0, done.output
    run_direct(root)
    assert ask(root, "SELECT segment_id, stance, origin, blinded FROM evidence WHERE NOT derived ORDER BY 1") == [
        ("s1", "expands", "decision", False),
        ("s2", "expands", "decision", False),
        ("s4", "contrasts", "coding", None),
    ]
    columns = "n_expands, n_contrasts, n_silent_asked, n_not_asked, signed_fit, signed_off, inference, sign_off_stale"
    assert ask(root, f"SELECT {columns} FROM meta_inference WHERE finding_id = '{FINDING}'") == [
        (2, 1, 0, 3, "expansion", "A. Nalyst", "They add something.", "the number of people for or against it changed")
    ], "the sign-off was for one who confirms and one who contrasts"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("stance", FINDING, "expands", "s9", *WHO), "no published segment has the id s9"),
        (("stance", "change.provider.w1-w9", "expands", "s1", *WHO), "no published finding has the id"),
        (("stance", FINDING, "agrees", "s1", *WHO), "agrees"),
        (("stance", FINDING, "expands", "s1", "--who", " ", "--why", "x"), "--who is empty"),
        (("signoff", FINDING, *WHO, "--fit", "harmony"), "no such fit"),
        (("signoff", *WHO), "name either a FINDING"),
        (("signoff", *WHO, "--wave", "w1"), "the published report is that of w2"),
        (("signoff", "change.nothing.w1-w2", *WHO), "no published finding has the id"),
        (("trace", "change.provider.w1-w9"), "change.provider.w1-w2"),
    ],
)
def test_what_cannot_be_decided_is_wrong_usage_and_writes_nothing(
    ran_with_notes: Path, arguments: tuple[str, ...], said: str
) -> None:
    command, *rest = arguments
    done = call(command, ran_with_notes, *rest)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (ran_with_notes / "decisions").exists()


def test_a_report_is_signed_off_by_its_wave(study_with_notes: Path) -> None:
    assert call("signoff", study_with_notes, "--wave", "w2", *WHO).exit_code == 0
    (line,) = lines(study_with_notes, "signoff")
    assert (line["wave"], line["finding_id"], line["who"]) == ("w2", "", "A. Nalyst")


def test_words_are_read_released_and_printed_by_the_next_run(study_with_notes: Path) -> None:
    root = study_with_notes
    shown = call("quote", root)
    assert "Nobody helped me" in shown.stdout
    assert "They were always there" in shown.stdout
    assert "They always helped me" not in shown.stdout, "no consent to be quoted"
    assert ask(root, "SELECT count(text) FROM segment") == [(0,)], "free text only as released"
    assert call("quote", root, "s1", *WHO).exit_code == 0
    assert call("quote", root, "s4", "--redact", "5-9", *WHO).exit_code == 0
    run_direct(root)
    assert ask(root, "SELECT segment_id, text, withheld FROM segment ORDER BY 1") == [
        ("s1", "Nobody helped me", None),
        ("s2", None, "no consent to be quoted"),
        ("s3", None, "no consent to be quoted"),
        ("s4", "They […] always there", None),
    ]
    report = (root / "reports" / "w2" / "internal" / "report.en.html").read_text(encoding="utf-8")
    assert "They were always there" not in report
    assert call("quote", root, "s1", "--take-back", *WHO).exit_code == 0
    run_direct(root)
    assert ask(root, "SELECT text FROM segment WHERE segment_id = 's1'") == [(None,)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("s9", *WHO), "no segment has the id s9"),
        (("s2", *WHO), "no consent to be quoted"),
        (("s4", "--public", *WHO), "the consent is for internal reports only"),
        (("s1", "--redact", "3-99", *WHO), "do not fit the words"),
        (("s1", "s4", "--redact", "3-9", *WHO), "belong to one segment"),
        (("s1",), "--who and --why are needed"),
    ],
)
def test_what_may_not_be_released_is_refused(ran_with_notes: Path, arguments: tuple[str, ...], said: str) -> None:
    done = call("quote", ran_with_notes, *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (ran_with_notes / "decisions").exists()
