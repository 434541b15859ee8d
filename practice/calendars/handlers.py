"""What the calendars do on messages: keep each entry as its booking stands. Safe twice, late, out of order."""

from __future__ import annotations

from practice.booking.messages import BookingCancelled, BookingConfirmed, BookingMoved
from practice.calendars.actions import write_entry
from practice.work import begin_work


def on_booking_confirmed(message: BookingConfirmed) -> None:
    """Put the session into its therapist's feed."""
    with begin_work() as work:
        write_entry(work, message.reference)


def on_booking_moved(message: BookingMoved) -> None:
    """Show the session at its other time in its therapist's feed: the same entry, in a newer revision."""
    with begin_work() as work:
        write_entry(work, message.reference)


def on_booking_cancelled(message: BookingCancelled) -> None:
    """Show the session as cancelled in its therapist's feed."""
    with begin_work() as work:
        write_entry(work, message.reference)
