"""Therapists and their hours, offerings, and the rooms to meet in."""

from __future__ import annotations

from datetime import date, time, timedelta
from fractions import Fraction

from sqlalchemy import JSON, CheckConstraint, Column, Date, ForeignKey, String, Table, Text, Time
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.policy import CancellationPolicy
from practice.booking.slots import SlotRules
from practice.database import Model
from practice.kept import Kept
from practice.money import Money
from practice.own_words import OwnText, OwnWords

PLACES = "place IS NULL OR place IN ('video', 'in_person')"

FOR_TWO, FOR_ONE = "couple", "individual"  # who comes to a session


class Resource(Model):
    """Something whose time can be claimed once: a therapist or a room."""

    __tablename__ = "resource"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))


therapist_offering = Table(
    "therapist_offering",
    Model.metadata,
    Column("therapist_id", ForeignKey("therapist.id"), primary_key=True),
    Column("offering_id", ForeignKey("offering.id"), primary_key=True),
)
therapist_room = Table(
    "therapist_room",
    Model.metadata,
    Column("therapist_id", ForeignKey("therapist.id"), primary_key=True),
    Column("room_id", ForeignKey("room.id"), primary_key=True),
)


class Room(Kept, Model):
    """Where people meet in person. A room that is no longer used stays, for the sessions that were in it."""

    __tablename__ = "room"
    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200))
    seats: Mapped[int]  # for clients
    active: Mapped[bool] = mapped_column(default=True)
    resource: Mapped[Resource] = relationship()
    __table_args__ = (CheckConstraint("seats > 0", name="seats_above_zero"),)


class WeeklyHours(Kept, Model):
    """One opening of a weekday, in the therapist's own wall time; 0 is Monday. Empty: every place, no first or last."""

    __tablename__ = "weekly_hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    place: Mapped[str | None] = mapped_column(String(12))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
        CheckConstraint("valid_from <= valid_until", name="first_before_last"),
        CheckConstraint(PLACES, name="place"),
    )


class DayOverride(Kept, Model):
    """A date that differs: closed, with other hours than usual, or with an extra opening. One row for each opening."""

    __tablename__ = "day_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(8))
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
    place: Mapped[str | None] = mapped_column(String(12))
    __table_args__ = (
        CheckConstraint("kind IN ('closed', 'other', 'extra')", name="kind"),
        CheckConstraint(
            "(kind = 'closed' AND opens IS NULL AND closes IS NULL) OR (kind <> 'closed' AND opens < closes)",
            name="opens_before_closes",
        ),
        CheckConstraint(PLACES, name="place"),
    )


class TimeOff(Kept, Model):
    """Days on which the therapist is away, both included, in their own calendar. Why is nobody's business."""

    __tablename__ = "time_off"
    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    __table_args__ = (CheckConstraint("first_day <= last_day", name="first_before_last"),)


class Offering(OwnWords, Kept, Model):
    """A kind of session. Prices are copied into each booking; changing one here changes no booking.

    `visit` says who it is for: somebody's first session, a follow_up, or any. Not `active` means archived.
    """

    __tablename__ = "offering"
    own_texts = ("name",)
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    english_name: Mapped[str] = mapped_column("name", String(120))
    name = OwnText()
    attendance: Mapped[str] = mapped_column(String(12))  # FOR_TWO or FOR_ONE
    place: Mapped[str] = mapped_column(String(12))  # video or in_person
    visit: Mapped[str] = mapped_column(String(10), default="any")
    staff_only: Mapped[bool] = mapped_column(default=False)
    session_minutes: Mapped[int]
    step_minutes: Mapped[int]
    before_minutes: Mapped[int]
    after_minutes: Mapped[int]
    notice_hours: Mapped[int]
    horizon_days: Mapped[int]
    daily_cap: Mapped[int | None]
    weekly_cap: Mapped[int | None]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    late_cancel_hours: Mapped[int]
    late_waiver: Mapped[bool] = mapped_column(default=True)  # whether a first late cancellation is free
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        CheckConstraint("attendance IN ('couple', 'individual')", name="attendance"),
        CheckConstraint("place IN ('video', 'in_person')", name="place"),
        CheckConstraint("visit IN ('any', 'first', 'follow_up')", name="visit"),
        CheckConstraint("session_minutes > 0 AND session_minutes % 5 = 0", name="session_in_ticks"),
        CheckConstraint("step_minutes > 0 AND step_minutes % 5 = 0", name="step_in_ticks"),
        CheckConstraint("before_minutes >= 0 AND before_minutes % 5 = 0", name="before_in_ticks"),
        CheckConstraint("after_minutes >= 0 AND after_minutes % 5 = 0", name="after_in_ticks"),
        CheckConstraint("daily_cap > 0 AND weekly_cap > 0", name="caps_above_zero"),
        CheckConstraint("price_minor >= 0", name="price_not_below_zero"),
    )

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def rules(self) -> SlotRules:
        """How its slots are cut."""
        return SlotRules(
            session=timedelta(minutes=self.session_minutes),
            step=timedelta(minutes=self.step_minutes),
            before=timedelta(minutes=self.before_minutes),
            after=timedelta(minutes=self.after_minutes),
            notice=timedelta(hours=self.notice_hours),
            horizon=timedelta(days=self.horizon_days),
            daily_cap=self.daily_cap,
            weekly_cap=self.weekly_cap,
        )

    @property
    def cancellation(self) -> CancellationPolicy:
        """What cancelling costs: free until the notice, the whole fee after."""
        return CancellationPolicy(notice=timedelta(hours=self.late_cancel_hours), late_fee=Fraction(1))

    @property
    def seats(self) -> int:
        """How many clients come."""
        return 2 if self.attendance == FOR_TWO else 1


class Therapist(OwnWords, Kept, Model):
    """The person whose time is booked, and what clients may read of them.

    A therapist without rooms meets people in an office of their own, which nobody shares.
    """

    __tablename__ = "therapist"
    own_texts = ("title", "approach")
    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    english_title: Mapped[str] = mapped_column("title", String(120))
    title = OwnText()
    english_approach: Mapped[str] = mapped_column("approach", Text)
    approach = OwnText()
    zone: Mapped[str] = mapped_column(String(60))
    languages: Mapped[list[str]] = mapped_column(JSON)
    licence_places: Mapped[list[str]] = mapped_column(JSON)  # region codes, as in the questionnaire
    holiday_region: Mapped[str | None] = mapped_column(
        String(10)
    )  # whose public holidays are days off; none when empty
    packs: Mapped[bool] = mapped_column(default=False)  # whether times beside other sessions are offered first
    email: Mapped[str] = mapped_column(String(254))
    join_link: Mapped[str] = mapped_column(String(300))
    office: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    resource: Mapped[Resource] = relationship()
    offerings: Mapped[list[Offering]] = relationship(secondary=therapist_offering, order_by=Offering.price_minor)
    rooms: Mapped[list[Room]] = relationship(secondary=therapist_room, order_by=(Room.seats, Room.id))
    weekly_hours: Mapped[list[WeeklyHours]] = relationship(
        order_by=(WeeklyHours.weekday, WeeklyHours.opens), cascade="all, delete-orphan"
    )
    day_overrides: Mapped[list[DayOverride]] = relationship(
        order_by=(DayOverride.day, DayOverride.opens), cascade="all, delete-orphan"
    )
    time_off: Mapped[list[TimeOff]] = relationship(order_by=TimeOff.first_day, cascade="all, delete-orphan")
