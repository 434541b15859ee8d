"""Another time for a session that stands: what moves with it, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import State
from practice.booking.moving import MovedMeanwhile, TooLateToMove
from practice.spans import Span
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    IN_PERSON,
    add_room,
    block,
    broken,
    cancel,
    change_offering,
    claimed_ticks,
    confirmed,
    keep_for,
    move,
    move_by_staff,
    open_starts,
    resource_of,
    room_of,
    see,
)

HOUR = timedelta(hours=1)
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR
MONDAY = MONDAY_NINE.date()


def facts(booking):
    return (booking.state, booking.starts_at, booking.ends_at, booking.blocked, booking.sequence, booking.room_id)


def test_a_moved_session_is_the_same_one_at_another_time(practice):
    held = confirmed(practice, MONDAY_NINE)
    before = see(practice, held)
    change_offering(practice, price_minor=999_00)

    move(practice, held, TUESDAY_NINE)

    after = see(practice, held)
    assert (after.id, after.uid, after.price_minor) == (before.id, before.uid, before.price_minor)
    assert (after.state, after.sequence) == (State.CONFIRMED, before.sequence + 1)
    assert (after.starts_at, after.ends_at) == (TUESDAY_NINE, TUESDAY_NINE + timedelta(minutes=50))
    assert after.blocked.length == HOUR
    practice.work_until_idle()
    assert broken(practice) == []


def test_the_old_time_is_free_and_the_new_one_is_not(practice):
    held = confirmed(practice, MONDAY_NINE)

    move(practice, held, TUESDAY_NINE)

    assert MONDAY_NINE in open_starts(practice, MONDAY)
    practice.hold(MONDAY_NINE)
    with pytest.raises(SlotTaken):
        practice.hold(TUESDAY_NINE)


def test_a_session_can_move_into_time_that_it_has_itself(practice):
    held = confirmed(practice, MONDAY_NINE)

    move(practice, held, MONDAY_NINE + HOUR / 2)

    assert see(practice, held).starts_at == MONDAY_NINE + HOUR / 2
    assert claimed_ticks(practice, resource_of(practice), see(practice, held).blocked) == 12
    practice.work_until_idle()
    assert broken(practice) == []


@pytest.mark.parametrize("mover", [move, move_by_staff])
def test_a_move_onto_somebody_elses_time_leaves_everything_as_it_was(practice, mailer, mover):
    held = confirmed(practice, MONDAY_NINE)
    other = confirmed(practice, TUESDAY_NINE)
    before = [facts(see(practice, one)) for one in (held, other)]
    mailer.sent.clear()

    with pytest.raises(SlotTaken):
        mover(practice, held, TUESDAY_NINE)

    practice.work_until_idle()
    assert [facts(see(practice, one)) for one in (held, other)] == before
    assert mailer.sent == []
    assert broken(practice) == []


def test_nothing_moves_onto_blocked_time(practice):
    held = confirmed(practice, MONDAY_NINE)
    block(practice, resource_of(practice), TUESDAY_NINE)

    with pytest.raises(SlotTaken):
        move_by_staff(practice, held, TUESDAY_NINE + HOUR / 2)

    assert see(practice, held).starts_at == MONDAY_NINE


def test_asking_for_the_time_that_it_has_changes_nothing(practice, mailer):
    held = confirmed(practice, MONDAY_NINE)
    before = facts(see(practice, held))
    mailer.sent.clear()

    move(practice, held, MONDAY_NINE, seen=7)
    move_by_staff(practice, held, MONDAY_NINE)
    practice.work_until_idle()

    assert facts(see(practice, held)) == before
    assert mailer.sent == []


def test_a_client_can_move_for_as_long_as_cancelling_is_free(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(MONDAY_NINE - 48 * HOUR)
    move(practice, held, MONDAY_TEN)
    clock.set(MONDAY_TEN - 48 * HOUR + timedelta(seconds=1))

    with pytest.raises(TooLateToMove):
        move(practice, held, TUESDAY_NINE)

    move_by_staff(practice, held, TUESDAY_NINE)
    assert see(practice, held).starts_at == TUESDAY_NINE


def test_a_move_from_a_page_that_is_out_of_date_changes_nothing(practice):
    held = confirmed(practice, MONDAY_NINE)
    move(practice, held, MONDAY_TEN)

    with pytest.raises(MovedMeanwhile):
        move(practice, held, TUESDAY_NINE, seen=0)

    assert see(practice, held).starts_at == MONDAY_TEN


def test_only_a_session_that_stands_can_move(practice):
    held = practice.hold(MONDAY_NINE)
    kept = keep_for(practice, practice.new_client(), MONDAY_TEN)
    gone = confirmed(practice, TUESDAY_NINE)
    cancel(practice, gone)

    for one in (held, kept, gone):
        for mover in (move, move_by_staff):
            with pytest.raises(TooLateToMove):
                mover(practice, one, TUESDAY_NINE + HOUR)


def test_staff_are_bound_by_the_clock_and_no_hours(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    saturday_evening = clock.now() + timedelta(days=3, hours=13)
    for never in (clock.now(), clock.now() - HOUR, saturday_evening + timedelta(minutes=2)):
        with pytest.raises(NotOffered):
            move_by_staff(practice, held, never)
    with pytest.raises(NotOffered):
        move(practice, held, saturday_evening)

    move_by_staff(practice, held, saturday_evening)

    assert see(practice, held).starts_at == saturday_evening


def test_a_room_is_kept_when_it_is_free_then_too_and_else_another_is_found(practice):
    harbour, garden = add_room(practice, "Harbour"), add_room(practice, "Garden")
    block(practice, harbour, MONDAY_NINE, 120)
    held = confirmed(practice, MONDAY_NINE, offering=IN_PERSON)
    assert room_of(practice, held) == "Garden"

    move(practice, held, TUESDAY_NINE)
    assert room_of(practice, held) == "Garden"
    block(practice, garden, MONDAY_NINE, 120)
    move(practice, held, MONDAY_NINE + 2 * HOUR)
    assert room_of(practice, held) == "Garden"
    block(practice, garden, TUESDAY_NINE, 120)
    move(practice, held, TUESDAY_NINE)

    assert room_of(practice, held) == "Harbour"
    assert claimed_ticks(practice, harbour, see(practice, held).blocked) == 20
    assert claimed_ticks(practice, garden, Span(MONDAY_NINE + 2 * HOUR, MONDAY_NINE + 4 * HOUR)) == 0
    practice.work_until_idle()
    assert broken(practice) == []


def test_a_cap_does_not_count_the_session_that_moves(practice):
    change_offering(practice, daily_cap=1, weekly_cap=2)
    held = confirmed(practice, MONDAY_NINE)
    confirmed(practice, TUESDAY_NINE)

    move(practice, held, MONDAY_TEN)
    with pytest.raises(NotOffered):
        move(practice, held, TUESDAY_NINE + 2 * HOUR)
    move(practice, held, MONDAY_NINE + 48 * HOUR)

    assert see(practice, held).starts_at == MONDAY_NINE + 48 * HOUR


def test_a_hold_a_reservation_and_moves_keep_every_promise(practice, clock):
    held = practice.hold(MONDAY_NINE)
    keep_for(practice, practice.new_client(), MONDAY_TEN)
    assert broken(practice) == []
    practice.confirm(held)
    assert broken(practice) == []
    move(practice, held, TUESDAY_NINE)
    assert broken(practice) == []
    practice.work_until_idle()
    assert broken(practice) == []
    clock.advance(hours=25)
    practice.work_until_idle()

    assert broken(practice) == []
    assert MONDAY_TEN in open_starts(practice, MONDAY)
