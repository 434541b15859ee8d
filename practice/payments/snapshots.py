"""What a payment service tells us, and what we ask of it, in our own words: plain values, frozen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from practice.money import Money


class SessionStatus(StrEnum):
    """Whether a checkout session can still be paid."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """How far the service is with giving money back."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class DisputeStatus(StrEnum):
    """How far a bank is that takes a payment back."""

    OPEN = "open"  # we can still answer
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"  # it came to nothing


@dataclass(frozen=True, slots=True)
class CheckoutParameters:
    """Everything a checkout session is made from, fixed before the first call, so that a retry asks for the same.

    `reference` is the booking's and `attempt` the payment attempt's, both opaque. `expires_at` is aware UTC in whole
    seconds, at least 30 minutes and at most 24 hours away when the service reads it.
    """

    reference: str
    attempt: str
    amount: Money
    expires_at: datetime
    success_url: str
    cancel_url: str
    authorises: bool = False  # nothing is taken at checkout: the sum is captured later, or never


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A checkout session as the service sees it at one moment. `url` is None once it can't be paid any more.

    Where it only `authorises`, the sum is ours to capture before `capture_before`, unless it was `voided` or lapsed.
    """

    id: str
    url: str | None
    status: SessionStatus
    paid: bool
    amount_minor: int
    currency: str  # ISO 4217 in capitals
    livemode: bool
    reference: str | None
    attempt: str | None
    payment: str | None  # what a refund names; None before the payment
    created_at: datetime
    expires_at: datetime
    authorised: bool = False
    voided: bool = False
    capture_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to give back: `amount` of `payment`, known to us as `reference`."""

    reference: str
    payment: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """A refund as the service sees it at one moment."""

    id: str
    status: RefundStatus
    amount_minor: int
    currency: str
    payment: str | None
    reference: str | None  # ours, from its metadata


@dataclass(frozen=True, slots=True)
class DisputeSnapshot:
    """A dispute as the service sees it at one moment. `due_by` is until when it can be answered."""

    id: str
    status: DisputeStatus
    amount_minor: int
    currency: str
    payment: str | None
    due_by: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the service says has happened: a hint to look, never the truth itself."""

    id: str
    kind: str
    created_at: datetime
    livemode: bool
    session_id: str | None
    attempt: str | None
    refund: str | None  # our reference of the refund, from its metadata
    dispute: str | None = None  # the service's id of the dispute
