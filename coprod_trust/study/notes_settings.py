"""Where the coded notes of a study are, and how they are linked to its participants and waves."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coprod_trust.study.engagement import Engagement

Role = Literal["citizen", "professional", "interviewer"]
Linking = Literal["participant_id", "role", "wave", "date", "kind", "case_name", "consent_quote"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Person(_Model):
    """Who a case or a speaker of the notes is."""

    participant: str | None = Field(None, description="their id in the survey; null: not in the survey")
    role: Role | None = Field(None, description="null: citizen where there is a participant")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.participant is None and self.role is None:
            raise ValueError("give a participant or a role")
        return self


class CodebookVersion(_Model):
    """A codebook that was in force before the present one."""

    version: str = Field(min_length=1)
    path: str = Field(min_length=1, description="relative to the study folder: csv, xlsx or qdc")


class Notes(_Model):
    """Where the coded notes are and how they are written."""

    segments: list[str] = Field(
        default_factory=list,
        description="files, relative to the study folder: csv, xlsx, qdpx, a QualCoder folder, a Taguette file",
    )
    codebook: str = Field("codebook.csv", description="csv, xlsx or qdc; without one, the codes of the projects count")
    codebook_version: str = Field("current", min_length=1, description="what the present codebook is called")
    earlier_codebooks: list[CodebookVersion] = Field(default_factory=list, description="oldest first")
    code_mapping: str | None = Field("notes/code_mapping.csv", description="what became of codes between versions")
    guide: str | None = "notes/guide.csv"
    roster: str | None = "notes/roster.csv"
    documents: str | None = "notes/documents.csv"
    transcripts: str | None = Field("notes/transcripts", description="folder with <document>.txt, to check quotes by")
    wave: str | None = Field(None, description="of documents of which nothing else says to which wave they belong")
    people: dict[str, Person] = Field(
        default_factory=dict, description="case or speaker as named in the notes: who that is"
    )
    variables: dict[Linking, str] = Field(
        default_factory=dict, description="what a variable of a case or document in a project says: its name there"
    )
    engagement: Engagement = Field(Engagement(), description="the model that the notes are held against, and the cases")
    reconciled_by: list[str] = Field(
        default_factory=lambda: ["reconciled", "consensus"],
        description="coders whose rows are what the others agreed upon afterwards",
    )
    coder_aliases: dict[str, str] = Field(default_factory=dict, description="name in the files: name of the coder")
    stance_blinded: bool | None = Field(
        None, description="whether the coders set stances in the files before they saw results; null: not known"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="role as in the files: role in the study, beside the usual words"
    )

    @model_validator(mode="after")
    def _versions_differ(self) -> Self:
        names = [self.codebook_version, *(v.version for v in self.earlier_codebooks)]
        if len(set(names)) != len(names):
            raise ValueError("two codebooks have the same version")
        return self
