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
    """A hold ended unpaid and its time is free again."""

    KIND: ClassVar[str] = "booking_expired"
    reference: str
    deadline: str


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
