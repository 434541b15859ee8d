"""Sessions that nobody marked: after as many days as the practice has set they count as attended; else never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from practice.audit import record
from practice.booking import actions
from practice.booking.lifecycle import State, Trigger
from practice.booking.messages import AttendanceSweep
from practice.booking.models import Booking
from practice.database import db
from practice.work import Work

NIGHT_HOUR = 4  # UTC


def find_unmarked(before: datetime) -> list[str]:
    """The references of the sessions that ended by `before` (aware UTC) and that nobody marked."""
    over = select(Booking.reference).where(Booking.state == State.CONFIRMED, Booking.blocked_until <= before)
    return list(db.session.scalars(over.order_by(Booking.id)))


def count_as_attended(work: Work, reference: str, before: datetime) -> bool:
    """Mark a session that is still unmarked and ended by `before`; False when somebody was quicker."""
    booking = actions.lock(work, reference)
    if booking.state is not State.CONFIRMED or booking.blocked_until > before:
        return False
    actions.mark(work, booking, Trigger.COMPLETE)
    record(work, "worker", "attendance_assumed", reference)
    return True


def post_next_sweep(work: Work) -> None:
    """Have unmarked sessions looked at in the coming night; once for each night, however often it is asked for."""
    today = work.now.astimezone(UTC)
    night = today.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if night <= today:
        night += timedelta(days=1)
    work.post(AttendanceSweep(night.date().isoformat()), due=night)
