"""The styles of the Word document: what an evaluator changes once and sees changed everywhere."""

from __future__ import annotations

from typing import Any

from coprod_trust.report.columns import SIZES

COLOURS = {"ink": "1D2A33", "muted": "4A5963", "accent": "0A5A78", "rule": "B9C3C9"}
CELL_MARGIN = 60
"""Left and right inside a cell, in twips."""

_Fonts = tuple[tuple[str, float, str], ...]
_BUILT_IN: _Fonts = (
    ("Normal", 10, "ink"), ("Title", 20, "ink"), ("Subtitle", 12, "accent"), ("Heading 1", 16, "ink"),
    ("Heading 2", 13, "ink"), ("Heading 3", 11, "ink"), ("Caption", 10, "ink"), ("Quote", 10, "ink"),
    ("Footer", 8, "muted"),
)  # fmt: skip
_OWN: _Fonts = (
    ("Report Contents", 13, "ink"), ("toc 1", 10, "ink"), ("Report Note", 8, "muted"),
    ("Report Notice", 10, "ink"), ("Report Certainty", 9, "muted"), ("Report Panel", 9.5, "ink"),
)  # fmt: skip
_TABLE = """<w:style {ns} w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report Table"/>
<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/><w:tblPr><w:tblBorders>{borders}</w:tblBorders>
<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="{margin}" w:type="dxa"/><w:bottom w:w="20" w:type="dxa"/>
<w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"""
_LAYOUT = """<w:style {ns} w:type="table" w:customStyle="1" w:styleId="ReportPanels"><w:name w:val="Report Panels"/>
<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:tblPr><w:tblCellMar><w:left w:w="0" w:type="dxa"/>
<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"""


def table_text(size: float) -> str:
    """The id of the style of a table's text in letters of that size."""
    return f"ReportTable{size:g}".replace(".", "_")


def set_styles(document: Any, language: str, text_twips: int) -> None:
    """Give a document made from the library's template the report's styles, in ``language`` as Word names it."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles = document.styles
    for name, size, colour in _BUILT_IN:
        _font(styles[name], size, colour)
    for name, size, colour in _OWN:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name == "toc 1")
        style.base_style = styles["Normal"]
        if name == "toc 1":
            # Word knows the levels of a table of contents by these ids.
            style.element.set(qn("w:styleId"), "TOC1")
        _font(style, size, colour)
    for points in SIZES:
        for head in (False, True):
            style = styles.add_style(f"Report Table {'Head ' if head else ''}{points:g}", WD_STYLE_TYPE.PARAGRAPH)
            style.element.set(qn("w:styleId"), table_text(points) + ("Head" if head else ""))
            style.base_style = styles["Normal"]
            style.font.size, style.font.bold = Pt(points), head
            style.paragraph_format.keep_with_next = head
            _spaced(style, 0, 0, 1.0)
    _paragraphs(styles, text_twips)
    mark = styles.add_style("Report Finding", WD_STYLE_TYPE.CHARACTER)
    _font(mark, 6, "muted", "Consolas")
    _tables(styles)
    for part in (styles.element, document.settings.element):
        for tag in [*part.iter(qn("w:lang")), *part.iter(qn("w:themeFontLang"))]:
            tag.set(qn("w:val"), language)


def _paragraphs(styles: Any, text_twips: int) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.oxml.ns import qn
    from docx.shared import Pt, Twips

    _spaced(styles["Normal"], 0, 6, 1.1)
    _spaced(styles["Heading 1"], 18, 6, 1.0)
    _spaced(styles["Heading 2"], 12, 4, 1.0)
    _spaced(styles["Heading 3"], 8, 0, 1.0)
    _spaced(styles["Caption"], 10, 4, 1.0)
    _spaced(styles["Report Note"], 3, 8, 1.0)
    _spaced(styles["Report Certainty"], 0, 3, 1.0)
    _spaced(styles["Report Panel"], 0, 3, 1.0)
    _spaced(styles["toc 1"], 0, 2, 1.0)
    for name in ("Caption", "Report Certainty", "Report Contents"):
        styles[name].paragraph_format.keep_with_next = True
    styles["Caption"].font.bold = styles["Report Contents"].font.bold = True
    styles["Report Panel"].font.bold = True
    styles["Quote"].font.italic = False
    styles["Quote"].paragraph_format.left_indent = Pt(14)
    styles["toc 1"].paragraph_format.tab_stops.add_tab_stop(
        Twips(text_twips), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
    )
    footer = styles["Footer"].element.pPr
    footer.remove(footer.find(qn("w:tabs")))
    styles["Footer"].paragraph_format.tab_stops.add_tab_stop(Twips(text_twips), WD_TAB_ALIGNMENT.RIGHT)


def _tables(styles: Any) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{COLOURS["rule"]}"/>'
        for side in ("top", "bottom", "insideH")
    )
    for xml in (_TABLE, _LAYOUT):
        styles.element.append(parse_xml(xml.format(ns=nsdecls("w"), borders=borders, margin=CELL_MARGIN)))


def _font(style: Any, size: float, colour: str, name: str = "Calibri") -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.color.rgb = name, Pt(size), RGBColor.from_string(COLOURS[colour])
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _spaced(style: Any, before: float, after: float, line: float) -> None:
    from docx.shared import Pt

    how = style.paragraph_format
    how.space_before, how.space_after, how.line_spacing = Pt(before), Pt(after), line
