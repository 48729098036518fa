"""The notes section, drafted from projects of coding programs and from .qdc codebooks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coprod_trust.ingest.readers.report import Report
from coprod_trust.study.drafting.waves import WaveGuess
from coprod_trust.study.drafting.yaml_text import Page, listed, scalar

if TYPE_CHECKING:
    from coprod_trust.notes.projects import Project

FOLDER = "notes"
MOST_CASES = 30
_MEANINGS = {
    "participant_id": r"(participant|respondent|deelnemer|client|person)([ _-]?(id|nr|number|nummer|code))?|pid",
    "wave": r"wave|round|ronde|meting|golf|time ?point",
    "date": r"(interview )?(date|datum)|held on|date of interview",
    "kind": r"(document )?(kind|type|soort)",
    "consent_quote": r".*(may be quoted|quote consent|consent_quote|citeren|toestemming citaat).*",
    "role": r"role|rol",
    "case_name": r"site|location|case|locatie|wijk|neighbourhood",
}
_CODEBOOK = (
    "code", "parent", "name", "definition", "include", "exclude", "anchor", "construct", "expected_provider",
    "expected_municipal", "expected_generalized", "expected_peers",
)  # fmt: skip


@dataclass(frozen=True)
class NotesGuess:
    """Projects and codebooks that were named, and what they say of themselves."""

    segments: tuple[str, ...]
    found: tuple[str, ...]
    codebook: str
    wave: str
    wave_why: str
    variables: dict[str, str]
    cases: tuple[str, ...]


def split_projects(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The projects and codebooks of coding programs among the files, and the others."""
    from coprod_trust.notes.projects import is_project

    return [f for f in files if is_project(f.name)], [f for f in files if not is_project(f.name)]


def guess_notes(files: Sequence[Path], waves: Sequence[WaveGuess]) -> NotesGuess | None:
    """What to write under ``notes:``; None where there are none. Raises FileRefused for a damaged one."""
    from coprod_trust.notes.projects import FORMATS, open_project

    if not files:
        return None
    opened = [(f, *open_project(f, f.name, Report(f.name, None, f.name))) for f in files]
    projects = [p for _, form, p in opened if form != "qdc"]
    days = [c.coded_on for p in projects for c in p.codings if c.coded_on]
    wave, why = _wave(waves, min(days, default=None))
    variables = {
        meaning: name
        for meaning, pattern in _MEANINGS.items()
        for name in dict.fromkeys(v.variable for p in projects for v in p.values)
        if re.fullmatch(pattern, name.casefold())
    }
    found = [
        f"{f.name} is {FORMATS[form]} of {p.program}: {len(p.codes)} codes"
        + (f", {len(p.documents)} documents, {len(p.codings)} codings" if form != "qdc" else "")
        for f, form, p in opened
    ]
    return NotesGuess(
        segments=tuple(f"{FOLDER}/{f.name}" for f, form, _ in opened if form != "qdc"),
        found=tuple(found),
        codebook=_codebook([p for _, _, p in sorted(opened, key=lambda o: o[1] != "qdc")]),
        wave=wave,
        wave_why=why,
        variables=variables,
        cases=tuple(dict.fromkeys(c.name for p in projects for c in p.cases)),
    )


def _wave(waves: Sequence[WaveGuess], first_coded: object) -> tuple[str, str]:
    """The latest wave that had begun when coding began, else the last."""
    begun = [w for w in waves if w.start is not None and first_coded is not None and w.start <= first_coded]  # type: ignore[operator]
    if begun:
        return begun[-1].id, "the latest wave that had begun when coding began"
    return waves[-1].id, "the last wave, since nothing says when coding began"


def _codebook(projects: Sequence[Project]) -> str:
    """The codes as codebook.csv; a .qdc goes before the codes of projects."""
    from coprod_trust.notes.linking import codes_of

    text = io.StringIO()
    writer = csv.DictWriter(text, _CODEBOOK, lineterminator="\n", restval="")
    writer.writeheader()
    for c in codes_of(projects):
        row = {"code": c.code, "parent": c.parent, "name": c.name, "definition": c.definition}
        writer.writerow({k: v or "" for k, v in row.items()})
    return text.getvalue()


def write_notes(page: Page, g: NotesGuess | None) -> None:
    """The section, with what to check."""
    if g is None:
        return
    page.say("Found: " + "; ".join(g.found) + ". codebook.csv was written from their codes.")
    page.say("Check: fill in construct and the expected directions in codebook.csv; no coding program holds them.")
    page.put("notes:")
    if g.segments:
        page.put(f"segments: {listed(g.segments)}", 2)
        page.say(
            f"Guess: {g.wave_why}. It holds for documents of which nothing else says to which wave they belong.", 2
        )
        page.put(f"wave: {g.wave}", 2)
    else:
        page.put("codebook: codebook.csv", 2)
    if g.variables:
        page.say("Guess: by their names, these variables of cases and documents say who, when and what.", 2)
        page.put("variables:", 2)
        for meaning, name in g.variables.items():
            page.put(f"{meaning}: {scalar(name)}", 4)
    if g.cases:
        page.say(
            "Check: cases named as a participant's id are linked by themselves. For the others say here who they are, "
            "such as  people: {'Woman 3': {participant: P012}, Coach: {role: professional}}  Cases of the projects: "
            + ", ".join(scalar(c) for c in g.cases[:MOST_CASES])
            + (f" and {len(g.cases) - MOST_CASES} more" if len(g.cases) > MOST_CASES else "")
            + ".",
            2,
        )
    page.put()
