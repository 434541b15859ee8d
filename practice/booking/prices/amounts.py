"""How people write sums and shares, read and written."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from babel.numbers import get_currency_precision

from practice.booking.offers.checks import HIGHEST_PRICE
from practice.money import Money
from practice.speaking import gettext as _
from practice.speaking import pgettext

PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")

HOW_TO_WRITE: dict[str, Callable[[str], str]] = {
    "price": lambda like: _("Write the price like %(like)s, without letters or marks between thousands.", like=like),
    "amount": lambda like: _("Write the amount like %(like)s, without letters or marks between thousands.", like=like),
    "fee": lambda like: _("Write the fee like %(like)s, without letters or marks between thousands.", like=like),
    "session": lambda like: pgettext(
        "of a session", "Write the fee like %(like)s, without letters or marks between thousands.", like=like
    ),
}


def read_amount(typed: str, currency: str, what: Literal["price", "amount", "fee", "session"] = "price") -> int:
    """An amount as people write it, in minor units; below zero too, so that it can be refused in words.

    :raises ValueError: saying how to write it, in the language of the answer.
    """
    digits = get_currency_precision(currency)
    cents = rf"([.,]([0-9]{{1,{digits}}}))?" if digits else ""
    found = re.fullmatch(rf"(-?)([0-9]{{1,9}}){cents}", typed.strip())
    if found is None:
        raise ValueError(HOW_TO_WRITE[what](_("160 or 172.50") if digits == 2 else "160"))
    minor = found[4].ljust(digits, "0") if digits and found[4] else "0" * digits
    amount = int(found[2] + minor)
    return -amount if found[1] else min(amount, HIGHEST_PRICE + 1)


def write_amount(amount: Money) -> str:
    """The same the other way round: 160, or 172.50."""
    digits = get_currency_precision(amount.currency)
    whole, rest = divmod(amount.minor_units, 10**digits)
    return f"{whole}.{rest:0{digits}}" if rest else str(whole)


def read_share(typed: str) -> int:
    """A share of the price as people write it, 80 or 62.5 %, in basis points.

    :raises ValueError: saying how to write it, in the language of the answer.
    """
    found = PERCENT.fullmatch(typed.strip().removesuffix("%").strip())
    points = int(found[1] + (found[2] or "").ljust(2, "0")) if found else -1
    if not 0 <= points <= 10_000:
        raise ValueError(_("Write the share in percent, like 80 or 62.5, from 0 to 100."))
    return points


def write_share(share: Fraction) -> str:
    """The same the other way round: 80 %, or 62.5 %."""
    whole, rest = divmod(int(share * 10_000), 100)
    return f"{whole}.{rest:02}".rstrip("0") + " %" if rest else f"{whole} %"
