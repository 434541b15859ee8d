"""The step that every change of a booking is made of: along the table, and what follows when its time is free again."""

from __future__ import annotations

from practice.booking.claims import release
from practice.booking.lifecycle import State, Trigger, next_state
from practice.booking.models import Booking
from practice.booking.waiting import actions as waiting
from practice.work import Work


def move(work: Work, booking: Booking, trigger: Trigger) -> None:
    """Follow the table.

    :raises IllegalTransition: when the table has no such step.
    """
    booking.state = next_state(booking.state, trigger)
    if booking.state is not State.HELD:
        booking.held_from = None
    booking.updated_at = work.now
    work.session.flush()


def free(work: Work, booking: Booking) -> None:
    """Give the booking's time back. Somebody on the waiting list has it at once, before anybody else can see it."""
    release(work.session, booking)
    waiting.note_ended(work, booking)
    waiting.offer_freed(work, booking.blocked, booking.resource_ids, booking.person_id)
