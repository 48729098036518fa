"""Finding a quote in its transcript.

Offsets count Unicode code points from 0, the end excluded. Texts are compared after quotation marks, dashes, breaks,
spaces and the invisible parts of emoji are made alike; what is kept is always the text as handed in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\ufe0e\ufe0f\u200d\u200b\u00ad\ufeff", None),
        "\u2026": "...",
    }
)


def comparable(text: str) -> str:
    """The text as compared: NFC, one kind of quotation mark and dash, one space for any run of white space."""
    alike = unicodedata.normalize("NFC", text).translate(_ALIKE)
    return re.sub(r"\s+", " ", alike).strip()


@dataclass(frozen=True)
class Transcript:
    """The words of one document, line breaks as one character each."""

    text: str

    @cached_property
    def comparable(self) -> str:
        return comparable(self.text)

    def span(self, start: int, end: int) -> str | None:
        """What stands at the offsets, or None where they lie outside."""
        return self.text[start:end] if 0 <= start < end <= len(self.text) else None

    def holds(self, quote: str) -> bool:
        """Whether the quote stands anywhere in the transcript."""
        return comparable(quote) in self.comparable

    def find(self, quote: str) -> tuple[int, int] | None:
        """Offsets of the quote where it stands exactly once as written, else None."""
        start = self.text.find(quote)
        if not quote or start < 0 or self.text.find(quote, start + 1) >= 0:
            return None
        return start, start + len(quote)
