"""Therapists and their hours, offerings, bookings, and the claims that guard against double booking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Date, Enum, ForeignKey, Index, Row, String, Table, Text, Time
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.lifecycle import State
from practice.booking.policy import CancellationPolicy
from practice.booking.slots import Schedule, SlotRules, Window
from practice.database import Model
from practice.money import Money
from practice.people import Person
from practice.spans import Span


class Resource(Model):
    """Something whose time can be claimed once: a therapist."""

    __tablename__ = "resource"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))


therapist_offering = Table(
    "therapist_offering",
    Model.metadata,
    Column("therapist_id", ForeignKey("therapist.id"), primary_key=True),
    Column("offering_id", ForeignKey("offering.id"), primary_key=True),
)


class WeeklyHours(Model):
    """One opening of a weekday, in the therapist's own wall time. 0 is Monday."""

    __tablename__ = "weekly_hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
    )


class DayOverride(Model):
    """Replaces a date's weekly hours: with one opening a row, or, where both times are empty, with a closed day."""

    __tablename__ = "day_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
    __table_args__ = (
        CheckConstraint("(opens IS NULL AND closes IS NULL) OR opens < closes", name="opens_before_closes"),
    )


class Offering(Model):
    """A kind of session. Prices are copied into each booking; changing one here changes no booking."""

    __tablename__ = "offering"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    attendance: Mapped[str] = mapped_column(String(12))  # couple or individual
    place: Mapped[str] = mapped_column(String(12))  # video or in_person
    session_minutes: Mapped[int]
    step_minutes: Mapped[int]
    before_minutes: Mapped[int]
    after_minutes: Mapped[int]
    notice_hours: Mapped[int]
    horizon_days: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    late_cancel_hours: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        CheckConstraint("attendance IN ('couple', 'individual')", name="attendance"),
        CheckConstraint("place IN ('video', 'in_person')", name="place"),
        CheckConstraint("session_minutes > 0 AND session_minutes % 5 = 0", name="session_in_ticks"),
        CheckConstraint("step_minutes > 0 AND step_minutes % 5 = 0", name="step_in_ticks"),
        CheckConstraint("before_minutes >= 0 AND before_minutes % 5 = 0", name="before_in_ticks"),
        CheckConstraint("after_minutes >= 0 AND after_minutes % 5 = 0", name="after_in_ticks"),
        CheckConstraint("price_minor > 0", name="price_above_zero"),
    )

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def rules(self) -> SlotRules:
        """How its slots are cut."""
        return make_rules(self)

    @property
    def cancellation(self) -> CancellationPolicy:
        """What cancelling costs: free until the notice, the whole fee after."""
        return CancellationPolicy(notice=timedelta(hours=self.late_cancel_hours), late_fee=Fraction(1))

    def blocked(self, start: datetime) -> Span:
        """All the time that a session starting then takes, buffers included."""
        return self.rules.blocked(start)


class Therapist(Model):
    """The person whose time is booked, and what clients may read of them."""

    __tablename__ = "therapist"
    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    approach: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(String(60))
    languages: Mapped[list[str]] = mapped_column(JSON)
    licence_places: Mapped[list[str]] = mapped_column(JSON)  # region codes, as in the questionnaire
    email: Mapped[str] = mapped_column(String(254))
    join_link: Mapped[str] = mapped_column(String(300))
    office: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    resource: Mapped[Resource] = relationship()
    offerings: Mapped[list[Offering]] = relationship(secondary=therapist_offering, order_by=Offering.price_minor)
    weekly_hours: Mapped[list[WeeklyHours]] = relationship(order_by=(WeeklyHours.weekday, WeeklyHours.opens))
    day_overrides: Mapped[list[DayOverride]] = relationship(order_by=(DayOverride.day, DayOverride.opens))

    @property
    def schedule(self) -> Schedule:
        """The opening hours, as the slot function takes them."""
        return make_schedule(
            self.zone,
            ((row.weekday, row.opens, row.closes) for row in self.weekly_hours),
            ((row.day, row.opens, row.closes) for row in self.day_overrides),
        )


def make_rules(terms: Offering | Row[*tuple[Any, ...]]) -> SlotRules:
    """The terms of an offering, or of a row with those columns, as the slot function takes them."""
    return SlotRules(
        session=timedelta(minutes=terms.session_minutes),
        step=timedelta(minutes=terms.step_minutes),
        before=timedelta(minutes=terms.before_minutes),
        after=timedelta(minutes=terms.after_minutes),
        notice=timedelta(hours=terms.notice_hours),
        horizon=timedelta(days=terms.horizon_days),
        daily_cap=None,
    )


def make_schedule(
    zone: str, weekly: Iterable[tuple[int, time, time]], overrides: Iterable[tuple[date, time | None, time | None]]
) -> Schedule:
    """The opening hours in rows (weekday or date, opens, closes), as the slot function takes them."""
    weekdays: dict[int, tuple[Window, ...]] = {}
    for weekday, opens, closes in weekly:
        weekdays[weekday] = (*weekdays.get(weekday, ()), (opens, closes))
    days: dict[date, tuple[Window, ...]] = {}
    for day, opening, closing in overrides:
        window = () if opening is None or closing is None else ((opening, closing),)
        days[day] = (*days.get(day, ()), *window)
    return Schedule(zone=zone, weekly=weekdays, overrides=days)


class Booking(Model):
    """One session that somebody holds, pays for and comes to. State changes follow lifecycle.py alone."""

    __tablename__ = "booking"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    uid: Mapped[str] = mapped_column(String(60), unique=True)  # of the calendar object, for life
    sequence: Mapped[int] = mapped_column(default=0)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"))
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    blocked_from: Mapped[datetime]
    blocked_until: Mapped[datetime]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    held_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    payable: Mapped[bool] = mapped_column(default=False)  # a checkout may be open: never free before it is closed
    confirmed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]  # by the practice, also while unpaid: nothing may confirm it any more
    updated_at: Mapped[datetime]
    therapist: Mapped[Therapist] = relationship()
    offering: Mapped[Offering] = relationship()
    person: Mapped[Person] = relationship()
    __table_args__ = (
        Index(None, "therapist_id", "starts_at"),
        Index(None, "state", "deadline_at"),
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        CheckConstraint("blocked_from <= starts_at AND ends_at <= blocked_until", name="buffers_around"),
        CheckConstraint("price_minor >= 0", name="price_not_below_zero"),
    )

    @property
    def price(self) -> Money:
        """What was agreed when the time was held."""
        return Money(self.price_minor, self.currency)

    @property
    def blocked(self) -> Span:
        """The claimed span, buffers included."""
        return Span(self.blocked_from, self.blocked_until)


class SlotClaim(Model):
    """Five minutes of one resource. Its primary key is the guard against double booking, on every database."""

    __tablename__ = "slot_claim"
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    tick: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # minutes since the epoch / 5
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)


class Eligibility(Model):
    """All that booking knows of an intake: what this person may book, and until when. Nothing of why."""

    __tablename__ = "eligibility"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    attendance: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    region: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime]

    def allows(self, therapist: Therapist, offering: Offering, now: datetime) -> bool:
        """Whether this person may book this offering with this therapist."""
        return self.covers(offering.attendance, offering.place, therapist.licence_places, now)

    def covers(self, attendance: str, place: str, licence_places: Sequence[str], now: datetime) -> bool:
        """Whether this person may book sessions of this kind, with somebody licensed in these places."""
        return (
            now < self.expires_at
            and attendance in self.attendance
            and place in self.places
            and self.region in licence_places
        )
