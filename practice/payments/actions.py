"""What changes payments. The only writer of its tables; each action runs in its caller's work, without the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import structlog
from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking import queries as booking_queries
from practice.booking import reviewing
from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import UNPAID, State
from practice.booking.models import Booking
from practice.errors import Conflict, NotFound
from practice.money import Money
from practice.payments import reviews
from practice.payments.gateway import payments
from practice.payments.messages import (
    AuthorisationReleased,
    MoneyWaits,
    PaymentReturned,
    ReadMovements,
    Reconcile,
    SendRefund,
    SettleAttempt,
    VoidPayment,
)
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.queries import Seen, seen_of
from practice.payments.settlement import (
    LIVE,
    AttemptState,
    AttemptTrigger,
    Cause,
    Decision,
    Expected,
    RefundState,
    Step,
    decide,
    next_attempt_state,
)
from practice.payments.snapshots import CheckoutSession, SessionStatus
from practice.settings import settings
from practice.tokens import reference as new_reference
from practice.work import Work

CHECKOUT_LIFE = timedelta(minutes=35)  # the service wants 30 at least; the rest is for retries
MOST_ATTEMPTS = 4  # for one hold: making new ones must not keep a time for ever
NIGHT_HOUR = 3  # UTC
PAID_STEPS = frozenset({Step.CONFIRM, Step.RECLAIM_AND_CONFIRM, Step.REFUND_IN_FULL, Step.QUARANTINE})
AUTHORISED_STEPS = frozenset({Step.PUT_IN_REVIEW, Step.VOID})

log = structlog.get_logger()


class NotPayable(Conflict):
    """The booking is not held any more, or its time to pay is over."""

    title = "This can’t be paid any more"
    way_out = "Look at your booking again, or choose another time."


def begin_attempt(work: Work, booking_reference: str) -> tuple[Seen, str | None]:
    """The attempt with which to pay for a time that is kept, and its address once it has one.

    A second tab and a reload get the attempt that is live already; else one is made, with everything that the session
    will be made from, and the time is the client's for as long as it can be paid.

    :raises NotPayable: when the time isn't kept any more, costs nothing, or was tried too often.
    """
    booking = booking_actions.lock(work, booking_reference)
    if booking.state not in UNPAID or booking.deadline_at is None or booking.deadline_at <= work.now:
        raise NotPayable
    if not booking.price_minor:
        raise NotPayable
    attempts = list(work.session.scalars(select(PaymentAttempt).where(PaymentAttempt.booking_id == booking.id)))
    for attempt in attempts:
        if attempt.state in LIVE:
            return seen_of(attempt), attempt.url
    if len(attempts) >= MOST_ATTEMPTS:
        raise NotPayable
    expires_at = (work.now + CHECKOUT_LIFE).replace(microsecond=0)
    attempt = _new_attempt(work, booking, expires_at)
    booking_actions.open_checkout(work, booking, expires_at)
    # Should the answer never reach us, somebody must ask again, long before the deadline.
    work.post(SettleAttempt(attempt.reference, "begun"), due=work.now + timedelta(minutes=2))
    post_next_night(work)
    return seen_of(attempt), None


def note_session(work: Work, reference: str, session: CheckoutSession) -> str | None:
    """Keep what the service made; the address to pay at, or None when the attempt was closed meanwhile."""
    attempt, _ = lock_attempt(work, reference)
    if attempt.state is AttemptState.CREATING:
        _note_session(work, attempt, session)
    return attempt.url if attempt.state is AttemptState.OPEN else None


def note_no_session(work: Work, reference: str) -> None:
    """The service made no session for this attempt, and never will."""
    attempt, booking = lock_attempt(work, reference)
    if attempt.state is AttemptState.CREATING:
        _move(work, attempt, AttemptTrigger.SESSION_REFUSED)
        _release_if_unpayable(work, booking)


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
    return _release_if_unpayable(work, booking_actions.lock(work, booking_reference))


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


def _new_attempt(work: Work, booking: Booking, expires_at: datetime) -> PaymentAttempt:
    reference = new_reference("pa")
    page = f"{settings().base_url}/bookings/{booking.reference}"
    attempt = PaymentAttempt(
        reference=reference,
        booking=booking,
        state=AttemptState.CREATING,
        authorises=booking.review_first and not booking_queries.is_accepted(booking.person_id),
        key=f"checkout-{reference}",
        parameters={"reference": booking.reference, "success_url": f"{page}/paid", "cancel_url": f"{page}/pay"},
        amount_minor=booking.price_minor,
        currency=booking.currency,
        expires_at=expires_at,
        confirms=False,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(attempt)
    work.session.flush()
    return attempt


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
    # Declined while the checkout was open: it is still being released, and yet no payment may confirm it.
    state = booking.state if booking.declined_at is None else State.DECLINED
    return decide(snapshot, expected, attempt=attempt.state, booking=state, slot_free=slot_free)


def _note_decision(
    work: Work, attempt: PaymentAttempt, booking: Booking, snapshot: CheckoutSession, decision: Decision
) -> None:
    if decision.step in PAID_STEPS | AUTHORISED_STEPS:
        attempt.session_id, attempt.url, attempt.payment = snapshot.id, None, snapshot.payment
    if decision.step in PAID_STEPS and snapshot.paid:
        attempt.paid_at = work.now
    match decision.step:
        case Step.NOTHING if attempt.state is AttemptState.CREATING and snapshot.status is SessionStatus.OPEN:
            _note_session(work, attempt, snapshot)
        case Step.NOTHING_PAYABLE_LEFT:
            attempt.session_id, attempt.url = snapshot.id, None
            _move(work, attempt, AttemptTrigger.NOTHING_PAYABLE_LEFT)
            _release_if_unpayable(work, booking)
        case Step.PUT_IN_REVIEW:
            _move(work, attempt, AttemptTrigger.PAYMENT_AUTHORISED)
            reviews.begin(work, attempt, booking, snapshot)
        case Step.VOID:
            if attempt.state is not AttemptState.AUTHORISED:
                _move(work, attempt, AttemptTrigger.PAYMENT_AUTHORISED)
                work.post(AuthorisationReleased(booking.reference, attempt.reference))
            work.post(VoidPayment(attempt.reference, work.now.isoformat()))
        case Step.LAPSE:
            _move(work, attempt, AttemptTrigger.NOTHING_PAYABLE_LEFT)
            reviewing.lapse(work, booking)
            record(work, "worker", "authorisation_lapsed", booking.reference)
        case Step.CONFIRM | Step.RECLAIM_AND_CONFIRM:
            attempt.confirms = True
            _move(work, attempt, AttemptTrigger.PAYMENT_SETTLED)
            record(work, "worker", "payment_settled", booking.reference)
        case Step.REFUND_IN_FULL:
            _move(work, attempt, AttemptTrigger.PAYMENT_SETTLED)
            attempt.ended_at = work.now
            owe(work, attempt, attempt.amount, Cause.LATE)
            work.post(PaymentReturned(booking.reference, attempt.reference))
        case Step.QUARANTINE:
            attempt.mismatch = decision.mismatch
            if snapshot.paid:
                attempt.paid_minor, attempt.paid_currency = snapshot.amount_minor, snapshot.currency
            _move(work, attempt, AttemptTrigger.MISMATCH)
            _release_if_unpayable(work, booking)
            record(work, "worker", "payment_quarantined", booking.reference, {"why": str(decision.mismatch)})
            work.post(MoneyWaits(attempt.reference))
            log.warning("payment_quarantined", reference=attempt.reference)


def _note_session(work: Work, attempt: PaymentAttempt, session: CheckoutSession) -> None:
    attempt.session_id, attempt.url = session.id, session.url
    _move(work, attempt, AttemptTrigger.SESSION_MADE)


def _release_if_unpayable(work: Work, booking: Booking) -> bool:
    if booking.state is not State.RELEASING:
        return True
    live = select(PaymentAttempt.id).where(PaymentAttempt.booking_id == booking.id, PaymentAttempt.state.in_(LIVE))
    if work.session.scalar(live.limit(1)) is not None:
        return False
    booking_actions.expire(work, booking)
    return True


def _move(work: Work, attempt: PaymentAttempt, trigger: AttemptTrigger) -> None:
    attempt.state = next_attempt_state(attempt.state, trigger)
    attempt.updated_at = work.now
    work.session.flush()
