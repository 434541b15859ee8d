"""What a payment service tells us, and what we ask of it, in our own words: plain values, frozen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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


class ChargeStatus(StrEnum):
    """What became of charging a kept card while nobody is there to confirm it."""

    PAID = "paid"
    UNDER_WAY = "under_way"
    ASKS = "asks"  # the bank wants its card holder to confirm it themselves
    DECLINED = "declined"


class DisputeStatus(StrEnum):
    """How far a bank is that takes a payment back."""

    OPEN = "open"  # we can still answer
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"  # it came to nothing


class MovementKind(StrEnum):
    """What moves the balance that we have at the service."""

    CHARGE = "charge"
    REFUND = "refund"  # and one that failed, which comes back
    DISPUTE = "dispute"  # a bank takes a payment, or gives it back
    FEE = "fee"  # of the service, apart from those of single payments
    PAYOUT = "payout"
    RETURNED_PAYOUT = "returned_payout"  # our bank did not take it
    OTHER = "other"


class PayoutStatus(StrEnum):
    """How far money is on its way to our bank."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


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
    keeps_card: bool = False  # the service keeps the card, so that it can be charged later
    language: str | None = None  # of whoever pays; None where it was asked for before that was kept


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A checkout session as the service sees it at one moment. `url` is None once it can't be paid any more.

    Where it only `authorises`, the sum is ours to capture before `capture_before`, unless it was `voided` or lapsed.
    Where it keeps the card, `kept` names it once it was used.
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
    kept: KeptCard | None = None


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card that the service keeps: the service's ids of whose it is, and of the card itself."""

    customer: str
    card: str


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """A kept card to charge without its holder: `reference` is the booking's and `attempt` the payment attempt's."""

    reference: str
    attempt: str
    amount: Money
    kept: KeptCard
    language: str | None = None  # the same


@dataclass(frozen=True, slots=True)
class ChargeSnapshot:
    """The charge of a kept card as the service sees it at one moment."""

    status: ChargeStatus
    payment: str | None
    amount_minor: int
    currency: str  # ISO 4217 in capitals
    livemode: bool
    reference: str | None
    attempt: str | None


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


@dataclass(frozen=True, slots=True)
class MovementSnapshot:
    """A change of our balance at the service. Amounts are in minor units, above zero where they come to us.

    `net_minor` is what is left of `gross_minor` without `fee_minor`. `payout` is known where the lines of one payout
    were asked for, and of a payout itself.
    """

    id: str
    kind: MovementKind
    payment: str | None  # whose money it is
    refund: str | None  # our reference, from its metadata
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    created_at: datetime
    available_at: datetime
    payout: str | None


@dataclass(frozen=True, slots=True)
class PayoutSnapshot:
    """Money on its way to our bank; below zero where the service takes it from there.

    `itemised` says whether the service can tell by now which movements it holds. It never can of one that somebody
    asked for by hand (`automatic` is False).
    """

    id: str
    status: PayoutStatus
    amount_minor: int
    currency: str
    automatic: bool
    itemised: bool
    arrives_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where the service tells of events. `events` may hold "*"; `api_version` is None where it is the account's own."""

    address: str
    enabled: bool
    events: tuple[str, ...]
    api_version: str | None
