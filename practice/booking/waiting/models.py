"""The waiting list: wishes, and the times that were offered for them."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.database import Model
from practice.people import Person

WISHED_FROM, WISHED_UNTIL = time(6), time(23)  # the widest that can be wished for


class WishState(StrEnum):
    """Where a wish stands. Only a waiting one is offered anything, and never two times at once."""

    WAITING = "waiting"
    OFFERED = "offered"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    RUN_OUT = "run_out"


class Answer(StrEnum):
    """What became of a time that was offered."""

    TAKEN = "taken"
    LEFT = "left"


class Wish(Model):
    """What somebody waits for: an offering, a therapist or any, on which weekdays and at what time of day.

    `opens` and `closes` are wall times in `zone`, between which the whole session lies. 0 is Monday.
    """

    __tablename__ = "wish"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("therapist.id"))
    language: Mapped[str | None] = mapped_column(String(40))
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    zone: Mapped[str] = mapped_column(String(60))
    state: Mapped[WishState] = mapped_column(
        Enum(WishState, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    made_at: Mapped[datetime]
    runs_out_at: Mapped[datetime]
    person: Mapped[Person] = relationship()
    offering: Mapped[Offering] = relationship()
    therapist: Mapped[Therapist | None] = relationship()
    __table_args__ = (
        Index(None, "state", "offering_id", "id"),
        CheckConstraint("opens < closes", name="opens_before_closes"),
    )

    @property
    def any_day(self) -> bool:
        """Whether every day of the week would do."""
        return len(self.weekdays) == 7

    @property
    def any_time(self) -> bool:
        """Whether every hour that can be wished for would do."""
        return self.opens <= WISHED_FROM and self.closes >= WISHED_UNTIL


class WishOffer(Model):
    """A time that was kept for somebody on the waiting list, as a reserved booking. The same time is offered once."""

    __tablename__ = "wish_offer"
    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapist.id"))
    starts_at: Mapped[datetime]
    made_at: Mapped[datetime]
    answer: Mapped[Answer | None] = mapped_column(
        Enum(Answer, native_enum=False, create_constraint=True, length=6, name="answer", values_callable=list)
    )
    wish: Mapped[Wish] = relationship()
    booking: Mapped[Booking] = relationship()
    __table_args__ = (UniqueConstraint("wish_id", "therapist_id", "starts_at"),)


class PlaceWish(Model):
    """Somebody who lives where nobody is licensed yet, and wants to hear when somebody is."""

    __tablename__ = "place_wish"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    region: Mapped[str] = mapped_column(String(10), index=True)
    asked_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
