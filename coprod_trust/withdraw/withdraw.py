"""Taking a person out of a study, for good."""

from __future__ import annotations

import csv
import io
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from coprod_trust import clock
from coprod_trust.decisions import Withdrawal, append
from coprod_trust.errors import Reason, StorageError, UsageError, cannot_write
from coprod_trust.freeze.guard import freezes, rebuilding
from coprod_trust.freeze.manifest import (
    DATA,
    ERASURES,
    INPUTS,
    KEYS,
    file_hash,
    folder_of,
    load_erasures,
    load_keys,
    load_manifest,
    write_keys,
)
from coprod_trust.ingest import archive
from coprod_trust.ingest.erased import SHORT, mark_of
from coprod_trust.ingest.problem import Problem
from coprod_trust.runner import run_direct, waves_with_files
from coprod_trust.store import StudyPaths, study_lock
from coprod_trust.store.copies import copies
from coprod_trust.store.inputs import published_run
from coprod_trust.store.query import published
from coprod_trust.study import Severity, Study, load_study
from coprod_trust.withdraw import unfinished
from coprod_trust.withdraw.needles import Needles
from coprod_trust.withdraw.originals import received, replace_originals
from coprod_trust.withdraw.person import Person, find, same_id
from coprod_trust.withdraw.rows import without_people
from coprod_trust.withdraw.search import Searched, search

_WRITTEN = ("who", "why", "value", "inference")
"""Columns of decisions in which people write as they like."""
UNKNOWN_PERSON = "[somebody who withdrew]"


@dataclass(frozen=True)
class Moved:
    """A published number that is another one now."""

    finding_id: str
    before: str
    after: str
    concluded_otherwise: bool = False


@dataclass(frozen=True)
class Withdrawn:
    """What was done. ``to_replace``: files in waves/ and notes/, and other files of the user's own, that still hold the
    person, each with what to do. ``left``: files of ours that still do, of which there must be none. ``recall``: copies
    that were handed out before."""

    reference: str
    rows: int
    waves_rebuilt: tuple[str, ...]
    searched: Searched
    to_replace: tuple[tuple[str, str], ...]
    left: tuple[str, ...]
    moved: tuple[Moved, ...]
    recall: tuple[str, ...]

    def lines(self) -> list[str]:
        """For a person; nothing in it says who withdrew."""
        lines = [
            f"Withdrawal {self.reference}: {self.rows} rows and passages taken out; "
            f"rebuilt: {', '.join(self.waves_rebuilt) or 'nothing was published'}.",
            f"Looked into {self.searched.opened:,} files for the person's ids in every spelling and for their words: "
            + ("nothing is left in anything that coprod-trust keeps." if not self.left else "FOUND in files below."),
        ]
        lines += [f"  still there: {name}" for name in self.left]
        if self.searched.unread:
            lines.append(f"Could be searched as bytes alone: {', '.join(self.searched.unread)}")
        if self.to_replace:
            lines.append("Yours to replace:")
            lines += [f"  {name}: {what}" for name, what in self.to_replace]
        otherwise = sum(m.concluded_otherwise for m in self.moved)
        lines.append(
            f"Published findings that moved: {len(self.moved)}"
            + (f"; the first {otherwise} with another conclusion" if otherwise else ", none with another conclusion")
        )
        lines += [f"  {m.finding_id}: {m.before} -> {m.after}" for m in self.moved]
        if self.recall:
            lines.append("Older copies to recall, wherever they went:")
            lines += [f"  {what}" for what in self.recall]
        return lines


def withdraw(root: Path, participant: str, who: str, why: str, replace_files: bool = False) -> Withdrawn:
    """Take a person out of archive, freezes, decisions, working and published database and reports, by building them
    anew, and prove it. ``replace_files`` also puts the remaining rows in the place of the files in waves/ and notes/.

    Raises UsageError where nobody has that id or who and why are empty, Busy where a run holds the study. If it is
    interrupted, give the same command again.
    """
    study, paths = load_study(root), StudyPaths(root)
    for name, given in (("--who", who), ("--why", why), ("ID", participant)):
        if not given.strip():
            raise UsageError(Reason(f"{name} is empty", "say who withdrew, who decides, and why"))
    with study_lock(paths, over_runs=True):
        begun = unfinished.read(paths, study, participant)
        person = _find(paths, study, participant, begun)
        needles = _joined(person.needles(study) if person else None, begun)
        if any(needles.in_text(t) for t in (who, why)):
            raise UsageError(
                Reason("--who or --why names the person", "nothing that identifies them is kept: leave it out")
            )
        stood = begun or unfinished.Begun(needles, published_run(root)[0], _findings(root), _recall(paths))
        reference, rows = secrets.token_hex(4), 0
        try:
            unfinished.write(paths, replace(stood, needles=needles))
            if person is not None:
                replaced, rows = replace_originals(paths, study, person)
                decision = Withdrawal(
                    who=who, when=clock.now(), why=why, reference=reference, rows=rows,
                    originals=" ".join(f"{old}:{new}" for old, new in replaced.items()) or None,
                    mark=mark_of(person.ids) if study.ids.remember_withdrawn else None,
                    searched=None if study.ids.remember_withdrawn else _searched(paths, study, replaced),
                )  # fmt: skip
                append(root, decision)
                names = {sha256[:16]: name for sha256, name, *_ in received(paths, study)}
                out = Removal(study, person, needles, replaced, names)
                _decisions(paths.decisions, out)
                for wave in freezes(root):
                    _freeze(paths, wave, out)
                archive.take_out(paths, replaced)
            if replace_files:
                _in_place(paths, archive.replaced(paths))
            _forget(paths)
        except OSError as error:
            (said,) = cannot_write(error, Path(error.filename) if isinstance(error.filename, str) else root).reasons
            raise StorageError(replace(said, fix=f"{said.fix}, and give the same command again")) from None
        rebuilt = _rebuild(paths, study, stood.last)
        unfinished.clear(paths)
        found = search(root, needles)
        yours, left = _sort(paths, found, archive.replaced(paths))
        moved = _moved(stood.findings, _findings(root))
    return Withdrawn(reference, rows, rebuilt, found, yours, left, moved, stood.recall)


def _find(paths: StudyPaths, study: Study, participant: str, begun: unfinished.Begun | None) -> Person | None:
    """The person; None where an interrupted withdrawal has taken them out of everything but what is made anew."""
    try:
        return find(paths, study, participant)
    except UsageError:
        if begun is None:
            raise
        return None


def _joined(needles: Needles | None, begun: unfinished.Begun | None) -> Needles:
    """What to look for: what was found of the person now, and before the interruption."""
    both = [n for n in (needles, begun.needles if begun else None) if n is not None]
    return Needles(
        frozenset().union(*(n.spellings for n in both)),
        frozenset().union(*(n.words for n in both)),
        frozenset().union(*(n.id_columns for n in both)),
    )


def _searched(paths: StudyPaths, study: Study, replaced: Mapping[str, str]) -> str:
    """The contents that hold nothing of the person, now that some were replaced."""
    found = {replaced.get(sha256, sha256)[:SHORT] for sha256, *_ in received(paths, study)}
    return " ".join(sorted(found - {""}))


@dataclass(frozen=True)
class Removal:
    """Who goes, and what takes the place of what. ``names``: first 16 digits of a content hash: the file's path."""

    study: Study
    person: Person
    needles: Needles
    replaced: Mapping[str, str]
    names: Mapping[str, str]


def _decisions(folder: Path, out: Removal) -> None:
    """Lines about the person go; lines about other rows of a replaced file name the new one; a name in a text goes."""
    hashes = {old[:n]: new[:n] for old, new in out.replaced.items() if new for n in (16, 64)}
    segments = {s.segment_id for s in out.person.segments} - {""}
    passages = {(_source(s.source_id)[1], s.row_number) for s in out.person.segments if s.row_number is not None}
    for path in sorted(folder.glob("*.csv")):
        if path.stem == "withdrawal":
            continue
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text))
        names = list(reader.fieldnames or ())
        kept = []
        for row in reader:
            wave, source = _source(row.get("source_id") or f"{row.get('wave')}__{row.get('sha256')}")
            number = int(n) if (n := row.get("row_number") or "").isdigit() else None
            of_theirs = (wave, source, number) in out.person.answers or (source, number) in passages
            if of_theirs or row.get("segment_id") in segments:
                continue
            if any(same_id(out.study, out.person, row.get(c) or "") for c in ("participant_id", "alias")):
                continue
            cells = {k: _renamed(k, v or "", hashes) for k, v in row.items() if k}
            if row.get("problem_id") and cells != {k: v or "" for k, v in row.items() if k}:
                cells["problem_id"] = _problem_id(cells, out.names.get(source)) or cells["problem_id"]
            kept.append(
                {
                    k: _anonymous(v, out.needles) if k in ("who", "why", "value", "inference") else v
                    for k, v in cells.items()
                }
            )
        new = io.StringIO()
        writer = csv.DictWriter(new, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        if new.getvalue() != text:
            _write(path, new.getvalue())


def _source(source_id: str) -> tuple[str, str]:
    """The wave (or kind) and the first 16 digits of the content's hash."""
    wave, _, sha256 = source_id.rpartition("__")
    return wave, sha256[:16]


def _renamed(column: str, cell: str, hashes: Mapping[str, str]) -> str:
    if column == "sha256":
        return next(
            (new[: len(cell)] for old, new in hashes.items() if len(old) == 64 and old.startswith(cell) and cell), cell
        )
    if column == "source_id":
        wave, sign, short = cell.rpartition("__")
        return f"{wave}{sign}{hashes.get(short, short)}"
    return cell


def _problem_id(row: Mapping[str, str], name: str | None) -> str | None:
    """The id that the problem has in the file that takes the place of the old one; None where its name is not known."""
    wave, _, _ = row["source_id"].rpartition("__")
    if name is None or not row.get("rule"):
        return None
    number = int(row["row_number"]) if row.get("row_number") else None
    return Problem(
        rule=row["rule"], severity=Severity.QUARANTINE, scope="cell", message="", expected="", fix="",
        source_id=row["source_id"], name=name, wave=wave, row_number=number, column_name=row.get("column") or None,
        scale=row.get("scale") or None,
    ).problem_id  # fmt: skip


def _anonymous(text: str, needles: Needles) -> str:
    for pattern in needles.patterns:
        text = pattern.sub(UNKNOWN_PERSON, text)
    return text


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _freeze(paths: StudyPaths, wave: str, out: Removal) -> None:
    """Destroy the person's key, take the rows out of the Parquet archive, and say how many went."""
    folder, keys = folder_of(paths, wave), load_keys(paths, wave)
    known = keys.pop(out.person.participant_id, None) is not None
    write_keys(folder / f".{KEYS}", keys)
    (folder / f".{KEYS}").replace(folder / KEYS)
    erasures, manifest = load_erasures(paths, wave), load_manifest(paths, wave)
    rows, data = dict(erasures.rows), dict(erasures.data)
    for name in manifest.data:
        if name.startswith(("answer_", "score_wide")):
            gone = without_people(folder / DATA / name, [out.person.participant_id])
            data[name] = file_hash(folder / DATA / name)
            if name.startswith("answer_") and gone:
                table = name.removeprefix("answer_").removesuffix(".parquet")
                rows[table] = rows.get(table, 0) + gone
    _decisions(folder / INPUTS / "decisions", out)
    inputs = {n: file_hash(folder / INPUTS / n) for n in manifest.inputs if (folder / INPUTS / n).is_file()}
    changed = {n: h for n, h in inputs.items() if h != manifest.inputs[n]}
    files = tuple(sorted({*erasures.files, *(old for old in manifest.files.values() if old in out.replaced)}))
    new = replace(erasures, rows=rows, people=erasures.people + known, data=data, inputs=changed, files=files)
    _write(folder / ERASURES, json.dumps(asdict(new), sort_keys=True, indent=1) + "\n")


def _in_place(paths: StudyPaths, replaced: Mapping[str, str]) -> None:
    for folder in ("waves", "notes"):
        for path in sorted((paths.root / folder).rglob("*")):
            if path.is_file() and (new := replaced.get(archive.hash_of(path))):
                aside = path.with_name(f".{path.name}.new")
                shutil.copyfile(archive.kept_path(paths, new), aside)
                aside.chmod(0o644)
                aside.replace(path)


def _forget(paths: StudyPaths) -> None:
    """What can be built again goes as a whole: deleting rows would leave their bytes."""
    for path in (paths.database, paths.database.with_name(paths.database.name + ".wal")):
        path.unlink(missing_ok=True)
    for folder in (paths.work / "logs", paths.outbox):
        shutil.rmtree(folder, ignore_errors=True)
    # By what is in them, as the study's folder may have been moved since. What somebody worked on in stays.
    ours = {copy.sha256 for copy in copies(paths) if copy.kind == "export"}
    written = {Path(copy.path) for copy in copies(paths) if paths.root in Path(copy.path).parents}
    for path in {*written, *(paths.root / "exports").glob("*")}:
        if path.is_file() and file_hash(path) in ours:
            path.unlink()


def _rebuild(paths: StudyPaths, study: Study, last: str | None) -> tuple[str, ...]:
    """Run every wave that has a report, in order, and last the one that is published."""
    if last is None:
        return ()
    here = waves_with_files(paths, study)
    waves = [w for w in here if (paths.reports / w).is_dir() and w != last]
    with rebuilding():
        for wave in (*waves, last):
            run_direct(paths.root, wave)
    return (*waves, last)


def _findings(root: Path) -> unfinished.Findings:
    """Verdict, estimate and n of every finding: of what is published, and of the reports of other waves."""
    paths = StudyPaths(root)
    if not paths.published.is_file():
        return {}
    with published(root) as con:
        rows = con.execute("SELECT finding_id, verdict, estimate, n FROM finding").fetchall()
    found: unfinished.Findings = {finding: (verdict, estimate, n) for finding, verdict, estimate, n in rows}
    last = published_run(root)[0]
    for written in sorted(paths.reports.glob("*/*/findings.json")):
        wave = written.parts[-3]
        for f in json.loads(written.read_text(encoding="utf-8"))["findings"] if wave != last else ():
            found[f"{f['finding_id']} in the report of {wave}"] = (f["verdict"], f["estimate"], f["n"])
    return found


def _moved(before: unfinished.Findings, after: unfinished.Findings) -> tuple[Moved, ...]:
    """What is not as it was, changed conclusions first."""
    nothing = (None, None, None)
    found = [
        Moved(f, _said(before.get(f)), _said(after.get(f)), before.get(f, nothing)[0] != after.get(f, nothing)[0])
        for f in (*before, *(f for f in after if f not in before))
        if before.get(f) != after.get(f)
    ]
    return tuple(sorted(found, key=lambda m: not m.concluded_otherwise))


def _said(values: tuple[object, ...] | None) -> str:
    if values is None:
        return "not there"
    verdict, estimate, n = values
    number = f"{estimate:.2f}" if isinstance(estimate, float) else "no estimate"
    return f"{number} (n = {n}{f', {verdict}' if verdict else ''})"


def _sort(
    paths: StudyPaths, found: Searched, replaced: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Files that are the user's own to replace, each with what to do, and files of ours, which must not be there."""
    yours: list[tuple[str, str]] = []
    left: list[str] = []
    for name in found.found:
        path = paths.root / name
        new = replaced.get(archive.hash_of(path))
        if new:
            yours.append((name, f"put work/archive/{new} in its place, or ask for the file without that person"))
        elif name.split("/")[0] in ("work", "published", "reports", "frozen", "decisions"):
            if name.startswith("frozen/") and f"/{INPUTS}/" in name:
                yours.append((name, "it names the person: take that out"))
            else:
                left.append(name)
        else:
            yours.append((name, "it names the person or quotes them: take that out, or take the file away"))
    return tuple(yours), tuple(left)


def _recall(paths: StudyPaths) -> tuple[str, ...]:
    """What was published before, and copies that were made by export or backup."""
    found = []
    if paths.published.is_file():
        with published(paths.root) as con:
            rows = con.execute(
                "SELECT run_id, wave, strftime(finished_at, '%Y-%m-%d %H:%M') FROM run ORDER BY started_at"
            )
            found = [
                f"published/trust.duckdb and the reports of wave {w}, of {at} (run {r})" for r, w, at in rows.fetchall()
            ]
    return (*found, *(f"{c.kind} {c.path}, of {c.made_at:%Y-%m-%d %H:%M}" for c in copies(paths)))
