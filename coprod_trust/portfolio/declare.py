"""Which studies belong to a portfolio, as ``studies.yaml`` says or as the folders lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from coprod_trust.errors import Reason, StudyError
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.store.query import PORTFOLIO
from coprod_trust.study.load import FILE_NAME, declared, text_of
from coprod_trust.study.model import Dimension, Id, Model
from coprod_trust.study.report_settings import ReportFormat, ReportLanguage

PORTFOLIO_FILE = "studies.yaml"
MANUAL = "docs/portfolio.md"


class Member(Model):
    """One study of the portfolio."""

    path: str = Field(description="folder of the study, relative to studies.yaml; * and ? match several")
    label: str | None = Field(None, description="what the overview calls it; null: the study's title")


class OverviewSettings(Model):
    """In which languages, editions and formats the overview is written."""

    languages: list[ReportLanguage] = Field([ReportLanguage.ENGLISH], min_length=1)
    editions: list[Edition] = Field([Edition.INTERNAL, Edition.PUBLIC], min_length=1)
    formats: list[ReportFormat] = Field([ReportFormat.HTML], min_length=1)


class Declaration(Model):
    """A whole studies.yaml."""

    format: int = Field(1, ge=1, le=1)
    portfolio_id: Id = "portfolio"
    title: str = "Portfolio"
    studies: list[Member] = Field(
        default_factory=list, description="empty: every folder beside studies.yaml that holds a study.yaml"
    )
    interval: float | None = Field(
        None, gt=0, description="months from the first wave of the changes to compare; null: those most studies have"
    )
    interval_tolerance: float = Field(1.0, ge=0, le=6, description="months by which intervals may differ")
    same_instrument: dict[Dimension, str] = Field(
        default_factory=dict,
        description="dimension: why scales that differ in wording, number of items or answer scale may be pooled",
    )
    equivalence_bound: float | None = Field(
        None, gt=0, le=100, description="points of 100; null: the smallest of the studies' plans"
    )
    alpha: float = Field(0.05, gt=0, lt=0.5)
    report: OverviewSettings = OverviewSettings()

    @model_validator(mode="after")
    def _reasons_are_given(self) -> Self:
        empty = [d for d, why in self.same_instrument.items() if not why]
        if empty:
            raise ValueError(f"same_instrument needs a reason for {', '.join(empty)}")
        return self


@dataclass(frozen=True)
class Listed:
    """A study of the portfolio: its folder, how the portfolio names it (by its path), and a label if one is given."""

    root: Path
    key: str
    label: str | None = None


@dataclass(frozen=True)
class Portfolio:
    """A portfolio and where it lies. ``studies`` are in the order of studies.yaml, or of their folders' names."""

    root: Path
    settings: Declaration
    studies: tuple[Listed, ...]

    @property
    def database(self) -> Path:
        """The database of the comparison that analysts open; replaced as a whole."""
        return self.root / "published" / PORTFOLIO

    @property
    def outbox(self) -> Path:
        """Where the overview is laid before it is put in place."""
        return self.root / "work" / "outbox"

    @property
    def lock(self) -> Path:
        return self.root / "work" / "portfolio.lock"

    def overview(self, edition: str, name: str) -> Path:
        return self.root / "reports" / edition / name


def load_portfolio(path: Path) -> Portfolio:
    """The portfolio in a folder: by its studies.yaml (which may be named itself), else of the studies that lie in it.

    Raises StudyError where studies.yaml cannot be used, names a folder that holds no study, or where there is none.
    """
    path = Path(path).resolve()
    root = path.parent if path.is_file() else path
    file = root / PORTFOLIO_FILE
    settings = (
        declared(file, text_of(file), Declaration, MANUAL) if file.is_file() else Declaration(title=root.name or "All")
    )
    listed = _listed(root, file, settings.studies) if settings.studies else _lying(root)
    if not listed:
        raise StudyError(
            Reason(
                "there is no study in this folder",
                f"put the folders of the studies here, or list them in {PORTFOLIO_FILE} under studies:",
                str(root),
            )
        )
    return Portfolio(root, settings, tuple(listed))


def _lying(root: Path) -> list[Listed]:
    return [Listed(p.parent, p.parent.name) for p in sorted(root.glob(f"*/{FILE_NAME}"))]


def _listed(root: Path, file: Path, members: Iterable[Member]) -> list[Listed]:
    found: dict[Path, Listed] = {}
    reasons = []
    for member in members:
        folders = _folders(root, member.path)
        if not folders:
            reasons.append(Reason(f"no study lies at {member.path}", f"name a folder with a {FILE_NAME}", str(file)))
        elif member.label and len(folders) > 1:
            reasons.append(Reason(f"{member.path} matches several studies", "give the label to one folder", str(file)))
        for folder in folders:
            if folder in found:
                reasons.append(Reason(f"{member.path} is listed twice", "take one of them out", str(file)))
            key = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
            found[folder] = Listed(folder, key, member.label)
    if reasons:
        raise StudyError(*reasons)
    return list(found.values())


def _folders(root: Path, pattern: str) -> list[Path]:
    if any(sign in pattern for sign in "*?["):
        return sorted(p.resolve() for p in root.glob(pattern) if (p / FILE_NAME).is_file())
    folder = (root / pattern).resolve()
    return [folder] if (folder / FILE_NAME).is_file() else []
