"""A portfolio of 200 studies of a dozen people in three waves: run, compared and published, in two processes without
Prefect, and through it on a Dask cluster of two workers; per study beside a run of such a study by itself.

Every study publishes its database and its report in HTML, with the core analyses; the overview is made of all.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.run import OUT, Measurement, fastest, timed
from tests.studies import STUDY_YAML, small_study

STUDIES = 200
PEOPLE = 12
WORKERS = 2
CLI = [sys.executable, "-m", "coprod_trust"]
_CORE = STUDY_YAML.replace("plan:\n", "plan:\n  analyses: core\n")
_WAYS = {"direct": ["--direct"], "Prefect and Dask": ["--dask", "local"]}


def make(root: Path, studies: int, seed: int = 0) -> Path:
    """A portfolio of that many studies at ``root``; returns it."""
    for i in range(studies):
        settings = _CORE.replace("study_id: small", f"study_id: n{i:03d}").replace("A dozen people", f"Place {i + 1}")
        small_study(root / f"n{i:03d}", n=PEOPLE, seed=seed + i, yaml=settings)
    return root


def measure(studies: int = STUDIES) -> list[Measurement]:
    """Seconds of each way, the same a study beside a run by itself, and of a portfolio in which nothing has changed."""
    OUT.mkdir(exist_ok=True)
    found = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        env = {"PREFECT_HOME": str(scratch / "prefect"), "PREFECT_API_URL": ""}
        single = make(scratch / "single", 3, seed=10_000)
        alone = fastest(timed([*CLI, "run", study, "--direct"], env) for study in sorted(single.iterdir()))
        for way, options in _WAYS.items():
            portfolio = make(scratch / way.replace(" ", "-"), studies)
            command = [*CLI, "portfolio", portfolio, "--jobs", str(WORKERS), *options]
            ran = timed(command, env)
            found.append(Measurement(f"portfolio of {studies} studies of {PEOPLE} people, {way}", ran.seconds))
            found.append(
                Measurement(
                    "  a study in it",
                    ran.seconds / studies,
                    reference=alone.seconds,
                    against="coprod-trust run by itself",
                    limit=0.6,
                )
            )
            if way == "direct":
                again = timed(command, env)
                found.append(Measurement("  nothing has changed: looked at, and the overview made", again.seconds))
    return found
