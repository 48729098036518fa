"""Lets a person read passages and release their words for an edition, on record; the next run prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coprod_trust import clock
from coprod_trust.decisions import QuoteRelease, append, read
from coprod_trust.errors import Reason, StudyError, UsageError, quoted
from coprod_trust.privacy.quotes import (
    GRANTED_IN_PUBLIC,
    STOPPED_BY,
    Passage,
    Screens,
    fingerprint,
    judge,
    passages_of,
    redact,
    screens_of,
)
from coprod_trust.store import StudyPaths, open_work, sql, study_lock
from coprod_trust.study import load_study


@dataclass(frozen=True)
class Waiting:
    """A passage whose speaker agreed to be quoted, as a person reads it before deciding. ``stopped`` says what the
    screens find and where; such parts must be left out. ``released``: for which edition it is out already."""

    segment_id: str
    document: str
    codes: tuple[str, ...]
    consent: str
    text: str
    paraphrase: str | None
    stopped: tuple[str, ...]
    released: str | None


def waiting(root: Path) -> tuple[Waiting, ...]:
    """Every passage with consent to be quoted, by document and place, with its words.

    Raises StudyError where nothing was run yet, Busy where a run holds the study.
    """
    passages, screens, where = _passages(root)
    releases = {r.segment_id: r for r in read(root, QuoteRelease)}
    judged = {j.segment_id: j for j in judge(passages.values(), screens.study, releases,
                                             participants=screens.participants, names=screens.names)}  # fmt: skip
    found = []
    for segment_id, (document, codes) in where.items():
        p = passages[segment_id]
        if p.text and p.citizen and p.consent in GRANTED_IN_PUBLIC | {"internal"}:
            stopped = tuple(f"{STOPPED_BY[h.kind]} at {h.start}-{h.end}" for h in screens.hits(p.text))
            found.append(
                Waiting(segment_id, document, tuple(codes or ()), str(p.consent), p.text, p.paraphrase, stopped,
                        judged[segment_id].released)
            )  # fmt: skip
    return tuple(found)


def release_quotes(
    root: Path,
    segments: Sequence[str],
    who: str,
    why: str,
    edition: Literal["internal", "public"] = "internal",
    redacted: str | None = None,
    take_back: bool = False,
) -> Path:
    """Record in decisions/quote.csv that words may be printed, or no longer; returns that file.

    Raises UsageError where who or why is empty, a segment is unknown, the consent does not cover the edition, a screen
    stops what remains of the words, or parts to leave out do not fit them or are given for several segments.
    """
    for name, given in (("--who", who), ("--why", why)):
        if not given.strip():
            raise UsageError(Reason(f"{name} is empty", "say who decides, and why"))
    if redacted is not None and len(segments) != 1:
        raise UsageError(Reason("parts to leave out belong to one segment", "release the segments one by one"))
    passages, screens, _ = _passages(root)
    decisions = [
        QuoteRelease(
            who=who, when=clock.now(), why=why, segment_id=s, edition=edition, released=not take_back, redact=redacted,
            words=fingerprint(passages[s].text or ""),
        )
        for s in segments if s in passages
    ]  # fmt: skip
    reasons = [
        Reason(f"no segment has the id {s}", f"see: coprod-trust quote {quoted(root)}", "SEGMENT")
        for s in segments
        if s not in passages
    ]
    if not take_back:
        reasons += _objections((passages[d.segment_id] for d in decisions), screens, edition, redacted)
    if reasons:
        raise UsageError(*reasons)
    path = root
    for decision in decisions:
        path = append(root, decision)
    return path


def _objections(passages: Iterable[Passage], screens: Screens, edition: str, redacted: str | None) -> Iterable[Reason]:
    for p in passages:
        (judged,) = judge([p], screens.study, participants=screens.participants, names=screens.names)
        if redact(p.text or "", redacted) is None:
            yield Reason("the parts to leave out do not fit the words", "count from 0, the end excluded", p.segment_id)
            continue
        stopped = screens.reasons(p.text or "", redacted)
        barred = [r for r in judged.reasons if not r.startswith("holds") and not judged.may_quote]
        if barred:
            yield Reason("; ".join(barred), "these words cannot be released", p.segment_id)
        elif stopped:
            yield Reason("; ".join(stopped), "leave the part out with --redact FROM-TO", p.segment_id)
        elif edition == "public" and not judged.in_public:
            yield Reason(
                "the consent is for internal reports only", "release it for the internal edition", p.segment_id
            )


def _passages(root: Path) -> tuple[dict[str, Passage], Screens, dict[str, tuple[str, list[str] | None]]]:
    study = load_study(root)
    paths = StudyPaths(root)
    if not paths.database.is_file():
        raise StudyError(Reason("nothing has been run yet", f"first: coprod-trust run {quoted(root)}", str(root)))
    with study_lock(paths), open_work(paths) as con:
        passages = {p.segment_id: p for p in passages_of(con)}
        rows = sql.run(con, "notes/places").fetchall()
        return passages, screens_of(con, study), {s: (document, codes) for s, document, codes in rows}
