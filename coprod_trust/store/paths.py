"""Where everything of a study lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StudyPaths:
    """The folders of one study; nothing is created by naming them."""

    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def database(self) -> Path:
        """The working database: only the pipeline opens it."""
        return self.work / "study.duckdb"

    @property
    def lock(self) -> Path:
        return self.work / "study.lock"

    @property
    def archive(self) -> Path:
        """Originals by SHA-256; the one part of work/ that cannot be rebuilt."""
        return self.work / "archive"

    @property
    def decisions(self) -> Path:
        return self.root / "decisions"

    @property
    def frozen(self) -> Path:
        """Frozen waves, a folder each: manifest, keys, the rows as Parquet, and what they were made from."""
        return self.root / "frozen"

    @property
    def published(self) -> Path:
        """The database that analysts open; replaced as a whole, never written in place."""
        return self.root / "published" / "trust.duckdb"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def report(self, wave: str, edition: str = "internal") -> Path:
        return self.reports / wave / edition

    @property
    def outbox(self) -> Path:
        """Where a run lays what it will publish, before anything is moved into place."""
        return self.work / "outbox"
