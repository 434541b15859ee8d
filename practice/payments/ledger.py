"""The ledger of events: each is recorded once and posts what it hints at. What it says is never believed by itself."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from practice.payments.messages import FollowDispute, FollowRefund, MoneyWaits, SettleAttempt
from practice.payments.models import PaymentAttempt, Refund, StripeEvent
from practice.payments.settlement import FINAL
from practice.payments.snapshots import CheckoutSession, Event, SessionStatus
from practice.work import Work

LISTED_BACK = timedelta(days=3)
"""How far back the nightly look goes: as long as the service tries to deliver an event."""
SESSION_EVENTS = "checkout.session."

log = structlog.get_logger()


def take_in(work: Work, event: Event) -> bool:
    """Record an event and have its attempt or refund looked at; False when it was taken in before."""
    known = _find_attempt(work, event.attempt)
    stray = event.attempt is not None and known is None
    row = StripeEvent(
        id=event.id,
        kind=event.kind,
        attempt=event.attempt,
        stray=stray,
        happened_at=event.created_at,
        received_at=work.now,
    )
    if not _add_once(work, row):
        return False
    if stray:
        work.post(MoneyWaits(event.id))
    if known is not None and event.kind.startswith(SESSION_EVENTS):
        work.post(SettleAttempt(known.reference, event.id))
    if event.dispute is not None:
        work.post(FollowDispute(event.dispute, event.id))
    if event.refund is not None and _is_our_refund(work, event.refund):
        work.post(FollowRefund(event.refund, event.id))
    return True


def notice(work: Work, session: CheckoutSession, night: str) -> None:
    """Look into a session that the service lists as complete and that we have not settled."""
    if session.attempt is None or session.status is not SessionStatus.COMPLETE:
        return  # another system's in the same account, or nothing to miss
    attempt = _find_attempt(work, session.attempt)
    if attempt is None:
        _note_stray(work, session)
    elif attempt.state not in FINAL:
        work.post(SettleAttempt(attempt.reference, f"listed {night}"))


def _find_attempt(work: Work, reference: str | None) -> PaymentAttempt | None:
    if reference is None:
        return None
    return work.session.scalars(select(PaymentAttempt).where(PaymentAttempt.reference == reference)).one_or_none()


def _is_our_refund(work: Work, reference: str) -> bool:
    return work.session.scalar(select(Refund.id).where(Refund.reference == reference)) is not None


def _note_stray(work: Work, session: CheckoutSession) -> None:
    """Paid, with our mark on it, and we have no such attempt: a restored backup, perhaps. A person must look."""
    row = StripeEvent(
        id=f"listed:{session.id}",
        kind="checkout.session.listed",
        attempt=session.attempt,
        stray=True,
        happened_at=session.created_at,
        received_at=work.now,
    )
    if _add_once(work, row):
        work.post(MoneyWaits(row.id))
        log.warning("money_without_a_session", session_id=session.id)


def _add_once(work: Work, row: StripeEvent) -> bool:
    if work.session.get(StripeEvent, row.id) is not None:
        return False
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:  # the same event reached another process in the same moment
        return False
    return True
