"""What reminding does on messages, in the worker: it may run twice, late, or out of order."""

from __future__ import annotations

from practice.booking.messages import AttendanceSweep, BookingConfirmed, BookingMoved
from practice.booking.queries import find_booking
from practice.clock import clock
from practice.intake.messages import PersonForgotten
from practice.people import find_person
from practice.reminding import actions
from practice.reminding.queries import find_coming
from practice.work import begin_work


def on_booking_confirmed(message: BookingConfirmed) -> None:
    """Plan the reminders of a session that stands."""
    _plan(message.reference)


def on_booking_moved(message: BookingMoved) -> None:
    """Plan them anew; those of the time before find nothing to do."""
    _plan(message.reference)


def on_person_forgotten(message: PersonForgotten) -> None:
    """Erase what is kept here of somebody who was forgotten."""
    person = find_person(message.person)
    if person is not None:
        with begin_work() as work:
            actions.forget_choices(work, person.id)


def on_night(_message: AttendanceSweep) -> None:
    """Plan for every session ahead what isn't planned yet: after a change of the hours, or of this program."""
    for reference in find_coming(clock().now()):
        _plan(reference)


def _plan(reference: str) -> None:
    with begin_work() as work:
        booking = find_booking(reference)
        if booking is not None:
            actions.plan(work, booking)
