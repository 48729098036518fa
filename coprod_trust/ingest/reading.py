"""What one written answer means: a value, a reason why there is none, or a rule of the catalogue that it breaks.

Applied once per distinct text of a column, however many rows hold it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from coprod_trust.study import MissingReason

_AMBIGUOUS = re.compile(
    r"[-+]?\d+([.,]\d+)?\s*([-–/&]|to|or|and|tot|of|à)\s*\d+([.,]\d+)?\s*\??|.*\d.*\?|[<>~≈±]\s*\d.*|\d+([.,]\d+)?\s*[+±~]"
)
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


def fold(text: str) -> str:
    """A text for comparison: no case, single spaces, typographic apostrophes made plain."""
    return " ".join(text.replace("’", "'").split()).lower()


@dataclass(frozen=True)
class AnswerField:
    """How an item or number is answered. ``labels`` and ``missing`` are keyed by folded text; ``low`` or ``high`` may
    be open (infinite)."""

    low: float
    high: float
    integer: bool
    labels: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, MissingReason] = field(default_factory=dict)

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def missing_numbers(self) -> list[float]:
        """The missing codes that are numbers."""
        return [n for n in map(number, self.missing) if n is not None]


@dataclass(frozen=True)
class Reading:
    """``value`` and ``reason`` exclude each other; with a ``rule`` both hold only where the rule lets the cell in."""

    value: float | None = None
    reason: MissingReason | None = None
    rule: str | None = None
    suggestion: str | None = None


def number(text: str) -> float | None:
    """The finite number that a text is, or None."""
    plain = text.strip()
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", plain, re.ASCII):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def read_answer(text: str, answer: AnswerField) -> Reading:
    """The meaning of one text that is not blank."""
    folded = fold(text)
    if folded in answer.missing:
        return Reading(reason=answer.missing[folded])
    if folded in answer.labels:
        return Reading(value=answer.labels[folded])
    value = number(text)
    if value is not None:
        return _read_number(value, answer)
    return _read_text(text, folded, answer)


def _read_number(value: float, answer: AnswerField) -> Reading:
    for code, reason in answer.missing.items():
        if number(code) == value:
            return Reading(reason=reason)
    if value == 0 and answer.low > 0:
        return Reading(value, rule="zero-as-missing", suggestion="not answered")
    if not answer.low <= value <= answer.high:
        return Reading(value, rule="out-of-range")
    if answer.integer and value != int(value):
        return Reading(value, rule="decimals")
    return Reading(value)


def _read_text(text: str, folded: str, answer: AnswerField) -> Reading:
    if _DECIMAL_COMMA.fullmatch(text.strip()):
        return Reading(rule="text-unmapped", suggestion=f'{text.strip().replace(",", ".")} (declare decimal: ",")')
    if _AMBIGUOUS.fullmatch(folded):
        return Reading(rule="answer-ambiguous")
    return Reading(rule="text-unmapped", suggestion=_suggest(folded, answer))


def _suggest(folded: str, answer: AnswerField) -> str | None:
    """A label that is nearly the text, or the number with which the text begins."""
    from difflib import get_close_matches

    near = get_close_matches(folded, answer.labels, n=1, cutoff=0.75)
    if near:
        return f"{answer.labels[near[0]]:g} ({near[0]})"
    begins = re.match(r"(\d+)\s*[-–=:.)(]?\s*[^\W\d]", folded)
    if begins and answer.low <= float(begins.group(1)) <= answer.high:
        return begins.group(1)
    return None
