"""Small studies for tests, written as an evaluator's folder."""

from __future__ import annotations

import csv
import random
from pathlib import Path

STUDY_YAML = """\
format: 1
study_id: small
title: A dozen people
synthetic: Every person and answer here is invented for tests.
ids:
  column: pid
  normalise: {strip: true, upper: true, remove: '[^A-Z0-9]', prefix: P, digits: 3}
  pattern: 'P[0-9]{3}'
groups:
  column: group
  participants: participant
  values:
    - {id: participant, label: Participants, codes: [participant]}
    - {id: non_participant, label: Non-participants, codes: [non-participant]}
waves:
  - id: w1
    label: Start
    planned_date: 2025-01-13
    month: 0
    files: [{path: waves/w1.csv, date_column: date}]
  - id: w2
    label: Six months
    planned_date: 2025-07-14
    month: 6
    files: [{path: waves/w2.csv, date_column: date}]
  - id: w3
    label: Twelve months
    planned_date: 2026-01-12
    month: 12
    files: [{path: waves/w3.csv, date_column: date}]
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
    items: [{id: muni_1}, {id: muni_2}, {id: muni_3}]
  - id: generalized
    dimension: generalized
    label: trust in people in general
    low: 0
    high: 10
    items: [{id: gen_1}, {id: gen_2}, {id: gen_3}]
  - id: peers
    dimension: peers
    label: trust in fellow participants
    low: 0
    high: 10
    groups: [participant]
    items: [{id: peer_1}, {id: peer_2}, {id: peer_3, reverse: true}]
covariates:
  - {id: age, kind: number, low: 16, high: 99}
  - {id: birth_year, kind: birth_year, low: 1920, high: 2010}
  - {id: gender, kind: gender}
report: {editions: [internal], formats: [html]}
events:
  - {id: letter, date: 2025-05-12, label: A letter about benefits}
plan:
  registered: 2025-01-06
  primary: [provider, municipal, generalized, peers]
  covariates: [age]
  seed: 11
  permutations: 999
  bootstraps: 999
  families:
    - id: F1
      label: Change in trust
      members: [change.provider, change.municipal, change.generalized, change.peers]
    - id: F2
      label: Peers with other trust
      members: [association.peers-provider, association.peers-generalized]
"""

ITEMS = [f"{s}_{i}" for s in ("prov", "muni", "gen", "peer") for i in (1, 2, 3)]
DATES = {"w1": "2025-01-{:02d}", "w2": "2025-07-{:02d}", "w3": "2026-01-{:02d}"}


def answers(n: int = 14, seed: int = 5, drop: bool = True) -> dict[str, list[dict[str, str]]]:
    """Clean rows of three waves: trust falls after the first; the last two people are non-participants, and with
    ``drop`` one participant leaves at each later wave."""
    random_ = random.Random(seed)
    people = []
    for number in range(1, n + 1):
        base = [random_.gauss(6.5, 1.3) for _ in range(4)]
        shared = random_.gauss(-1.0, 1.0)
        people.append((number, base, shared))
    waves: dict[str, list[dict[str, str]]] = {}
    for w, wave in enumerate(("w1", "w2", "w3")):
        rows = []
        for number, base, shared in people:
            if drop and number <= w:
                continue
            row = {
                "pid": f"P{number:03d}",
                "group": "participant" if number <= n - 2 else "non-participant",
                "date": DATES[wave].format(6 + number),
                "age": str(24 + number),
                "birth_year": str(2025 - 24 - number),
                "gender": "f" if number % 3 == 0 else "m",
            }
            for s, scale in enumerate(("prov", "muni", "gen", "peer")):
                level = base[s] + (shared + random_.gauss(0, 0.6) if w else 0)
                for i in (1, 2, 3):
                    value = min(10, max(0, round(level + random_.gauss(0, 0.9))))
                    if (scale, i) == ("peer", 3):
                        value = 10 - value
                    absent = scale == "peer" and row["group"] != "participant"
                    row[f"{scale}_{i}"] = "" if absent else str(value)
            rows.append(row)
        waves[wave] = rows
    return waves


def write_csv(path: Path, rows: list[dict[str, str]], delimiter: str = ",") -> None:
    """Rows as a CSV file in UTF-8; the first row gives the columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def small_study(root: Path, n: int = 14, seed: int = 5, drop: bool = True, yaml: str = STUDY_YAML) -> Path:
    """A study folder of a dozen people and three clean waves at ``root``; returns it."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.yaml").write_text(yaml, encoding="utf-8")
    for wave, rows in answers(n, seed, drop).items():
        write_csv(root / "waves" / f"{wave}.csv", rows)
    return root
