"""How a file writes its dates, and which of them cannot be."""

from __future__ import annotations

from typing import Any

import duckdb

from coprod_trust import clock
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.store import sql
from coprod_trust.study import Study

DAY_FIRST, MONTH_FIRST = "%d-%m-%Y", "%m-%d-%Y"


def settle_order(con: duckdb.DuckDBPyConnection, part: Part, ledger: Ledger) -> None:
    """Decide whether day or month comes first (rule 27): declared, or the only order in which every date exists."""
    use = part.layout.of("date")
    if use is None:
        return
    part.declared = part.intake.hints.date_format
    if part.declared is not None:
        return
    row = sql.run(con, "staging/date_profile", base=part.base, column=use.storage).fetchone()
    assert row is not None
    numeric, day_first, month_first, two_digits, first_numeric, first_two = row
    if two_digits:
        _ambiguous(part, ledger, use.name, first_two, "years of two digits")
    elif numeric and bool(day_first) == bool(month_first):
        what = (
            "no date tells whether the day or the month comes first"
            if not day_first
            else "some dates have the day first and others the month"
        )
        _ambiguous(part, ledger, use.name, first_numeric, what)
    elif numeric:
        part.order = DAY_FIRST if day_first else MONTH_FIRST


def _ambiguous(part: Part, ledger: Ledger, column: str, row: int, what: str) -> None:
    ledger.tell(
        "date-ambiguous",
        Wording(
            f"the dates can be read in two ways: {what}",
            "dates as 2026-01-31, or a declared format",
            "declare it under files, for example date_format: '%d-%m-%Y' (day first) or '%m/%d/%y'",
        ),
        source_id=part.source_id, name=part.name, wave=part.wave, row_number=row, column_name=column,
    )  # fmt: skip


def check_dates(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> None:
    """Rules 15 and 26: dates that are missing, do not exist, lie in the future or outside the fieldwork."""
    use = part.layout.of("date")
    if use is None:
        return
    names: dict[str, Any] = {"part": part, "column": use.storage, "file_column": use.name}
    ledger.check(
        "date-missing",
        "date_missing",
        Wording("the row has no date", "the day of the answers", "nothing, if the day is unknown; else correct it"),
        **names,
    )
    ledger.check(
        "date-impossible",
        "date_impossible",
        Wording(
            "this is not a date, does not exist, or lies in the future",
            part.declared or "a date such as 2026-01-31",
            "correct the date (coprod-trust release with --value), or declare date_format under files",
        ),
        {"today": clock.today()},
        **names,
    )
    window = study.wave(part.wave).window
    if window is None:
        return
    bind = {"start": window.start, "end": window.end, "today": clock.today()}
    expected = f"a day from {window.start} to {window.end}"
    row = sql.run(con, "checks/date_window_share", bind, **names).fetchone()
    assert row is not None
    outside, dated = row
    if outside * 2 > dated:
        ledger.tell(
            "dates-mostly-outside-window",
            Wording(
                f"{outside} of {dated} rows are dated outside the fieldwork of wave {part.wave}",
                expected,
                "check that this is the file of that wave, or correct waves: window",
            ),
            source_id=part.source_id, name=part.name, wave=part.wave, column_name=use.name,
        )  # fmt: skip
    else:
        fix = "nothing, if the person answered then; else correct the date or the window"
        ledger.check(
            "date-outside-window", "date_window", Wording("dated outside the fieldwork", expected, fix), bind, **names
        )
