"""A request that is read before its card is charged: kept while somebody decides, then taken, refused, or run out.

Only the worker of a booking's money calls what confirms it; here is what happens to the time. Each runs in its caller's
work, on a locked booking.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from practice.booking.claims import SlotTaken, release
from practice.booking.lifecycle import State, Trigger
from practice.booking.messages import ReviewBegun, ReviewEnded
from practice.booking.models import Booking
from practice.booking.offers.queries import offer_by_ids
from practice.booking.placing import Placed, place
from practice.booking.steps import free, move
from practice.booking.waiting import actions as waiting
from practice.errors import Conflict
from practice.languages import N_
from practice.work import Work

KEPT_AGAIN = timedelta(days=2)
"""How long a time is kept once more for somebody whose request ran out without an answer."""


class TooLateToAccept(Conflict):
    """The time has begun, or the authorisation is about to lapse."""

    title = N_("This request has run out")
    way_out = N_("Its time can’t be confirmed any more. Write to the client, or keep another time for them.")


def put_in_review(work: Work, booking: Booking, until: datetime) -> None:
    """The card is authorised: the time is kept until somebody decides, at most until `until`."""
    move(work, booking, Trigger.PAYMENT_AUTHORISED)
    booking.deadline_at = until
    booking.authorised_at = work.now
    booking.payable = False
    work.post(ReviewBegun(booking.reference))


def approve(work: Work, booking: Booking) -> bool:
    """Somebody said yes. It is confirmed once its sum is taken. False when nothing waits for a yes.

    :raises TooLateToAccept: when the time has begun, or the review has run out.
    """
    if booking.state is not State.IN_REVIEW or booking.approved_at is not None:
        return False
    if booking.starts_at <= work.now or booking.deadline_at is None or booking.deadline_at <= work.now:
        raise TooLateToAccept
    booking.approved_at = work.now
    booking.updated_at = work.now
    return True


def end_review(work: Work, booking: Booking, trigger: Trigger) -> None:
    """The client withdraws (CANCEL), or the practice says no (DECLINE): nothing was taken, and nothing will be."""
    move(work, booking, trigger)
    booking.deadline_at = None
    free(work, booking)
    work.post(ReviewEnded(booking.reference))


def lapse(work: Work, booking: Booking) -> None:
    """Nobody decided in time. Where it can be, the same time is kept for the same client once more.

    The price that was agreed stays, and a yes that came too late for the bank counts: nobody has to read it again.
    """
    move(work, booking, Trigger.AUTHORISATION_LAPSED)
    booking.deadline_at = None
    release(work.session, booking)
    again = _keep_again(work, booking)
    if again is None:
        free(work, booking)
    else:
        waiting.note_ended(work, booking)
    work.post(ReviewEnded(booking.reference, again or ""))


def _keep_again(work: Work, booking: Booking) -> str | None:
    """The booking that keeps the time once more; None where it has begun, or isn't offered or doesn't fit any more."""
    deadline = min(work.now + KEPT_AGAIN, booking.starts_at)
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    if offer is None or deadline <= work.now:
        return None
    reviewed = booking.review_first and booking.approved_at is None
    wanted = Placed(
        booking.person_id, offer, booking.starts_at, State.RESERVED, deadline, booking.price, review_first=reviewed
    )
    try:
        return place(work, wanted)[1]
    except SlotTaken:  # its pauses are longer by now, or its room is no longer one that fits
        return None
