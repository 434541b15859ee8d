"""The lifecycle table and what is promised of it."""

import re
from pathlib import Path

import pytest

from practice.booking.lifecycle import TRANSITIONS, IllegalTransition, State, Trigger, next_state

DOC = Path(__file__).parents[2] / "docs" / "booking-states.md"
ROW = re.compile(r"^\| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \|$", re.MULTILINE)


def test_the_page_shows_exactly_the_table():
    shown = {(State(row[0]), Trigger(row[1])): State(row[2]) for row in ROW.findall(DOC.read_text())}

    assert shown == TRANSITIONS


def test_a_held_time_is_never_freed_straight_from_an_open_checkout():
    freed = {State.EXPIRED, State.CANCELLED}

    for trigger in (Trigger.CHECKOUT_DEADLINE, Trigger.CANCEL_WHILE_PAYABLE):
        assert next_state(State.HELD, trigger) not in freed


def test_only_the_close_of_everything_payable_expires_a_hold():
    into_expired = {(state, trigger) for (state, trigger), to in TRANSITIONS.items() if to is State.EXPIRED}

    assert into_expired == {
        (State.RELEASING, Trigger.NOTHING_PAYABLE_LEFT),
        (State.IN_REVIEW, Trigger.AUTHORISATION_LAPSED),
    }


def test_what_is_not_in_the_table_is_a_bug_of_the_caller():
    with pytest.raises(IllegalTransition, match="expired has no cancel"):
        next_state(State.EXPIRED, Trigger.CANCEL)
