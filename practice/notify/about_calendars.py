"""Letters to a therapist about their own calendars, each as it is true now. Part of actions.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from practice.booking.busy.queries import find_noticed
from practice.calendars.caldav.models import AccountState
from practice.calendars.caldav.queries import find_account, find_question
from practice.calendars.reading.queries import find_reading
from practice.notify import staff_letters
from practice.notify.addresses import Addressed, desk_page
from practice.notify.messages import Kind, SendLetter
from practice.notify.readers import therapist_reader


def _collides(message: SendLetter, now: datetime) -> Addressed | None:
    collision = find_noticed(message.about, now)
    if collision is None:
        return None
    therapist = collision.calendar.therapist
    reader = therapist_reader(therapist)
    when, address = reader.when(collision.booking.starts_at), desk_page("schedule/collisions/")
    letter = staff_letters.session_collides(when=when, address=address, voice=reader.voice)
    return Addressed(therapist.email, letter)


def _fails(message: SendLetter, _now: datetime) -> Addressed | None:
    """While it still fails as it did."""
    reading = find_reading(message.about)
    since = reading.failing_since if reading is not None else None
    if reading is None or since is None or since.isoformat() != message.occasion:
        return None
    therapist = reading.calendar.therapist
    reader = therapist_reader(therapist)
    when, address = reader.when(since), desk_page("calendar/busy")
    return Addressed(therapist.email, staff_letters.calendar_fails(when=when, address=address, voice=reader.voice))


def _stopped(message: SendLetter, _now: datetime) -> Addressed | None:
    account = find_account(message.about)
    if account is None or account.state in (AccountState.WORKING, AccountState.LEAVING):
        return None
    address = desk_page(f"calendar/account/{message.about}")
    therapist = account.therapist
    letter = staff_letters.calendar_stopped(address=address, voice=therapist_reader(therapist).voice)
    return Addressed(therapist.email, letter)


def _asks(message: SendLetter, _now: datetime) -> Addressed | None:
    question = find_question(message.about)
    if question is None or question.answered_at is not None:
        return None
    address = desk_page(f"schedule/calendar/{message.about}")
    therapist = question.booking.therapist
    letter = staff_letters.calendar_asks(address=address, voice=therapist_reader(therapist).voice)
    return Addressed(therapist.email, letter)


ABOUT_CALENDARS: dict[Kind, Callable[[SendLetter, datetime], Addressed | None]] = {
    Kind.COLLIDES: _collides,
    Kind.CALENDAR_FAILS: _fails,
    Kind.CALENDAR_STOPPED: _stopped,
    Kind.CALENDAR_ASKS: _asks,
}
"""What becomes of such a message; None where it isn't true any more."""
