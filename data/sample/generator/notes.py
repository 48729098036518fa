"""Writes notes/: coded segments, what was asked, who was there, the documents and their transcripts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from numpy.random import RandomState

from coprod_trust.study.instrument import default_codebook
from generator.casting import cast
from generator.coders import CODERS, Codes, code_all
from generator.decisions import write_corrections, write_decisions
from generator.people import Person
from generator.staff_talks import write_staff_talks
from generator.survey import Dirt
from generator.transcripts import Document, Segment, documents
from generator.versions import FILE, MAPPING, first_codebook, give_old_codes, mapping

WAVE = "w2"
COLUMNS = (
    "segment_id",
    "document",
    "position",
    "start_offset",
    "end_offset",
    "participant_id",
    "speaker",
    "speaker_role",
    "wave",
    "code",
    "codebook_version",
    "coder",
    "valence",
    "time_reference",
    "certainty",
    "elicited",
    "stance",
    "finding_id",
    "consent_quote",
    "paraphrase",
    "text",
)
HEDGES = ("maybe", "i think", "i guess", "i do not know", "in a way", "a bit", "so to say", "would say", "i would not")
TYPING_ERRORS = (("COND-NOSUP", "COND-NOSUPP"), ("TRU-COG", "TRU-COGG"), ("MOT-DN", "MOT_DN"))
NAMED = ("Mrs. Klaverdijk", "Wouter Zandbelt", "Jolanda Oosterhaven", "Sjoerd Veldhorst")
WITHDRAWN = 2
SEGMENTS = "notes/segments.csv"


def write_notes(root: Path, people: list[Person], seed: int) -> list[Dirt]:
    """Write codebook.csv, notes/ and decisions/ under ``root``; returns the errors planted in them."""
    rng = RandomState(seed + 2)
    chosen = cast(people, rng)
    written = documents(chosen, rng)
    segments = [s for d in written for s in d.segments]
    codes = code_all(segments, rng)
    consent = _consent(
        sorted({s.spoken.participant_id for s in segments if s.spoken.participant_id}), chosen.interviewed
    )
    rows = _rows(segments, codes, consent)
    dirt = [*_misspell(rows), *_shift(rows, written), *_sensitive(rows), *_unknown(rows)]
    folder = root / "notes"
    (folder / "transcripts").mkdir(parents=True, exist_ok=True)
    (root / "codebook.csv").write_text(default_codebook(), encoding="utf-8", newline="\n")
    write_decisions(root, rows, NAMED)
    read_again = give_old_codes(rows)
    _csv(root / SEGMENTS, COLUMNS, rows)
    write_corrections(root, root / SEGMENTS, WAVE, read_again)
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(first_codebook(), encoding="utf-8", newline="\n")
    _csv(root / MAPPING, tuple(mapping()[0]), mapping())
    write_staff_talks(root)
    _csv(
        folder / "documents.csv",
        ("document", "kind", "case_name", "date", "wave"),
        [
            {"document": d.name, "kind": d.kind, "case_name": d.case, "date": d.day.isoformat(), "wave": WAVE}
            for d in written
        ],
    )
    _csv(
        folder / "guide.csv",
        ("document", "construct", "asked"),
        [
            {"document": d.name, "construct": c, "asked": "yes" if yes else "no"}
            for d in written
            for c, yes in d.asked.items()
        ],
    )
    _csv(
        folder / "roster.csv",
        ("document", "case_name", "participant_id", "speaker", "role", "spoke"),
        [
            {
                "document": s.document,
                "case_name": s.case,
                "participant_id": s.participant_id,
                "speaker": s.speaker,
                "role": s.role,
                "spoke": "yes" if s.spoke else "no",
            }
            for s in chosen.seats
        ],
    )
    for d in written:
        (folder / "transcripts" / f"{d.name}.txt").write_text(d.text, encoding="utf-8", newline="\n")
    return dirt


def _rows(segments: list[Segment], codes: Codes, consent: dict[str, str]) -> list[dict[str, Any]]:
    """A row per segment, coder and code, in the order of the documents."""
    rows = []
    for s in segments:
        u = s.spoken.utterance
        for coder in CODERS:
            for code in codes[coder].get(s.segment_id, ()):
                rows.append(
                    {
                        "segment_id": s.segment_id,
                        "document": s.spoken.document,
                        "position": s.position,
                        "start_offset": s.start,
                        "end_offset": s.end,
                        "participant_id": s.spoken.participant_id,
                        "speaker": s.spoken.speaker,
                        "speaker_role": s.spoken.role,
                        "wave": WAVE,
                        "code": code,
                        "coder": coder,
                        "valence": u.valence,
                        "time_reference": u.time,
                        "certainty": "hedged" if any(h in u.text.lower() for h in HEDGES) else "certain",
                        "elicited": "elicited" if s.elicited else "spontaneous",
                        "stance": u.stance,
                        "finding_id": u.finding,
                        "consent_quote": _may_quote(s, consent),
                        "paraphrase": _paraphrase(s),
                        "text": u.text,
                    }
                )
    return rows


def _consent(heard: list[str], interviewed: Sequence[str]) -> dict[str, str]:
    """Of each person: public, internal, no, or withdrawn afterwards."""
    answer = {i: ("public", "internal", "public", "internal", "public")[k % 5] for k, i in enumerate(heard)}
    withdrawn = [interviewed[4], interviewed[13]]
    refused = [i for i in heard if i not in withdrawn][::11][:2]
    return answer | dict.fromkeys(refused, "no") | dict.fromkeys(withdrawn[:WITHDRAWN], "withdrawn")


def _may_quote(segment: Segment, consent: dict[str, str]) -> str:
    if segment.spoken.participant_id:
        return consent[segment.spoken.participant_id]
    return "internal" if segment.spoken.role == "professional" else "no"


_SAYS = {
    "positive": "Speaks well of",
    "negative": "Is critical about",
    "mixed": "Is of two minds about",
    "neutral": "Tells about",
}
_TOPIC = {
    "TRU-AFF": "the care that staff show",
    "TRU-COG": "whether promises are kept and work is done well",
    "TRU-INS": "the municipality",
    "TRU-ID": "being part of the Workshop",
    "SE-UP": "what can be done now and could not before",
    "CTL-DN": "the say over one's own days and course",
    "TN-BOND": "the ties among participants",
    "TN-CONF": "quarrels among participants",
    "TN-OUT": "people from outside the team",
    "MOT-UP": "the wish to come, which has grown",
    "MOT-DN": "the wish to come, which has weakened",
    "COND-SUP": "help from the staff",
    "COND-NOSUP": "help from the staff that did not come",
    "COND-COM": "keeping one's own agreements",
    "OBS-CROWD": "checks and penalties",
    "OBS-FREE": "others who do less",
    "OBS-UNC": "not knowing what comes next",
    "OBS-SEL": "who was taken and who was not",
    "VES-SAL-P": "why it mattered to come",
    "VES-EXT": "what becomes of participants' ideas",
    "ENG-SELF-SOL": "being among people",
    "NEW-ANX": "the fear that led here",
    "FB-CONT": "going on",
    "FB-DOUBT": "going on or stopping",
}


def _paraphrase(segment: Segment) -> str:
    """What may stand in a report where the words may not."""
    u = segment.spoken.utterance
    topics = " and ".join(_TOPIC[c] for c in u.codes)
    time = {"change": ", compared with the start", "before": ", looking back to before", "now": ""}[u.time]
    return f"{_SAYS[u.valence]} {topics}{time}."


def _misspell(rows: list[dict[str, Any]]) -> list[Dirt]:
    """Typing errors in codes, each in a segment that one person coded."""
    readers: dict[str, set[str]] = {}
    for row in rows:
        readers.setdefault(row["segment_id"], set()).add(row["coder"])
    dirt = []
    for right, wrong in TYPING_ERRORS:
        k, row = next((k, r) for k, r in enumerate(rows) if r["code"] == right and len(readers[r["segment_id"]]) == 1)
        row["code"] = wrong
        dirt.append(Dirt(f"{right} mistyped as {wrong}", SEGMENTS, "code-unknown", "row in quarantine", k + 2, "code"))
    return dirt


def _shift(rows: list[dict[str, Any]], written: list[Document]) -> list[Dirt]:
    """One coder's program did not count the first line of one transcript."""
    coded = {d.name: [r for r in rows if r["document"] == d.name and r["coder"] == "coder_b"] for d in written}
    document = max((d for d in written if d.kind == "interview"), key=lambda d: len(coded[d.name]))
    by = len(document.text.split("\n", 1)[0]) + 1
    dirt = []
    for k, row in enumerate(rows):
        if row["document"] == document.name and row["coder"] == "coder_b":
            row["start_offset"] -= by
            row["end_offset"] -= by
            what = f"offsets of coder_b too small by {by}: the first line of the transcript was not counted"
            dirt.append(Dirt(what, SEGMENTS, "offsets-text-differs", "row in quarantine", k + 2, "start_offset"))
    return dirt


def _sensitive(rows: list[dict[str, Any]]) -> list[Dirt]:
    """What may not be quoted: invented names, and people who withdrew their consent."""
    dirt = []
    for name in NAMED:
        k = next(k for k, r in enumerate(rows) if name in r["text"])
        dirt.append(
            Dirt("a quote with an invented name", SEGMENTS, "quote screen", "never printed as it is", k + 2, "text")
        )
    for person in sorted({r["participant_id"] for r in rows if r["consent_quote"] == "withdrawn"}):
        k = next(k for k, r in enumerate(rows) if r["participant_id"] == person)
        what = "first row of a person who withdrew consent to be quoted"
        dirt.append(Dirt(what, SEGMENTS, "consent_quote", "coded and counted, never quoted", k + 2, "consent_quote"))
    return dirt


def _unknown(rows: list[dict[str, Any]]) -> list[Dirt]:
    k = next(k for k, r in enumerate(rows) if r["speaker_role"] == "citizen" and not r["participant_id"])
    what = "first row of a speaker whom the roster does not name"
    return [Dirt(what, SEGMENTS, "speaker-unknown", "accepted for the group only", k + 2, "speaker")]


def _csv(path: Path, columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
