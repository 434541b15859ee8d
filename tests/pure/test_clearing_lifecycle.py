"""When joint time may start: the table, the page that shows it, and what is computed, held against each other."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

from practice.clearing.lifecycle import CLEARABLE, TRANSITIONS, LastClearance, State, Trigger, state_of

DOC = Path(__file__).parents[2] / "docs" / "safety.md"
ROW = re.compile(r"^\| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \|$", re.MULTILINE)

Facts = tuple[bool, "LastClearance | None"]
FACTS: list[Facts] = [
    (complete, last)
    for complete, last in product(
        (False, True),
        (None, *(LastClearance(taken_back=back, fits=fits) for back, fits in product((False, True), repeat=2))),
    )
]


def test_the_page_shows_exactly_the_table() -> None:
    shown = {(State(row[0]), Trigger(row[1])): State(row[2]) for row in ROW.findall(DOC.read_text())}

    assert shown == TRANSITIONS


def happens(trigger: Trigger, facts: Facts) -> Facts | None:
    """What stands after it; None where it can't happen."""
    complete, last = facts
    match trigger:
        case Trigger.ANSWERED:
            # What was cleared before had read other answers.
            return (True, LastClearance(last.taken_back, fits=False) if last else None) if not complete else None
        case Trigger.CLEAR:
            return (True, LastClearance(taken_back=False, fits=True)) if state(facts) in CLEARABLE else None
        case Trigger.TAKE_BACK:
            return (True, LastClearance(taken_back=True, fits=True)) if state(facts) is State.CLEARED else None
        case Trigger.NEWER_ANSWERS:
            return (True, LastClearance(last.taken_back, fits=False) if last else None) if complete else None
        case Trigger.PARTS_MISSING:
            return (False, last) if complete else None


def state(facts: Facts) -> State:
    return state_of(complete=facts[0], last=facts[1])


def test_what_is_computed_moves_as_the_table_says() -> None:
    for facts, trigger in product(FACTS, Trigger):
        after = happens(trigger, facts)
        if after is None or (trigger is Trigger.ANSWERED and facts[1] is not None):
            continue  # parts that come again after a clearance: see the next test
        assert TRANSITIONS[state(facts), trigger] is state(after), (facts, trigger)


def test_answers_that_come_again_are_never_cleared_by_what_was_read_before() -> None:
    for complete, last in FACTS:
        after = happens(Trigger.ANSWERED, (complete, last))
        assert after is None or state(after) is not State.CLEARED


def test_joint_time_is_cleared_by_a_clinician_alone() -> None:
    into = {trigger for (_, trigger), to in TRANSITIONS.items() if to is State.CLEARED}

    assert into == {Trigger.CLEAR}
    assert State.WAITING not in CLEARABLE
