"""A national panel from its file to scores: a million people, five waves, sixteen items, side by side.

Ours is the ingest step and the score step of a study like any other: the original archived under its hash, every rule
of the catalogue, quarantine, rows that answers can be traced to, then means and POMP. The reference is what DuckDB
needs to load the same file into a table and nothing else. The file is made here, with blanks, missing codes, answers
outside the scale, and an id that stands twice.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench.run import Measurement, fastest, timed

PEOPLE = 1_000_000
RUNS = 3
SCALES = ("generalized", "municipal", "provider", "peers")
WAVES = range(1, 6)
ITEMS = range(1, 17)
PLAIN = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("CREATE TABLE wide AS FROM read_csv(?)", [sys.argv[2]])
con.close()
"""
OURS = """
import sys
from pathlib import Path
from coprod_trust.ingest.step import run_step as ingest
from coprod_trust.score.step import run_step as score
from coprod_trust.steps import Context
from coprod_trust.store.work import kept_open
context = Context(Path(sys.argv[1]), "w5", "bench")
with kept_open(context.paths):
    counts = ingest(context)
    score(context)
print(counts["rows_in"], counts["quarantined"])
"""


def measure() -> list[Measurement]:
    """Seconds and peak memory, the runs of both in turn."""
    with tempfile.TemporaryDirectory() as folder:
        study = make_study(Path(folder) / "national", PEOPLE)
        file = study / "waves" / "wide.csv"
        plain, ours = [], []
        for _ in range(RUNS):
            database = Path(folder) / "plain.duckdb"
            plain.append(timed([sys.executable, "-c", PLAIN, database, file]))
            database.unlink()
            shutil.rmtree(study / "work", ignore_errors=True)
            ours.append(timed([sys.executable, "-c", OURS, study]))
        if ours[0].stdout.split() != [str(5 * PEOPLE), "10"]:
            raise RuntimeError(f"other rows than were written: {ours[0].stdout}")
        best = fastest(ours)
        size = file.stat().st_size / 1e6
    return [
        Measurement(
            f"{PEOPLE:,} people x 5 waves x 16 items ({size:.0f} MB) to scores",
            best.seconds,
            reference=fastest(plain).seconds,
            against="DuckDB loads the file",
            limit=2.5,
        ),
        Measurement("  peak memory", best.peak_mb, "MB", limit=1500),
    ]


def make_study(root: Path, people: int, seed: int = 20260101) -> Path:
    """A study folder with that many people: 1 answer in 100 blank, 4 in 1,000 missing codes, 1 in 100,000 wrong, and
    two rows with one id."""
    import numpy as np

    random = np.random.default_rng(seed)
    written = np.array([*map(str, range(11)), "", "88", "99", "11"], dtype=object)
    columns = [f"q{w}_{i}" for w in WAVES for i in ITEMS]
    (root / "waves").mkdir(parents=True)
    (root / "study.yaml").write_text(_yaml(), encoding="utf-8")
    with (root / "waves" / "wide.csv").open("w", encoding="utf-8") as handle:
        handle.write(f"pid,study_group,{','.join(columns)}\n")
        for first in range(0, people, 50_000):
            rows = min(50_000, people - first)
            answers = random.integers(0, 11, (rows, len(columns)))
            draw = random.random(answers.shape)
            for code, low, high in ((11, 0.0, 0.01), (12, 0.01, 0.013), (13, 0.013, 0.014), (14, 0.014, 0.01401)):
                answers[(draw >= low) & (draw < high)] = code
            texts = written[answers].tolist()
            for k, row in enumerate(texts):
                number = 0 if first + k == people - 1 else first + k
                handle.write(f"P{number:07d},participant,{','.join(row)}\n")
    return root


def _yaml() -> str:
    lines = [
        "format: 1",
        "study_id: national",
        "title: A national panel",
        "synthetic: Random numbers, made by the benchmark.",
        "ids: {column: pid}",
        "groups: {column: study_group, values: [{id: participant, label: Participants}]}",
        "missing_codes: {'88': dont_know, '99': refused}",
        "waves:",
        *(f"  - {{id: w{w}, label: Wave {w}, month: {6 * (w - 1)}, files: [{{path: waves/wide.csv}}]}}" for w in WAVES),
        "scales:",
    ]
    for s, scale in enumerate(SCALES):
        lines += [
            f"  - id: {scale}",
            f"    dimension: {scale}",
            f"    label: trust ({scale})",
            "    low: 0",
            "    high: 10",
        ]
        lines.append("    items:")
        for i in ITEMS[4 * s : 4 * s + 4]:
            aliases = ", ".join(f"w{w}: [q{w}_{i}]" for w in WAVES)
            lines.append(f"      - {{id: i{i}, aliases: {{{aliases}}}}}")
    return "\n".join(lines) + "\n"
