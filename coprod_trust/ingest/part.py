"""One file in one wave, on its way through the gate."""

from __future__ import annotations

from dataclasses import dataclass, field

from coprod_trust.ingest.intake import Intake
from coprod_trust.ingest.layout import Layout
from coprod_trust.ingest.readers import Staged


@dataclass(frozen=True)
class Ids:
    """What the ids of a coded table are like; counts of rows. ``alike``: no two can differ in spelling alone."""

    missing: int
    scientific: int
    malformed: int
    tests: int
    repeated: int
    alike: bool


@dataclass
class Part:
    """``base`` names the coded table in the schema staging. ``shared`` says that other waves read the same rows of
    the same file, so that a row without any answer of this wave is nobody's row here."""

    intake: Intake
    staged: Staged
    layout: Layout
    base: str
    ordinal: int
    shared: bool = False
    elsewhere: frozenset[str] = frozenset()  # columns of the same file that other waves read, as key_of gives them
    groups: dict[str, str] = field(default_factory=dict)
    ids: Ids | None = None
    declared: str | None = None  # the format of its dates, where the study states it
    order: str | None = None  # else the order of day and month that was found

    @property
    def wave(self) -> str:
        return self.intake.wave

    @property
    def name(self) -> str:
        return self.intake.name

    @property
    def source_id(self) -> str:
        return f"{self.wave}__{self.staged.sha256[:16]}"
