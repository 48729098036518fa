"""Links that people decided upon, applied to the coded tables before any rule looks at ids."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from coprod_trust.decisions import Link
from coprod_trust.ingest.part import Part
from coprod_trust.store import sql

RULE = "linked-by-decision"


def standing(links: Sequence[Link]) -> dict[tuple[str, str], str]:
    """Wave and id: the person it is, by the last decision on it."""
    found: dict[tuple[str, str], str] = {}
    for link in links:
        if link.same:
            found[link.wave, link.alias] = link.participant_id
        elif found.get((link.wave, link.alias)) == link.participant_id:
            del found[link.wave, link.alias]
    return found


def apply_links(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], links: Sequence[Link]) -> None:
    """Give rows the id of the person they were linked to, and flag those who were linked by a near match, as every
    estimate is also made without them. A crosswalk knows who is who."""
    known = standing(links)
    nearly = {(link.wave, link.alias) for link in links if link.how != "crosswalk"}
    for part in parts:
        pairs = {alias: person for (wave, alias), person in known.items() if wave == part.wave}
        if not pairs:
            continue
        near = [(part.wave, alias) in nearly for alias in pairs]
        bind = {"aliases": list(pairs), "people": list(pairs.values()), "nearly": near}
        sql.run(con, "staging/links", {**bind, "wave": part.wave, "rule": RULE}, base=part.base)
