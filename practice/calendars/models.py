"""Private feeds: their secret addresses, what stands in them and how often that changed; and what letters brought."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.database import Model


class Detail(StrEnum):
    """What a feed says of each session."""

    BUSY = "busy"  # that the time is taken
    SESSION = "session"
    INITIALS = "initials"  # of whoever comes
    FIRST_NAMES = "first_names"


NAMING = (Detail.INITIALS, Detail.FIRST_NAMES)
"""The details that say anything about clients: for a therapist's own feeds alone."""


class Feed(Model):
    """One secret address: of a therapist's sessions or, without a therapist, of everybody's. Ending it deletes it.

    `names_revision` counts what may have changed a name that it says; see naming.py.
    """

    __tablename__ = "feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("therapist.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))  # where it is read, in the words of whoever made it
    detail: Mapped[Detail] = mapped_column(
        Enum(Detail, native_enum=False, create_constraint=True, length=12, name="detail", values_callable=list)
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]  # of the address that it has now
    last_fetched_at: Mapped[datetime | None]  # of this address, to the hour or so; see actions.note_fetch
    names_revision: Mapped[int] = mapped_column(default=0)
    therapist: Mapped[Therapist | None] = relationship()
    __table_args__ = (
        CheckConstraint("therapist_id IS NOT NULL OR detail IN ('busy', 'session')", name="names_for_one_alone"),
    )


class FeedRevision(Model):
    """How often a therapist's entries changed, and when last: known before a feed is built."""

    __tablename__ = "feed_revision"
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    changed_at: Mapped[datetime]


class FeedEntry(Model):
    """A booking's VEVENT, written once per revision, so that a feed is built by joining bytes. It names nobody."""

    __tablename__ = "feed_entry"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled: Mapped[bool]
    written_as: Mapped[str] = mapped_column(String(32))  # the form that `fragment` was written in
    fragment: Mapped[bytes] = mapped_column(LargeBinary)
    booking: Mapped[Booking] = relationship()
    __table_args__ = (Index(None, "therapist_id", "starts_at"),)


class MailedObject(Model):
    """The calendar object that letters about a booking brought to one address of a recipient.

    Calendars let nobody but the organizer whom it names change it, so it keeps the one of its first letter. A client's
    address is kept as a keyed hash; `contact_change` knows which it was. A therapist's is no secret.
    """

    __tablename__ = "mailed_object"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    recipient: Mapped[str] = mapped_column(String(40))  # as letters name them
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # empty: the therapist
    address_index: Mapped[bytes] = mapped_column(LargeBinary)
    staff_address: Mapped[str | None] = mapped_column(String(254))
    organizer: Mapped[str] = mapped_column(String(320))  # as MAIL_FROM was
    mailed_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # a letter takes it out of that address's calendar, once it went elsewhere
    booking: Mapped[Booking] = relationship()
    __table_args__ = (UniqueConstraint("booking_id", "recipient", "address_index"),)
