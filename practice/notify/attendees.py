"""Letters to whoever comes to a session and did not book it, and to whoever is invited to come along.

Each person is written to by their own rules: their address, zone and link, and a calendar part only where nobody else
reads their mail. The occasion of their letters names the revision and the couple, so that who comes back is told anew.
"""

from __future__ import annotations

from sqlalchemy import select

from practice.booking.attending import find_attendees, find_companion, find_for_two
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_booking
from practice.calendars.appointments import ENDED, for_attendee, parted
from practice.calendars.ics import Appointment
from practice.couples import Couple, find_couple
from practice.database import db
from practice.notify.left_addresses import tell_left_addresses
from practice.notify.messages import ATTENDEE, CLIENT, Kind, SendLetter
from practice.people import Person
from practice.work import Work

TELL_THAT_IT_STANDS = {Kind.BOOKED, Kind.MOVED}


def occasion_of(sequence: int, couple: Couple) -> str:
    """What tells a letter to an attendee from an earlier one of its kind."""
    return f"{sequence}-{couple.reference}"


def tell_companion(work: Work, kind: Kind, reference: str, sequence: int) -> None:
    """Tell whoever comes to this session and did not book it, if anybody does."""
    booking = find_booking(reference)
    companion = find_companion(booking) if booking is not None else None
    couple = find_couple(companion.id) if companion is not None else None
    if companion is not None and couple is not None:
        _post(work, kind, reference, companion, occasion_of(sequence, couple))


def tell_who_joined(work: Work, couple: Couple) -> None:
    """Tell each of two people who come together now of the sessions that are coming and that the other one booked."""
    for reference in find_for_two([one.person_id for one in couple.members], work.now, (State.CONFIRMED,)):
        booking = find_booking(reference)
        if booking is not None:
            tell_companion(work, Kind.BOOKED, reference, booking.sequence)


def tell_who_parted(work: Work, couple: Couple, left: str) -> None:
    """Tell each of two people of the sessions that they don't come to any more, and the one who stays of their page.

    `left` is the reference of the one who left.
    """
    if couple.ended_at is None:
        return
    people = {one.person_id: one.person for one in couple.members}
    for reference in find_for_two(list(people), couple.ended_at, (State.CONFIRMED, *ENDED)):
        booking = find_booking(reference)
        if booking is None or booking.confirmed_at is None:
            continue
        if booking.state is not State.CONFIRMED and booking.updated_at < couple.ended_at:
            continue  # it had ended before they parted, and they were told
        for person_id, person in people.items():
            if person_id != booking.person_id:
                _post(work, Kind.CALLED_OFF, reference, person, occasion_of(booking.sequence, couple))
    for person in people.values():
        if person.reference != left:
            said = SendLetter(
                Kind.PAGE_CHANGED.value, person.reference, CLIENT, couple.reference, since=work.now.isoformat()
            )
            work.post(said)


def find_attendee(recipient: str) -> Person | None:
    """Whom a letter is for."""
    named = select(Person).where(Person.reference == recipient.removeprefix(ATTENDEE))
    return db.session.scalars(named).one_or_none()


def object_to_mail(booking: Booking, person: Person, occasion: str, base_url: str) -> Appointment:
    """The calendar object that goes with a letter of this occasion: cancelled where they don't come any more."""
    couple = _couple_of(occasion)
    appointment = for_attendee(booking, person, base_url, couple)
    if couple is not None and couple.ended_at is not None and booking.state not in ENDED:
        return parted(appointment, couple.ended_at)
    return appointment


def is_true_for(kind: Kind, booking: Booking, person: Person, occasion: str, work: Work) -> bool:
    """Whether a letter still says the truth to somebody who did not book."""
    sequence, couple = occasion.partition("-")[0], _couple_of(occasion)
    comes = couple is not None and couple.ended_at is None and person in find_attendees(booking)
    if kind in TELL_THAT_IT_STANDS:
        stands = booking.state is State.CONFIRMED and booking.ends_at > work.now
        return comes and stands and sequence == str(booking.sequence)
    return booking.state in ENDED or not comes


def _couple_of(occasion: str) -> Couple | None:
    named = select(Couple).where(Couple.reference == occasion.partition("-")[2])
    return db.session.scalars(named).one_or_none()


def _post(work: Work, kind: Kind, reference: str, person: Person, occasion: str) -> None:
    if kind is not Kind.BOOKED:
        tell_left_addresses(work, reference, f"{ATTENDEE}{person.reference}")
    said = SendLetter(kind.value, reference, f"{ATTENDEE}{person.reference}", occasion, since=work.now.isoformat())
    work.post(said)
