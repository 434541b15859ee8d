"""Claims: the one guard against double booking, the same on every database."""

from __future__ import annotations

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from practice.booking.models import Booking, SlotClaim
from practice.errors import Conflict
from practice.spans import Span, ticks


class SlotTaken(Conflict):
    """Somebody else has this time."""

    title = "That time was just taken"
    way_out = "Somebody was a moment quicker. Here are the nearest times that are open."


def claim(session: Session, booking_id: int, blocked: Span, resource_ids: list[int]) -> None:
    """Claim every tick of a booking's blocked span for each resource.

    One statement in (resource_id, tick) order, so that two bookings can't deadlock each other; inside a savepoint,
    so that a failed batch leaves nothing behind.

    :raises SlotTaken: when any tick is claimed already. The work may go on.
    """
    rows = [
        {"resource_id": resource_id, "tick": tick, "booking_id": booking_id}
        for resource_id in sorted(resource_ids)
        for tick in ticks(blocked)
    ]
    connection = session.connection()  # its own savepoint: the session's would expire every object on the way
    try:
        with connection.begin_nested():
            connection.execute(insert(SlotClaim), rows)
    except IntegrityError:
        raise SlotTaken from None


def release(session: Session, booking: Booking) -> None:
    """Give the booking's time back."""
    session.execute(delete(SlotClaim).where(SlotClaim.booking_id == booking.id))
