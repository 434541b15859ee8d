"""What the practice connects to: its mail server and Stripe, as they stand now.

What the environment names goes first. Everything else stands in the database, whole and sealed, each connection with a
key of its own, so that taking one away, or putting another in its place, makes the old one unreadable in every copy.
It is read at each use, on a connection of its own that is given back before anything goes over the network.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.audit import record
from practice.database import Model, db
from practice.errors import Unavailable
from practice.languages import N_
from practice.mailboxes import read_mailbox, write_mailbox
from practice.profile import profile
from practice.sealing import CannotOpen, Vault, blind_index, keyring, vault
from practice.settings import settings
from practice.work import Work

MAIL, STRIPE = "mail", "stripe"
NEUTRAL = "Appointments"
FINE = "fine"
SHOWN = 4  # letters of a secret


class Unreadable(Unavailable):
    """A connection does not open: the master key that it needs is not in the keys file."""

    title = N_("A connection can’t be read")
    way_out = N_(
        "A master key is missing. Put it back into the keys file from your copy of that file; "
        "or take the connection away under Setting up, Connections, and set it anew."
    )

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name  # MAIL or STRIPE


class Connection(Model):
    """A connection as somebody set it on the page; everything about it is sealed with its own document key."""

    __tablename__ = "connection"
    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # JSON of MailAccess or StripeAccess
    set_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("name IN ('mail', 'stripe')", name="name"),)


class ConnectionTrial(Model):
    """What became of the last trial of a connection, and a mark of what was tried: another key has not been tried."""

    __tablename__ = "connection_trial"
    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    tried: Mapped[bytes] = mapped_column(LargeBinary)
    tried_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))  # FINE, or what was wrong
    __table_args__ = (CheckConstraint("name IN ('mail', 'stripe')", name="name"),)


@dataclass(frozen=True)
class MailAccess:
    """A mail server, how we sign in there, and whom letters come from. `scheme`: starttls, smtps, or smtp."""

    scheme: str = "starttls"
    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    sender_name: str = NEUTRAL
    sender_address: str = ""

    @property
    def url(self) -> str:
        """As SMTP_URL is written; empty without a server."""
        if not self.host:
            return ""
        signs_in = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{self.scheme}://{signs_in}{self.host}:{self.port}"

    @property
    def sender(self) -> str:
        """As MAIL_FROM is written; empty without an address."""
        return write_mailbox(self.sender_name, self.sender_address) if self.sender_address else ""


@dataclass(frozen=True)
class StripeAccess:
    """The secret key, and the secret with which Stripe signs its events."""

    api_key: str = ""
    webhook_secret: str = ""


@dataclass(frozen=True)
class Stored:
    """What stands in the database, and since when; empty where nobody set anything, and where it does not open."""

    mail: MailAccess = MailAccess()
    mail_since: datetime | None = None
    stripe: StripeAccess = StripeAccess()
    stripe_since: datetime | None = None
    shut: frozenset[str] = frozenset()  # names of those that do not open


def read_stored() -> Stored:
    """What somebody set on the page, for a page that says so also where it does not open."""
    found = Stored(mail_since=find_since(MAIL), stripe_since=find_since(STRIPE))
    try:
        found = replace(found, mail=stored_mail())
    except Unreadable as shut:
        found = replace(found, shut=found.shut | {shut.name})
    try:
        return replace(found, stripe=stored_stripe())
    except Unreadable as shut:
        return replace(found, shut=found.shut | {shut.name})


def stored_mail() -> MailAccess:
    """The mail server that somebody set on the page. It asks on a connection of its own, and gives it back.

    :raises Unreadable: when the master key is missing from the keys file.
    """
    return MailAccess(**_opened(MAIL))


def stored_stripe() -> StripeAccess:
    """The keys that somebody set on the page, asked for likewise.

    :raises Unreadable: as stored_mail does.
    """
    return StripeAccess(**_opened(STRIPE))


def find_since(name: str) -> datetime | None:
    """Since when a connection stands, whether it opens or not; None where there is none."""
    row = db.session.get(Connection, name)
    return row.set_at if row is not None else None


def mail_url() -> str:
    """The mail server, as SMTP_URL is written; empty where there is none.

    :raises Unreadable: as stored_mail does.
    """
    return settings().smtp_url or stored_mail().url


def mail_from() -> str:
    """Whom letters come from, as MAIL_FROM is written; where nobody said, a neutral name at the practice's address.

    :raises Unreadable: as stored_mail does.
    """
    return settings().mail_from or stored_mail().sender or write_mailbox(NEUTRAL, profile().email)


def sender_name() -> str:
    """Whom readers see as the sender: a name, or the address of one without; a neutral one while it does not open."""
    try:
        name, address = read_mailbox(mail_from())
    except Unreadable:
        return NEUTRAL
    return name or address


def stripe_access() -> StripeAccess:
    """The key and the secret in use; what is missing is empty.

    :raises Unreadable: as stored_mail does.
    """
    given = StripeAccess(settings().stripe_api_key, settings().stripe_webhook_secret)
    if given.api_key and given.webhook_secret:
        return given
    stored = stored_stripe()
    return StripeAccess(given.api_key or stored.api_key, given.webhook_secret or stored.webhook_secret)


def lock(work: Work, name: str) -> datetime | None:
    """Since when a connection stands, locked until the work ends; None where there is none."""
    row = work.session.get(Connection, name, with_for_update=True, populate_existing=True)
    return row.set_at if row is not None else None


def connect(work: Work, actor: str, access: MailAccess | StripeAccess) -> None:
    """Have a connection from now on, in every process. What stood before can't be read any more."""
    name = _name_of(access)
    row = work.session.get(Connection, name, with_for_update=True)
    vault().destroy_key(_key_of(name))
    vault().new_key(_key_of(name), work.now)
    sealed = vault().seal(_key_of(name), json.dumps(asdict(access)), table="connection", row=name, column="sealed")
    if row is None:
        work.session.add(Connection(name=name, sealed=sealed, set_at=work.now))
    else:
        row.sealed, row.set_at = sealed, work.now
    _forget_trial(work, name)
    record(work, actor, "connection_set", name)


def disconnect(work: Work, actor: str, name: str) -> None:
    """Have it no longer, and make it unreadable; nothing happens where there is none."""
    row = work.session.get(Connection, name, with_for_update=True)
    if row is None:
        return
    work.session.delete(row)
    vault().destroy_key(_key_of(name))
    _forget_trial(work, name)
    record(work, actor, "connection_taken_away", name)


def note_trial(work: Work, actor: str, name: str, tried: bytes, outcome: str) -> None:
    """Note what became of a trial of what `tried` is the mark of."""
    row = work.session.get(ConnectionTrial, name, with_for_update=True)
    if row is None:
        row = ConnectionTrial(name=name)
        work.session.add(row)
    row.tried, row.tried_at, row.outcome = tried, work.now, outcome
    record(work, actor, "connection_tried", name, {"outcome": outcome})


def find_trial(name: str) -> ConnectionTrial | None:
    """The last trial of what is in use now; None where it was never tried as it is, or does not open."""
    row = db.session.get(ConnectionTrial, name)
    try:
        return row if row is not None and row.tried == mark_of(name) else None
    except Unreadable:
        return None


def mark_of(name: str) -> bytes:
    """32 bytes that stand for what is in use: other bytes after any change.

    :raises Unreadable: as stored_mail does.
    """
    values = (mail_url(), mail_from()) if name == MAIL else astuple(stripe_access())
    return blind_index(hashlib.sha256(json.dumps([name, *values]).encode()).hexdigest())


def last_letters(secret: str) -> str:
    """The end of a secret, by which its owner knows it again; nothing of one so short that this would tell it."""
    return secret[-SHOWN:] if len(secret) >= 4 * SHOWN else ""


def _forget_trial(work: Work, name: str) -> None:
    row = work.session.get(ConnectionTrial, name)
    if row is not None:
        work.session.delete(row)


def _name_of(access: MailAccess | StripeAccess) -> str:
    return MAIL if isinstance(access, MailAccess) else STRIPE


def _key_of(name: str) -> str:
    return f"connection_{name}"


def _opened(name: str) -> dict[str, Any]:
    with Session(db.engine) as own:
        row = own.get(Connection, name)
        if row is None:
            return {}
        try:
            opened = Vault(own, keyring()).open(
                _key_of(name), row.sealed, table="connection", row=name, column="sealed"
            )
        except CannotOpen:
            raise Unreadable(name) from None
    found: dict[str, Any] = json.loads(opened)
    return found
