"""Letters about a person or an invitation, and about no booking: each as it is true now. Part of actions.py."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from practice.database import db
from practice.intake.messages import RETURN
from practice.notify import attendee_letters, letters
from practice.notify.addresses import Addressed, page_of
from practice.notify.messages import PERSON, Kind, SendLetter
from practice.notify.recurring import write_recurring
from practice.partners.actions import make_way_in
from practice.partners.queries import address_of, find_letter
from practice.people import ContactChange, Person, contact_of, make_link, read_contact, takes_mail
from practice.presenting import local_datetime
from practice.profile import profile
from practice.sealing import vault
from practice.settings import settings
from practice.work import Work


def _way_back(work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None else None
    if person is None or contact is None:
        return None
    return Addressed(contact.email, letters.way_back(address=page_of(make_link(work, person, RETURN))))


def _place_opened(_work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if contact is None:
        return None
    return Addressed(contact.email, letters.place_opened(address=f"{settings().base_url}/schedule"))


def _to_old_address(_work: Work, reference: str) -> Addressed | None:
    change = db.session.scalars(select(ContactChange).where(ContactChange.reference == reference)).one_or_none()
    if change is None:
        return None
    plain = vault().open(change.person_id, change.before_sealed, table="contact_change", row=reference, column="before")
    return Addressed(
        read_contact(plain).email,
        letters.address_changed(phone=profile().phone, address=f"{settings().base_url}/schedule"),
    )


def _invitation(work: Work, reference: str) -> Addressed | None:
    """The only letter to somebody who is no client: where it goes to is the inviter's to say, and sealed as theirs."""
    invitation = find_letter(reference, work.now)
    contact = contact_of(invitation.person) if invitation is not None else None
    address = address_of(invitation) if invitation is not None else None
    if invitation is None or contact is None or address is None:
        return None
    letter = attendee_letters.invitation(
        name=contact.first_name,
        until=local_datetime(invitation.expires_at, profile().zone),
        address=f"{settings().base_url}/join/{make_way_in(work, invitation)}",
    )
    return Addressed(address, letter)


def _page_changed(work: Work, reference: str) -> Addressed | None:
    person = _find_person(reference)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if person is None or contact is None:
        return None
    return Addressed(contact.email, attendee_letters.page_changed(address=page_of(make_link(work, person, RETURN))))


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
    Kind.PAGE_CHANGED: _page_changed,
}
"""The letters about a person or an invitation; each is asked for with the reference that its message names."""
