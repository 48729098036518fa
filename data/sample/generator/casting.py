"""Who was interviewed, who sat in which focus group, and who says what in the notes."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import RandomState

from generator.people import TEAMS, Person
from generator.pick import conflicting

HERE = Path(__file__).parent
INTERVIEWS = 22
DEVIANT_CASES = 5
GROUP_SIZE = 5
DECLINE = -10.0  # points of provider trust
TARGETED = ("MOT-DN", "COND-NOSUP")  # about twice as common among those whose provider trust fell
SHARE_DECLINERS, SHARE_OTHERS = 0.62, 0.31
NOT_TOGETHER = (("MOT-UP", "MOT-DN"), ("FB-CONT", "FB-DOUBT"), ("COND-SUP", "COND-NOSUP"))
CASES = {"fiets": "bicycles", "keuken": "kitchen", "groen": "garden", "hout": "wood", "textiel": "textiles"}


@dataclass(frozen=True)
class Utterance:
    """A passage that somebody says, with what a careful coder makes of it."""

    codes: tuple[str, ...]
    valence: str
    time: str
    finding: str
    stance: str
    text: str


@dataclass(frozen=True)
class Spoken:
    """An utterance in a document. ``participant_id`` is empty for professionals and for the unknown speaker."""

    document: str
    participant_id: str
    speaker: str
    role: str
    utterance: Utterance


@dataclass(frozen=True)
class Seat:
    """Somebody who was there."""

    document: str
    case: str
    participant_id: str
    speaker: str
    role: str
    spoke: bool


@dataclass(frozen=True)
class Cast:
    interviewed: tuple[str, ...]
    deviant: tuple[str, ...]
    decliners: frozenset[str]
    seats: tuple[Seat, ...]
    spoken: tuple[Spoken, ...]


def utterances(name: str) -> list[Utterance]:
    """The written passages, in the order of the file."""
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return [
            Utterance(
                tuple(r["codes"].split()),
                r["valence"],
                r["time"],
                f"{r['finding']}.w1-w2" if r["finding"] else "",
                r["stance"],
                r["text"],
            )
            for r in csv.DictReader(handle, delimiter="|")
        ]


def cast(people: list[Person], rng: RandomState) -> Cast:
    """Choose and seat people, and give every passage to somebody who could have said it."""
    there = [p for p in people if p.participant and p.present[1] and p is not conflicting(people)]
    change = {p.participant_id: p.score("provider", 1) - p.score("provider", 0) for p in there}
    decliners = frozenset(i for i, c in change.items() if c <= DECLINE)
    deviant = _deviant(there)
    others = [p.participant_id for p in there if p.participant_id not in deviant]
    rng.shuffle(others)
    interviewed = tuple(sorted([*deviant, *others[: INTERVIEWS - DEVIANT_CASES]]))
    seats = [*_interview_seats(interviewed, there), *_group_seats(there, interviewed, rng)]
    slots = _slots(seats, rng)
    spoken = _assign(utterances("phrases.csv"), slots, decliners, rng)
    for k, utterance in enumerate(utterances("phrases_professionals.csv")):
        spoken.append(Spoken(f"F{k % 4 + 1}", "", "P1", "professional", utterance))
    return Cast(interviewed, deviant, decliners, tuple(seats), tuple(spoken))


def _deviant(there: list[Person]) -> tuple[str, ...]:
    """The five whose provider trust fell furthest below what the change in peer trust would suggest, among those whose
    peer trust rose."""
    provider = np.array([p.score("provider", 1) - p.score("provider", 0) for p in there])
    peers = np.array([p.score("peers", 1) - p.score("peers", 0) for p in there])
    slope = np.cov(provider, peers)[0, 1] / peers.var(ddof=1)
    residual = provider - provider.mean() - slope * (peers - peers.mean())
    order = [k for k in np.argsort(residual, kind="stable") if peers[k] > 0 and provider[k] < 0]
    return tuple(there[k].participant_id for k in order[:DEVIANT_CASES])


def _interview_seats(interviewed: tuple[str, ...], there: list[Person]) -> list[Seat]:
    team = {p.participant_id: p.team for p in there}
    return [Seat(f"I{k:02d}", CASES[team[i]], i, "R", "citizen", True) for k, i in enumerate(interviewed, start=1)]


def _group_seats(there: list[Person], interviewed: tuple[str, ...], rng: RandomState) -> list[Seat]:
    """Four groups of five who speak and one who stays silent, each of one team; in the second somebody speaks whom the
    list of those present does not name."""
    seats: list[Seat] = []
    sizes = Counter(p.team for p in there)
    for g, team in enumerate(sorted(TEAMS, key=lambda t: (-sizes[t], t))[:4], start=1):
        members = [p.participant_id for p in there if p.team == team]
        rng.shuffle(members)
        new, known = ([i for i in members if (i in interviewed) is wanted] for wanted in (False, True))
        for k, i in enumerate([*new[:2], *known, *new[2:]][: GROUP_SIZE + 1]):
            seats.append(Seat(f"F{g}", CASES[team], i, f"R{k + 1}", "citizen", k < GROUP_SIZE))
        seats.append(Seat(f"F{g}", CASES[team], "", "P1", "professional", True))
        seats.append(Seat(f"F{g}", CASES[team], "", "M", "interviewer", True))
    return seats


def _slots(seats: list[Seat], rng: RandomState) -> list[Seat]:
    """A seat for every passage of a participant: two for each speaker of a group, two for the unknown speaker, the rest
    shared among the interviews."""
    total = len(utterances("phrases.csv"))
    citizens = [s for s in seats if s.role == "citizen" and s.spoke]
    slots = [s for s in citizens if s.document.startswith("F") for _ in range(2)]
    unknown = replace(next(s for s in citizens if s.document == "F2"), participant_id="", speaker="R7")
    slots += [unknown, unknown]
    alone = [s for s in citizens if s.document.startswith("I")]
    left = total - len(slots)
    shares = [left // len(alone) + (k < left % len(alone)) for k in range(len(alone))]
    rng.shuffle(shares)
    return slots + [s for s, n in zip(alone, shares, strict=True) for _ in range(n)]


def _assign(written: list[Utterance], slots: list[Seat], decliners: frozenset[str], rng: RandomState) -> list[Spoken]:
    """Passages to seats: falling motivation and lack of support only to those picked for it, what speaks for a fall
    rather to those whose provider trust fell, and nobody says a thing and its opposite. Tried again until it fits."""
    while True:
        found = _try(written, list(slots), _picked(slots, decliners, rng), decliners, rng)
        if found is not None:
            return found


def _picked(slots: list[Seat], decliners: frozenset[str], rng: RandomState) -> dict[str, list[str]]:
    """Per targeted code the people who will speak of it, in random order."""
    heard = sorted({s.participant_id for s in slots if s.participant_id})
    picked: dict[str, list[str]] = {}
    for code in TARGETED:
        chosen: list[str] = []
        for share, among in (
            (SHARE_DECLINERS, [i for i in heard if i in decliners]),
            (SHARE_OTHERS, [i for i in heard if i not in decliners]),
        ):
            rng.shuffle(among)
            chosen += among[: round(share * len(among))]
        rng.shuffle(chosen)
        picked[code] = chosen
    return picked


def _try(
    written: list[Utterance],
    free: list[Seat],
    picked: dict[str, list[str]],
    decliners: frozenset[str],
    rng: RandomState,
) -> list[Spoken] | None:
    said: dict[str, dict[str, str]] = {}  # per person, code to valence
    waiting = {code: list(people) for code, people in picked.items()}
    spoken: list[Spoken] = []
    order = sorted(rng.permutation(len(written)), key=lambda k: -sum(c in TARGETED for c in written[k].codes))
    for k in order:
        utterance = written[k]
        allowed = [s for s in free if _fits(utterance, s, picked, said.get(s.participant_id, {}))]
        first = [s for s in allowed if all(s.participant_id in waiting[c] for c in utterance.codes if c in TARGETED)]
        allowed = first or allowed
        if not allowed:
            return None
        weight = np.array(
            [_weight(utterance, s.participant_id in decliners, said.get(s.participant_id, {})) for s in allowed]
        )
        seat = allowed[int(rng.choice(len(allowed), p=weight / weight.sum()))]
        free.remove(seat)
        said.setdefault(seat.participant_id, {}).update(dict.fromkeys(utterance.codes, utterance.valence))
        for code in utterance.codes:
            if code in TARGETED and seat.participant_id in waiting[code]:
                waiting[code].remove(seat.participant_id)
        spoken.append(Spoken(seat.document, seat.participant_id, seat.speaker, seat.role, utterance))
    return None if any(waiting.values()) else spoken


def _fits(utterance: Utterance, seat: Seat, picked: dict[str, list[str]], said: dict[str, str]) -> bool:
    if any(c in TARGETED and seat.participant_id not in picked[c] for c in utterance.codes):
        return False
    if any({said.get(c), utterance.valence} == {"positive", "negative"} for c in utterance.codes):
        return False
    return not any(
        one in said and other in utterance.codes for pair in NOT_TOGETHER for one, other in (pair, pair[::-1])
    )


def _weight(utterance: Utterance, declined: bool, said: dict[str, str]) -> float:
    again = 0.1 if any(c in said for c in utterance.codes) else 1.0
    if utterance.finding != "change.provider.w1-w2":
        return again
    if utterance.stance == "contrasts":
        return again * (0.3 if declined else 1.0)
    return again * (1.0 if declined else 0.4)
