"""The study of docs/four-waves.md: fourteen people, four waves half a year apart, two kinds of trust."""

from __future__ import annotations

import csv
import random
from pathlib import Path

STUDY_YAML = """\
format: 1
study_id: four_waves
title: Four waves
synthetic: Every person and answer here is invented for tests.
ids:
  column: pid
  normalise: {strip: true, upper: true, remove: '[^A-Z0-9]', prefix: P, digits: 3}
  pattern: 'P[0-9]{3}'
waves:
  - id: w1
    label: Start
    month: 0
    planned_date: 2025-01-13
    files: [{path: waves/w1.csv, date_column: date}]
  - id: w2
    label: Six months
    month: 6
    planned_date: 2025-07-14
    files: [{path: waves/w2.csv, date_column: date}]
  - id: w3
    label: A year
    month: 12
    planned_date: 2026-01-12
    files: [{path: waves/w3.csv, date_column: date}]
  - id: w4
    label: Eighteen months
    month: 18
    planned_date: 2026-07-13
    files: [{path: waves/w4.csv, date_column: date}]
missing_codes: {'88': dont_know, '99': refused}
scales:
  - id: provider
    dimension: provider
    label: trust in the provider
    low: 0
    high: 10
    items: [{id: prov_1}, {id: prov_2}, {id: prov_3}]
  - id: municipal
    dimension: municipal
    label: trust in the municipality
    low: 0
    high: 10
    items: [{id: muni_1}, {id: muni_2}, {id: muni_3, reverse: true}]
report: {editions: [internal], formats: [html]}
plan:
  analyses: core
  registered: 2025-01-06
  primary: [provider, municipal]
  seed: 11
  permutations: 199
  bootstraps: 199
  families:
    - {id: F1, label: Change in trust, members: [change.provider, change.municipal]}
"""
WAVES = {"w1": "2025-01-13", "w2": "2025-07-14", "w3": "2026-01-12", "w4": "2026-07-13"}
PEOPLE = [f"P{n:03d}" for n in range(1, 15)]
ITEMS = [f"{s}_{i}" for s in ("prov", "muni") for i in (1, 2, 3)]
MISTYPED = "P005"
"""Whose prov_2 of the second wave was typed as 1 and is 7 on paper."""
WITHDREW = "P007"
LAST = {"P001": 0, "P002": 2, WITHDREW: 2}
"""Until which wave (counted from 0) somebody who is not there to the end answers."""
UNKNOWN = "Zzyzx7301"
"""The id in a row that goes to quarantine, and an answer in it; nothing else is written like it."""


def rows(wave: str) -> list[dict[str, str]]:
    """The wave's answers as handed in. Trust falls by about one point a wave; P001 leaves after the first, P002 after
    the third; P007 withdraws before the fourth. One row of the first wave has no id that can be used."""
    chance = random.Random(20250113)
    number = list(WAVES).index(wave)
    found = []
    for person in PEOPLE:
        levels = [chance.gauss(7, 0.8) for _ in range(2)]
        noise = [[chance.gauss(0, 0.7) for _ in range(6)] for _ in WAVES]
        if number > LAST.get(person, 3):
            continue
        row = {"pid": person, "date": WAVES[wave]}
        for place, item in enumerate(ITEMS):
            value = min(10, max(0, round(levels[place // 3] - number + noise[number][place])))
            row[item] = str(10 - value if item == "muni_3" else value)
        if (wave, person) == ("w2", MISTYPED):
            row["prov_2"] = "1"
        found.append(row)
    if wave == "w1":
        found.append({**found[-1], "pid": UNKNOWN, "prov_1": UNKNOWN})
    return found


def hand_in(root: Path, wave: str) -> Path:
    """Put the wave's file into its place."""
    path = root / "waves" / f"{wave}.csv"
    path.parent.mkdir(exist_ok=True)
    answers = rows(wave)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(answers[0]))
        writer.writeheader()
        writer.writerows(answers)
    return path


def new_study(root: Path) -> Path:
    """The folder with nothing but study.yaml."""
    root.mkdir()
    (root / "study.yaml").write_text(STUDY_YAML, encoding="utf-8")
    return root
