"""What staff decide about money: give some of it back, and bring to an end what only a person can. Each runs in its
caller's work, keeps a sealed reason, and goes by what its page showed.
"""

from __future__ import annotations

from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.money import Money
from practice.payments.actions import add_refund, lock_attempt, lock_standing, owe
from practice.payments.decisions import decide
from practice.payments.disputes import is_taken_back
from practice.payments.messages import RefundPromised
from practice.payments.models import PaymentAttempt, Refund, StripeEvent
from practice.payments.settlement import AttemptState, Cause, RefundState
from practice.work import Work

STANDS = (State.CONFIRMED, State.ATTENDED, State.MISSED)


class MoneyMoved(Conflict):
    """It stands otherwise than the page said: somebody else decided, or it went back meanwhile."""

    title = N_("This payment stands otherwise by now")
    way_out = N_("Look at it again. Nothing was changed.")


class NotThatMuch(Refused):
    """More than is left of a payment, or nothing at all."""

    title = N_("That is more than was paid and not given back yet")
    way_out = N_("Choose an amount up to what is left.")


class TakenBack(Conflict):
    """A bank has this payment, or may take it: giving it back as well would be paying twice."""

    title = N_("The bank has taken this payment back")
    way_out = N_("Nothing more can be given back here while that stands. Answer the dispute at the payment service.")


def give_back(work: Work, booking_reference: str, amount: Money, *, kept: Money, actor: str, reason: str) -> None:
    """Give back some or all of what a booking was paid with. `kept` is what the page said was left of it.

    :raises MoneyMoved: when that isn't what is left by now, or nothing was paid.
    :raises NotThatMuch: when it is more than that, or nothing.
    :raises TakenBack: when a bank has taken the payment back, or may.
    """
    booking = booking_actions.lock(work, booking_reference)
    attempt = lock_standing(work, booking)
    if attempt is None:
        raise MoneyMoved
    give_back_of(work, attempt, amount, kept=kept, actor=actor, reason=reason)


def give_back_of(work: Work, attempt: PaymentAttempt, amount: Money, *, kept: Money, actor: str, reason: str) -> None:
    """The same for one payment, of a session or of a fee for it; it and its booking are locked already."""
    booking = attempt.booking
    if attempt.kept != kept:
        raise MoneyMoved
    # It ended a moment ago: its share is being decided.
    if attempt.confirms and attempt.ended_at is None and booking.state not in STANDS:
        raise MoneyMoved
    if not amount or not amount <= kept:
        raise NotThatMuch
    _refuse_taken_back(work, attempt)
    if attempt.confirms:
        booking_actions.note_given_back(work, booking, amount)
    refund = owe(work, attempt, amount, Cause.STAFF, actor)
    decide(work, booking, refund.reference, "given_back", amount, actor=actor, reason=reason)
    work.post(RefundPromised(booking.reference, refund.reference))


def return_quarantined(work: Work, attempt_reference: str, *, actor: str, reason: str) -> None:
    """Give back all of a payment that wasn't what we asked for.

    :raises MoneyMoved: when it doesn't wait for anybody any more, or how much came isn't known.
    :raises TakenBack: when a bank has taken it back, or may.
    """
    attempt = _lock_quarantined(work, attempt_reference)
    if attempt.payment is None or not attempt.paid_minor:
        raise MoneyMoved
    _refuse_taken_back(work, attempt)
    attempt.resolved_at = work.now
    add_refund(work, attempt, attempt.paid, Cause.NOT_AS_ASKED, actor)
    decide(work, attempt.booking, attempt.reference, "returned", attempt.paid, actor=actor, reason=reason)


def settle_quarantined_by_hand(work: Work, attempt_reference: str, *, actor: str, reason: str) -> None:
    """Note that a payment that wasn't what we asked for was dealt with elsewhere.

    :raises MoneyMoved: when it doesn't wait for anybody any more.
    """
    attempt = _lock_quarantined(work, attempt_reference)
    attempt.resolved_at = work.now
    decide(work, attempt.booking, attempt.reference, "by_hand", attempt.paid, actor=actor, reason=reason)


def send_again(work: Work, refund_reference: str, *, actor: str, reason: str) -> None:
    """Try a failed refund once more, as a new one.

    :raises MoneyMoved: when it doesn't wait for anybody any more.
    :raises TakenBack: when a bank has taken the payment back, or may.
    """
    refund, attempt = _lock_failed(work, refund_reference)
    _refuse_taken_back(work, attempt)
    refund.resolved_at = work.now
    work.session.flush()
    again = add_refund(work, attempt, refund.amount, refund.cause, actor)
    decide(work, attempt.booking, again.reference, "sent_again", refund.amount, actor=actor, reason=reason)


def settle_refund_by_hand(work: Work, refund_reference: str, *, actor: str, reason: str) -> None:
    """Note that what a failed refund owed was paid another way, such as a bank transfer.

    :raises MoneyMoved: when it doesn't wait for anybody any more.
    """
    refund, attempt = _lock_failed(work, refund_reference)
    refund.resolved_at, refund.by_hand = work.now, True
    decide(work, attempt.booking, refund.reference, "by_hand", refund.amount, actor=actor, reason=reason)


def settle_stray(work: Work, event_id: str, *, actor: str) -> None:
    """Note that somebody looked into a payment that we don't know.

    :raises MoneyMoved: when it doesn't wait for anybody any more.
    """
    found = select(StripeEvent).where(StripeEvent.id == event_id).with_for_update()
    event = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if event is None or not event.stray or event.resolved_at is not None:
        raise MoneyMoved
    event.resolved_at = work.now
    record(work, actor, "stray_payment_settled", event_id[:60])


def _refuse_taken_back(work: Work, attempt: PaymentAttempt) -> None:
    if is_taken_back(work, attempt):
        raise TakenBack


def _lock_quarantined(work: Work, reference: str) -> PaymentAttempt:
    attempt, _ = lock_attempt(work, reference)
    if attempt.state is not AttemptState.QUARANTINED or attempt.resolved_at is not None:
        raise MoneyMoved
    return attempt


def _lock_failed(work: Work, reference: str) -> tuple[Refund, PaymentAttempt]:
    wanted = select(Refund).where(Refund.reference == reference)
    seen = work.session.scalars(wanted).one_or_none()
    if seen is None:
        raise NotFound
    attempt, _ = lock_attempt(work, seen.attempt.reference)
    refund = work.session.scalars(wanted.with_for_update(of=Refund).execution_options(populate_existing=True)).one()
    if refund.state is not RefundState.FAILED or refund.resolved_at is not None:
        raise MoneyMoved
    return refund, attempt
