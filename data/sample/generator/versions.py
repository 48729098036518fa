"""The codebook of the first weeks: codes that were renamed, merged or split since, and what was coded under them."""

from __future__ import annotations

import csv
import io
from typing import Any

from coprod_trust.study.instrument import default_codebook

FIRST, PRESENT = "1", "2"
FILE, MAPPING = "codebooks/version_1.csv", "notes/code_mapping.csv"
CODER = "coder_b"  # who had begun under the first version
# The old codes: name, definition, and what each became with the reason.
BEFORE = {
    "COND-HELP": ("Help from staff", "Help from the staff, given or not.", ("COND-SUP", "COND-NOSUP"),
                  "help that came and help that did not are two things"),
    "MOT-LOSS": ("Loss of drive", "The speaker's drive to come and take part has weakened.", ("MOT-DN",),
                 "named like its counterpart"),
    "TN-QUARREL": ("Quarrels", "Open rows among participants.", ("TN-CONF",), "coders could not keep the two apart"),
    "TN-GOSSIP": ("Gossip", "Talk behind people's backs.", ("TN-CONF",), "coders could not keep the two apart"),
}  # fmt: skip
_OF = {"COND-SUP": ("COND-HELP",), "COND-NOSUP": ("COND-HELP",), "MOT-DN": ("MOT-LOSS",),
       "TN-CONF": ("TN-QUARREL", "TN-GOSSIP")}  # fmt: skip


def give_old_codes(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Put the codes of the first version where that coder used them. Returns the rows of split codes, as a spreadsheet
    counts, with the code that the coder gave when the passages were read again."""
    read_again = []
    for k, row in enumerate(rows):
        row["codebook_version"] = ""
        if row["coder"] != CODER or row["code"] not in _OF:
            continue
        old = _OF[row["code"]][k % len(_OF[row["code"]])]
        if len(BEFORE[old][2]) > 1:
            read_again.append((k + 2, row["code"]))
        row["code"], row["codebook_version"] = old, FIRST
    return read_again


def first_codebook() -> str:
    """The default codebook without the codes that came since, and with those that went."""
    table = list(csv.DictReader(io.StringIO(default_codebook())))
    kept = [row for row in table if row["code"] not in _OF]
    for old, (name, definition, became, _) in BEFORE.items():
        after = next(row for row in table if row["code"] == became[0])
        kept.append({**dict.fromkeys(after, ""), "code": old, "parent": after["parent"], "name": name,
                     "definition": definition, "construct": after["construct"]})  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return out.getvalue()


def mapping() -> list[dict[str, str]]:
    """notes/code_mapping.csv."""
    return [
        {"from_version": FIRST, "from_code": old, "to_version": PRESENT, "to_code": new, "why": why}
        for old, (_, _, became, why) in BEFORE.items()
        for new in became
    ]
