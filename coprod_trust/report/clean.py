"""Signs that no drawing, PDF or Word document may hold: one of them in a label would end the program that draws."""

from __future__ import annotations

import re
from typing import Any

NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACED = "\ufffd"


def without_control(node: Any) -> Any:
    """The same lists, mappings and texts with every such sign replaced."""
    if isinstance(node, str):
        return NOT_IN_TEXT.sub(REPLACED, node)
    if isinstance(node, dict):
        return {k: without_control(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [without_control(v) for v in node]
    return node
