"""What ingest and score leave behind, built straight from rows of answers, so that analyses are tested alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
import yaml

from coprod_trust.study.model import Study
from tests.studies import STUDY_YAML, answers


def small(yaml_text: str = STUDY_YAML, **plan: object) -> Study:
    """The study of a dozen people, with entries of its plan replaced."""
    raw = yaml.safe_load(yaml_text)
    raw["plan"].update(plan)
    return Study.model_validate(raw)


def frames(rows: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, pd.DataFrame]:
    """Answers a wave as numbers, with participant_id and study_group."""
    out = {}
    for wave, wave_rows in rows.items():
        frame = pd.DataFrame(wave_rows).rename(columns={"pid": "participant_id", "group": "study_group"})
        frame["study_group"] = frame["study_group"].str.replace("-", "_")
        for column in frame.columns.difference(["participant_id", "study_group", "date", "gender"]):
            frame[column] = pd.to_numeric(frame[column].replace("", np.nan))
        out[wave] = frame.drop(columns="date")
    return out


def load(con: duckdb.DuckDBPyConnection, study: Study, waves: Mapping[str, pd.DataFrame]) -> None:
    """Write answer.<wave>, panel.<wave>, panel.score_wide and comparability."""
    people: pd.DataFrame | None = None
    constant = [c.id for c in study.covariates if not c.varying]
    for wave, frame in waves.items():
        con.register("given", frame)
        con.execute(f'CREATE OR REPLACE TABLE answer."{wave}" AS SELECT * FROM given')
        wide = frame[["participant_id", "study_group", *(c for c in constant if c in frame)]].copy()
        for scale in study.scales:
            low, high = scale.ends(wave)
            values = frame[[i.id for i in scale.items]].to_numpy(float)
            values = np.where([i.reverse for i in scale.items], low + high - values, values)
            enough = (~np.isnan(values)).sum(axis=1) >= scale.needed
            mean = np.full(len(frame), np.nan)
            mean[enough] = np.nanmean(values[enough], axis=1)
            wide[f"{scale.id}__{wave}"] = (mean - low) / (high - low) * 100
        con.register("given", wide)
        con.execute(f'CREATE OR REPLACE TABLE panel."{wave}" AS SELECT * FROM given')
        if people is None:
            people = wide
            continue
        known = ["participant_id", "study_group", *(c for c in constant if c in wide)]
        people = people.merge(wide, on="participant_id", how="outer", suffixes=("", "__new"))
        for column in known[1:]:
            people[column] = people[column].fillna(people.pop(f"{column}__new"))
    assert people is not None
    con.register("given", people)
    con.execute("CREATE OR REPLACE TABLE panel.score_wide AS SELECT * FROM given")
    con.unregister("given")
    con.execute("DELETE FROM comparability")
    ids = list(waves)
    for scale in study.scales:
        for i, a in enumerate(ids):
            for b in ids[i + 1 :]:
                con.execute("INSERT INTO comparability VALUES (?, ?, ?, true, NULL)", [scale.id, a, b])


def load_small(con: duckdb.DuckDBPyConnection, study: Study, n: int = 40, seed: int = 5) -> None:
    """The small study's answers, with more people than its files hold."""
    load(con, study, frames(answers(n, seed)))
