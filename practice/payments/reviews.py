"""Requests whose card is authorised first: when they begin, what a yes leads to, and how they run out.

What these change runs in the caller's work; what goes over the network is in practice/payments/authorisations.py.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from practice.audit import record
from practice.booking import actions as booking_actions
from practice.booking import queries as booking_queries
from practice.booking import reviewing
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.reviewing import TooLateToAccept
from practice.payments.messages import CapturePayment, ReviewOver, ReviewRunsOut
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import AttemptState
from practice.payments.snapshots import CheckoutSession
from practice.work import Work

SHORTEST_LIFE = timedelta(days=5)  # of an authorisation of which the service doesn't say until when it can be taken
BEFORE_IT_LAPSES = timedelta(hours=1)  # nothing is decided in the last minutes
ALARM = timedelta(days=1)


def begin(work: Work, attempt: PaymentAttempt, booking: Booking, session: CheckoutSession) -> None:
    """A card is authorised: the request waits for somebody, and an alarm is set for the day before it runs out."""
    attempt.capture_before = session.capture_before or work.now + SHORTEST_LIFE
    until = runs_out_at(attempt, booking)
    reviewing.put_in_review(work, booking, until)
    record(work, "worker", "payment_authorised", booking.reference)
    work.post(ReviewRunsOut(attempt.reference), due=max(work.now, until - ALARM))
    work.post(ReviewOver(attempt.reference), due=until)


def runs_out_at(attempt: PaymentAttempt, booking: Booking) -> datetime:
    """Until when somebody can say yes: before the authorisation lapses, and before the session begins."""
    lapses = attempt.capture_before
    return booking.starts_at if lapses is None else min(lapses - BEFORE_IT_LAPSES, booking.starts_at)


def approve(work: Work, booking: Booking, actor: str) -> bool:
    """Somebody said yes: what is authorised is taken, and then the session stands. False when nothing waits for it.

    :raises TooLateToAccept: when the time has begun, or the review has run out.
    """
    if not reviewing.approve(work, booking):
        return False
    record(work, actor, "request_approved", booking.reference)
    for attempt in find_authorised(work, booking):
        work.post(CapturePayment(attempt.reference))
    return True


def approve_if_accepted(work: Work, booking_reference: str) -> None:
    """Say yes to a request where the practice has said it to its client, while the card was being authorised.

    Who accepts locks first what a client may book, and then the bookings. So do we: whoever comes second sees what the
    first has done, and no yes is lost between the two.
    """
    person_id = booking_queries.find_person_of(booking_reference)
    eligibility = booking_queries.lock_eligibility(person_id)
    booking = booking_actions.lock(work, booking_reference)
    if eligibility is not None and eligibility.accepted and is_undecided(booking):
        with suppress(TooLateToAccept):
            approve(work, booking, "worker")


def find_authorised(work: Work, booking: Booking) -> list[PaymentAttempt]:
    """The attempts of a booking whose sum could still be taken."""
    found = select(PaymentAttempt).where(
        PaymentAttempt.booking_id == booking.id, PaymentAttempt.state == AttemptState.AUTHORISED
    )
    return list(work.session.scalars(found))


def is_undecided(booking: Booking) -> bool:
    """Whether a request still waits for somebody."""
    return booking.state is State.IN_REVIEW and booking.approved_at is None


def run_out(work: Work, booking_reference: str) -> bool:
    """The request ends where nobody decided in time, and its time is kept for the client once more; whether it did."""
    booking = booking_actions.lock(work, booking_reference)
    if not is_undecided(booking) or booking.deadline_at is None or booking.deadline_at > work.now:
        return False
    reviewing.lapse(work, booking)
    record(work, "worker", "review_ran_out", booking.reference)
    return True
