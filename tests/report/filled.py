"""A working database filled by hand, so that the report can be tested without the steps before it.

Numbers are invented and consistent with each other; the participants' study is that of ``tests.studies``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust.report.language import language
from coprod_trust.report.read import read_material
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.writer import Writer
from coprod_trust.steps import Context
from coprod_trust.store import StudyPaths, open_work
from coprod_trust.store.sql import ident
from tests.studies import STUDY_YAML

RUN = "20260114T090000Z-ab12"
WAVES = ("w1", "w2", "w3")
SCALES = ("provider", "municipal", "generalized", "peers")
LEVELS = {"provider": (70.0, 58.4), "municipal": (56.0, 46.2), "generalized": (58.0, 49.1), "peers": (68.0, 64.2)}


@dataclass(frozen=True)
class Fixture:
    """What is to be in the database."""

    yaml: str = STUDY_YAML
    wave: str = "w3"
    n: int = 60
    n_non_participants: int = 18
    with_notes: bool = True
    with_model: bool = True
    verdicts: tuple[str, ...] = (
        "changed and matters",
        "changed, size unclear",
        "change too small to matter",
        "inconclusive",
    )
    certainties: tuple[str, ...] = ("clear", "suggestive", "clear", "not clear")
    code_name: str = "Being listened to"
    label: str = ""

    def with_(self, **changes: Any) -> Fixture:
        return replace(self, **changes)


def fill(root: Path, fixture: Fixture | None = None) -> Context:
    """Make a study folder with a filled working database at ``root``; returns the context of its report step."""
    f = fixture or Fixture()
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.yaml").write_text(f.yaml, encoding="utf-8")
    with open_work(StudyPaths(root)) as con:
        _run(con, f)
        people = _people(con, f)
        _scores(con, f, people)
        _findings(con, f)
        _quality(con, f)
        if f.with_notes:
            _notes(con, f)
    return Context(root, f.wave, RUN)


def insert(con: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """One row, by the names of its columns."""
    names = ", ".join(ident(k) for k in values)
    con.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def _waves(f: Fixture) -> tuple[str, ...]:
    return WAVES[: WAVES.index(f.wave) + 1]


def _run(con: duckdb.DuckDBPyConnection, f: Fixture) -> None:
    insert(
        con,
        "run",
        run_id=RUN,
        wave=f.wave,
        started_at=datetime(2026, 1, 14, 9, 0, tzinfo=UTC),
        version="0.1.0",
        plan_hash="ab" * 32,
        input_hash="cd" * 32,
    )


def _people(con: duckdb.DuckDBPyConnection, f: Fixture) -> list[tuple[str, str, tuple[str, ...]]]:
    con.execute(
        "CREATE TABLE participant (participant_id VARCHAR, study_group VARCHAR, first_wave VARCHAR, last_wave VARCHAR, "
        "n_waves BIGINT, entry_reason VARCHAR, exit_reason VARCHAR)"
    )
    people = []
    for i in range(1, f.n + f.n_non_participants + 1):
        group = "participant" if i <= f.n else "non_participant"
        seen = [
            w
            for k, w in enumerate(_waves(f))
            if group == "participant" and (k == 0 or i % 5 != 0 or (i % 15 == 0 and k == 2))
        ]
        if group == "non_participant":
            seen = [w for k, w in enumerate(_waves(f)) if k == 0 or (k == 1 and i % 3)]
        reason = "moved away" if i % 10 == 0 else "no time" if i % 5 == 0 else None
        people.append((f"P{i:03d}", group, tuple(seen)))
        insert(
            con,
            "participant",
            participant_id=f"P{i:03d}",
            study_group=group,
            first_wave=seen[0],
            last_wave=seen[-1],
            n_waves=len(seen),
            exit_reason=reason,
        )
    for wave in _waves(f):
        con.execute(f"CREATE TABLE answer.{wave} (participant_id VARCHAR, study_group VARCHAR)")
        rows = [[p, g] for p, g, seen in people if wave in seen]
        con.executemany(f"INSERT INTO answer.{wave} VALUES (?, ?)", rows)
    return people


def _scores(con: duckdb.DuckDBPyConnection, f: Fixture, people: list[tuple[str, str, tuple[str, ...]]]) -> None:
    random_ = random.Random(4)
    columns = [f"{s}__{w}" for s in SCALES for w in _waves(f)]
    con.execute(
        "CREATE TABLE panel.score_wide (participant_id VARCHAR, study_group VARCHAR, "
        + ", ".join(f"{c} DOUBLE" for c in columns)
        + ")"
    )
    rows = []
    for pid, group, seen in people:
        row: list[Any] = [pid, group]
        shared = random_.gauss(0, 9)
        for scale in SCALES:
            start, end = LEVELS[scale]
            base = random_.gauss(start, 15)
            for wave in _waves(f):
                value = base if wave == "w1" else base + end - start + shared + random_.gauss(0, 9)
                row.append(round(min(100.0, max(0.0, value)), 1) if wave in seen else None)
        rows.append(row)
    con.executemany(f"INSERT INTO panel.score_wide VALUES ({', '.join('?' * (len(columns) + 2))})", rows)
    for scale in SCALES:
        for wave in _waves(f):
            n = sum(1 for _, g, seen in people if g == "participant" and wave in seen)
            mean = LEVELS[scale][0 if wave == "w1" else 1]
            for method in ("observed", "mixed_model") if f.with_model and len(_waves(f)) > 1 else ("observed",):
                insert(
                    con,
                    "wave_mean",
                    scale=scale,
                    wave=wave,
                    population="participant",
                    method=method,
                    n=n,
                    mean=mean,
                    sd=15.2,
                    ci_low=mean - 3.9,
                    ci_high=mean + 3.9,
                )
            insert(
                con,
                "reliability",
                scale=scale,
                wave=wave,
                population="participant",
                coefficient="alpha",
                value=0.84,
                ci_low=0.76,
                ci_high=0.9,
                n=n,
                n_items=3,
            )


def _findings(con: duckdb.DuckDBPyConnection, f: Fixture) -> None:
    waves = _waves(f)
    if len(waves) < 2:
        return
    for i, scale in enumerate(SCALES):
        for start, end in [(waves[0], waves[-1])] + ([("w1", "w2"), ("w2", "w3")] if len(waves) == 3 else []):
            primary = (start, end) == (waves[0], waves[-1])
            change = round(LEVELS[scale][1] - LEVELS[scale][0], 1) if start == "w1" else 0.4
            verdict = f.verdicts[i] if primary else "inconclusive"
            shared = {
                "n": 48,
                "estimate": change,
                "std_error": 2.1,
                "df": 47.0,
                "p_value": 0.0004 if change < -5 else 0.31,
            }
            figures = {**shared, "ci_low": change - 4.2, "ci_high": change + 4.2}
            effect = {"effect_name": "d_z", "effect_size": change / 14.5, "effect_ci_low": -0.9, "effect_ci_high": -0.2}
            finding_id = f"change.{scale}.{start}-{end}"
            insert(
                con,
                "finding",
                finding_id=finding_id,
                design="A1",
                family="F1",
                outcome=scale,
                contrast=f"{start}-{end}",
                population="participants",
                estimand="mean change within persons, of those with a score at both waves",
                n_start=f.n,
                statistic=change / 2.1,
                p_adjusted=0.0016 if change < -5 else 0.62,
                method="paired_t",
                verdict=verdict,
                certainty=f.certainties[i] if primary else "not clear",
                exploratory=False,
                mean_from=LEVELS[scale][0] if start == "w1" else LEVELS[scale][1],
                mean_to=LEVELS[scale][1] if start == "w1" else LEVELS[scale][1] + 0.4,
                n_fell=34,
                n_rose=12,
                n_fell_reliably=21,
                n_rose_reliably=4,
                note="12 of 60 with a score at the first of these waves had none at the second",
                **figures,
                **effect,
            )
            for role, method, more in (
                (
                    "primary",
                    "paired_t",
                    {"statistic_name": "t", "statistic": change / 2.1, **effect, "verdict": verdict},
                ),
                ("check", "sign_flip", {"note": "9,999 random sign flips"}),
                ("check", "mixed_model_statsmodels", {"statistic_name": "z", "statistic": change / 2.0}),
                ("sensitivity", "without_two_most_influential", {"verdict": verdict}),
            ):
                insert(
                    con,
                    "estimate",
                    finding_id=finding_id,
                    estimate_id=f"{finding_id}/{method}",
                    role=role,
                    method=method,
                    ci_level=0.95,
                    **figures,
                    **more,
                )
            insert(
                con,
                "estimate",
                finding_id=finding_id,
                estimate_id=f"{finding_id}/bayes_factor",
                role="secondary",
                method="bayes_factor",
                n=48,
                declined="there is no variation to test with",
            )
    for outcome, r, p in (("provider", 0.52, 0.0006), ("generalized", 0.21, 0.15)):
        finding_id = f"association.peers-{outcome}.{waves[0]}-{waves[-1]}"
        figures = {"n": 48, "estimate": r, "p_value": p, "ci_low": r - 0.25, "ci_high": r + 0.18}
        insert(
            con,
            "finding",
            finding_id=finding_id,
            design="A2",
            family="F2",
            outcome=outcome,
            predictor="peers",
            contrast=f"{waves[0]}-{waves[-1]}",
            population="participants",
            estimand="correlation of the changes of two scales within the same people",
            n_start=f.n,
            p_adjusted=2 * p,
            method="pearson",
            verdict="changed together" if p < 0.05 else "inconclusive",
            certainty="clear" if p < 0.05 else "not clear",
            exploratory=False,
            effect_name="r",
            effect_size=r,
            **figures,
        )
        insert(
            con,
            "estimate",
            finding_id=finding_id,
            estimate_id=f"{finding_id}/pearson",
            role="primary",
            method="pearson",
            statistic_name="r",
            statistic=r,
            ci_level=0.95,
            **figures,
        )


def _quality(con: duckdb.DuckDBPyConnection, f: Fixture) -> None:
    for i, wave in enumerate(_waves(f)):
        insert(
            con,
            "source_file",
            source_id=f"{wave}__{i:016x}",
            sha256=f"{i + 10:x}" * 64,
            name=f"waves/{wave}.csv",
            kind="survey",
            format="csv",
            wave=wave,
            status="imported",
            rows_in=f.n + 3,
            accepted=f.n,
            quarantined=2,
            duplicates=1,
            blank=0,
            withdrawn=0,
            received_at=datetime(2026, 1, 13, 8, 0, tzinfo=UTC),
        )
        for row in (7, 19):
            insert(
                con,
                "problem",
                problem_id=f"{i}{row:07x}",
                source_id=f"{wave}__{i:016x}",
                name=f"waves/{wave}.csv",
                wave=wave,
                row_number=row,
                column_name="prov_1",
                rule="id-missing" if row == 7 else "date-missing",
                severity="quarantine" if row == 7 else "warn",
                scope="row",
                found="A SECRET VALUE",
                message="the row has no id",
                expected="an id",
                fix="fill in the id",
            )
    for scale in SCALES:
        for start, end in (("w1", "w2"), ("w1", "w3"), ("w2", "w3")):
            if end in _waves(f):
                insert(con, "comparability", scale=scale, wave_from=start, wave_to=end, comparable=True)


def _notes(con: duckdb.DuckDBPyConnection, f: Fixture) -> None:
    names = [f.code_name, "Lack of support", "Falling motivation", "Good company", "A rare remark"]
    counts = [14, 11, 9, 7, 3]
    for i, name in enumerate(names):
        insert(con, "code", code=f"c{i}", name=name, construct="provider" if i < 3 else "peers")
    for i in range(22):
        pid = f"P{i + 1:03d}"
        insert(
            con, "segment", segment_id=f"s{i}", document=f"d{i % 6}", participant_id=pid, wave="w1", text="Not shown."
        )
        for wave in _waves(f):
            insert(con, "interviewed", participant_id=pid, wave=wave, own_interview=True, n_documents=1, n_segments=4)
            for c, n in enumerate(counts):
                if i < n:
                    insert(
                        con,
                        "participant_code",
                        participant_id=pid,
                        wave=wave,
                        code=f"c{c}",
                        status="coded",
                        single_only=False,
                        n_segments=2,
                        n_unresolved=0,
                    )
    if len(_waves(f)) < 2:
        return
    start, end = _waves(f)[0], _waves(f)[-1]
    for c, n in enumerate(counts):
        for outcome in ("provider", "peers"):
            few = n < 5
            insert(
                con,
                "code_trajectory",
                code=f"c{c}",
                outcome=outcome,
                dimension=outcome,
                contrast=f"{start}-{end}",
                wave_from=start,
                wave_to=end,
                n_coded=n,
                n_not_coded=20 - n,
                n_single_coded=1,
                n_unresolved=0,
                n_not_interviewed=28,
                n_no_change=2,
                mean_change_coded=None if few else -15.2 + 2 * c,
                mean_change_not_coded=None if few else -7.1,
                difference=None if few else -8.1 + 2 * c,
                p_value=None if few else 0.04,
                p_adjusted=None if few else 0.16,
                method=None if few else "exact",
                segments_per_person_coded=None if few else 9.1,
                segments_per_person_not_coded=None if few else 7.4,
                declined="needs 5 people in each arm; there are 3 coded and 17 not coded" if few else None,
            )


def finding_row(**changes: Any) -> FindingRow:
    """A finding on change as the database holds it: trust in the provider fell."""
    row: dict[str, Any] = {f.name: None for f in fields(FindingRow) if f.name != "estimates"}
    row |= {
        "finding_id": "change.provider.w1-w3",
        "design": "A1",
        "family": "F1",
        "outcome": "provider",
        "contrast": "w1-w3",
        "population": "participants",
        "estimand": "mean change",
        "n_start": 60,
        "n": 48,
        "estimate": -11.6,
        "p_value": 0.0004,
        "p_adjusted": 0.0016,
        "ci_low": -15.8,
        "ci_high": -7.4,
        "method": "paired_t",
        "verdict": "changed and matters",
        "certainty": "clear",
        "exploratory": False,
        "mean_from": 70.0,
        "mean_to": 58.4,
        "n_fell": 34,
        "n_rose": 12,
        "n_fell_reliably": 21,
        "n_rose_reliably": 4,
    }
    return FindingRow(**{**row, **changes})


def writer(root: Path, fixture: Fixture | None = None) -> Writer:
    """A writer over a filled database."""
    context = fill(root, fixture)
    with open_work(context.paths) as con:
        return Writer(read_material(con, context.study(), context.wave, context.run_id), language("en"))
