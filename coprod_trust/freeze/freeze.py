"""Freezing a wave, and thawing it by name."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from coprod_trust import __version__, clock
from coprod_trust.decisions import Freeze, append
from coprod_trust.errors import Reason, StudyError, UsageError, cannot_write, quoted
from coprod_trust.freeze.guard import freezes, thawing
from coprod_trust.freeze.manifest import (
    DATA,
    INPUTS,
    KEYS,
    MANIFEST,
    FrozenTable,
    Manifest,
    answer_rows,
    file_hash,
    folder_of,
    hashed_columns,
    new_keys,
    row_hash,
    write_keys,
)
from coprod_trust.store import StudyPaths, open_work, sql, study_lock
from coprod_trust.store.inputs import published_run
from coprod_trust.study import FILE_NAME, Study, load_study, plan_hash, plan_text

FINDINGS = ("finding", "estimate")


def freeze(root: Path, wave: str, who: str, why: str) -> Manifest:
    """Freeze a wave as it was published: manifest, keys, rows as Parquet and what they were made from go to
    ``frozen/<wave>``, the decision to decisions/freeze.csv.

    Raises UsageError where the wave is unknown or frozen already, StudyError where the published run is not that wave's
    or where anything changed since, Busy where a run holds the study.
    """
    study, paths = load_study(root), StudyPaths(root)
    _may_freeze(paths, study, wave, who, why)
    target = folder_of(paths, wave)
    aside = target.with_name(f".{wave}.new")
    with study_lock(paths):
        try:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            with open_work(paths) as con:
                manifest = _write(con, paths, study, wave, aside)
            if target.exists():
                shutil.rmtree(target)
            aside.replace(target)
        except OSError as error:
            raise cannot_write(error, target) from None
        append(
            root,
            Freeze(
                who=who, when=clock.now(), why=why, action="freeze", wave=wave, manifest=file_hash(target / MANIFEST)
            ),
        )
    return manifest


def thaw(root: Path, wave: str, who: str, why: str) -> None:
    """Allow a change to a frozen wave by name; the next report prints the reason. Raises UsageError where it is not
    frozen."""
    load_study(root)
    _given(who, why)
    state = freezes(root).get(wave)
    if state is None or state[1] is not None:
        raise UsageError(Reason(f"wave {wave} is not frozen", f"see: coprod-trust status {quoted(root)}"))
    append(root, Freeze(who=who, when=clock.now(), why=why, action="thaw", wave=wave, manifest=None))


def _given(who: str, why: str) -> None:
    for name, text in (("--who", who), ("--why", why)):
        if not text.strip():
            raise UsageError(Reason(f"{name} is empty", "say who decides, and why"))


def _may_freeze(paths: StudyPaths, study: Study, wave: str, who: str, why: str) -> None:
    _given(who, why)
    if wave not in study.wave_ids:
        raise UsageError(Reason(f"there is no wave {wave}", f"choose one of: {', '.join(study.wave_ids)}"))
    state = freezes(paths.root).get(wave)
    if state is not None and state[1] is None:
        raise UsageError(Reason(f"wave {wave} is frozen already", f"to change it: {thawing(paths, wave)}"))
    published, changed = published_run(paths.root)
    if published != wave or changed:
        why_not = "nothing is published yet" if published is None else f"what is published is a run of wave {published}"
        if published == wave:
            why_not = "a file, a decision or study.yaml has changed since it was run"
        raise StudyError(
            Reason(
                f"wave {wave} cannot be frozen: {why_not}",
                f"first: coprod-trust run {quoted(paths.root)} --wave {wave}",
                str(paths.published),
            )
        )


def _write(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, wave: str, aside: Path) -> Manifest:
    waves = [w.id for w in study.waves_up_to(wave) if hashed_columns(con, w.id)]
    everybody = " UNION ".join(f"SELECT participant_id FROM answer.{sql.ident(w)}" for w in waves)
    keys = new_keys(p for (p,) in con.execute(everybody).fetchall())
    tables = []
    for w in waves:
        columns = hashed_columns(con, w)
        rows = answer_rows(con, f"answer.{sql.ident(w)}", columns, columns)
        tables.append(FrozenTable(w, tuple(columns), tuple(sorted(row_hash(keys[p], w, columns, v) for p, v in rows))))
    write_keys(aside / KEYS, keys)
    run = con.execute(
        "SELECT run_id, input_hash FROM run WHERE finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1"
    ).fetchone()
    assert run is not None
    sources = con.execute(
        "SELECT name, sha256 FROM source_file WHERE status = 'imported' ORDER BY name, wave"
    ).fetchall()
    report = sorted(p for p in (paths.reports / wave).rglob("*") if p.is_file())
    manifest = Manifest(
        format=1,
        wave=wave,
        frozen_at=clock.now().isoformat(),
        version=__version__,
        run_id=run[0],
        input_hash=run[1],
        plan_hash=plan_hash(study),
        plan=plan_text(study),
        people=len(keys),
        tables=tuple(tables),
        files=dict(sources),
        inputs=_copy_inputs(paths, aside / INPUTS),
        data=_export(con, waves, aside / DATA),
        reports={p.relative_to(paths.root).as_posix(): file_hash(p) for p in report},
    )
    (aside / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return manifest


def _copy_inputs(paths: StudyPaths, target: Path) -> dict[str, str]:
    """study.yaml, the decisions and the evaluator's texts, as they are now."""
    own = [paths.root / FILE_NAME, *sorted(paths.decisions.glob("*.csv")), *sorted(paths.root.glob("text/**/*.md"))]
    found = {}
    for path in own:
        if path.is_file():
            name = path.relative_to(paths.root).as_posix()
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)
            found[name] = file_hash(path)
    return found


def _export(con: duckdb.DuckDBPyConnection, waves: Sequence[str], target: Path) -> dict[str, str]:
    """Answers, scores and findings as Parquet; returns name and SHA-256 of each file."""
    target.mkdir(parents=True)
    relations = {f"answer_{w}": f"answer.{sql.ident(w)}" for w in waves}
    relations |= {"score_wide": "panel.score_wide", **{t: t for t in FINDINGS}}
    found = {}
    for name, relation in relations.items():
        path = target / f"{name}.parquet"
        con.execute(f"COPY (FROM {relation}) TO {sql.text(str(path))} (FORMAT parquet, COMPRESSION zstd)")
        found[path.name] = file_hash(path)
    return found
