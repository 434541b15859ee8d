"""What a client changes about themselves. Each action runs in its caller's work."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from practice.audit import record
from practice.errors import NotFound
from practice.notify.messages import CLIENT, Kind, SendLetter
from practice.partners.messages import INVITE
from practice.people import (
    ClientSession,
    Contact,
    ContactChange,
    MailedLink,
    Person,
    contact_of,
    save_contact,
    sign_in_client,
    takes_mail,
    write_contact,
)
from practice.sealing import blind_index, vault
from practice.tokens import reference
from practice.work import Work


def change_contact(work: Work, person_id: int, wanted: Contact) -> None:
    """Reach somebody in another way from now on. How it was before is kept, sealed.

    Where the address changes, every link that was mailed to the old one is withdrawn and every other browser is signed
    out; the caller has asked for the code. The old address hears of it only where its owner took mail there and said
    that nobody else sees it, then and now.

    :raises NotFound: for somebody of whom nothing is known.
    """
    locked = select(Person).where(Person.id == person_id).with_for_update(of=Person)
    person = work.session.scalars(locked.execution_options(populate_existing=True)).one()
    before = contact_of(person)
    if before is None:
        raise NotFound
    if before == wanted:
        return
    told = takes_mail(person)  # asked before it is changed
    moved = blind_index(before.email) != blind_index(wanted.email)
    change = ContactChange(reference=reference("k"), person_id=person.id, changed_at=work.now, before_sealed=b"")
    change.before_sealed = vault().seal(
        person.id, write_contact(before), table="contact_change", row=change.reference, column="before"
    )
    work.session.add(change)
    save_contact(person, wanted)
    work.session.flush()
    record(work, f"client:{person.reference}", "contact_changed", person.reference, {"address": int(moved)})
    if moved:
        _leave_address(work, person)
        if told and before.calendar_by_mail and wanted.calendar_by_mail:
            letter = Kind.ADDRESS_CHANGED.value
            work.post(SendLetter(letter, change.reference, CLIENT, "", since=work.now.isoformat()))


def choose_language(work: Work, person_id: int, language: str) -> None:
    """Write letters to somebody in this language from now on. A database that knows it not refuses it."""
    locked = select(Person).where(Person.id == person_id).with_for_update(of=Person)
    person = work.session.scalars(locked.execution_options(populate_existing=True)).one()
    if person.language != language:
        person.language = language
        work.session.flush()
        record(work, f"client:{person.reference}", "language_chosen", person.reference)


def _leave_address(work: Work, person: Person) -> None:
    # Whoever was invited keeps their way in: it doesn't go to this address.
    links = update(MailedLink).where(
        MailedLink.person_id == person.id, MailedLink.purpose != INVITE, MailedLink.revoked_at.is_(None)
    )
    work.session.execute(links.values(revoked_at=work.now))
    work.session.execute(delete(ClientSession).where(ClientSession.person_id == person.id))
    sign_in_client(work, person)
