"""When the short page is due: every second week, on one weekday, at one time on the wall of the person's zone. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from practice.booking.slots import first_instant

EVERY = timedelta(days=14)
AFTER_A_SESSION = timedelta(days=7)
WALL = time(18, 0)
ONE_DAY = timedelta(days=1)
QUIET = timedelta(weeks=8)  # without a session, after which it ends by itself
LETTER_LATE = timedelta(days=2)


def first_day_after(session_ended: datetime, zone: ZoneInfo) -> date:
    """The first day on which it is due, for somebody whose first session ended then (aware)."""
    return session_ended.astimezone(zone).date() + AFTER_A_SESSION


def due_at(day: date, zone: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which it is due on a local date, by the rules for hours on awkward days."""
    return first_instant(zone, day, WALL)


def current_day(first: date, zone: ZoneInfo, now: datetime) -> date | None:
    """The day whose period has begun and not ended at `now`; None before the first."""
    day = _at_or_before(first, now.astimezone(zone).date())
    if day >= first and due_at(day, zone) > now:
        day -= EVERY
    return day if day >= first else None


def next_day(first: date, zone: ZoneInfo, now: datetime) -> date:
    """The first day that is due later than `now`."""
    current = current_day(first, zone, now)
    return first if current is None else current + EVERY


def days_between(first: date, last: date) -> list[date]:
    """Every due day of somebody who began on `first`, up to and with `last`."""
    return [first + EVERY * number for number in range((last - first) // EVERY + 1)] if last >= first else []


def _at_or_before(first: date, today: date) -> date:
    return first + EVERY * ((today - first) // EVERY)
