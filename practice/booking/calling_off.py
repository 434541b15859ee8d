"""Calling a session off: it doesn't take place, though whoever booked it didn't cancel, and nobody pays for that.

A therapist is ill, somebody needs a pause, a clinician would rather see two people one by one: whoever was to come
hears the same words of all of it, and so the words tell nobody anything. Part of what changes a booking; each runs in
its caller's work, on a locked booking.
"""

from __future__ import annotations

from datetime import datetime

from practice.booking.actions import StaffDecision, cancel_by_staff, spare
from practice.booking.lifecycle import State, Trigger
from practice.booking.models import Booking
from practice.booking.policy import WHOLE
from practice.booking.reviewing import end_review
from practice.errors import Conflict
from practice.languages import N_
from practice.work import Work


class NothingToCallOff(Conflict):
    """The session doesn't stand (any more), or has begun."""

    title = N_("There is nothing to call off")
    way_out = N_("Look at the session as it stands now. Nothing was changed.")


def may_be_called_off(booking: Booking, now: datetime) -> bool:
    """Whether the session stands and is still to come."""
    return booking.state is State.CONFIRMED and booking.starts_at > now


def call_off(work: Work, booking: Booking, actor: str) -> None:
    """End it without any fee, with all that was paid going back. A payment that still comes goes back too.

    It uses up nobody's free late cancellation. What has begun, or was ended before, stays as it is.
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


def call_off_standing(work: Work, booking: Booking, actor: str) -> None:
    """The same of a session that somebody of staff saw standing.

    :raises NothingToCallOff: when it doesn't stand, or has begun.
    """
    if not may_be_called_off(booking, work.now):
        raise NothingToCallOff
    call_off(work, booking, actor)
