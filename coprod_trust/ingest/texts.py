"""Columns whose answers are words: groups and covariates (rule 37)."""

from __future__ import annotations

import duckdb

from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import fold
from coprod_trust.study import Study
from coprod_trust.study.model import Covariate


def known_texts(covariate: Covariate) -> dict[str, str]:
    """Folded text: the study's word for it. Empty where the study declares no codes, and any text will do."""
    known = {fold(v): v for v in covariate.codes.values()}
    return known | {fold(k): v for k, v in covariate.codes.items()}


def missing_texts(study: Study, part: Part, covariate: Covariate) -> list[str]:
    """Folded texts that say that there is no answer; a declared code of the covariate is never one of them."""
    codes = {**study.missing_codes, **part.intake.hints.missing_codes, **covariate.missing_codes}
    use = part.layout.covariates.get(covariate.id)
    codes |= dict.fromkeys(use.column.user_missing if use else ())  # type: ignore[arg-type]
    return sorted({fold(c) for c in codes} - set(known_texts(covariate)))


def text_rules(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> None:
    """Rule 37 for words that the study does not know."""
    group = part.layout.of("group")
    if group is not None:
        _unmapped(
            part,
            group,
            sorted(part.groups),
            Wording(
                "the study has no such group",
                f"one of {', '.join(g.id for g in study.groups.values)}, or a code of theirs",
                "declare the code under groups: values, or correct the cell",
            ),
            ledger,
        )
    for covariate in study.covariates:
        use = part.layout.covariates.get(covariate.id)
        if use is not None and not use.numeric and covariate.codes:
            known = known_texts(covariate)
            _unmapped(
                part,
                use,
                sorted({*known, *missing_texts(study, part, covariate)}),
                Wording(
                    f"{covariate.id} has no such code",
                    f"one of {', '.join(sorted(covariate.codes))}",
                    f"declare the code under covariates: {covariate.id}: codes, or correct the cell",
                ),
                ledger,
            )


def _unmapped(part: Part, use: Use, known: list[str], wording: Wording, ledger: Ledger) -> None:
    ledger.check(
        "text-unmapped", "unmapped_text", wording, part=part, column=use.storage, file_column=use.name, known=known
    )
