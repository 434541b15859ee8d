"""Who is told of a therapist's own calendar: that therapist. Part of handlers.py."""

from __future__ import annotations

from practice.booking.busy.messages import SessionCollides
from practice.calendars.caldav.messages import AccountStopped, QuestionOpened
from practice.calendars.reading.messages import CalendarFails
from practice.notify.messages import THERAPIST, Kind, SendLetter
from practice.work import begin_work


def on_session_collides(message: SessionCollides) -> None:
    """Tell a therapist that a session and a time in their own calendar meet."""
    _tell(Kind.COLLIDES, message.collision)


def on_calendar_fails(message: CalendarFails) -> None:
    """Tell a therapist that a calendar of theirs couldn't be read for a day."""
    _tell(Kind.CALENDAR_FAILS, message.calendar, message.since)


def on_account_stopped(message: AccountStopped) -> None:
    """Tell a therapist that their own calendar needs them."""
    _tell(Kind.CALENDAR_STOPPED, message.account, message.since)


def on_question_opened(message: QuestionOpened) -> None:
    """Tell a therapist that somebody has to say what a change in their own calendar means."""
    _tell(Kind.CALENDAR_ASKS, message.question)


def _tell(kind: Kind, about: str, occasion: str = "") -> None:
    with begin_work() as work:
        work.post(SendLetter(kind.value, about, THERAPIST, occasion, since=work.now.isoformat()))
