"""Bookings, and the claims that guard against double booking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking import licence
from practice.booking.lifecycle import State
from practice.booking.offers.models import Offering, Resource, Room, Therapist
from practice.database import Model
from practice.money import Money
from practice.people import Person
from practice.spans import Span


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
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    state: Mapped[State] = mapped_column(
        Enum(State, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    blocked_from: Mapped[datetime]
    blocked_until: Mapped[datetime]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    given_back_minor: Mapped[int] = mapped_column(default=0)  # of the price, by staff
    withdrawal_days: Mapped[int | None]  # in which the contract can be withdrawn, as they stood then; empty: no right
    held_at: Mapped[datetime]
    held_from: Mapped[str | None] = mapped_column(String(64))  # a keyed mark of the address, against hoarding
    deadline_at: Mapped[datetime | None]
    review_first: Mapped[bool] = mapped_column(default=False)  # somebody reads the request before anything is taken
    authorised_at: Mapped[datetime | None]  # a card was, and nothing taken yet
    approved_at: Mapped[datetime | None]  # somebody did, and said yes
    payable: Mapped[bool] = mapped_column(default=False)  # a checkout may be open: never free before it is closed
    confirmed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]  # by the practice, also while unpaid: nothing may confirm it any more
    called_off_at: Mapped[datetime | None]  # not by who booked it: all goes back, and nothing may confirm it any more
    late_cancelled_at: Mapped[datetime | None]  # by the client, when it wasn't free any more, and not waived
    fee_minor: Mapped[int | None]  # on which staff decided, besides the price; its own page says how it stands
    spared_at: Mapped[datetime | None]  # for somebody's safety: no fee is ever charged for it
    updated_at: Mapped[datetime]
    therapist: Mapped[Therapist] = relationship()
    offering: Mapped[Offering] = relationship()
    person: Mapped[Person] = relationship()
    room: Mapped[Room | None] = relationship()
    __table_args__ = (
        Index(None, "therapist_id", "starts_at"),
        Index(None, "room_id", "starts_at"),
        Index(None, "state", "deadline_at"),
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        CheckConstraint("blocked_from <= starts_at AND ends_at <= blocked_until", name="buffers_around"),
        CheckConstraint("price_minor >= 0", name="price_not_below_zero"),
        CheckConstraint("given_back_minor BETWEEN 0 AND price_minor", name="given_back_within_price"),
        CheckConstraint("withdrawal_days > 0", name="withdrawal_days_above_zero"),
    )

    @property
    def price(self) -> Money:
        """What was agreed when the time was held."""
        return Money(self.price_minor, self.currency)

    @property
    def given_back(self) -> Money:
        """What staff gave back of it."""
        return Money(self.given_back_minor, self.currency)

    @property
    def fee(self) -> Money | None:
        """The fee for cancelling late or not coming on which staff decided."""
        return Money(self.fee_minor, self.currency) if self.fee_minor is not None else None

    @property
    def kept(self) -> Money:
        """What is left of the price while the session stands; cancelling decides about this."""
        return self.price - self.given_back

    @property
    def blocked(self) -> Span:
        """The claimed span, buffers included."""
        return Span(self.blocked_from, self.blocked_until)

    @property
    def resource_ids(self) -> list[int]:
        """Whose time it claims: the therapist's, and in person a room's, unless the therapist has an office."""
        return [self.therapist.resource_id, *([self.room.resource_id] if self.room is not None else [])]


class TimeBlock(Model):
    """Time of a therapist or a room that staff took out by hand. Claimed like a session; what for is not kept."""

    __tablename__ = "time_block"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]
    resource: Mapped[Resource] = relationship()
    __table_args__ = (
        Index(None, "resource_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
    )

    @property
    def span(self) -> Span:
        """The time that is taken out."""
        return Span(self.starts_at, self.ends_at)


class SlotClaim(Model):
    """Five minutes of one resource, for a booking or a block.

    Its primary key is the guard against double booking, on every database.
    """

    __tablename__ = "slot_claim"
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    tick: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # minutes since the epoch / 5
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    block_id: Mapped[int | None] = mapped_column(ForeignKey("time_block.id"), index=True)
    __table_args__ = (CheckConstraint("(booking_id IS NULL) <> (block_id IS NULL)", name="for_one"),)


class Eligibility(Model):
    """All that booking knows of an intake: what this person may book, and until when. Nothing of why."""

    __tablename__ = "eligibility"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    attendance: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    region: Mapped[str] = mapped_column(String(10))
    accepted: Mapped[bool] = mapped_column(default=False)  # the practice has said yes: nothing waits for it any more
    # With whom and what the practice said yes to; null where it named none: whatever else fits.
    therapist_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    offering_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    expires_at: Mapped[datetime]

    def covers(self, attendance: str, place: str, licence_places: Sequence[str], now: datetime) -> bool:
        """Whether this person may book sessions of this kind, with somebody licensed in these places."""
        return self.fits(attendance, place, now) and licence.fits([self.region], licence_places)

    def names(self, therapist_id: int, offering_id: int) -> bool:
        """Whether the practice left them this offering by this therapist, where it said yes to some alone."""
        chosen = ((self.therapist_ids, therapist_id), (self.offering_ids, offering_id))
        return all(those is None or one in those for those, one in chosen)

    def fits(self, attendance: str, place: str, now: datetime) -> bool:
        """Whether this person may book sessions of this kind, with whoever is licensed where they are."""
        return now < self.expires_at and attendance in self.attendance and place in self.places


class Waiver(Model):
    """The one late cancellation that was not charged. One row for each person who books; a second can't be made."""

    __tablename__ = "waiver"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    used_at: Mapped[datetime]


class AgreedFees(Model):
    """All that booking knows of fees: what somebody agreed to at most, while their card is kept."""

    __tablename__ = "agreed_fees"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    late_minor: Mapped[int | None]  # for cancelling too late
    missed_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))

    @property
    def late(self) -> Money | None:
        return Money(self.late_minor, self.currency) if self.late_minor is not None else None

    @property
    def missed(self) -> Money | None:
        return Money(self.missed_minor, self.currency) if self.missed_minor is not None else None


class WithdrawalRequest(Model):
    """That a client asked for a session inside the time in which they could withdraw, and the text that they read."""

    __tablename__ = "withdrawal_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[str] = mapped_column(String(20))
    text_sha256: Mapped[str] = mapped_column(String(64))  # of the text as it was shown, in hex
    asked_at: Mapped[datetime]
    booking: Mapped[Booking] = relationship()
    __table_args__ = (UniqueConstraint("booking_id", "text_sha256"),)


class Override(Model):
    """That staff cancelled on other terms than the policy's, and why; the reason is sealed with the client's key."""

    __tablename__ = "cancellation_override"
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, autoincrement=False)
    actor: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime]
    share_numerator: Mapped[int]
    share_denominator: Mapped[int]
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
