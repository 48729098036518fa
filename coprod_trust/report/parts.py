"""Every figure and table as a file of its own, for slides and spreadsheets, with a line to cite it by."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from coprod_trust.report.drawings import Drawings
from coprod_trust.report.html import numbered
from coprod_trust.report.language import language
from coprod_trust.report.model import Figure, Report, Table
from coprod_trust.report.pdf import made_at

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[-+−]?[\d.,\s\u00a0]*\d%?")


def render_parts(report: Report, version: str, drawings: Drawings) -> bytes:
    """A ZIP: ``figure-02-trajectories-1.svg`` and ``.png``, ``table-03-change-table.csv``, and ``CITATION.txt`` with a
    line for each, after its name.

    The same report gives the same bytes. The files of an edition hold what that edition shows.
    """
    t = language(report.head.language)
    numbers = numbered(report)
    moment = made_at(report.head.run_id).timetuple()[:6]
    stream = io.BytesIO()
    cited = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:

        def put(name: str, content: bytes) -> None:
            zipped.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_DEFLATED)

        for block in (b for s in report.sections for b in s.blocks):
            if isinstance(block, Figure):
                stem = f"{t.say('head.figure').lower()}-{numbers[block.id]:02}-{_file(block.id)}"
                label = f"{t.say('head.figure')} {numbers[block.id]}"
                for i, panel in enumerate(block.panels, 1):
                    named = f"{block.caption}: {panel.title}" if len(block.panels) > 1 else block.caption
                    cited.append(f"{stem}-{i}: {_citation(report, version, label, named)}")
                    put(f"{stem}-{i}.svg", drawings.on_paper(panel).encode())
                    put(f"{stem}-{i}.png", drawings.png(panel))
                if block.numbers:
                    cited.append(f"{stem}: {_citation(report, version, label, block.numbers.caption)}")
                    put(f"{stem}.csv", table_csv(block.numbers))
            elif isinstance(block, Table):
                number = numbers.get(block.id)
                label = f"{t.say('head.table')} {number}" if number else str(block.finding_id)
                place = f"{t.say('head.table').lower()}-{number:02}-" if number else ""
                stem = f"{place}{_file(block.id)}"
                cited.append(f"{stem}: {_citation(report, version, label, block.caption)}")
                put(f"{stem}.csv", table_csv(block))
        put("CITATION.txt", "".join(f"{line}\n" for line in cited).encode())
    return stream.getvalue()


def table_csv(table: Table) -> bytes:
    """A table as UTF-8 with a mark for spreadsheets, the finding's id last; nothing in it is run as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    marked = any(r.finding_id for r in table.rows)
    writer.writerow([neutral(c.label.strip()) for c in table.columns] + (["finding_id"] if marked else []))
    for r in table.rows:
        writer.writerow([neutral(c) for c in r.cells] + ([neutral(r.finding_id or "")] if marked else []))
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def neutral(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it as a formula; numbers stay numbers."""
    if text.startswith(_RUN_BY_SPREADSHEETS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return str(text)


def _citation(report: Report, version: str, label: str, caption: str) -> str:
    made = made_at(report.head.run_id)
    line = (
        f"{label}. {caption}. {report.head.title}. {report.head.subtitle} ({report.head.edition}), "
        f"{made:%Y-%m-%d}, {report.head.run_id}, coprod-trust {version}."
    )
    return " ".join(line.split())


def _file(id_: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", id_)[:80]
