"""Screens for what identifies a person in free text: names, e-mail, telephone, address, ids and dates.

They look for more than there is rather than less: whatever a screen stops can still be let through by a person, and
nothing that a screen lets through is called safe by that alone. A hit says what kind and where, never the words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from coprod_trust.study.ids import normalise, well_formed
from coprod_trust.study.model import Ids

Kind = Literal["name", "email", "phone", "address", "id", "date"]

_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+|(?<![\w.])@\w{3,}|\b(?:https?://|www\.)\S+", re.I)

_MONTHS = (
    r"jan(?:uary|uari)?|feb(?:ruary|ruari)?|mar(?:ch)?|maart|mrt|apr(?:il)?|may|mei|june?|juni|july?|juli|"
    r"aug(?:ust|ustus)?|sept?(?:ember)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
)
_DATE = re.compile(
    r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|e)?\s+(?:of\s+)?(?:{_MONTHS})\b"
    rf"|\b(?:{_MONTHS})\.?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s*%)",
    re.I,
)

# Seven to fifteen digits in groups, as numbering plans have it (ITU-T E.164: at most fifteen).
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().\-/]{0,2}\d){6,14}(?!\w)")

_WAYS = (
    "street|road|avenue|lane|drive|square|close|crescent|terrace|boulevard|court|place|way|"
    "straat|laan|weg|plein|gracht|kade|dijk|singel|dreef|steeg|hof|pad|straße|strasse|platz|allee"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,4}}\s?[a-zA-Z]?,?\s+(?:[A-Z][\w'’-]*\s+){{1,3}}(?i:{_WAYS})\b"
    rf"|\b(?:[A-Z][\w'’-]*\s+){{1,3}}(?i:{_WAYS})\s+\d{{1,4}}\b"
    rf"|\b[A-Z][\w'’-]*(?i:{_WAYS})\s+\d{{1,4}}\b"
    r"|\b[1-9]\d{3}\s?[A-Z]{2}\b"  # Dutch postcode
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"  # British postcode
    r"|\b(?i:rue|avenue|boulevard)\s+(?:de\s+|du\s+|des\s+|la\s+)*[A-Z][\w'’-]*\s+\d{1,4}\b"
)

# Abbreviations are followed by a name in any case; the words among the titles only by one with a capital.
_TITLES = "mr|mrs|ms|dr|prof|meneer|mevrouw|mijnheer|dhr|mw|mevr|drs|herr|frau|monsieur|madame"
_TITLE_WORDS = "miss|mister|doctor|professor|sir|madam|uncle|aunt|oom|tante"
_PARTICLES = r"(?:(?:van|de|der|den|ter|ten|het|von|di|da|el|al|bin)\s+){0,3}"
_TITLED = re.compile(
    rf"\b(?i:{_TITLES})\.?\s+{_PARTICLES}[^\W\d_][\w'’-]+|\b(?i:{_TITLE_WORDS})\s+{_PARTICLES}[A-ZÀ-ÖØ-Þ][\w'’-]+"
)
_INTRODUCED = re.compile(
    rf"\b(?i:my name is|name's|i am called|i'm called|is called|was called|named|mijn naam is|ik heet|heet)\s+"
    rf"{_PARTICLES}[^\W\d_][\w'’-]+"
)
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]*")
_OPENS = re.compile(r"(?:^|[.!?…:;\n\r]|\.\.\.)[\s\"'“”‘’«»()\[\]–—-]*$")

# Words that English writes with a capital and that point at nobody.
_ORDINARY = """
i i'm i'd i'll i've monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays saturday
saturdays sunday sundays january february march april may june july august september october november december
christmas easter ramadan dutch english german french belgian flemish turkish moroccan polish syrian ukrainian spanish
italian european british american god internet facebook whatsapp google covid corona okay ok
"""
ORDINARY = frozenset(_ORDINARY.split())


@dataclass(frozen=True)
class Hit:
    """Something that may identify a person, from ``start`` to before ``end``."""

    kind: Kind
    start: int
    end: int


def screen(
    text: str,
    *,
    kinds: Collection[Kind] = ("name", "email", "phone", "address", "id", "date"),
    names: Iterable[str] = (),
    ordinary: Collection[str] = (),
    ids: Ids | None = None,
    participants: Collection[str] = (),
) -> tuple[Hit, ...]:
    """Everything in ``text`` that may identify a person, in order of place.

    ``names`` are names known beforehand (of speakers, staff), found in any case; ``ordinary`` are further words that
    may carry a capital (those of the provider's name, say); ``ids`` and ``participants`` tell ids of this study.
    """
    found: list[Hit] = []
    if "email" in kinds:
        found += _matches("email", _EMAIL, text)
    if "date" in kinds:
        found += _matches("date", _DATE, text)
    if "phone" in kinds:
        dates = [m.span() for m in _DATE.finditer(text)]
        found += [h for h in _matches("phone", _PHONE, text) if (h.start, h.end) not in dates]
    if "address" in kinds:
        found += _matches("address", _ADDRESS, text)
    if "id" in kinds and ids is not None:
        found += _ids(text, ids, participants)
    if "name" in kinds:
        found += _names(text, names, ORDINARY.union(w.casefold() for w in ordinary))
    return tuple(sorted(set(found), key=lambda h: (h.start, h.end, h.kind)))


def words_of(*texts: str) -> frozenset[str]:
    """The words of texts that may stand in a quote with their capitals, for ``ordinary``."""
    return frozenset(m.group().casefold() for text in texts for m in _CAPITAL.finditer(text))


def _matches(kind: Kind, pattern: re.Pattern[str], text: str) -> Iterator[Hit]:
    return (Hit(kind, *m.span()) for m in pattern.finditer(text))


def _ids(text: str, ids: Ids, participants: Collection[str]) -> Iterator[Hit]:
    """Words that are an id of the study as written. A bare number counts only where ids have no prefix and it is a
    known id of four digits or more; else every '7' would be participant P007."""
    prefix = ids.normalise.prefix.casefold()
    for match in re.finditer(r"[^\W_][\w-]*", text):
        word = match.group()
        if not any(c.isdigit() for c in word):
            continue
        as_compared = normalise(ids, word)
        known = as_compared in participants
        if prefix:
            hit = word.casefold().startswith(prefix) and (
                known or (ids.pattern is not None and well_formed(ids, as_compared))
            )
        elif word.isdigit():
            hit = known and len(word) >= 4
        else:
            hit = known or (ids.pattern is not None and well_formed(ids, as_compared))
        if hit:
            yield Hit("id", *match.span())


def _names(text: str, names: Iterable[str], ordinary: Collection[str]) -> Iterator[Hit]:
    yield from _matches("name", _TITLED, text)
    yield from _matches("name", _INTRODUCED, text)
    for name in names:
        if len(name) >= 2:
            yield from _matches("name", re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I), text)
    for match in _CAPITAL.finditer(text):
        word = match.group()
        bare = re.sub(r"['’]s$", "", word)
        folded = bare.casefold().replace("’", "'")
        if not word[0].isupper() or folded in ordinary or (bare.isupper() and len(bare) <= 5):
            continue
        opens_sentence = _OPENS.search(text[max(0, match.start() - 20) : match.start()]) is not None
        if not opens_sentence or folded.split("-")[0] in _given_names():
            yield Hit("name", *match.span())


@cache
def _given_names() -> frozenset[str]:
    lines = files("coprod_trust.privacy").joinpath("given_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line and not line.startswith("#"))
