"""Promises about money, checked against the live database: `practice invariants`."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from practice.booking.lifecycle import State
from practice.booking.messages import BookingCancelled, ReviewEnded
from practice.booking.models import Booking
from practice.invariants import Invariant
from practice.outbox import OutboxMessage
from practice.payments.messages import SendRefund, VoidPayment
from practice.payments.models import MoneyMovement, PaymentAttempt, Refund
from practice.payments.queries import find_mismatched_payouts, find_unsettled
from practice.payments.settlement import LIVE, AttemptState, RefundState

STANDS = (State.CONFIRMED, State.ATTENDED, State.MISSED)
AT_WORK = (BookingCancelled.KIND, ReviewEnded.KIND, SendRefund.KIND, VoidPayment.KIND)
UNDER_WAY = (RefundState.SENT, RefundState.SUCCEEDED)
GONE = (RefundState.DUE, *UNDER_WAY)


def check_paid_means_confirmed_or_returned(session: Session) -> Iterator[str]:
    """I2: every paid attempt has its confirmed booking, or what is owed of its money went back, once quiet."""
    of_sessions = (PaymentAttempt.state == AttemptState.PAID, PaymentAttempt.fee_id.is_(None))
    for attempt in session.scalars(select(PaymentAttempt).where(*of_sessions)):
        booking = attempt.booking
        if is_at_work(session, attempt):
            continue
        stands = attempt.confirms and booking.state in STANDS
        if stands and attempt.refund_due_minor is None:
            continue
        if not stands and attempt.ended_at is None:
            yield f"attempt {attempt.reference} is paid, and booking {booking.reference} is {booking.state}"
        elif not attempt.confirms and attempt.refund_due_minor != attempt.amount_minor:
            yield f"attempt {attempt.reference} confirmed nothing and is not refunded in full"
        elif (back := refunded(session, attempt, UNDER_WAY)) != attempt.refund_due_minor:
            yield f"of attempt {attempt.reference} {back} went back, not {attempt.refund_due_minor} minor units"


def check_nothing_waits_for_a_person(session: Session) -> Iterator[str]:
    """I2: no payment is quarantined, no refund failed, and no money came for a payment that we don't know."""
    for unsettled in find_unsettled(session):
        yield f"{unsettled.reference}: {unsettled.why}"


def check_confirmed_means_paid(session: Session) -> Iterator[str]:
    """I3: whatever stands is paid by exactly one attempt, or was free."""
    pays = exists().where(
        PaymentAttempt.booking_id == Booking.id,
        PaymentAttempt.confirms,
        PaymentAttempt.state == AttemptState.PAID,
        PaymentAttempt.amount_minor == Booking.price_minor,
        PaymentAttempt.currency == Booking.currency,
    )
    unpaid = select(Booking.reference, Booking.state).where(Booking.state.in_(STANDS), Booking.price_minor > 0, ~pays)
    for row in session.execute(unpaid):
        yield f"booking {row.reference} is {row.state} and not paid"


def check_authorised_means_in_review(session: Session) -> Iterator[str]:
    """I3: whatever waits for a yes has its one authorised card, and no card stays authorised for anything else."""
    authorised = exists().where(
        PaymentAttempt.booking_id == Booking.id, PaymentAttempt.state == AttemptState.AUTHORISED
    )
    waits = Booking.state == State.IN_REVIEW
    for row in session.execute(select(Booking.reference).where(waits, ~authorised)):
        yield f"booking {row.reference} waits for a decision, and no card is authorised for it"
    kept = select(PaymentAttempt).join(PaymentAttempt.booking).where(PaymentAttempt.state == AttemptState.AUTHORISED)
    for attempt in session.scalars(kept.where(~waits)):
        booking = attempt.booking
        if not is_at_work(session, attempt):
            yield f"attempt {attempt.reference} is authorised, and booking {booking.reference} is {booking.state}"


def check_one_payable_session(session: Session) -> Iterator[str]:
    """I3: no booking can be paid twice at once, and none whose time is free can be paid."""
    counted = (
        select(Booking.reference, func.count())
        .join(PaymentAttempt, PaymentAttempt.booking_id == Booking.id)
        .where(PaymentAttempt.state.in_(LIVE))
        .group_by(Booking.reference)
        .having(func.count() > 1)
    )
    for reference, count in session.execute(counted):
        yield f"booking {reference} has {count} payable sessions"
    freed = (
        select(Booking.reference, Booking.state)
        .join(PaymentAttempt, PaymentAttempt.booking_id == Booking.id)
        .where(
            PaymentAttempt.state.in_(LIVE),
            PaymentAttempt.fee_id.is_(None),
            Booking.state.not_in((State.HELD, State.RELEASING)),
        )
    )
    for row in session.execute(freed):
        yield f"booking {row.reference} is {row.state} and can still be paid"


def check_refunds(session: Session) -> Iterator[str]:
    """I4: no refund twice, none above what was paid or owed, none of what was not paid."""
    for attempt in session.scalars(
        select(PaymentAttempt).where(exists().where(Refund.attempt_id == PaymentAttempt.id))
    ):
        back = refunded(session, attempt, GONE)
        if attempt.state not in (AttemptState.PAID, AttemptState.QUARANTINED):
            yield f"attempt {attempt.reference} is {attempt.state} and has a refund"
        quarantined = attempt.state is AttemptState.QUARANTINED
        owed = attempt.paid.minor_units if quarantined else attempt.refund_due_minor
        if back > min(attempt.paid.minor_units, owed or 0):
            yield f"of attempt {attempt.reference} {back} minor units go back, more than is owed"


def check_payouts_add_up(session: Session) -> Iterator[str]:
    """I4: the lines of each payout are what arrives at the bank, and each line is its amount without its fee."""
    for one in find_mismatched_payouts(session):
        yield f"payout {one.payout} is {one.amount}, and its lines are {one.lines} minor units"
    odd = MoneyMovement.net_minor != MoneyMovement.gross_minor - MoneyMovement.fee_minor
    for movement in session.scalars(select(MoneyMovement.id).where(odd)):
        yield f"movement {movement} is not its amount without its fee"


def refunded(session: Session, attempt: PaymentAttempt, states: tuple[RefundState, ...]) -> int:
    """How many minor units of a payment go back in refunds that stand so, or went back by hand."""
    total = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.attempt_id == attempt.id, or_(Refund.state.in_(states), Refund.by_hand)
    )
    return int(session.scalar(total) or 0)


def is_at_work(session: Session, attempt: PaymentAttempt) -> bool:
    """Whether money of this payment is still on its way back."""
    names = [attempt.reference, attempt.booking.reference]
    names += session.scalars(select(Refund.reference).where(Refund.attempt_id == attempt.id))
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.state.in_(("waiting", "leased")),
        OutboxMessage.kind.in_(AT_WORK),
        or_(*(OutboxMessage.payload.contains(name, autoescape=True) for name in names)),
    )
    return session.scalar(waiting.limit(1)) is not None


OWN: tuple[Invariant, ...] = (
    Invariant(
        "I2",
        "Every payment has its confirmed session, or went back as it should",
        check_paid_means_confirmed_or_returned,
    ),
    Invariant("I2", "No payment and no refund waits for a person", check_nothing_waits_for_a_person),
    Invariant("I3", "Whatever is confirmed is paid, or was free", check_confirmed_means_paid),
    Invariant(
        "I3",
        "Whatever waits for a decision has its card authorised, and no other card stays so",
        check_authorised_means_in_review,
    ),
    Invariant("I3", "No session can be paid twice, and none whose time is free", check_one_payable_session),
    Invariant("I4", "No refund twice, and none above what was paid", check_refunds),
    Invariant("I4", "The lines of every payout add up to what arrives at the bank", check_payouts_add_up),
)
