"""What a decision about a request touches: which bookings are waiting for it or end by it, and what goes back."""

from __future__ import annotations

from collections.abc import Sequence

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_bookings_of
from practice.intake.models import Intake
from practice.intake.queries import find_request
from practice.money import Money
from practice.payments.reviews import is_undecided


def is_latest(intake: Intake) -> bool:
    """Whether it is what the person sent last to book: what they may book, and booked by it, follows that one alone."""
    latest = find_request(intake.person)
    return latest is not None and latest.id == intake.id


def list_ending(intake: Intake) -> list[Booking]:
    """The bookings that end when this intake is declined; none when the person has sent a newer one."""
    if not is_latest(intake):
        return []
    ending = (State.RESERVED, State.HELD, State.RELEASING, State.IN_REVIEW, State.CONFIRMED)
    return [booking for booking in find_bookings_of(intake.person) if booking.state in ending]


def find_reviewed(intake: Intake) -> list[Booking]:
    """The bookings whose card is authorised and that wait for a yes, in order of id."""
    return [one for one in reversed(find_bookings_of(intake.person)) if is_undecided(one)]


def as_seen(bookings: Sequence[Booking]) -> str:
    """Which bookings these are and how they stand, to tell whether a page still says the truth."""
    return ",".join(sorted(f"{booking.reference}:{booking.state}" for booking in bookings))


def refund_for(bookings: Sequence[Booking]) -> list[Money]:
    """What goes back in full, one sum for each currency that was paid in; empty when nothing was paid."""
    sums: dict[str, int] = {}
    for booking in bookings:
        if booking.state is State.CONFIRMED:
            sums[booking.currency] = sums.get(booking.currency, 0) + booking.kept.minor_units
    return [Money(minor, currency) for currency, minor in sorted(sums.items()) if minor]
