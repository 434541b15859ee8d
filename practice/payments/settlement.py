"""What to do about a payment, decided from plain facts. docs/late-payment.md shows the table; a test compares them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from practice.booking.lifecycle import State
from practice.money import Money
from practice.payments.snapshots import ChargeSnapshot, CheckoutSession, RefundStatus, SessionStatus


class AttemptState(StrEnum):
    """Where one try to pay stands."""

    CREATING = "creating"
    OPEN = "open"
    AUTHORISED = "authorised"  # the sum is kept for us on the card, and not taken
    PAID = "paid"
    VOIDED = "voided"  # what was authorised will never be taken
    EXPIRED = "expired"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class AttemptTrigger(StrEnum):
    """What moves an attempt on."""

    SESSION_MADE = "session_made"
    SESSION_REFUSED = "session_refused"
    NOTHING_PAYABLE_LEFT = "nothing_payable_left"
    PAYMENT_AUTHORISED = "payment_authorised"
    PAYMENT_SETTLED = "payment_settled"
    MISMATCH = "mismatch"


class RefundState(StrEnum):
    """Where one refund stands."""

    DUE = "due"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Cause(StrEnum):
    """Why money goes back."""

    LATE = "late"  # it came when its time could not be booked any more
    CANCELLED = "cancelled"
    STAFF = "staff"  # they decided so
    NOT_AS_ASKED = "not_as_asked"  # quarantined, and then returned by staff


LIVE = frozenset({AttemptState.CREATING, AttemptState.OPEN})
"""The states in which a payable session exists, or may exist."""

FINAL = frozenset({AttemptState.PAID, AttemptState.VOIDED, AttemptState.QUARANTINED})
"""The states after which nothing that the service says of a session changes anything."""

UNFINISHED = LIVE | {AttemptState.AUTHORISED}
"""The states that each night looks into."""

# A payment that arrives after all is honoured, whatever we had believed of its session: the rows from EXPIRED, FAILED.
ATTEMPT_TRANSITIONS: dict[tuple[AttemptState, AttemptTrigger], AttemptState] = {
    (AttemptState.CREATING, AttemptTrigger.SESSION_MADE): AttemptState.OPEN,
    (AttemptState.CREATING, AttemptTrigger.SESSION_REFUSED): AttemptState.FAILED,
    (AttemptState.CREATING, AttemptTrigger.NOTHING_PAYABLE_LEFT): AttemptState.EXPIRED,
    (AttemptState.OPEN, AttemptTrigger.NOTHING_PAYABLE_LEFT): AttemptState.EXPIRED,
    (AttemptState.CREATING, AttemptTrigger.PAYMENT_SETTLED): AttemptState.PAID,
    (AttemptState.OPEN, AttemptTrigger.PAYMENT_SETTLED): AttemptState.PAID,
    (AttemptState.CREATING, AttemptTrigger.MISMATCH): AttemptState.QUARANTINED,
    (AttemptState.OPEN, AttemptTrigger.MISMATCH): AttemptState.QUARANTINED,
    (AttemptState.EXPIRED, AttemptTrigger.NOTHING_PAYABLE_LEFT): AttemptState.EXPIRED,
    (AttemptState.FAILED, AttemptTrigger.NOTHING_PAYABLE_LEFT): AttemptState.FAILED,
    (AttemptState.EXPIRED, AttemptTrigger.PAYMENT_SETTLED): AttemptState.PAID,
    (AttemptState.FAILED, AttemptTrigger.PAYMENT_SETTLED): AttemptState.PAID,
    (AttemptState.EXPIRED, AttemptTrigger.MISMATCH): AttemptState.QUARANTINED,
    (AttemptState.FAILED, AttemptTrigger.MISMATCH): AttemptState.QUARANTINED,
    (AttemptState.CREATING, AttemptTrigger.PAYMENT_AUTHORISED): AttemptState.AUTHORISED,
    (AttemptState.OPEN, AttemptTrigger.PAYMENT_AUTHORISED): AttemptState.AUTHORISED,
    (AttemptState.EXPIRED, AttemptTrigger.PAYMENT_AUTHORISED): AttemptState.AUTHORISED,
    (AttemptState.FAILED, AttemptTrigger.PAYMENT_AUTHORISED): AttemptState.AUTHORISED,
    (AttemptState.AUTHORISED, AttemptTrigger.PAYMENT_AUTHORISED): AttemptState.AUTHORISED,
    (AttemptState.AUTHORISED, AttemptTrigger.PAYMENT_SETTLED): AttemptState.PAID,
    (AttemptState.AUTHORISED, AttemptTrigger.NOTHING_PAYABLE_LEFT): AttemptState.VOIDED,
    (AttemptState.AUTHORISED, AttemptTrigger.MISMATCH): AttemptState.QUARANTINED,
}

# A bank may still send back what the service had called succeeded; nothing follows a failure but a person.
REFUND_TRANSITIONS: dict[tuple[RefundState, RefundStatus], RefundState] = {
    (state, status): result
    for status, result in {
        RefundStatus.PENDING: RefundState.SENT,
        RefundStatus.REQUIRES_ACTION: RefundState.SENT,
        RefundStatus.SUCCEEDED: RefundState.SUCCEEDED,
        RefundStatus.FAILED: RefundState.FAILED,
        RefundStatus.CANCELED: RefundState.FAILED,
    }.items()
    for state in (RefundState.DUE, RefundState.SENT)
} | {
    (RefundState.SUCCEEDED, RefundStatus.SUCCEEDED): RefundState.SUCCEEDED,
    (RefundState.SUCCEEDED, RefundStatus.FAILED): RefundState.FAILED,
}


class IllegalPaymentStep(Exception):
    """A caller asked for what the tables don't have: a bug of ours, never the client's."""


class Step(StrEnum):
    """What to do."""

    NOTHING = "nothing"
    WAIT = "wait"
    NOTHING_PAYABLE_LEFT = "nothing_payable_left"
    PUT_IN_REVIEW = "put_in_review"
    VOID = "void"
    LAPSE = "lapse"
    CONFIRM = "confirm"
    NOTE_FEE = "note_fee"
    RECLAIM_AND_CONFIRM = "reclaim_and_confirm"
    REFUND_IN_FULL = "refund_in_full"
    QUARANTINE = "quarantine"


class Mismatch(StrEnum):
    """What about a payment isn't what we asked for."""

    REFERENCE = "reference"
    MODE = "mode"
    CURRENCY = "currency"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Expected:
    """What we asked for."""

    reference: str
    attempt: str
    amount: Money
    livemode: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and where it is quarantined, why."""

    step: Step
    mismatch: Mismatch | None = None


def decide(
    snapshot: CheckoutSession,
    expected: Expected,
    *,
    attempt: AttemptState,
    booking: State | None,
    slot_free: bool,
) -> Decision:
    """What a session, as the service has it now, means for its booking.

    `booking` is None where the payment is for a fee, on which no time depends. `slot_free` counts only for an expired
    booking: its time is still ahead and nobody else's. Deciding again after having acted gives NOTHING, so whoever
    hears of a payment may ask.
    """
    if attempt in FINAL:
        return Decision(Step.NOTHING)
    reviewed = attempt is AttemptState.AUTHORISED and booking is State.IN_REVIEW
    if snapshot.voided:
        return Decision(Step.LAPSE if reviewed else Step.NOTHING_PAYABLE_LEFT)
    if not (snapshot.status is SessionStatus.COMPLETE and (snapshot.paid or snapshot.authorised)):
        return Decision(_UNPAID[snapshot.status])
    mismatch = find_mismatch(snapshot, expected)
    if mismatch is not None:
        return Decision(Step.QUARANTINE, mismatch)
    if snapshot.authorised:
        return Decision(_authorised(booking, reviewed=reviewed))
    if booking is None:
        return Decision(Step.NOTE_FEE)
    if reviewed or booking in (State.HELD, State.RELEASING):
        return Decision(Step.CONFIRM)
    if booking is State.EXPIRED and slot_free:
        return Decision(Step.RECLAIM_AND_CONFIRM)
    return Decision(Step.REFUND_IN_FULL)


def _authorised(booking: State | None, *, reviewed: bool) -> Step:
    if reviewed:
        return Step.NOTHING  # until somebody decides, or nobody does in time
    return Step.PUT_IN_REVIEW if booking in (State.HELD, State.RELEASING) else Step.VOID


_UNPAID = {
    SessionStatus.OPEN: Step.NOTHING,
    SessionStatus.EXPIRED: Step.NOTHING_PAYABLE_LEFT,
    SessionStatus.COMPLETE: Step.WAIT,  # the money is under way: neither payable nor paid, so let nothing go yet
}


def find_mismatch(snapshot: CheckoutSession | ChargeSnapshot, expected: Expected) -> Mismatch | None:
    """The first thing about a payment that isn't what we asked for, or None."""
    if (snapshot.reference, snapshot.attempt) != (expected.reference, expected.attempt):
        return Mismatch.REFERENCE
    if snapshot.livemode != expected.livemode:
        return Mismatch.MODE
    if snapshot.currency != expected.amount.currency:
        return Mismatch.CURRENCY
    if snapshot.amount_minor != expected.amount.minor_units:
        return Mismatch.AMOUNT
    return None


def next_attempt_state(state: AttemptState, trigger: AttemptTrigger) -> AttemptState:
    """Follow the table.

    :raises IllegalPaymentStep: when the table has no such step.
    """
    try:
        return ATTEMPT_TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalPaymentStep(f"an attempt that is {state} has no {trigger}") from None


def next_refund_state(state: RefundState, status: RefundStatus) -> RefundState:
    """Follow the table. What it doesn't have (an answer that came late, after a newer one) changes nothing."""
    return REFUND_TRANSITIONS.get((state, status), state)
