"""What staff decide about fees, and what follows from charging a card. Each runs in its caller's work.

A fee is decided once for a session, up to what its client agreed to, less what they paid; never for safety.
"""

from __future__ import annotations

from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.errors import Conflict, Refused
from practice.languages import N_
from practice.money import Money
from practice.payments import remedies
from practice.payments.actions import lock_standing, owe, post_next_night
from practice.payments.decisions import decide
from practice.payments.disputes import is_taken_back
from practice.payments.fees import consents
from practice.payments.fees.charges import add_charge, ask_client, end_fee
from practice.payments.fees.messages import ChargeCard
from practice.payments.fees.models import Fee
from practice.payments.fees.policy import FeeTerms
from practice.payments.fees.queries import Due, FeeStand, find_due, find_fee, stand_of
from practice.payments.messages import RefundPromised
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import AttemptState, Cause
from practice.profile import ONLY, PracticeProfile
from practice.tokens import reference as new_reference
from practice.work import Work

ENDED = (State.CANCELLED, State.MISSED)


class FeeMoved(Conflict):
    """It stands otherwise than the page said."""

    title = N_("This fee stands otherwise by now")
    way_out = N_("Look at it again. Nothing was charged or changed.")


class MoreThanAgreed(Refused):
    """More than was agreed to, less what was paid; or nothing at all."""

    title = N_("That is more than may be charged")
    way_out = N_("Choose an amount up to what was agreed to, less what was paid.")


def set_terms(work: Work, actor: str, terms: FeeTerms) -> None:
    """Set the most that fees can be, in the practice's currency. Who agreed to other sums is charged by those."""
    practice = work.session.get_one(PracticeProfile, ONLY)
    practice.late_fee_minor = terms.late.minor_units if terms.late is not None else None
    practice.missed_fee_minor = terms.missed.minor_units if terms.missed is not None else None
    record(work, actor, "fees_set", "practice", {"terms": terms.mark})


def charge(work: Work, booking_reference: str, amount: Money, *, most: Money, actor: str, reason: str) -> str:
    """Decide on a fee and have the kept card charged; the reference of the fee. `most` is what the page said.

    :raises FeeMoved: when that isn't so any more, or nothing may be charged.
    :raises MoreThanAgreed: when it is more than that, or nothing.
    """
    booking = booking_actions.lock(work, booking_reference)
    consents.lock_person(work, booking.person_id)  # so that nobody takes their consent back meanwhile
    due = find_due(booking)
    if not isinstance(due, Due) or due.most != most:
        raise FeeMoved
    if not amount or not amount <= most:
        raise MoreThanAgreed
    fee = Fee(
        reference=new_reference("fe"),
        booking=booking,
        consent=due.consent,
        kind=due.kind,
        amount_minor=amount.minor_units,
        currency=amount.currency,
        decided_at=work.now,
    )
    work.session.add(fee)
    work.session.flush()
    attempt = add_charge(work, fee)
    booking_actions.note_fee(work, booking, amount)
    decide(work, booking, fee.reference, "fee", amount, actor=actor, reason=reason)
    work.post(ChargeCard(attempt.reference))
    post_next_night(work)
    return fee.reference


def ask(work: Work, booking_reference: str, *, actor: str, reason: str) -> None:
    """Ask the client to pay a fee themselves, where their bank refused the card; they get a link.

    :raises FeeMoved: when it doesn't wait for that.
    """
    fee = _lock_fee(work, booking_reference)
    if stand_of(fee) is not FeeStand.DECLINED:
        raise FeeMoved
    ask_client(work, fee)
    decide(work, fee.booking, fee.reference, "fee_asked", fee.amount, actor=actor, reason=reason)


def drop(work: Work, booking_reference: str, *, actor: str, reason: str) -> None:
    """Ask for a fee no longer. What is paid for it all the same goes back.

    :raises FeeMoved: when it is paid, or there is none.
    """
    fee = _lock_fee(work, booking_reference)
    if stand_of(fee) in (FeeStand.PAID, FeeStand.QUESTIONED):
        raise FeeMoved
    end_fee(work, fee)
    decide(work, fee.booking, fee.reference, "fee_dropped", fee.amount, actor=actor, reason=reason)


def give_back(work: Work, booking_reference: str, amount: Money, *, kept: Money, actor: str, reason: str) -> None:
    """Give back some or all of a fee that was paid. `kept` is what the page said was left of it.

    :raises MoneyMoved: when that isn't what is left by now, or nothing was paid.
    :raises NotThatMuch: when it is more than that, or nothing.
    :raises TakenBack: when a bank has taken the payment back, or may.
    """
    fee = _lock_fee(work, booking_reference)
    paid = _lock_paid(work, fee)
    remedies.give_back_of(work, paid, amount, kept=kept, actor=actor, reason=reason)


def spare(work: Work, booking_reference: str, *, actor: str, reason: str) -> None:
    """Nothing is ever charged for a session that ended so, for somebody's safety; all that was paid goes back.

    Not what a bank has taken back, or may: that would be paying twice.

    :raises FeeMoved: when it isn't cancelled or missed, or was spared before.
    """
    booking = booking_actions.lock(work, booking_reference)
    if booking.state not in ENDED or booking.spared_at is not None:
        raise FeeMoved
    booking_actions.spare(work, booking)
    fee = find_fee(booking)
    paid = [attempt for attempt in (lock_standing(work, booking), _find_paid(work, fee)) if attempt]
    if fee is not None and stand_of(fee) is not FeeStand.PAID:
        end_fee(work, fee)
    for attempt in paid:
        if attempt.kept and not is_taken_back(work, attempt):
            remedies.give_back_of(work, attempt, attempt.kept, kept=attempt.kept, actor=actor, reason=reason)
    decide(work, booking, booking.reference, "spared", Money(0, booking.currency), actor=actor, reason=reason)


def undo(work: Work, booking_reference: str) -> None:
    """A session took place that was noted as missed: its fee is dropped, and what was paid for it goes back in full."""
    booking = booking_actions.lock(work, booking_reference)
    fee = find_fee(booking)
    if fee is None or booking.state is not State.ATTENDED:
        return
    paid = _find_paid(work, fee)
    end_fee(work, fee)
    record(work, "worker", "fee_undone", booking.reference)
    if paid is not None:
        paid.ended_at = work.now
        if paid.kept:
            refund = owe(work, paid, paid.kept, Cause.STAFF)
            work.post(RefundPromised(booking.reference, refund.reference))


def lock_to_pay(work: Work, booking: Booking) -> Fee:
    """The fee that a client goes to pay themselves, locked until the work ends, with its booking.

    :raises FeeMoved: when they weren't asked to, or it is paid or dropped meanwhile.
    """
    fee = _lock_fee(work, booking.reference)
    if stand_of(fee) is not FeeStand.ASKED:
        raise FeeMoved
    return fee


def _lock_fee(work: Work, booking_reference: str) -> Fee:
    booking = booking_actions.lock(work, booking_reference)
    found = select(Fee).where(Fee.booking_id == booking.id, Fee.dropped_at.is_(None))
    fee = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if fee is None:
        raise FeeMoved
    return fee


def _find_paid(work: Work, fee: Fee | None) -> PaymentAttempt | None:
    if fee is None:
        return None
    found = select(PaymentAttempt).where(
        PaymentAttempt.fee_id == fee.id, PaymentAttempt.state == AttemptState.PAID, PaymentAttempt.ended_at.is_(None)
    )
    locked = found.with_for_update(of=PaymentAttempt).execution_options(populate_existing=True)
    return work.session.scalars(locked).one_or_none()


def _lock_paid(work: Work, fee: Fee) -> PaymentAttempt:
    paid = _find_paid(work, fee)
    if paid is None:
        raise remedies.MoneyMoved
    return paid
