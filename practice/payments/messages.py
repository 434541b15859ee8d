"""What payments says to itself later, and to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class SettleAttempt(Message):
    """Something may have happened to this attempt: look. `why` tells one hint from the next (an event, a night)."""

    KIND: ClassVar[str] = "settle_attempt"
    attempt: str
    why: str


@dataclass(frozen=True)
class CapturePayment(Message):
    """Somebody said yes to a request: take what was authorised for it."""

    KIND: ClassVar[str] = "capture_payment"
    attempt: str


@dataclass(frozen=True)
class VoidPayment(Message):
    """What was authorised will not be taken: give it up. `why` as in SettleAttempt."""

    KIND: ClassVar[str] = "void_payment"
    attempt: str
    why: str


@dataclass(frozen=True)
class ReviewRunsOut(Message):
    """A request that nobody decided runs out soon. The desk should hear."""

    KIND: ClassVar[str] = "review_runs_out"
    attempt: str


@dataclass(frozen=True)
class ReviewOver(Message):
    """A request has run out, unless somebody decided it."""

    KIND: ClassVar[str] = "review_over"
    attempt: str


@dataclass(frozen=True)
class AuthorisationReleased(Message):
    """A card was authorised when its time could not be booked any more. Nothing is taken. The client should hear."""

    KIND: ClassVar[str] = "authorisation_released"
    booking: str
    attempt: str


@dataclass(frozen=True)
class SendRefund(Message):
    """Money is owed to a client: have it given back."""

    KIND: ClassVar[str] = "send_refund"
    refund: str


@dataclass(frozen=True)
class FollowRefund(Message):
    """Something may have happened to a refund that was sent: look. `why` as in SettleAttempt."""

    KIND: ClassVar[str] = "follow_refund"
    refund: str
    why: str


@dataclass(frozen=True)
class FollowDispute(Message):
    """Something may have happened to a dispute: look. `dispute` is the service's id; `why` as in SettleAttempt."""

    KIND: ClassVar[str] = "follow_dispute"
    dispute: str
    why: str


@dataclass(frozen=True)
class MoneyWaits(Message):
    """A payment, refund or dispute waits for a person. The desk should hear; `thing` tells one from the next."""

    KIND: ClassVar[str] = "money_waits"
    thing: str


@dataclass(frozen=True)
class RefundPromised(Message):
    """Staff give some of a payment back. The client should hear."""

    KIND: ClassVar[str] = "refund_promised"
    booking: str
    refund: str


@dataclass(frozen=True)
class Reconcile(Message):
    """Look for everything that we missed. It posts itself for the next night; `night` is an ISO date in UTC."""

    KIND: ClassVar[str] = "reconcile"
    night: str


@dataclass(frozen=True)
class ReadMovements(Message):
    """Read what moved at the service, for taxes. Each night, as Reconcile, and when staff ask; `why` tells which."""

    KIND: ClassVar[str] = "read_movements"
    why: str


@dataclass(frozen=True)
class PaymentReturned(Message):
    """A payment came when its time could not be booked any more; all of it goes back. The client should hear."""

    KIND: ClassVar[str] = "payment_returned"
    booking: str
    attempt: str
