"""Who coded (rules 61 and 62)."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import combinations

from coprod_trust.notes.table import Reporter, Table


def check_coders(coders: set[str], table: Table, report: Reporter) -> None:
    """Warn of a single coder, and of names that may be one person."""
    if len(coders) == 1:
        report.add(
            "one-coder",
            table,
            message="one coder; no agreement can be computed, and every code is marked as coded once",
            expected="a second coder for part of the segments",
            fix="have 30 segments or more coded by a second person",
        )
    for a, b in combinations(sorted(coders), 2):
        if may_be_one(a, b):
            report.add(
                "coder-name-variants",
                table,
                column="coder",
                found=f"{a} / {b}",
                message="two names that may be one coder; kept apart until the study says so",
                expected="one spelling a coder",
                fix="declare the variant in study.yaml under notes: coder_aliases",
            )


def may_be_one(a: str, b: str) -> bool:
    """Whether two names look like spellings of one: 'Anna K.' and 'anna k', or 'Anna'; not 'coder 1' and 'coder 2'."""
    first, second = _tokens(a), _tokens(b)
    if set(first) <= set(second) or set(second) <= set(first):
        return True
    return len(first) == len(second) and all(
        x == y or (min(len(x), len(y)) >= 4 and not _digits(x + y) and SequenceMatcher(None, x, y).ratio() >= 0.8)
        for x, y in zip(first, second, strict=True)
    )


def _tokens(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", name.casefold())


def _digits(text: str) -> bool:
    return any(c.isdigit() for c in text)
