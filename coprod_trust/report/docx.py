"""The report as a Word document that the evaluator can go on writing in: styles, captions, tables with header rows.

The text is put into the document's XML directly, since a table made cell by cell takes seconds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coprod_trust.report.clean import without_control
from coprod_trust.report.columns import fitted
from coprod_trust.report.docx_styles import CELL_MARGIN, COLOURS, set_styles, table_text
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import language
from coprod_trust.report.model import Panel, Report
from coprod_trust.report.pdf import made_at
from coprod_trust.report.plain import Plain, plain

PAGE_CM, MARGIN_CM = (21.0, 29.7), 2.0
TEXT_CM = PAGE_CM[0] - 2 * MARGIN_CM
ONE_PANEL_CM, TWO_PANELS_CM = 12.0, 8.3
MOST_HIGH_CM = PAGE_CM[1] - 8
TWIPS_A_CM = 1440 / 2.54
WORD_LANGUAGE = {"en": "en-GB", "nl": "nl-NL"}


def render_docx(report: Report, version: str, drawings: Drawings) -> bytes:
    """The document; the same report gives the same bytes."""
    words = language(report.head.language)
    pictures: dict[str, Panel] = {}

    def picture(panel: Panel) -> str:
        return next((n for n, p in pictures.items() if p is panel), None) or _kept(pictures, panel)

    content: Plain = without_control(plain(report, words, picture))
    writer = _Document(content, {n: drawings.png(p) for n, p in pictures.items()})
    foot = words.say("head.written_by", version=version)
    writer.write(str(foot), f"{words.say('head.run')} {report.head.run_id}")
    return writer.saved(made_at(report.head.run_id))


def _kept(pictures: dict[str, Panel], panel: Panel) -> str:
    name = f"p{len(pictures)}"
    pictures[name] = panel
    return name


class _Document:
    def __init__(self, content: Plain, pictures: dict[str, bytes]) -> None:
        from docx import Document

        self.content, self.pictures = content, pictures
        self.document = Document()
        self.body = self.document.element.body
        self.bookmarks: dict[str, str] = {}
        self.drawn = 0
        self.text_twips = round(TEXT_CM * TWIPS_A_CM)
        self._page()
        set_styles(self.document, WORD_LANGUAGE[content["language"]], self.text_twips)

    # Set up

    def _page(self) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Cm

        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
        for setting in self.document.settings.element.iter(qn("w:compatSetting")):
            # Below 15 Word opens the document as one of an old version.
            if setting.get(qn("w:name")) == "compatibilityMode":
                setting.set(qn("w:val"), "15")

    # The parts

    def write(self, foot: str, run: str) -> None:
        c = self.content
        self.paragraph(_run(c["title"]), "Title")
        self.paragraph(_run(c["subtitle"]), "Subtitle")
        for name, value in c["facts"]:
            self.paragraph(_run(f"{name}: ", bold=True) + _run(value))
        self.contents()
        for i, section in enumerate(c["sections"]):
            # What can be read alone stands alone.
            apart = "<w:pageBreakBefore/>" if i < 2 else ""
            self.paragraph(self.anchor(section["id"]) + _run(section["title"]), "Heading1", apart)
            for block in section["blocks"]:
                getattr(self, f"on_{block['kind']}")(block)
        if c["synthetic"]:
            self.paragraph(_run(c["synthetic"], bold=True))
        self.paragraph(_run(f"{c['status']} {foot} {run}."), "ReportNote")
        self.footer(f"{c['subtitle']} · {run}")

    def contents(self) -> None:
        """A table of contents that leads to the sections; Word adds the pages when it is asked to update it."""
        self.paragraph(_run(self.content["contents"]), "ReportContents")
        last = len(self.content["sections"]) - 1
        for i, section in enumerate(self.content["sections"]):
            opened = _field_start(r'TOC \o "1-1" \h \z \u') if i == 0 else ""
            self.paragraph(
                opened + self.linked(section["title"], section["id"]) + (_FIELD_END if i == last else ""), "TOC1"
            )

    def footer(self, text: str) -> None:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        pages = f"{_field('PAGE', '1')}{_run(' / ')}{_field('NUMPAGES', '1')}"
        inner = f'<w:pPr><w:pStyle w:val="Footer"/></w:pPr>{_run(text)}<w:r><w:tab/></w:r>{pages}'
        place = self.document.sections[0].footer.paragraphs[0]._p
        place.getparent().replace(place, parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))

    def on_paragraph(self, b: Plain) -> None:
        self.paragraph(self.sentences(b["sentences"]))

    def on_listing(self, b: Plain) -> None:
        for point in b["points"]:
            self.paragraph(self.sentences(point), "ListBullet")

    def on_notice(self, b: Plain) -> None:
        edge = f'<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="{COLOURS["accent"]}"/></w:pBdr>'
        title = _run(b["title"], bold=True) + "<w:r><w:br/></w:r>"
        self.paragraph(title + self.sentences(b["sentences"]), "ReportNotice", edge)

    def on_card(self, b: Plain) -> None:
        self.paragraph(_run(b["title"]), "Heading3")
        self.paragraph(_run(b["certainty"]), "ReportCertainty")
        self.paragraph(self.sentences(b["sentences"]))

    def on_quote(self, b: Plain) -> None:
        self.paragraph(_run(b["text"], italic=b["paraphrased"]) + "<w:r><w:br/></w:r>" + _run(f"– {b['by']}"), "Quote")

    def on_prose(self, b: Plain) -> None:
        style = {"heading": "Heading2", "bullets": "ListBullet", "numbered": "ListNumber", "quotation": "Quote"}
        numbers = f'<w:numPr><w:numId w:val="{self.new_list()}"/></w:numPr>' if b["style"] == "numbered" else ""
        for item in b["items"]:
            runs = "".join(
                _run(r["text"] + (f" ({r['href']})" if r["href"] else ""), bold=r["strong"], italic=r["emphasis"])
                for r in item
            )
            self.paragraph(runs, style.get(b["style"], ""), numbers)

    def on_heading(self, b: Plain) -> None:
        self.paragraph(self.anchor(b["id"]) + _run(b["text"]), "Heading2")

    def on_table(self, b: Plain) -> None:
        marked = _run(" ") + _run(b["finding"], style="ReportFinding") if b["finding"] else ""
        self.caption(b, marked)
        fit = fitted(b["least"], b["widths"], self.text_twips, 2 * CELL_MARGIN)
        numeric = [c["numeric"] for c in b["columns"]]
        text, head = table_text(fit.size), table_text(fit.size) + "Head"
        shapes = list(zip(fit.widths, numeric, strict=True))
        header = "".join(_cell(_run(c["label"]), w, n, head) for c, (w, n) in zip(b["columns"], shapes, strict=True))
        rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{header}</w:tr>"]
        for r in b["rows"]:
            cells = []
            for i, (c, (w, n)) in enumerate(zip(r["cells"], shapes, strict=True)):
                runs = self.linked(c["text"], c["to"], "ReportFinding" if c["hash"] else "")
                if i == 0 and r["finding"]:
                    runs += "<w:r><w:br/></w:r>" + self.linked(r["finding"], r["to"], "ReportFinding")
                cells.append(_cell(runs, w, n, text))
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
        look = '<w:tblLook w:val="0420" w:firstRow="1" w:firstColumn="0" w:noHBand="0" w:noVBand="1"/>'
        told = f'{look}<w:tblCaption w:val="{_attribute(b["caption"])}"/>'
        self.table("ReportTable", fit.widths, "".join(rows), told)
        self.paragraph(self.sentences(b["notes"]), "ReportNote")

    def table(self, style: str, widths: Sequence[int], rows: str, told: str = "") -> None:
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        self.add(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/>{told}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
        )

    def on_figure(self, b: Plain) -> None:
        self.caption(b)
        panels = b["panels"]
        if len(panels) == 1:
            self.add(self.picture(panels[0], ONE_PANEL_CM))
        else:
            half = self.text_twips // 2
            rows = [self.side_by_side(panels[i : i + 2], half) for i in range(0, len(panels), 2)]
            self.table("ReportPanels", [half, half], "".join(rows))
        if b["notes"]:
            self.paragraph(self.sentences(b["notes"]), "ReportNote")
        if b["elsewhere"]:
            said = b["elsewhere"]
            linked = _run(said["before"]) + self.linked(said["table"], said["to"]) + _run(said["after"])
            self.paragraph(linked, "ReportNote")
        if b["numbers"]:
            self.on_table(b["numbers"])

    def side_by_side(self, panels: Sequence[Plain], width: int) -> str:
        cells = []
        for panel in panels:
            title = f'<w:p><w:pPr><w:pStyle w:val="ReportPanel"/></w:pPr>{_run(panel["title"])}</w:p>'
            cells.append(title + self.picture(panel, TWO_PANELS_CM))
        cells += ["<w:p/>"] * (2 - len(cells))
        place = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="bottom"/></w:tcPr>'
        shown = "".join(f"<w:tc>{place}{cell}</w:tc>" for cell in cells)
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{shown}</w:tr>"

    # The pieces

    def caption(self, b: Plain, more: str = "") -> None:
        label = ""
        if b["label"]:
            kind, number = b["label"].rsplit(" ", 1)
            label = _run(f"{kind} ", colour="muted") + _field(rf"SEQ {kind} \* ARABIC", number, "muted")
            label += _run("  ")
        self.paragraph(self.anchor(b["id"]) + label + _run(b["caption"]) + more, "Caption")

    def sentences(self, several: list[Plain]) -> str:
        parts = []
        for s in several:
            mark = _run(" ") + self.linked(s["finding"], s["to"], "ReportFinding") if s["finding"] else ""
            parts.append(_run(s["text"]) + mark)
        return _run(" ").join(parts)

    def linked(self, text: str, to: str, style: str = "") -> str:
        if not to:
            return _run(text, style=style)
        return f'<w:hyperlink w:anchor="{self.bookmark(to)}" w:history="1">{_run(text, style=style)}</w:hyperlink>'

    def bookmark(self, place: str) -> str:
        """A bookmark's name: Word takes 40 letters, digits and underscores."""
        return self.bookmarks.setdefault(
            place, f"r{len(self.bookmarks)}_" + re.sub(r"\W", "_", place, flags=re.ASCII)[:30]
        )

    def anchor(self, place: str) -> str:
        name = self.bookmark(place)
        number = int(name[1:].split("_", 1)[0])
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/><w:bookmarkEnd w:id="{number}"/>'

    def paragraph(self, runs: str, style: str = "", more: str = "") -> Any:
        named = f'<w:pStyle w:val="{style}"/>' if style else ""
        return self.add(f"<w:p><w:pPr>{named}{more}</w:pPr>{runs}</w:p>")

    def add(self, xml: str) -> Any:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        element = parse_xml(re.sub(r"^<(w:\w+)", rf"<\1 {nsdecls('w')}", xml, count=1))
        self.body.insert(len(self.body) - 1, element)
        return element

    def picture(self, panel: Plain, most_cm: float) -> str:
        """A paragraph with a drawing that is ``most_cm`` wide, or as high as a page takes."""
        from docx.oxml.shape import CT_Inline
        from docx.shared import Cm
        from lxml import etree

        relation, image = self.document.part.get_or_add_image(io.BytesIO(self.pictures[panel["picture"]]))
        wide, high = most_cm, image.px_height / image.px_width * most_cm
        if high > MOST_HIGH_CM:
            wide, high = wide * MOST_HIGH_CM / high, MOST_HIGH_CM
        self.drawn += 1
        name = f"Figure {self.drawn}"
        inline = CT_Inline.new_pic_inline(self.drawn, relation, name, Cm(wide), Cm(high))
        inline.docPr.set("descr", panel["alternative"])
        inline.docPr.set("name", name)
        return f"<w:p><w:r><w:drawing>{etree.tostring(inline, encoding='unicode')}</w:drawing></w:r></w:p>"

    def new_list(self) -> int:
        """The number of a list that starts at 1, in the look of the style for numbered lists."""
        from docx.oxml.ns import qn

        numbering = self.document.part.numbering_part.element
        used = self.document.styles["List Number"].element.pPr.numPr.numId.val
        kind = next(n for n in numbering.num_lst if n.numId == used).abstractNumId.val
        new = numbering.add_num(kind)
        new.add_lvlOverride(0).add_startOverride(1)
        return int(new.get(qn("w:numId")))

    def saved(self, moment: datetime) -> bytes:
        core = self.document.core_properties
        core.title, core.subject, core.author = self.content["title"], self.content["subtitle"], ""
        core.last_modified_by, core.comments, core.keywords = "", "", ""
        core.language = WORD_LANGUAGE[self.content["language"]]
        core.created = core.modified = moment.replace(tzinfo=None)
        core.revision = 1
        stream = io.BytesIO()
        self.document.save(stream)
        return stream.getvalue()


def _run(text: str, bold: bool = False, italic: bool = False, style: str = "", colour: str = "") -> str:
    named = f'<w:rStyle w:val="{style}"/>' if style else ""
    painted = f'<w:color w:val="{COLOURS[colour]}"/>' if colour else ""
    look = f"{named}{'<w:b/>' if bold else ''}{'<w:i/>' if italic else ''}{painted}"
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{_text(text)}</w:t></w:r>'


def _field(instruction: str, shown: str, colour: str = "") -> str:
    """A field that Word works out; until then it shows ``shown``."""
    return f'<w:fldSimple w:instr=" {instruction} ">{_run(shown, colour=colour)}</w:fldSimple>'


def _field_start(instruction: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {_text(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _cell(runs: str, width: int, numeric: bool, style: str) -> str:
    side = '<w:jc w:val="right"/>' if numeric else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>{runs}</w:p></w:tc>'
    )


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;")
