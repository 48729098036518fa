"""Writes DATA_DICTIONARY.md: every column of every file, and every planted error where it is."""

from __future__ import annotations

from collections.abc import Iterable

from generator.instrument import PARTICIPANTS_ONLY, SCALES, filled_in
from generator.survey import RENAMED, W1_INSIDE, W1_OUTSIDE, W2, W3, Dirt

_ADMIN = (
    ("respnr", "id", "number of the respondent; `P001` to `P060` take part, `P061` to `P078` do not", "all"),
    ("groep", "group", "`deelnemer` or `niet-deelnemer`", "all"),
    ("datum", "date", "day of answering; text in w1, a date in w2 and w3", "all"),
    ("akkoord", "consent", "`ja`: agreed to take part in the study", "all"),
    ("afname", "mode", "`papier` or `telefoon`", "all"),
    ("geslacht", "gender", "`m`, `v`; in w3 1 man, 2 vrouw", "all"),
    ("geboortejaar", "birth_year", "year of birth", "all"),
    ("leeftijd", "age", "age at the start, 22 to 61", "w1"),
    ("opleiding", "education", "`laag`, `midden`, `hoog`", "w1"),
    ("team", "team", "one of five teams of 9, 11, 12, 13 and 15", "w1, participants"),
    ("reden_instroom", "entry_reason", "why somebody joined; for the others why they did not", "w1"),
    (
        "reden_uitstroom",
        "exit_reason",
        "why somebody left; added from the register after the last wave",
        "w1, participants",
    ),
    ("uren", "hours", "hours a week at the Workshop, to the half hour", "all, participants"),
    ("opmerking", "free text", "what people wrote at the bottom, mostly nothing; invented", "all"),
)
_NOTES = {
    "notes/segments.csv": (
        ("segment_id", "document and running number; the same for both coders"),
        ("document", "`I01` to `I22` interviews, `F1` to `F4` focus groups"),
        ("position", "place in the document, from 1"),
        ("start_offset, end_offset", "code points from 0 in the transcript, the end excluded"),
        ("participant_id", "who speaks; empty for professionals and for one speaker whom nobody knows"),
        ("speaker", "label in the transcript"),
        ("speaker_role", "`citizen` or `professional`"),
        ("wave", "the wave after which the talk took place: w2"),
        ("code", "a code of codebook.csv, or of the first version; a row for each code of each coder"),
        ("codebook_version", "`1`: a code of `codebooks/version_1.csv`; empty: of codebook.csv"),
        ("coder", "`coder_a`, `coder_b`; 120 segments have both"),
        ("valence", "`positive`, `negative`, `mixed`, `neutral`"),
        ("time_reference", "`before`, `now`, `change`"),
        ("certainty", "`certain`, `hedged`"),
        ("elicited", "`elicited`: the construct had been asked; `spontaneous`: it had not"),
        ("stance", "toward the finding: `confirms`, `contrasts`, `expands`, `mentions`, or empty"),
        ("finding_id", "the finding that the stance is about"),
        ("consent_quote", "`public`, `internal`, `no`, `withdrawn`"),
        ("paraphrase", "what may be printed where the words may not"),
        ("text", "the words, as in the transcript"),
    ),
    "notes/documents.csv": (
        ("document", "as above"),
        ("kind", "`interview`, `focus group`"),
        ("case_name", "the team"),
        ("date", "day of the talk, after the fieldwork of w2"),
        ("wave", "w2"),
    ),
    "notes/roster.csv": (
        ("document", "as above"),
        ("case_name", "the team"),
        ("participant_id", "empty for professionals and the moderator"),
        ("speaker", "label in the transcript"),
        ("role", "`citizen`, `professional`, `interviewer`"),
        ("spoke", "`no`: sat there in silence (one person in each focus group)"),
    ),
    "notes/guide.csv": (
        ("document", "as above"),
        ("construct", "a scale of study.yaml, or `uncertainty`, `feedback`"),
        ("asked", "`yes`, `no`"),
    ),
}


def dictionary(dirt: Iterable[Dirt]) -> str:
    """The text of DATA_DICTIONARY.md."""
    return "\n".join([_HEAD, *_waves(), *_items(), *_notes(), *_planted(dirt), ""])


_HEAD = """\
# Data dictionary of the sample study

Written by `generate.py`. Everything is invented; see README.md.
"""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def _waves() -> list[str]:
    files = (
        (f"`{W1_INSIDE}`", "w1", "CSV, `;`, decimal comma, UTF-8 with a byte order mark", "participants at the start"),
        (f"`{W1_OUTSIDE}`", "w1", "CSV, `;`, UTF-8", "non-participants at the start"),
        (f"`{W2}`", "w2", "Excel, column names in row 4 of sheet Data", "all who answered at six months"),
        (f"`{W3}`", "w3", "SPSS, value labels, user-missing 77, 88, 99", "participants at twelve months"),
    )
    return [
        "## Waves",
        "",
        *_table(("file", "wave", "form", "who"), files),
        "Columns beside the items:",
        "",
        *_table(("column", "read as", "meaning", "where"), ((f"`{a}`", b, c, d) for a, b, c, d in _ADMIN)),
        "No answer: an empty cell was skipped; `weet niet` (88 in w3) don't know; `wil niet zeggen` (99) refused;",
        "`n.v.t.` (77) not applicable.",
        "",
    ]


def _items() -> list[str]:
    rows = []
    for scale in SCALES.values():
        who = "participants" if scale.id in PARTICIPANTS_ONLY else "all"
        for item in scale.items:
            name = f"`{item.id}`" + (f" (in w2 `{RENAMED[item.id]}`)" if item.id in RENAMED else "")
            turned = "reverse" if item.reverse else ""
            rows.append((name, scale.id, f"{scale.low}-{scale.high}", turned, who, filled_in(item.wording)))
    return [
        "## Items",
        "",
        "Source, licence and status of each wording stand in study.yaml. Wordings are new and unvalidated, or adapted",
        "and not checked against their source. Peers were asked at the start, when the teams had met for two weeks:",
        "read the first wave of that scale as a first impression.",
        "",
        *_table(("column", "scale", "range", "", "asked of", "wording"), rows),
    ]


def _notes() -> list[str]:
    lines = [
        "## Notes",
        "",
        "`codebook.csv` is the default codebook; 24 of its codes are used here, three of them rarely.",
        "",
    ]
    for file, columns in _NOTES.items():
        lines += [f"`{file}`", "", *_table(("column", "meaning"), ((f"`{c}`", m) for c, m in columns))]
    return [
        *lines,
        "`notes/transcripts/<document>.txt`: the transcripts, UTF-8.",
        "",
        "`notes/staff_talks.qdpx`: two talks with staff as a REFI-QDA project, with cases, variables, comments, and",
        "codes that say which statements passed the filter (`kept: yes`; `kept: no, small talk`).",
        "",
        "`notes/code_mapping.csv`: what became of the codes of the first version: one split, one renamed, two merged.",
        "Rows of the split code were read again; the codes given then stand in `decisions/correction.csv`.",
        "",
    ]


def _planted(dirt: Iterable[Dirt]) -> list[str]:
    """Errors that stand in several rows of one file share a line."""
    grouped: dict[tuple[str, str, str, str, str], list[int]] = {}
    for d in dirt:
        rows = grouped.setdefault((d.file, d.what, d.column or "", d.rule, d.outcome), [])
        rows.extend([d.row] if d.row is not None else [])
    table = (
        (f"`{file}`", ", ".join(str(r) for r in rows), column, what, rule, outcome)
        for (file, what, column, rule, outcome), rows in grouped.items()
    )
    return [
        "## Planted errors",
        "",
        "Rows are counted as a spreadsheet does, the header's row and title rows included; in the SPSS file the number",
        "of the case. `rule` is a rule of the gate, or what in study.yaml takes care of it.",
        "",
        *_table(("file", "row", "column", "what", "rule", "what becomes of it"), table),
    ]
