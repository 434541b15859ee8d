"""Separate processes want what only one can have.

The races for time (one slot, lengths, buffers, a room, a move) are also run without claims, where they must show.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from practice.booking import actions
from practice.booking.lifecycle import State
from practice.booking.models import Booking, Waiver
from practice.booking.waiting.models import WishOffer
from practice.database import db
from practice.outbox import OutboxMessage
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.offers import (
    ADA,
    ALONE,
    COUPLE,
    IN_PERSON,
    NOOR,
    add_room,
    broken,
    change_offering,
    confirmed,
    lend_room,
    offered_to,
    resource_of,
    see,
    teach,
    wish,
)
from tests.support.racing import DONE, PROCESSES, Play

HOUR = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
CROWD = 50
ROUNDS = 100
FEW = 8


def holds(practice, *wanted):
    """A play for each of (therapist, offering, start), by a client of its own."""
    return [Play("hold", (practice.new_client().person_id, *one)) for one in wanted]


def overlapping(practice):
    return [found for found in broken(practice) if "overlap" in found]


def let_all_go(practice):
    """Give what is held back, so that the next round begins like the first."""
    with practice.app.app_context(), begin_work() as work:
        for reference in work.session.scalars(select(Booking.reference).where(Booking.state == State.HELD)).all():
            actions.let_go(work, actions.lock(work, reference))


# One time, one winner


def test_of_fifty_clients_on_one_slot_one_wins_in_each_of_a_hundred_rounds(practice, processes):
    change_offering(practice, horizon_days=120)  # the long run asks for fifteen weeks
    people = [practice.new_client().person_id for _ in range(CROWD)]
    rounds = ROUNDS * (5 if os.environ.get("PRACTICE_LONG") else 1)
    for number in range(rounds):
        start = MONDAY_NINE + (number // 7 // 5 * 7 + number // 7 % 5) * DAY + number % 7 * HOUR
        outcomes = Counter(processes.race([Play("hold", (person, ADA, COUPLE, start)) for person in people]))
        assert outcomes == {DONE: 1, "SlotTaken": CROWD - 1}, start
        let_all_go(practice)
    assert broken(practice) == []


def test_without_claims_many_of_them_would_win(practice, processes):
    change_offering(practice, session_minutes=50)
    people = [practice.new_client().person_id for _ in range(FEW)]
    outcomes = processes.race([Play("hold", (person, ADA, COUPLE, MONDAY_NINE)) for person in people], without="claims")

    assert Counter(outcomes)[DONE] > 1
    assert overlapping(practice) != []


# What overlaps without being the same: (the wanted times, how many can win at most)

LENGTHS = [(ADA, COUPLE, MONDAY_NINE + HOUR), (ADA, IN_PERSON, MONDAY_NINE), (ADA, ALONE, MONDAY_NINE + HOUR)]
BUFFERS = [(ADA, COUPLE, MONDAY_NINE), (ADA, ALONE, MONDAY_NINE + 50 * timedelta(minutes=1))]


@pytest.mark.parametrize("without", [None, "claims"])
@pytest.mark.parametrize("wanted", [LENGTHS, BUFFERS], ids=["lengths", "buffers"])
def test_sessions_of_other_lengths_and_their_buffers_keep_apart(practice, processes, wanted, without):
    if wanted is BUFFERS:
        change_offering(practice, ALONE, step_minutes=10)
        change_offering(practice, COUPLE, step_minutes=10)
    outcomes = processes.race(holds(practice, *(wanted * 3)), without=without)

    if without is None:
        assert Counter(outcomes) == {DONE: 1, "SlotTaken": len(outcomes) - 1}
        assert broken(practice) == []
    else:
        assert Counter(outcomes)[DONE] > 1
        assert overlapping(practice) != []


@pytest.mark.parametrize("without", [None, "claims"])
def test_two_therapists_can_not_both_have_the_only_room(practice, processes, without):
    add_room(practice, "Blue")
    lend_room(practice, "Blue", NOOR)
    teach(practice, NOOR, IN_PERSON)
    noon = MONDAY_NINE + 3 * HOUR
    outcomes = processes.race(holds(practice, *[(ADA, IN_PERSON, noon), (NOOR, IN_PERSON, noon)] * 4), without=without)

    if without is None:
        assert Counter(outcomes)[DONE] == 1
        assert broken(practice) == []
    else:
        assert Counter(outcomes)[DONE] > 1
        assert overlapping(practice) != []


def test_two_rooms_serve_two_therapists_and_one_therapist_never_takes_both(practice, processes):
    for room in ("Blue", "Green"):
        add_room(practice, room)
        lend_room(practice, room, NOOR)
    teach(practice, NOOR, IN_PERSON)
    noon = MONDAY_NINE + 3 * HOUR
    outcomes = processes.race(holds(practice, *[(ADA, IN_PERSON, noon), (NOOR, IN_PERSON, noon)] * 4))

    assert Counter(outcomes[::2])[DONE] == 1
    assert Counter(outcomes[1::2])[DONE] == 1
    assert broken(practice) == []


# Moving


def test_a_move_and_a_hold_on_the_same_time_have_one_winner_and_the_loser_keeps_what_they_had(practice, processes):
    client = practice.new_client()
    held = confirmed(practice, MONDAY_NINE, client)
    for number in range(1, FEW):
        start = MONDAY_NINE + number * DAY if number < 5 else MONDAY_NINE + (number + 2) * DAY
        before = see(practice, held).starts_at
        moved, taken = processes.race(
            [Play("move", (held.reference, ADA, COUPLE, start)), *holds(practice, (ADA, COUPLE, start))]
        )

        assert {moved, taken} == {DONE, "SlotTaken"}
        assert see(practice, held).starts_at == (start if moved == DONE else before)
        assert broken(practice) == []


def test_two_sessions_that_move_into_each_others_time_are_both_answered(practice, processes):
    one, other = confirmed(practice, MONDAY_NINE), confirmed(practice, MONDAY_NINE + 2 * HOUR)
    for _ in range(FEW):
        first, second = see(practice, one), see(practice, other)
        outcomes = processes.race(
            [
                Play("move", (one.reference, ADA, COUPLE, second.starts_at)),
                Play("move", (other.reference, ADA, COUPLE, first.starts_at)),
            ]
        )
        assert set(outcomes) <= {DONE, "SlotTaken"}
        assert broken(practice) == []


def test_moves_over_the_edge_of_each_others_time_never_overlap(practice, processes):
    one, other = confirmed(practice, MONDAY_NINE), confirmed(practice, MONDAY_NINE + HOUR)
    aims = [MONDAY_NINE + HALF_HOUR, MONDAY_NINE + 2 * HOUR]
    for _ in range(FEW):
        outcomes = processes.race(
            [Play("move", (held.reference, ADA, COUPLE, aim)) for held, aim in zip((one, other), aims, strict=True)]
        )
        assert set(outcomes) <= {DONE, "SlotTaken"}
        assert broken(practice) == []
        aims = [aim + DAY for aim in aims][::-1] if aims[0] < MONDAY_NINE + 3 * DAY else aims


def test_without_claims_a_move_and_a_hold_would_both_win(practice, processes):
    held = confirmed(practice, MONDAY_NINE)
    start = MONDAY_NINE + DAY
    outcomes = processes.race(
        [Play("move", (held.reference, ADA, COUPLE, start)), *holds(practice, (ADA, COUPLE, start))], without="claims"
    )
    assert outcomes == [DONE, DONE]
    assert overlapping(practice) != []


# The waiting list


def test_a_freed_time_goes_to_whoever_waits_and_never_to_both(practice, processes):
    for number in range(FEW // 2):
        start = MONDAY_NINE + number * DAY
        taken = confirmed(practice, start)
        waiting = practice.new_client()
        wish(practice, waiting, weekdays=[start.weekday()])
        outcomes = processes.race([Play("cancel", (taken.reference,)), *holds(practice, *[(ADA, COUPLE, start)] * 6)])

        assert Counter(outcomes) == {DONE: 1, "SlotTaken": 6}
        kept = offered_to(practice, waiting)
        assert kept is not None
        assert kept.start == start
        assert broken(practice) == []


def test_of_times_freed_at_once_one_is_kept_for_one_wish(practice, processes):
    for number in range(3):
        day = MONDAY_NINE + number * DAY
        freed = [confirmed(practice, day + place * 2 * HOUR) for place in range(PROCESSES)]
        wish(practice, practice.new_client(), weekdays=[day.weekday()])
        assert processes.race([Play("cancel", (one.reference,)) for one in freed]) == [DONE] * PROCESSES

        with practice.app.app_context():
            assert db.session.scalar(select(func.count()).select_from(WishOffer)) == number + 1
    assert broken(practice) == []


# Cancelling


def cancellations(practice):
    with practice.app.app_context():
        found = select(func.count(func.distinct(OutboxMessage.payload))).where(
            OutboxMessage.kind == "booking_cancelled"
        )
        return db.session.scalar(found)


@pytest.mark.parametrize("rival", ["cancel", "cancel_by_staff"])
def test_of_cancels_at_the_same_moment_one_has_an_effect(practice, processes, rival):
    held = confirmed(practice, MONDAY_NINE)
    plays = [Play("cancel", (held.reference,)), Play(rival, (held.reference,))] * 4
    assert set(processes.race(plays)) == {DONE}

    assert see(practice, held).sequence == 1
    assert cancellations(practice) == 1
    assert broken(practice) == []


def test_one_waiver_is_used_once_by_two_late_cancels_at_the_same_moment(practice, processes, settings, keyring):
    change_offering(practice, late_waiver=True, notice_hours=0)
    client = practice.new_client()
    first, second = confirmed(practice, MONDAY_NINE, client), confirmed(practice, MONDAY_NINE + 2 * HOUR, client)
    practice.clock.advance(days=4)
    processes.come_to(settings, keyring, practice.clock.now())
    outcomes = processes.race([Play("cancel", (one.reference,)) for one in (first, second)])

    assert Counter(outcomes) in (Counter({DONE: 1, "TermsChanged": 1}), Counter({DONE: 2}))
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Waiver)) == 1


# Caps and blocks


@pytest.mark.parametrize("cap", ["daily_cap", "weekly_cap"])
def test_of_two_times_on_a_day_that_has_room_for_one_one_is_held(practice, processes, cap):
    change_offering(practice, **{cap: 1})
    outcomes = processes.race(holds(practice, *[(ADA, COUPLE, MONDAY_NINE + number * HOUR) for number in range(FEW)]))

    assert Counter(outcomes) == {DONE: 1, "NotOffered": FEW - 1}


def test_a_block_and_a_hold_never_share_a_minute(practice, processes):
    resource = resource_of(practice)
    for number in range(FEW // 2):
        start = MONDAY_NINE + number * DAY
        blocked, *others = processes.race(
            [Play("block", (resource, start + HALF_HOUR, 60)), *holds(practice, *[(ADA, COUPLE, start)] * 3)]
        )
        assert Counter([blocked, *others])[DONE] == 1
        assert broken(practice) == []
