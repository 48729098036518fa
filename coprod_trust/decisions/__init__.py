"""What people decided: one CSV a kind under ``decisions/``, read and appended in one way.

The files can also be edited by hand, so every reading validates them and names the line that is wrong.
"""

from coprod_trust.decisions.model import CodingDecision, Correction, Decision, Release, Revision
from coprod_trust.decisions.table import append, path_of, read

__all__ = ["CodingDecision", "Correction", "Decision", "Release", "Revision", "append", "path_of", "read"]
