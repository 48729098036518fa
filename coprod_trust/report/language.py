"""One language of the report: its sentences from a catalogue, its numbers and dates by its own customs.

A language is a file in ``languages/``; every key of ``en.toml`` must be in each.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

from coprod_trust.report.model import Sentence, Theirs, Words

MASK = "…"
MINUS = "−"
NO_BREAK = "\u00a0"


class Language:
    """Sentences, numbers and dates of one language."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.catalogue: dict[str, Any] = _read(code)
        self._decimal = str(self.catalogue["format.decimal"])
        self._thousands = str(self.catalogue["format.thousands"])
        # Titles of the rules of the gate, where the language has its own.
        self.titles: dict[str, str] = dict(self.catalogue["phrases.rules"])
        self._months = self.catalogue["format.months"]

    def template(self, key: str, count: int | None = None) -> str:
        """The text of a message; with ``count``, its singular or plural form where it has both."""
        if key in self.catalogue:
            return str(self.catalogue[key])
        return str(self.catalogue[f"{key}.{'one' if count == 1 else 'other'}"])

    def has(self, key: str) -> bool:
        """Whether the catalogue holds that message."""
        return key in self.catalogue or f"{key}.other" in self.catalogue

    def say(self, key: str, count: int | None = None, **values: object) -> Words:
        """A message with its values filled in; whole numbers are written by the language, the rest as given.

        Raises KeyError for an unknown message or a value that is not given.
        """
        template = self.template(key, count)
        if count is not None:
            values.setdefault("count", count)
        shown, own = {}, {}
        for name in (n for _, n, _, _ in Formatter().parse(template) if n):
            value = values[name]
            shown[name] = self.integer(value) if isinstance(value, int) else str(value)
            own[name] = MASK if isinstance(value, Theirs) else getattr(value, "own", shown[name])
        return Words(template.format_map(shown), template.format_map(own))

    def sentence(
        self,
        key: str,
        count: int | None = None,
        finding_id: str | None = None,
        direction: bool = False,
        **values: object,
    ) -> Sentence:
        """A message as a sentence of the report."""
        return Sentence(self.say(key, count, **values), finding_id, direction)

    def number(self, value: float | None, digits: int = 1, plus: bool = False) -> str:
        """A number with that many decimals; '' for none. A value that rounds to zero has no sign."""
        if value is None or value != value:
            return ""
        text = f"{abs(value):,.{digits}f}"
        text = text.replace(",", "\x00").replace(".", self._decimal).replace("\x00", self._thousands)
        if float(f"{abs(value):.{digits}f}") == 0:
            return text
        return (MINUS if value < 0 else "+" if plus else "") + text

    def integer(self, value: int) -> str:
        """A whole number; thousands are set apart from 10,000 on."""
        text = f"{abs(value):,}".replace(",", self._thousands) if abs(value) >= 10_000 else str(abs(value))
        return (MINUS if value < 0 else "") + text

    def p(self, value: float | None) -> str:
        """A p-value with three decimals, '< .001' below."""
        if value is None or value != value:
            return ""
        return f"<{NO_BREAK}{self.bare(0.001, 3)}" if value < 0.0005 else self.bare(value, 3)

    def bare(self, value: float | None, digits: int = 2) -> str:
        """A number that cannot pass 1, such as r or alpha; some languages leave out the zero in front."""
        text = self.number(value, digits)
        if self.catalogue["format.leading_zero"]:
            return text
        leading = "0" + self._decimal
        return text.replace(leading, self._decimal, 1) if text.lstrip(MINUS).startswith(leading) else text

    def interval(self, low: float | None, high: float | None, digits: int = 1, bare: bool = False) -> str:
        """'a to b'; '' where there is no interval."""
        if low is None or high is None:
            return ""
        one = self.bare if bare else self.number
        return f"{one(low, digits)} {self.catalogue['format.to']} {one(high, digits)}"

    def date(self, day: date) -> str:
        """'12 May 2025'."""
        return f"{day.day}{NO_BREAK}{self._months[day.month - 1]} {day.year}"

    def phrase(self, text: str) -> str:
        """What an analysis noted in English, piece by piece in this language; what is not known stays as it is."""
        return "; ".join(self._piece(piece) for piece in text.split("; "))

    def _piece(self, piece: str) -> str:
        ending = "." if piece.endswith(".") else ""
        for pattern, template in self._phrases:
            found = pattern.fullmatch(piece.removesuffix("."))
            if found:
                values = {name: self._captured(name, value) for name, value in found.groupdict().items()}
                return template.format_map(values) + ending
        return piece

    def _captured(self, name: str, value: str) -> str:
        """A verdict in this language, a number by its customs, anything else as it is."""
        key = f"verdict.{value.replace(',', '').replace(' ', '_')}"
        if name == "verdict" and key in self.catalogue:
            return str(self.catalogue[key])
        if not re.fullmatch(r"[-+−]?[\d,]*\.?\d+", value):
            return value
        return value.replace(",", "\x00").replace(".", self._decimal).replace("\x00", self._thousands)

    @cached_property
    def _phrases(self) -> list[tuple[re.Pattern[str], str]]:
        # The one with the most words of its own first: 'followed: 48 people and ...' is also '{a} people and ...'.
        pairs = sorted(self.catalogue["phrases.pairs"], key=lambda pair: -len(_VALUE.sub("", pair[0])))
        return [(_pattern(english), template) for english, template in pairs]

    def join(self, parts: Sequence[str]) -> Words:
        """'a, b and c'; masked where a part is Theirs."""
        own = [MASK if isinstance(p, Theirs) else getattr(p, "own", p) for p in parts]
        return Words(self._joined(parts), self._joined(own))

    def _joined(self, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + f" {self.catalogue['format.and']} {parts[-1]}"


_VALUE = re.compile(r"(\{\w+\})")


@cache
def _read(code: str) -> dict[str, Any]:
    text = files("coprod_trust.report").joinpath("languages").joinpath(f"{code}.toml").read_text(encoding="utf-8")
    return _flat(tomllib.loads(text))


@cache
def language(code: str) -> Language:
    """That language, read once."""
    return Language(code)


def _pattern(english: str) -> re.Pattern[str]:
    """What recognises a text made from that template; a value holds no semicolon."""
    return re.compile("".join(_literal_or_value(part) for part in _VALUE.split(english)))


def _literal_or_value(part: str) -> str:
    return f"(?P<{part[1:-1]}>[^;]+?)" if part.startswith("{") else re.escape(part)


def _flat(node: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
