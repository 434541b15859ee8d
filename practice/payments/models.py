"""Attempts to pay, refunds, and the ledger of what the payment service told us."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.booking.models import Booking
from practice.database import Model
from practice.money import Money
from practice.payments.fees.models import Fee
from practice.payments.settlement import AttemptState, Cause, Mismatch, RefundState
from practice.payments.snapshots import (
    ChargeOrder,
    CheckoutParameters,
    DisputeStatus,
    KeptCard,
    MovementKind,
    PayoutStatus,
)


class PaymentAttempt(Model):
    """One try to pay for one booking, or a fee for it: at most one payable checkout session, or one charge of a kept
    card (`off_session`). States follow settlement.py alone.

    What the session is made from stands here before the service is asked, with the key, so that asking again asks
    for the same.
    """

    __tablename__ = "payment_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    fee_id: Mapped[int | None] = mapped_column(ForeignKey("fee.id"), index=True)
    off_session: Mapped[bool] = mapped_column(default=False)  # a kept card is charged, and nobody sees a page
    state: Mapped[AttemptState] = mapped_column(
        Enum(AttemptState, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    key: Mapped[str] = mapped_column(String(60), unique=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    expires_at: Mapped[datetime]
    authorises: Mapped[bool] = mapped_column(default=False)  # taken only once somebody has said yes to the request
    keeps_card: Mapped[bool] = mapped_column(default=False)  # its payer wants the card kept for fees
    capture_before: Mapped[datetime | None]  # until when what was authorised can be taken
    session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    payment: Mapped[str | None] = mapped_column(String(255))  # what a refund names
    confirms: Mapped[bool] = mapped_column(default=False)  # the booking stands on this payment
    mismatch: Mapped[Mismatch | None] = mapped_column(
        Enum(Mismatch, native_enum=False, create_constraint=True, length=12, name="mismatch", values_callable=list)
    )
    paid_at: Mapped[datetime | None]  # when we learned of it
    tax_percent: Mapped[str | None] = mapped_column(String(6))  # within the price, as it was set then
    paid_minor: Mapped[int | None]  # what really came, where that isn't what was asked for
    paid_currency: Mapped[str | None] = mapped_column(String(3))
    refund_due_minor: Mapped[int | None]  # what must go back so far; None until anything was decided
    ended_at: Mapped[datetime | None]  # its booking ended, or never stood on it: what goes back is decided for good
    resolved_at: Mapped[datetime | None]  # a person brought a quarantined payment to an end
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    booking: Mapped[Booking] = relationship()
    fee: Mapped[Fee | None] = relationship()
    __table_args__ = (
        # The database refuses a second payable session, and a second payment under one booking.
        Index(
            "uq_payment_attempt_live",
            "booking_id",
            unique=True,
            sqlite_where=text("state IN ('creating', 'open')"),
            postgresql_where=text("state IN ('creating', 'open')"),
        ),
        Index(
            "uq_payment_attempt_confirms",
            "booking_id",
            unique=True,
            sqlite_where=text("confirms"),
            postgresql_where=text("confirms"),
        ),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
        CheckConstraint("refund_due_minor BETWEEN 0 AND amount_minor", name="refund_within_amount"),
        CheckConstraint(
            "state = 'creating' OR state = 'failed' OR session_id IS NOT NULL OR off_session", name="session_known"
        ),
        CheckConstraint("fee_id IS NOT NULL OR NOT off_session", name="charged_for_a_fee"),
        CheckConstraint("fee_id IS NULL OR NOT confirms", name="a_fee_confirms_nothing"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def kept(self) -> Money:
        """What we were paid and don't owe back."""
        return self.amount - Money(self.refund_due_minor or 0, self.currency)

    @property
    def paid(self) -> Money:
        """What really came."""
        if self.paid_minor is None or self.paid_currency is None:
            return self.amount
        return Money(self.paid_minor, self.paid_currency)

    @property
    def asked(self) -> CheckoutParameters:
        """What the session is made from."""
        return CheckoutParameters(
            reference=self.parameters["reference"],
            attempt=self.reference,
            amount=self.amount,
            expires_at=self.expires_at,
            success_url=self.parameters["success_url"],
            cancel_url=self.parameters["cancel_url"],
            authorises=self.authorises,
            keeps_card=self.keeps_card,
            language=self.parameters.get("language"),
        )

    @property
    def charged(self) -> ChargeOrder:
        """The kept card that is charged, where it is `off_session`."""
        kept = KeptCard(self.parameters["customer"], self.parameters["card"])
        language = self.parameters.get("language")
        return ChargeOrder(self.parameters["reference"], self.reference, self.amount, kept, language)


class Refund(Model):
    """Money that goes back: of one attempt, for one cause, once."""

    __tablename__ = "refund"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempt.id"))
    cause: Mapped[Cause] = mapped_column(
        Enum(Cause, native_enum=False, create_constraint=True, length=12, name="cause", values_callable=list)
    )
    state: Mapped[RefundState] = mapped_column(
        Enum(RefundState, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    key: Mapped[str] = mapped_column(String(60), unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    refund_id: Mapped[str | None] = mapped_column(String(255), unique=True)  # the service's own
    resolved_at: Mapped[datetime | None]  # a person brought a failed refund to an end
    by_hand: Mapped[bool] = mapped_column(default=False)  # and paid it another way
    tried_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    attempt: Mapped[PaymentAttempt] = relationship()
    __table_args__ = (
        # What follows from a rule is owed once; staff may give back more than once, and after a failure again.
        Index(
            "uq_refund_by_rule",
            "attempt_id",
            "cause",
            unique=True,
            sqlite_where=text("cause <> 'staff' AND state <> 'failed'"),
            postgresql_where=text("cause <> 'staff' AND state <> 'failed'"),
        ),
        Index(None, "attempt_id"),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class StripeEvent(Model):
    """The ledger of events: each is taken once, by its id. `stray` ones speak of an attempt that we don't know."""

    __tablename__ = "stripe_event"
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[str | None] = mapped_column(String(255))
    stray: Mapped[bool] = mapped_column(default=False)
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]  # a person looked into a stray one


class Dispute(Model):
    """A bank takes a payment back, or asks to. A person answers it at the service; we show it."""

    __tablename__ = "dispute"
    id: Mapped[str] = mapped_column(String(255), primary_key=True)  # the service's own
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempt.id"), index=True)
    state: Mapped[DisputeStatus] = mapped_column(
        Enum(DisputeStatus, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    due_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    attempt: Mapped[PaymentAttempt] = relationship()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class MoneyDecision(Model):
    """What staff decided about money: of which payment or refund, how much, by whom, and why (sealed)."""

    __tablename__ = "money_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    subject: Mapped[str] = mapped_column(String(20))  # the reference of an attempt, a refund, a fee or the booking
    kind: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    actor: Mapped[str] = mapped_column(String(60))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # empty once whoever paid is forgotten
    at: Mapped[datetime]
    booking: Mapped[Booking] = relationship()
    __table_args__ = (
        CheckConstraint(
            "kind IN ('given_back', 'returned', 'sent_again', 'by_hand', 'fee', 'fee_asked', 'fee_dropped', 'spared')",
            name="kind",
        ),
        CheckConstraint("amount_minor >= 0", name="amount_not_below_zero"),
    )


class Payout(Model):
    """Money on its way from the service to our bank. `itemised` once we have all its lines."""

    __tablename__ = "payout"
    id: Mapped[str] = mapped_column(String(255), primary_key=True)  # the service's own
    state: Mapped[PayoutStatus] = mapped_column(
        Enum(PayoutStatus, native_enum=False, create_constraint=True, length=12, name="state", values_callable=list)
    )
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    automatic: Mapped[bool]
    itemised: Mapped[bool] = mapped_column(default=False)
    arrives_on: Mapped[date] = mapped_column(index=True)
    created_at: Mapped[datetime]


class MoneyMovement(Model):
    """A change of our balance at the service: what the sums of an export for taxes are made of. No names.

    `tax_percent` is the tax within the price as it was set when we heard of the payment.
    """

    __tablename__ = "money_movement"
    id: Mapped[str] = mapped_column(String(255), primary_key=True)  # the service's own
    kind: Mapped[MovementKind] = mapped_column(
        Enum(MovementKind, native_enum=False, create_constraint=True, length=16, name="kind", values_callable=list)
    )
    payment: Mapped[str | None] = mapped_column(String(255), index=True)
    refund: Mapped[str | None] = mapped_column(String(20))  # our reference
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]
    net_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    tax_percent: Mapped[str | None] = mapped_column(String(6))
    created_at: Mapped[datetime] = mapped_column(index=True)
    available_at: Mapped[datetime]
    payout_id: Mapped[str | None] = mapped_column(ForeignKey("payout.id"), index=True)
    payout: Mapped[Payout | None] = relationship()


class MoneyReading(Model):
    """Until when the service's movements are known: one row."""

    __tablename__ = "money_reading"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[datetime]
