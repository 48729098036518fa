"""What people decided: one CSV a kind under ``decisions/``, read and appended in one way.

The files can also be edited by hand, so every reading validates them and names the line that is wrong.
"""

from coprod_trust.decisions.model import (
    Amendment,
    CodingDecision,
    Correction,
    Decision,
    Freeze,
    Link,
    QuoteRelease,
    Release,
    Revision,
    Seen,
    SignOff,
    Stance,
    Withdrawal,
)
from coprod_trust.decisions.table import append, path_of, read, read_numbered

__all__ = [
    "Amendment",
    "CodingDecision",
    "Correction",
    "Decision",
    "Freeze",
    "Link",
    "QuoteRelease",
    "Release",
    "Revision",
    "Seen",
    "SignOff",
    "Stance",
    "Withdrawal",
    "append",
    "path_of",
    "read",
    "read_numbered",
]
