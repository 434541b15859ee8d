"""The races that a lock or a unique row decides, with that guard taken away: each must go wrong, or proves nothing.

All rivals read before any of them writes, and then write one after another, so each goes wrong in each run. The lock is
PostgreSQL's on a row; on SQLite it is the one write lock, and without it each statement is a transaction of its own. A
transaction that only takes SQLite's lock late is no such mistake: the last tests show that it may not write any more.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from practice.booking.claims import insert_claims
from practice.booking.lifecycle import State
from practice.booking.models import Override, Waiver
from practice.booking.placing import lock_resources
from practice.booking.waiting.models import WishOffer
from practice.database import db
from practice.outbox import OutboxMessage
from practice.people import add_person
from practice.spans import Span
from tests.support.clock import MONDAY_NINE
from tests.support.offers import (
    ADA,
    COUPLE,
    broken,
    change_offering,
    confirmed,
    offered_to,
    resource_of,
    see,
    wish,
    work_in,
)
from tests.support.racing import DONE, PROCESSES, Play

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEW = 4


def holds(practice, *starts):
    return [Play("hold", (practice.new_client().person_id, ADA, COUPLE, start)) for start in starts]


def counted(practice, model):
    with practice.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def told_of(practice, *references):
    """Whether everything goes back, as was said of each of these sessions; two answers where two things were said."""
    with practice.app.app_context():
        posted = select(OutboxMessage.payload).where(OutboxMessage.kind == "booking_cancelled")
        told = [json.loads(payload) for payload in db.session.scalars(posted)]
    said = [(one["reference"], one["refund_numerator"] == one["refund_denominator"]) for one in told]
    return [{everything for about, everything in said if about == reference} for reference in references]


# Caps


def on_one_day():
    return [MONDAY_NINE + number * HOUR for number in range(PROCESSES)]


@pytest.mark.parametrize("cap", ["daily_cap", "weekly_cap"])
def test_without_locks_a_cap_of_one_would_let_all_in(practice, processes, cap):
    change_offering(practice, **{cap: 1})

    outcomes = processes.race(holds(practice, *on_one_day()), without="locks before a booking is added")

    assert outcomes == [DONE] * PROCESSES


# The waiting list


def freed_for_one_wish(practice):
    """Sessions that are about to be cancelled, and somebody who waits for one of their times."""
    taken = [confirmed(practice, MONDAY_NINE + number * 2 * HOUR) for number in range(PROCESSES)]
    wish(practice, practice.new_client(), weekdays=[0])
    return [Play("cancel", (one.reference,)) for one in taken]


def test_without_locks_one_wish_would_have_each_freed_time_kept_for_it(practice, processes):
    outcomes = processes.race(freed_for_one_wish(practice), without="locks before a booking is added")

    assert outcomes == [DONE] * PROCESSES
    assert counted(practice, WishOffer) == PROCESSES
    assert any("times kept for it" in breach for breach in broken(practice))


@pytest.mark.parametrize("cancels_first", [True, False])
def test_without_claims_a_freed_time_would_go_to_whoever_waits_and_to_another(practice, processes, cancels_first):
    taken, waiting = confirmed(practice, MONDAY_NINE), practice.new_client()
    wish(practice, waiting, weekdays=[0])
    plays = [Play("cancel", (taken.reference,)), *holds(practice, MONDAY_NINE)]

    outcomes = processes.race(
        plays if cancels_first else plays[::-1], without="claims and locks before a booking is added"
    )

    assert outcomes == [DONE, DONE]
    kept = offered_to(practice, waiting)
    assert kept is not None
    assert kept.start == MONDAY_NINE
    assert any("overlap" in breach for breach in broken(practice))


# Cancelling


@pytest.fixture
def late(practice, processes, settings, keyring):
    """A session that it is too late to cancel without a fee."""
    change_offering(practice, late_waiver=False, notice_hours=0)
    held = confirmed(practice, MONDAY_NINE)
    practice.clock.set(MONDAY_NINE - 2 * HOUR)
    processes.come_to(settings, keyring, practice.clock.now())
    return held


def from_both_sides(held):
    """The client cancels and pays the fee; staff give all back."""
    return [Play("cancel", (held.reference,)), Play("cancel_by_staff", (held.reference,))]


def decided_and_told(practice, held):
    """Whether staff decided that all goes back, and what is said of it."""
    with practice.app.app_context():
        decided = db.session.get(Override, see(practice, held).id) is not None
    return decided, told_of(practice, held.reference)[0]


def test_of_two_who_cancel_on_other_terms_the_one_that_counts_is_the_one_that_is_told(practice, processes, late):
    assert processes.race(from_both_sides(late) * FEW) == [DONE, DONE] * FEW

    assert decided_and_told(practice, late) in [(True, {True}), (False, {False})]


def test_without_locks_both_would_count_each_on_its_own_terms(practice, processes, late):
    outcomes = processes.race(from_both_sides(late), without="locks before a booking is changed")

    assert outcomes == [DONE, DONE]
    assert decided_and_told(practice, late) == (True, {True, False})


def test_without_locks_the_second_of_staff_who_cancel_would_fail(processes, late):
    by_staff = Play("cancel_by_staff", (late.reference,))

    outcomes = processes.race([by_staff] * 2, without="locks before a booking is changed")

    assert outcomes == [DONE, "IntegrityError"]


def test_even_without_locks_a_cancel_on_the_same_terms_is_told_once(practice, processes, late):
    cancels = [Play("cancel", (late.reference,))] * PROCESSES

    assert processes.race(cancels, without="locks before a booking is changed") == [DONE] * PROCESSES
    assert see(practice, late).sequence == 1
    assert told_of(practice, late.reference) == [{False}]


@pytest.fixture
def two_late(practice, processes, settings, keyring):
    """Two sessions of one person, which it is too late to cancel, with one waiver for both of them."""
    change_offering(practice, late_waiver=True, notice_hours=0)
    client = practice.new_client()
    both = [confirmed(practice, MONDAY_NINE, client), confirmed(practice, MONDAY_NINE + 2 * HOUR, client)]
    practice.clock.advance(days=4)
    processes.come_to(settings, keyring, practice.clock.now())
    return [one.reference for one in both]


def test_even_without_locks_the_waivers_row_is_made_once(practice, processes, two_late):
    cancels = [Play("cancel", (one,)) for one in two_late]

    assert processes.race(cancels, without="locks before a waiver is used") == [DONE, "TermsChanged"]
    assert told_of(practice, *two_late) == [{True}, set()]


def test_without_its_row_the_waiver_would_be_used_twice(practice, processes, two_late):
    cancels = [Play("cancel", (one,)) for one in two_late]

    assert processes.race(cancels, without="the waiver's row") == [DONE, DONE]
    assert told_of(practice, *two_late) == [{True}, {True}]
    assert counted(practice, Waiver) == 1


# Intakes


@pytest.fixture
def newcomer(practice):
    """Somebody who may not book anything yet; their id."""
    with work_in(practice) as work:
        return add_person(work, "America/New_York").id


def test_two_intakes_that_one_person_sends_at_the_same_moment_are_both_taken(practice, processes, newcomer):
    assert set(processes.race([Play("grant", (newcomer,))] * PROCESSES)) == {DONE}


def test_without_locks_all_but_one_of_them_would_fail(practice, processes, newcomer):
    outcomes = processes.race([Play("grant", (newcomer,))] * PROCESSES, without="locks before a grant is added")

    assert Counter(outcomes) == {DONE: 1, "IntegrityError": PROCESSES - 1}


# Blocks


@pytest.mark.parametrize("without", ["claims", "claims that refuse"])
def test_without_claims_that_refuse_a_block_and_a_hold_would_share_their_time(practice, processes, without):
    block = Play("block", (resource_of(practice), MONDAY_NINE + HOUR / 2, 60))

    outcomes = processes.race([block, *holds(practice, MONDAY_NINE)], without=without)

    assert outcomes == [DONE, DONE]
    assert any("overlap" in breach for breach in broken(practice))


# Locks that must not stand in each other's way


@pytest.mark.databases("postgresql")
def test_who_takes_turns_for_a_therapist_keeps_no_claim_waiting(practice):
    """A claim looks at its therapist's row; a move that waits for the claim while it holds the row is a deadlock."""
    held, resource = see(practice, confirmed(practice, MONDAY_NINE)), resource_of(practice)
    later = Span(MONDAY_NINE + DAY, MONDAY_NINE + DAY + HOUR)
    with work_in(practice) as work:
        lock_resources(work, [resource])
        with db.engine.connect() as another:
            another.execute(text("SET LOCAL lock_timeout = '2s'"))
            insert_claims(another, later, [resource], booking_id=held.id)


# SQLite's lock, taken when a work first writes: who read before another's commit gives way, and tries again


@pytest.mark.databases("sqlite")
def test_with_a_late_write_lock_a_cap_still_lets_one_in_but_all_others_try_again(practice, processes):
    change_offering(practice, daily_cap=1)

    outcomes = processes.race(holds(practice, *on_one_day()), without="the write lock before a booking is added")

    assert outcomes == [DONE] + ["NotOffered"] * (PROCESSES - 1)
    assert processes.gave_way == {"SQLITE_BUSY_SNAPSHOT": PROCESSES - 1}


@pytest.mark.databases("sqlite")
def test_with_a_late_write_lock_one_time_is_kept_for_a_wish_but_all_others_try_again(practice, processes):
    outcomes = processes.race(freed_for_one_wish(practice), without="the write lock before a booking is changed")

    assert outcomes == [DONE] * PROCESSES
    assert counted(practice, WishOffer) == 1
    assert processes.gave_way == {"SQLITE_BUSY_SNAPSHOT": PROCESSES - 1}


@pytest.mark.databases("sqlite")
def test_with_a_late_write_lock_one_cancel_counts_but_the_other_tries_again(practice, processes, late):
    outcomes = processes.race(from_both_sides(late), without="the write lock before a booking is changed")

    assert outcomes == [DONE, DONE]
    assert see(practice, late).state is State.CANCELLED
    assert decided_and_told(practice, late) == (False, {False})
    assert processes.gave_way == {"SQLITE_BUSY_SNAPSHOT": 1}
