"""A document as words in order: what the page, the print and the PDF all show, so that they can't differ. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

from practice.languages import DEFAULT, LOCALES, N_
from practice.money import Money

LOCALE = "en_US"  # of amounts, in every language: they are compared with what a bank and an insurer write
DAYS = {"en": "MMMM d, yyyy", "es": "d 'de' MMMM 'de' yyyy"}
DAYS_IN_TABLES = {"en": "MMMM d, yyyy", "es": "d MMM yyyy"}  # a column has no room for more


def _as_written(message: str, **values: object) -> str:
    return message % values if values else message


@dataclass(frozen=True, slots=True)
class Voice:
    """In which language a document is written; `say` gives a sentence in it, with its values put in."""

    language: str = DEFAULT
    say: Callable[..., str] = _as_written

    def day(self, day: date) -> str:
        """`March 1, 2027`."""
        return in_words(day, self.language)

    def day_in_table(self, day: date) -> str:
        """The same, as short as a column wants it."""
        return format_date(day, DAYS_IN_TABLES[self.language], locale=LOCALES[self.language])


ENGLISH = Voice()


@dataclass(frozen=True, slots=True)
class Table:
    """Lines with what they add up to. The last column holds the amounts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: facts (what, and what it is), lines, and paragraphs, in this order."""

    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole document but for its number and date, which it gets when it is issued.

    `sender` is who writes: name, address and so on, a line each; `size` the paper to print it on: letter or a4.
    """

    title: str
    sender: tuple[str, ...]
    sections: tuple[Section, ...]
    size: str = "letter"
    language: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Stamp:
    """What issuing adds: the number, and the day in words. It says so in the document's own language."""

    number: str
    day: str
    voice: Voice = ENGLISH

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Both, as the head of the document has them."""
        return ((self.voice.say(N_("Number")), self.number), (self.voice.say(N_("Date")), self.day))

    @property
    def named(self) -> str:
        """What the document is called."""
        return self.voice.say(N_("Document %(number)s"), number=self.number)

    def foot(self, page: int, pages: str) -> str:
        """What stands at the foot of a page."""
        return self.voice.say(
            N_("Document %(number)s, page %(page)s of %(pages)s"), number=self.number, page=page, pages=pages
        )


def amount(money: Money) -> str:
    """`$160.00`; `¥16,000` where the currency has no cents."""
    whole = Decimal(money.minor_units).scaleb(-get_currency_precision(money.currency))
    return format_currency(whole, money.currency, locale=LOCALE)


def in_words(day: date, language: str = DEFAULT) -> str:
    """`March 1, 2027`."""
    return format_date(day, DAYS[language], locale=LOCALES[language])


def facts(*said: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Those facts that are known."""
    return tuple((label, value) for label, value in said if value)


def to_plain(sheet: Sheet) -> dict[str, Any]:
    """As JSON takes it."""
    return asdict(sheet)


def from_plain(plain: dict[str, Any]) -> Sheet:
    """The sheet that to_plain() was given."""
    return Sheet(
        title=plain["title"],
        sender=tuple(plain["sender"]),
        sections=tuple(_section(one) for one in plain["sections"]),
        size=plain["size"],
        language=plain.get("language", DEFAULT),
    )


def text_of(sheet: Sheet, stamp: Stamp) -> Iterator[str]:
    """Everything that it says, piece by piece, in the order in which it is read."""
    yield from sheet.sender
    yield sheet.title
    for fact in stamp.facts:
        yield from fact
    for section in sheet.sections:
        if section.heading:
            yield section.heading
        for fact in section.facts:
            yield from fact
        if section.table is not None:
            yield from section.table.columns
            for row in (*section.table.rows, *section.table.sums):
                yield from (cell for cell in row if cell)
        yield from section.notes


def _section(plain: dict[str, Any]) -> Section:
    table = plain["table"]
    return Section(
        heading=plain["heading"],
        facts=_pairs(plain["facts"]),
        table=Table(tuple(table["columns"]), tuple(tuple(row) for row in table["rows"]), _pairs(table["sums"]))
        if table
        else None,
        notes=tuple(plain["notes"]),
    )


def _pairs(plain: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in plain)
