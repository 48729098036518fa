"""HTML, PDF, Word and the files of the parts say the same, are safe to open, and can be read by everybody."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.build import build_report
from coprod_trust.report.clean import without_control
from coprod_trust.report.docx import render_docx
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.html import numbered, render_html
from coprod_trust.report.language import language
from coprod_trust.report.localise import localise
from coprod_trust.report.model import (
    Column,
    Figure,
    Head,
    Panel,
    Prose,
    Report,
    Row,
    Run,
    Section,
    Table,
    Text,
    Theirs,
    Words,
    walk,
)
from coprod_trust.report.parts import neutral, render_parts, table_csv
from coprod_trust.report.pdf import render_pdf
from coprod_trust.report.read import read_material
from coprod_trust.report.tags import with_row_headers
from coprod_trust.store import StudyPaths, open_work
from tests.report.filled import Fixture, fill
from tests.studies import STUDY_YAML

ATTACK = '#read("/etc/passwd") $x^2$ *b* _i_ \\ ]#panic() <w:p/> & "q" \'=1+1 @cite <label> `raw` // no'
BELL = "\x07"


def report_of(root: Path, code: str, edition: Edition) -> Report:
    quoted = "'" + ATTACK.replace("'", "''") + "'"
    yaml = STUDY_YAML.replace("label: Start", f"label: {quoted}").replace("title: A dozen people", f"title: {quoted}")
    context = fill(root, Fixture(yaml=yaml, code_name=ATTACK + BELL))
    with open_work(StudyPaths(root)) as con:
        material = read_material(con, context.study(), context.wave, context.run_id)
    return build_report(localise(material, language(code)), language(code), edition)


@pytest.fixture(scope="module", params=[("en", Edition.INTERNAL), ("nl", Edition.PUBLIC)], ids=["en", "nl-public"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    code, edition = request.param
    report = report_of(tmp_path_factory.mktemp("made"), code, edition)
    drawings = Drawings()
    drawings.add(report, language(report.head.language))
    return {
        "report": report,
        "drawings": drawings,
        "html": render_html(report, "0.1.0", drawings),
        "pdf": render_pdf(report, "0.1.0", drawings),
        "docx": render_docx(report, "0.1.0", drawings),
        "zip": render_parts(report, "0.1.0", drawings),
    }


def html_text(made: dict[str, Any]) -> str:
    text = re.sub(r"<(style|title|script)>.*?</\1>|<svg.*?</svg>", " ", made["html"], flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def pdf_text(made: dict[str, Any]) -> str:
    """Read once: it takes seconds."""
    if "pdf text" not in made:
        made["pdf text"] = read_pdf(made)
    return str(made["pdf text"])


def read_pdf(made: dict[str, Any]) -> str:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(made["pdf"]))
    head = made["report"].head
    foot = rf"{re.escape(squeezed(f'{head.subtitle} · Run {head.run_id}'))}\d+/{len(reader.pages)}"
    return "".join(re.sub(foot, "", squeezed(page.extract_text())) for page in reader.pages)


def docx_text(made: dict[str, Any]) -> str:
    from docx import Document

    return "\n".join(
        n.text or "" for n in Document(io.BytesIO(made["docx"])).element.body.iter() if n.tag.endswith("}t")
    )


def squeezed(text: str) -> str:
    """Without white space and without signs that no rendering can hold: lines break where they must."""
    return re.sub(r"[\s\u00a0\u200b\ufffd\x07]+", "", text)


def texts(report: Report) -> Iterator[str]:
    for section in report.sections:
        for node in walk(section):
            if isinstance(node, Words | Theirs) and node.strip():
                yield str(node)


def test_every_text_of_the_model_is_in_every_rendering(made: dict[str, Any]) -> None:
    spoken = {str(p.alternative) for p in walk(made["report"]) if isinstance(p, Panel)}
    titles = {str(p.title) for p in walk(made["report"]) if isinstance(p, Panel)}
    on_screen = {str(name) for p in walk(made["report"]) if isinstance(p, Panel) for _, name in p.series}
    alternatives = {s.strip() for s in spoken | titles | on_screen}
    for rendering in (html_text(made), pdf_text(made), docx_text(made)):
        found = squeezed(rendering)
        missing = [t for t in texts(made["report"]) if t.strip() not in alternatives and squeezed(t) not in found]
        assert missing == []


def test_a_figure_whose_numbers_are_in_another_table_says_in_which(made: dict[str, Any]) -> None:
    counted = numbered(made["report"])
    t = language(made["report"].head.language)
    figures = [f for f in walk(made["report"]) if isinstance(f, Figure) and f.numbers is None]
    assert figures
    for f in figures:
        said = squeezed(t.say("head.numbers_in", table=f"{t.say('head.table')} {counted[f.numbers_in]}"))
        for rendering in (html_text(made), pdf_text(made), docx_text(made)):
            assert said in squeezed(rendering)


def test_no_rendering_has_a_number_of_its_own(made: dict[str, Any]) -> None:
    number = re.compile(r"[−-]?\d+[.,]\d+")
    reference = set(number.findall(squeezed(html_text(made))))
    assert len(reference) > 50
    assert set(number.findall(squeezed(docx_text(made)))) <= reference | {"0.1"}


def test_the_same_report_gives_the_same_bytes(made: dict[str, Any]) -> None:
    assert render_pdf(made["report"], "0.1.0", made["drawings"]) == made["pdf"]
    assert render_parts(made["report"], "0.1.0", made["drawings"]) == made["zip"]
    again = zipfile.ZipFile(io.BytesIO(render_docx(made["report"], "0.1.0", made["drawings"])))
    first = zipfile.ZipFile(io.BytesIO(made["docx"]))
    assert [again.read(n) for n in again.namelist()] == [first.read(n) for n in first.namelist()]


def structure(node: Any) -> Iterator[Any]:
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from structure(child)
    elif isinstance(node, dict) and "/S" in node:
        yield node
        if "/K" in node:
            yield from structure(node["/K"])


def test_the_pdf_is_tagged_has_a_language_a_title_and_alternatives(made: dict[str, Any]) -> None:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(made["pdf"]))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == made["report"].head.language
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert reader.metadata.title == made["report"].head.title
    parts = list(structure(root["/StructTreeRoot"]["/K"]))
    kinds = [str(p["/S"]) for p in parts]
    figures = [p for p in parts if p["/S"] == "/Figure"]
    panels = [p for p in walk(made["report"]) if isinstance(p, Panel)]
    assert {str(f.get("/Alt")) for f in figures} >= {without_control(str(p.alternative)) for p in panels}
    assert kinds.count("/Table") == len(tables_on_paper(made["report"]))
    assert kinds.count("/H1") == len(made["report"].sections) + 1  # the title of the contents is one too
    levels = [int(k[2]) for k in kinds if re.fullmatch(r"/H\d", k)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert "/Suspects" not in root["/MarkInfo"] or not root["/MarkInfo"]["/Suspects"].value


def scopes(cell: Any) -> list[str]:
    attributes = cell.get("/A", [])
    return [str(a["/Scope"]) for a in (attributes if isinstance(attributes, list) else [attributes]) if "/Scope" in a]


def test_every_column_and_row_of_a_table_in_the_pdf_has_its_header(made: dict[str, Any]) -> None:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(made["pdf"]), strict=True)
    parts = list(structure(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]))
    shown = [p for p in parts if p["/S"] == "/Table"]
    for tagged, tables in zip(shown, tables_on_paper(made["report"]), strict=True):
        head, *rows = [
            [c for c in structure(r["/K"]) if c["/S"] in ("/TH", "/TD")] for r in structure(tagged) if r["/S"] == "/TR"
        ]
        over = [r for r in rows if len(r) == 1 < len(head)]
        rows = [r for r in rows if r not in over]
        above = [r for r in over if r[0]["/S"] == "/TH"]  # else notes on the rows before
        if tables[0].finding_id:
            columns, groups = tables[0].columns, len(tables)
        else:
            columns = tables[0].columns[1:] if above else tables[0].columns
            groups = len(repeated(tables[0])) if above else 0
        assert len(above) == groups
        assert len(rows) == sum(len(t.rows) for t in tables)
        assert [scopes(c) for c in head] == [["/Column"]] * len(columns)
        assert {tuple(str(c["/S"]) for c in r) for r in rows} <= {("/TH", *["/TD"] * (len(columns) - 1))}
        assert all(scopes(r[0]) == ["/Row"] for r in rows)
        assert all(scopes(r[0]) == ["/Column"] for r in above)


def tables_on_paper(report: Report) -> list[list[Table]]:
    """Findings that follow one another with the same columns stand in one table; every other table stands alone."""
    shown: list[list[Table]] = []
    for section in report.sections:
        before: Any = None
        for block in section.blocks:
            if isinstance(block, Table) and block.finding_id and before == block.columns:
                shown[-1].append(block)
            else:
                shown += [[t] for t in walk(block) if isinstance(t, Table)]
            before = block.columns if isinstance(block, Table) and block.finding_id else None
    return shown


def repeated(table: Table) -> list[Text]:
    """The first cells of a table, each run of the same told once."""
    return [
        r.cells[0]
        for i, r in enumerate(table.rows)
        if not i or (r.cells[0], r.finding_id) != (table.rows[i - 1].cells[0], table.rows[i - 1].finding_id)
    ]


def test_every_page_of_the_pdf_is_tagged_its_links_are_told_and_its_fonts_are_within(made: dict[str, Any]) -> None:
    import pypdf

    for page in pypdf.PdfReader(io.BytesIO(made["pdf"])).pages:
        assert page["/Tabs"] == "/S"
        assert "/StructParents" in page
        for annotation in (a.get_object() for a in page.get("/Annots", [])):
            assert annotation["/Subtype"] == "/Link"
            assert annotation["/Contents"]
            assert "/StructParent" in annotation
        for font in page["/Resources"].get("/Font", {}).values():
            for inner in font["/DescendantFonts"]:
                assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])


def test_a_pdf_whose_tables_are_built_otherwise_is_refused(made: dict[str, Any]) -> None:
    for changed in (made["pdf"], made["pdf"].replace(b"\nxref\n", b"\nxxxx\n")):
        with pytest.raises(ValueError, match=r"otherwise than known|no single table"):
            with_row_headers(changed)


def test_the_word_document_has_styles_captions_header_rows_and_alternatives(made: dict[str, Any]) -> None:
    from docx import Document
    from docx.oxml.ns import qn

    document = Document(io.BytesIO(made["docx"]))
    styles = [p.style.name for p in document.paragraphs]
    assert styles.count("Heading 1") == styles.count("toc 1") == len(made["report"].sections)
    assert styles[:2] == ["Title", "Subtitle"]
    tables = [t for t in walk(made["report"]) if isinstance(t, Table)]
    in_word = [t for t in document.tables if t.style.name == "Report Table"]
    assert len(in_word) == len(tables)
    assert styles.count("Caption") >= len(tables)
    for shown, table in zip(in_word, tables, strict=True):
        assert shown.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert [c.text for c in shown.rows[0].cells] == [c.label.strip() for c in table.columns]
        assert sum(c.width.cm for c in shown.rows[0].cells) == pytest.approx(17, abs=0.01)
    pictures = [p.get("descr") for p in document.element.body.iter(qn("wp:docPr"))]
    assert pictures == [without_control(str(p.alternative)) for p in walk(made["report"]) if isinstance(p, Panel)]
    language_set = {e.get(qn("w:val")) for e in document.styles.element.iter(qn("w:lang"))}
    assert {"en": "en-GB", "nl": "nl-NL"}[made["report"].head.language] in language_set
    assert document.core_properties.author == ""


def test_the_word_document_can_be_worked_on(made: dict[str, Any]) -> None:
    """Word itself numbers captions and pages, lists the sections, and starts each numbered list at 1."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document(io.BytesIO(made["docx"]))
    fields = [f for f in document.element.body.iter(qn("w:fldSimple")) if " SEQ " in f.get(qn("w:instr"))]
    counted: dict[str, list[int]] = {}
    for f in fields:
        shown = "".join(t.text for t in f.iter(qn("w:t")))
        counted.setdefault(f.get(qn("w:instr")).split()[1], []).append(int(shown))
    assert set(counted) == ({"Figure", "Table"} if made["report"].head.language == "en" else {"Figuur", "Tabel"})
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counted.values())
    footer = document.sections[0].footer._element
    assert [f.get(qn("w:instr")).strip() for f in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert [t.text for t in document.element.body.iter(qn("w:instrText"))] == [r' TOC \o "1-1" \h \z \u ']
    apart = [p.text[:2] for p in document.paragraphs if p.paragraph_format.page_break_before]
    assert apart == ["1.", "2."]


def test_numbered_lists_of_the_evaluator_each_start_at_one() -> None:
    from docx import Document
    from docx.oxml.ns import qn

    items = ((Run(Theirs("first")),), (Run(Theirs("second")),))
    section = Section("s", Words("S"), (Prose("numbered", items), Prose("numbered", items)))
    head = Head(Theirs("T"), Words("S"), Words("D"), "public", "en", "w1", "20260101T000000Z-aaaa", None, ())
    document = Document(io.BytesIO(render_docx(Report(head, (section,)), "0.1.0", Drawings())))
    lists = [p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style.name == "List Number"]
    assert lists[0] == lists[1] != lists[2] == lists[3]
    numbering = document.part.numbering_part.element
    starts = [o.get(qn("w:val")) for n in lists for o in numbering.num_having_numId(n).iter(qn("w:startOverride"))]
    assert starts == ["1"] * 4


def test_words_of_the_participation_diagram_are_drawn_in_its_picture() -> None:
    """A renderer that finds no font leaves words out without saying so."""
    from PIL import Image

    from coprod_trust.report.charts.flow import flow_diagram

    def dark(wave: str) -> int:
        panel = Panel(Words("t"), Words("a"), svg=flow_diagram([(wave, "", (), None)]))
        return sum(Image.open(io.BytesIO(Drawings().png(panel))).convert("L").histogram()[:90])

    assert dark("Twelve months") > dark(" ") + 100


def test_every_link_of_the_word_document_has_its_bookmark(made: dict[str, Any]) -> None:
    from docx import Document
    from docx.oxml.ns import qn

    body = Document(io.BytesIO(made["docx"])).element.body
    names = [b.get(qn("w:name")) for b in body.iter(qn("w:bookmarkStart"))]
    ids = [b.get(qn("w:id")) for b in body.iter(qn("w:bookmarkStart"))]
    assert len(set(names)) == len(names)
    assert len(set(ids)) == len(ids)
    assert {h.get(qn("w:anchor")) for h in body.iter(qn("w:hyperlink"))} <= set(names)


def test_hostile_text_is_only_text(made: dict[str, Any]) -> None:
    assert squeezed(ATTACK) in pdf_text(made)
    assert ATTACK in docx_text(made)
    assert "root:" not in pdf_text(made)


def test_the_parts_hold_every_drawing_and_table_and_how_to_cite_them(made: dict[str, Any]) -> None:
    zipped = zipfile.ZipFile(io.BytesIO(made["zip"]))
    names = zipped.namelist()
    panels = [p for p in walk(made["report"]) if isinstance(p, Panel)]
    assert sum(n.endswith(".svg") for n in names) == sum(n.endswith(".png") for n in names) == len(panels)
    assert sum(n.endswith(".csv") for n in names) == sum(isinstance(t, Table) for t in walk(made["report"]))
    assert all(zipped.read(n).startswith(b"<svg xmlns=") for n in names if n.endswith(".svg"))
    assert not [n for n in names if n.endswith(".svg") and b" data-" in zipped.read(n)]
    assert all(zipped.read(n).startswith(b"\x89PNG") for n in names if n.endswith(".png"))
    cited = zipped.read("CITATION.txt").decode()
    assert ATTACK in cited
    stems = {n.rsplit(".", 1)[0] for n in names} - {"CITATION"}
    assert {line.split(": ", 1)[0] for line in cited.splitlines()} == stems
    assert all(made["report"].head.run_id in line for line in cited.splitlines())
    grounds = [
        re.match(rb'<svg[^>]*><rect width="100%" height="100%" fill="#ffffff"/>', zipped.read(n))
        for n in names
        if n.endswith(".svg")
    ]
    assert all(grounds)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@x", "'@x"),
        ("-cmd", "'-cmd"),
        ("+1+1", "'+1+1"),
        ("-4.5", "-4.5"),
        ("−11.6", "−11.6"),
        ("trust", "trust"),
    ],
)
def test_nothing_in_a_table_is_run_by_a_spreadsheet(text: str, written: str) -> None:
    assert neutral(text) == written


def test_a_table_that_is_taken_out_holds_no_formula() -> None:
    hostile = Theirs('=HYPERLINK("http://127.0.0.1:9")')
    table = Table("t", hostile, (Column(hostile), Column(Words("n"), True)), (Row((hostile, Words("−4.5")), "@id"),))
    rows = list(csv.reader(io.StringIO(table_csv(table).decode("utf-8-sig"))))
    assert rows == [[f"'{hostile}", "n", "finding_id"], [f"'{hostile}", "−4.5", "'@id"]]


def everything(content: bytes) -> str:
    """All text of a ZIP, its names included; pictures are drawings whose SVG is among the parts."""
    zipped = zipfile.ZipFile(io.BytesIO(content))
    texts = [zipped.read(n).decode(errors="replace") for n in zipped.namelist() if not n.endswith(".png")]
    return "\n".join([*zipped.namelist(), *texts])


def test_the_public_edition_names_nobody_no_file_and_no_row_in_any_rendering(made: dict[str, Any]) -> None:
    public = made["report"].head.edition == Edition.PUBLIC
    readable = [made["html"], pdf_text(made), everything(made["docx"])]
    traces = [r"\bP\d{3}\b", r"(?<![-\w])w[123]\.csv\b", r"data-segment"]
    for text in (*readable, everything(made["zip"])):
        assert not public or [t for t in traces if re.search(t, text)] == []
    assert public or all("w1.csv" in text for text in readable)
