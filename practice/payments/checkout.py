"""Opening, settling and closing checkouts: commit what we intend, ask the service, commit what it said.

No transaction is open while the service is asked. Never let a time go on uncertainty: whatever is not known for sure
stays as it is and is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from practice.clock import clock
from practice.errors import Unavailable
from practice.payments import actions, opening, queries
from practice.payments.fees import charging
from practice.payments.fees import queries as fees
from practice.payments.gateway import (
    ExpiryRefused,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyMismatch,
    NotOpen,
    payments,
)
from practice.payments.opening import Begun, NotPayable
from practice.payments.queries import Seen
from practice.payments.settlement import FINAL, LIVE, Step
from practice.speaking import gettext
from practice.work import Work, begin_work

KEY_LIFE = timedelta(hours=23)  # the service may forget a key after 24 hours
TRIES = 4  # one that has run out, one that isn't what is wanted, one whose answer never came, and the one that counts
SKEW = timedelta(minutes=5)  # by which two clocks may differ

log = structlog.get_logger()


def open_checkout(booking_reference: str) -> str:
    """The address at which a held booking is paid. Asking twice, at once or later, gives the same one.

    Where its client agreed to that, the service keeps the card that is used there; a checkout that was opened before
    they agreed, or took it back, is closed first.

    :raises NotPayable: when the booking is not held any more.
    :raises Unavailable: when the payment service does not answer; the time stays the client's.
    """
    return open_with(lambda work: opening.begin_attempt(work, booking_reference))


def open_with(begin: Callable[[Work], Begun]) -> str:
    """The address of a checkout whose attempt `begin` finds or makes; it is asked again while that has to be closed."""
    for _ in range(TRIES):
        with begin_work() as work:
            begun = begin(work)
        seen, address = begun.seen, begun.address
        run_out = address is not None and seen.parameters.expires_at <= clock().now()
        if address is not None and begun.as_wanted and not run_out:
            return address
        if run_out or not begun.as_wanted:  # what is kept for days outlives its checkout: close that one, open another
            _close_first(seen)
            continue
        try:
            session = payments().create_checkout(seen.parameters, seen.key)
        except ExpiryRefused:  # an attempt from before whose answer never came: no session was made, so begin anew
            _give_up(seen)
            continue
        except GatewayRefused as refusal:
            log.warning("checkout_refused", reference=seen.reference, error=type(refusal).__name__)
            _give_up(seen)
            raise _unavailable() from None
        except (GatewayUnavailable, IdempotencyMismatch) as trouble:
            log.warning("checkout_not_opened", reference=seen.reference, error=type(trouble).__name__)
            raise _unavailable() from None
        with begin_work() as work:
            made = opening.note_session(work, seen.reference, session)
        if made is None:
            raise NotPayable
        return made
    raise _unavailable()


def settle(reference: str) -> Step:
    """Look at an attempt's session as it is now, and do what follows. The only way to decide about a payment.

    :raises GatewayError: when the service does not say how it is; nothing was changed.
    """
    if fees.is_charge(reference):
        return charging.charge(reference)
    seen = queries.look_at(reference)
    if seen.state in FINAL:
        return Step.NOTHING
    session_id = seen.session_id or _find_session(seen)
    session = payments().retrieve(session_id) if session_id else None
    with begin_work() as work:
        if session is None:
            opening.note_no_session(work, reference)
            return Step.NOTHING_PAYABLE_LEFT
        return actions.settle(work, reference, session).step


def look_again(booking_reference: str) -> None:
    """Settle whatever may have happened to a booking's payments: staff ask for it.

    :raises GatewayError: when the service does not say how it is; what it did not say is as it was.
    """
    for reference in queries.list_unfinished_of(booking_reference):
        settle(reference)


def close(reference: str) -> Step:
    """Make sure that an attempt can't be paid any more; CONFIRM and its like when it turns out that it was.

    :raises GatewayError: when that is not certain; nothing was changed.
    """
    if queries.look_at(reference).session_id is None:
        settle(reference)
    seen = queries.look_at(reference)
    if seen.state in LIVE and seen.session_id is not None:
        try:
            payments().expire(seen.session_id)
        except NotOpen:
            log.info("checkout_not_open", reference=reference)  # paid or over: settle() sees which
    return settle(reference)


def _find_session(seen: Seen) -> str | None:
    """The id of the session whose answer never reached us; None when there is none for certain.

    Only the id: what a key replays is how the session was when it was made.

    :raises GatewayUnavailable: when that can't be known yet.
    """
    now = clock().now()
    trouble: Exception = GatewayUnavailable("the key may be forgotten")
    if now - seen.created_at < KEY_LIFE:
        try:
            return payments().create_checkout(seen.parameters, seen.key).id
        except GatewayRefused:  # ExpiryRefused too: with the key still known, it means that no session was made
            return None
        except (GatewayUnavailable, IdempotencyMismatch) as unclear:
            trouble = unclear
    for session in payments().list_sessions(seen.created_at - SKEW):
        if session.attempt == seen.reference:
            return session.id
    if now > seen.parameters.expires_at + SKEW:
        return None  # if one was made after all, it is over, and the list would show it
    raise GatewayUnavailable("it is not known whether a session exists") from trouble


def _close_first(seen: Seen) -> None:
    try:
        close(seen.reference)
    except GatewayError as trouble:
        log.warning("checkout_not_closed", reference=seen.reference, error=type(trouble).__name__)
        raise _unavailable() from None


def _give_up(seen: Seen) -> None:
    with begin_work() as work:
        opening.note_no_session(work, seen.reference)


def _unavailable() -> Unavailable:
    return Unavailable(
        gettext("The card payment page doesn’t answer. Nothing was charged, and whatever is kept for you still is.")
    )
