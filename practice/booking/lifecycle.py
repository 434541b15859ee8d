"""The lifecycle of a booking as one table. docs/booking-states.md shows it, and a test compares the two."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a booking stands."""

    RESERVED = "reserved"
    HELD = "held"
    RELEASING = "releasing"
    EXPIRED = "expired"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    ATTENDED = "attended"
    MISSED = "missed"


class Trigger(StrEnum):
    """What moves a booking from one state to another."""

    OPEN_CHECKOUT = "open_checkout"
    CHECKOUT_DEADLINE = "checkout_deadline"
    NOTHING_PAYABLE_LEFT = "nothing_payable_left"
    PAYMENT_SETTLED = "payment_settled"
    PAYMENT_AUTHORISED = "payment_authorised"
    AUTHORISATION_LAPSED = "authorisation_lapsed"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    CANCEL_WHILE_PAYABLE = "cancel_while_payable"
    RESCHEDULE = "reschedule"
    COMPLETE = "complete"
    NO_SHOW = "no_show"


class IllegalTransition(Exception):
    """A caller asked for what the table does not have: a bug of ours, never the client's."""

    def __init__(self, state: State, trigger: Trigger) -> None:
        super().__init__(f"{state} has no {trigger}")
        self.state = state
        self.trigger = trigger


CLAIMING = frozenset({State.RESERVED, State.HELD, State.RELEASING, State.IN_REVIEW, State.CONFIRMED})
"""The states in which a booking's time is claimed."""

UNPAID = frozenset({State.RESERVED, State.HELD})
"""The states in which a time waits for somebody to pay, or to say yes."""

TRANSITIONS: dict[tuple[State, Trigger], State] = {
    (State.RESERVED, Trigger.OPEN_CHECKOUT): State.HELD,
    (State.RESERVED, Trigger.CHECKOUT_DEADLINE): State.RELEASING,
    (State.RESERVED, Trigger.CANCEL): State.CANCELLED,
    (State.HELD, Trigger.CHECKOUT_DEADLINE): State.RELEASING,
    (State.HELD, Trigger.PAYMENT_SETTLED): State.CONFIRMED,
    (State.HELD, Trigger.PAYMENT_AUTHORISED): State.IN_REVIEW,
    (State.HELD, Trigger.CANCEL): State.CANCELLED,
    (State.HELD, Trigger.CANCEL_WHILE_PAYABLE): State.RELEASING,
    (State.RELEASING, Trigger.NOTHING_PAYABLE_LEFT): State.EXPIRED,
    (State.RELEASING, Trigger.PAYMENT_SETTLED): State.CONFIRMED,
    (State.RELEASING, Trigger.PAYMENT_AUTHORISED): State.IN_REVIEW,
    (State.RELEASING, Trigger.CANCEL): State.RELEASING,
    (State.RELEASING, Trigger.CANCEL_WHILE_PAYABLE): State.RELEASING,
    (State.IN_REVIEW, Trigger.APPROVE): State.CONFIRMED,
    (State.IN_REVIEW, Trigger.DECLINE): State.DECLINED,
    (State.IN_REVIEW, Trigger.AUTHORISATION_LAPSED): State.EXPIRED,
    (State.IN_REVIEW, Trigger.CANCEL): State.CANCELLED,
    (State.EXPIRED, Trigger.PAYMENT_SETTLED): State.CONFIRMED,
    (State.CONFIRMED, Trigger.CANCEL): State.CANCELLED,
    (State.CONFIRMED, Trigger.DECLINE): State.DECLINED,
    (State.CONFIRMED, Trigger.RESCHEDULE): State.CONFIRMED,
    (State.CONFIRMED, Trigger.COMPLETE): State.ATTENDED,
    (State.CONFIRMED, Trigger.NO_SHOW): State.MISSED,
    (State.ATTENDED, Trigger.COMPLETE): State.ATTENDED,
    (State.ATTENDED, Trigger.NO_SHOW): State.MISSED,
    (State.MISSED, Trigger.NO_SHOW): State.MISSED,
    (State.MISSED, Trigger.COMPLETE): State.ATTENDED,
}


def next_state(state: State, trigger: Trigger) -> State:
    """Follow the table.

    :raises IllegalTransition: which is a bug of the caller, never the client's.
    """
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition(state, trigger) from None
