"""Rules about rows and ids within a file and a wave (16, 18, 19, 24, 28, 29)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from coprod_trust.ingest.erased import FIX_AFTER_WITHDRAWAL, Erased
from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import fold
from coprod_trust.privacy.screens import Kind
from coprod_trust.store import sql
from coprod_trust.study import Study

_PERSONAL: tuple[Kind, ...] = ("name", "email", "phone", "address", "id")


def blanks(con: duckdb.DuckDBPyConnection, study: Study, part: Part) -> None:
    """Settle the rows that hold nothing; in a file with several waves side by side, nothing of this wave."""
    own = []
    if part.shared:
        varying = {c.id for c in study.covariates if c.varying}
        own = [u.storage for u in part.layout.read if u.role == "item" or u.target in varying]
    sql.run(con, "checks/blank", part=part, own=own)


def withdrawals(
    con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part], before: Erased, ledger: Ledger
) -> None:
    """Rule 24, withdrawn: every row of such a person, in every wave, is left out and erased from the coded tables.
    ``before``: who was withdrawn by command, of whom a file should hold nothing any more."""
    _withdrawn_before(con, parts, before, ledger)
    consent = study.consent
    said = [(p, use) for p in parts if (use := p.layout.of("consent")) is not None]
    for part, use in said if consent is not None and consent.withdrawn else []:
        assert consent is not None
        sql.run(con, "checks/withdrawn", part=part, column=use.storage, withdrawn=[fold(v) for v in consent.withdrawn])
    if not _any(con, "SELECT count(*) FROM withdrawal"):
        return
    # The notes leave these people out as well.
    con.execute(
        "INSERT INTO withdrawn_participant SELECT DISTINCT participant_id FROM withdrawal "
        "WHERE participant_id IS NOT NULL"
    )
    for part in parts:
        sql.run(con, "checks/withdraw", part=part)
        ledger.check(
            "consent-withdrawn",
            "fate",
            Wording(
                "this person withdrew consent; every row of theirs is left out and erased from the database",
                "consent",
                "nothing; to take the person out of the files and the archive too, replace the files",
            ),
            part=part,
            fate="withdrawn",
        )
    for base in {p.base for p in parts}:
        sources = [p.source_id for p in parts if p.base == base]
        sql.run(con, "staging/erase", {"sources": sources}, base=base)


def _withdrawn_before(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], before: Erased, ledger: Ledger) -> None:
    """Rows of ids of which a mark is kept."""
    if not before.marks:
        return
    bind = {"salts": [salt for salt, _ in before.marks], "marks": [mark for _, mark in before.marks]}
    for part in parts:
        sql.run(con, "checks/withdrawn_before", bind, part=part)
        ledger.check(
            "withdrawn-before",
            "withdrawn_rows",
            Wording(
                "this person withdrew before; every row of theirs is left out and erased from the database",
                "a file without those who withdrew",
                "take the row out of the file and the archive too: coprod-trust withdraw STUDY ID --who NAME --why "
                "REASON, with the id that stands in the row",
            ),
            part=part,
        )


def after_withdrawal(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], before: Erased, ledger: Ledger) -> None:
    """Rule 24, nothing kept: an id that stood in no file when somebody withdrew may be theirs; nobody can tell."""
    later = [p for p in parts if not before.was_searched(p.staged.sha256)]
    if not later:
        return
    sql.run(
        con,
        "checks/known_before",
        {"known": sorted(before.known)},
        bases=sorted({p.base for p in parts if p not in later}),
    )
    for part in later:
        use = part.layout.of("id")
        ledger.check(
            "id-after-withdrawal",
            "id_after_withdrawal",
            Wording(
                "no file had this id when somebody withdrew: it may be theirs, as nothing is kept of them to tell",
                "an id of somebody who did not withdraw",
                FIX_AFTER_WITHDRAWAL,
            ),
            part=part,
            file_column=use.name if use else None,
        )


def row_rules(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> None:
    """Rules 16, 18, 24 and 28 on the rows of one file in one wave."""
    _consent(study, part, ledger)
    _tests(study, part, ledger)
    use = part.layout.of("id")
    if use is None:
        return
    names: dict[str, Any] = {"part": part, "column": use.storage, "file_column": use.name}
    fix = "write the id into the file, or: coprod-trust release STUDY PROBLEM_ID --value ID"
    ids = part.ids
    if ids is None or ids.missing:
        ledger.check(
            "id-missing", "id_missing", Wording("the row has answers and no id", "the person's id", fix), **names
        )
    if ids is None or ids.scientific:
        ledger.check(
            "id-scientific",
            "id_scientific",
            Wording(
                "the id is in scientific notation, so its last digits are lost",
                "the id as it was given out",
                "format the column as text in the spreadsheet and export again",
            ),
            **names,
        )
    if study.ids.pattern is not None and (ids is None or ids.malformed):
        ledger.check(
            "id-malformed",
            "id_malformed",
            Wording("the id does not look like the study's ids", f"an id that matches {study.ids.pattern}", fix),
            pattern=study.ids.pattern,
            test=study.ids.test_pattern,
            **names,
        )


def _consent(study: Study, part: Part, ledger: Ledger) -> None:
    consent = study.consent
    if consent is None or (consent.waves is not None and part.wave not in consent.waves):
        return
    use = part.layout.of("consent")
    accepted = [*consent.granted, *consent.withdrawn]
    ledger.check(
        "consent-missing",
        "consent_missing",
        Wording(
            "there is no consent to take part"
            if use
            else f"there is no consent to take part: the file has no column {consent.column}",
            f"{consent.column}: {' or '.join(consent.granted)}",
            "enter the consent in the file, or let the row in once you have it: coprod-trust release",
        ),
        part=part,
        column=use.storage if use else None,
        file_column=use.name if use else consent.column,
        granted=[fold(v) for v in accepted],
    )


def _tests(study: Study, part: Part, ledger: Ledger) -> None:
    wording = Wording(
        "this is a row of a test or of staff", "rows of participants", "nothing, or: coprod-trust release"
    )
    use = part.layout.of("id")
    if study.ids.test_pattern is not None and use is not None and (part.ids is None or part.ids.tests):
        ledger.check(
            "test-row", "test_row", wording, part=part, column=use.storage, file_column=use.name,
            pattern=study.ids.test_pattern, values=[],
        )  # fmt: skip
    status = part.layout.of("platform", "status")
    if study.platform.test_values and status is not None:
        ledger.check(
            "test-row", "test_row", wording, part=part, column=status.storage, file_column=status.name, pattern=None,
            values=[fold(v) for v in study.platform.test_values],
        )  # fmt: skip


def repeated(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], ledger: Ledger) -> None:
    """Rule 19 within the files of one wave: the same id in several rows.

    Rows of one file that agree in every column that is read are one answer given twice; rows that differ are held back,
    all of them, until one is released. Rows of two files are laid together where no cell contradicts another.
    """
    for part in parts:
        if part.ids is not None and part.ids.repeated == 0:
            continue
        id_use = part.layout.of("id")
        columns = sorted({u.storage for u in part.layout.read} - {id_use.storage if id_use else ""})
        sql.run(con, "checks/repeated_group", part=part, columns=columns)
        names: dict[str, Any] = {"part": part, "file_column": id_use.name if id_use else None}
        ledger.check(
            "id-repeated-identical",
            "repeated_identical",
            Wording("the same row again; the first is kept", "one row a person", "nothing, or take it out of the file"),
            **names,
        )
        sql.run(con, "checks/repeated_drop", part=part)
        ledger.check(
            "id-repeated-conflicting",
            "repeated_conflicting",
            Wording(
                "the same id stands on several rows with different answers",
                "one row a person",
                "find out which row is right and release that one, or correct the id",
            ),
            **names,
        )
        sql.run(con, "checks/repeated_reopen", part=part)
    if len(parts) > 1:
        sql.run(con, "checks/settle")
        _across_files(con, parts, ledger)


def _across_files(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], ledger: Ledger) -> None:
    """Two files of a wave that hold the same person: cells that contradict each other hold both rows back."""
    for i, second in enumerate(parts):
        for first in parts[:i]:
            mine = {(u.role, u.target): u for u in first.layout.read if u.role != "id"}
            shared = [
                (mine[u.role, u.target].storage, u.storage)
                for u in second.layout.read
                if (u.role, u.target) in mine and u.role in ("item", "covariate", "group")
            ]
            for here, there, columns in ((first, second, shared), (second, first, [(b, a) for a, b in shared])):
                if columns:
                    ledger.check(
                        "id-repeated-conflicting",
                        "repeated_across",
                        Wording(
                            f"the person stands in {there.name} too, with other answers to the same questions",
                            "files of one wave that agree",
                            "find out which is right and release that row, or correct one of the files",
                        ),
                        part=here,
                        other=there,
                        columns=columns,
                        file_column=_name(here.layout.of("id")),
                    )


def personal_data(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> None:
    """Rule 29: free text that names a person or tells how to reach one."""
    from coprod_trust.privacy.screens import screen, words_of

    ordinary = words_of(study.provider_name, study.municipality_name, study.title)

    def kinds(text: str) -> list[str]:
        hits = screen(text, kinds=_PERSONAL, ordinary=ordinary, ids=study.ids)
        return sorted({h.kind for h in hits})

    texts = [
        *part.layout.all_of("platform", "free_text"),
        *(u for u in part.layout.all_of("covariate") if u.covariate is not None and u.covariate.kind == "text"),
    ]
    for use in texts:
        found = con.execute(
            f"SELECT DISTINCT {use.storage} FROM staging.{sql.ident(part.base)} WHERE {use.storage} IS NOT NULL"
        ).fetchall()
        flagged = [(text, ", ".join(what)) for (text,) in found if (what := kinds(text))]
        con.execute("CREATE OR REPLACE TEMP TABLE flagged_text (text VARCHAR, kinds VARCHAR)")
        if not flagged:
            continue
        con.executemany("INSERT INTO flagged_text VALUES (?, ?)", flagged)
        ledger.check(
            "personal-data-in-text",
            "personal_data",
            Wording(
                "the text seems to name a person or to tell how to reach one",
                "text without names, telephone numbers, addresses and ids",
                "release it with --value and the text without them; as it is only where nobody can be recognised",
            ),
            part=part,
            column=use.storage,
            file_column=use.name,
        )


def _name(use: Use | None) -> str | None:
    return use.name if use else None


def _any(con: duckdb.DuckDBPyConnection, query: str) -> bool:
    row = con.execute(query).fetchone()
    return bool(row and row[0])
