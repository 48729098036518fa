"""What the files say of themselves: columns, labels, values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from coprod_trust.ingest.readers.presets import own_columns
from coprod_trust.study.drafting.platforms import Described, groups_of, platform_of
from coprod_trust.study.model import File, MissingReason

if TYPE_CHECKING:
    import duckdb

LOOKED_AT = 20_000
ID_NAME = (
    r"(p|resp|response|case|person|participant|deelnemer|client|cli.nt|record|study|user|panel|subject)?[ _.-]?"
    r"(id|nr|no|nummer|number|code|key|token|sleutel)|respnr|respondent(nummer|id|nr)?|pid|caseid.*|participant|deelnemer"
)
_ITEM_NAME = r"item(_?(id|name|code|naam))?|vraag(_?(id|nr|code))?|variable|variabele|question(_?(id|name|code))?"
_VALUE_NAME = r"value|waarde|antwoord|answer|response|score"

_REASONS: tuple[tuple[MissingReason, str], ...] = (
    (
        MissingReason.DONT_KNOW,
        r"don.?t know|do not know|dk|weet (ik )?niet|weet het niet|geen mening|no opinion|not sure|geen idee|unsure",
    ),
    (
        MissingReason.REFUSED,
        r"refused?|prefer not.*|rather not.*|wil(de)? (ik )?niet zeggen|wil niet antwoorden|geweigerd|weigert|"
        r"zeg ik liever niet|liever niet",
    ),
    (MissingReason.NOT_APPLICABLE, r"n\.?/?v\.?t\.?|niet van toepassing|not applicable|n/a|does not apply"),
    (MissingReason.NOT_ASKED, r"not asked|niet gevraagd|not presented|not shown"),
    (
        MissingReason.SKIPPED,
        r"skipped|overgeslagen|no answer|geen antwoord|niet ingevuld|missing|not answered|-{1,3}|x",
    ),
)
# Numbers by which surveys commonly mean that there is no answer; only where they lie outside the answers.
CONVENTIONAL: dict[float, MissingReason] = {
    **dict.fromkeys((77, 777, -77, 97, 997, -7), MissingReason.NOT_APPLICABLE),
    **dict.fromkeys((88, 888, -88, 98, 998, -8), MissingReason.DONT_KNOW),
    **dict.fromkeys((99, 999, 9999, -99, -999, -9, 96), MissingReason.REFUSED),
    -1: MissingReason.SKIPPED,
}


def reason_of(text: str) -> MissingReason | None:
    """The reason that a text gives for the absence of an answer, or None."""
    plain = " ".join(text.replace("’", "'").casefold().split()).strip(" .")
    return next((reason for reason, pattern in _REASONS if re.fullmatch(pattern, plain)), None)


def number(text: str) -> float | None:
    """The number that a text is, or None."""
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) and len(text) < 16 else None


def plain(value: float) -> str:
    """A number as a person writes it."""
    return f"{value:g}"


@dataclass(frozen=True)
class Facts:
    """One column of one file; ``values`` are those of the first rows, None for a blank."""

    name: str
    label: str | None
    value_labels: Mapping[str, str]
    user_missing: Mapping[str, str]
    values: Sequence[str | None] = field(repr=False)
    identifier: bool = False

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value occurs, blanks left out."""
        return Counter(v for v in self.values if v is not None)

    @property
    def filled(self) -> int:
        return self.counts.total()

    @cached_property
    def missing(self) -> dict[str, MissingReason]:
        """Codes that mean that there is no answer: declared, labelled or worded so."""
        codes = {
            code: reason_of(label) or CONVENTIONAL.get(number(code) or 0) or MissingReason.SKIPPED
            for code, label in self.user_missing.items()
        }
        for code, label in self.value_labels.items():
            reason = reason_of(label)
            if reason and code not in codes:
                codes[code] = reason
        for text in self.counts:
            reason = reason_of(text)
            if reason and text not in codes and number(text) is None:
                codes[text] = reason
        return codes

    @cached_property
    def answers(self) -> Counter[str]:
        """Values that are answers, as far as labels and words tell."""
        return Counter({v: n for v, n in self.counts.items() if v not in self.missing})

    @cached_property
    def numbers(self) -> Counter[float]:
        """Answers that are numbers."""
        found: Counter[float] = Counter()
        for text, n in self.answers.items():
            value = number(text)
            if value is not None:
                found[value] += n
        return found

    @property
    def words(self) -> str:
        """Name and label, for recognising what a column is about."""
        return f"{self.name} {self.label or ''}".casefold()


@dataclass(frozen=True)
class FileFacts:
    """One file. ``hints`` are what had to be declared to read it."""

    path: Path
    format: str
    rows: int
    columns: Mapping[str, Facts]
    hints: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    hint_reasons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def own(self) -> set[str]:
        """The columns that the platform wrote by itself."""
        return set(own_columns(self.hints.get("preset"), list(self.columns)))

    def only(self, column: str, *spellings: str) -> FileFacts:
        """The rows of this file in which a column has one of these values."""
        keep = [i for i, v in enumerate(self.columns[column].values) if v in spellings]
        columns = {n: replace(c, values=[c.values[i] for i in keep]) for n, c in self.columns.items()}
        return replace(self, rows=len(keep), columns=columns)


def read_files(files: Sequence[Path], described: Mapping[str, Described] | None = None) -> list[FileFacts]:
    """Look at the beginning of every file; ``described`` has what a data dictionary says of the columns. Raises
    FileRefused for a file that cannot be read."""
    from coprod_trust.store import open_memory

    with open_memory() as con:
        return [_described(_read(con, path), described or {}) for path in files]


def _described(facts: FileFacts, described: Mapping[str, Described]) -> FileFacts:
    """With the labels and choices of a data dictionary, where the file itself has none."""
    columns = {
        name: replace(
            column,
            label=column.label or d.label or None,
            value_labels=column.value_labels or d.value_labels,
            identifier=d.identifier,
        )
        if (d := described.get(name))
        else column
        for name, column in facts.columns.items()
    }
    return replace(facts, columns=columns)


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> FileFacts:
    hints: dict[str, str] = {}
    reasons: list[str] = []
    preset = platform_of(path)
    if preset:
        hints["preset"] = preset
        reasons.append("its columns are those of an export of that platform")
    sheet = _sheet(path) if preset != "kobo" else None
    if sheet:
        hints["sheet"] = sheet
        reasons.append("the largest of several sheets")
    facts = _look(con, path, hints, None)
    group = _group(con, path, facts, hints)
    if group is not None:
        hints |= {"preset": "kobo", "repeat": group}
        reasons.append("the people are in that repeating group of the form, as its questions are")
        facts = _look(con, path, hints, None)
    long = _long(facts)
    if long:
        id_column, item, value = long
        hints |= {"layout": "long", "item_column": item, "value_column": value}
        reasons.append(f"ids come back in column {id_column}, so a row is an answer and not a person")
        facts = _look(con, path, hints, id_column)
    return replace(facts, hint_reasons=tuple(reasons))


def _look(con: duckdb.DuckDBPyConnection, path: Path, hints: Mapping[str, str], id_column: str | None) -> FileFacts:
    from coprod_trust.ingest.archive import hash_of
    from coprod_trust.ingest.readers import clear, stage

    staged = stage(
        con,
        path,
        File.model_validate({"path": "waves/x", **hints}),
        name=path.name,
        wave=None,
        kind="draft",
        sha256=hash_of(path),
        id_column=id_column,
    )
    rows = con.execute(f"SELECT * EXCLUDE (row_number) FROM {staged.table} LIMIT {LOOKED_AT}").fetchall()
    clear(con)
    values = list(zip(*rows, strict=True)) if rows else [()] * len(staged.columns)
    columns = {
        c.name: Facts(c.name, c.label, c.value_labels, c.user_missing, v)
        for c, v in zip(staged.columns, values, strict=True)
    }
    return FileFacts(path, staged.format, staged.rows, columns, hints, tuple(p.message for p in staged.problems))


def _group(con: duckdb.DuckDBPyConnection, path: Path, form: FileFacts, hints: Mapping[str, str]) -> str | None:
    """The repeating group with the most items, where the form itself has none; None where there is no such group."""
    from coprod_trust.study.drafting.questions import looks_like_item

    def items(facts: FileFacts) -> int:
        return sum(looks_like_item(c) for n, c in facts.columns.items() if n not in facts.own)

    groups = groups_of(path)
    if not groups or items(form):
        return None
    found = {g: items(_look(con, path, {**hints, "preset": "kobo", "repeat": g}, None)) for g in groups}
    best = max(found, key=lambda g: found[g])
    return best if found[best] else None


def _long(facts: FileFacts) -> tuple[str, str, str] | None:
    """The columns with id, item and answer of a file with a row an answer; None for a file with a row a person."""
    found = [
        next((n for n in facts.columns if re.fullmatch(pattern, n.casefold())), None)
        for pattern in (ID_NAME, _ITEM_NAME, _VALUE_NAME)
    ]
    id_column, item, value = found
    if id_column is None or item is None or value is None:
        return None
    ids, items = facts.columns[id_column], facts.columns[item]
    repeated = 2 * len(ids.counts) <= ids.filled and 2 * len(items.counts) <= items.filled
    return (id_column, item, value) if repeated else None


def _sheet(path: Path) -> str | None:
    """The largest sheet of a workbook with several; None where there is no choice to make."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sizes = {
                name: sheet.total_height * sheet.total_width
                for name in book.sheet_names
                if (sheet := book.get_sheet_by_name(name)).start is not None
            }
    except (CalamineError, PasswordError, OSError):
        return None  # the reader says what is wrong with it
    return max(sizes, key=lambda name: sizes[name]) if len(sizes) > 1 else None
