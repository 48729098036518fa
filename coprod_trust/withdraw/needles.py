"""What to look for when proving that nothing of a person is left: ids in every spelling, and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

SHORTEST_WORDS = 20
"""Texts shorter than this are said by many; longer ones are looked for as they stand."""
LONG_NUMBER = 5
"""An id of digits alone is looked for everywhere from this length; a shorter one only as a whole cell of a table."""
RAW = 4
"""The shortest text that is looked for in bytes that are no text: shorter ones are met by chance."""


@dataclass(frozen=True)
class Needles:
    """``spellings``: ids as they were written, and as normalised; ``words``: what the person wrote or said. Neither is
    ever shown."""

    spellings: frozenset[str] = field(repr=False)
    words: frozenset[str] = field(default=frozenset(), repr=False)
    id_columns: frozenset[str] = frozenset()

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(_plain(w) for w in self.words)

    @cached_property
    def patterns(self) -> list[re.Pattern[str]]:
        """Each id with any case, zeros and signs between letters and digits, not as a part of a longer one."""
        found = [p for s in sorted(self.spellings) if (p := _pattern(s))]
        return [re.compile(p, re.IGNORECASE) for p in dict.fromkeys(found)]

    def in_text(self, text: str) -> bool:
        """Whether an id or a sentence of the person stands in a text."""
        plain = _plain(text)
        return any(p.search(text) for p in self.patterns) or any(w in plain for w in self._words)

    def in_cell(self, column: str, cell: str) -> bool:
        """Whether a cell holds an id or a sentence of the person. In a column of ids every spelling counts as a whole;
        elsewhere an id of a few digits would be taken for an answer."""
        if column.casefold() in self.id_columns and _key(cell) in {_key(s) for s in self.spellings}:
            return bool(_key(cell))
        return self.in_text(cell)

    def names_ids(self, cells: Iterable[str]) -> bool:
        """Whether one of these names of columns is that of ids."""
        return any(c.strip().casefold() in self.id_columns for c in cells)

    def in_bytes(self, data: bytes) -> bool:
        """Whether an id or a sentence stands in bytes as it was written."""
        exact = [s for s in self.spellings if len(s) >= RAW and not s.isdigit()] + list(self.words)
        return any(s.encode(e) in data for s in exact for e in ("utf-8", "utf-16-le"))


def words_of(texts: Iterable[str | None]) -> frozenset[str]:
    """The texts that are long enough to be somebody's."""
    return frozenset(t.strip() for t in texts if t and len(t.strip()) >= SHORTEST_WORDS and " " in t.strip())


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _key(text: str) -> str:
    """An id for comparison: no case, no signs, no zeros in front of its number."""
    plain = re.sub(r"[^0-9a-z]", "", text.casefold())
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", plain)


def _pattern(spelling: str) -> str | None:
    parts = re.findall(r"[A-Za-z]+|[0-9]+", spelling)
    letters = any(p.isalpha() for p in parts)
    digits = "".join(p for p in parts if p.isdigit())
    if (
        not parts
        or (not letters and len(digits.lstrip("0")) < LONG_NUMBER)
        or (letters and not digits and len(spelling) < RAW)
    ):
        return None
    body = r"[\s_\-]{0,2}".join("0*" + re.escape(p.lstrip("0") or "0") if p.isdigit() else re.escape(p) for p in parts)
    return rf"(?<![A-Za-z0-9]){body}(?![A-Za-z0-9])"
