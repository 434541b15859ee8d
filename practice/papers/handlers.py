"""What documents do when something happened to a booking."""

from __future__ import annotations

from contextlib import suppress

from practice.booking import actions as booking_actions
from practice.booking.messages import BookingMoved
from practice.papers import estimates
from practice.work import begin_work


def on_booking_moved(message: BookingMoved) -> None:
    """A session has another time: whoever has an estimate gets one for that."""
    with begin_work() as work, suppress(estimates.NotKnownWhose):  # forgotten since
        estimates.renew(work, booking_actions.lock(work, message.reference))
