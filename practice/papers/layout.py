"""A document as words in order: what the page, the print and the PDF all show, so that they can't differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

from practice.money import Money

LOCALE = "en_US"


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


@dataclass(frozen=True, slots=True)
class Stamp:
    """What issuing adds: the number, and the day in words."""

    number: str
    day: str


def amount(money: Money) -> str:
    """`$160.00`; `¥16,000` where the currency has no cents."""
    whole = Decimal(money.minor_units).scaleb(-get_currency_precision(money.currency))
    return format_currency(whole, money.currency, locale=LOCALE)


def in_words(day: date) -> str:
    """`March 1, 2027`."""
    return format_date(day, "MMMM d, yyyy", locale=LOCALE)


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
    )


def text_of(sheet: Sheet, stamp: Stamp) -> Iterator[str]:
    """Everything that it says, piece by piece, in the order in which it is read."""
    yield from sheet.sender
    yield sheet.title
    yield from ("Number", stamp.number, "Date", stamp.day)
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
