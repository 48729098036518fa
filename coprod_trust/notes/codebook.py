"""The codebook: what each code means and which way it is expected to go with trust."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coprod_trust.notes.table import Reporter, Row, Table, Tally

DIRECTIONS = {
    "+": "+",
    "-": "-",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "0": "0",
    "?": "?",
    "±": "±",
    "+-": "±",
    "+/-": "±",
}
EXPECTED = ("expected_provider", "expected_municipal", "expected_generalized", "expected_peers")


@dataclass(frozen=True)
class Code:
    """A code of the codebook; the expected directions are theory, not findings."""

    code: str
    parent: str | None
    name: str
    definition: str | None
    include: str | None
    exclude: str | None
    anchor: str | None
    construct: str | None
    expected_provider: str | None
    expected_municipal: str | None
    expected_generalized: str | None
    expected_peers: str | None


def read_codebook(table: Table, report: Reporter) -> tuple[list[Code], Tally]:
    """The codes in the order of the file, held against rules 49 to 52."""
    codes: dict[str, Code] = {}
    rows: dict[str, Row] = {}
    tally = Tally()
    for row in table.rows:
        if row.blank:
            tally.blank += 1
            continue
        code = row["code"]
        if not code:
            report.add(
                "id-missing",
                table,
                row=row.number,
                column="code",
                message="a row of the codebook without a code",
                expected="a code in every row",
                fix="fill in the code, or delete the row",
            )
            tally.quarantined += 1
            continue
        if code in codes:
            report.add(
                "code-repeated",
                table,
                row=row.number,
                column="code",
                found=code,
                message=f"the code stands already in row {rows[code].number}",
                expected="each code once",
                fix="join the two rows, or give one of them another code",
            )
        tally.accepted += 1
        codes[code] = _code(table, row, report)
        rows[code] = row
    _check_parents(table, codes, rows, report)
    return list(codes.values()), tally


def check_project_codes(codes: Sequence[Code], repeated: int, table: Table, report: Reporter) -> None:
    """Rules 49 and 51 for codes that come from a coding program, told once a file."""
    if repeated:
        report.add(
            "code-repeated",
            table,
            column="code",
            message=f"{repeated} codes have the name and the place in the tree of another code",
            expected="each code once",
            fix="join or rename them in the coding program, and export again",
        )
    parents = {c.parent for c in codes}
    without = sum(1 for c in codes if not c.definition and c.code not in parents)
    if without:
        report.add(
            "code-without-definition",
            table,
            column="definition",
            message=f"{without} of {len(codes)} codes have no definition",
            expected="a definition that a second coder can apply",
            fix="write it in the coding program as the code's description or comment; the report prints it",
        )


def _code(table: Table, row: Row, report: Reporter) -> Code:
    if not row["definition"]:
        report.add(
            "code-without-definition",
            table,
            row=row.number,
            column="definition",
            message="the code has no definition",
            expected="a definition that a second coder can apply",
            fix="write the definition; the report prints it in the codebook's appendix",
        )
    return Code(
        row["code"],
        row["parent"] or None,
        row["name"] or row["code"],
        *(row[c] or None for c in ("definition", "include", "exclude", "anchor", "construct")),
        *(_direction(table, row, column, report) for column in EXPECTED),
    )


def _direction(table: Table, row: Row, column: str, report: Reporter) -> str | None:
    written = row[column].lstrip("'").replace(" ", "")
    if not written or written in DIRECTIONS:
        return DIRECTIONS.get(written)
    report.add(
        "direction-unknown",
        table,
        row=row.number,
        column=column,
        found=row[column],
        message="not a direction",
        expected="+, -, 0, ?, ± or nothing",
        fix="write one of these; ? where theory does not say",
    )
    return None


def _check_parents(table: Table, codes: dict[str, Code], rows: dict[str, Row], report: Reporter) -> None:
    for code in codes.values():
        if code.parent is not None and code.parent not in codes:
            report.add(
                "code-parent-unknown",
                table,
                row=rows[code.code].number,
                column="parent",
                found=code.parent,
                suggestion=nearest(code.parent, codes),
                message="the parent is not a code of this codebook",
                expected="a code of the column code, or nothing",
                fix="correct the parent, or add a row for it",
            )
        elif _in_cycle(code.code, codes):
            report.add(
                "code-parent-cyclic",
                table,
                row=rows[code.code].number,
                column="parent",
                found=code.parent,
                message="the code is its own ancestor",
                expected="parents that lead to a code without a parent",
                fix="take the parent away from one code of the circle",
            )


def _in_cycle(start: str, codes: dict[str, Code]) -> bool:
    seen: set[str] = set()
    current = codes[start].parent
    while current is not None and current in codes and current not in seen:
        if current == start:
            return True
        seen.add(current)
        current = codes[current].parent
    return False


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The known spelling nearest to what was written, for a suggestion; None where nothing is near."""
    from difflib import get_close_matches

    folded = {k.casefold(): k for k in known}
    match = get_close_matches(written.casefold(), folded, n=1, cutoff=0.75)
    return folded[match[0]] if match else None
