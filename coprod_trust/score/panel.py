"""What ``sql/score/panel.sql`` needs to know of a wave's scales."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from coprod_trust.study import Item, Study


@dataclass(frozen=True)
class PanelScale:
    """A scale as it is scored in one wave; ``items`` are those that the wave's files hold."""

    id: str
    items: tuple[Item, ...]
    low: float
    high: float
    needed: int
    groups: tuple[str, ...] | None
    blocked: bool

    @property
    def turn(self) -> float:
        """A reversed item's answer is taken from this: the theoretical ends together."""
        return self.low + self.high


def panel_scales(
    study: Study, wave: str, columns: Collection[str], blocked: Collection[tuple[str, str]]
) -> list[PanelScale]:
    """The scales that have a score in that wave. ``columns`` are those of ``answer.<wave>``; ``blocked`` holds the
    pairs of scale and wave that may not be used."""
    return [
        PanelScale(
            scale.id,
            tuple(i for i in scale.items if i.id in columns),
            *scale.ends(wave),
            scale.needed,
            None if scale.groups is None else tuple(scale.groups),
            (scale.id, wave) in blocked,
        )
        for scale in study.scored_in(wave)
    ]
