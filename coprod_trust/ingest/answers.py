"""From coded tables to ``answer.<wave>`` and ``participant``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from coprod_trust.ingest.fields import Field
from coprod_trust.ingest.gate import VIEW_FROM
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.texts import known_texts, missing_texts
from coprod_trust.store import sql
from coprod_trust.study import Study
from coprod_trust.study.model import Covariate


@dataclass(frozen=True)
class CovariateField:
    """A covariate of a wave in SQL."""

    id: str
    expression: str


def answer_query(study: Study, part: Part, fields: Mapping[str, Field], held: bool, relinked: bool) -> str:
    """The SELECT that gives the answers of one file in one wave."""
    group = part.layout.of("group")
    date = part.layout.of("date")
    mode = part.layout.of("platform", "mode")
    items = [
        fields.get(item.id, Field(item.id, "SMALLINT" if scale.integer else "DOUBLE", None))
        for scale in study.scales
        for item in scale.items
        if study.asked(scale, part.wave) or item.id in fields
    ]
    covariates = [CovariateField(c.id, covariate_expression(study, part, c, fields)) for c in study.covariates]
    return sql.render(
        "staging/answer_part",
        part=part,
        group_column=group.storage if group else None,
        groups=sorted(part.groups.items()),
        everybody=study.groups.participants,
        date=date.storage if date else None,
        mode=mode.storage if mode else None,
        items=items,
        covariates=covariates,
        held=held,
        relinked=relinked,
    )


def covariate_expression(study: Study, part: Part, covariate: Covariate, fields: Mapping[str, Field]) -> str:
    """A covariate's value in a row of ``b``."""
    use = part.layout.covariates.get(covariate.id)
    if use is None:
        return "NULL::DOUBLE" if covariate.kind in ("number", "birth_year") else "NULL::VARCHAR"
    if use.numeric:
        return sql.render("staging/covariate_number", field=fields[covariate.id]).strip()
    return sql.render(
        "staging/covariate_text",
        column=f"b.{use.storage}",
        codes=sorted(known_texts(covariate).items()),
        missing=missing_texts(study, part, covariate),
    ).strip()


def write_answers(con: duckdb.DuckDBPyConnection, study: Study, wave: str, queries: Sequence[str], rows: int) -> None:
    """Make ``answer.<wave>`` from the files of the wave; a person who stands in several of them is laid together."""
    items = [i.id for s in study.scales for i in s.items]
    sql.run(
        con,
        "staging/answer",
        wave=wave,
        queries=queries,
        kind="VIEW" if rows >= VIEW_FROM and len(queries) == 1 else "TABLE",
        constant=[c.id for c in study.covariates if not c.varying],
        covariates=[c.id for c in study.covariates],
        items=[i for i in items if any(f" AS {sql.ident(i)}" in q for q in queries)],
    )


def write_participants(con: duckdb.DuckDBPyConnection, study: Study, waves: Sequence[str], beside: str | None) -> None:
    """Make ``participant`` from the answers of all waves, in order; needs those of write_answers. ``beside``: where
    all waves lie side by side in one file with a row a person, the query that reads its rows as they are."""
    sql.run(
        con,
        "staging/participant_beside" if beside else "staging/participant",
        everybody=beside,
        waves=list(enumerate(waves, start=1)),
        constant=[c.id for c in study.covariates if not c.varying],
        named=[c.id for c in study.covariates if not c.varying and c.id not in ("entry_reason", "exit_reason")],
        entry=next((c.id for c in study.covariates if c.kind == "entry_reason" and not c.varying), None),
        exit=next((c.id for c in study.covariates if c.kind == "exit_reason" and not c.varying), None),
    )
