"""Rules about files as wholes: the same file again, other content, an original that has gone (12, 13)."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.decisions import Revision
from coprod_trust.ingest import archive
from coprod_trust.ingest.catalogue import RULES
from coprod_trust.ingest.intake import KIND, Intake
from coprod_trust.ingest.problem import Problem
from coprod_trust.ingest.readers import source_id_of
from coprod_trust.store import StudyPaths
from coprod_trust.study import Severity

Hashed = tuple[Intake, str]


def file_rules(
    paths: StudyPaths,
    hashed: Sequence[Hashed],
    revisions: Sequence[Revision],
    severities: dict[str, Severity | None],
) -> tuple[list[Hashed], list[Problem]]:
    """The files to read (a second copy in one wave is not read again), and what is to be said of all of them.

    The content under which a path was first imported in a wave is its own; any other must be declared in
    decisions/revision.csv. Files that were refused were never imported, so a mended file needs no declaration.
    """
    imported = [e for e in archive.entries(paths) if e.kind == KIND]
    declared = {(r.path, r.sha256) for r in revisions}
    kept: list[Hashed] = []
    problems: list[Problem] = []
    for intake, sha256 in hashed:
        copy = next((i for i, s in kept if s == sha256 and (i.name != intake.name or i.wave == intake.wave)), None)
        own = next((e.sha256 for e in imported if (e.path, e.wave) == (intake.name, intake.wave)), sha256)
        if copy is not None:
            problems += _tell(
                intake, sha256, severities, "file-unchanged",
                f"the same content as {copy.name} (wave {copy.wave})"
                + ("; it is read once" if copy.wave == intake.wave else ""),
                "a file of its own", "take one of them away, if they are not meant to be the same",
            )  # fmt: skip
            if copy.wave == intake.wave:
                continue
        if own != sha256 and (intake.name, sha256) not in declared:
            problems += _tell(
                intake, sha256, severities, "file-changed",
                "the file was imported before with other content",
                f"the content with SHA-256 {own[:16]}..., which is in work/archive",
                "put the old file back; or, if the sender revised it: coprod-trust revise STUDY "
                f"{intake.name} --who NAME --why REASON",
            )  # fmt: skip
        if intake.vanished:
            problems += _tell(
                intake, sha256, severities, "file-from-archive",
                "the file has gone from the study folder; it was read from the archive",
                "the file in its place", f"copy work/archive/{sha256} back to {intake.name}",
            )  # fmt: skip
        kept.append((intake, sha256))
    return kept, problems


def _tell(
    intake: Intake,
    sha256: str,
    severities: dict[str, Severity | None],
    rule: str,
    message: str,
    expected: str,
    fix: str,
) -> list[Problem]:
    severity = severities[rule]
    if severity is None:
        return []
    return [
        Problem(
            rule=rule, severity=severity, scope=RULES[rule].scope, message=message, expected=expected, fix=fix,
            source_id=source_id_of(intake.wave, KIND, sha256), name=intake.name, wave=intake.wave,
        )
    ]  # fmt: skip
