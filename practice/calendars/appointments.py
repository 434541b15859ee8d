"""From a booking to its calendar object: one place for what each reader may see of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.calendars import ics
from practice.calendars.ics import Appointment, Party, Status
from practice.couples import Couple, couples_of_two
from practice.languages import DEFAULT, N_
from practice.people import Person
from practice.speaking import gettext, speaking

STANDING = frozenset({State.CONFIRMED, State.ATTENDED, State.MISSED})
ENDED = frozenset({State.CANCELLED, State.DECLINED})
SESSION, BUSY = N_("Session"), N_("Busy")  # all that a feed says of a session by itself
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets an object by mail: as letters name them, the person (None: the therapist), and their address."""

    name: str
    person: Person | None
    address: str


def status_of(booking: Booking) -> Status | None:
    """What a calendar says of the booking; None for one that never stood in any calendar."""
    if booking.state in STANDING:
        return Status.CONFIRMED
    if booking.state in ENDED and booking.confirmed_at is not None:
        return Status.CANCELLED
    return None


def title_for(person: Person) -> str:
    """All that the calendar of somebody who comes says of it, in their language."""
    with speaking(person.language):
        return gettext("Appointment")


def for_client(booking: Booking, base_url: str) -> Appointment:
    """What the client's own calendar may say, in their language.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    return _appointment(booking, summary=title_for(booking.person), url=f"{base_url}/bookings/{booking.reference}")


def for_attendee(booking: Booking, person: Person, base_url: str, couple: Couple | None = None) -> Appointment:
    """What the calendar of somebody who comes to it may say: an object of their own, which ends without the other's.

    Whoever booked has the booking's own UID. Two people may keep one calendar between them; so whoever comes with them
    has another, the same for every revision. It counts the booking's revisions and, by two, how often they came
    together anew: in between it ended for whoever came along (see parted). `couple` is the one that is meant, if not
    their newest.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    appointment = for_client(booking, base_url)
    if person.id == booking.person_id:
        return appointment
    appointment = replace(appointment, summary=title_for(person))
    own = hashlib.sha256(f"{booking.uid} {person.reference}".encode()).hexdigest()[:32]
    known = couples_of_two(booking.person_id, person.id)
    if couple in known:
        known = known[: known.index(couple) + 1]
    if not known:
        return replace(appointment, uid=f"{own}@appointments")
    since = max(booking.updated_at, known[-1].formed_at)
    sequence = appointment.sequence + 2 * (len(known) - 1)
    return replace(appointment, uid=f"{own}@appointments", sequence=sequence, stamp=since, modified=since)


def not_for(appointment: Appointment, since: datetime) -> Appointment:
    """The same appointment for somebody who doesn't come to it any more, though it may stand."""
    return replace(appointment, status=Status.CANCELLED, stamp=since, modified=since)


def parted(appointment: Appointment, since: datetime) -> Appointment:
    """The same for somebody who stopped coming though it stands: one revision further than what they were sent."""
    return replace(not_for(appointment, since), sequence=appointment.sequence + 1)


def for_therapist(booking: Booking, base_url: str, language: str = DEFAULT) -> Appointment:
    """What the therapist's calendar may say: that there is a session, not whose or which.

    Feeds keep it in English, and say it in the language of whoever reads them while they are built.

    :raises LookupError: for a booking that never stood; see status_of.
    """
    with speaking(language):
        summary = gettext(SESSION)
    return _appointment(booking, summary=summary, url=desk_url(base_url))


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
        summary=SESSION,
    )
    cancelled = replace(sample, status=Status.CANCELLED)
    both = [ics.fragment(sample), ics.fragment(cancelled)]
    words = [ics.summary_line(BUSY), ics.summary_line(f"{SESSION}: Ü.")]
    return hashlib.sha256(ics.feed([*both, *words], name=SESSION, zone="UTC")).hexdigest()[:32]


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
