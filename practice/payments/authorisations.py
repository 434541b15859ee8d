"""Taking what a card authorised, or giving it up: ask the service, then look at what it says and settle.

No transaction is open while the service is asked. Each is safe to do twice, in any order: whichever comes first at the
service decides, and settle() does what follows. So a key need not be the same for ever, and must not be: under it the
service would repeat a fault of its own for a day, in which nobody knows whether a session stands.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from practice.clock import clock
from practice.payments import checkout, queries
from practice.payments.gateway import NotAuthorised, payments
from practice.payments.queries import Seen
from practice.payments.settlement import AttemptState, Step

log = structlog.get_logger()


def capture(reference: str) -> Step:
    """Take what is authorised, and confirm what it is for.

    :raises GatewayError: when the service doesn't say whether it did; ask again.
    """
    return _end(reference, "capture", payments().capture)


def void(reference: str) -> Step:
    """Give up what is authorised.

    :raises GatewayError: when the service doesn't say whether it did; ask again.
    """
    return _end(reference, "void", payments().void)


def _end(reference: str, what: str, ask: Callable[[str, str], None]) -> Step:
    seen = queries.look_at(reference)
    if seen.state is AttemptState.AUTHORISED:
        try:
            ask(_payment_of(seen), f"{what}-{reference}-{clock().now():%Y%m%d%H}")
        except NotAuthorised:
            log.info("authorisation_over", reference=reference)  # taken, given up or lapsed: settle() sees which
    return checkout.settle(reference)


def _payment_of(seen: Seen) -> str:
    if seen.payment is None:
        raise LookupError(f"attempt {seen.reference} is authorised without a payment")
    return seen.payment
