"""The gate of comparison: between which waves a scale may be said to have changed.

Levels shift with the response format and the wording, so a difference between waves that were asked differently is
not a change in people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from coprod_trust.study import Item, Scale, Study


@dataclass(frozen=True)
class Comparison:
    """Whether two waves of a scale may be compared; ``reason`` says why not, in plain words."""

    scale: str
    wave_from: str
    wave_to: str
    reason: str | None

    @property
    def comparable(self) -> bool:
        return self.reason is None


def compare(
    study: Study,
    waves: Sequence[str],
    answered: Mapping[str, Collection[str]],
    blocked: Mapping[tuple[str, str], Sequence[str]],
) -> list[Comparison]:
    """Every scale in every pair of ``waves`` (in order) in which it was asked.

    ``answered`` holds, per wave, the items that anybody answered; ``blocked``, per (scale, wave), the reasons why the
    gate of the data blocked it.
    """
    return [
        Comparison(scale.id, a, b, "; ".join(_reasons(scale, a, b, answered, blocked)) or None)
        for scale in study.scales
        for a, b in combinations([w for w in waves if study.asked(scale, w)], 2)
    ]


def _reasons(
    scale: Scale,
    a: str,
    b: str,
    answered: Mapping[str, Collection[str]],
    blocked: Mapping[tuple[str, str], Sequence[str]],
) -> list[str]:
    reasons = [f"blocked at {w}: {reason}" for w in (a, b) for reason in blocked.get((scale.id, w), ())]
    there = {w: {i.id for i in scale.items if i.id in answered[w]} for w in (a, b)}
    unmeasured = [w for w in (a, b) if not there[w]]
    reasons += [f"not measured at {w}: none of its items was answered there" for w in unmeasured]
    if not unmeasured:
        for here, other in ((a, b), (b, a)):
            missing = [i.id for i in scale.items if i.id in there[other] - there[here]]
            if missing:
                reasons.append(f"not the same items: {', '.join(missing)} not answered by anybody at {here}")
    if scale.ends(a) != scale.ends(b):
        reasons.append(f"answered {_ends(scale, a)} at {a} and {_ends(scale, b)} at {b}")
    elif _format_note(scale, a) != _format_note(scale, b):
        named = "; ".join(f"{w}: {_format_note(scale, w) or 'as declared for the scale'}" for w in (a, b))
        reasons.append(f"another response format ({named})")
    reworded = [i.id for i in scale.items if _wording(i, a) != _wording(i, b)]
    if reworded:
        reasons.append(f"worded differently at {a} and {b}: {', '.join(reworded)}")
    return reasons


def _ends(scale: Scale, wave: str) -> str:
    low, high = scale.ends(wave)
    return f"from {low:g} to {high:g}"


def _format_note(scale: Scale, wave: str) -> str:
    response = scale.response.get(wave)
    return " ".join(response.note.split()) if response else ""


def _wording(item: Item, wave: str) -> str:
    return " ".join(item.wordings.get(wave, item.wording).split())
