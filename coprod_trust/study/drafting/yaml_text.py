"""YAML text with comments above what they are about."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping

from coprod_trust.study.drafting.facts import plain

WIDTH = 110
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9_.]|[A-Za-z]")
_NOT_BARE = re.compile(r"(y|n|yes|no|on|off|true|false|null|none|nan|inf)\.?", re.IGNORECASE)


def scalar(value: object) -> str:
    """A value as YAML on one line; quoted wherever YAML would read something else into it."""
    if isinstance(value, Yaml):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _BARE.fullmatch(text) and not _NOT_BARE.fullmatch(text) and "  " not in text:
        return text
    if any(ord(sign) < 32 or sign in "\u0085\u2028\u2029\ufeff" for sign in text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
    return "'" + text.replace("'", "''") + "'"


class Yaml(str):
    """Text that is YAML already."""


def listed(values: Iterable[object]) -> Yaml:
    """A list on one line."""
    return Yaml("[" + ", ".join(map(scalar, values)) + "]")


def mapped(values: Mapping[str, object]) -> Yaml:
    """A mapping on one line."""
    return Yaml("{" + ", ".join(f"{scalar(k)}: {scalar(v)}" for k, v in values.items()) + "}")


class Page:
    """Lines of YAML; a comment stands above what it is about."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def say(self, text: str, indent: int = 0) -> None:
        room = WIDTH - indent - 2
        for paragraph in text.splitlines():
            clean = " ".join(part for part in paragraph.split())
            self._lines += [
                f"{' ' * indent}# {line}" for line in textwrap.wrap(clean, room, break_long_words=False) or [""]
            ]

    def put(self, line: str = "", indent: int = 0) -> None:
        self._lines.append(f"{' ' * indent}{line}" if line else "")

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"
