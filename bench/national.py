"""The national job of peer_r/national.R: three wave files, four dimensions, scores, paired tests and mixed models.

Like is compared with like: both read the files as they are, without a gate that checks and archives them (that is
``national_ingest``), score four scales, and per scale do the paired t-test of the first two waves and fit a random
intercept on all three with two covariates. Ours adds what R leaves out because it would not finish: degrees of freedom
by Kenward-Roger and by Satterthwaite. Libraries are loaded before the clock starts, in both. The statistics of both are
compared: another job would be another answer.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.run import HERE, OUT, Measurement, Process, timed

SIZES = (100_000, 1_000_000)
# Least times that ours must be faster.
REACH = {100_000: 10, 1_000_000: 30}
WAVES = ("w1", "w2", "w3")
# R's names: p, m, g, and q for a fourth dimension, which asks the items of p again.
ITEMS = {"p": "p", "m": "m", "g": "g", "q": "p"}
LOAD = """
CREATE TABLE answer.{wave} AS
SELECT CAST(pid AS VARCHAR) AS participant_id, 'participant' AS study_group, {items}, age, female
FROM read_csv($file)
"""
PEOPLE = """
CREATE TABLE participant AS
SELECT participant_id, any_value(study_group) AS study_group, any_value(age) AS age, any_value(female) AS female
FROM ({waves}) GROUP BY participant_id
"""


def ours(folder: Path) -> None:
    """Prints seconds of reading, scoring, and of tests and models, and what was found, as JSON."""
    import numpy as np
    import pandas  # noqa: F401 - before the clock starts
    import scipy.special  # noqa: F401

    import coprod_trust.mixed.fit  # noqa: F401
    from coprod_trust.analysis import paired
    from coprod_trust.mixed import Panel
    from coprod_trust.score.step import score
    from coprod_trust.store import open_memory
    from coprod_trust.study import load_study

    (folder / "study.yaml").write_text(_yaml(), encoding="utf-8")
    study = load_study(folder)
    found: dict[str, dict[str, object]] = {}
    with open_memory() as con:
        began = time.perf_counter()
        for wave in WAVES:
            items = ", ".join(f"{ITEMS[s]}{i} AS {s}{i}, NULL AS {s}{i}__reason" for s in ITEMS for i in range(1, 5))
            con.execute(LOAD.format(wave=wave, items=items), {"file": str(folder / f"{wave}.csv")})
        con.execute(PEOPLE.format(waves=" UNION ALL BY NAME ".join(f"FROM answer.{w}" for w in WAVES)))
        loaded = time.perf_counter()
        score(con, study, WAVES[-1])
        scored = time.perf_counter()
        for s in ITEMS:
            columns = con.execute(f"SELECT {s}__w1, {s}__w2 FROM panel.score_wide").fetchnumpy()
            start, end = (np.ma.filled(c, np.nan) for c in columns.values())
            test = paired.paired_t(paired.differences(start, end))
            outcome = {w: f"{s}__{w}" for w in WAVES}
            fit = Panel.from_table(con, "panel.score_wide", outcome, between=["age", "female"]).fit(
                "wave + age + female", random="intercept"
            )
            tables = [fit.coefficients(df="kenward-roger"), fit.coefficients(df="satterthwaite")]
            found[s] = {"t": test.t, "beta": tables[0]["estimate"].tolist(), "df": tables[1]["df"].tolist()}
        ended = time.perf_counter()
    seconds = {"load": loaded - began, "score": scored - loaded, "tests": ended - scored, "total": ended - began}
    sys.stdout.write(json.dumps({"seconds": seconds, "found": found}))


def measure() -> list[Measurement]:
    """Seconds and peak memory at both sizes; without R ours stands alone."""
    found = []
    for people in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            timed([sys.executable, HERE / "peer_r" / "make_sample.py", str(people), folder])
            mine = timed([sys.executable, "-m", "bench.national", folder])
            peer = timed(["Rscript", HERE / "peer_r" / "national.R", folder]) if shutil.which("Rscript") else None
        found += _lines(people, mine, peer)
    return found


def _lines(people: int, mine: Process, peer: Process | None) -> list[Measurement]:
    own = json.loads(mine.stdout)
    seconds = own["seconds"]
    missing = "" if peer else "R with lme4 and data.table is not installed here"
    total = None
    if peer:
        theirs = json.loads(peer.stdout.splitlines()[-1])
        _same(own["found"], theirs)
        total = float(peer.stdout.splitlines()[0].split()[-1])
    parts = ", ".join(f"{part} {seconds[part]:.2f}" for part in ("load", "score", "tests"))
    return [
        Measurement(
            f"national job, {people:,} people ({parts})",
            seconds["total"],
            reference=total,
            against="R: load, score, tests, models" if peer else "",
            limit=1 / REACH[people] if peer else None,
            missing=missing,
        ),
        # what the rest of the machine disturbs least; starting and loading libraries included
        Measurement(
            "  processor time of the whole process",
            mine.cpu_seconds,
            reference=peer.cpu_seconds if peer else None,
            against="R" if peer else "",
            missing=missing,
        ),
        Measurement(
            "  peak memory",
            mine.peak_mb,
            "MB",
            reference=peer.peak_mb if peer else None,
            against="R" if peer else "",
            limit=1 if peer else None,
            missing=missing,
        ),
    ]


def _same(ours: dict[str, dict[str, list[float]]], theirs: dict[str, dict[str, list[float]]]) -> None:
    """RuntimeError where R found other statistics: then it was not the same job."""
    import numpy as np

    for s in ITEMS:
        a = np.append(ours[s]["beta"], ours[s]["t"])
        b = np.append(theirs[s]["beta"], theirs[s]["t"])
        if not np.allclose(a, b, rtol=1e-3, atol=1e-4):
            raise RuntimeError(f"R found other figures for {s}: {b} where ours are {a}")


def _yaml() -> str:
    lines = [
        "format: 1",
        "study_id: national",
        "title: A national panel",
        "synthetic: Random numbers, made by the benchmark.",
        "ids: {column: pid}",
        "groups: {column: study_group, values: [{id: participant, label: Participants}]}",
        "waves:",
        *(f"  - {{id: {w}, label: Wave {w}, month: {6 * k}, files: [{{path: {w}.csv}}]}}" for k, w in enumerate(WAVES)),
        "scales:",
    ]
    for s in ITEMS:
        items = ", ".join(f"{{id: {s}{i}}}" for i in range(1, 5))
        lines.append(f"  - {{id: {s}, label: Trust {s}, low: 0, high: 10, items: [{items}]}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    ours(Path(sys.argv[1]))
