"""What payments does when it hears a message. Every handler stands being run twice, late and out of order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

import structlog

from practice.booking import actions as booking_actions
from practice.booking.messages import BookingCancelled, BookingReleasing, CheckoutDeadline, ReviewBegun, ReviewEnded
from practice.clock import clock
from practice.outbox import Retry
from practice.payments import actions, authorisations, bookkeeping, checkout, disputes, queries, refunds, reviews
from practice.payments.fees import consents
from practice.payments.gateway import GatewayUnavailable, UnknownSession, payments
from practice.payments.ledger import LISTED_BACK, notice, take_in
from practice.payments.messages import (
    CapturePayment,
    FollowDispute,
    FollowRefund,
    ReadMovements,
    Reconcile,
    ReviewOver,
    SendRefund,
    SettleAttempt,
    VoidPayment,
)
from practice.payments.settlement import Step
from practice.work import begin_work

PAUSE = timedelta(seconds=30)
LONG_PAUSE = timedelta(minutes=10)

log = structlog.get_logger()


def close_checkouts(attempts: Iterable[str]) -> None:
    """See that none of these attempts can be paid any more.

    :raises Retry: when the service doesn't say whether one still can.
    """
    for attempt in attempts:
        try:
            checkout.close(attempt)
        except (GatewayUnavailable, UnknownSession) as trouble:
            log.warning("checkout_not_closed", reference=attempt, error=type(trouble).__name__)
            raise Retry(PAUSE, "the payment service does not say") from None


def on_checkout_deadline(message: CheckoutDeadline) -> None:
    """A hold may be over: begin to release it, if it is."""
    with begin_work() as work:
        booking_actions.begin_release(work, booking_actions.lock(work, message.reference))


def on_booking_releasing(message: BookingReleasing) -> None:
    """Close whatever can still be paid for a booking, then free its time. On uncertainty, keep it and come back."""
    close_checkouts(queries.list_live(message.reference))
    with begin_work() as work:
        released = actions.release_if_unpayable(work, message.reference)
    if not released:
        raise Retry(PAUSE, "a payment is under way")


def on_settle_attempt(message: SettleAttempt) -> None:
    """Something may have happened to an attempt."""
    try:
        step = checkout.settle(message.attempt)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None
    if step is Step.WAIT:
        raise Retry(LONG_PAUSE, "a payment is under way")


def on_review_begun(message: ReviewBegun) -> None:
    """A card is authorised: the practice may have said yes while it was."""
    with begin_work() as work:
        reviews.approve_if_accepted(work, message.reference)


def on_review_ended(message: ReviewEnded) -> None:
    """A request ended without a yes: nothing may be taken for it any more."""
    with begin_work() as work:
        for attempt in reviews.find_authorised(work, booking_actions.lock(work, message.reference)):
            work.post(VoidPayment(attempt.reference, "ended"))


def on_capture_payment(message: CapturePayment) -> None:
    """Somebody said yes."""
    try:
        authorisations.capture(message.attempt)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None


def on_void_payment(message: VoidPayment) -> None:
    """What was authorised is not wanted any more."""
    try:
        authorisations.void(message.attempt)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None


def on_review_over(message: ReviewOver) -> None:
    """A request may have run out."""
    seen = queries.find_booking_of(message.attempt)
    with begin_work() as work:
        reviews.run_out(work, seen)


def on_booking_cancelled(message: BookingCancelled) -> None:
    """A confirmed booking has ended: its share goes back."""
    with begin_work() as work:
        share = Fraction(message.refund_numerator, message.refund_denominator)
        actions.owe_share(work, message.reference, share)


def on_send_refund(message: SendRefund) -> None:
    """Money is owed."""
    refunds.send(message.refund)


def on_follow_refund(message: FollowRefund) -> None:
    """Something may have happened to a refund."""
    refunds.follow(message.refund)


def on_follow_dispute(message: FollowDispute) -> None:
    """Something may have happened to a dispute."""
    disputes.follow(message.dispute)


def on_reconcile(message: Reconcile) -> None:
    """Each night: look at everything unfinished, and at everything that the service knows and we may have missed."""
    live, underway, disputed = queries.list_unfinished(), queries.list_underway_refunds(), queries.list_open_disputes()
    since = clock().now() - LISTED_BACK
    try:
        sessions, events = payments().list_sessions(since), payments().list_events(since)
    except GatewayUnavailable:
        raise Retry(LONG_PAUSE, "the payment service does not answer") from None
    with begin_work() as work:
        for attempt in live:
            work.post(SettleAttempt(attempt, f"night {message.night}"))
        for refund in underway:
            work.post(FollowRefund(refund, f"night {message.night}"))
        for dispute in disputed:
            work.post(FollowDispute(dispute, f"night {message.night}"))
        for event in events:
            take_in(work, event)
        for session in sessions:
            notice(work, session, message.night)
        consents.withdraw_what_is_over(work)
        actions.post_next_night(work)


def on_read_movements(message: ReadMovements) -> None:
    """Each night, and when staff ask: read what moved at the service, for taxes."""
    with begin_work() as work:
        actions.post_next_night(work)
    try:
        bookkeeping.read()
    except GatewayUnavailable:
        raise Retry(LONG_PAUSE, "the payment service does not answer") from None
