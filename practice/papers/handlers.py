"""What documents do when something happened to a booking."""

from __future__ import annotations

from contextlib import suppress

from practice.booking import actions as booking_actions
from practice.booking.messages import BookingMoved, ReviewEnded, TimeOffered, TimeReserved
from practice.papers import estimates
from practice.work import begin_work


def on_booking_moved(message: BookingMoved) -> None:
    """A session has another time: whoever has an estimate gets one for that."""
    with begin_work() as work, suppress(estimates.NotKnownWhose):  # forgotten since
        estimates.renew(work, booking_actions.lock(work, message.reference))


def on_time_kept(message: TimeReserved | TimeOffered) -> None:
    """The practice keeps a time for somebody: the days for its estimate count from now."""
    _make_where_known(message.reference)


def on_review_ended(message: ReviewEnded) -> None:
    """Nobody decided in time, and the time is kept once more: that is another booking, with an estimate of its own."""
    if message.again:
        _make_where_known(message.again)


def _make_where_known(reference: str) -> None:
    with begin_work() as work, suppress(estimates.NotKnownWhose):  # then it is made when they say so, before they pay
        booking = booking_actions.lock(work, reference)
        if estimates.can_be_made(booking, work.now, work.session):
            estimates.make(work, booking, "worker")
