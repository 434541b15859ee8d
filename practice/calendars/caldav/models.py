"""Therapists' own calendars that are kept on a server: how we reach them, what we wrote there, what is to be asked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.busy.models import BusyCalendar
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.database import Model
from practice.spans import Span

WRITTEN = text("written")
OPEN = text("answered_at IS NULL")


class AccountState(StrEnum):
    """How a connection stands."""

    WORKING = "working"
    AWAY = "away"  # the server doesn't answer; it is tried again by itself
    SIGN_IN_AGAIN = "sign_in_again"
    NOT_ALLOWED = "not_allowed"  # to write in the calendar that was chosen
    CALENDAR_GONE = "calendar_gone"  # the one that was chosen to write to
    NOT_CALDAV = "not_caldav"
    LEAVING = "leaving"  # it is disconnected, and what we wrote is being removed


class Kind(StrEnum):
    """What was done to a session's object outside."""

    MOVED = "moved"
    DELETED = "deleted"


class Answer(StrEnum):
    """How a question ended."""

    MOVED = "moved"  # the session has the time now at which it was seen
    PUT_BACK = "put_back"
    BACK = "back"  # its therapist put it back where it was
    SESSION_CHANGED = "session_changed"  # it was moved, cancelled or called off meanwhile
    DISCONNECTED = "disconnected"
    OVER = "over"  # nobody answered before the session was over


class CalendarAccount(Model):
    """A therapist's access to a CalDAV server. The password is sealed with a key of the connection's own."""

    __tablename__ = "calendar_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    url: Mapped[str] = mapped_column(String(500))
    user_name: Mapped[str] = mapped_column(String(200))
    password_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[AccountState] = mapped_column(
        Enum(AccountState, native_enum=False, create_constraint=True, length=20, name="state", values_callable=list)
    )
    connected_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]  # to five minutes or so
    failing_since: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]  # until then nobody asks a server that is away
    told_at: Mapped[datetime | None]  # when its therapist was told that it stopped
    therapist: Mapped[Therapist] = relationship()
    calendars: Mapped[list[AccountCalendar]] = relationship(
        back_populates="account", order_by="AccountCalendar.name", cascade="all, delete-orphan"
    )
    __table_args__ = (UniqueConstraint("therapist_id", "url", "user_name"),)


class AccountCalendar(Model):
    """A calendar on such a server. At most one of a therapist's is written to."""

    __tablename__ = "account_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("calendar_account.id"), index=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"))
    href: Mapped[str] = mapped_column(String(1000))
    name: Mapped[str] = mapped_column(String(200))
    color: Mapped[str] = mapped_column(String(20))
    writable: Mapped[bool]
    written: Mapped[bool]
    sync_token: Mapped[str] = mapped_column(String(1000), default="")
    looked_at: Mapped[datetime | None]
    busy_calendar_id: Mapped[int | None] = mapped_column(ForeignKey("busy_calendar.id"), unique=True)
    account: Mapped[CalendarAccount] = relationship(back_populates="calendars")
    busy_calendar: Mapped[BusyCalendar | None] = relationship()
    __table_args__ = (
        UniqueConstraint("account_id", "href"),
        Index(None, "therapist_id", unique=True, sqlite_where=WRITTEN, postgresql_where=WRITTEN),
    )


class PushedSession(Model):
    """That a session has, or may have, an object in a calendar. It stands before the object and outlives it.

    `digest`, `starts_at` and `ends_at` are what we mean it to say; `known_…` what it said when we last knew. The two
    differ from the moment before a write to the moment after it. A digest without times is that of a first write of
    which we never heard, and the session changed since.
    """

    __tablename__ = "pushed_session"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("account_calendar.id"), primary_key=True, autoincrement=False)
    href: Mapped[str] = mapped_column(String(1100))
    etag: Mapped[str | None] = mapped_column(String(200))
    sequence: Mapped[int]
    digest: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    known_digest: Mapped[str | None] = mapped_column(String(32))
    known_starts_at: Mapped[datetime | None]
    known_ends_at: Mapped[datetime | None]
    not_ours_since: Mapped[datetime | None]  # something is in its place that we leave alone
    refused_since: Mapped[datetime | None]  # since when its server has found that each condition doesn't hold
    revision: Mapped[int]  # counts our changes of this row: whoever read another must not write
    booking: Mapped[Booking] = relationship()
    calendar: Mapped[AccountCalendar] = relationship()
    __table_args__ = (Index(None, "calendar_id"),)

    @property
    def settled(self) -> bool:
        """Whether it was there as the session says, when we last knew."""
        return self.known_digest == self.digest

    @property
    def meant(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def known(self) -> Span | None:
        if self.known_starts_at is None or self.known_ends_at is None:
            return None
        return Span(self.known_starts_at, self.known_ends_at)


class CalendarQuestion(Model):
    """That a session's object was moved or deleted outside. The session itself stays until somebody answers.

    At most one of a session is open. `sequence` is the booking's at that time; `etag` that of the object as seen.
    """

    __tablename__ = "calendar_question"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[Kind] = mapped_column(
        Enum(Kind, native_enum=False, create_constraint=True, length=10, name="kind", values_callable=list)
    )
    sequence: Mapped[int]
    seen_starts_at: Mapped[datetime | None]
    seen_ends_at: Mapped[datetime | None]
    etag: Mapped[str | None] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(60), default="")
    answer: Mapped[Answer | None] = mapped_column(
        Enum(Answer, native_enum=False, create_constraint=True, length=20, name="answer", values_callable=list)
    )
    booking: Mapped[Booking] = relationship()
    __table_args__ = (Index(None, "booking_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),)
