"""Row headers in a tagged PDF: typst marks the cells of a table's head as headers, and has no way to say it of others.

In the file that typst writes, the first cell of each row of a table's body becomes a header (``TH``) of its row by
``Scope``. A data cell that lists its headers one by one would leave that one out: the lists go, and readers find both
headers of a cell by scope (ISO 32000-1, 14.8.5.7), as PDF/UA-1 allows (ISO 14289-1, 7.5).
"""

from __future__ import annotations

import re

_BODY = re.compile(rb"\d+ 0 obj\n<</Type/StructElem/S/TBody/P \d+ 0 R/K\[([^\]]*)\]>>")
_ROW = re.compile(rb"\d+ 0 obj\n<</Type/StructElem/S/TR/P \d+ 0 R/K\[(\d+) 0 R([^\]]*)\]>>")
_CELL = re.compile(rb"(\d+ 0 obj\n<</Type/StructElem/S/)TD(/P \d+ 0 R/A\[)<</O/Table/Headers\[[^\]]*\]>>")
# A line over the whole width, alone in its row: what the rows under it share, or the notes on those above.
_OVER_ALL = re.compile(rb"/ColSpan \d+>>")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_SCOPE = b"<</O/Table/Scope/Row>>"


def with_row_headers(pdf: bytes) -> bytes:
    """The same PDF, in which every row of every table's body has its header.

    Raises ValueError where the file is built otherwise than typst builds it.
    """
    file = _File(pdf)
    parts = file.parts
    rows = [int(n) for part in parts.values() if (m := _BODY.match(part)) for n in _REFERENCE.findall(m.group(1))]
    for row in rows:
        found = _ROW.match(parts[row])
        if not found:
            raise ValueError("a row of a table is tagged otherwise than known")
        first = int(found.group(1))
        if _OVER_ALL.search(parts[first]):
            continue
        parts[first] = _changed(parts[first], rb"\1TH\2" + _SCOPE)
        for n in _REFERENCE.findall(found.group(2)):
            parts[int(n)] = _changed(parts[int(n)], rb"\1TD\2")
    return file.written()


def _changed(cell: bytes, into: bytes) -> bytes:
    changed, n = _CELL.subn(into, cell, count=1)
    if n != 1:
        raise ValueError("a cell of a table is tagged otherwise than known")
    return changed.replace(b"/A[]", b"", 1)


class _File:
    """A PDF with one plain table of its objects; ``parts`` are the objects by number, in the order of the file."""

    def __init__(self, pdf: bytes) -> None:
        at = int(pdf[pdf.rindex(b"startxref") + 9 :].split(maxsplit=1)[0])
        head = re.compile(rb"xref\n0 (\d+)\n").match(pdf, at)
        if not head:
            raise ValueError("the file has no single table of its objects")
        end = head.end() + 20 * int(head.group(1))
        self.entries = [pdf[i : i + 20] for i in range(head.end(), end, 20)]
        starts = sorted((int(e[:10]), n) for n, e in enumerate(self.entries) if e[17:18] == b"n")
        ends = [start for start, _ in starts[1:]] + [at]
        self.parts = {n: pdf[start:stop] for (start, n), stop in zip(starts, ends, strict=True)}
        self.before, self.table_head = pdf[: starts[0][0]], head.group(0)
        self.trailer = pdf[end : pdf.rindex(b"startxref")]

    def written(self) -> bytes:
        """The file with the objects as they are now."""
        place = len(self.before)
        for n, part in self.parts.items():
            self.entries[n] = b"%010d%b" % (place, self.entries[n][10:])
            place += len(part)
        table = [self.table_head, *self.entries, self.trailer, b"startxref\n%d\n%%%%EOF" % place]
        return b"".join([self.before, *self.parts.values(), *table])
