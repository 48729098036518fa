"""Agreement of each pair of coders on where passages begin and end, from the working database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb

from coprod_trust.analysis import rules
from coprod_trust.notes.boundaries import Cut, Ends, alpha_u, matches, share_in_common
from coprod_trust.store import sql

ALL_GIVEN = (
    "both coders coded passages whose ends were given, "
    "so their agreement says nothing about where passages begin and end"
)
NO_LENGTH = "the length of a text is not known: hand in the transcripts"


@dataclass(frozen=True)
class BoundaryAgreement:
    """A row of ``boundary_agreement``; ``document`` None: over all documents that both coded."""

    coder_a: str
    coder_b: str
    document: str | None
    n_documents: int
    n_characters: int | None
    n_passages_a: int
    n_passages_b: int
    n_same: int
    n_matched: int
    share_in_common: float | None = None
    alpha_u: float | None = None
    declined: str | None = None


@dataclass(frozen=True)
class Passages:
    """The passages of each coder in each document, each with its segment; and the lengths of the texts."""

    by_coder: Mapping[str, Mapping[str, Mapping[Ends, str]]]
    lengths: Mapping[str, int | None]

    def pairs(self) -> Iterator[tuple[str, str, list[str]]]:
        """Coders and the documents that both coded."""
        for a, b in combinations(sorted(self.by_coder), 2):
            documents = sorted(self.by_coder[a].keys() & self.by_coder[b].keys())
            if documents:
                yield a, b, documents

    def matched(self, a: str, b: str, documents: Sequence[str]) -> list[tuple[str, str]]:
        """Segments of the two coders that are one passage cut differently; those cut alike are one segment already."""
        found = []
        for d in documents:
            mine, theirs = self.by_coder[a][d], self.by_coder[b][d]
            found += [(mine[x], theirs[y]) for x, y in _differing(mine, theirs)]
        return found


def _differing(mine: Mapping[Ends, str], theirs: Mapping[Ends, str]) -> list[tuple[Ends, Ends]]:
    """Matches of passages that are not cut alike; those that are have each other."""
    alike = mine.keys() & theirs.keys()
    return matches(list(mine.keys() - alike), list(theirs.keys() - alike))


def read_passages(con: duckdb.DuckDBPyConnection) -> Passages:
    """What each coder read and that has offsets; segments of which a row waits in quarantine are left out."""
    by_coder: dict[str, dict[str, dict[Ends, str]]] = defaultdict(lambda: defaultdict(dict))
    for coder, document, start, end, segment in sql.run(con, "integrate/passages_cut").fetchall():
        by_coder[coder][document][start, end] = segment
    lengths = dict(con.execute("SELECT document, n_characters FROM document").fetchall())
    return Passages(by_coder, lengths)


def boundary_agreement(passages: Passages) -> list[BoundaryAgreement]:
    """Every pair of coders with a document in common: over all of them, then document by document. Declined where
    passages were given, so that neither had anything to cut: all that both coded have the same ends."""
    rows: list[BoundaryAgreement] = []
    for a, b, documents in passages.pairs():
        whole = _row(passages, a, b, documents, None)
        rows.append(whole)
        if whole.declined is None:
            rows += [_row(passages, a, b, [d], d) for d in documents]
    return rows


def _row(passages: Passages, a: str, b: str, documents: Sequence[str], document: str | None) -> BoundaryAgreement:
    mine = [passages.by_coder[a][d] for d in documents]
    theirs = [passages.by_coder[b][d] for d in documents]
    lengths = [passages.lengths.get(d) for d in documents]
    known = [n for n in lengths if n is not None]
    n_a, n_b = sum(map(len, mine)), sum(map(len, theirs))
    same = sum(len(x.keys() & y.keys()) for x, y in zip(mine, theirs, strict=True))
    matched = same + sum(len(_differing(x, y)) for x, y in zip(mine, theirs, strict=True))
    # Nobody who cuts freely ends all of many passages where somebody else does; what else there is, one alone read.
    given = same == matched and (same == n_a == n_b or not rules.CODER_AGREEMENT.declines(same))
    declined = ALL_GIVEN if given else None
    if declined is None and len(known) < len(lengths):
        declined = NO_LENGTH
    row = (a, b, document, len(documents), sum(known) if len(known) == len(lengths) else None, n_a, n_b, same, matched)
    if declined is not None:
        return BoundaryAgreement(*row, declined=declined)
    cuts = [(Cut(tuple(x), n), Cut(tuple(y), n)) for x, y, n in zip(mine, theirs, known, strict=True)]
    return BoundaryAgreement(*row, share_in_common(cuts), alpha_u(cuts))
