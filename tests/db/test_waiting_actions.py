"""The waiting list: a freed time goes to the first wish that it fits, then to the next, then to everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking import actions
from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.booking.waiting.actions import OFFER_LIFE
from practice.booking.waiting.models import WishState
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    ADA,
    ALONE,
    IN_PERSON,
    NOOR,
    add_room,
    block,
    broken,
    cancel,
    change_offering,
    change_therapist,
    confirmed,
    keep_for,
    lend_room,
    move,
    offered_to,
    open_starts,
    resource_of,
    see,
    teach,
    unblock,
    wish,
    wish_state,
    withdraw,
    work_in,
)

HOUR = timedelta(hours=1)
MONDAY = MONDAY_NINE.date()
NOTHING_ELSE = 7 * 60  # minutes from ten to five


@pytest.fixture
def full(practice):
    """Ada's Monday has one time, at nine, and somebody has it."""
    block(practice, resource_of(practice), MONDAY_TEN, NOTHING_ELSE)
    practice.taken = confirmed(practice, MONDAY_NINE)
    return practice


def waiting(practice, **wanted):
    """A new client who waits; and their wish."""
    client = practice.new_client(region=wanted.pop("region", "US-NY"))
    return client, wish(practice, client, **wanted)


def test_a_freed_time_is_kept_for_the_first_who_waits_for_it(full, clock):
    (first, first_wish), (second, second_wish) = waiting(full), waiting(full)

    cancel(full, full.taken)

    offered = offered_to(full, first)
    assert offered.start == MONDAY_NINE
    assert offered.deadline == clock.now() + OFFER_LIFE
    assert see(full, offered.held).state is State.RESERVED
    assert see(full, offered.held).price_minor == 160_00
    assert (wish_state(full, first_wish), wish_state(full, second_wish)) == (WishState.OFFERED, WishState.WAITING)
    assert offered_to(full, second) is None
    full.work_until_idle()
    assert broken(full) == []


def test_nobody_else_sees_or_holds_a_time_that_is_offered(full):
    waiting(full)

    cancel(full, full.taken)

    assert open_starts(full, MONDAY) == []
    with pytest.raises(SlotTaken):
        full.hold(MONDAY_NINE)
    with pytest.raises(SlotTaken):
        keep_for(full, full.new_client(), MONDAY_NINE)


def test_a_time_that_is_left_goes_to_the_next_and_then_to_everybody(full):
    (first, first_wish), (second, _) = waiting(full), waiting(full)
    cancel(full, full.taken)

    cancel(full, offered_to(full, first).held)
    assert offered_to(full, first) is None
    assert wish_state(full, first_wish) is WishState.WAITING
    assert offered_to(full, second).start == MONDAY_NINE
    assert open_starts(full, MONDAY) == []

    cancel(full, offered_to(full, second).held)
    assert offered_to(full, first) is None  # the same time is offered once
    assert open_starts(full, MONDAY) == [MONDAY_NINE]
    full.hold(MONDAY_NINE)
    full.work_until_idle()
    assert broken(full) == []


def test_a_time_that_is_not_answered_goes_to_the_next_when_its_deadline_is_over(full, clock):
    (first, first_wish), (second, _) = waiting(full), waiting(full)
    cancel(full, full.taken)
    missed = offered_to(full, first)

    clock.set(missed.deadline - timedelta(seconds=1))
    full.work_until_idle()
    assert offered_to(full, second) is None
    clock.advance(seconds=1)
    full.work_until_idle()

    assert see(full, missed.held).state is State.EXPIRED
    assert wish_state(full, first_wish) is WishState.WAITING
    assert offered_to(full, second).start == MONDAY_NINE
    clock.set(offered_to(full, second).deadline)
    full.work_until_idle()
    assert open_starts(full, MONDAY) == [MONDAY_NINE]
    assert broken(full) == []


def test_whoever_missed_one_time_is_offered_the_next(full):
    client, wished = waiting(full)
    cancel(full, full.taken)
    cancel(full, offered_to(full, client).held)
    other = confirmed(full, MONDAY_NINE + 24 * HOUR)
    block(full, resource_of(full), MONDAY_TEN + 24 * HOUR, NOTHING_ELSE)

    cancel(full, other)

    assert offered_to(full, client).start == MONDAY_NINE + 24 * HOUR
    assert wish_state(full, wished) is WishState.OFFERED


def test_a_session_that_is_soon_is_kept_for_half_of_what_is_left(full, clock):
    client, _ = waiting(full)
    clock.set(MONDAY_NINE - 24 * HOUR)
    change_offering(full, notice_hours=0)
    clock.set(MONDAY_NINE - 4 * HOUR)

    cancel(full, full.taken)

    assert offered_to(full, client).deadline == clock.now() + 2 * HOUR


def test_what_nobody_could_book_any_more_is_offered_to_nobody(full, clock):
    client, _ = waiting(full)
    clock.set(MONDAY_NINE - 23 * HOUR)  # the notice is a day

    cancel(full, full.taken)

    assert offered_to(full, client) is None


def test_a_time_of_another_length_serves_whom_it_can(full):
    change_offering(full, ALONE, session_minutes=110)
    long, _ = waiting(full, offering=ALONE)
    short, _ = waiting(full)

    cancel(full, full.taken)

    assert offered_to(full, long) is None
    assert offered_to(full, short).start == MONDAY_NINE


def test_two_who_wait_share_a_long_time_and_never_the_same(practice):
    block(practice, resource_of(practice), MONDAY_TEN + HOUR, 6 * 60)
    long = block(practice, resource_of(practice), MONDAY_NINE, 120)
    clients = [waiting(practice)[0] for _ in range(3)]

    unblock(practice, long)

    starts = [offered.start if (offered := offered_to(practice, one)) else None for one in clients]
    assert starts == [MONDAY_NINE, MONDAY_TEN, None]
    assert broken(practice) == []


# What frees a time


def test_a_hold_that_lapses_frees_its_time_for_whoever_waits(practice, clock):
    block(practice, resource_of(practice), MONDAY_TEN, NOTHING_ELSE)
    practice.hold(MONDAY_NINE)
    client, _ = waiting(practice)

    clock.advance(minutes=10)
    practice.work_until_idle()

    assert offered_to(practice, client).start == MONDAY_NINE


def test_a_move_frees_the_time_before_for_whoever_waits(full):
    client, _ = waiting(full)

    move(full, full.taken, MONDAY_NINE + 24 * HOUR)

    assert offered_to(full, client).start == MONDAY_NINE
    full.work_until_idle()
    assert broken(full) == []


def test_unblocking_frees_time_for_whoever_waits(practice):
    taken = block(practice, resource_of(practice), MONDAY_NINE, 8 * 60)
    client, _ = waiting(practice)

    unblock(practice, taken)

    assert offered_to(practice, client).start == MONDAY_NINE


def test_a_room_that_is_freed_serves_whoever_waits_for_another_therapist_who_meets_there(practice):
    teach(practice, NOOR, IN_PERSON)
    change_therapist(practice, NOOR, zone="America/New_York")
    harbour = add_room(practice, "Harbour")
    lend_room(practice, "Harbour", NOOR)
    held = confirmed(practice, MONDAY_NINE, offering=IN_PERSON)
    taken = block(practice, harbour, MONDAY_NINE + 24 * HOUR, 120)
    first, second = (waiting(practice, offering=IN_PERSON, therapist=NOOR)[0] for _ in range(2))

    cancel(practice, held)
    unblock(practice, taken)

    assert offered_to(practice, first).start == MONDAY_NINE
    assert offered_to(practice, second).start == MONDAY_NINE + 24 * HOUR
    assert broken(practice) == []


def test_declining_frees_time_for_whoever_waits(full):
    client, _ = waiting(full)

    with work_in(full) as work:
        actions.decline(work, actions.lock(work, full.taken.reference))

    assert offered_to(full, client).start == MONDAY_NINE


# Wishes that end


def test_saying_yes_fulfils_every_wish_for_the_same(full):
    client, wished = waiting(full)
    again = wish(full, client, therapist=ADA)
    other = wish(full, client, offering=ALONE)
    cancel(full, full.taken)
    offered = offered_to(full, client)

    with work_in(full) as work:
        booking = actions.lock(work, offered.held.reference)
        actions.open_checkout(work, booking, work.now + HOUR)
        actions.confirm(work, booking)

    assert [wish_state(full, one) for one in (wished, again, other)] == [
        WishState.FULFILLED,
        WishState.FULFILLED,
        WishState.WAITING,
    ]
    full.work_until_idle()
    assert broken(full) == []


def test_booking_another_time_fulfils_a_wish_too(full):
    client, wished = waiting(full)

    confirmed(full, MONDAY_NINE + 24 * HOUR, client)

    assert wish_state(full, wished) is WishState.FULFILLED
    cancel(full, full.taken)
    assert offered_to(full, client) is None


def test_a_wish_that_was_taken_back_gets_nothing(full):
    client, wished = waiting(full)
    withdraw(full, client, wished)

    cancel(full, full.taken)

    assert offered_to(full, client) is None
    assert wish_state(full, wished) is WishState.WITHDRAWN


def test_a_time_stays_kept_when_its_wish_is_taken_back_and_the_wish_stays_ended(full):
    client, wished = waiting(full)
    cancel(full, full.taken)
    withdraw(full, client, wished)
    offered = offered_to(full, client)
    assert see(full, offered.held).state is State.RESERVED
    assert broken(full) == []

    cancel(full, offered.held)

    assert wish_state(full, wished) is WishState.WITHDRAWN
    assert open_starts(full, MONDAY) == [MONDAY_NINE]
    assert broken(full) == []


def test_whoever_gives_a_time_up_is_not_asked_whether_they_want_it_back(practice):
    client, other = practice.new_client(), practice.new_client()
    held = confirmed(practice, MONDAY_NINE, client)
    wish(practice, client)
    wish(practice, other)
    cancel(practice, held)

    assert offered_to(practice, client) is None
    assert offered_to(practice, other) is not None
