"""Calling a session off: the practice can't keep it. One step and one letter for every reason that there may be.

A therapist is ill, somebody needs a pause, a clinician would rather see two people one by one: whoever was to come
hears the same words of all of it, and so the words tell nobody anything.
"""

from __future__ import annotations

from datetime import datetime

from practice.booking import actions
from practice.booking.actions import StaffDecision
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.policy import WHOLE
from practice.errors import Conflict
from practice.work import Work


class NothingToCallOff(Conflict):
    """The session doesn't stand (any more), or has begun."""

    title = "There is nothing to call off"
    way_out = "Look at the session as it stands now. Nothing was changed."


def may_be_called_off(booking: Booking, now: datetime) -> bool:
    """Whether the session stands and is still to come."""
    return booking.state is State.CONFIRMED and booking.starts_at > now


def call_off(work: Work, booking: Booking, actor: str) -> None:
    """End a session that the practice can't keep: all that was paid goes back, and no fee is ever due.

    It uses up nobody's free late cancellation. The client is told, and so is whoever comes with them (notify).

    :raises NothingToCallOff: when it doesn't stand, or has begun.
    """
    if not may_be_called_off(booking, work.now):
        raise NothingToCallOff
    booking.called_off_at = work.now
    actions.cancel_by_staff(work, booking, StaffDecision(actor, WHOLE))
