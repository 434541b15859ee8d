"""Charging a kept card: commit the try, ask the service, commit what it said. No transaction is open in between."""

from __future__ import annotations

import structlog

from practice.payments.fees import charges
from practice.payments.gateway import GatewayRefused, payments
from practice.payments.settlement import AttemptState, Step
from practice.payments.snapshots import ChargeOrder, ChargeSnapshot, ChargeStatus
from practice.work import begin_work

log = structlog.get_logger()


def charge(attempt_reference: str) -> Step:
    """Charge the kept card of an attempt, once, however often it is asked for; what follows is noted.

    :raises GatewayError: when the service does not say; nothing more was changed, so ask again.
    """
    with begin_work() as work:
        attempt, tried = charges.note_try(work, attempt_reference)
        order, key, state = attempt.charged, attempt.key, attempt.state  # as it stands after that
    if state is not AttemptState.CREATING:
        return Step.NOTHING
    charged = _ask(order, key, tried=tried)
    with begin_work() as work:
        return charges.note_charge(work, attempt_reference, charged)


def _ask(order: ChargeOrder, key: str, *, tried: bool) -> ChargeSnapshot:
    """The charge, made or found. A key may be forgotten after a day, so after a first try we look before we ask."""
    found = payments().find_charge(order.kept.customer, order.attempt) if tried else None
    try:
        return found or payments().charge(order, key)
    except GatewayRefused as refusal:  # the card is gone, or can't be charged at all: as good as declined
        log.warning("charge_refused", reference=order.attempt, error=type(refusal).__name__)
        return ChargeSnapshot(
            ChargeStatus.DECLINED,
            None,
            order.amount.minor_units,
            order.amount.currency,
            livemode=payments().livemode,
            reference=order.reference,
            attempt=order.attempt,
        )
