"""Which price holds for somebody. Pure: what was agreed goes in, a sum comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from practice.money import Money

BASIS_POINTS = 10_000  # how finely the scale is kept: hundredths of a percent


@dataclass(frozen=True, slots=True)
class Agreed:
    """One agreement, as values. `number` counts a person's agreements in the order in which they were made.

    Without `offering_id` it is about the scale, and `share` is the step; with one it is about that offering alone, and
    `price` is what it costs. Neither of them: from then on nothing is agreed about it. `last_day` None is open-ended.
    """

    number: int
    offering_id: int | None
    share: Fraction | None
    price: Money | None
    first_day: date
    last_day: date | None

    def covers(self, day: date) -> bool:
        """Whether it is about what is held on that day; its first and its last day count."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def price_on(listed: Money, agreements: Iterable[Agreed], offering_id: int, day: date) -> Money:
    """What somebody pays for an offering whose time they hold on `day`, a date of the practice's calendar.

    The day of holding counts, and not the day of the session: what the page shows is what is agreed, and an agreement
    that begins or ends in between changes nothing. A price for this offering goes before a step of the scale, and that
    before the price of the list. Of several about the same, the one that was made last holds on the days that it names;
    outside them the earlier ones go on. A share is computed exactly and rounded once, down, to what the currency
    counts in.
    """
    known = list(agreements)
    own = in_force(known, offering_id, day)
    if own is not None and own.price is not None:
        return own.price
    step = in_force(known, None, day)
    if step is not None and step.share is not None:
        exact = listed.minor_units * step.share
        return Money(exact.numerator // exact.denominator, listed.currency)
    return listed


def in_force(agreements: Iterable[Agreed], offering_id: int | None, day: date) -> Agreed | None:
    """The agreement about an offering, or without one about the scale, that counts on a day."""
    those = (one for one in agreements if one.offering_id == offering_id and one.covers(day))
    return max(those, key=lambda one: one.number, default=None)
