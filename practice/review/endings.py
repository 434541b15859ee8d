"""What a decision about a request touches: which bookings are waiting for it or end by it, and what goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.booking.policy import TermsKind, once_waived
from practice.booking.queries import cancellation_terms, fee_by, find_bookings_of
from practice.intake.models import Intake
from practice.intake.queries import find_request
from practice.money import Money
from practice.payments.reviews import is_undecided


@dataclass(frozen=True)
class Ending:
    """A booking that ends by the usual policy: on which terms, what goes back, and which fee may be charged at most."""

    booking: Booking
    kind: TermsKind
    refund: Money
    fee: Money


def is_latest(intake: Intake) -> bool:
    """Whether it is what the person sent last to book: what they may book, and booked by it, follows that one alone."""
    latest = find_request(intake.person)
    return latest is not None and latest.id == intake.id


def list_ending(intake: Intake, now: datetime) -> list[Booking]:
    """The bookings that end with this request, in order of id; none when the person has sent a newer one.

    A session that has begun is none of them: it takes place, or took place, and staff say later whether they came.
    """
    if not is_latest(intake):
        return []
    ending = (State.RESERVED, State.HELD, State.RELEASING, State.IN_REVIEW)
    return [
        booking
        for booking in reversed(find_bookings_of(intake.person))
        if booking.state in ending or (booking.state is State.CONFIRMED and booking.starts_at > now)
    ]


def find_reviewed(intake: Intake) -> list[Booking]:
    """The bookings whose card is authorised and that wait for a yes, in order of id."""
    return [one for one in reversed(find_bookings_of(intake.person)) if is_undecided(one)]


def keeps_time(intake: Intake) -> bool:
    """Whether a time is kept for whoever sent it: booked, being paid, or waiting for a yes."""
    return any(booking.state in CLAIMING for booking in find_bookings_of(intake.person))


def as_seen(bookings: Sequence[Booking]) -> str:
    """Which bookings these are and how they stand, to tell whether a page still says the truth."""
    return ",".join(sorted(f"{booking.reference}:{booking.state}" for booking in bookings))


def reckon(bookings: Sequence[Booking], now: datetime) -> list[Ending]:
    """What comes of each of somebody's bookings that end by the usual policy, one after the other in this order.

    Their one free late cancellation goes to the first that needs it; the ones after it are charged.
    """
    endings, waiver_spent = list[Ending](), False
    for booking in bookings:
        terms = cancellation_terms(booking, now)
        if terms.kind is TermsKind.WAIVED and waiver_spent:
            terms = once_waived(booking.offering.cancellation, starts=booking.starts_at, now=now)
        waiver_spent = waiver_spent or terms.kind is TermsKind.WAIVED
        endings.append(Ending(booking, terms.kind, booking.kept.share(terms.share), fee_by(booking, terms)))
    return endings


def terms_seen(endings: Sequence[Ending]) -> str:
    """Which bookings end, how they stand and what comes of each, to tell whether a page still says the truth."""
    return ",".join(
        f"{one.booking.reference}:{one.booking.state}:{one.kind} {one.refund.minor_units} {one.fee.minor_units}"
        for one in endings
    )


def refund_for(bookings: Sequence[Booking]) -> list[Money]:
    """What goes back in full, one sum for each currency that was paid in; empty when nothing was paid."""
    sums: dict[str, int] = {}
    for booking in bookings:
        if booking.state is State.CONFIRMED:
            sums[booking.currency] = sums.get(booking.currency, 0) + booking.kept.minor_units
    return [Money(minor, currency) for currency, minor in sorted(sums.items()) if minor]
