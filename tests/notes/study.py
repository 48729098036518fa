"""A small study with notes: four interviews, one focus group, two coders."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.studies import STUDY_YAML, write_csv

NOTES_YAML = STUDY_YAML + "notes: {segments: [notes/segments.csv]}\n"

CODEBOOK = [
    {"code": "SUP", "parent": "", "name": "Support", "definition": "help from staff", "expected_provider": "+"},
    {"code": "NOSUP", "parent": "SUP", "name": "No support", "definition": "left alone", "expected_provider": "-"},
    {"code": "MOT", "parent": "", "name": "Motivation falls", "definition": "drive falling", "expected_provider": "?"},
]
DOCUMENTS = [
    {"document": f"int{i}", "kind": "interview", "case_name": "north", "date": "2025-07-20", "wave": "w2"}
    for i in (1, 2, 3, 4)
] + [{"document": "fg1", "kind": "focus group", "case_name": "north", "date": "2025-07-21", "wave": "w2"}]
ROSTER = [
    {"document": f"int{i}", "participant_id": f"p{i}", "speaker": "", "role": "citizen", "spoke": "yes"}
    for i in (1, 2, 3, 4)
] + [
    {"document": "fg1", "participant_id": "5", "speaker": "R1", "role": "citizen", "spoke": "yes"},
    {"document": "fg1", "participant_id": "6", "speaker": "R2", "role": "citizen", "spoke": "no"},
    {"document": "fg1", "participant_id": "", "speaker": "Staff", "role": "professional", "spoke": "yes"},
]
GUIDE = [{"document": "int1", "construct": "org_support", "asked": "yes"}]
WORDS = {
    "int1": "Well. Nobody helped me, so I stopped caring. It was hard.",
    "int2": "They always helped me when I asked.",
    "fg1": "We were left to sort it out ourselves.",
}


def segment(segment_id: str, document: str, code: str, coder: str = "ann", **more: str) -> dict[str, str]:
    """A row of segments.csv; what is not given is blank."""
    row = dict.fromkeys(
        ("position", "start_offset", "end_offset", "participant_id", "speaker", "speaker_role", "wave", "valence",
         "time_reference", "certainty", "elicited", "stance", "finding_id", "consent_quote", "paraphrase", "text"),
        "",
    )  # fmt: skip
    return {"segment_id": segment_id, "document": document, "code": code, "coder": coder, **row, **more}


SEGMENTS = [
    segment("s1", "int1", "NOSUP", participant_id="P001", text="Nobody helped me", consent_quote="yes"),
    segment("s1", "int1", "NOSUP", "ben", participant_id="P001", text="Nobody helped me"),
    segment("s1", "int1", "MOT", participant_id="P001", text="Nobody helped me"),
    segment("s2", "int2", "SUP", participant_id="P002", text="They always helped me"),
    segment("s3", "fg1", "NOSUP", speaker="R1", text="We were left to sort it out"),
]


def write_notes(root: Path, **tables: list[dict[str, str]]) -> Path:
    """The study at ``root`` with its notes; a table given by name replaces the usual one, an empty one is left out."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.yaml").write_text(NOTES_YAML, encoding="utf-8")
    usual = {"codebook": CODEBOOK, "documents": DOCUMENTS, "roster": ROSTER, "guide": GUIDE, "segments": SEGMENTS}
    for name, rows in {**usual, **tables}.items():
        path = root / ("codebook.csv" if name == "codebook" else f"notes/{name}.csv")
        if rows:
            write_csv(path, rows)
    return root


def write_transcripts(root: Path, words: dict[str, str] = WORDS) -> None:
    """Transcripts beside the notes."""
    for document, text in words.items():
        path = root / "notes" / "transcripts" / f"{document}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def survey(con: duckdb.DuckDBPyConnection, n: int = 14) -> None:
    """Twelve people in the survey, as the gate leaves them."""
    con.execute("CREATE OR REPLACE TABLE participant (participant_id VARCHAR, study_group VARCHAR)")
    con.executemany("INSERT INTO participant VALUES (?, 'participant')", [(f"P{i:03d}",) for i in range(1, n + 1)])
