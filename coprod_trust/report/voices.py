"""What the notes say, as the report reads it: stances, cases, narratives, saturation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import duckdb

from coprod_trust.privacy.disclosure import Edition, Part, allows
from coprod_trust.store import columns_of, sql
from coprod_trust.study import Study


@dataclass(frozen=True)
class EvidenceRow:
    """A stance that a person set, with the codes of the segment."""

    finding_id: str
    segment_id: str
    stance: str
    blinded: bool | None
    stale: bool
    origin: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class CaseRow:
    case_name: str
    n_documents: int
    n_interviews: int
    n_groups: int
    n_people: int
    n_citizens: int
    n_professionals: int
    n_segments: int


@dataclass(frozen=True)
class ElementRow:
    element: str
    kind: str
    case_name: str
    status: str
    n_people: int


@dataclass(frozen=True)
class LinkRow:
    """A pair of variables over all cases."""

    source: str
    target: str
    expected: bool
    n_people: int
    n_cases: int


@dataclass(frozen=True)
class AppraisalRow:
    appraisal: str
    later_wave: str
    n_people: int
    n_answered: int


@dataclass(frozen=True)
class LadderRow:
    """People who told of two rungs or more; ``n_rungs`` of them in that order, or not."""

    n_narratives: int
    n_in_order: int
    n_one_rung: int


@dataclass(frozen=True)
class SaturationRow:
    code_set: str
    ordinal: int
    n_new: int
    n_codes: int
    new_information: float | None
    saturated: bool | None


@dataclass(frozen=True)
class RecodingRow:
    """What a change of the codebook did to one link of a code with a change of trust; codes by their names."""

    from_version: str
    from_code: str
    to_version: str
    to_code: str | None
    kind: str
    outcome: str
    contrast: str
    n_people: int
    n_people_before: int
    n_people_after: int
    n_people_kept: int
    n_stances: int
    difference_before: float | None
    difference_after: float | None


@dataclass(frozen=True)
class BoundaryRow:
    """How far two coders agree on where passages begin and end, over all documents that both coded."""

    coder_a: str
    coder_b: str
    n_documents: int
    n_passages_a: int
    n_passages_b: int
    n_same: int
    n_matched: int
    share_in_common: float | None
    alpha_u: float | None
    declined: str | None


@dataclass(frozen=True)
class FilterRow:
    """Statements that passed the filter before coding (``kept``) or did not, for one reason."""

    kept: bool
    reason: str | None
    n_statements: int
    n_documents: int


@dataclass(frozen=True)
class ActorRow:
    """A code that professionals spoke to, and how many participants did."""

    code: str
    n_passages: int
    n_documents: int
    n_participants: int


@dataclass(frozen=True)
class CaseLine:
    """A score of a person whose case is shown, by the rule that chose them."""

    rule: str
    place: int
    scale: str
    wave: str
    pomp: float
    segments: tuple[str, ...]


@dataclass(frozen=True)
class Voices:
    """All of it; everything that is about one person only where the edition may hold it."""

    evidence: tuple[EvidenceRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()
    elements: tuple[ElementRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    appraisals: tuple[AppraisalRow, ...] = ()
    ladder: LadderRow | None = None
    saturation: tuple[SaturationRow, ...] = ()
    not_saturated: tuple[tuple[str, str], ...] = ()
    recodings: tuple[RecodingRow, ...] = ()
    boundaries: tuple[BoundaryRow, ...] = ()
    filtered: tuple[FilterRow, ...] = ()
    actors: tuple[ActorRow, ...] = ()
    lines: tuple[CaseLine, ...] = field(default=(), repr=False)

    def in_edition(self, edition: Edition) -> Voices:
        """Without segments and persons where the edition may not hold them."""
        return replace(
            self,
            evidence=self.evidence if allows(edition, Part.SEGMENT_ID) else (),
            actors=self.actors if allows(edition, Part.SEGMENT_ID) else (),
            lines=self.lines if allows(edition, Part.CASE_DISPLAY) else (),
        )


Row = TypeVar("Row")


def read_voices(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> Voices:
    """From the tables of the integrate step."""

    def rows(kind: type[Row], name: str, bind: dict[str, Any] | None = None, **names: Any) -> tuple[Row, ...]:
        found = sql.run(con, name, bind or {}, **names).fetchall()
        return tuple(kind(*(tuple(v or ()) if isinstance(v, list) else v for v in row)) for row in found)

    def table(kind: type[Row], name: str, where: str = "TRUE") -> tuple[Row, ...]:
        columns = ", ".join(f.name for f in fields(kind))  # type: ignore[arg-type]
        found = con.execute(f"SELECT {columns} FROM {name} WHERE {where} ORDER BY ALL").fetchall()
        return tuple(kind(*row) for row in found)

    there = set(columns_of(con, "panel", "score_wide"))
    scored = [(s.id, w.id) for s in study.scales if s.dimension for w in study.waves_up_to(wave)]
    cells = [(scale, w) for scale, w in scored if f"{scale}__{w}" in there]
    primary = next(iter(study.plan.primary), next((s.id for s in study.scales if s.dimension), ""))
    return Voices(
        evidence=rows(EvidenceRow, "report/evidence"),
        cases=table(CaseRow, "case_summary"),
        elements=table(ElementRow, "case_element"),
        links=rows(LinkRow, "report/links"),
        appraisals=rows(AppraisalRow, "report/appraisals", {"wave": wave}),
        ladder=next(iter(rows(LadderRow, "report/ladder")), None),
        saturation=table(SaturationRow, "saturation"),
        not_saturated=tuple(con.execute("SELECT * FROM saturation_declined ORDER BY ALL").fetchall()),
        recodings=rows(RecodingRow, "report/recodings"),
        filtered=rows(FilterRow, "report/filtered"),
        actors=rows(ActorRow, "report/two_actors", {"wave": wave, "waves": [w.id for w in study.waves_up_to(wave)]}),
        boundaries=table(BoundaryRow, "boundary_agreement", "document IS NULL"),
        lines=rows(CaseLine, "report/case_lines", {"outcome": primary}, cells=cells) if cells else (),
    )
