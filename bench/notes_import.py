"""Coded notes at the size of a large evaluation: 10,000 segments over 200 interviews, 100 codes and two coders, from a
REFI-QDA project and from a CSV, into the published database.

Ours is the notes step (every rule, offsets against the texts), the integrate step (agreement, codes with trajectories,
evidence) and publication. Beside it stands a bare read of the same .qdpx by pyrefiqda, which checks and links nothing.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench.run import Measurement, timed

PEOPLE, CODES, SEGMENTS_EACH = 200, 100, 50
LIMIT = 20.0
SAID = "the staff helped me often we waited and nobody came so I stopped asking but then they did listen to us all"
YAML = """\
format: 1
study_id: notes_bench
title: Invented notes for a benchmark
report: {editions: [internal], formats: [html]}
ids: {column: pid}
waves:
  - {id: w1, label: Start, planned_date: 2025-01-13, month: 0, files: [{path: waves/w1.csv, date_column: date}]}
  - {id: w2, label: Six months, planned_date: 2025-07-14, month: 6, files: [{path: waves/w2.csv, date_column: date}]}
scales:
"""
SCALE = (
    "  - {id: %s, dimension: %s, label: trust (%s), low: 0, high: 10, items: [{id: %s_1}, {id: %s_2}, {id: %s_3}]}\n"
)
DIMENSIONS = ("provider", "municipal", "generalized", "peers")


def make_study(root: Path, form: str) -> Path:
    """A study whose notes are one .qdpx (``form`` qdpx) or a CSV (``form`` csv); the same at every call."""
    draw = random.Random(20261122)  # noqa: S311 - invented data
    yaml = YAML + "".join(SCALE % (d, d, d, d, d, d) for d in DIMENSIONS)
    yaml += f"notes:\n  segments: [notes/notes.{form}]\n  transcripts: notes/transcripts\n  wave: w2\n"
    root.mkdir(parents=True)
    (root / "study.yaml").write_text(yaml, encoding="utf-8")
    for wave, day in (("w1", "2025-01-15"), ("w2", "2025-07-16")):
        rows = []
        for p in range(PEOPLE):
            row: dict[str, object] = {"pid": f"P{p:03d}", "date": day}
            row |= {f"{d}_{i}": draw.randint(0, 10) for d in DIMENSIONS for i in (1, 2, 3)}
            rows.append(row)
        _write(root / "waves" / f"{wave}.csv", rows)
    codes = [{"code": f"C{i:02d}", "name": f"Code {i}", "parent": "", "definition": "invented"} for i in range(CODES)]
    _write(root / "codebook.csv", codes)
    _notes(root, form, draw)
    return root


def _notes(root: Path, form: str, draw: random.Random) -> None:
    from coprod_trust.notes.projects.model import Coded, Project, ProjectCase, ProjectCode, SourceText, Span
    from coprod_trust.notes.projects.writing import project_bytes

    project = Project("bench", "bench")
    project.codes = [ProjectCode(f"C{i:02d}", f"C{i:02d}") for i in range(CODES)]
    rows, documents = [], []
    for p in range(PEOPLE):
        name, person, text = f"I{p:03d}", f"P{p:03d}", ""
        for _ in range(SEGMENTS_EACH):
            start = len(text)
            text += " ".join(draw.choices(SAID.split(), k=25)) + ".\n"
            for code in draw.sample(range(CODES), 2):
                for coder in ("ann", "ben")[: 1 + (draw.random() < 0.4)]:
                    number = len(project.codings) + 1
                    project.codings.append(
                        Coded(number, name, start, len(text) - 1, f"C{code:02d}", coder, date(2025, 8, 1))
                    )
                    rows.append({"document": name, "start_offset": start, "end_offset": len(text) - 1,
                                 "participant_id": person, "code": f"C{code:02d}", "coder": coder,
                                 "text": text[start:-1]})  # fmt: skip
        project.documents[name] = SourceText(name, name, text)
        project.cases.append(ProjectCase(person, (Span(name),)))
        documents.append({"document": name, "kind": "interview", "wave": "w2"})
    _write(root / "notes" / "documents.csv", documents)
    if form == "qdpx":
        (root / "notes" / "notes.qdpx").write_bytes(project_bytes(project, "bench"))
        return
    _write(root / "notes" / "notes.csv", rows)
    (root / "notes" / "transcripts").mkdir()
    for d in project.documents.values():
        (root / "notes" / "transcripts" / f"{d.name}.txt").write_text(d.text or "", encoding="utf-8")


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def ours(root: Path) -> None:
    """Prints the seconds of each step of a first run."""
    from coprod_trust.runner import run_direct

    moments = [time.perf_counter()]

    def on_step(_step: object, event: str, _counts: object) -> None:
        if event == "finished":
            moments.append(time.perf_counter())

    run_direct(root, None, on_step)
    sys.stdout.write(" ".join(str(m) for m in moments) + "\n")


def bare(path: Path, out: Path) -> None:
    """Reads the .qdpx with pyrefiqda and prints the seconds."""
    from pyrefiqda import RefiProject

    began = time.perf_counter()
    project = RefiProject.load(path, extract_dir=str(out))
    count = sum(len(s.plain_text_selection) for s in project.sources.text_source)
    assert count == PEOPLE * SEGMENTS_EACH
    sys.stdout.write(f"{time.perf_counter() - began}\n")


def measure() -> list[Measurement]:
    """Seconds of notes, integrate and publish for either format, and of the notes step beside a bare read."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for form in ("qdpx", "csv"):
            root = make_study(scratch / form, form)
            seconds = _seconds(root)
            linked = seconds["notes"] + seconds["integrate"] + seconds["publish"]
            found.append(Measurement(f"10,000 segments from {form}: read, linked, published", linked, limit=LIMIT))
            if form == "qdpx":
                path = root / "notes" / "notes.qdpx"
                read = timed([sys.executable, "-m", "bench.notes_import", "bare", path, scratch / "out"]).stdout
                found.append(
                    Measurement("the notes step alone", seconds["notes"], reference=float(read), against="pyrefiqda")
                )
    return found


def _seconds(root: Path) -> dict[str, float]:
    """Seconds a step, from the records that the run leaves."""
    from coprod_trust.steps import STEPS

    line = timed([sys.executable, "-m", "bench.notes_import", "ours", root]).stdout.split()
    moments = [float(m) for m in line]
    return {step.name: b - a for step, a, b in zip(STEPS, moments, moments[1:], strict=False)}


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        ours(Path(sys.argv[2]))
    else:
        bare(Path(sys.argv[2]), Path(sys.argv[3]))
