"""Letters that take an appointment out of the calendar of an address that its reader has left meanwhile.

A change of address moves nothing that was sent: what stands in the calendar of the old mailbox stays as it was. Once it
would be wrong there, since the appointment moves or ends, the old mailbox gets one more letter, with a CANCEL from the
organizer that the object names, and the new one the usual letter. It says less than the letter before it. As for the
letter about the change itself, it goes only where its reader said that nobody else sees their messages, then and now.
"""

from __future__ import annotations

from sqlalchemy import select

from practice.booking.attending import find_attendees
from practice.booking.models import Booking
from practice.booking.queries import find_booking
from practice.calendars.actions import leave_addresses
from practice.calendars.appointments import ENDED, for_attendee, for_therapist, not_for, parted
from practice.calendars.ics import Appointment
from practice.calendars.models import MailedObject
from practice.database import db
from practice.notify import letters, staff_letters
from practice.notify.addresses import Addressed, desk_page
from practice.notify.calendar_parts import part_of
from practice.notify.messages import ATTENDEE, CLIENT, THERAPIST, Kind, SendLetter
from practice.notify.readers import reader_of, therapist_reader
from practice.people import ContactChange, Person, contact_of, read_contact, takes_mail
from practice.sealing import blind_index, vault
from practice.settings import settings
from practice.work import Work


def tell_left_addresses(work: Work, reference: str, recipient: str) -> None:
    """Have the object taken out of each calendar that this recipient has left. Before the letter that tells them why:
    whoever has old mail sent on to the new address must not find it taken out again.
    """
    booking = find_booking(reference)
    address = _address_now(booking, recipient) if booking is not None else None
    if booking is None or address is None:
        return
    for left in leave_addresses(work, booking, recipient, address):
        occasion = f"{booking.sequence}-{left.id}"
        work.post(SendLetter(Kind.TAKEN_OUT.value, reference, recipient, occasion, since=work.now.isoformat()))


def write_taken_out(booking: Booking, message: SendLetter) -> Addressed | None:
    """The letter, or None where nothing may go there any more."""
    left = db.session.get(MailedObject, int(message.occasion.partition("-")[2]))
    if left is None or left.left_at is None:
        return None
    address = left.staff_address or _left_address(booking, message.recipient, left.address_index)
    if address is None:
        return None
    person = _person_of(booking, message.recipient) if message.recipient != THERAPIST else None
    stands_without = booking.state not in ENDED and person is not None and person not in find_attendees(booking)
    end = parted if stands_without else not_for  # what moved or ended is a revision further by itself
    gone = end(_object_of(booking, message.recipient), left.left_at)
    calendar = part_of(gone, address, left.organizer)
    if message.recipient == THERAPIST:
        voice = therapist_reader(booking.therapist).voice
        return Addressed(address, staff_letters.session_taken_out(address=desk_page(), calendar=calendar, voice=voice))
    page = f"{settings().base_url}/schedule"  # it opens nothing: links go to the new address alone
    voice = reader_of(person or booking.person).voice
    return Addressed(address, letters.appointment_taken_out(address=page, calendar=calendar, voice=voice))


def _object_of(booking: Booking, recipient: str) -> Appointment:
    if recipient == THERAPIST:
        return for_therapist(booking, settings().base_url, therapist_reader(booking.therapist).language)
    person = _person_of(booking, recipient)
    if person is None:
        raise LookupError(f"nobody is {recipient}")
    return for_attendee(booking, person, settings().base_url)


def _person_of(booking: Booking, recipient: str) -> Person | None:
    if recipient == CLIENT:
        return booking.person
    return db.session.scalars(select(Person).where(Person.reference == recipient.removeprefix(ATTENDEE))).one_or_none()


def _address_now(booking: Booking, recipient: str) -> str | None:
    """Where their letters go now; None where nothing may tell an address of before."""
    if recipient == THERAPIST:
        return booking.therapist.email
    person = _person_of(booking, recipient)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    return contact.email if contact is not None and contact.calendar_by_mail else None


def _left_address(booking: Booking, recipient: str, index: bytes) -> str | None:
    """The address of before with this hash, where it was read by nobody else; none that they came back to."""
    person = _person_of(booking, recipient)
    now = _address_now(booking, recipient)
    if person is None or now is None or blind_index(now) == index:
        return None
    changes = select(ContactChange).where(ContactChange.person_id == person.id).order_by(ContactChange.id.desc())
    for change in db.session.scalars(changes):
        row = change.reference
        plain = vault().open(person.id, change.before_sealed, table="contact_change", row=row, column="before")
        before = read_contact(plain)
        if blind_index(before.email) == index:
            return before.email if before.calendar_by_mail else None
    return None
