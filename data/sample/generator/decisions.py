"""Writes decisions/: what people of the invented study decided about findings and quotes. All of it is invented."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

ANALYST = "the sample's analyst (invented)"
READER = "the sample's reader of quotes (invented)"
# Spoken of at six months and still so at twelve: the analyst carries stances over to the longer contrast.
CARRIED_OVER = ("change.provider", "change.municipal")
# Set while this finding was still inconclusive, so that the sample has stances that are out of date.
OUT_OF_DATE = "change.motivation.w1-w2"
INFERENCES = {
    "change.provider.w1-w2": (
        "discordance",
        "Trust in the Workshop fell on average, and most who speak of it say so; but a good part tell of staff who "
        "stood by them. The average hides two experiences.",
    ),
    "change.municipal.w1-w2": (
        "confirmation",
        "Numbers and notes point the same way: letters and counters, not the Workshop, are what people speak of.",
    ),
}
RELEASED, IN_PUBLIC = 40, 12
CODERS = "the sample's two coders (invented)"
SETTLED_EVERY = 6


def write_corrections(root: Path, segments: Path, wave: str, read_again: list[tuple[int, str]]) -> None:
    """The codes that stand in the rows of a split code since the passages were read again."""
    digest = hashlib.sha256(segments.read_bytes()).hexdigest()
    _write(
        root / "decisions" / "correction.csv",
        [
            {
                "wave": wave,
                "sha256": digest[:16],
                "row_number": row,
                "participant_id": "",
                "column": "code",
                "value": code,
                "who": CODERS,
                "when": "2025-07-01T10:00:00+00:00",
                "why": "invented: read again when the code was split",
            }
            for row, code in read_again
        ],
    )


def write_decisions(root: Path, rows: list[dict[str, Any]], named: tuple[str, ...]) -> None:
    """Stances, sign-offs and released quotes, from the rows of segments.csv; ``named`` are names to be left out."""
    folder = root / "decisions"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "stance.csv", _stances(rows))
    _write(folder / "signoff.csv", _sign_offs())
    _write(folder / "coding.csv", _settled(rows))
    _write(folder / "quote.csv", _quotes(rows, named))


def _stances(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    seen = set()
    for row in rows:
        finding = row["finding_id"].removesuffix(".w1-w2")
        key = (row["segment_id"], finding)
        if row["speaker_role"] != "citizen" or key in seen:
            continue
        if finding in CARRIED_OVER and row["stance"]:
            seen.add(key)
            made.append(_stance(row, f"{finding}.w1-w3", "2025-11-03T10:00:00+00:00", blinded=False))
    falling = [r for r in rows if r["code"] == "MOT-DN" and r["coder"] == "coder_a" and r["participant_id"]]
    for row in falling[:4]:
        made.append(
            _stance({**row, "stance": "confirms"}, OUT_OF_DATE, "2025-05-12T10:00:00+00:00", blinded=True)
            | {"verdict": "inconclusive", "estimate": "-3.1", "ci_low": "-7.4", "ci_high": "1.2"}
        )
    return made


def _settled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some of the codes on which the two coders differed, talked over and settled; the others stay open."""
    given: dict[tuple[str, str], set[str]] = {}
    coders: dict[str, set[str]] = {}
    for row in rows:
        coders.setdefault(row["segment_id"], set()).add(row["coder"])
        given.setdefault((row["segment_id"], row["code"]), set()).add(row["coder"])
    differing = [key for key, who in sorted(given.items()) if len(who) < len(coders[key[0]])]
    return [
        {
            "segment_id": segment,
            "code": code,
            "present": str(k % 2 == 0).lower(),
            "who": CODERS,
            "when": "2025-07-08T10:00:00+00:00",
            "why": "invented: talked over",
        }
        for k, (segment, code) in enumerate(differing[::SETTLED_EVERY])
    ]


def _stance(row: dict[str, Any], finding: str, when: str, blinded: bool) -> dict[str, Any]:
    return {
        "finding_id": finding,
        "segment_id": row["segment_id"],
        "stance": row["stance"],
        "blinded": str(blinded).lower(),
        "verdict": "",
        "direction": "",
        "estimate": "",
        "ci_low": "",
        "ci_high": "",
        "who": ANALYST,
        "when": when,
        "why": "invented: read again beside the finding",
    }


def _sign_offs() -> list[dict[str, Any]]:
    blank = dict.fromkeys(("verdict", "direction", "estimate", "ci_low", "ci_high", "wave"), "")
    return [
        {
            **blank,
            "finding_id": finding,
            "fit": fit,
            "inference": words,
            "who": ANALYST,
            "when": "2025-11-10T10:00:00+00:00",
            "why": "invented: all segments for and against it were read",
        }
        for finding, (fit, words) in INFERENCES.items()
    ]


def _quotes(rows: list[dict[str, Any]], named: tuple[str, ...]) -> list[dict[str, Any]]:
    """Segments with consent, spread over the documents; in those with an invented name the name is left out."""
    once = {r["segment_id"]: r for r in reversed(rows) if r["consent_quote"] in ("public", "internal")}
    may = [once[s] for s in sorted(once) if once[s]["speaker_role"] == "citizen" and once[s]["participant_id"]]
    with_names = [r for r in may if any(n in r["text"] for n in named)]
    chosen = may[:: max(1, len(may) // RELEASED)][:RELEASED]
    chosen += [r for r in with_names if r not in chosen]
    public = [r["segment_id"] for r in chosen if r["consent_quote"] == "public"][:IN_PUBLIC]
    made = []
    for row in sorted(chosen, key=lambda r: r["segment_id"]):
        spans = [(row["text"].index(n), row["text"].index(n) + len(n)) for n in named if n in row["text"]]
        made.append(
            {
                "segment_id": row["segment_id"],
                "edition": "public" if row["segment_id"] in public else "internal",
                "released": "true",
                "redact": " ".join(f"{a}-{b}" for a, b in spans),
                "words": hashlib.sha256(row["text"].encode()).hexdigest()[:16],
                "who": READER,
                "when": "2025-11-05T10:00:00+00:00",
                "why": "invented: read, points at nobody",
            }
        )
    return made


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
