"""The lines of an export for taxes, their sums, and the file. No names. Pure.

A line's `net` is `gross + other - fee - refund`, in minor units; the tax is within the gross, and goes back with
refunds and disputes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import get_currency_precision

from practice.csv_files import write_csv
from practice.money import included_tax
from practice.payments.snapshots import MovementKind

HEADINGS = (
    *("number", "date", "kind", "gross", "tax", "fee", "refund", "other", "net"),
    *("currency", "payout", "payout_date"),
)
GOES_BACK = (MovementKind.REFUND, MovementKind.DISPUTE)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2999


@dataclass(frozen=True)
class Entry:
    """One movement, as it is exported. `number` is our opaque reference, or empty where the money isn't ours."""

    number: str
    day: date
    kind: MovementKind
    gross: int
    tax: int
    fee: int
    refund: int
    other: int
    net: int
    currency: str
    payout: str
    payout_day: date | None


@dataclass(frozen=True)
class Sums:
    """The sums of one currency, in minor units."""

    currency: str
    gross: int = 0
    tax: int = 0
    fees: int = 0
    refunds: int = 0
    disputes: int = 0
    other: int = 0
    net: int = 0
    paid_out: int = 0


@dataclass(frozen=True)
class Period:
    """A month or a year of the practice's calendar: from `first` until before `end`."""

    name: str
    first: date
    end: date

    @property
    def is_year(self) -> bool:
        return len(self.name) == 4


def read_period(name: str) -> Period:
    """A period by its name, 2027-05 or 2027.

    :raises ValueError: for anything else.
    """
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", name)
    if found is None or not EARLIEST_YEAR <= int(found[1]) <= LATEST_YEAR:
        raise ValueError(name)
    year = int(found[1])
    if found[2] is None:
        return Period(name, date(year, 1, 1), date(year + 1, 1, 1))
    first = date(year, int(found[2]), 1)
    return Period(name, first, date(year + first.month // 12, first.month % 12 + 1, 1))


def entry(
    kind: MovementKind,
    amounts: tuple[int, int, int],
    currency: str,
    *,
    number: str,
    day: date,
    percent: str | None,
    payout: tuple[str, date] | None,
) -> Entry:
    """A line of a movement; `amounts` are its gross, fee and net. What isn't ours (no `number`) has no tax of ours."""
    gross, fee, net = amounts
    taxed = number and (kind is MovementKind.CHARGE or kind in GOES_BACK)
    is_charge, is_fee, back = kind is MovementKind.CHARGE, kind is MovementKind.FEE, kind in GOES_BACK
    return Entry(
        number=number,
        day=day,
        kind=kind,
        gross=gross if is_charge else 0,
        tax=included_tax(gross, percent) if taxed else 0,
        fee=fee - gross if is_fee else fee,
        refund=-gross if back else 0,
        other=0 if is_charge or is_fee or back else gross,
        net=net,
        currency=currency,
        payout=payout[0] if payout else "",
        payout_day=payout[1] if payout else None,
    )


def add_up(entries: Iterable[Entry], paid_out: Iterable[tuple[str, int]]) -> list[Sums]:
    """The sums by currency, of lines and of what arrived at the bank."""
    totals: dict[str, dict[str, int]] = {}

    def add(currency: str, **amounts: int) -> None:
        total = totals.setdefault(currency, {})
        for name, amount in amounts.items():
            total[name] = total.get(name, 0) + amount

    for one in entries:
        disputed = one.kind is MovementKind.DISPUTE
        add(one.currency, gross=one.gross, tax=one.tax, fees=one.fee, other=one.other, net=one.net)
        add(one.currency, **{"disputes" if disputed else "refunds": one.refund})
    for currency, amount in paid_out:
        add(currency, paid_out=amount)
    return [Sums(currency, **totals[currency]) for currency in sorted(totals)]


def write_lines(entries: Sequence[Entry]) -> str:
    """The file: headings, then a line for each movement."""
    return write_csv(HEADINGS, [_cells(one) for one in entries])


def plain_amount(minor: int, currency: str) -> str:
    """160.00 or -40.50, with the currency's own number of digits."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}}" if digits else f"{sign}{whole}"


def _cells(one: Entry) -> list[str]:
    amounts = (one.gross, one.tax, one.fee, one.refund, one.other, one.net)
    written = [plain_amount(amount, one.currency) for amount in amounts]
    payout_day = one.payout_day.isoformat() if one.payout_day else ""
    return [one.number, one.day.isoformat(), str(one.kind), *written, one.currency, one.payout, payout_day]
