"""The attempt with which somebody goes to pay: found again where one is open, else made. Part of what changes payments.

Each runs in its caller's work, without the network; practice/payments/checkout.py asks the service in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking import queries as booking_queries
from practice.booking.lifecycle import UNPAID
from practice.booking.models import Booking
from practice.errors import Conflict
from practice.languages import N_
from practice.money import Money
from practice.payments.actions import keep_session, lock_attempt, move, post_next_night, release_locked
from practice.payments.fees.consents import find_pending
from practice.payments.fees.models import Fee
from practice.payments.messages import SettleAttempt
from practice.payments.models import PaymentAttempt
from practice.payments.queries import Seen, seen_of
from practice.payments.settlement import LIVE, AttemptState, AttemptTrigger
from practice.payments.snapshots import CheckoutSession
from practice.settings import settings
from practice.tokens import reference as new_reference
from practice.work import Work

CHECKOUT_LIFE = timedelta(minutes=35)  # the service wants 30 at least; the rest is for retries
MOST_ATTEMPTS = 4  # for one hold: making new ones must not keep a time for ever
ASK_AGAIN = timedelta(minutes=2)


class NotPayable(Conflict):
    """The booking is not held any more, or its time to pay is over."""

    title = N_("This can’t be paid any more")
    way_out = N_("Look at your booking again, or choose another time.")


@dataclass(frozen=True)
class Begun:
    """An attempt, its address once it has one, and whether it is what its payer wants now."""

    seen: Seen
    address: str | None
    as_wanted: bool = True


def begin_attempt(work: Work, booking_reference: str) -> Begun:
    """The attempt with which to pay for a time that is kept, and its address once it has one.

    A second tab and a reload get the attempt that is live already; else one is made, with everything that the session
    will be made from, and the time is the client's for as long as it can be paid. The card is kept where they agreed to
    that; an attempt that is live from before they did, or from before they took it back, isn't what they want.

    :raises NotPayable: when the time isn't kept any more, costs nothing, or was tried too often.
    """
    booking = booking_actions.lock(work, booking_reference)
    if booking.state not in UNPAID or booking.deadline_at is None or booking.deadline_at <= work.now:
        raise NotPayable
    if not booking.price_minor:
        raise NotPayable
    keeps_card = find_pending(work, booking) is not None
    attempts = _attempts(work, booking)
    if (live := _live(attempts)) is not None:
        return Begun(seen_of(live), live.url, as_wanted=live.keeps_card == keeps_card)
    if len(attempts) >= MOST_ATTEMPTS:
        raise NotPayable
    expires_at = _ends(work.now)
    page = _page(booking)
    attempt = _add(work, booking, booking.price, expires_at, (f"{page}/paid", f"{page}/pay"))
    attempt.authorises = booking.review_first and not booking_queries.is_accepted(booking.person_id)
    attempt.keeps_card = keeps_card
    booking_actions.open_checkout(work, booking, expires_at)
    return Begun(seen_of(attempt), None)


def begin_fee_attempt(work: Work, fee: Fee) -> Begun:
    """The same for a fee that its client pays themselves; the fee and its booking are locked already."""
    booking = fee.booking
    if (live := _live(_attempts(work, booking))) is not None:
        return Begun(seen_of(live), live.url)
    page = f"{_page(booking)}/fee"
    attempt = _add(work, booking, fee.amount, _ends(work.now), (f"{page}/paid", page))
    attempt.fee = fee
    return Begun(seen_of(attempt), None)


def note_session(work: Work, reference: str, session: CheckoutSession) -> str | None:
    """Keep what the service made; the address to pay at, or None when the attempt was closed meanwhile."""
    attempt, _ = lock_attempt(work, reference)
    if attempt.state is AttemptState.CREATING:
        keep_session(work, attempt, session)
    return attempt.url if attempt.state is AttemptState.OPEN else None


def note_no_session(work: Work, reference: str) -> None:
    """The service made no session for this attempt, and never will."""
    attempt, booking = lock_attempt(work, reference)
    if attempt.state is AttemptState.CREATING:
        move(work, attempt, AttemptTrigger.SESSION_REFUSED)
        release_locked(work, booking)


def _attempts(work: Work, booking: Booking) -> Sequence[PaymentAttempt]:
    return work.session.scalars(select(PaymentAttempt).where(PaymentAttempt.booking_id == booking.id)).all()


def _live(attempts: Sequence[PaymentAttempt]) -> PaymentAttempt | None:
    return next((attempt for attempt in attempts if attempt.state in LIVE), None)


def _ends(now: datetime) -> datetime:
    return (now + CHECKOUT_LIFE).replace(microsecond=0)


def _page(booking: Booking) -> str:
    return f"{settings().base_url}/bookings/{booking.reference}"


def _add(work: Work, booking: Booking, amount: Money, expires_at: datetime, pages: tuple[str, str]) -> PaymentAttempt:
    """`pages`: where the checkout leads to once it is paid, and where without."""
    success_url, cancel_url = pages
    reference = new_reference("pa")
    attempt = PaymentAttempt(
        reference=reference,
        booking=booking,
        state=AttemptState.CREATING,
        key=f"checkout-{reference}",
        parameters={
            "reference": booking.reference,
            "success_url": success_url,
            "cancel_url": cancel_url,
            "language": booking.person.language,
        },
        amount_minor=amount.minor_units,
        currency=amount.currency,
        expires_at=expires_at,
        authorises=False,
        keeps_card=False,
        off_session=False,
        confirms=False,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(attempt)
    # Should the answer never reach us, somebody must ask again, long before the deadline.
    work.post(SettleAttempt(reference, "begun"), due=work.now + ASK_AGAIN)
    post_next_night(work)
    work.session.flush()
    return attempt
