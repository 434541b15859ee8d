"""What must hold of calendars that are read, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from practice.booking.busy.models import BusyCalendar
from practice.calendars.reading.models import Subscription
from practice.calendars.reading.queries import find_unpolled
from practice.invariants import Invariant
from practice.sealing import DocumentKey


def check_calendars_are_read(session: Session) -> Iterator[str]:
    """Whatever should be read will be, and its address opens."""
    for reference in find_unpolled():
        yield f"calendar {reference} is read by nobody any more"
    keyless = select(BusyCalendar.reference).join(Subscription, Subscription.calendar_id == BusyCalendar.id)
    for reference in session.scalars(keyless.where(~exists().where(DocumentKey.document == BusyCalendar.reference))):
        yield f"calendar {reference} has lost the key of its address"


OWN: tuple[Invariant, ...] = (
    Invariant("I5", "Every calendar that should be read is read again and again", check_calendars_are_read),
)
