"""How wide the columns of a table are on a page of a text document, and how large its letters can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

TWIPS_A_POINT = 20
SIZES = (8.0, 7.5, 7.0, 6.5, 6.0)
# A figure of Arial is .556 of its size wide, one of Calibri .507, and words with an m are wider: what fits here fits in
# both.
EM_A_CHARACTER = 0.58
# Letters get smaller, down to this, rather than that columns of text get narrower than halfway what they wish.
SMALLEST_FOR_COMFORT, COMFORT = 7.0, 0.5
# A longer word is broken rather than that it takes the page from the other columns.
LONGEST_WORD = 22


@dataclass(frozen=True)
class Fitted:
    """``widths`` in twips, which fill the page exactly; ``size`` of the letters in points."""

    widths: tuple[int, ...]
    size: float


def fitted(least: Sequence[int], wished: Sequence[int], page: int, margins: int) -> Fitted:
    """Columns on a page of ``page`` twips: none narrower than its longest piece, the rest shared by what each wishes.

    ``least`` and ``wished`` are in characters; ``margins`` are the twips left and right inside a cell together. Letters
    are as large as leaves room for texts. Where even the smallest do not do, all columns are narrowed alike.
    """
    least = [min(n, LONGEST_WORD) for n in least]
    for size in SIZES:
        character = size * TWIPS_A_POINT * EM_A_CHARACTER
        floor = [n * character + margins for n in least]
        # A line needs some air, else its last word goes to the next.
        wish = [max((w + 1) * character + margins, f) for w, f in zip(wished, floor, strict=True)]
        easy = COMFORT if size > SMALLEST_FOR_COMFORT else 0.0
        if sum(floor) + easy * (sum(wish) - sum(floor)) <= page:
            break
    if sum(floor) > page or sum(wish) <= page:
        base = floor if sum(floor) > page else wish
        shares = [w * page / sum(base) for w in base]
    else:
        more = [w - f for w, f in zip(wish, floor, strict=True)]
        shares = [f + m * (page - sum(floor)) / sum(more) for f, m in zip(floor, more, strict=True)]
    edges = [round(sum(shares[:i])) for i in range(len(shares))] + [page]
    return Fitted(tuple(b - a for a, b in pairwise(edges)), size)
