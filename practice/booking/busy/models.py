"""What therapists' own calendars keep from being booked: each calendar's name, and when it says that they are busy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.database import Model
from practice.spans import Span


class BusyCalendar(Model):
    """A calendar of a therapist's own. How it is read is the calendars' affair; the name is the therapist's word."""

    __tablename__ = "busy_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    therapist: Mapped[Therapist] = relationship()


class BusyTime(Model):
    """A stretch of time, of a day at most, in which a calendar says that its therapist is busy. Not what with.

    It lies on no five minutes, and claims nothing: what was booked before stays booked.
    """

    __tablename__ = "busy_time"
    calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendar.id"), primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    calendar: Mapped[BusyCalendar] = relationship()
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_ends"),)

    @property
    def span(self) -> Span:
        """When it is."""
        return Span(self.starts_at, self.ends_at)


class Collision(Model):
    """That a session stands where a calendar says that its therapist is busy: noticed anew when the two meet otherwise.

    `met_from` and `met_until` bound what of the session they share. They and the booking's `sequence` are as they were
    when it was noticed.
    """

    __tablename__ = "collision"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    calendar_id: Mapped[int] = mapped_column(
        ForeignKey("busy_calendar.id"), primary_key=True, autoincrement=False, index=True
    )
    sequence: Mapped[int]
    met_from: Mapped[datetime]
    met_until: Mapped[datetime]
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    noticed_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # the therapist said that it stays so
    booking: Mapped[Booking] = relationship()
    calendar: Mapped[BusyCalendar] = relationship()
