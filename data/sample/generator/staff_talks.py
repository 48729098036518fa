"""notes/staff_talks.qdpx: two talks with staff, as somebody would hand them in from a coding program. Statements were
filtered before coding; what was left out has its reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from coprod_trust.notes.projects.model import Coded, Memo, Project, ProjectCase, ProjectCode, SourceText, Span, Value
from coprod_trust.notes.projects.writing import project_bytes
from coprod_trust.study.instrument import default_codebook
from generator.files import with_fixed_times

FILE = "notes/staff_talks.qdpx"
CODER = "coder_a"


@dataclass(frozen=True)
class Statement:
    """What a supervisor said; without codes it did not pass the filter, for ``reason``."""

    who: str
    text: str
    codes: str = ""
    valence: str = ""
    reason: str = ""


S = Statement
TALKS: dict[str, tuple[date, tuple[Statement, ...]]] = {
    "S1": (date(2025, 5, 20), (
        S("Supervisor 1", "Every June we wait for the letter about the budget, and until it comes nobody dares to plan "
          "beyond the summer.", "OBS-UNC", "negative"),
        S("Supervisor 2", "The coffee machine has been away for repair since Easter.", reason="small talk"),
        S("Supervisor 2", "When the rules change we read it in the same letter as they do, and then I have no answers "
          "for them.", "OBS-UNC TRU-INS", "negative"),
        S("Supervisor 1", "I used to have ten minutes for everybody; now I have ten minutes for those who ask.",
          "COND-NOSUP", "negative"),
        S("Supervisor 1", "At the sports project they solved it with volunteers, but that is another story.",
          reason="about another programme"),
        S("Supervisor 2", "What still works is standing next to somebody and doing the first one together.",
          "COND-SUP", "positive"),
    )),
    "S2": (date(2025, 5, 27), (
        S("Supervisor 3", "I tell people that the town hall keeps its word, and in the meantime I hope that it does.",
          "TRU-INS OBS-UNC", "mixed"),
        S("Supervisor 3", "My own daughter is looking for work as well.", reason="small talk"),
        S("Supervisor 1", "Some do half of it and everybody sees it; sending them home is not up to me.",
          "OBS-FREE", "negative"),
        S("Supervisor 3", "Two of the ideas from the meeting are on the wall now, the others I could not pay for.",
          "VES-EXT", "mixed"),
        S("Supervisor 1", "As I said, it is all in the autumn.", reason="says again what was said"),
        S("Supervisor 3", "Nobody can tell me whether there will be a spring group, so I promise nothing.",
          "OBS-UNC", "negative"),
    )),
}  # fmt: skip


def write_staff_talks(root: Path) -> None:
    """The project, its archive without times and uncompressed, so that the bytes depend on its content alone."""
    project = Project("An invented coding program 1.0", "Talks with staff (invented)")
    names = {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(default_codebook()))}
    spans: dict[str, list[Span]] = {}
    for document, (day, statements) in TALKS.items():
        text = f"Talk with staff {document}, {day.isoformat()}. Invented for the sample study.\n\n"
        for s in statements:
            text += f"{s.who}: "
            start = len(text)
            text += f"{s.text}\n\n"
            spans.setdefault(s.who, []).append(Span(document, start, start + len(s.text)))
            for code in _codes(s, names):
                number = len(project.codings) + 1
                project.codings.append(
                    Coded(number, document, start, start + len(s.text), code, CODER, date(2025, 6, 2), label=s.text)
                )
        project.documents[document] = SourceText(document, document, text)
        about = {"Round": "w2", "Type": "staff meeting"}
        project.values += [Value("document", document, k, "text", v) for k, v in about.items()]
        project.values.append(Value("document", document, "Held on", "date", day.isoformat()))
        project.memos.append(Memo("document", document, "They asked not to be recorded; written down from notes."))
    used = dict.fromkeys(c.code for c in project.codings)
    project.codes += [ProjectCode(name, name) for name in used]
    for who, places in spans.items():
        project.cases.append(ProjectCase(who, tuple(places)))
        project.values.append(Value("case", who, "Role", "text", "staff"))
    (root / FILE).write_bytes(with_fixed_times(project_bytes(project, "sample")))


def _codes(s: Statement, names: dict[str, str]) -> Sequence[str]:
    if s.reason:
        return [f"kept: no, {s.reason}"]
    return [*(names[c] for c in s.codes.split()), "kept: yes", f"valence: {s.valence}"]
