"""What the codes of a wave's columns mean, and the rules about single answers (34 by data, 35, 37 to 39, 44, 45)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from coprod_trust.ingest.fields import HELD_CODE, TEXT_CODE, Field, answer_field
from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import CODE_RULES, Ledger, Wording
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import AnswerField, Reading, read_answer
from coprod_trust.store import sql
from coprod_trust.store.sql import ident
from coprod_trust.study import Scale, Study

COMMON_ZERO = 0.2  # share of the answers of a scale from which 0 as missing blocks it
THROUGHOUT = 0.8  # share of answers with decimals from which the scale was answered with decimals
MANY_OUTSIDE, SHARE_OUTSIDE = 10, 0.2  # answers outside the scale that speak for another response format


@dataclass(frozen=True)
class Code:
    """A code of a column that is not plainly valid: what was written, in how many rows, and what it means."""

    code: float
    found: str
    rows: int
    reading: Reading


@dataclass
class Column:
    """A number column of a part, read. ``count`` is the number of cells that are not blank; ``whole``: none of them has
    decimals."""

    use: Use
    answer: AnswerField
    count: int
    whole: bool
    codes: tuple[Code, ...] = ()

    def rows(self, *rules: str) -> int:
        return sum(c.rows for c in self.codes if c.reading.rule in rules)

    @property
    def answered(self) -> int:
        """Cells with an answer, right or wrong."""
        return self.count - sum(c.rows for c in self.codes if c.reading.reason is not None)

    @property
    def valid(self) -> str:
        """The condition under which a code is its own value; a missing code inside the scale is none."""
        column, answer = f"b.{self.use.storage}", self.answer
        conditions = [
            f"{column} BETWEEN {_literal(max(answer.low, TEXT_CODE / 2))} AND {_literal(min(answer.high, 1e300))}"
        ]
        if answer.integer and not self.whole:
            conditions.append(f"{column} = round({column})")
        clash = [n for n in answer.missing_numbers if answer.low <= n <= answer.high]
        conditions += [f"{column} <> {_literal(n)}" for n in clash]
        return f"({' AND '.join(conditions)})"


def read_codes(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> dict[str, Field]:
    """What the codes of each number column mean in this wave: items, numbers among the covariates and the weight.

    Columns with nothing but valid answers take the short way; of the others each distinct code is read once.
    """
    columns = _columns(con, study, part)
    for scale in study.scales:
        _scale_rules(part, scale, [c for c in columns if c.use.scale is scale], ledger)
    _cell_rules(con, part, columns, ledger)
    fields = {}
    for column in columns:
        fields[str(column.use.target)] = _field(column, ledger)
    return fields


def _columns(con: duckdb.DuckDBPyConnection, study: Study, part: Part) -> list[Column]:
    uses = [u for u in part.layout.read if u.numeric]
    if not uses:
        return []
    held = _any_fate(con, part)
    profile = sql.run(con, "staging/number_profile", part=part, held=held, columns=[u.storage for u in uses]).fetchone()
    assert profile is not None
    columns: list[Column] = []
    odd: dict[int, str] = {}
    for i, use in enumerate(uses):
        count, low, high, fraction = profile[4 * i : 4 * i + 4]
        answer = answer_field(study, part, use)
        whole = count == 0 or fraction == 0
        columns.append(Column(use, answer, count, whole))
        fits = count == 0 or (low >= answer.low and high <= answer.high and (whole or not answer.integer))
        clash = any(answer.low <= n <= answer.high for n in answer.missing_numbers)
        if not fits or clash:
            # Where there are no decimals and no small codes either, a glance at the upper end is all that is needed.
            above = low >= answer.low and not clash and (whole or not answer.integer)
            condition = columns[-1].valid
            odd[use.position] = f"b.{use.storage} > {_literal(answer.high)}" if above else f"NOT {condition}"
    codes = _codes(con, part, [c for c in columns if c.use.position in odd], odd, held)
    for column in columns:
        column.codes = codes.get(column.use.position, ())
    return columns


def _codes(
    con: duckdb.DuckDBPyConnection, part: Part, columns: Sequence[Column], odd: Mapping[int, str], held: bool
) -> dict[int, tuple[Code, ...]]:
    """By position, the codes that are not plainly valid, each read once."""
    if not columns:
        return {}
    rows = sql.run(
        con,
        "staging/exceptions",
        {"held_code": HELD_CODE},
        part=part,
        held=held,
        columns=[(c.use.position, c.use.storage, odd[c.use.position]) for c in columns],
        texts=_has_texts(con, part),
    ).fetchall()
    answers = {c.use.position: c.answer for c in columns}
    codes: dict[int, list[Code]] = {}
    for position, code, found, n in rows:
        codes.setdefault(position, []).append(Code(code, found, n, read_answer(found, answers[position])))
    return {position: tuple(found) for position, found in codes.items()}


def _scale_rules(part: Part, scale: Scale, columns: Sequence[Column], ledger: Ledger) -> None:
    """What is wrong with a scale as a whole is said once, and its cells are then not listed one by one."""
    answered = sum(c.answered for c in columns)
    if answered == 0:
        return
    where = {"source_id": part.source_id, "name": part.name, "wave": part.wave, "scale": scale.id}
    low, high = scale.ends(part.wave)
    zeros, outside = sum(c.rows("zero-as-missing") for c in columns), sum(c.rows("out-of-range") for c in columns)
    decimals = sum(c.rows("decimals") for c in columns)
    if zeros > COMMON_ZERO * answered and ledger.severities["zero-as-missing-common"] is not None:
        ledger.tell(
            "zero-as-missing-common",
            Wording(
                f"{zeros} of {answered} answers to {scale.id} are 0, which the scale does not have",
                f"{low:g} to {high:g}",
                "declare what 0 means: missing_codes: {'0': skipped} under the scale, or its ends then (response)",
            ),
            **where,
        )
        _silence(columns, "zero-as-missing")
    if outside >= MANY_OUTSIDE and outside > SHARE_OUTSIDE * answered and ledger.severities["instrument-differs"]:
        ledger.tell(
            "instrument-differs",
            Wording(
                f"{outside} of {answered} answers to {scale.id} lie outside the scale: another format was used",
                f"{low:g} to {high:g}",
                f"declare the ends of that wave: response: {{{part.wave}: {{low: ..., high: ...}}}} under the scale",
            ),
            **where,
        )
        _silence(columns, "out-of-range")
    if decimals and decimals >= THROUGHOUT * answered and ledger.severities["decimals-throughout"] is not None:
        ledger.tell(
            "decimals-throughout",
            Wording(
                f"{decimals} of {answered} answers to {scale.id} have decimals; they are kept",
                "whole numbers",
                "declare integer: false under the scale, if it is answered on a line",
            ),
            **where,
        )
        for c in columns:
            c.answer = replace(c.answer, integer=False)
            c.codes = tuple(
                replace(k, reading=Reading(k.reading.value)) if k.reading.rule == "decimals" else k for k in c.codes
            )


def _silence(columns: Sequence[Column], rule: str) -> None:
    """The cells are held back as before, under the scale's problem instead of one problem each."""
    for c in columns:
        c.codes = tuple(replace(k, reading=Reading(rule="silent")) if k.reading.rule == rule else k for k in c.codes)


def _cell_rules(con: duckdb.DuckDBPyConnection, part: Part, columns: Sequence[Column], ledger: Ledger) -> None:
    """Write down every cell whose code breaks a rule, all columns of the file in one statement."""
    meanings: list[list[object]] = []
    told: dict[tuple[int, str], list[str]] = {}
    for column in columns:
        use = column.use
        for code in column.codes:
            rule = code.reading.rule
            if rule == "out-of-range" and use.target == "weight":
                rule = "weight-negative"
            severity = ledger.severities[rule] if rule is not None and rule != "silent" else None
            if rule is not None and severity is not None:
                wording = wording_of(rule, use, column.answer)
                meanings.append(
                    [use.position, code.code, use.name, use.scale.id if use.scale else None, code.found, rule,
                     severity.value, wording.message, wording.expected, wording.fix, code.reading.suggestion]
                )  # fmt: skip
                told.setdefault((use.position, use.storage), []).append(f"{sql.text(str(code.code))}::DOUBLE")
    if not meanings:
        return
    con.execute("DELETE FROM meaning")
    con.executemany("INSERT INTO meaning VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", meanings)
    sql.run(con, "checks/coded_cells", part=part, columns=[(*place, codes) for place, codes in sorted(told.items())])


def wording_of(rule: str, use: Use, answer: AnswerField) -> Wording:
    """What the rules about single answers say of a column."""
    whole = "a whole number" if answer.integer else "a number"
    ends = f" from {answer.low:g} to {answer.high:g}" if answer.bounded else ""
    labels = f", or one of the {len(answer.labels)} declared labels" if answer.labels else ""
    codes = f", or a missing code ({', '.join(sorted(answer.missing))})" if answer.missing else ""
    expected = f"{whole}{ends}{labels}{codes}"
    correct = "correct the cell: coprod-trust release STUDY PROBLEM_ID --value VALUE"
    name = use.scale.id if use.scale else use.target
    return {
        "out-of-range": Wording(
            f"the answer to {use.target} lies outside the range of {name}",
            expected,
            f"{correct}; if it is a missing code, declare it under missing_codes",
        ),
        "text-unmapped": Wording(
            f"text where an answer to {use.target} is expected",
            expected,
            f"declare what the text means: value_labels under {name}, or missing_codes; or {correct}",
        ),
        "answer-ambiguous": Wording(f"the answer to {use.target} may mean several values", expected, correct),
        "decimals": Wording(f"a decimal where {name} has whole numbers", expected, correct),
        "zero-as-missing": Wording(
            f"0, which {name} does not have: probably no answer",
            expected,
            "declare what 0 means: missing_codes: {'0': skipped} under the scale; or correct the cell",
        ),
        "weight-negative": Wording("a negative weight", "a number of 0 or more", correct),
    }[rule]


def _field(column: Column, ledger: Ledger) -> Field:
    use, answer = column.use, column.answer
    # A FLOAT that holds decimals after all: 2.3 comes back as 2.3 and not as 2.2999999523.
    rounded = use.storage_type == "FLOAT" and not answer.integer
    kept = [c for c in column.codes if c.reading.value is not None and _let_in(c.reading, ledger)]
    return Field(
        id=str(use.target),
        type="SMALLINT" if answer.integer else "DOUBLE",
        column=f"round(b.{use.storage}::DOUBLE, 6)" if rounded else f"b.{use.storage}",
        asked=tuple(use.scale.groups) if use.scale and use.scale.groups is not None else None,
        plain=not column.codes,
        valid=column.valid,
        meanings=tuple((_literal(c.code), _literal(c.reading.value)) for c in kept),
        reasons=tuple((_literal(c.code), c.reading.reason.value) for c in column.codes if c.reading.reason is not None),
    )


def _let_in(reading: Reading, ledger: Ledger) -> bool:
    if reading.rule is None:
        return True
    severity = ledger.severities.get(reading.rule)
    return reading.rule != "silent" and (severity is None or severity.value == "warn")


def _literal(value: float | None) -> str:
    assert value is not None
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _has_texts(con: duckdb.DuckDBPyConnection, part: Part) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'staging' AND table_name = ?", [f"{part.base}_text"]
    ).fetchone()
    return bool(found and found[0])


def _any_fate(con: duckdb.DuckDBPyConnection, part: Part) -> bool:
    row = con.execute("SELECT count(*) FROM staging.fate WHERE source_id = ?", [part.source_id]).fetchone()
    return bool(row and row[0])


def hold_cells(
    con: duckdb.DuckDBPyConnection, part: Part, coded: Mapping[str, Field], ledger: Ledger
) -> dict[str, Field]:
    """Take the cells that an open problem holds back out of the coded table. Returns the fields, the touched ones no
    longer plain. A number whose code itself breaks a rule stays as it is: its field has no value for that code."""
    numbers = [use.name for use in part.layout.read if use.numeric]
    sql.run(
        con,
        "staging/held_cells",
        {"source_id": part.source_id, "numbers": numbers, "of_codes": sorted(CODE_RULES)},
    )
    names = {name for (name,) in con.execute("SELECT DISTINCT column_name FROM held_cell").fetchall()}
    touched = [use for use in part.layout.read if use.name in names]
    if not touched:
        return dict(coded)
    sql.run(
        con,
        "staging/hold_cells",
        table=ident(part.base),
        cells=[(u.name, u.storage, str(HELD_CODE) if u.numeric else "NULL") for u in touched],
    )
    not_plain = {str(u.target): replace(coded[str(u.target)], plain=False) for u in touched if u.numeric}
    return {**coded, **not_plain}
