"""A fee on its way to being paid: the charge of a kept card, what became of it, the client who is asked, and its end.

Each runs in its caller's work, without the network; the booking is locked already where a fee is named.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.errors import NotFound
from practice.payments.actions import lock_attempt, move, note_fee_paid, note_paid, quarantine
from practice.payments.fees import consents
from practice.payments.fees.messages import FeeAsked, FeeDropped
from practice.payments.fees.models import Fee
from practice.payments.gateway import payments
from practice.payments.messages import MoneyWaits
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import AttemptState, AttemptTrigger, Expected, Step, find_mismatch
from practice.payments.snapshots import ChargeSnapshot, ChargeStatus
from practice.tokens import reference as new_reference
from practice.work import Work

KEY_LIFE = timedelta(hours=23)  # after which the service may not know its key any more


def add_charge(work: Work, fee: Fee) -> PaymentAttempt:
    """The attempt with which the card that is kept for a fee is charged, with everything that is asked for."""
    reference = new_reference("pa")
    attempt = PaymentAttempt(
        reference=reference,
        booking=fee.booking,
        fee=fee,
        off_session=True,
        keeps_card=False,
        authorises=False,
        state=AttemptState.CREATING,
        key=f"charge-{reference}",
        parameters={
            "reference": fee.booking.reference,
            "customer": fee.consent.customer,
            "card": fee.consent.card,
            "language": fee.booking.person.language,
        },
        amount_minor=fee.amount_minor,
        currency=fee.currency,
        expires_at=work.now + KEY_LIFE,
        confirms=False,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(attempt)
    work.session.flush()
    return attempt


def note_try(work: Work, attempt_reference: str) -> tuple[PaymentAttempt, bool]:
    """Before the service is asked to charge a card: the attempt, and whether it may have heard of it before.

    Whoever took their consent back before the first try is charged nothing: the fee is dropped.
    """
    attempt, booking = lock_attempt(work, attempt_reference)
    fee = _fee_of(attempt)
    tried = fee.tried_at is not None
    if attempt.state is AttemptState.CREATING and not tried:
        consents.lock_person(work, booking.person_id)
        work.session.refresh(fee.consent)
        if fee.consent.withdrawn_at is not None:
            end_fee(work, fee)
            return attempt, tried
    if attempt.state is AttemptState.CREATING:
        fee.tried_at = work.now
    return attempt, tried


def note_charge(work: Work, attempt_reference: str, charged: ChargeSnapshot) -> Step:
    """What became of charging a card. Safe to call twice."""
    attempt, booking = lock_attempt(work, attempt_reference)
    if attempt.state is not AttemptState.CREATING:
        return Step.NOTHING
    match charged.status:
        case ChargeStatus.UNDER_WAY:
            return Step.WAIT
        case ChargeStatus.PAID:
            attempt.payment = charged.payment
            expected = Expected(booking.reference, attempt.reference, attempt.amount, livemode=payments().livemode)
            mismatch = find_mismatch(charged, expected)
            if mismatch is None:
                note_fee_paid(work, attempt)
                return Step.NOTE_FEE
            note_paid(work, attempt)
            quarantine(work, attempt, mismatch, (charged.amount_minor, charged.currency))
            return Step.QUARANTINE
        case ChargeStatus.ASKS:
            move(work, attempt, AttemptTrigger.SESSION_REFUSED)
            ask_client(work, _fee_of(attempt))
        case ChargeStatus.DECLINED:
            move(work, attempt, AttemptTrigger.SESSION_REFUSED)
            _note_declined(work, _fee_of(attempt))
    record(work, "worker", f"fee_{charged.status}", booking.reference)
    return Step.NOTHING_PAYABLE_LEFT


def ask_client(work: Work, fee: Fee) -> None:
    """The client is to pay a fee themselves; they hear of it."""
    if fee.dropped_at is None:
        fee.asked_at = work.now
        work.post(FeeAsked(fee.booking.reference, fee.reference, work.now.isoformat()))


def end_fee(work: Work, fee: Fee) -> None:
    """Ask for it no longer. A charge of which the service has not heard is never made."""
    if fee.tried_at is None:
        for attempt in work.session.scalars(select(PaymentAttempt).where(PaymentAttempt.fee_id == fee.id)).all():
            if attempt.off_session and attempt.state is AttemptState.CREATING:
                move(work, attempt, AttemptTrigger.SESSION_REFUSED)
    fee.dropped_at = work.now
    booking_actions.note_fee(work, fee.booking, None)
    work.post(FeeDropped(fee.reference))


def _note_declined(work: Work, fee: Fee) -> None:
    if fee.dropped_at is None:
        fee.declined_at = work.now
        work.post(MoneyWaits(fee.reference))


def _fee_of(attempt: PaymentAttempt) -> Fee:
    if attempt.fee is None:
        raise NotFound
    return attempt.fee
