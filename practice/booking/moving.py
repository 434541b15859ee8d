"""Another time for a session that stands: claims are swapped in one work, and the calendar object stays the same."""

from __future__ import annotations

from datetime import datetime

from practice.audit import record
from practice.booking.actions import lock
from practice.booking.claims import release
from practice.booking.holding import NotOffered, refuse_if_busy, refuse_unless_offered
from practice.booking.licence import fits
from practice.booking.lifecycle import State, Trigger, next_state
from practice.booking.messages import BookingMoved
from practice.booking.models import Booking
from practice.booking.offers.queries import Offer
from practice.booking.placing import claim_again, lock_resources
from practice.booking.queries import find_eligibility, may_move
from practice.booking.waiting import actions as waiting
from practice.errors import Conflict
from practice.languages import N_
from practice.spans import aligned
from practice.work import Work


class TooLateToMove(Conflict):
    """The time until which a client can choose another time is over."""

    title = N_("This can’t be moved any more")
    way_out = N_("It was possible for as long as cancelling is free. Call us if you can’t come.")


class MovedMeanwhile(Conflict):
    """It has another time by now than the page said."""

    title = N_("Your appointment has another time by now")
    way_out = N_("Look at it again. Nothing was changed.")


class LicenceEnded(Conflict):
    """The therapist's licence doesn't reach any more to where the client will be."""

    title = N_("This appointment can’t be moved here")
    way_out = N_("Call or write to us, and we find another time with you. It stands as it is until then.")


def move_as_client(work: Work, reference: str, offer: Offer, start: datetime, *, seen: int) -> None:
    """The client chooses another open time of the same offer. `seen` is the sequence of the booking that they read.

    What was agreed to pay stays, whatever the offering costs by now. Asking for the time that it has changes nothing.

    :raises TooLateToMove: once cancelling isn't free any more, or when there is nothing to move.
    :raises MovedMeanwhile: when it was moved since they read it.
    :raises NotOffered: when the time is outside what is offered.
    :raises LicenceEnded: when the therapist isn't licensed any more where they said that they will be.
    :raises SlotTaken: when it is somebody else's; the session keeps the time that it had.
    """
    booking = lock(work, reference)
    if booking.starts_at == start and booking.state is State.CONFIRMED:
        return
    if not may_move(booking, work.now):
        raise TooLateToMove
    if booking.sequence != seen:
        raise MovedMeanwhile
    eligibility = find_eligibility(booking.person)
    if eligibility is not None and eligibility.region and not fits([eligibility.region], offer.licence_places):
        raise LicenceEnded
    lock_resources(work, _resources(booking, offer))
    refuse_unless_offered(offer, start, work.now, leaving=booking.starts_at)
    refuse_if_busy(work, offer, start)
    _move(work, booking, offer, start)
    record(work, f"client:{booking.person.reference}", "session_moved", reference)


def move_as_staff(work: Work, reference: str, offer: Offer, start: datetime) -> None:
    """Staff choose another time, whenever they think right: only the clock and what is claimed bind them.

    :raises TooLateToMove: when there is nothing to move.
    :raises NotOffered: when the time is past or not on five minutes.
    :raises SlotTaken: when it is somebody else's; the session keeps the time that it had.
    """
    booking = lock(work, reference)
    if booking.starts_at == start:
        return
    if booking.state is not State.CONFIRMED:
        raise TooLateToMove
    if start <= work.now or not aligned(start):
        raise NotOffered
    lock_resources(work, _resources(booking, offer))
    _move(work, booking, offer, start)


def _move(work: Work, booking: Booking, offer: Offer, start: datetime) -> None:
    if (offer.therapist_id, offer.offering_id) != (booking.therapist_id, booking.offering_id):
        raise NotOffered
    freed, resources = booking.blocked, booking.resource_ids
    release(work.session, booking)
    blocked = offer.rules.blocked(start)
    claim_again(work, booking, blocked, offer.rooms)
    booking.state = next_state(booking.state, Trigger.RESCHEDULE)
    booking.starts_at, booking.ends_at = start, start + offer.rules.session
    booking.blocked_from, booking.blocked_until = blocked.start, blocked.end
    booking.sequence += 1
    booking.updated_at = work.now
    work.session.flush()
    work.post(BookingMoved(booking.reference, booking.sequence))
    waiting.offer_freed(work, freed, resources, booking.person_id)


def _resources(booking: Booking, offer: Offer) -> list[int]:
    """Everything whose time the move may touch; locked in order of id, so that two moves can't deadlock."""
    rooms = [room.resource_id for room in offer.rooms or ()]
    return [*booking.resource_ids, *rooms]
