"""The list of people to speak to, for whoever does the interviews. It names people, so it is no part of any edition of
the report: a file of its own that stays inside."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from coprod_trust.integrate.selection import Selected
from coprod_trust.study import Study

NAME = "field_list.csv"
COLUMNS = ("participant_id", "about", "between", "why_chosen", "interviewed", "what_to_do")
_WHY = {
    "typical": "changed about as much as most",
    "extreme_fall": "fell most",
    "extreme_rise": "rose most",
    "deviant": "changed otherwise than the change in trust in fellow participants would suggest",
    "leaver": "answered at the start and no longer",
}


def write_field_list(folder: Path, study: Study, selected: Iterable[Selected]) -> Path:
    """One row a person and scale. Scores are left out: whoever asks should not know them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for s in selected:
            start, end = (study.wave(w).label for w in s.contrast.split("-"))
            todo = "read the interview again" if s.interviewed else "invite for an interview"
            writer.writerow(
                [s.participant_id, study.scale(s.outcome).label, f"{start} and {end}", _WHY[s.rule],
                 "yes" if s.interviewed else "no", todo]
            )  # fmt: skip
    return path
