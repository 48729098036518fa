"""What the engine refuses, and why."""

from __future__ import annotations


class NotIdentified(ValueError):
    """The data cannot carry this model; the message says why and what to do instead."""

    def __init__(self, why: str, instead: str) -> None:
        self.why = why
        self.instead = instead
        super().__init__(f"{why}; {instead}")
