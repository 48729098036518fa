"""The default instrument of the package, from which the sample's study.yaml is composed."""

from __future__ import annotations

from dataclasses import dataclass

from coprod_trust.study.instrument import default_scales


@dataclass(frozen=True)
class Item:
    id: str
    wording: str
    reverse: bool


@dataclass(frozen=True)
class Scale:
    id: str
    low: int
    high: int
    items: tuple[Item, ...]


SCALES = {
    s.id: Scale(s.id, int(s.low), int(s.high), tuple(Item(i.id, i.wording, i.reverse) for i in s.items))
    for s in default_scales()
}
PARTICIPANTS_ONLY = (
    "peers",
    "identification",
    "org_support",
    "commitment",
    "engagement",
    "self_interest",
    "free_riding",
)
NAMES = {
    "[provider]": "the Workshop",
    "[municipality]": "the municipality of Lindeveen",
    "[service]": "the programme",
}


def filled_in(wording: str) -> str:
    """A wording with the names of this study, its first letter large."""
    for placeholder, name in NAMES.items():
        wording = wording.replace(placeholder, name)
    return wording[0].upper() + wording[1:]
