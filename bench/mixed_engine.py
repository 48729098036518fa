"""The mixed-effects engine against lme4's fit alone: 5 waves, 15 % missing, wave as factor and three covariates.

Ours is the scan of the wide table, the fit, and the tests by Kenward-Roger and by Satterthwaite. The outcome is a mean
of answers on the 2.5-point grid of four items, as scores are.
"""

from __future__ import annotations

import resource
import shutil
import sys
import time

from bench.run import HERE, OUT, Measurement, timed

SIZES = (60, 1_000, 100_000, 1_000_000)
# Least times that ours must be faster, by people and model.
REACH = {(100_000, "intercept"): 35, (1_000_000, "intercept"): 100, (100_000, "slope"): 100, (1_000_000, "slope"): 400}
FORMULA = "wave + age + female + edu"
WAVES = range(1, 6)
TABLE = """
CREATE TABLE wide AS
WITH people AS (
    SELECT i AS pid, 18 + (hash(i) % 60)::INTEGER AS age, (hash(i + 1) % 2)::INTEGER AS female,
           (hash(i + 2) % 5)::INTEGER AS edu, (hash(i + 3) % 1000) / 1000.0 - 0.5 AS level,
           (hash(i + 4) % 1000) / 1000.0 - 0.5 AS trend
    FROM range({people}) t(i)
)
SELECT pid, age, female, edu, {scores} FROM people
"""
SCORE = """
CASE WHEN hash(pid * 7 + {w}) % 100 >= 15 THEN
    round((55 - {w} + 60 * level + 8 * trend * {w} + 0.05 * age + 3 * female
           + 30 * ((hash(pid * 11 + {w}) % 1000) / 1000.0 - 0.5)) / 2.5) * 2.5 END AS y{w}
"""


def table(people: int) -> str:
    """SQL that makes a wide table of that many people, the same at every run."""
    return TABLE.format(people=people, scores=", ".join(SCORE.format(w=w) for w in WAVES))


def ours(people: int) -> None:
    """Prints seconds of the scan, of the two models, and the megabytes that they took above the table."""
    import duckdb

    from coprod_trust.mixed import Panel

    con = duckdb.connect()
    con.execute(table(people))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds: dict[str, float] = {}
    for _ in range(3):  # the first run also pays for imports
        start = time.perf_counter()
        panel = Panel.from_table(con, "wide", {f"w{w}": f"y{w}" for w in WAVES}, between=["age", "female", "edu"])
        seconds["scan"] = time.perf_counter() - start
        for random in ("intercept", "slope"):
            start = time.perf_counter()
            fit = panel.fit(FORMULA, random=random)
            fit.coefficients(df="kenward-roger")
            fit.coefficients(df="satterthwaite")
            seconds[random] = time.perf_counter() - start
    above = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
    sys.stdout.write(f"{seconds['scan']} {seconds['intercept']} {seconds['slope']} {above}\n")


def _lme4(people: int) -> tuple[float, float]:
    import duckdb

    path = OUT / f"panel_{people}.csv"
    con = duckdb.connect()
    con.execute(table(people))
    con.execute(
        "COPY (SELECT pid, age, female, edu, substr(name, 2)::INTEGER AS wave, wave - 1 AS time, y FROM "
        "(UNPIVOT wide ON y1, y2, y3, y4, y5 INTO NAME name VALUE y) ORDER BY pid, wave) "
        f"TO '{path}' (HEADER)"
    )
    intercept, slope = timed(["Rscript", HERE / "mixed_engine.R", path]).stdout.split()[-2:]
    path.unlink()
    return float(intercept), float(slope)


def measure() -> list[Measurement]:
    """The lines of the table; without R ours stands alone."""
    OUT.mkdir(exist_ok=True)
    found = []
    for people in SIZES:
        scan, intercept, slope, _ = map(
            float, timed([sys.executable, "-m", "bench.mixed_engine", str(people)]).stdout.split()
        )
        peers = _lme4(people) if shutil.which("Rscript") else (None, None)
        for model, fit, peer in (("intercept", intercept, peers[0]), ("slope", slope, peers[1])):
            reach = REACH.get((people, model))
            found.append(
                Measurement(
                    f"random {model}, {people:,} people",
                    scan + fit,
                    reference=peer,
                    against="lme4, fit alone" if peer else "",
                    limit=1 / reach if reach and peer else None,
                    missing="" if peer else "R with lme4 is not installed here",
                )
            )
    scan, intercept, _, above = map(
        float, timed([sys.executable, "-m", "bench.mixed_engine", "10000000"]).stdout.split()
    )
    found.append(Measurement("1e7 people: scan and fit", scan + intercept))
    found.append(
        Measurement(
            "1e7 people: what is not the scan", intercept, reference=scan + intercept, against="scan and fit", limit=0.1
        )
    )
    found.append(Measurement("1e7 people: memory above the table", above, unit="MB", limit=1500))
    return found


if __name__ == "__main__":
    ours(int(sys.argv[1]))
