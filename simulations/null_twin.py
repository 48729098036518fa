"""500 sample studies in which nothing changed: how often does the pipeline say that something did?

    python -m simulations.null_twin [--studies 500]

Each is a sample study (data/sample/generator) with another seed and three differences. Nobody's trust moves: every
scale has the same distribution at each wave, of which people keep a part of their own level and the rest is drawn
anew, so that averages are equal in truth, rounding and ceilings included; teams do not differ. What is said in the
notes does not depend on anybody's scores. And no error is planted in the files. People still leave as they do in the
sample, the fewer the more they trusted the others and the more committed they were at the start.

The study's files are read and its notes linked once, by the real steps. For each twin the answers that reading left are
replaced by those of its people; then scoring, analysis and integration run as in any run, and each finding is put into
its sentence. Charts and publication are left out, and so are the scales that the first families need neither as outcome
nor as auxiliary. The whole integration runs in the first 100; in the others it stops at its first part, in which codes
are compared: the rest weighs findings against notes and tests nothing. A study is a row of results/null_twin.csv,
written as soon as it is done.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb
import numpy as np
import pandas as pd
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from coprod_trust.steps import Context

RESULTS = Path(__file__).parent / "results" / "null_twin.csv"
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
STUDIES = 500
INTEGRATED = 100
FIRST_SEED = 1_000_001
FAMILY = "F1"
ALPHA = 0.05
WAVES = ("w1", "w3")
# Correlation of a person's own level at one wave with the next.
STAYS = 0.6
SHARE_SPEAKING = 0.46
DIRECTION = re.compile(r"\b(rose|fell)\b")
ALL_WAVES = ("w1", "w2", "w3")
FIRST_DAY = (date(2024, 9, 2), date(2025, 2, 24), date(2025, 9, 1))
SCALES = ("provider", "municipal", "generalized", "peers", "motivation", "commitment")
PARTICIPANTS_ONLY = ("peer_trust", "peer_reliance", "peer_help", "com_promised", "com_responsible", "com_stay")
# Share of single answers left out, as in the sample.
BLANK = 0.011


@contextmanager
def without_change() -> Iterator[ModuleType]:
    """The sample's generator, with people who do not change and notes that know nothing of their scores."""
    sys.path.insert(0, str(SAMPLE))
    try:
        import generate
        from generator import casting, latent, survey

        inside, outside = latent.participants, latent.outsiders
        outside_mean = {**latent.MEAN, **latent.OUTSIDE_MEAN}
        with (
            mock.patch.multiple(
                latent,
                ICC=0.0,
                participants=lambda rng, teams: _unchanging(partial(inside, rng, teams), latent.MEAN, latent),
                outsiders=lambda rng, *n: _unchanging(partial(outside, rng, *n), outside_mean, latent),
            ),
            # Nobody counts as having declined, and nobody is interviewed because of a change.
            mock.patch.multiple(casting, DECLINE=-1000.0, DEVIANT_CASES=0, SHARE_OTHERS=SHARE_SPEAKING),
            mock.patch.multiple(
                survey,
                _plant_first=lambda *_: None,
                _plant_second=lambda *_: None,
                _plant_third=lambda *_: None,
            ),
        ):
            yield generate
    finally:
        sys.path.remove(str(SAMPLE))


def _unchanging(draw: Callable[[], Any], mean: Mapping[str, float], latent: ModuleType) -> Any:
    """People as drawn at the start, whose later scores have the start's distribution.

    0.6 of a person's deviation from the population's mean is kept, and the rest is that of another person drawn for the
    purpose: sqrt(1 - 0.6^2) of it. So scales hang together at each wave as they do at the start.
    """
    level = {**mean, **{scale: centre for scale, (_, centre, _) in latent.DERIVED.items()}}
    people, *others = draw(), draw(), draw()
    score = {}
    for scale, drawn in people.score.items():
        waves = [drawn[:, 0] - level[scale]]
        for fresh in others:
            waves.append(STAYS * waves[-1] + (1 - STAYS**2) ** 0.5 * (fresh.score[scale][:, 0] - level[scale]))
        score[scale] = level[scale] + np.column_stack(waves)
    return latent.Latent(score)


@contextmanager
def template(generate: ModuleType) -> Iterator[Context]:
    """A study whose files have been read: the run in which its answers are then replaced."""
    from coprod_trust.runner import study_run
    from coprod_trust.steps import STEPS
    from coprod_trust.store import open_work

    with tempfile.TemporaryDirectory(prefix="null_twin_") as folder:
        root = Path(folder) / "study"
        generate.generate(root, FIRST_SEED - 1)
        shutil.copytree(SAMPLE / "text", root / "text")
        yaml = YAML()
        declared = yaml.load(root / "study.yaml")
        declared["scales"] = [s for s in declared["scales"] if s["id"] in SCALES]
        declared.pop("report", None)  # labels of scales that are not in it
        # Intervals of associations are not looked at here; everything that verdicts on change rest on stays as it is.
        declared["plan"] |= {"analyses": "core", "bootstraps": 999}
        yaml.dump(declared, root / "study.yaml")
        with study_run(root) as context:
            for step in STEPS:
                if step.name in ("ingest", "notes"):
                    step.run(context)
            with open_work(context.paths) as con:
                con.execute("DELETE FROM flagged_answer")
            yield context


def replace_answers(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Put the people of that seed in the place of those who were read."""
    from generator.people import draw

    people = draw(seed)
    rng = np.random.default_rng(seed)
    for w, wave in enumerate(ALL_WAVES):
        table = f"answer.{wave}"
        described = con.execute(f"DESCRIBE {table}").fetchall()
        columns = [d[0] for d in described]
        items = [c.removesuffix("__reason") for c in columns if c.endswith("__reason")]
        source = dict(con.execute(f"SELECT study_group, any_value(source_id) FROM {table} GROUP BY 1").fetchall())
        rows = []
        for k, person in enumerate(p for p in people if p.present[w]):
            group = "participant" if person.participant else "non_participant"
            blank = rng.random(len(items)) < BLANK
            row = {
                "participant_id": person.participant_id,
                "study_group": group,
                "source_id": source.get(group) or next(iter(source.values())),
                "row_number": k + 2,
                "response_date": FIRST_DAY[w],
                "mode": "papier",
            }
            for item, missing in zip(items, blank, strict=True):
                asked = item in person.answer and (person.participant or item not in PARTICIPANTS_ONLY)
                row[item] = person.answer[item][w] if asked and not missing else None
                row[f"{item}__reason"] = None if asked and not missing else "skipped" if asked else "not_asked"
            rows.append(row)
        frame = pd.DataFrame(rows)
        types = {d[0]: d[1] for d in described}
        chosen = ", ".join(f'CAST("{c}" AS {types[c]}) AS "{c}"' for c in frame.columns)
        con.execute(f"DELETE FROM {table}")
        con.execute(f"INSERT INTO {table} BY NAME SELECT {chosen} FROM frame")
    _replace_people(con, people)


def _replace_people(con: duckdb.DuckDBPyConnection, people: list[Any]) -> None:
    con.execute("DELETE FROM participant")
    for p in people:
        seen = [wave for wave, there in zip(ALL_WAVES, p.present, strict=True) if there]
        con.execute(
            "INSERT INTO participant BY NAME SELECT $id AS participant_id, $grp AS study_group, $born AS birth_year, "
            "$age AS age, $gender AS gender, 'w1' AS first_wave, $last AS last_wave, $n AS n_waves",
            {
                "id": p.participant_id,
                "grp": "participant" if p.participant else "non_participant",
                "born": p.birth_year,
                "age": 2024 - p.birth_year,
                "gender": {"m": "man", "v": "woman"}[p.gender],
                "last": seen[-1],
                "n": len(seen),
            },
        )


def study(seed: int, context: Context) -> dict[str, object]:
    """One twin from its answers to its sentences: the row of the table."""
    from coprod_trust.analysis.finding import Certainty
    from coprod_trust.report.language import language
    from coprod_trust.report.read import read_material
    from coprod_trust.report.sentences import finding_sentences
    from coprod_trust.report.writer import Writer
    from coprod_trust.steps import STEPS
    from coprod_trust.store import open_work

    started = time.perf_counter()
    with open_work(context.paths) as con:
        replace_answers(con, seed)
    integrated = seed < FIRST_SEED + INTEGRATED
    for step in STEPS:
        if step.name in ("score", "analyse") or (integrated and step.name == "integrate"):
            step.run(context)
    with open_work(context.paths) as con:
        material = read_material(con, context.study(), context.wave, context.run_id)
        writer = Writer(material, language("en"))
        said = {f.finding_id: finding_sentences(writer, f) for f in material.findings}
        codes = _codes_of_run(con) if integrated else _codes(con, context)
    family = [f for f in material.findings if f.family == FAMILY and f.waves == WAVES]
    every = [f for f in material.findings if f.family == FAMILY]
    second = [f for f in material.findings if f.family == "F2" and f.waves == WAVES]
    assert len(family) == 4 and len(second) == 2, "the plan of the sample has other families now"

    def directed(finding: Any) -> bool:
        """Whether the sentence about the average has a direction verb; the later sentences count people."""
        return bool(DIRECTION.search(said[finding.finding_id][0].text.split(": we cannot tell")[0]))

    return {
        "seed": seed,
        "seconds": f"{time.perf_counter() - started:.2f}",
        "started": max(f.n_start or 0 for f in family),
        "stayed": min(f.n or 0 for f in family),
        "direction_verbs": sum(directed(f) for f in family),
        "direction_verbs_any_contrast": sum(directed(f) for f in every),
        "clear": sum(f.certainty == Certainty.CLEAR and directed(f) for f in family),
        "clear_too_small": sum(f.certainty == Certainty.CLEAR and not directed(f) for f in family),
        "smallest_p_adjusted": f"{min(f.p_adjusted for f in family if f.p_adjusted is not None):.6f}",
        "together": sum((f.p_adjusted or 1.0) < 0.05 for f in second),
        "codes_compared": codes[0],
        "codes_significant": codes[1],
    }


def _codes_of_run(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many codes a run compared with a change, and how many of them go with it."""
    row = con.execute("SELECT count(p_value), count(*) FILTER (p_adjusted < 0.05) FROM code_trajectory").fetchone()
    assert row is not None
    return row[0], row[1]


def _codes(con: duckdb.DuckDBPyConnection, context: Context) -> tuple[int, int]:
    """The same of the scores as they are, by the first part of the integrate step."""
    from coprod_trust.integrate.step import code_trajectories

    families = code_trajectories(con, context.study(), context.wave)
    rows = [row for family in families for row in family.result()]
    return sum(r.p_value is not None for r in rows), sum((r.p_adjusted or 1.0) < ALPHA for r in rows)


def fill_codes(context: Context) -> None:
    """Compare codes in the studies of the results in which that has not been done."""
    from coprod_trust.steps import STEPS
    from coprod_trust.store import open_work

    with RESULTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    score = next(step for step in STEPS if step.name == "score")
    for row in rows:
        if row["codes_compared"]:
            continue
        with open_work(context.paths) as con:
            replace_answers(con, int(row["seed"]))
        score.run(context)
        with open_work(context.paths) as con:
            compared, significant = _codes(con, context)
        row |= {"codes_compared": str(compared), "codes_significant": str(significant)}
        with RESULTS.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        sys.stdout.write(f"{row['seed']}: {significant} of {compared} codes\n")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--codes", action="store_true", help="only compare codes where a row of the results lacks them")
    chosen = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    done = set()
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8") as file:
            done = {int(r["seed"]) for r in csv.DictReader(file)}
    with without_change() as generate, template(generate) as context:
        if chosen.codes:
            fill_codes(context)
            return
        for seed in range(FIRST_SEED, FIRST_SEED + chosen.studies):
            if seed in done:
                continue
            row = study(seed, context)
            new = not RESULTS.exists()
            with RESULTS.open("a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                if new:
                    writer.writeheader()
                writer.writerow(row)
            sys.stdout.write(f"{seed}: {row['seconds']} s, {row['direction_verbs']} direction verbs\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
