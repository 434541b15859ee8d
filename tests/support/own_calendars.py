"""What a therapist's own calendar says, put there by the test instead of by whoever reads calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from practice.booking.busy.actions import add_busy_calendar, keep_busy_times
from practice.booking.busy.models import BusyTime
from practice.booking.offers.queries import get_therapist
from practice.database import db
from practice.spans import Span
from tests.support.offers import ADA, work_in
from tests.support.story import Practice


def hours(start: datetime, minutes: int = 60) -> Span:
    """So many minutes from then on."""
    return Span(start, start + timedelta(minutes=minutes))


def add_calendar(practice: Practice, spans: Sequence[Span] = (), *, name: str = "Private", therapist: str = ADA) -> int:
    """A calendar that says these busy times; its id."""
    with work_in(practice) as work:
        calendar = add_busy_calendar(work, get_therapist(therapist), name)
        keep_busy_times(work, calendar.id, spans)
        return calendar.id


def says(practice: Practice, calendar_id: int, spans: Sequence[Span]) -> None:
    """From now on it says these times and no others."""
    with work_in(practice) as work:
        keep_busy_times(work, calendar_id, spans)


def kept_times(practice: Practice, calendar_id: int) -> list[Span]:
    """The pieces that are kept of it, in order."""
    with practice.app.app_context():
        found = select(BusyTime).where(BusyTime.calendar_id == calendar_id).order_by(BusyTime.starts_at)
        return [one.span for one in db.session.scalars(found)]
