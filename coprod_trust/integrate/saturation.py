"""Saturation after Guest, Namey and Chen (2020): how many codes do later documents bring beyond the first ones?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from coprod_trust.analysis import rules

BASE, RUN, THRESHOLD = 4, 2, 0.05


@dataclass(frozen=True)
class Point:
    """A row of ``saturation``: what the document at that place brought, and the run that ends with it."""

    code_set: Literal["all", "inductive"]
    ordinal: int
    document: str
    n_new: int
    n_codes: int
    new_information: float | None
    saturated: bool | None


def saturation(
    documents: Sequence[tuple[str, Collection[str]]], code_set: Literal["all", "inductive"]
) -> list[Point] | str:
    """The curve over documents in their order, or why there is none.

    The base is the number of distinct codes in the first 4 documents; the new information of a run of 2 is the number
    of codes that it brings for the first time, divided by the base. Saturated from the first run with at most 5 %.
    """
    declined = rules.SATURATION.declines(len(documents))
    if declined:
        return declined
    seen: set[str] = set()
    points: list[Point] = []
    base, reached = 0, False
    for ordinal, (document, codes) in enumerate(documents, start=1):
        new = set(codes) - seen
        seen |= new
        if ordinal == BASE:
            base = len(seen)
        share = None
        if ordinal >= BASE + RUN and base:
            share = (len(new) + sum(p.n_new for p in points[-(RUN - 1) :])) / base
            reached = reached or share <= THRESHOLD
        points.append(
            Point(code_set, ordinal, document, len(new), len(seen), share, reached if share is not None else None)
        )
    if not base:
        return "the first four documents hold none of these codes"
    return points
