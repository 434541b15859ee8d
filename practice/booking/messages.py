"""What booking says to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class CheckoutDeadline(Message):
    """A booking's time to pay may be over. `deadline` (ISO, UTC) tells a moved deadline from the one before."""

    KIND: ClassVar[str] = "checkout_deadline"
    reference: str
    deadline: str


@dataclass(frozen=True)
class BookingReleasing(Message):
    """A hold is being given up: whatever could still be paid for it must be closed first, now."""

    KIND: ClassVar[str] = "booking_releasing"
    reference: str
    deadline: str


@dataclass(frozen=True)
class BookingConfirmed(Message):
    """A booking is confirmed. `sequence` is the calendar's SEQUENCE of this revision."""

    KIND: ClassVar[str] = "booking_confirmed"
    reference: str
    sequence: int

    @property
    def stream(self) -> str:
        return f"booking:{self.reference}"


@dataclass(frozen=True)
class BookingExpired(Message):
    """A time that was kept unpaid is free again, and its client did not give it back just now."""

    KIND: ClassVar[str] = "booking_expired"
    reference: str
    deadline: str


@dataclass(frozen=True)
class ReviewBegun(Message):
    """The card for a request is authorised, and somebody must decide."""

    KIND: ClassVar[str] = "review_begun"
    reference: str


@dataclass(frozen=True)
class ReviewEnded(Message):
    """A request ended without a yes: whatever is authorised for it must be given up.

    `again` is the booking that keeps the same time for the same client once more, where nobody decided in time.
    """

    KIND: ClassVar[str] = "review_ended"
    reference: str
    again: str = ""


@dataclass(frozen=True)
class BookingCancelled(Message):
    """A booking ended by cancelling or declining. The share numerator/denominator of what was paid goes back."""

    KIND: ClassVar[str] = "booking_cancelled"
    reference: str
    sequence: int
    refund_numerator: int
    refund_denominator: int

    @property
    def stream(self) -> str:
        return f"booking:{self.reference}"


@dataclass(frozen=True)
class CameAfterAll(Message):
    """A session that was noted as missed took place: somebody corrected it, at `noted` (ISO, UTC)."""

    KIND: ClassVar[str] = "came_after_all"
    reference: str
    noted: str


@dataclass(frozen=True)
class BookingMoved(Message):
    """A confirmed booking has another time. `sequence` is the calendar's SEQUENCE of this revision."""

    KIND: ClassVar[str] = "booking_moved"
    reference: str
    sequence: int

    @property
    def stream(self) -> str:
        return f"booking:{self.reference}"


@dataclass(frozen=True)
class TimeReserved(Message):
    """The practice keeps a time for somebody, who has to say yes or to pay before its deadline."""

    KIND: ClassVar[str] = "time_reserved"
    reference: str


@dataclass(frozen=True)
class TimeOffered(Message):
    """A time has opened for somebody on the waiting list, and is kept for them until its deadline."""

    KIND: ClassVar[str] = "time_offered"
    reference: str


@dataclass(frozen=True)
class PlaceOpened(Message):
    """Somebody is licensed now where a person is who asked to hear of that. `told` (ISO, UTC) is when it was so."""

    KIND: ClassVar[str] = "place_opened"
    person: str
    told: str


@dataclass(frozen=True)
class AttendanceSweep(Message):
    """A night's look at sessions that nobody marked; it marks them only where the practice has set so."""

    KIND: ClassVar[str] = "attendance_sweep"
    night: str
