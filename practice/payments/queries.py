"""What payments reads. Whatever is needed around a call over the network comes as plain values, and ends the read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.booking.models import Booking
from practice.database import db
from practice.errors import NotFound
from practice.languages import N_
from practice.payments.models import Dispute, MoneyMovement, PaymentAttempt, Payout, Refund, StripeEvent
from practice.payments.settlement import LIVE, UNFINISHED, AttemptState, RefundState
from practice.payments.settlement import Mismatch as Oddity
from practice.payments.snapshots import CheckoutParameters, DisputeStatus, MovementKind

WHY = {
    Oddity.REFERENCE: N_("paid with another reference than asked for"),
    Oddity.MODE: N_("paid with another mode than asked for"),
    Oddity.CURRENCY: N_("paid with another currency than asked for"),
    Oddity.AMOUNT: N_("paid with another amount than asked for"),
}


@dataclass(frozen=True)
class Seen:
    """An attempt, as it was a moment ago."""

    reference: str
    state: AttemptState
    key: str
    parameters: CheckoutParameters
    session_id: str | None
    payment: str | None
    created_at: datetime


@dataclass(frozen=True)
class Unsettled:
    """A payment or refund that a person must look at: which one, and why, in English for whoever says it."""

    reference: str
    why: str


@dataclass(frozen=True)
class Mismatch:
    """A payout whose lines don't add up to it: both sums in minor units."""

    payout: str
    currency: str
    amount: int
    lines: int


def find_mismatched_payouts(session: Session) -> list[Mismatch]:
    """Every payout that the service has itemised, and whose lines are not what arrives, the newest first."""
    held = (
        select(MoneyMovement.payout_id, MoneyMovement.currency, func.sum(MoneyMovement.net_minor).label("total"))
        .where(MoneyMovement.kind != MovementKind.PAYOUT, MoneyMovement.payout_id.is_not(None))
        .group_by(MoneyMovement.payout_id, MoneyMovement.currency)
        .subquery()
    )
    asked = (
        select(Payout.id, Payout.currency, Payout.amount_minor, held.c.currency.label("of"), held.c.total)
        .join(held, held.c.payout_id == Payout.id, isouter=True)
        .where(Payout.itemised)
        .order_by(Payout.created_at.desc(), Payout.id)
    )
    return [
        Mismatch(row.id, row.of or row.currency, row.amount_minor, int(row.total or 0))
        for row in session.execute(asked)
        if (row.of, row.total) != (row.currency, row.amount_minor)
    ]


def look_at(reference: str) -> Seen:
    """An attempt, without keeping a transaction open.

    :raises NotFound: when there is none of this reference.
    """
    attempt = db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.reference == reference)).one_or_none()
    if attempt is None:
        raise NotFound
    seen = seen_of(attempt)
    db.session.rollback()
    return seen


def find_booking_of(attempt_reference: str) -> str:
    """The reference of the booking that an attempt is for; ends the read.

    :raises NotFound: when there is no such attempt.
    """
    found = select(Booking.reference).join(PaymentAttempt, PaymentAttempt.booking_id == Booking.id)
    named = db.session.scalar(found.where(PaymentAttempt.reference == attempt_reference))
    db.session.rollback()
    if named is None:
        raise NotFound
    return str(named)


def seen_of(attempt: PaymentAttempt) -> Seen:
    """An attempt as plain values."""
    return Seen(
        reference=attempt.reference,
        state=attempt.state,
        key=attempt.key,
        parameters=attempt.asked,
        session_id=attempt.session_id,
        payment=attempt.payment,
        created_at=attempt.created_at,
    )


def find_attempts(booking_reference: str) -> list[PaymentAttempt]:
    """Every attempt to pay for a booking, newest first."""
    found = select(PaymentAttempt).join(PaymentAttempt.booking).where(Booking.reference == booking_reference)
    return list(db.session.scalars(found.order_by(PaymentAttempt.id.desc())))


def list_live(booking_reference: str) -> list[str]:
    """The attempts of a booking that may still be payable; ends the read."""
    live = [attempt.reference for attempt in find_attempts(booking_reference) if attempt.state in LIVE]
    db.session.rollback()
    return live


def list_unfinished_of(booking_reference: str) -> list[str]:
    """The attempts of a booking that may still be payable, or whose sum may still be taken; ends the read."""
    unfinished = [one.reference for one in find_attempts(booking_reference) if one.state in UNFINISHED]
    db.session.rollback()
    return unfinished


def list_unfinished() -> list[str]:
    """Every attempt that may still be payable, or whose sum may still be taken; ends the read."""
    found = select(PaymentAttempt.reference).where(PaymentAttempt.state.in_(UNFINISHED)).order_by(PaymentAttempt.id)
    live = list(db.session.scalars(found))
    db.session.rollback()
    return live


def list_underway_refunds() -> list[str]:
    """Every refund that was sent and whose end we don't know; ends the read."""
    found = select(Refund.reference).where(Refund.state == RefundState.SENT).order_by(Refund.id)
    underway = list(db.session.scalars(found))
    db.session.rollback()
    return underway


def list_open_disputes() -> list[str]:
    """Every dispute that isn't over; ends the read."""
    found = select(Dispute.id).where(Dispute.state.in_((DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW)))
    underway = list(db.session.scalars(found.order_by(Dispute.opened_at)))
    db.session.rollback()
    return underway


def find_disputes(booking_reference: str) -> list[Dispute]:
    """Every dispute of a booking's payments, oldest first."""
    found = select(Dispute).join(Dispute.attempt).join(PaymentAttempt.booking)
    return list(db.session.scalars(found.where(Booking.reference == booking_reference).order_by(Dispute.opened_at)))


def find_refunds(booking_reference: str) -> list[Refund]:
    """Every refund of a booking's payments, oldest first."""
    found = (
        select(Refund)
        .join(Refund.attempt)
        .join(PaymentAttempt.booking)
        .where(Booking.reference == booking_reference)
        .order_by(Refund.id)
    )
    return list(db.session.scalars(found))


def find_unsettled(session: Session) -> list[Unsettled]:
    """Every payment and refund that only a person can bring to an end. Normally empty."""
    quarantined = session.execute(
        select(PaymentAttempt.reference, PaymentAttempt.mismatch)
        .where(PaymentAttempt.state == AttemptState.QUARANTINED, PaymentAttempt.resolved_at.is_(None))
        .order_by(PaymentAttempt.id)
    )
    found = [Unsettled(row.reference, WHY[row.mismatch]) for row in quarantined]
    failed = select(Refund.reference).where(Refund.state == RefundState.FAILED, Refund.resolved_at.is_(None))
    found += [
        Unsettled(reference, N_("the refund failed")) for reference in session.scalars(failed.order_by(Refund.id))
    ]
    stray = select(StripeEvent.id).where(StripeEvent.stray, StripeEvent.resolved_at.is_(None))
    unknown = session.scalars(stray.order_by(StripeEvent.received_at))
    found += [Unsettled(event_id, N_("speaks of a payment that we don’t know")) for event_id in unknown]
    return found
