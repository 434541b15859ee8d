"""Giving money back, once: the row, its key and the try are committed before the service is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from practice.audit import record
from practice.errors import NotFound
from practice.outbox import Retry
from practice.payments.gateway import GatewayRefused, GatewayUnavailable, payments
from practice.payments.messages import FollowRefund, MoneyWaits
from practice.payments.models import Refund
from practice.payments.settlement import RefundState, next_refund_state
from practice.payments.snapshots import RefundOrder, RefundSnapshot, RefundStatus
from practice.work import Work, begin_work

PAUSE = timedelta(minutes=5)
UNDERWAY = timedelta(days=1)  # between two looks at a refund that a bank is working on

log = structlog.get_logger()


@dataclass(frozen=True)
class Order:
    """A refund as plain values, and whether the service may have heard of it before."""

    order: RefundOrder
    key: str
    state: RefundState
    tried: bool


def send(reference: str) -> None:
    """Have a refund that is due given back.

    :raises Retry: when the service does not answer.
    """
    with begin_work() as work:
        asked = _begin(work, reference)
    if asked.state is not RefundState.DUE:
        return
    try:
        snapshot = _give_back(asked)
    except GatewayUnavailable:
        log.warning("refund_not_sent", reference=reference)
        raise Retry(PAUSE, "the payment service does not answer") from None
    with begin_work() as work:
        _note(work, reference, snapshot.status if snapshot else RefundStatus.FAILED, snapshot)


def follow(reference: str) -> None:
    """Look how far a refund is.

    :raises Retry: when the service does not answer.
    """
    with begin_work() as work:
        asked = _order(_get(work, reference))
    try:
        snapshot = payments().find_refund(asked.order.payment, reference)
    except GatewayUnavailable:
        raise Retry(PAUSE, "the payment service does not answer") from None
    if snapshot is None:
        return  # not sent yet: SendRefund does that
    with begin_work() as work:
        _note(work, reference, snapshot.status, snapshot)


def _give_back(asked: Order) -> RefundSnapshot | None:
    """The refund, made or found; None when the service refuses it.

    A key may be forgotten after a day, so after a first try whose answer we don't have, we look before we ask.
    """
    found = payments().find_refund(asked.order.payment, asked.order.reference) if asked.tried else None
    try:
        return found or payments().refund(asked.order, asked.key)
    except GatewayRefused:
        return None


def _begin(work: Work, reference: str) -> Order:
    refund = _get(work, reference)
    order = _order(refund)
    if refund.state is RefundState.DUE:
        refund.tried_at = work.now
    return order


def _get(work: Work, reference: str) -> Refund:
    found = select(Refund).where(Refund.reference == reference).with_for_update(of=Refund)
    refund = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if refund is None:
        raise NotFound
    return refund


def _order(refund: Refund) -> Order:
    payment = refund.attempt.payment
    if payment is None:
        raise LookupError(f"refund {refund.reference} is of an attempt without a payment")
    order = RefundOrder(refund.reference, payment, refund.amount)
    return Order(order, refund.key, refund.state, tried=refund.tried_at is not None)


def _note(work: Work, reference: str, status: RefundStatus, snapshot: RefundSnapshot | None) -> None:
    refund = _get(work, reference)
    before = refund.state
    refund.state = next_refund_state(before, status)
    refund.updated_at = work.now
    if snapshot is not None:
        refund.refund_id = snapshot.id
    if refund.state is RefundState.SENT:
        day = (work.now + UNDERWAY).date().isoformat()
        work.post(FollowRefund(reference, day), due=work.now + UNDERWAY)
    if refund.state is not before:
        record(work, "worker", f"refund_{refund.state}", refund.attempt.booking.reference)
    if refund.state is RefundState.FAILED is not before:
        work.post(MoneyWaits(reference))
        log.error("refund_failed", reference=reference)
