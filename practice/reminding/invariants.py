"""What must hold of reminders, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.invariants import Invariant
from practice.outbox import OutboxMessage
from practice.reminding.messages import AppointmentNear, PartMissing, Topic

LETTER = "send_letter"
REMINDERS = (Topic.NEAR.value, Topic.MISSING.value)
STOOD = (State.CONFIRMED, State.ATTENDED, State.MISSED)


def no_reminder_without_a_session(session: Session) -> Iterator[str]:
    """I5: whoever was reminded of a session, or is to be, has one that stands or stood when the letter was written."""
    bookings = {row.reference: row for row in session.scalars(select(Booking).order_by(Booking.id))}
    rows = select(OutboxMessage).where(OutboxMessage.kind.in_((LETTER, AppointmentNear.KIND, PartMissing.KIND)))
    for row in session.scalars(rows.order_by(OutboxMessage.id)):
        said = json.loads(row.payload)
        if row.kind == LETTER and said["letter"] not in REMINDERS:
            continue
        reference = said["about"] if row.kind == LETTER else said["booking"]
        booking = bookings.get(reference)
        if booking is None or booking.confirmed_at is None or row.posted_at < booking.confirmed_at:
            yield f"{row.kind} {row.id} reminds of {reference}, which never stood"
        elif row.kind == LETTER and not _stood(booking, int(said["occasion"].partition(":")[0]), row.posted_at):
            yield f"a letter reminds of booking {reference} ({booking.state}), which did not stand any more"


def _stood(booking: Booking, sequence: int, posted: datetime) -> bool:
    """Whether it stood in this revision then. Each move and each end counts one on, and notes when."""
    if sequence == booking.sequence:
        return booking.state in STOOD and posted < booking.starts_at
    return sequence < booking.sequence and posted.astimezone(UTC) <= booking.updated_at


OWN = (Invariant("I5", "Nobody is reminded of a session that doesn't stand", no_reminder_without_a_session),)
