"""Letters about a person or an invitation, and about no booking: each as it is true now. Part of actions.py."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from practice.database import db
from practice.intake.messages import RETURN
from practice.intake.queries import find_submitted
from practice.notify import attendee_letters, letters, review_letters, staff_letters
from practice.notify.addresses import Addressed, page_of
from practice.notify.letters import Letter
from practice.notify.messages import PERSON, Kind, SendLetter
from practice.notify.readers import Reader, colleague_reader, reader_of
from practice.notify.recurring import OWN_PAGE, write_recurring
from practice.partners.actions import make_way_in
from practice.partners.queries import address_of, find_letter
from practice.people import ContactChange, Person, contact_of, make_link, read_contact, takes_mail
from practice.profile import profile
from practice.sealing import vault
from practice.settings import settings
from practice.staff.people.actions import way_in
from practice.staff.people.queries import find_letter as find_staff_invitation
from practice.staff.queries import find_actor
from practice.work import Work

WAITING = ("info_requested", "individual_call", "referred_out")  # Intake.review_state: their page has something to read


def _way_back(work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None else None
    if person is None or contact is None:
        return None
    address = page_of(make_link(work, person, RETURN))
    return Addressed(contact.email, letters.way_back(address=address, voice=reader_of(person).voice))


def _place_opened(_work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if person is None or contact is None:
        return None
    address = f"{settings().base_url}/schedule"
    return Addressed(contact.email, letters.place_opened(address=address, voice=reader_of(person).voice))


def _to_old_address(_work: Work, reference: str) -> Addressed | None:
    change = db.session.scalars(select(ContactChange).where(ContactChange.reference == reference)).one_or_none()
    if change is None:
        return None
    plain = vault().open(change.person_id, change.before_sealed, table="contact_change", row=reference, column="before")
    address, voice = f"{settings().base_url}/schedule", reader_of(change.person).voice
    letter = letters.address_changed(phone=profile().phone, address=address, voice=voice)
    return Addressed(read_contact(plain).email, letter)


def _invitation(work: Work, reference: str) -> Addressed | None:
    """The only letter to somebody who is no client: where it goes to is the inviter's to say, and sealed as theirs.

    What they read is not known, so it is written in the inviter's language, and in the practice's zone.
    """
    invitation = find_letter(reference, work.now)
    contact = contact_of(invitation.person) if invitation is not None else None
    address = address_of(invitation) if invitation is not None else None
    if invitation is None or contact is None or address is None:
        return None
    reader = Reader(invitation.person.language, profile().zone)
    letter = attendee_letters.invitation(
        name=contact.first_name,
        until=reader.when(invitation.expires_at),
        address=f"{settings().base_url}/join/{make_way_in(work, invitation)}",
        voice=reader.voice,
    )
    return Addressed(address, letter)


def _to_colleague(work: Work, reference: str) -> Addressed | None:
    """To somebody who works here, or is to: a link by which they choose a password, while it is good.

    What somebody new reads is not known, so it is written in the language of whoever invited them.
    """
    invitation = find_staff_invitation(reference, work.now)
    if invitation is None:
        return None
    write = staff_letters.invitation if invitation.account_id is None else staff_letters.new_password
    reader = colleague_reader(invitation.account or find_actor(invitation.made_by))
    letter = write(
        practice=profile().name,
        until=reader.when(invitation.expires_at),
        address=f"{settings().base_url}/staff/invitation/{way_in(work, invitation)}",
        voice=reader.voice,
    )
    return Addressed(invitation.email, letter)


def _page_changed(work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if person is None or contact is None:
        return None
    address = page_of(make_link(work, person, RETURN))
    return Addressed(contact.email, attendee_letters.page_changed(address=address, voice=reader_of(person).voice))


def _something_waits(work: Work, reference: str) -> Addressed | None:
    return _of_request(work, reference, WAITING, review_letters.something_waits)


def _ready_to_book(work: Work, reference: str) -> Addressed | None:
    return _of_request(work, reference, ("accepted",), review_letters.ready_to_book)


def _of_request(work: Work, reference: str, stages: tuple[str, ...], write: Callable[..., Letter]) -> Addressed | None:
    """A letter about what somebody sent last, where that still stands so; it leads to their own page."""
    person = _find_person(reference)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    sent = find_submitted(person)
    if person is None or contact is None or sent is None or sent.review_state not in stages:
        return None
    address = page_of(make_link(work, person, RETURN, OWN_PAGE))
    return Addressed(contact.email, write(address=address, voice=reader_of(person).voice))


def write_again(work: Work, message: SendLetter) -> Addressed | None:
    """One of the letters that come again and again, or None where it isn't due any more."""
    person = _find_person(message.recipient.removeprefix(PERSON))
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if person is None or contact is None:
        return None
    letter = write_recurring(work, message, person)
    return Addressed(contact.email, letter) if letter is not None else None


def _find_person(reference: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.reference == reference)).one_or_none()


WITHOUT_BOOKING: dict[Kind, Callable[[Work, str], Addressed | None]] = {
    Kind.WAY_BACK: _way_back,
    Kind.PLACE_OPENED: _place_opened,
    Kind.ADDRESS_CHANGED: _to_old_address,
    Kind.INVITATION: _invitation,
    Kind.STAFF_INVITATION: _to_colleague,
    Kind.STAFF_PASSWORD: _to_colleague,
    Kind.PAGE_CHANGED: _page_changed,
    Kind.SOMETHING_WAITS: _something_waits,
    Kind.READY_TO_BOOK: _ready_to_book,
}
"""The letters about a person or an invitation; each is asked for with the reference that its message names."""
