"""How a study wants its reports: in which languages, editions and formats, and its own labels in other languages."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from coprod_trust.privacy.disclosure import Edition

if TYPE_CHECKING:
    from coprod_trust.study.model import Study


class ReportLanguage(StrEnum):
    """A language that the report can be written in: each is a file in ``coprod_trust/report/languages/``."""

    ENGLISH = "en"
    DUTCH = "nl"


class ReportFormat(StrEnum):
    """``parts``: every figure and table as a file of its own, in one ZIP."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    PARTS = "parts"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Labels(_Frozen):
    """The study's own names for things in another language, by id; what is not given stays as it is."""

    title: str | None = None
    synthetic: str | None = None
    waves: dict[str, str] = Field(default_factory=dict)
    scales: dict[str, str] = Field(default_factory=dict)
    items: dict[str, str] = Field(default_factory=dict, description="wordings")
    groups: dict[str, str] = Field(default_factory=dict)
    covariates: dict[str, str] = Field(default_factory=dict)
    events: dict[str, str] = Field(default_factory=dict)
    families: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, str] = Field(default_factory=dict, description="names of codes of the codebook")
    texts: dict[str, str] = Field(
        default_factory=dict,
        description="any other text, as it stands in the study: reasons, levels of a covariate, cases and what sets "
        "them apart, coders' summaries, the analyst's conclusions",
    )


class ReportSettings(_Frozen):
    """One report a language, edition and format."""

    languages: list[ReportLanguage] = Field([ReportLanguage.ENGLISH], min_length=1)
    editions: list[Edition] = Field([Edition.INTERNAL, Edition.PUBLIC], min_length=1)
    formats: list[ReportFormat] = Field(list(ReportFormat), min_length=1)
    labels: dict[ReportLanguage, Labels] = Field(default_factory=dict)

    @property
    def first(self) -> tuple[Edition, str]:
        """The edition and file that a run names last: the internal one, in the first language and format."""
        edition = Edition.INTERNAL if Edition.INTERNAL in self.editions else self.editions[0]
        return edition, file_name(self.languages[0], self.formats[0])


def file_name(language: str, form: ReportFormat, name: str = "report") -> str:
    """The name of the report's file in that language and format."""
    return f"parts.{language}.zip" if form is ReportFormat.PARTS else f"{name}.{language}.{form}"


def in_language(study: Study, language: str) -> Study:
    """The same study with the labels that it gives in that language; ids and everything else stay."""
    labels = study.report.labels.get(ReportLanguage(language))
    if labels is None:
        return study

    def named(parts: list[Any], names: dict[str, str]) -> list[Any]:
        return [p.model_copy(update={"label": names[p.id]}) if p.id in names else p for p in parts]

    scales = [
        s.model_copy(
            update={
                "items": [
                    i.model_copy(update={"wording": labels.items[i.id]}) if i.id in labels.items else i for i in s.items
                ]
            }
        )
        for s in named(study.scales, labels.scales)
    ]
    groups = study.groups.model_copy(update={"values": named(study.groups.values, labels.groups)})
    plan = study.plan.model_copy(update={"families": named(study.plan.families, labels.families)})
    changed = {
        "title": labels.title or study.title,
        "synthetic": study.synthetic and (labels.synthetic or study.synthetic),
        "waves": named(study.waves, labels.waves),
        "scales": scales,
        "covariates": named(study.covariates, labels.covariates),
        "events": named(study.events, labels.events),
        "groups": groups,
        "plan": plan,
    }
    return study.model_copy(update=changed)
