"""The report as a Word document that the evaluator can go on writing in: styles, captions, tables with header rows.

The text is put into the document's XML directly, since a table made cell by cell takes seconds.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from coprod_trust.report.clean import without_control
from coprod_trust.report.drawings import Drawings
from coprod_trust.report.language import language
from coprod_trust.report.model import Panel, Report
from coprod_trust.report.pdf import made_at
from coprod_trust.report.plain import Plain, plain

PAGE_CM, MARGIN_CM = (21.0, 29.7), 2.0
TEXT_CM = PAGE_CM[0] - 2 * MARGIN_CM
ONE_PANEL_CM, TWO_PANELS_CM = 11.0, 8.3
TWIPS_A_CM = 1440 / 2.54
WORD_LANGUAGE = {"en": "en-GB", "nl": "nl-NL"}
_COLOURS = {"ink": "1D2A33", "muted": "4A5963", "accent": "0A5A78", "rule": "B9C3C9"}


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
        self._page()
        self._styles()

    # Set up

    def _page(self) -> None:
        from docx.shared import Cm

        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)

    def _styles(self) -> None:
        from docx.enum.style import WD_STYLE_TYPE
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        styles = self.document.styles
        for name, size, colour in (
            ("Normal", 10.5, "ink"), ("Title", 20, "ink"), ("Subtitle", 12, "accent"), ("Heading 1", 16, "ink"),
            ("Heading 2", 13, "ink"), ("Heading 3", 11, "ink"), ("Caption", 10, "ink"),
        ):  # fmt: skip
            font = styles[name].font
            font.name, font.size, font.color.rgb = "Calibri", Pt(size), RGBColor.from_string(_COLOURS[colour])
            fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
        styles["Caption"].font.bold = True
        styles["Caption"].paragraph_format.keep_with_next = True
        for name, base, size, colour in (
            ("Report Note", "Normal", 9, "muted"), ("Report Table Text", "Normal", 8, "ink"),
            ("Report Notice", "Normal", 10.5, "ink"), ("Report Certainty", "Normal", 9.5, "muted"),
        ):  # fmt: skip
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = styles[base]
            style.font.size, style.font.color.rgb = Pt(size), RGBColor.from_string(_COLOURS[colour])
        styles["Report Table Text"].paragraph_format.space_after = Pt(0)
        mark = styles.add_style("Report Finding", WD_STYLE_TYPE.CHARACTER)
        mark.font.name, mark.font.size, mark.font.color.rgb = (
            "Consolas",
            Pt(6.5),
            RGBColor.from_string(_COLOURS["muted"]),
        )
        code = WORD_LANGUAGE[self.content["language"]]
        for fonts in styles.element.iter(qn("w:rPrDefault")):
            for tag in fonts.iter(qn("w:lang")):
                tag.set(qn("w:val"), code)

    # The parts

    def write(self, foot: str, run: str) -> None:
        c = self.content
        self.paragraph(_run(c["title"]), "Title")
        self.paragraph(_run(c["subtitle"]), "Subtitle")
        for name, value in c["facts"]:
            self.paragraph(_run(f"{name}: ", bold=True) + _run(value))
        for section in c["sections"]:
            self.paragraph(self.anchor(section["id"]) + _run(section["title"]), "Heading1")
            for block in section["blocks"]:
                getattr(self, f"on_{block['kind']}")(block)
        if c["synthetic"]:
            self.paragraph(_run(c["synthetic"], bold=True))
        self.paragraph(_run(f"{c['status']} {foot} {run}."), "ReportNote")
        self.document.sections[0].footer.paragraphs[0].text = f"{c['subtitle']} · {run}"

    def on_paragraph(self, b: Plain) -> None:
        self.paragraph(self.sentences(b["sentences"]))

    def on_listing(self, b: Plain) -> None:
        for point in b["points"]:
            self.paragraph(self.sentences(point), "ListBullet")

    def on_notice(self, b: Plain) -> None:
        edge = f'<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="{_COLOURS["accent"]}"/></w:pBdr>'
        self.paragraph(_run(f"{b['title']} ", bold=True) + self.sentences(b["sentences"]), "ReportNotice", edge)

    def on_card(self, b: Plain) -> None:
        self.paragraph(_run(b["title"]), "Heading3")
        self.paragraph(_run(b["certainty"]), "ReportCertainty")
        self.paragraph(self.sentences(b["sentences"]))

    def on_quote(self, b: Plain) -> None:
        self.paragraph(_run(b["text"], italic=b["paraphrased"]) + "<w:r><w:br/></w:r>" + _run(f"– {b['by']}"), "Quote")

    def on_prose(self, b: Plain) -> None:
        style = {"heading": "Heading2", "bullets": "ListBullet", "numbered": "ListNumber", "quotation": "Quote"}
        for item in b["items"]:
            runs = "".join(
                _run(r["text"] + (f" ({r['href']})" if r["href"] else ""), bold=r["strong"], italic=r["emphasis"])
                for r in item
            )
            self.paragraph(runs, style.get(b["style"], ""))

    def on_heading(self, b: Plain) -> None:
        self.paragraph(self.anchor(b["id"]) + _run(b["text"]), "Heading2")

    def on_table(self, b: Plain) -> None:
        marked = _run(" ") + _run(b["finding"], style="ReportFinding") if b["finding"] else ""
        self.caption(b, marked)
        total = sum(b["widths"])
        widths = [round(w / total * TEXT_CM * TWIPS_A_CM) for w in b["widths"]]
        numeric = [c["numeric"] for c in b["columns"]]
        header = "".join(
            _cell(_run(c["label"], bold=True), w, n) for c, w, n in zip(b["columns"], widths, numeric, strict=True)
        )
        rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{header}</w:tr>"]
        for r in b["rows"]:
            cells = []
            for i, (c, w, n) in enumerate(zip(r["cells"], widths, numeric, strict=True)):
                text = self.linked(c["text"], c["to"])
                if i == 0 and r["finding"]:
                    text += "<w:r><w:br/></w:r>" + self.linked(r["finding"], r["to"], "ReportFinding")
                cells.append(_cell(text, w, n))
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        look = '<w:tblLook w:val="0420" w:firstRow="1" w:firstColumn="0" w:noHBand="0" w:noVBand="1"/>'
        borders = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_COLOURS["rule"]}"/>'
            for side in ("top", "bottom", "insideH")
        )
        self.add(
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/>{look}<w:tblCaption w:val="{_attribute(b["caption"])}"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )
        self.paragraph(self.sentences(b["notes"]), "ReportNote")

    def on_figure(self, b: Plain) -> None:
        self.caption(b)
        width = ONE_PANEL_CM if len(b["panels"]) == 1 else TWO_PANELS_CM
        for panel in b["panels"]:
            if panel["title"]:
                self.paragraph(_run(panel["title"], bold=True), "", "<w:keepNext/>")
            self.picture(self.pictures[panel["picture"]], panel["alternative"], width)
        if b["notes"]:
            self.paragraph(self.sentences(b["notes"]), "ReportNote")
        if b["numbers"]:
            self.on_table(b["numbers"])

    # The pieces

    def caption(self, b: Plain, more: str = "") -> None:
        label = _run(f"{b['label']}  ", colour="muted") if b["label"] else ""
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

    def picture(self, png: bytes, alternative: str, most_cm: float) -> None:
        from docx.shared import Cm
        from docx.text.paragraph import Paragraph

        element = self.paragraph("")
        run = Paragraph(element, self.document._body).add_run()
        shape = run.add_picture(io.BytesIO(png))
        wide, high = most_cm, shape.height / shape.width * most_cm
        if high > PAGE_CM[1] - 8:
            wide, high = wide * (PAGE_CM[1] - 8) / high, PAGE_CM[1] - 8
        shape.width, shape.height = Cm(wide), Cm(high)
        self.drawn += 1
        shape._inline.docPr.set("descr", alternative)
        shape._inline.docPr.set("name", f"Figure {self.drawn}")

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
    painted = f'<w:color w:val="{_COLOURS[colour]}"/>' if colour else ""
    look = f"{named}{'<w:b/>' if bold else ''}{'<w:i/>' if italic else ''}{painted}"
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{_text(text)}</w:t></w:r>'


def _cell(runs: str, width: int, numeric: bool) -> str:
    side = '<w:jc w:val="right"/>' if numeric else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="ReportTableText"/>{side}</w:pPr>{runs}</w:p></w:tc>'
    )


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;")
