"""Who comes to a session: whoever booked it and, where it is for two, whoever comes with them now.

Nobody is authorised by it but to read when, where and with whom. What it costs, and what may be done with it, is the
business of whoever booked it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.couples import Couple, CoupleMember, find_couple, find_couples, find_partner
from practice.database import among, db
from practice.errors import NotFound
from practice.people import Person

PAYABLE = (*CLAIMING, State.EXPIRED)
"""The states from which a payment may still confirm a session, or in which it stands."""


def find_attendees(booking: Booking) -> list[Person]:
    """The people who come, whoever booked first.

    A session that was over before the two came together is that of whoever booked it alone.
    """
    couple = find_couple(booking.person_id) if booking.offering.attendance == FOR_TWO else None
    return [booking.person, *(one.person for one in _beside(booking, couple))]


def find_attendees_of(bookings: Collection[Booking]) -> dict[int, list[Person]]:
    """What find_attendees() says of each of these bookings, by id, in so many queries however many there are."""
    couples = find_couples({one.person_id for one in bookings if one.offering.attendance == FOR_TWO})
    beside = {one.id: _beside(one, couples.get(one.person_id)) for one in bookings}
    ids = {one.person_id for members in beside.values() for one in members}
    people = {one.id: one for one in db.session.scalars(select(Person).where(among(Person.id, ids)))}
    return {one.id: [one.person, *(people[member.person_id] for member in beside[one.id])] for one in bookings}


def _beside(booking: Booking, couple: Couple | None) -> list[CoupleMember]:
    if booking.offering.attendance != FOR_TWO or couple is None or booking.ends_at <= couple.formed_at:
        return []
    return [one for one in couple.members if one.person_id != booking.person_id]


def find_companion(booking: Booking) -> Person | None:
    """Whoever comes to it without having booked it."""
    return next((one for one in find_attendees(booking) if one.id != booking.person_id), None)


def get_attended_booking(reference: str, person: Person | None) -> Booking:
    """A booking that this person made, or that stands or stood for them beside whoever made it.

    :raises NotFound: when it is none of theirs, or not theirs to see yet: a time that is merely held is its holder's.
    """
    booking = db.session.scalars(select(Booking).where(Booking.reference == reference)).one_or_none()
    if booking is None or person is None:
        raise NotFound
    if booking.person_id == person.id:
        return booking
    if booking.confirmed_at is None or person.id not in {one.id for one in find_attendees(booking)}:
        raise NotFound
    return booking


def find_joined(person: Person) -> list[Booking]:
    """The sessions for two that whoever comes with this person booked, and that stand or stood for them both."""
    partner, couple = find_partner(person.id), find_couple(person.id)
    if partner is None or couple is None:
        return []
    found = (
        select(Booking)
        .join(Booking.offering)
        .where(
            Booking.person_id == partner.id,
            Offering.attendance == FOR_TWO,
            Booking.state == State.CONFIRMED,
            Booking.ends_at > couple.formed_at,
        )
    )
    return list(db.session.scalars(found.order_by(Booking.id.desc())))


def find_for_two(person_ids: Collection[int], now: datetime, states: Sequence[State] = PAYABLE) -> list[str]:
    """The references of the sessions for two that begin after `now` and that one of these people booked, by id."""
    found = (
        select(Booking.reference)
        .join(Booking.offering)
        .where(
            Booking.person_id.in_(person_ids),
            Offering.attendance == FOR_TWO,
            Booking.starts_at > now,
            Booking.state.in_(states),
        )
    )
    return list(db.session.scalars(found.order_by(Booking.id)))


def is_call(booking: Booking) -> bool:
    """Whether it is what everybody gets without charge, such as a first call: little is asked before it."""
    return booking.offering.price_minor == 0
