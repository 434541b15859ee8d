"""What changes payments. The only writer of its tables; each action runs in its caller's work, without the network."""

from __future__ import annotations

from datetime import UTC, timedelta
from fractions import Fraction

import structlog
from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking import reviewing
from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.errors import NotFound
from practice.money import Money
from practice.payments import reviews
from practice.payments.fees import consents
from practice.payments.fees.messages import FeePaid, ForgetCard
from practice.payments.gateway import payments
from practice.payments.messages import (
    AuthorisationReleased,
    MoneyWaits,
    PaymentReturned,
    ReadMovements,
    Reconcile,
    RefundPromised,
    SendRefund,
    VoidPayment,
)
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.settlement import (
    LIVE,
    AttemptState,
    AttemptTrigger,
    Cause,
    Decision,
    Expected,
    Mismatch,
    RefundState,
    Step,
    decide,
    next_attempt_state,
)
from practice.payments.snapshots import CheckoutSession, SessionStatus
from practice.profile import ONLY, PracticeProfile
from practice.tokens import reference as new_reference
from practice.work import Work

NIGHT_HOUR = 3  # UTC
STANDS = frozenset({Step.CONFIRM, Step.RECLAIM_AND_CONFIRM})
PAID_STEPS = STANDS | {Step.NOTE_FEE, Step.REFUND_IN_FULL, Step.QUARANTINE}
AUTHORISED_STEPS = frozenset({Step.PUT_IN_REVIEW, Step.VOID})

log = structlog.get_logger()


def settle(work: Work, reference: str, snapshot: CheckoutSession) -> Decision:
    """Decide what a session means for its booking, and do it. Safe to call twice, late and out of order."""
    attempt, booking = lock_attempt(work, reference)
    decision = _decide(attempt, booking, snapshot, slot_free=booking.starts_at > work.now)
    if decision.step is Step.RECLAIM_AND_CONFIRM:
        try:
            booking_actions.confirm(work, booking)
        except SlotTaken:
            decision = _decide(attempt, booking, snapshot, slot_free=False)
    elif decision.step is Step.CONFIRM:
        booking_actions.confirm(work, booking)
    _note_decision(work, attempt, booking, snapshot, decision)
    return decision


def release_if_unpayable(work: Work, booking_reference: str) -> bool:
    """Free a time that is being released; False while something may still be paid for it."""
    return release_locked(work, booking_actions.lock(work, booking_reference))


def owe_share(work: Work, booking_reference: str, share: Fraction) -> None:
    """A booking was cancelled or declined: this share of what we kept of its price goes back. Decided once."""
    booking = booking_actions.lock(work, booking_reference)
    attempt = lock_standing(work, booking)
    if attempt is not None and attempt.ended_at is None:
        attempt.ended_at = work.now
        attempt.refund_due_minor = attempt.refund_due_minor or 0
        if back := attempt.kept.share(share):
            owe(work, attempt, back, Cause.CANCELLED)


def lock_standing(work: Work, booking: Booking) -> PaymentAttempt | None:
    """The payment that a booking stands or stood on, locked until the work ends; the booking is locked already."""
    return work.session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.booking_id == booking.id, PaymentAttempt.confirms)
        .with_for_update(of=PaymentAttempt)
        .execution_options(populate_existing=True)
    ).one_or_none()


def owe(work: Work, attempt: PaymentAttempt, amount: Money, cause: Cause, actor: str = "worker") -> Refund:
    """Add to what goes back of an attempt, and have it sent."""
    attempt.refund_due_minor = (attempt.refund_due_minor or 0) + amount.minor_units
    attempt.updated_at = work.now
    return add_refund(work, attempt, amount, cause, actor)


def add_refund(work: Work, attempt: PaymentAttempt, amount: Money, cause: Cause, actor: str) -> Refund:
    """Have an amount of a payment given back."""
    reference = new_reference("r")
    refund = Refund(
        reference=reference,
        attempt=attempt,
        cause=cause,
        state=RefundState.DUE,
        key=f"refund-{reference}",
        amount_minor=amount.minor_units,
        currency=amount.currency,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(refund)
    work.session.flush()
    record(work, actor, "refund_owed", attempt.booking.reference, {"minor_units": amount.minor_units})
    work.post(SendRefund(reference))
    return refund


def post_next_night(work: Work) -> None:
    """Have everything looked over in the coming night; once for each night, however often it is asked for."""
    today = work.now.astimezone(UTC)
    night = today.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if night <= today:
        night += timedelta(days=1)
    # Two messages, so that trouble with the one keeps nobody from the other.
    work.post(Reconcile(night.date().isoformat()), due=night)
    work.post(ReadMovements(night.date().isoformat()), due=night)


def lock_attempt(work: Work, reference: str) -> tuple[PaymentAttempt, Booking]:
    """The attempt and its booking, locked: the booking first, as everywhere."""
    wanted = select(PaymentAttempt).where(PaymentAttempt.reference == reference)
    attempt = work.session.scalars(wanted).one_or_none()
    if attempt is None:
        raise NotFound
    booking = booking_actions.lock(work, attempt.booking.reference)
    locked = wanted.with_for_update(of=PaymentAttempt).execution_options(populate_existing=True)
    return work.session.scalars(locked).one(), booking


def _decide(attempt: PaymentAttempt, booking: Booking, snapshot: CheckoutSession, *, slot_free: bool) -> Decision:
    expected = Expected(booking.reference, attempt.reference, attempt.amount, livemode=payments().livemode)
    # Declined or called off while the checkout was open: it is still being released, and yet no payment may confirm it.
    ended = booking.declined_at is not None or booking.called_off_at is not None
    state: State | None = State.DECLINED if ended else booking.state
    if attempt.fee is not None:
        state = None
    return decide(snapshot, expected, attempt=attempt.state, booking=state, slot_free=slot_free)


def _note_decision(
    work: Work, attempt: PaymentAttempt, booking: Booking, snapshot: CheckoutSession, decision: Decision
) -> None:
    if decision.step in PAID_STEPS | AUTHORISED_STEPS:
        attempt.session_id, attempt.url, attempt.payment = snapshot.id, None, snapshot.payment
    if decision.step in PAID_STEPS and snapshot.paid:
        note_paid(work, attempt)
    match decision.step:
        case Step.NOTHING if attempt.state is AttemptState.CREATING and snapshot.status is SessionStatus.OPEN:
            keep_session(work, attempt, snapshot)
        case Step.NOTHING_PAYABLE_LEFT:
            attempt.session_id, attempt.url = snapshot.id, None
            move(work, attempt, AttemptTrigger.NOTHING_PAYABLE_LEFT)
            release_locked(work, booking)
        case Step.PUT_IN_REVIEW:
            move(work, attempt, AttemptTrigger.PAYMENT_AUTHORISED)
            reviews.begin(work, attempt, booking, snapshot)
        case Step.VOID:
            if attempt.state is not AttemptState.AUTHORISED:
                move(work, attempt, AttemptTrigger.PAYMENT_AUTHORISED)
                work.post(AuthorisationReleased(booking.reference, attempt.reference))
            work.post(VoidPayment(attempt.reference, work.now.isoformat()))
        case Step.LAPSE:
            move(work, attempt, AttemptTrigger.NOTHING_PAYABLE_LEFT)
            reviewing.lapse(work, booking)
            record(work, "worker", "authorisation_lapsed", booking.reference)
        case Step.CONFIRM | Step.RECLAIM_AND_CONFIRM:
            attempt.confirms = True
            move(work, attempt, AttemptTrigger.PAYMENT_SETTLED)
            record(work, "worker", "payment_settled", booking.reference)
        case Step.NOTE_FEE:
            note_fee_paid(work, attempt)
        case Step.REFUND_IN_FULL:
            move(work, attempt, AttemptTrigger.PAYMENT_SETTLED)
            attempt.ended_at = work.now
            owe(work, attempt, attempt.amount, Cause.LATE)
            work.post(PaymentReturned(booking.reference, attempt.reference))
        case Step.QUARANTINE:
            paid = (snapshot.amount_minor, snapshot.currency) if snapshot.paid else (None, None)
            quarantine(work, attempt, decision.mismatch, paid)
            release_locked(work, booking)
    _see_to_card(work, attempt, booking, snapshot, decision)


def _see_to_card(
    work: Work, attempt: PaymentAttempt, booking: Booking, snapshot: CheckoutSession, decision: Decision
) -> None:
    """Keep the card that its payer wants kept once the session stands; else have the service forget it."""
    if snapshot.kept is None or decision.step in (Step.NOTHING, Step.WAIT, Step.PUT_IN_REVIEW):
        return
    if decision.step in STANDS and attempt.keeps_card:
        consents.keep_card(work, booking, snapshot.kept)
    else:
        work.post(ForgetCard(snapshot.kept.customer))


def note_paid(work: Work, attempt: PaymentAttempt) -> None:
    """We learned that it is paid. Whatever is said of it has the rate of tax that is set now."""
    attempt.paid_at = work.now
    attempt.tax_percent = work.session.get_one(PracticeProfile, ONLY).tax_percent


def note_fee_paid(work: Work, attempt: PaymentAttempt) -> None:
    """A fee is paid: the client is told. Where it was dropped meanwhile, or paid before, all of this goes back."""
    booking, fee = attempt.booking, attempt.fee
    if fee is None:
        raise LookupError(f"attempt {attempt.reference} is for no fee")
    before = select(PaymentAttempt.id).where(
        PaymentAttempt.fee_id == fee.id, PaymentAttempt.state == AttemptState.PAID, PaymentAttempt.ended_at.is_(None)
    )
    unwanted = fee.dropped_at is not None or work.session.scalar(before.limit(1)) is not None
    note_paid(work, attempt)
    move(work, attempt, AttemptTrigger.PAYMENT_SETTLED)
    record(work, "worker", "fee_paid", booking.reference)
    if unwanted:
        attempt.ended_at = work.now
        refund = owe(work, attempt, attempt.amount, Cause.LATE)
        work.post(RefundPromised(booking.reference, refund.reference))
    else:
        work.post(FeePaid(booking.reference, fee.reference))


def quarantine(
    work: Work, attempt: PaymentAttempt, mismatch: Mismatch | None, paid: tuple[int | None, str | None]
) -> None:
    """What was paid isn't what we asked for: a person must look. `paid`: minor units and currency, where known."""
    attempt.mismatch = mismatch
    attempt.paid_minor, attempt.paid_currency = paid
    move(work, attempt, AttemptTrigger.MISMATCH)
    record(work, "worker", "payment_quarantined", attempt.booking.reference, {"why": str(mismatch)})
    work.post(MoneyWaits(attempt.reference))
    log.warning("payment_quarantined", reference=attempt.reference)


def keep_session(work: Work, attempt: PaymentAttempt, session: CheckoutSession) -> None:
    attempt.session_id, attempt.url = session.id, session.url
    move(work, attempt, AttemptTrigger.SESSION_MADE)


def release_locked(work: Work, booking: Booking) -> bool:
    """The same for a booking that is locked already."""
    if booking.state is not State.RELEASING:
        return True
    live = select(PaymentAttempt.id).where(PaymentAttempt.booking_id == booking.id, PaymentAttempt.state.in_(LIVE))
    if work.session.scalar(live.limit(1)) is not None:
        return False
    booking_actions.expire(work, booking)
    return True


def move(work: Work, attempt: PaymentAttempt, trigger: AttemptTrigger) -> None:
    attempt.state = next_attempt_state(attempt.state, trigger)
    attempt.updated_at = work.now
    work.session.flush()
