"""Where the payment service tells us that something happened. We note it, answer, and look for ourselves later."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from practice.access import signed
from practice.payments.gateway import UntrustedEvent, payments
from practice.payments.ledger import take_in
from practice.work import begin_work

bp = Blueprint("webhook", __name__)


@bp.post("/webhooks/stripe")
@signed
def receive() -> ResponseReturnValue:
    try:
        event = payments().read_event(request.get_data(), dict(request.headers))
    except UntrustedEvent:
        abort(400)
    with begin_work() as work:
        take_in(work, event)
    return "", 204  # only after the commit, so that the service repeats what we lost
