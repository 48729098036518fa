"""Transcripts around the passages, and where each passage stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from numpy.random import RandomState
from ruamel.yaml import YAML

from generator.casting import Cast, Spoken

GUIDE = YAML(typ="safe").load((Path(__file__).parent / "interview_guide.yaml").read_text(encoding="utf-8"))
CONSTRUCTS = list(GUIDE["constructs"])
FIRST_INTERVIEW, FIRST_GROUP = date(2025, 4, 7), date(2025, 5, 12)


@dataclass(frozen=True)
class Segment:
    """A passage in its transcript; offsets count code points from 0, the end excluded."""

    segment_id: str
    position: int
    start: int
    end: int
    elicited: bool
    spoken: Spoken


@dataclass(frozen=True)
class Document:
    name: str
    kind: str
    case: str
    day: date
    asked: dict[str, bool]
    text: str
    segments: tuple[Segment, ...]


def documents(cast: Cast, rng: RandomState) -> list[Document]:
    """Every interview and focus group, written out."""
    case = {s.document: s.case for s in cast.seats}
    names = sorted(case, key=lambda d: (d[0] != "I", d))
    asked = {name: {} for name in names}
    for kind in ("interviews", "focus_groups"):
        group = [n for n in names if n.startswith("I") is (kind == "interviews")]
        for construct, row in GUIDE["constructs"].items():
            yes = set(rng.permutation(group)[: round(row[kind] * len(group))])
            for name in group:
                asked[name][construct] = name in yes
    written = []
    for name in names:
        alone, number = name.startswith("I"), int(name[1:]) - 1
        weeks, weekday = divmod(number, 5)  # an interview on every working day, a focus group every Monday
        day = FIRST_INTERVIEW + timedelta(weeks=weeks, days=weekday) if alone else FIRST_GROUP + timedelta(weeks=number)
        spoken = [s for s in cast.spoken if s.document == name]
        text, segments = _write(name, day, spoken, asked[name], rng)
        kind = "interview" if alone else "focus group"
        written.append(Document(name, kind, case[name], day, asked[name], text, tuple(segments)))
    return written


def construct_of(spoken: Spoken) -> str:
    """What a passage speaks to: the object of its finding where that is the municipality or people in general, else
    that of its first code."""
    for scale in ("municipal", "generalized"):
        if scale in spoken.utterance.finding:
            return scale
    return GUIDE["codes"][spoken.utterance.codes[0]]


def _write(
    name: str, day: date, spoken: list[Spoken], asked: dict[str, bool], rng: RandomState
) -> tuple[str, list[Segment]]:
    alone = name.startswith("I")
    asker = "Interviewer" if alone else "M"
    what = "Interview" if alone else "Focus group"
    parts = [f"{what} {name}, {day.isoformat()}. Invented for the sample study.\n\n"]
    hello, answer = _one(GUIDE["opening"], rng)
    first = "R" if alone else "R1"
    parts.append(f"{asker}: {hello}\n{first}: {answer}\n\n")
    order = sorted(range(len(spoken)), key=lambda k: (CONSTRUCTS.index(construct_of(spoken[k])), rng.uniform()))
    segments: list[Segment] = []
    for construct in CONSTRUCTS:
        passages = [spoken[k] for k in order if construct_of(spoken[k]) == construct]
        if asked[construct]:
            parts.append(f"{asker}: {_one(GUIDE['constructs'][construct]['questions'], rng)}\n")
            if not passages:
                parts.append(f"{first}: {_one(GUIDE['nothing'], rng)}\n\n")
        for passage in passages:
            if not asked[construct]:
                begun = len(parts) > 2
                parts.append(f"{asker}: {_one(GUIDE['further'] if begun else GUIDE['begin'], rng)}\n")
            lead = f"{_one(GUIDE['fillers'], rng)} " if rng.uniform() < 0.4 else ""
            parts.append(f"{passage.speaker}: {lead}")
            start = sum(len(p) for p in parts)
            end = start + len(passage.utterance.text)
            parts.append(f"{passage.utterance.text}\n\n")
            position = len(segments) + 1
            segments.append(Segment(f"{name}-{position:02d}", position, start, end, asked[construct], passage))
    parts.append(f"{asker}: {_one(GUIDE['closing'], rng)}\n")
    return "".join(parts), segments


def _one(options: list[Any], rng: RandomState) -> Any:
    return options[rng.randint(len(options))]
