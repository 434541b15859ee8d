"""The races that a row lock or a unique row decides, with that guard taken away: each must go wrong, or proves nothing.

Row locks are PostgreSQL's. On SQLite a work takes the one write lock before it reads anything, and a transaction that
began before another's commit may not write at all: without that lock rivals give way, try again, and none goes wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from practice.booking.models import Override
from practice.booking.waiting.models import WishOffer
from practice.database import db
from practice.outbox import OutboxMessage
from practice.people import add_person
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, broken, change_offering, confirmed, resource_of, see, wish, work_in
from tests.support.racing import DONE, PROCESSES, Play

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEW = 4
ROUNDS = 28  # at most, of a race that goes wrong in every other one: in a million runs, once it would not show


def holds(practice, *starts):
    return [Play("hold", (practice.new_client().person_id, ADA, COUPLE, start)) for start in starts]


def told_of(practice, *references):
    """Whether everything goes back, as was said of each of these sessions; two answers where two things were said."""
    with practice.app.app_context():
        posted = select(OutboxMessage.payload).where(OutboxMessage.kind == "booking_cancelled")
        told = [json.loads(payload) for payload in db.session.scalars(posted)]
    said = [(one["reference"], one["refund_numerator"] == one["refund_denominator"]) for one in told]
    return [{everything for about, everything in said if about == reference} for reference in references]


@pytest.mark.parametrize("cap", ["daily_cap", "weekly_cap"])
@pytest.mark.databases("postgresql")
def test_without_row_locks_a_cap_of_one_would_let_many_in(practice, processes, cap):
    change_offering(practice, **{cap: 1})

    outcomes = processes.race(
        holds(practice, *[MONDAY_NINE + number * HOUR for number in range(PROCESSES)]),
        without="row locks before a booking is added",
    )

    assert Counter(outcomes)[DONE] > 1


@pytest.mark.databases("postgresql")
def test_without_row_locks_one_wish_would_have_two_times_kept_for_it(practice, processes):
    starts = [MONDAY_NINE + number * 2 * HOUR for number in range(PROCESSES)]
    taken = [confirmed(practice, start) for start in starts]
    wish(practice, practice.new_client(), weekdays=[0])

    processes.race([Play("cancel", (one.reference,)) for one in taken], without="row locks before a booking is added")

    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WishOffer)) > 1
    assert any("times kept for it" in breach for breach in broken(practice))


def cancel_from_both_sides(practice, processes, settings, keyring, number, *, without=None):
    """The client cancels too late, and staff give all back at the same moment; whether what the client is told is what
    was decided.
    """
    held = confirmed(practice, MONDAY_NINE + number * DAY)
    practice.clock.set(MONDAY_NINE + number * DAY - 2 * HOUR)
    processes.come_to(settings, keyring, practice.clock.now())
    clients = [Play("cancel", (held.reference,))] * (PROCESSES - 1)
    processes.race([*clients, Play("cancel_by_staff", (held.reference,))], without=without)
    with practice.app.app_context():
        decided = db.session.get(Override, see(practice, held).id) is not None
    return told_of(practice, held.reference) == [{decided}]


@pytest.fixture
def late(practice):
    """Every day there are times, and cancelling is late within two days, and paid for."""
    change_offering(practice, late_waiver=False, notice_hours=0)


@pytest.mark.usefixtures("late")
def test_of_two_who_cancel_on_other_terms_the_one_that_counts_is_the_one_that_is_told(
    practice, processes, settings, keyring
):
    for number in range(FEW):
        assert cancel_from_both_sides(practice, processes, settings, keyring, number)


@pytest.mark.usefixtures("late")
@pytest.mark.databases("postgresql")
def test_without_row_locks_one_would_count_and_the_other_be_told(practice, processes, settings, keyring):
    rounds = (number for number in range(ROUNDS) if (MONDAY_NINE + number * DAY).weekday() < 5)
    lacking = {"without": "row locks before a booking is changed"}

    assert not all(cancel_from_both_sides(practice, processes, settings, keyring, one, **lacking) for one in rounds)


@pytest.fixture
def newcomer(practice):
    """Somebody who may not book anything yet; their id."""
    with work_in(practice) as work:
        return add_person(work, "America/New_York").id


def test_two_intakes_that_one_person_sends_at_the_same_moment_are_both_taken(practice, processes, newcomer):
    assert set(processes.race([Play("grant", (newcomer,))] * PROCESSES)) == {DONE}


@pytest.mark.databases("postgresql")
def test_without_row_locks_one_of_them_would_fail(practice, processes, newcomer):
    outcomes = processes.race([Play("grant", (newcomer,))] * PROCESSES, without="row locks before a grant is added")

    assert "IntegrityError" in outcomes


def test_without_its_row_the_waiver_would_be_used_twice(practice, processes, settings, keyring):
    change_offering(practice, late_waiver=True, notice_hours=0)
    client = practice.new_client()
    both = [confirmed(practice, MONDAY_NINE, client), confirmed(practice, MONDAY_NINE + 2 * HOUR, client)]
    practice.clock.advance(days=4)
    processes.come_to(settings, keyring, practice.clock.now())

    processes.race([Play("cancel", (one.reference,)) for one in both], without="waiver")

    assert told_of(practice, *(one.reference for one in both)) == [{True}, {True}]


def test_without_claims_a_block_and_a_hold_would_share_their_time(practice, processes):
    block = Play("block", (resource_of(practice), MONDAY_NINE + HOUR / 2, 60))

    outcomes = processes.race([block, *holds(practice, MONDAY_NINE)], without="claims")

    assert outcomes == [DONE, DONE]
    assert any("overlap" in breach for breach in broken(practice))


def test_without_claims_a_freed_time_would_go_to_whoever_waits_and_to_others(practice, processes):
    taken = confirmed(practice, MONDAY_NINE)
    wish(practice, practice.new_client(), weekdays=[0])

    outcomes = processes.race(
        [Play("cancel", (taken.reference,)), *holds(practice, MONDAY_NINE, MONDAY_NINE)], without="claims"
    )

    assert outcomes[1:] == [DONE, DONE]
    assert any("overlap" in breach for breach in broken(practice))
