"""Clients: who a person is (sealed), the browser they are signed in with, and the links that we mail to them."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import g, has_request_context, session
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.clock import clock
from practice.database import Model, db
from practice.errors import Gone, NotFound
from practice.languages import DEFAULT
from practice.sealing import blind_index, vault
from practice.tokens import ALPHABET, new_token, reference, token_hash
from practice.work import Work

SESSION_KEY = "client"
SESSION_LIFE = timedelta(hours=12)
LINK_LIFE = timedelta(days=60)
SHORTEST_CODE = 6
RETURN_CODE_GROUP, RETURN_CODE_GROUPS = 4, 2  # 31^8, about 40 bits: with the access code and a limit on tries
BY_PHONE = frozenset({"call", "voicemail"})  # the ways of reaching somebody that need a number
CALL_TIMES = ("", "mornings", "afternoons", "evenings")  # the first: at any time of day

_hasher = PasswordHasher()


class Person(Model):
    """One client. Who they are and how to reach them is sealed; the e-mail's blind index finds them again."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    zone: Mapped[str] = mapped_column(String(60))  # IANA name, as their browser or they themselves said
    language: Mapped[str] = mapped_column(String(2), default=DEFAULT)  # of letters to them
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    code_hash: Mapped[str | None] = mapped_column(String(200))
    letters_agreed: Mapped[bool | None]  # to letters by mail, as their consent says; empty: never asked
    awaits_record: Mapped[bool] = mapped_column(default=False)  # or may read one still: nights leave them alone
    created_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("language IN ('en', 'es')", name="language"),)


class ClientSession(Model):
    """A browser in which a client is at home until `expires_at`. The cookie holds the token, we hold its hash."""

    __tablename__ = "client_session"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]


# Asked on almost every page, so in columns: an object costs several times as much.
VISITOR = (
    select(ClientSession.person_id, Person.zone, Person.language)
    .join(Person, Person.id == ClientSession.person_id)
    .where(ClientSession.token_hash == bindparam("token"), ClientSession.expires_at > bindparam("now"))
)


class MailedLink(Model):
    """A link that we sent. Alone it opens nothing: the person's code is asked for, because couples share inboxes."""

    __tablename__ = "mailed_link"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(20))  # the reference of what it leads to
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class ReturnCode(Model):
    """What somebody comes back with who wants no mail: short enough for a slip of paper, and nothing without the access
    code. We hold its keyed hash; a new one takes the place of the one before.
    """

    __tablename__ = "return_code"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    code_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class ContactChange(Model):
    """That somebody changed how we reach them, and, sealed, how we did before."""

    __tablename__ = "contact_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    before_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]
    person: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose browser this is, as far as most pages need to know. `zone` is an IANA name, `language` that of letters."""

    person_id: int
    zone: str
    language: str


@dataclass(frozen=True)
class Contact:
    """How to reach a person. `calendar_by_mail` is False where somebody else might read the messages."""

    first_name: str
    email: str
    phone: str = ""
    channels: tuple[str, ...] = ("email",)
    calendar_by_mail: bool = True
    call_times: str = ""  # when a call suits: one of CALL_TIMES


def add_person(work: Work, zone: str, language: str = DEFAULT) -> Person:
    """A new person with a data key of their own, and nothing known yet but how they read letters."""
    person = Person(reference=reference("p"), zone=zone, language=language, created_at=work.now)
    work.session.add(person)
    work.session.flush()
    vault().new_key(person.id, work.now)
    return person


def save_contact(person: Person, contact: Contact) -> None:
    """Seal how to reach this person; call inside a work."""
    person.contact_sealed = vault().seal(
        person.id, write_contact(contact), table="person", row=person.reference, column="contact"
    )
    person.email_index = blind_index(contact.email)


def contact_of(person: Person) -> Contact | None:
    """How to reach this person; None before they said so."""
    return open_contact(person.id, person.reference, person.contact_sealed)


def open_contact(person_id: int, reference: str, sealed: bytes | None) -> Contact | None:
    """The same of somebody of whom only these columns were read."""
    if sealed is None:
        return None
    return read_contact(vault().open(person_id, sealed, table="person", row=reference, column="contact"))


def write_contact(contact: Contact) -> str:
    """A contact as text, to be sealed."""
    return json.dumps(asdict(contact))


def read_contact(plain: str) -> Contact:
    """The contact that write_contact() wrote."""
    fields = json.loads(plain)
    return Contact(**{**fields, "channels": tuple(fields["channels"])})


def takes_mail(person: Person) -> bool:
    """Whether this person wants letters: mail is one of their ways, and they didn't say no when they were asked."""
    contact = contact_of(person)
    return contact is not None and "email" in contact.channels and person.letters_agreed is not False


def find_person(reference: str) -> Person | None:
    """The person of this reference, erased or not."""
    return db.session.scalars(select(Person).where(Person.reference == reference)).one_or_none()


def find_by_email(email: str) -> list[Person]:
    """Everybody who gave this address, newest first. One address may be several people's."""
    found = select(Person).where(Person.email_index == blind_index(email)).order_by(Person.id.desc())
    return list(db.session.scalars(found))


def hash_code(code: str) -> str:
    """Argon2id hash of an access code. Slow on purpose: call it before a work, never inside."""
    return _hasher.hash(code)


def code_fits(person: Person, code: str) -> bool:
    """Whether this is the person's access code. Slow on purpose: call it before a work, never inside."""
    if person.code_hash is None:
        return False
    try:
        return _hasher.verify(person.code_hash, code)
    except VerificationError:
        return False


def current_visitor() -> Visitor | None:
    """The client whose browser this is, or None; read once in a request."""
    if not has_request_context():
        return None
    if "visitor" not in g:
        g.visitor = _find_visitor(session.get(SESSION_KEY))
    return cast("Visitor | None", g.visitor)


def current_person() -> Person | None:
    """The same with everything that we know of them. Where their id is enough, current_visitor() costs less."""
    visitor = current_visitor()
    return db.session.get(Person, visitor.person_id) if visitor is not None else None


def sign_in_client(work: Work, person: Person) -> None:
    """Make this browser the person's; whatever session it had before ends."""
    _end_session(work)
    session.clear()
    token = new_token()
    work.session.add(
        ClientSession(token_hash=token_hash(token), person_id=person.id, expires_at=work.now + SESSION_LIFE)
    )
    session[SESSION_KEY] = token
    g.visitor = Visitor(person.id, person.zone, person.language)


def sign_out_client(work: Work) -> None:
    """Forget this browser."""
    _end_session(work)
    session.clear()
    g.visitor = None


def make_link(work: Work, person: Person, purpose: str, target: str | None = None) -> str:
    """The token of a new mailed link; it is not stored and can't be had again."""
    token = new_token()
    work.session.add(
        MailedLink(
            token_hash=token_hash(token),
            person_id=person.id,
            purpose=purpose,
            target=target,
            expires_at=work.now + LINK_LIFE,
        )
    )
    return token


def get_link(token: str, purpose: str) -> MailedLink:
    """The link of this token.

    :raises NotFound: for an unknown token, or one of another purpose.
    :raises Gone: when it has run out or was revoked.
    """
    link = db.session.get(MailedLink, token_hash(token))
    if link is None or link.purpose != purpose:
        raise NotFound
    if link.revoked_at is not None or link.expires_at <= clock().now():
        raise Gone
    return link


def make_return_code(work: Work, person: Person) -> str:
    """A new return code, in the place of the one before, as in `k7m2-x9pf`; it can't be had again."""
    # Two that are made at once take turns, so that the second takes the first one's place.
    work.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    drop_return_code(work, person)
    groups = [secrets.choice(ALPHABET) for _ in range(RETURN_CODE_GROUP * RETURN_CODE_GROUPS)]
    code = "".join(groups[:RETURN_CODE_GROUP]) + "-" + "".join(groups[RETURN_CODE_GROUP:])
    work.session.add(ReturnCode(person_id=person.id, code_index=return_code_index(code), made_at=work.now))
    work.session.flush()
    return code


def find_return_code(person: Person) -> ReturnCode | None:
    """The return code of this person that is good now."""
    return db.session.get(ReturnCode, person.id)


def find_by_return_code(typed: str) -> Person | None:
    """Whose return code this is, however it was typed."""
    found = select(ReturnCode).where(ReturnCode.code_index == return_code_index(typed))
    row = db.session.scalars(found).one_or_none()
    return row.person if row is not None else None


def return_code_index(typed: str) -> bytes:
    """What is stored of a return code: a keyed hash, the same with and without spaces, hyphens and capitals."""
    return blind_index("return code " + "".join(letter for letter in typed.lower() if letter.isalnum()))


def drop_return_code(work: Work, person: Person) -> None:
    """Withdraw the return code of this person, if there is one."""
    work.session.execute(delete(ReturnCode).where(ReturnCode.person_id == person.id))


def forget_person(work: Work, person: Person) -> None:
    """Erase who somebody is: destroying their key makes every sealed value of theirs unreadable, copies included.

    The row stays, with its reference and nothing else, for what refers to it.
    """
    for owned in (ClientSession, MailedLink, ReturnCode, ContactChange):
        work.session.execute(delete(owned).where(owned.person_id == person.id))
    vault().destroy_key(person.id)
    person.contact_sealed = person.email_index = person.code_hash = person.letters_agreed = None
    person.language = DEFAULT
    work.session.flush()


def _find_visitor(token: str | None) -> Visitor | None:
    if not token:
        return None
    asked = {"token": token_hash(token), "now": clock().now()}
    found = db.session.connection().execute(VISITOR, asked).one_or_none()
    return Visitor(found.person_id, found.zone, found.language) if found is not None else None


def _end_session(work: Work) -> None:
    token = session.get(SESSION_KEY)
    if token:
        work.session.execute(delete(ClientSession).where(ClientSession.token_hash == token_hash(token)))
