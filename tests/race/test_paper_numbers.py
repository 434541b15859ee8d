"""Many documents at once, from separate processes: each has a number of its own, and no number is left out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.database import db
from practice.papers.models import Paper
from tests.support.clock import MONDAY_NINE
from tests.support.racing import DONE, PROCESSES, Play

ROUNDS, AT_ONCE = 5, 8
ALL = {f"R2027-{number:04}" for number in range(1, ROUNDS * AT_ONCE + 1)}


@pytest.fixture
def booking(practice):
    """The reference of a booking."""
    held = practice.hold(MONDAY_NINE)
    return held.reference


def given(practice) -> list[str]:
    with practice.app.app_context():
        return [one.name for one in db.session.scalars(select(Paper).order_by(Paper.number, Paper.id))]


def test_numbers_have_no_gap_and_no_twin_however_many_are_issued_at_once(practice, processes, booking):
    for _ in range(ROUNDS):
        outcomes = processes.race([Play("issue", (booking,))] * AT_ONCE)
        assert outcomes == [DONE] * AT_ONCE

    assert set(given(practice)) == ALL
    assert len(given(practice)) == len(ALL)
    assert practice.breaches() == []


def test_whoever_gives_up_leaves_their_number_to_the_next(practice, processes, booking):
    plays = [Play("issue", (booking,)), Play("issue_and_give_up", (booking,))] * 4

    outcomes = processes.race(plays)

    assert outcomes == [DONE, "Refused"] * 4
    assert given(practice) == [f"R2027-{number:04}" for number in range(1, 5)]
    assert practice.breaches() == []


def test_without_the_lock_on_the_series_rivals_would_take_the_same_number(practice, processes, booking):
    processes.race([Play("issue", (booking,))])

    outcomes = processes.race([Play("issue", (booking,))] * PROCESSES, without="locks before a document is added")

    assert outcomes[0] == DONE
    assert outcomes[1:] == ["IntegrityError"] * (PROCESSES - 1)  # all count on from 1; the unique number refuses them
