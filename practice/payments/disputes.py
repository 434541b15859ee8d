"""Following what a bank does about a payment that its card holder doesn't want. A person answers it; we show it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from practice.audit import record
from practice.outbox import Retry
from practice.payments.gateway import GatewayUnavailable, payments
from practice.payments.ledger import LISTED_BACK
from practice.payments.messages import MoneyWaits
from practice.payments.models import Dispute, PaymentAttempt
from practice.payments.snapshots import DisputeSnapshot, DisputeStatus
from practice.work import Work, begin_work

PAUSE = timedelta(minutes=5)
UNKNOWN_PAUSE = timedelta(minutes=10)
UNKNOWN_LIFE = LISTED_BACK + timedelta(days=1)
"""For how long a dispute may be of a payment of ours that we only hear of later; then it is another system's."""
TAKEN_BACK = (DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST)
"""While a dispute stands so, the bank has the money or may take it: nothing can be given back on top."""

log = structlog.get_logger()


def follow(dispute_id: str) -> None:
    """Look how a dispute stands, and keep it.

    :raises Retry: when the service does not answer, or when it may be of a payment that we have not heard of yet.
    """
    try:
        snapshot = payments().find_dispute(dispute_id)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None
    if snapshot is None:
        return
    with begin_work() as work:
        known = _note(work, snapshot)
        early = work.now - snapshot.created_at < UNKNOWN_LIFE
    if not known and early:  # events come in any order, and a payment may be found only at night
        raise Retry(UNKNOWN_PAUSE, "its payment is not known yet")


def is_taken_back(work: Work, attempt: PaymentAttempt) -> bool:
    """Whether a bank has this payment, or may take it."""
    found = select(Dispute.id).where(Dispute.attempt_id == attempt.id, Dispute.state.in_(TAKEN_BACK))
    return work.session.scalar(found.limit(1)) is not None


def _note(work: Work, snapshot: DisputeSnapshot) -> bool:
    """Keep how a dispute stands; False when we know of no such payment."""
    paid = select(PaymentAttempt).where(PaymentAttempt.payment.is_not(None), PaymentAttempt.payment == snapshot.payment)
    attempt = work.session.scalars(paid.with_for_update(of=PaymentAttempt)).one_or_none()
    if attempt is None:
        log.info("dispute_of_unknown_payment")  # of another system in the same account, or told before its payment
        return False
    dispute = work.session.get(Dispute, snapshot.id)
    if dispute is None:
        dispute = Dispute(id=snapshot.id, attempt=attempt, opened_at=snapshot.created_at)
        work.session.add(dispute)
    elif dispute.state is snapshot.status and dispute.due_by == snapshot.due_by:
        return True
    if snapshot.status is DisputeStatus.OPEN:  # once for each day until which it can be answered
        work.post(MoneyWaits(f"{snapshot.id}:{snapshot.due_by:%Y-%m-%d}" if snapshot.due_by else snapshot.id))
    dispute.state, dispute.due_by = snapshot.status, snapshot.due_by
    dispute.amount_minor, dispute.currency = snapshot.amount_minor, snapshot.currency
    dispute.updated_at = work.now
    work.session.flush()
    record(work, "worker", f"dispute_{snapshot.status}", attempt.booking.reference)
    return True
