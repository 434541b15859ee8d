"""A session that doesn't take place, though whoever booked it didn't cancel: nobody pays for that.

Part of what changes a booking. Each runs in its caller's work, on a locked booking.
"""

from __future__ import annotations

from practice.booking.actions import StaffDecision, cancel_by_staff, spare
from practice.booking.lifecycle import State, Trigger
from practice.booking.models import Booking
from practice.booking.policy import WHOLE
from practice.booking.reviewing import end_review
from practice.work import Work


def call_off(work: Work, booking: Booking, actor: str) -> None:
    """End it without any fee, with all that was paid going back. A payment that still comes goes back too.

    What has begun, or was ended before, stays as it is.
    """
    if booking.starts_at <= work.now or booking.called_off_at is not None:
        return
    if booking.state in (State.CANCELLED, State.DECLINED, State.ATTENDED, State.MISSED):
        return
    booking.called_off_at = work.now
    spare(work, booking)
    if booking.state is State.IN_REVIEW:
        end_review(work, booking, Trigger.CANCEL)
    else:
        cancel_by_staff(work, booking, StaffDecision(actor, WHOLE))
