"""What a text file is written in: encoding, delimiter, quotes."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from coprod_trust.ingest.archive import state_of
from coprod_trust.ingest.readers.header import SPACE, find_header, width_of
from coprod_trust.ingest.readers.load import Checks
from coprod_trust.ingest.readers.report import Report

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE = 1 << 18
ENOUGH_LINES = 30
CHUNK = 1 << 20
MAX_CELL = 1 << 24
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Signs that a text in another one-byte encoding (Mac Roman, DOS) is being read as Windows-1252: control positions, low
# quotes and symbols stuck to a letter, a capital with an accent straight after a small letter.
_MOJIBAKE = re.compile(r"[\x80-\x9f]|[A-Za-z][‚„…†‡ˆ‰‹•˜¤¦¬¯¶¸×ƒ]|[a-z][ŠŒŽŸÀ-ÖØ-Þ]|[A-Za-z][‘“][A-Za-z]")


@dataclass(frozen=True)
class Scan:
    """What the bytes of a file hold, found in one pass."""

    bom: str | None
    ascii: bool
    utf8: bool
    nul: bool
    lines: int
    plain_lines: bool  # one kind of line end throughout, and no blank line before the last
    held: frozenset[bytes]  # of the signs that matter to the checks

    def has(self, *signs: bytes) -> bool:
        return any(sign in self.held for sign in signs)


_SPACES = (b"\x0b", b"\x0c", b"\xa0", b"\xe2\x80\x8b", b"\xef\xbb\xbf")
_SIGNS = (b'"', b"'", b",", b" ", b"\t", b"\r", b"=", b"+", b"-", b"@", *_SPACES)
_ASCII = tuple(sign for sign in _SIGNS if sign.isascii())


_ahead: dict[str, Scan] = {}


def scan_ahead(path: Path, keep: Callable[[], str]) -> str:
    """Scan a file while ``keep`` copies it to where its name is the SHA-256 that it returns, which this returns too.
    What is found holds for the copy only if nothing was done to the file meanwhile."""
    before = state_of(path)
    with ThreadPoolExecutor(max_workers=1) as aside:
        scanning = aside.submit(scan, path)
        sha256 = keep()
        if state_of(path) == before:
            _ahead[sha256] = scanning.result()
    return sha256


def scan(path: Path) -> Scan:
    """Read the file once and say what it holds; memory does not grow with the file."""
    if path.name in _ahead:
        return _ahead.pop(path.name)
    bom, plain, ascii_, utf8, nul = None, True, True, True, False
    newlines = returns = both = 0
    held: set[bytes] = set()
    tail = b""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as handle:
        first = True
        while chunk := handle.read(CHUNK):
            if first:
                bom = next((name for mark, name in _BOMS if chunk.startswith(mark)), None)
                plain = not chunk.startswith((b"\n", b"\r"))
                first = False
            ascii_ = ascii_ and chunk.isascii()
            if utf8 and not ascii_:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
            nul = nul or b"\0" in chunk
            joined = tail + chunk
            held.update(sign for sign in (_SIGNS if not ascii_ else _ASCII) if sign not in held and sign in joined)
            newlines += chunk.count(b"\n")
            if b"\r" in chunk or tail.endswith(b"\r"):
                returns += chunk.count(b"\r")
                both += joined.count(b"\r\n")
                both -= tail.count(b"\r\n")
            plain = plain and b"\n\n" not in joined and (b"\r" not in held or b"\n\r\n" not in joined)
            tail = joined[-3:]
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    plain = plain and (returns == 0 or returns == both == newlines)
    lines = newlines + (tail[-1:] not in (b"", b"\n"))
    return Scan(bom, ascii_, utf8, nul, lines, plain, frozenset(held))


def checks_of(path: Path, found: Scan, dialect: Dialect) -> Checks:
    """What the cells may hold. White space and the signs of a formula count only at the edge of a cell, and looking for
    them in the bytes costs a fraction of looking in eighty columns."""
    quoted = found.has(dialect.quote.encode())
    edges = [dialect.delimiter.encode(), b"\n", *([dialect.quote.encode()] if quoted else [])]
    spaces = [sign for sign in (b" ", b"\t") if found.has(sign) and sign not in edges]
    signs = [sign for sign in (b"=", b"+", b"-", b"@") if found.has(sign)]
    around = {pair for edge in edges for space in spaces for pair in (edge + space, space + edge, space + b"\r")}
    starts = {edge + sign for edge in edges for sign in signs}
    space, formula = found.has(*_SPACES), False
    tail = b""
    with path.open("rb") as handle:
        while (around or starts) and (chunk := handle.read(CHUNK)):
            joined = tail + chunk
            space = space or any(pair in joined for pair in around)
            formula = formula or any(pair in joined for pair in starts)
            tail = joined[-1:]
    return Checks(
        space=space or quoted,
        comma=found.has(b",") and (dialect.delimiter != "," or quoted),
        formula=formula or (space and bool(signs)),
    )


def encoding_of(path: Path, found: Scan, hint: str | None, report: Report) -> str:
    """The name of the encoding; refuses where it cannot be decided, warns where it is not UTF-8."""
    if hint is not None:
        _try(path, hint, report)
        encoding = hint
    elif found.bom:
        encoding = found.bom
        _try(path, encoding, report)
    elif found.nul:
        encoding = _wide(path, report)
    elif found.utf8:
        return "utf-8"
    else:
        _windows(path, report)
        encoding = "cp1252"
    if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig", "ascii"):
        report.add(
            "encoding-not-utf8",
            f"the text was read as {encoding}",
            "text in UTF-8",
            "look at names and words with accents in the report; if they are wrong, name it under files: encoding",
        )
    return encoding


def _undecidable(report: Report, row: int | None = None) -> None:
    report.refuse(
        "encoding-undecidable",
        "the encoding of the text cannot be decided",
        "UTF-8, UTF-16 with a byte order mark, or Windows-1252",
        "save the file as UTF-8 (in Excel: CSV UTF-8), or name the encoding under files: encoding",
        row=row,
    )


def _try(path: Path, encoding: str, report: Report) -> None:
    try:
        codecs.lookup(encoding)
        with path.open("r", encoding=encoding, newline="") as handle:
            row = 1
            while text := handle.read(CHUNK):
                row += text.count("\n")
    except LookupError:
        report.refuse(
            "encoding-undecidable",
            "the encoding named in study.yaml is not known",
            "a name such as utf-8, utf-16 or cp1252",
            "correct files: encoding",
        )
    except (UnicodeError, ValueError):
        report.refuse(
            "encoding-undecidable",
            f"the file is not written in {encoding}",
            f"text that can be read as {encoding}",
            "save the file as UTF-8 (in Excel: CSV UTF-8), or correct files: encoding",
        )


def _wide(path: Path, report: Report) -> str:
    """UTF-16 without a mark: every other byte of Western text is 0."""
    with path.open("rb") as handle:
        sample = handle.read(SAMPLE)
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and odd > 0.7 * half and even == 0:
        encoding = "utf-16-le"
    elif half and even > 0.7 * half and odd == 0:
        encoding = "utf-16-be"
    else:
        report.refuse(
            "file-type-mismatch",
            "the file holds bytes that no text has",
            "a text file with one row a line",
            "export it again as CSV, or correct its ending",
        )
    _try(path, encoding, report)
    return encoding


def _windows(path: Path, report: Report) -> None:
    """Refuse what cannot be Windows-1252, or reads oddly as such."""
    with path.open("rb") as handle:
        for row, line in enumerate(handle, 1):
            if line.isascii():
                continue
            try:
                text = line.decode("cp1252")
            except UnicodeDecodeError:
                _undecidable(report, row)
            if _MOJIBAKE.search(text):
                _undecidable(report, row)


@dataclass(frozen=True)
class Dialect:
    """How cells are set apart, and the first records of the file read so."""

    delimiter: str
    quote: str
    rows: tuple[tuple[str, ...], ...]
    width: int

    def reader(self, lines: Iterator[str] | StringIO) -> Iterator[list[str]]:
        """Records of the file; a quote that is never closed, or closed too early, raises csv.Error."""
        csv.field_size_limit(MAX_CELL)
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, doublequote=True, skipinitialspace=True, strict=True
        )


def dialect_of(path: Path, encoding: str, hint: str | None, header_row: int | None, report: Report) -> Dialect:
    """The delimiter and the quote sign; refuses where several delimiters would do."""
    with path.open("r", encoding=encoding, newline="") as handle:
        sample = handle.read(SAMPLE)
        while sample.count("\n") < ENOUGH_LINES and (more := handle.read(SAMPLE)):
            sample += more  # a thousand long column names fill a sample by themselves
        whole = not handle.read(1)
    if not sample.strip(SPACE):
        report.refuse("file-empty", "the file is empty", "a row of column names and rows of answers", "export it again")
    if hint is not None:
        sign = "\t" if hint.strip().lower() in ("tab", "\\t", "") else hint
        if len(sign) != 1:
            report.refuse(
                "delimiter-ambiguous", "a delimiter is one sign", "one sign, or tab", "correct files: delimiter"
            )
        return _read(sample, whole, sign)
    candidates = [_read(sample, whole, sign) for sign in DELIMITERS]
    wide = [c for c in candidates if c.width > 1]
    if not wide:
        return candidates[0]
    fitting = [c for c in wide if _fits(c, header_row)]
    if len(fitting) > 1:
        fitting = [c for c in fitting if find_header(c.rows, c.width) == 0] or fitting
    if len(fitting) > 1:
        report.refuse(
            "delimiter-ambiguous",
            f"cells can be set apart in several ways: by {' or by '.join(DELIMITERS[c.delimiter] for c in fitting)}",
            "one delimiter that gives every row the same number of cells",
            'name it under files, for example delimiter: ";"',
            row=1,
        )
    return fitting[0] if fitting else max(wide, key=lambda c: (_regular(c), c.width))


def _read(sample: str, whole: bool, delimiter: str) -> Dialect:
    quote = '"'
    first = sample.split("\n", 1)[0].strip(SPACE.replace("\t", ""))
    if '"' not in sample and len(first) > 1 and first[0] == first[-1] == "'" and f"'{delimiter}'" in first:
        quote = "'"
    csv.field_size_limit(MAX_CELL)
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(
            StringIO(sample, newline=""), delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=False
        ):
            rows.append(tuple(row))
    except csv.Error:
        pass
    if not whole and rows:
        rows.pop()
    return Dialect(delimiter, quote, tuple(rows), width_of(rows))


def _body(dialect: Dialect, header_row: int | None) -> list[tuple[str, ...]]:
    index = header_row - 1 if header_row is not None else find_header(dialect.rows, dialect.width)
    return [row for row in dialect.rows[index or 0 :] if any(cell.strip(SPACE) for cell in row)]


def _regular(dialect: Dialect) -> float:
    body = _body(dialect, None)
    return sum(len(row) == dialect.width for row in body) / max(1, len(body))


def _fits(dialect: Dialect, header_row: int | None) -> bool:
    if header_row is None and find_header(dialect.rows, dialect.width) is None:
        return False
    return all(
        len(row) >= dialect.width and not any(cell.strip(SPACE) for cell in row[dialect.width :])
        for row in _body(dialect, header_row)
    )
