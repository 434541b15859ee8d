"""Fields that staff's forms are made of, and how people write amounts and lists."""

from __future__ import annotations

import re
from typing import Any

from babel.numbers import get_currency_precision
from wtforms import DateField, IntegerField, SelectMultipleField, TimeField
from wtforms.widgets import CheckboxInput, ListWidget

from practice.booking.offers.checks import HIGHEST_PRICE
from practice.money import Money


class ClockField(TimeField):
    """A wall time, as in 09:00."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the time like 09:00 or 17:30.") from None


class DayField(DateField):
    """A date of the calendar."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the date like 2027-05-31.") from None


class WholeField(IntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: Any) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            if not re.fullmatch(r"-?[0-9]{1,9}", valuelist[0].strip()):
                raise ValueError("Write a whole number.")
            self.data = int(valuelist[0])


class TicksField(SelectMultipleField):
    """Any of several, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def words_of(typed: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(word.strip() for word in typed.split(",") if word.strip())


def read_amount(typed: str, currency: str) -> int:
    """An amount as people write it, in minor units; below zero too, so that it can be refused in words.

    :raises ValueError: saying how to write it.
    """
    digits = get_currency_precision(currency)
    cents = rf"([.,]([0-9]{{1,{digits}}}))?" if digits else ""
    found = re.fullmatch(rf"(-?)([0-9]{{1,9}}){cents}", typed.strip())
    if found is None:
        example = "160 or 172.50" if digits == 2 else "160"
        raise ValueError(f"Write the price like {example}, without letters or marks between thousands.")
    minor = found[4].ljust(digits, "0") if digits and found[4] else "0" * digits
    amount = int(found[2] + minor)
    return -amount if found[1] else min(amount, HIGHEST_PRICE + 1)


def write_amount(amount: Money) -> str:
    """The same the other way round: 160, or 172.50."""
    digits = get_currency_precision(amount.currency)
    whole, rest = divmod(amount.minor_units, 10**digits)
    return f"{whole}.{rest:0{digits}}" if rest else str(whole)
