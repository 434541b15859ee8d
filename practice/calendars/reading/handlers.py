"""What reading does on messages, in the worker: it may run twice, late, or out of order."""

from __future__ import annotations

from practice.booking.messages import AttendanceSweep
from practice.calendars.reading.actions import start_polling
from practice.calendars.reading.messages import PollCalendar
from practice.calendars.reading.polling import poll
from practice.calendars.reading.queries import find_unpolled
from practice.outbox import Retry
from practice.work import begin_work


def on_poll_calendar(message: PollCalendar) -> None:
    """Read a calendar, and come back for it."""
    pause = poll(message.calendar)
    if pause is not None:
        raise Retry(pause, "read again")


def on_night(_message: AttendanceSweep) -> None:
    """Begin anew where a message was lost, or gave up."""
    with begin_work() as work:
        for reference in list(find_unpolled()):
            start_polling(work, reference)
