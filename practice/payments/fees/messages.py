"""What is said of fees and kept cards, to be done later. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class ChargeCard(Message):
    """Staff decided on a fee: charge the card that is kept for it."""

    KIND: ClassVar[str] = "charge_card"
    attempt: str


@dataclass(frozen=True)
class FeePaid(Message):
    """A fee was paid. The client should hear."""

    KIND: ClassVar[str] = "fee_paid"
    booking: str
    fee: str


@dataclass(frozen=True)
class FeeAsked(Message):
    """The client is asked to pay a fee themselves; `asked` (ISO, UTC) tells one time from the next."""

    KIND: ClassVar[str] = "fee_asked"
    booking: str
    fee: str
    asked: str


@dataclass(frozen=True)
class FeeDropped(Message):
    """A fee isn't asked for any more: whatever could still be paid for it must be closed."""

    KIND: ClassVar[str] = "fee_dropped"
    fee: str


@dataclass(frozen=True)
class ForgetCard(Message):
    """A card isn't wanted any more: the service is to forget it. `customer` is the service's id of whose it is."""

    KIND: ClassVar[str] = "forget_card"
    customer: str
