"""A document as PDF, A4, always light: texts can be searched and copied, charts are lines. Run by `apart`, not by a
web process."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace, TTFFont

from sla.reports.chart import HEIGHT, WIDTH, Chart
from sla.reports.sheet import Section, Sheet, overview_table, sheet_of
from sla.reports.tables import Cell, Facts, Table

FAMILY = "Inter"  # unfold ships it; it has ≤, − and ± and the letters of Latin, Greek and Cyrillic
_FONTS = {"": "Inter-Regular.woff2", "B": "Inter-SemiBold.woff2"}
TEXT, MUTED, LINE = (18, 22, 29), (79, 88, 103), (213, 218, 226)
BLUE, GREY, VIOLET = (47, 99, 214), (107, 116, 131), (106, 63, 176)
HOT = (253, 233, 236)
BADGES = {"ok": (8, 105, 78), "bad": (173, 16, 41), "critical": (173, 16, 41), "warning": (125, 81, 0), "hollow": MUTED}
SMALL, BODY, H2, H1 = 7.5, 9.0, 11.0, 18.0
ROW_HEIGHT = 4.4
CHART_WIDTH = 120.0  # mm
_WIDTHS = {2: (3, 1), 4: (3.2, 2.2, 1.6, 1.2), 5: (3.1, 1.9, 2.1, 1.5, 1.4)}

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table that it drops


class Page(FPDF):
    """Writes the report's name and the number of the page into each foot."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._foot = f"{sheet.name}, {sheet.project}"
        self.set_margins(15, 15)
        self.set_auto_page_break(True, margin=18)
        for style, path in font_files().items():
            self.add_font(FAMILY, style, path)

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font(FAMILY, "", SMALL)
        self.set_text_color(*MUTED)
        self.cell(self.epw / 2, 5, shown(self, self._foot))
        self.cell(self.epw / 2, 5, f"{self.page_no()} / {{nb}}", align="R")


def pdf_of(document: Mapping[str, Any], *, edition: str = "") -> bytes:
    """Return the file. The same document gives the same texts; its date is when the report was made."""
    sheet = sheet_of(document)
    page = Page(sheet)
    page.set_creation_date(datetime.fromisoformat(document["made_at"]))
    page.set_title(sheet.title)
    page.set_author("TradeWatch")
    page.add_page()
    _head(page, sheet, edition)
    _table(page, overview_table(sheet))
    for section in sheet.sections:
        _section(page, section)
    _heading(page, "How to check this report")
    _text(page, sheet.check, MUTED)
    page.ln(3)
    _text(page, "SHA-256 of the figures", MUTED, size=SMALL)
    _text(page, sheet.sha256, TEXT, size=SMALL)
    return bytes(page.output())


@lru_cache(maxsize=1)
def font_files() -> dict[str, Path]:
    """Return {style: file}. Raises `LookupError` when unfold ships them no more."""
    found = {}
    for style, name in _FONTS.items():
        path = finders.find(f"unfold/fonts/inter/{name}")
        if path is None:
            raise LookupError(f"django-unfold ships {name} no more")
        found[style] = Path(path)
    return found


def shown(page: FPDF, text: str) -> str:
    """Return the text with a white box for what the font has no picture of: a letter must not vanish."""
    font = page.fonts[FAMILY.lower()]
    known = font.cmap if isinstance(font, TTFFont) else {}
    return "".join(letter if ord(letter) in known or letter.isspace() else "□" for letter in text)


def _head(page: Page, sheet: Sheet, edition: str) -> None:
    page.set_font(FAMILY, "B", H2)
    page.cell(page.epw / 2, 6, "TradeWatch")
    page.set_font(FAMILY, "", SMALL)
    page.set_text_color(*MUTED)
    page.cell(page.epw / 2, 6, " ".join(filter(None, (sheet.name, edition))), align="R", new_x="LMARGIN", new_y="NEXT")
    page.set_draw_color(*TEXT)
    page.set_line_width(0.4)
    page.line(page.l_margin, page.get_y() + 1, page.l_margin + page.epw, page.get_y() + 1)
    page.ln(5)
    _text(page, sheet.title, TEXT, size=H1, style="B")
    _text(page, "    ".join(sheet.meta), MUTED)
    page.ln(2)
    _text(page, sheet.lede[0] if sheet.lede else "", TEXT, size=H2, style="B")
    _text(page, " ".join(sheet.lede[1:]), TEXT, size=H2)


def _section(page: Page, section: Section) -> None:
    _heading(page, section.title, room=60 if section.chart else 30)
    _text(page, section.promise, MUTED)
    if section.chart is not None:
        _chart(page, section.chart)
    _facts(page, section.facts)
    for table in section.tables:
        _table(page, table, of=section.title)


def _heading(page: Page, text: str, *, room: float = 20) -> None:
    """Write a heading, on the next page when there is not `room` mm for what follows it."""
    if page.get_y() + room > page.h - page.b_margin:
        page.add_page()
    page.ln(5)
    _text(page, text, TEXT, size=H2, style="B")


def _text(
    page: Page, text: str, colour: tuple[int, int, int], *, size: float = BODY, style: str = "", width: float = 0
) -> None:
    if not text:
        return
    page.set_font(FAMILY, style, size)
    page.set_text_color(*colour)
    page.multi_cell(width, size * 0.52, shown(page, text), align="L", new_x="LMARGIN", new_y="NEXT")


def _facts(page: Page, facts: Facts) -> None:
    page.ln(1)
    for name, words in facts.items:
        page.set_font(FAMILY, "", BODY)
        page.set_text_color(*MUTED)
        page.cell(28, 4.7, name)
        page.set_text_color(*TEXT)
        page.multi_cell(0, 4.7, shown(page, words), align="L", new_x="LMARGIN", new_y="NEXT")


def _table(page: Page, table: Table, *, of: str = "") -> None:
    _heading(page, f"{of}, {table.title.lower()}" if of else table.title)
    page.set_font(FAMILY, "", BODY)
    page.set_draw_color(*LINE)
    page.set_line_width(0.2)
    aligns = tuple("RIGHT" if head.is_number else "LEFT" for head in table.heads)
    with page.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        cell_fill_mode=TableCellFillMode.NONE,
        headings_style=FontFace(emphasis="", color=MUTED, size_pt=SMALL),
        line_height=ROW_HEIGHT,
        text_align=aligns,
        col_widths=_WIDTHS.get(len(table.heads)),
        padding=(0.4, 1.2) if table.is_dense else (0.9, 1.2),
    ) as drawn:
        drawn.row([head.text for head in table.heads])
        for line in table.lines:
            row = drawn.row()
            for cell in line.cells:
                row.cell(shown(page, _words(cell)), style=_style(cell, is_hot=line.is_hot))
    if table.note:
        page.ln(1)
        _text(page, table.note, MUTED, size=SMALL)


def _words(cell: Cell) -> str:
    return f"{cell.text}\n{cell.sub}" if cell.sub else cell.text


def _style(cell: Cell, *, is_hot: bool) -> FontFace:
    colour = BADGES.get(cell.badge, TEXT)
    return FontFace(
        emphasis="BOLD" if cell.badge else None, color=colour, fill_color=HOT if is_hot else None, size_pt=BODY
    )


def _chart(page: Page, chart: Chart) -> None:
    """Draw the same points as the SVG: its units are scaled to millimetres."""
    page.ln(2)
    left, top, scale = page.l_margin, page.get_y(), CHART_WIDTH / WIDTH

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + y * scale

    page.set_line_width(0.15)
    page.set_font(FAMILY, "", 6.5)
    page.set_text_color(*MUTED)
    for tick in chart.rows:
        page.set_draw_color(*LINE)
        page.line(*at(40, tick.at), *at(440, tick.at))
        page.text(at(34, 0)[0] - page.get_string_width(tick.text), at(0, tick.at + 4)[1], tick.text)
    for tick in chart.columns:
        page.text(*at(tick.at, 216), shown(page, tick.text))
    for flag in chart.flags:
        _line(page, [at(flag.at, 6), at(flag.at, 200)], VIOLET, dash=0.8)
        page.text(*at(flag.at + 3, 12), shown(page, flag.text))
    _line(page, [at(*point) for point in chart.pace], GREY, dash=1.2)
    _line(page, [at(*point) for point in chart.line], BLUE, width=0.4)
    page.set_y(top + HEIGHT * scale)
    _text(page, "Budget left. Dashed: even pace.", MUTED, size=SMALL)


def _line(
    page: Page,
    points: Sequence[tuple[float, float]],
    colour: tuple[int, int, int],
    *,
    width: float = 0.2,
    dash: float = 0,
) -> None:
    page.set_draw_color(*colour)
    page.set_line_width(width)
    page.set_dash_pattern(dash=dash, gap=dash)
    page.polyline(list(points))
    page.set_dash_pattern()
