"""Rules about people over all waves of the run (17, 20, 21, 22, 25, 30, 46)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import fold
from coprod_trust.store import sql
from coprod_trust.study import Study
from coprod_trust.study.ids import normalise
from coprod_trust.study.model import Covariate


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
    if len({p.wave for p in parts}) < 2 or same_people(con, study, parts):
        return
    _seen(con, study, parts)
    nothing = "nothing, if that is so"
    ledger.check(
        "id-new", "id_new", Wording("this id appears for the first time after the first wave", "a known id", nothing)
    )
    ledger.check(
        "wave-skipped",
        "wave_skipped",
        Wording("this person missed a wave and came back", "an answer at every wave", nothing),
    )
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
    ledger.check(
        "birth-year-differs",
        "person_differs",
        Wording(
            "the birth year differs from that at an earlier wave, so the rows may be of two people",
            "the same person",
            "correct the id or the birth year, or release the row to keep the link",
        ),
        column="birth_year",
    )
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
    )
    ledger.check(
        "group-switch-declared",
        "group_switch",
        Wording("the person crossed to this group, as declared", "one group", "nothing"),
        declared=True,
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


def same_people(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part]) -> bool:
    """Whether every wave reads the same rows of one file and the same columns about the person, so that nothing can
    differ between waves."""
    if len({p.base for p in parts}) > 1:
        return False
    fixed = {tuple(u.storage if u else None for u in _fixed(study, p)) for p in parts}
    row = con.execute("SELECT count(*) FROM staging.fate").fetchone()
    return len(fixed) == 1 and row is not None and row[0] == 0


def _fixed(study: Study, part: Part) -> list[Use | None]:
    uses = [part.layout.of("group"), part.layout.of("date"), part.layout.of("platform", "mode")]
    uses += [part.layout.covariates.get(c.id) for c in study.covariates if not c.varying]
    return uses


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
