"""How therapists' own calendars are read, and what came of it last. What they say stands in booking/busy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.busy.models import BusyCalendar
from practice.database import Model


class Reading(Model):
    """That a calendar is read, by which rule, and how it went. Counts, times and our own words: nothing that it says.

    Whoever began to look later has the last word: `began_at` is when the last look began, `read_at` when the one did of
    which the times are.
    """

    __tablename__ = "reading"
    calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendar.id"), primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(10))  # which of wiring.CALENDAR_SOURCES
    all_day: Mapped[str] = mapped_column(String(6))  # an AllDay
    validator: Mapped[str] = mapped_column(Text, default="")  # the source's own word for what it had last
    read_as: Mapped[str] = mapped_column(String(120), default="")  # the window, rule and zone that it is good for
    began_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # of the last look without trouble
    took_ms: Mapped[int] = mapped_column(default=0)  # the last look, all in all
    events: Mapped[int] = mapped_column(default=0)  # how many were read then
    warnings: Mapped[str] = mapped_column(Text, default="[]")  # JSON: sentences for the therapist
    failing_since: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))  # a sentence for the therapist
    found_empty: Mapped[bool] = mapped_column(default=False)  # the problem is that there was nothing in it any more
    told_at: Mapped[datetime | None]  # of this trouble, by letter
    calendar: Mapped[BusyCalendar] = relationship()
    __table_args__ = (CheckConstraint("all_day IN ('block', 'ignore')", name="all_day_known"),)


class Subscription(Model):
    """The secret address of a calendar, sealed with a key of its own: the document key of its reference."""

    __tablename__ = "subscription"
    calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendar.id"), primary_key=True, autoincrement=False)
    url_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    calendar: Mapped[BusyCalendar] = relationship()
