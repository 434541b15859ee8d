"""What must hold of sessions and busy times, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.busy.models import BusyCalendar, Collision
from practice.booking.busy.queries import find_met
from practice.booking.messages import BookingConfirmed, BookingMoved
from practice.clock import clock
from practice.outbox import OutboxMessage

TELL_WHERE_IT_STANDS = (BookingConfirmed.KIND, BookingMoved.KIND)


def check_collisions_are_noticed(session: Session) -> Iterator[str]:
    """I5: of each session that meets a busy time its therapist hears; what is on its way may wait."""
    waiting = select(OutboxMessage.payload).where(
        OutboxMessage.kind.in_(TELL_WHERE_IT_STANDS), OutboxMessage.state != "done"
    )
    on_their_way = {json.loads(payload)["reference"] for payload in session.scalars(waiting)}
    noticed = {(one.booking_id, one.calendar_id): one.sequence for one in session.scalars(select(Collision))}
    for therapist_id in session.scalars(
        select(BusyCalendar.therapist_id).distinct().order_by(BusyCalendar.therapist_id)
    ):
        for key, meeting in find_met(session, therapist_id, clock().now()).items():
            booking = meeting.booking
            if noticed.get(key) != booking.sequence and booking.reference not in on_their_way:
                yield f"booking {booking.reference} meets a busy time, and nobody was told"
