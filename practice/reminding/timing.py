"""When somebody is reminded of a session. Pure. Hours before a session are elapsed hours, whatever the clocks do."""

from __future__ import annotations

from datetime import datetime, timedelta

LATE = timedelta(hours=6)  # after which a reminder says nothing that helps any more
MISSING_DAYS = (5, 3)  # before the session; not on the day of the reminder of the appointment itself
TIME_TO_DO_IT = timedelta(days=1)  # nobody is asked for what they had less time for


def near_at(starts: datetime, hours: int) -> datetime:
    """The instant that lies so many elapsed hours before a session (aware UTC)."""
    return starts - timedelta(hours=hours)


def missing_at(starts: datetime, days: int) -> datetime:
    """The same for so many days of 24 hours."""
    return starts - timedelta(days=days)


def near_fits(due: datetime, *, made: datetime) -> bool:
    """Whether a session that was booked or moved at `made` is still to be reminded of at `due`."""
    return made < due


def missing_fits(due: datetime, *, made: datetime) -> bool:
    """Whether somebody who booked or moved at `made` has had time for what is asked of them by `due`."""
    return made + TIME_TO_DO_IT <= due


def in_time(due: datetime, now: datetime) -> bool:
    """Whether a reminder that was due then may still go out now."""
    return due <= now <= due + LATE
