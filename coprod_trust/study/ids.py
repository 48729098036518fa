"""How an id as typed becomes the id as compared: one rule for survey rows and for coded notes."""

from __future__ import annotations

import re

from coprod_trust.study.model import Ids


def normalise(ids: Ids, raw: str | None) -> str:
    """The id as compared; an empty text where nothing is left of it (then it gets no prefix either).

    In the order of the settings: strip, upper, remove, prefix, digits. ``digits`` concerns the last run of digits:
    its leading zeros go, then it is padded, so that P7, P07 and P0007 are one person.
    """
    rule = ids.normalise
    text = raw or ""
    if rule.strip:
        text = text.strip()
    if rule.upper:
        text = text.upper()
    if rule.remove:
        text = re.sub(rule.remove, "", text)
    if not text:
        return ""
    if rule.prefix and not text.startswith(rule.prefix):
        text = rule.prefix + text
    if rule.digits:
        text = re.sub(
            r"[0-9]+(?=[^0-9]*$)", lambda run: (run.group().lstrip("0") or "0").zfill(rule.digits), text, count=1
        )
    return text


def well_formed(ids: Ids, participant_id: str) -> bool:
    """Whether a normalised id matches the study's pattern as a whole."""
    return bool(participant_id) and (ids.pattern is None or re.fullmatch(ids.pattern, participant_id) is not None)
