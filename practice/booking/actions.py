"""What changes a booking. The only writer of booking's tables; each action runs in its caller's work."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select

from practice.booking.claims import claim, release
from practice.booking.lifecycle import State, Trigger, next_state
from practice.booking.messages import (
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingReleasing,
    CheckoutDeadline,
)
from practice.booking.models import Booking, Eligibility
from practice.booking.policy import WHOLE, refund_share
from practice.booking.queries import OVER, Offer, find_held, lock_eligibility, terms_now
from practice.booking.slots import open_slots
from practice.errors import Conflict, NotFound, Refused
from practice.people import Person
from practice.tokens import reference
from practice.work import Work

HOLD_LIFE = timedelta(minutes=10)
ELIGIBLE_FOR = timedelta(days=30)
BOOKINGS = cast(Table, Booking.__table__)
ADD_BOOKING = insert(BOOKINGS).returning(BOOKINGS.c.id)  # rows, not objects: a hold must be over soon


class NotOffered(Conflict):
    """The time was never open, or is not open any more."""

    title = "That time isn’t open"
    way_out = "Please choose one of the open times."


class NotEligible(Refused):
    """The intake that says what this person may book is missing, has run out, or says something else."""

    title = "A few questions come first"
    way_out = "Start with the short intake, or choose a session that fits your answers."


class TermsChanged(Conflict):
    """What cancelling costs is not what the client read before deciding."""

    title = "What cancelling costs has changed"
    way_out = "Look at your booking again. Nothing was cancelled."


@dataclass(frozen=True)
class Grant:
    """What an intake lets a person book: the attendance, places and region that fit, and nothing of why."""

    attendance: Sequence[str]
    places: Sequence[str]
    region: str


def grant_eligibility(work: Work, person: Person, grant: Grant) -> None:
    """Let this person book what the grant says, for ELIGIBLE_FOR from now; replaces an earlier grant."""
    row = work.session.get(Eligibility, person.id) or Eligibility(person_id=person.id)
    row.attendance = list(grant.attendance)
    row.places = list(grant.places)
    row.region = grant.region
    row.expires_at = work.now + ELIGIBLE_FOR
    work.session.add(row)


def hold_slot(work: Work, person_id: int, offer: Offer, start: datetime) -> str:
    """Hold an open time for a person while they pay; the reference of the booking.

    An earlier hold of theirs is let go in the same work.

    :raises NotEligible: when their intake doesn't allow this offering with this therapist.
    :raises NotOffered: when the time is outside what is offered.
    :raises SlotTaken: when it is somebody else's.
    """
    eligibility = lock_eligibility(person_id)
    if eligibility is None or not eligibility.covers(offer.attendance, offer.place, offer.licence_places, work.now):
        raise NotEligible
    for held in find_held(person_id):
        same = (held.therapist_id, held.offering_id, held.starts_at) == (offer.therapist_id, offer.offering_id, start)
        if same and held.deadline_at > work.now:
            return str(held.reference)  # a double click, or back and again: the time is theirs already
        let_go(work, lock(work, held.reference))
    _refuse_unless_offered(offer, start, work.now)
    blocked = offer.rules.blocked(start)
    named, deadline = reference("b"), work.now + HOLD_LIFE
    booking = {
        "reference": named,
        "uid": f"{uuid.uuid4()}@appointments",
        "therapist_id": offer.therapist_id,
        "offering_id": offer.offering_id,
        "person_id": person_id,
        "state": State.HELD,
        "starts_at": start,
        "ends_at": start + offer.rules.session,
        "blocked_from": blocked.start,
        "blocked_until": blocked.end,
        "price_minor": offer.price.minor_units,
        "currency": offer.price.currency,
        "held_at": work.now,
        "deadline_at": deadline,
        "updated_at": work.now,
    }
    booking_id = work.session.connection().execute(ADD_BOOKING, booking).scalar_one()
    claim(work.session, booking_id, blocked, [offer.resource_id])
    _post_deadline(work, named, deadline)
    return named


def lock(work: Work, reference: str) -> Booking:
    """The booking, locked until the work ends, as the database has it now.

    :raises NotFound: when there is none of this reference.
    """
    found = select(Booking).where(Booking.reference == reference).with_for_update(of=Booking)
    booking = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def open_checkout(work: Work, booking: Booking, deadline: datetime) -> None:
    """Note that the client can pay from now until `deadline`; the time stays theirs at least as long."""
    if booking.state is not State.HELD:
        raise Conflict
    booking.payable = True
    booking.deadline_at = deadline
    booking.updated_at = work.now
    _post_deadline(work, booking.reference, deadline)


def begin_release(work: Work, booking: Booking) -> None:
    """Give up a hold whose deadline is over: still claimed, until nothing can be paid for it any more."""
    if booking.state is not State.HELD or booking.deadline_at is None or booking.deadline_at > work.now:
        return
    _move(work, booking, Trigger.CHECKOUT_DEADLINE)
    work.post(BookingReleasing(booking.reference, booking.deadline_at.isoformat()))


def let_go(work: Work, booking: Booking) -> None:
    """The client (or staff) gives a held time back. Free at once, unless a checkout may still be open."""
    if booking.state is not State.HELD:
        return
    if booking.payable:
        _move(work, booking, Trigger.CANCEL_WHILE_PAYABLE)
        work.post(BookingReleasing(booking.reference, work.now.isoformat()))
        return
    _move(work, booking, Trigger.CANCEL)
    release(work.session, booking)


def expire(work: Work, booking: Booking) -> None:
    """Nothing can be paid any more: free the time."""
    if booking.state is not State.RELEASING:
        return
    _move(work, booking, Trigger.NOTHING_PAYABLE_LEFT)
    booking.payable = False
    release(work.session, booking)
    work.post(BookingExpired(booking.reference, work.now.isoformat()))


def confirm(work: Work, booking: Booking) -> None:
    """The payment is settled: the session stands. An expired booking takes its time again.

    :raises SlotTaken: when it had expired and somebody else has the time now; nothing was changed.
    """
    if booking.state is State.EXPIRED:
        claim(work.session, booking.id, booking.blocked, [booking.therapist.resource_id])
    _move(work, booking, Trigger.PAYMENT_SETTLED)
    booking.confirmed_at = work.now
    booking.deadline_at = None
    booking.payable = False
    work.post(BookingConfirmed(booking.reference, booking.sequence))


def cancel(work: Work, booking: Booking) -> Fraction:
    """The client cancels; the share of the price that goes back, by the policy. A held time is simply let go.

    Cancelling again changes nothing, and neither does cancelling a session that has begun.
    """
    if booking.state in (State.HELD, State.RELEASING):
        let_go(work, booking)
        return WHOLE
    if booking.state is not State.CONFIRMED or booking.starts_at <= work.now:
        return Fraction(0)
    share = refund_share(booking.offering.cancellation, starts=booking.starts_at, cancelled=work.now)
    _end_confirmed(work, booking, Trigger.CANCEL, share)
    return share


def cancel_as_shown(work: Work, booking: Booking, shown: str) -> None:
    """Cancel on the terms that the client read, as terms_now() wrote them then.

    :raises TermsChanged: when they are others by now: paid in another window, or the free time ran out meanwhile.
    """
    terms = terms_now(booking, work.now)
    if terms == OVER:
        return
    if terms != shown:
        raise TermsChanged
    cancel(work, booking)


def decline(work: Work, booking: Booking) -> bool:
    """The practice declines: whatever was or will be paid goes back in full. False when nothing was left to decline."""
    if booking.state in (State.HELD, State.RELEASING):
        booking.declined_at = work.now  # a payment under way must not confirm what was declined
        let_go(work, booking)
        return True
    if booking.state is not State.CONFIRMED:
        return False
    booking.declined_at = work.now
    _end_confirmed(work, booking, Trigger.DECLINE, WHOLE)
    return True


def _end_confirmed(work: Work, booking: Booking, trigger: Trigger, share: Fraction) -> None:
    _move(work, booking, trigger)
    booking.sequence += 1
    release(work.session, booking)
    work.post(
        BookingCancelled(
            booking.reference,
            booking.sequence,
            refund_numerator=share.numerator,
            refund_denominator=share.denominator,
        )
    )


def _move(work: Work, booking: Booking, trigger: Trigger) -> None:
    booking.state = next_state(booking.state, trigger)
    booking.updated_at = work.now
    work.session.flush()


def _post_deadline(work: Work, reference: str, deadline: datetime) -> None:
    work.post(CheckoutDeadline(reference, deadline.isoformat()), due=deadline)


def _refuse_unless_offered(offer: Offer, start: datetime, now: datetime) -> None:
    """Whether hours and rules offer this start. Whether it is still free, the claims decide."""
    day = start.astimezone(ZoneInfo(offer.schedule.zone)).date()
    offered = open_slots(offer.schedule, offer.rules, [], now=now, first=day, last=day)
    if all(span.start != start for span in offered):
        raise NotOffered
