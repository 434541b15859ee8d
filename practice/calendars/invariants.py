"""What must hold of the feeds, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.models import Booking
from practice.calendars import handlers
from practice.calendars.appointments import status_of
from practice.calendars.ics import Status
from practice.calendars.models import FeedEntry
from practice.outbox import OutboxMessage, handler_name

WRITERS = tuple(
    handler_name(handler)
    for handler in (handlers.on_booking_confirmed, handlers.on_booking_moved, handlers.on_booking_cancelled)
)


def check_feeds_follow(session: Session) -> Iterator[str]:
    """I8: whoever reads a feed sees each session that ever stood, once, as it stands; what is on its way may wait."""
    on_their_way = {
        json.loads(payload)["reference"]
        for payload in session.scalars(
            select(OutboxMessage.payload).where(OutboxMessage.handler.in_(WRITERS), OutboxMessage.state != "done")
        )
    }
    entries = {entry.booking_id: entry for entry in session.scalars(select(FeedEntry))}
    for booking in session.scalars(select(Booking).where(Booking.confirmed_at.is_not(None)).order_by(Booking.id)):
        entry = entries.pop(booking.id, None)
        status = status_of(booking)
        if booking.reference in on_their_way or status is None:
            continue
        if entry is None:
            yield f"booking {booking.reference} is missing from its therapist's feed"
        elif (entry.starts_at, entry.ends_at, entry.cancelled, entry.therapist_id) != (
            booking.starts_at,
            booking.ends_at,
            status is Status.CANCELLED,
            booking.therapist_id,
        ):
            yield f"booking {booking.reference} stands differently in its therapist's feed"
        elif f"SEQUENCE:{booking.sequence}\r\n".encode() not in entry.fragment:
            yield f"booking {booking.reference} stands in its therapist's feed with another revision"
    for booking_id in entries:
        yield f"booking number {booking_id} stands in a feed and was never confirmed"
