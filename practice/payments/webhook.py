"""Where the payment service tells us that something happened. We note it, answer, and look for ourselves later."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from practice.access import signed
from practice.payments.gateway import UntrustedEvent, payments
from practice.payments.ledger import take_in
from practice.work import begin_work

PATH = "/webhooks/stripe"
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "payment_intent.payment_failed",
)
"""What the service is to tell us. docs/go-live.md lists the same."""

bp = Blueprint("webhook", __name__)


@bp.post(PATH)
@signed
def receive() -> ResponseReturnValue:
    try:
        event = payments().read_event(request.get_data(), dict(request.headers))
    except UntrustedEvent:
        abort(400)
    with begin_work() as work:
        take_in(work, event)
    return "", 204  # only after the commit, so that the service repeats what we lost
