"""Whether a frozen wave is what it was, and whether its report came from its rows."""

from __future__ import annotations

import math
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust import __version__
from coprod_trust.errors import Reason, UsageError, UserError, quoted
from coprod_trust.freeze.guard import compare, freezes
from coprod_trust.freeze.manifest import (
    DATA,
    INPUTS,
    MANIFEST,
    Erasures,
    Manifest,
    answer_rows,
    file_hash,
    folder_of,
    load_erasures,
    load_keys,
    load_manifest,
    match,
)
from coprod_trust.ingest import archive
from coprod_trust.store import StudyPaths, open_work, sql, study_lock
from coprod_trust.store.work import configure
from coprod_trust.study import load_study

TOLERANCE = 1e-6
FIGURES = ("n", "estimate", "std_error", "df", "statistic", "p_value", "p_adjusted", "ci_low", "ci_high")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``holds`` is None where it could not be told, and ``said`` says why."""

    what: str
    holds: bool | None
    said: str


@dataclass(frozen=True)
class Verified:
    """Everything that was looked at for one frozen wave."""

    wave: str
    rows_frozen: int
    rows_erased: int
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return all(c.holds is not False for c in self.checks)

    def lines(self) -> list[str]:
        """For a person."""
        mark = {True: "yes", False: "NO", None: "not told"}
        lines = [f"Frozen wave {self.wave}: {self.rows_frozen:,} rows, {self.rows_erased:,} erased since."]
        lines += [f"  {mark[c.holds]:<8}  {c.what}: {c.said}" for c in self.checks]
        return lines


def verify(root: Path, wave: str | None = None, rerun: bool = True) -> tuple[Verified, ...]:
    """Look at every frozen wave, or at one. With ``rerun`` its findings are computed again from its files.

    Raises UsageError where it is not frozen, StudyError where manifest or keys are gone, Busy where a run holds the
    study.
    """
    study = load_study(root)
    paths, frozen = StudyPaths(root), freezes(root)
    if wave is not None and wave not in study.wave_ids:
        raise UsageError(Reason(f"there is no wave {wave}", f"choose one of: {', '.join(study.wave_ids)}"))
    if not frozen or (wave is not None and wave not in frozen):
        what = f"wave {wave} is" if wave else "no wave is"
        raise UsageError(
            Reason(
                f"{what} not frozen" if wave else f"{what} frozen",
                f"coprod-trust freeze {quoted(root)} {wave or 'WAVE'} --who NAME --why REASON",
            )
        )
    with study_lock(paths):
        return tuple(_verify(paths, w, str(frozen[w][0].manifest), rerun) for w in frozen if wave in (None, w))


def _verify(paths: StudyPaths, wave: str, recorded: str, rerun: bool) -> Verified:
    manifest, erasures = load_manifest(paths, wave), load_erasures(paths, wave)
    same = file_hash(folder_of(paths, wave) / MANIFEST) == recorded
    checks = [
        Check("the manifest is the one that was recorded", same, f"SHA-256 {recorded[:16]}..."),
        _originals(paths, manifest, erasures),
        *_copies(paths, manifest, erasures),
        _frozen_rows(paths, manifest, erasures),
        _rows_in_use(paths, manifest),
        _reports(paths, manifest, erasures),
    ]
    if rerun:
        checks.append(_recomputed(paths, manifest, erasures))
    return Verified(wave, manifest.n_rows, erasures.n_rows, tuple(checks))


def _originals(paths: StudyPaths, manifest: Manifest, erasures: Erasures) -> Check:
    what = "the files received are in the archive, byte for byte"
    lost = [
        name
        for name, sha256 in manifest.files.items()
        if sha256 not in erasures.files
        and not (archive.is_kept(paths, sha256) and archive.hash_of(archive.kept_path(paths, sha256)) == sha256)
    ]
    if lost:
        return Check(what, False, f"gone or changed: {', '.join(sorted(lost))}")
    erased = sum(s in erasures.files for s in manifest.files.values())
    return Check(what, True, f"{len(manifest.files)} files" + (f", {erased} without the rows erased" if erased else ""))


def _copies(paths: StudyPaths, manifest: Manifest, erasures: Erasures) -> list[Check]:
    folder = folder_of(paths, manifest.wave)
    found = []
    for what, sub, hashes in (
        ("study.yaml, decisions and texts are those of then", INPUTS, {**manifest.inputs, **erasures.inputs}),
        ("the archive of rows and findings is as it was written", DATA, {**manifest.data, **erasures.data}),
    ):
        wrong = [n for n, h in hashes.items() if not (folder / sub / n).is_file() or file_hash(folder / sub / n) != h]
        said = f"gone or changed: {', '.join(sorted(wrong))}" if wrong else f"{len(hashes)} files"
        found.append(Check(what, not wrong, said))
    return found


def _frozen_rows(paths: StudyPaths, manifest: Manifest, erasures: Erasures) -> Check:
    """Every row of the Parquet archive has its keyed hash in the manifest, and none is missing but those erased."""
    what = "every frozen row can be proven by its keyed hash"
    keys = load_keys(paths, manifest.wave)
    matched = different = 0
    con = duckdb.connect()
    try:
        configure(con)
        for table in manifest.tables:
            path = folder_of(paths, manifest.wave) / DATA / f"answer_{table.wave}.parquet"
            relation = f"read_parquet({sql.text(str(path))})"
            known = [c for c, *_ in con.execute(f"DESCRIBE FROM {relation}").fetchall()]
            rows = answer_rows(con, relation, table.columns, known)
            found = match(table, rows, keys, erasures.rows.get(table.wave, 0))
            matched, different = matched + found.matched, different + found.different
    except duckdb.Error:
        return Check(what, False, "the archive of rows cannot be read")
    finally:
        con.close()
    said = f"{matched:,} of {manifest.n_rows:,} proven, {erasures.n_rows:,} erased"
    return Check(what, different == 0, said + (f", {different:,} otherwise" if different else ""))


def _rows_in_use(paths: StudyPaths, manifest: Manifest) -> Check:
    what = "the same rows are in use today"
    if not paths.database.is_file():
        return Check(what, None, "the working database is not there; the next run rebuilds it")
    with open_work(paths) as con:
        found = compare(con, paths, manifest.wave)
    different = [f"{w}: {m.changed} changed, {m.added} added, {m.gone} gone" for w, m in found.items() if m.different]
    return Check(what, not different, "; ".join(different) or "no difference")


def _reports(paths: StudyPaths, manifest: Manifest, erasures: Erasures) -> Check:
    what = "the report is the one that was frozen"
    changed = [
        name
        for name, sha256 in manifest.reports.items()
        if not (paths.root / name).is_file() or file_hash(paths.root / name) != sha256
    ]
    if changed and erasures.people:
        return Check(what, None, "it was made again without those who withdrew")
    return Check(
        what, not changed, f"gone or changed: {', '.join(changed)}" if changed else f"{len(manifest.reports)} files"
    )


def _recomputed(paths: StudyPaths, manifest: Manifest, erasures: Erasures) -> Check:
    """Run the frozen files with the frozen study.yaml, decisions and texts in a folder aside, and compare figures."""
    what = "the findings come out of these files again"
    if erasures.people:
        return Check(what, None, f"{erasures.n_rows} rows were erased, so the figures of then cannot come out")
    from coprod_trust.runner import run_direct

    with tempfile.TemporaryDirectory(prefix="coprod-trust-verify-") as aside:
        root = Path(aside) / "study"
        shutil.copytree(folder_of(paths, manifest.wave) / INPUTS, root)
        (root / "decisions" / "freeze.csv").unlink(missing_ok=True)
        for name, sha256 in manifest.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(archive.kept_path(paths, sha256), root / name)
        try:
            run_direct(root, manifest.wave)
        except UserError as error:
            return Check(what, False, f"the run is refused: {error.reasons[0].message}")
        con = duckdb.connect(str(StudyPaths(root).published), read_only=True)
        try:
            now = _figures(con, "finding")
            frozen = folder_of(paths, manifest.wave) / DATA / "finding.parquet"
            then = _figures(con, f"read_parquet({sql.text(str(frozen))})")
        finally:
            con.close()
    differing = sorted(f for f in then.keys() | now.keys() if not _same(then.get(f), now.get(f)))
    other = "" if manifest.version == __version__ else f"; frozen by version {manifest.version}, run by {__version__}"
    if differing:
        return Check(what, False, f"{len(differing)} of {len(then)} differ, first {differing[0]}{other}")
    return Check(what, True, f"{len(then)} findings, all figures alike{other}")


def _figures(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, tuple[Any, ...]]:
    rows = con.execute(f"SELECT finding_id, verdict, {', '.join(FIGURES)} FROM {relation}").fetchall()
    return {finding: tuple(values) for finding, *values in rows}


def _same(then: Any, now: Any) -> bool:
    if then is None or now is None:
        return False
    return all(
        a == b
        or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12))
        for a, b in zip(then, now, strict=True)
    )
