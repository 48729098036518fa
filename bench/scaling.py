"""What a model costs against the number of people and of waves, as a table and a picture for the documentation.

``python -m bench.scaling`` measures, prints the table in Markdown and writes docs/images/engine_cost.svg. Seconds are
processor time of all threads, which another program on the machine disturbs least; ratios are to a bare scan of the
same columns (their sums), the least that any method must do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from bench.mixed_engine import FORMULA, MODELS, table
from bench.run import ROOT

PEOPLE = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
WAVES_OF = dict.fromkeys(PEOPLE, 5)
WAVES = (2, 3, 4, 5, 6, 8, 10, 12)
PEOPLE_OF_WAVES = 1_000_000
PICTURE = ROOT / "docs" / "images" / "engine_cost.svg"


def costs(people: int, waves: int) -> dict[str, float]:
    """Seconds of a bare scan, of the panel's scan, and of the models with both kinds of df."""
    import duckdb

    from coprod_trust.mixed import Panel

    con = duckdb.connect()
    numbers = range(1, waves + 1)
    con.execute(table(people, numbers))
    covariates = ["age", "female", "edu"]
    plain = "SELECT " + ", ".join(f"sum({c})" for c in [*covariates, *(f"y{w}" for w in numbers)]) + " FROM wide"

    def scan() -> Panel:
        return Panel.from_table(con, "wide", {f"w{w}": f"y{w}" for w in numbers}, between=covariates)

    panel = scan()
    found = {"bare": _cpu(lambda: con.execute(plain).fetchall()), "scan": _cpu(scan)}
    for model, kwargs in MODELS.items():
        if (model == "slope" and waves < 3) or (model == "unstructured" and waves > 6):
            continue
        found[model] = _cpu(lambda kwargs=kwargs: _tested(panel, kwargs))
    con.close()
    return found


def _tested(panel: Any, kwargs: dict[str, str]) -> None:
    fit = panel.fit(FORMULA, **kwargs)
    fit.coefficients(df="kenward-roger")
    fit.coefficients(df="satterthwaite")


def _cpu(work: Callable[[], object]) -> float:
    """The least of several runs, in seconds of processor time."""
    seconds = []
    work()
    until = time.perf_counter() + 2
    while len(seconds) < 3 or (time.perf_counter() < until and len(seconds) < 30):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def rows(found: dict[int, dict[str, float]]) -> Iterable[str]:
    """Lines of a table in Markdown: the bare scan in ms, everything else as its multiple."""
    for size, seconds in found.items():
        bare = seconds["bare"]
        cells = [f"{size:,}", f"{bare * 1e3:,.1f} ms", f"{seconds['scan'] / bare:.1f}"]
        cells += [f"{(seconds['scan'] + seconds[m]) / bare:.1f}" if m in seconds else "" for m in MODELS]
        yield "| " + " | ".join(cells) + " |"


def picture(by_people: dict[int, dict[str, float]], by_waves: dict[int, dict[str, float]]) -> None:
    """Both as curves: seconds against people, both axes logarithmic; multiples of a bare scan against waves."""
    import altair as alt
    import pandas as pd
    import vl_convert

    labels = {
        "bare": "bare scan of the columns",
        "scan": "scan into a panel",
        "intercept": "scan + random intercept",
        "slope": "scan + random slope",
        "unstructured": "scan + unstructured",
    }

    def long(found: dict[int, dict[str, float]], ratio: bool) -> pd.DataFrame:
        return pd.DataFrame(
            [
                {
                    "size": size,
                    "what": labels[what],
                    "cost": (s + (seconds["scan"] if what in MODELS else 0)) / (seconds["bare"] if ratio else 1),
                }
                for size, seconds in found.items()
                for what, s in seconds.items()
                if not (ratio and what == "bare")
            ]
        )

    colour = alt.Color("what:N", sort=list(labels.values()), title=None, legend=alt.Legend(orient="bottom", columns=3))
    shape = alt.Shape("what:N", sort=list(labels.values()), legend=None)
    left = (
        alt.Chart(long(by_people, False), title="5 waves")
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "size:Q",
                scale=alt.Scale(type="log"),
                title="people",
                axis=alt.Axis(format="~s", values=list(by_people)),
            ),
            y=alt.Y("cost:Q", scale=alt.Scale(type="log"), title="seconds of processor time"),
            color=colour,
            shape=shape,
        )
        .properties(width=330, height=260)
    )
    right = (
        alt.Chart(long(by_waves, True), title=f"{PEOPLE_OF_WAVES:,} people")
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", title="waves", axis=alt.Axis(values=list(WAVES))),
            y=alt.Y("cost:Q", title="multiples of a bare scan", scale=alt.Scale(zero=True)),
            color=colour,
            shape=shape,
        )
        .properties(width=330, height=260)
    )
    spec = (left | right).configure_axis(gridOpacity=0.5).to_json()
    PICTURE.write_text(vl_convert.vegalite_to_svg(spec) + "\n", encoding="utf-8")


def main() -> None:
    by_people = {n: costs(n, 5) for n in PEOPLE}
    by_waves = {w: costs(PEOPLE_OF_WAVES, w) for w in WAVES}
    columns = ["bare scan", "scan into a panel", "+ random intercept", "+ random slope", "+ unstructured"]
    for name, found in (("people, 5 waves", by_people), (f"waves, {PEOPLE_OF_WAVES:,} people", by_waves)):
        head = f"| {' | '.join([name, *columns])} |\n|{'---|' * 6}\n"
        sys.stdout.write(head + "".join(f"{row}\n" for row in rows(found)) + "\n")
    picture(by_people, by_waves)


if __name__ == "__main__":
    main()
