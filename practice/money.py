"""Amounts of money in whole minor units (cents), so that nothing is ever lost to a fraction."""

import re
from dataclasses import dataclass
from fractions import Fraction

from practice.languages import N_

PERCENT = re.compile(r"(\d{1,2})(?:[.,](\d{1,3}))?")
ISO_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is asked, paid or given back: never negative, always of one currency.

    `minor_units` is what the currency counts in (cents for USD, whole yen for JPY); `currency` an ISO 4217 code.
    :raises ValueError: for a negative amount or something that isn't shaped like a code.
    :raises TypeError: for an amount that isn't a whole number.
    """

    minor_units: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor_units) is not int:
            raise TypeError(f"an amount in minor units is a whole number, not {self.minor_units!r}")
        if self.minor_units < 0:
            raise ValueError(f"an amount cannot be negative: {self.minor_units}")
        if not ISO_CODE.fullmatch(self.currency):
            raise ValueError(f"a currency is three capital letters, not {self.currency!r}")

    def __bool__(self) -> bool:
        """False for nothing to pay."""
        return self.minor_units > 0

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor_units + other.minor_units, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """What is left.

        :raises ValueError: when more is taken than there is.
        """
        self._same_currency(other)
        return Money(self.minor_units - other.minor_units, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor_units < other.minor_units

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor_units <= other.minor_units

    def share(self, part: Fraction) -> "Money":
        """A part of the amount, from none to all; half a minor unit rounds up, to the client's favour in a refund.

        :raises ValueError: for a part below 0 or above 1.
        """
        if not 0 <= part <= 1:
            raise ValueError(f"a share lies between 0 and 1, not {part}")
        exact = self.minor_units * part
        return Money((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} don't add up")


def read_percent(typed: str) -> str | None:
    """A rate of tax as it is kept: 19, or 8.875; None for none.

    :raises ValueError: saying how to write it, marked for the catalogues.
    """
    words = typed.strip().removesuffix("%").strip()
    found = PERCENT.fullmatch(words) if words else None
    if words and (found is None or not words.isascii()):
        raise ValueError(N_("Write the rate like 19 or 8.875, below 100, with three digits after the point at most."))
    if found is None:
        return None
    whole, rest = str(int(found[1])), (found[2] or "").rstrip("0")
    rate = f"{whole}.{rest}" if rest else whole
    return rate if rate != "0" else None


def included_tax(minor_units: int, percent: str | None) -> int:
    """The tax within an amount of a line, in minor units: the amount * rate / (100 + rate).

    Computed exactly, then rounded once for each line; half a minor unit goes away from zero, so that what goes back in
    one piece takes back the tax that came with it. Sums add up lines and are never rounded again.
    """
    if percent is None:
        return 0
    rate = Fraction(percent)
    exact = abs(minor_units) * rate / (100 + rate)
    rounded = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return rounded if minor_units >= 0 else -rounded
