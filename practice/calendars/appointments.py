"""From a booking to its calendar object: one place for what each reader may see of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.calendars import ics
from practice.calendars.ics import Appointment, Party, Status
from practice.people import Person

STANDING = frozenset({State.CONFIRMED, State.ATTENDED, State.MISSED})
ENDED = frozenset({State.CANCELLED, State.DECLINED})
FEED_NAME = "Sessions"
OPEN_TIMES_NAME = "Open times"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def status_of(booking: Booking) -> Status | None:
    """What a calendar says of the booking; None for one that never stood in any calendar."""
    if booking.state in STANDING:
        return Status.CONFIRMED
    if booking.state in ENDED and booking.confirmed_at is not None:
        return Status.CANCELLED
    return None


def for_client(booking: Booking, base_url: str) -> Appointment:
    """What the client's own calendar may say.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    return _appointment(booking, summary="Appointment", url=f"{base_url}/bookings/{booking.reference}")


def for_attendee(booking: Booking, person: Person, base_url: str) -> Appointment:
    """What the calendar of somebody who comes to it may say: an object of their own, which ends without the other's.

    Whoever booked has the booking's own UID. Two people may keep one calendar between them; so whoever comes with them
    has another, the same for every revision.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    appointment = for_client(booking, base_url)
    if person.id == booking.person_id:
        return appointment
    own = hashlib.sha256(f"{booking.uid} {person.reference}".encode()).hexdigest()[:32]
    return replace(appointment, uid=f"{own}@appointments")


def not_for(appointment: Appointment, since: datetime) -> Appointment:
    """The same appointment for somebody who doesn't come to it any more, though it may stand."""
    return replace(appointment, status=Status.CANCELLED, stamp=since, modified=since)


def for_therapist(booking: Booking, base_url: str) -> Appointment:
    """What the therapist's calendar may say: that there is a session, not whose or which.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    return _appointment(booking, summary="Session", url=desk_url(base_url))


def mailed(appointment: Appointment, sender: Party, recipient: str) -> Appointment:
    """The same appointment, addressed to one recipient."""
    return replace(appointment, organizer=sender, attendee=Party(recipient))


def desk_url(base_url: str) -> str:
    """Where staff read the rest, after signing in."""
    return f"{base_url}/staff/"


@lru_cache(maxsize=8)
def written_as(base_url: str) -> str:
    """A mark of how feeds are written by this code with this address; it changes when any byte of them would."""
    sample = Appointment(
        uid="sample@appointments",
        sequence=0,
        starts=EPOCH,
        ends=EPOCH + timedelta(minutes=50),
        stamp=EPOCH,
        modified=EPOCH,
        status=Status.CONFIRMED,
        url=desk_url(base_url),
        summary="Session",
    )
    cancelled = replace(sample, status=Status.CANCELLED)
    both = [ics.fragment(sample), ics.fragment(cancelled)]
    return hashlib.sha256(ics.feed(both, name=FEED_NAME, zone="UTC")).hexdigest()[:32]


def _appointment(booking: Booking, *, summary: str, url: str) -> Appointment:
    status = status_of(booking)
    if status is None:
        raise LookupError(f"{booking.reference} is {booking.state}, which no calendar shows")
    return Appointment(
        uid=booking.uid,
        sequence=booking.sequence,
        starts=booking.starts_at,
        ends=booking.ends_at,
        stamp=booking.updated_at,
        modified=booking.updated_at,
        status=status,
        url=url,
        summary=summary,
    )
