"""What booking does on messages, in the worker: it may run twice, late, or out of order."""

from __future__ import annotations

from datetime import timedelta

import structlog

from practice.booking import attendance
from practice.booking.busy.actions import notice_collisions
from practice.booking.messages import AttendanceSweep, BookingConfirmed, BookingMoved
from practice.booking.queries import find_booking
from practice.booking.waiting import actions as waiting
from practice.clock import clock
from practice.profile import profile
from practice.work import begin_work

log = structlog.get_logger()


def on_attendance_sweep(_message: AttendanceSweep) -> None:
    """See to the next night first, so that no fault of this one ends the chain; then to wishes, then to sessions."""
    with begin_work() as work:
        attendance.post_next_sweep(work)
        waiting.run_out(work)
    days = profile().attended_after_days
    if days is None:
        return
    before = clock().now() - timedelta(days=days)
    marked = 0
    for reference in attendance.find_unmarked(before):
        with begin_work() as work:
            marked += attendance.count_as_attended(work, reference, before)
    log.info("attendance_assumed", count=marked)


def on_booking_stands(message: BookingConfirmed | BookingMoved) -> None:
    """Note where a session stands by now while its therapist's own calendar says that they are busy."""
    booking = find_booking(message.reference)
    if booking is not None:
        with begin_work() as work:
            notice_collisions(work, booking.therapist_id)
