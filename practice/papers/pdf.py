"""A document as PDF, made from the same sheet as its page. The same sheet and stamp make the same bytes.

The fonts hold Latin, Greek, Cyrillic, Hebrew and Arabic. What they lack becomes an empty box: the page still shows it.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import TTFFont

from practice.languages import LOCALES
from practice.papers.layout import Section, Sheet, Stamp, Table

FONTS = Path(__file__).with_name("fonts")
BOOK, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
BOX = "□"
MARGIN, LINE = 20, 5.5  # millimetres
LABELS, AMOUNTS = 52, 38
TEXT, SMALL, LARGE = 9.5, 8, 17  # points

LONGEST_RUN = 200
ENDLESS = re.compile(rf"[^\w\n]{{{LONGEST_RUN + 1},}}")
"""Signs without a letter between them: to find their direction the library calls itself once for each."""

for _library in ("fontTools", "fpdf"):  # they log which letters a document has, and so what a name is made of
    logging.getLogger(_library).setLevel(logging.CRITICAL)


class _Pages(FPDF):
    """Pages with the number of the document at their foot."""

    def __init__(self, sheet: Sheet, stamp: Stamp) -> None:
        super().__init__(format=sheet.size)
        self.stamp = stamp
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + 5)
        self.add_font("body", "", BOOK)
        self.add_font("body", "B", BOLD)
        self.set_text_shaping(use_shaping_engine=True)

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font("body", size=SMALL)
        self.cell(0, LINE, self.stamp.foot(self.page_no(), "{nb}"))

    def say(self, words: str, *, width: float = 0, bold: bool = False, size: float = TEXT) -> None:
        """Words in as many lines as they need, and on to the next line."""
        self.set_font("body", style="B" if bold else "", size=size)
        self.multi_cell(width, LINE * size / TEXT, readable(words), align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def write_pdf(sheet: Sheet, stamp: Stamp, issued_at: datetime) -> bytes:
    """The document; `issued_at` (aware UTC) is what it says of when it was made."""
    pages = _Pages(sheet, stamp)
    with _closing(pages):
        pages.set_title(stamp.named)
        pages.set_lang(LOCALES[sheet.language].replace("_", "-"))
        pages.set_creation_date(issued_at)
        pages.add_page()
        for number, line in enumerate(sheet.sender):
            pages.say(line, bold=number == 0)
        pages.ln(LINE)
        pages.say(sheet.title, bold=True, size=LARGE)
        pages.ln(LINE / 2)
        _facts(pages, stamp.facts)
        for section in sheet.sections:
            _section(pages, section)
        return bytes(pages.output())


def readable(words: str) -> str:
    """Words as the fonts can show them: composed, without control characters, with a box for what they lack."""
    composed = unicodedata.normalize("NFC", words.replace("\t", " "))
    kept = (one for one in composed if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    shown = "".join(one if one == "\n" or ord(one) in _known() else BOX for one in kept)
    return ENDLESS.sub(lambda found: found[0][:LONGEST_RUN] + "…", shown)


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    """The characters that both fonts can draw."""
    scratch = FPDF()
    scratch.add_font("book", "", BOOK)
    scratch.add_font("bold", "", BOLD)
    with _closing(scratch) as fonts:
        return frozenset.intersection(*(frozenset(font.cmap) for font in fonts))


@contextmanager
def _closing(pages: FPDF) -> Iterator[list[TTFFont]]:
    """The fonts, whose files the library leaves open."""
    fonts = [font for font in pages.fonts.values() if isinstance(font, TTFFont)]
    try:
        yield fonts
    finally:
        for font in fonts:
            font.close()


def _section(pages: _Pages, section: Section) -> None:
    pages.ln(LINE)
    if section.heading:
        pages.say(section.heading, bold=True, size=TEXT + 1.5)
        pages.ln(LINE / 4)
    _facts(pages, section.facts)
    if section.table is not None:
        pages.ln(LINE / 3 if section.facts else 0)
        _table(pages, section.table)
        pages.ln(LINE / 3)
    for note in section.notes:
        pages.say(note)
        pages.ln(LINE / 3)


def _facts(pages: _Pages, facts: tuple[tuple[str, str], ...]) -> None:
    for label, value in facts:
        _keep_together(pages)
        pages.set_font("body", size=TEXT)
        top = pages.get_y()
        pages.cell(LABELS, LINE, readable(label))
        pages.set_xy(pages.l_margin + LABELS, top)
        pages.say(value, width=pages.epw - LABELS)


def _table(pages: _Pages, table: Table) -> None:
    _row(pages, table.columns, bold=True)
    for row in table.rows:
        _row(pages, row)
    for label, value in table.sums:
        _row(pages, (label, *([""] * (len(table.columns) - 2)), value), bold=True)


def _row(pages: _Pages, cells: tuple[str, ...], *, bold: bool = False) -> None:
    """The words, in as many lines as they need, then the short cells on the last of them: in the order of reading."""
    _keep_together(pages)
    left, top = pages.l_margin, pages.get_y()
    words_width = pages.epw - AMOUNTS * (len(cells) - 1)
    pages.set_draw_color(200)
    pages.line(left, top, left + pages.epw, top)
    pages.set_y(top + 1)
    pages.say(cells[0], width=words_width - 2, bold=bold)
    end = pages.get_y()
    for number, cell in enumerate(cells[1:]):
        pages.set_xy(left + words_width + number * AMOUNTS, end - LINE)
        align = Align.R if number == len(cells) - 2 else Align.L
        pages.cell(AMOUNTS, LINE, readable(cell), align=align)
    pages.set_xy(left, end + 1)


def _keep_together(pages: _Pages) -> None:
    """Begin no line of several cells at the very end of a page."""
    if pages.get_y() + LINE * 2 > pages.page_break_trigger:
        pages.add_page()
