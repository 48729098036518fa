"""Rules about people over all waves of the run (17, 20, 21, 22, 25, 30, 46)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import fold
from coprod_trust.store import sql
from coprod_trust.study import Study
from coprod_trust.study.ids import normalise
from coprod_trust.study.model import Covariate, Severity


def near_duplicates(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part], ledger: Ledger) -> None:
    """Rule 17: of ids that differ only in case, zeros or signs the first spelling stands; nothing is merged."""
    bases = {p.base: p for p in parts}
    if len(bases) == 1 and all(p.ids is not None and p.ids.alike for p in parts):
        return
    row = sql.run(con, "checks/near_probe", bases=list(bases)).fetchone()
    if row is None or row[0] == row[1]:
        return
    _seen(con, study, parts)
    ledger.check(
        "id-near-duplicate",
        "near_duplicate",
        Wording(
            "the id differs from one that came before only in case, zeros, spaces or signs",
            "one spelling a person",
            "if it is the same person, let the study normalise ids (ids: normalise) or correct the id; if it is "
            "another person, release the row",
        ),
    )


def across_waves(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part], ledger: Ledger) -> None:
    """Rules 20, 21, 22, 25, 30 and 46. Fills staging.unlinked with the rows whose link is broken."""
    if len({p.wave for p in parts}) < 2:
        return
    nothing = "nothing, if that is so"
    new = Wording("this id appears for the first time after the first wave", "a known id", nothing)
    skipped = Wording("this person missed a wave and came back", "an answer at every wave", nothing)
    if a_row_a_person(con, study, parts):
        use = parts[0].layout.of("id")
        names: dict[str, Any] = {
            "base": parts[0].base,
            "sources": _sources(study, parts),
            "file_column": use.name if use else "",
        }
        ledger.check("id-new", "id_new_beside", new, **names)
        ledger.check("wave-skipped", "wave_skipped_beside", skipped, **names)
        return
    _seen(con, study, parts)
    ledger.check("id-new", "id_new", new)
    ledger.check("wave-skipped", "wave_skipped", skipped)
    if _kind(study, "birth_year") is not None:
        _birth_years(con, ledger)
    if _kind(study, "gender") is not None:
        ledger.check(
            "gender-differs",
            "person_differs",
            Wording("the gender differs from that at an earlier wave", "the same person", "check that the id is right"),
            column="gender",
        )
    if study.groups.column is not None:
        _groups(con, study, ledger)
    if study.platform.mode_column is not None:
        ledger.check(
            "mode-changed",
            "mode_changed",
            Wording(
                "the person answered in another way than before, or through a proxy",
                "one way of answering",
                "nothing; look whether the change in trust goes with the change in mode",
            ),
        )
    _order_of_waves(con, study, ledger)


def _birth_years(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Only rows that are set aside lose their link."""
    rule = "birth-year-differs"
    differs = "the birth year differs from that at an earlier wave, so the rows may be of two people"
    correct = "correct the id or the birth year"
    if ledger.severities[rule] is Severity.QUARANTINE:
        told = f"{differs}; the link between them is broken", f"{correct}, or release the row to keep the link"
    else:
        told = f"{differs}; they stay linked", correct
    ledger.check(rule, "person_differs", Wording(told[0], "the same person", told[1]), column="birth_year")
    sql.run(con, "checks/unlink")


def _groups(con: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger) -> None:
    con.execute("DELETE FROM crossing")
    rows = [[normalise(study.ids, c.participant_id), c.date, c.to] for c in study.groups.crossings]
    if rows:
        con.executemany("INSERT INTO crossing VALUES (?, ?, ?)", rows)
    ledger.check(
        "group-switch",
        "group_switch",
        Wording(
            "the person was in another group before",
            "the group of the first wave, or a declared crossing",
            "declare it under groups: crossings with the date, or correct the cell",
        ),
        declared=False,
        crossings=bool(rows),
    )
    if rows:
        ledger.check(
            "group-switch-declared",
            "group_switch",
            Wording("the person crossed to this group, as declared", "one group", "nothing"),
            declared=True,
            crossings=True,
        )


def _order_of_waves(con: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger) -> None:
    for earlier, later in sql.run(con, "checks/wave_order").fetchall():
        ledger.tell(
            "waves-out-of-order",
            Wording(
                f"most answers of wave {later} are dated before those of wave {earlier}",
                "waves in the order of time",
                "check that each file is under its own wave, and that the dates are read rightly",
            ),
            wave=later,
        )


def a_row_a_person(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part]) -> bool:
    """Whether all waves lie side by side in one file, with the same columns about the person and one row for each:
    then nothing about a person can differ between waves. Fills ``presence``."""
    if len({p.base for p in parts}) > 1 or len({tuple(_fixed(study, p)) for p in parts}) > 1:
        return False
    sql.run(con, "staging/presence", sources=_sources(study, parts))
    if all(p.ids is not None and p.ids.repeated == 0 for p in parts):
        return True
    row = sql.run(con, "checks/rows_a_person", base=parts[0].base).fetchone()
    return row is not None and row[0] == 1


def _sources(study: Study, parts: Sequence[Part]) -> list[str]:
    return [p.source_id for p in sorted(parts, key=lambda p: study.wave_ids.index(p.wave))]


def _fixed(study: Study, part: Part) -> list[str | None]:
    uses = [part.layout.of("group"), part.layout.of("date"), part.layout.of("platform", "mode")]
    uses += [part.layout.covariates.get(c.id) for c in study.covariates if not c.varying]
    return [u.storage if u else None for u in uses]


def _kind(study: Study, kind: str) -> Covariate | None:
    return next((c for c in study.covariates if c.kind == kind), None)


def _seen(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part]) -> None:
    """Make the view ``seen``: every row still in, with what is compared between waves."""
    rows: list[Mapping[str, object]] = []
    gender, birth = _kind(study, "gender"), _kind(study, "birth_year")
    for part in parts:
        covariates = part.layout.covariates
        rows.append(
            {
                "part": part,
                "ordinal": study.wave_ids.index(part.wave) + 1,
                "id": _storage(part.layout.of("id")),
                "id_name": _name(part.layout.of("id")),
                "group": _storage(part.layout.of("group")),
                "group_name": _name(part.layout.of("group")),
                "groups": sorted(part.groups.items()),
                "date": _storage(part.layout.of("date")),
                "mode": _storage(part.layout.of("platform", "mode")),
                "mode_name": _name(part.layout.of("platform", "mode")),
                "gender": _storage(covariates.get(gender.id) if gender else None),
                "gender_codes": sorted((fold(k), v) for k, v in gender.codes.items()) if gender else [],
                "gender_name": _name(covariates.get(gender.id) if gender else None),
                "birth_year": _storage(covariates.get(birth.id) if birth else None),
                "birth_year_name": _name(covariates.get(birth.id) if birth else None),
                "low": birth.low if birth and birth.low is not None else 1850,
                "high": birth.high if birth and birth.high is not None else 2200,
            }
        )
    sql.run(con, "staging/seen", rows=rows)


def _storage(use: Use | None) -> str | None:
    return use.storage if use else None


def _name(use: Use | None) -> str | None:
    return use.name if use else None
