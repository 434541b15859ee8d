"""A therapist's private feed: its secret address, what stands in it, and how often that changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.database import Model

OPEN = text("revoked_at IS NULL")


class Feed(Model):
    """One secret address of a therapist's feed. A therapist has at most one that isn't revoked."""

    __tablename__ = "feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_fetched_at: Mapped[datetime | None]  # to the hour or so; see actions.note_fetch
    therapist: Mapped[Therapist] = relationship()
    __table_args__ = (Index(None, "therapist_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),)


class FeedRevision(Model):
    """How often a therapist's entries changed, and when last: known before a feed is built."""

    __tablename__ = "feed_revision"
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    changed_at: Mapped[datetime]


class FeedEntry(Model):
    """A booking's VEVENT, written once per revision, so that a feed is built by joining bytes."""

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
