"""In person: a session claims its therapist and a room that fits, both or neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.lifecycle import State
from practice.booking.models import Booking, SlotClaim
from practice.booking.offers.models import Room
from practice.booking.offers.queries import get_staff_offer
from practice.booking.openings import judge_day
from practice.booking.placing import NoRoom
from practice.booking.slots import Refusal
from practice.database import db
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    ADA,
    IN_PERSON,
    NOOR,
    add_room,
    block,
    broken,
    cancel,
    change_offering,
    change_therapist,
    claimed_ticks,
    confirmed,
    lend_room,
    open_starts,
    resource_of,
    retire_room,
    room_of,
    see,
    teach,
    unblock,
)

HOUR = timedelta(hours=1)
MONDAY = MONDAY_NINE.date()
TICKS = 20  # 90 minutes and ten after


@pytest.fixture
def two_houses(practice):
    """Ada and Noor both see people in person, in New York's time, and share the room Harbour."""
    teach(practice, NOOR, IN_PERSON)
    change_therapist(practice, NOOR, zone="America/New_York")
    practice.harbour = add_room(practice, "Harbour")
    lend_room(practice, "Harbour", NOOR)
    return practice


def everything(practice):
    with practice.app.app_context():
        return len(db.session.scalars(select(Booking.id)).all()), len(db.session.scalars(select(SlotClaim.tick)).all())


def test_a_session_in_person_claims_its_therapist_and_its_room(practice):
    harbour = add_room(practice, "Harbour")

    held = practice.hold(MONDAY_NINE, offering=IN_PERSON)

    assert room_of(practice, held) == "Harbour"
    for resource in (resource_of(practice), harbour):
        assert claimed_ticks(practice, resource, see(practice, held).blocked) == TICKS
    assert broken(practice) == []


def test_a_session_by_video_claims_no_room(practice):
    harbour = add_room(practice, "Harbour")

    held = practice.hold(MONDAY_NINE)

    assert room_of(practice, held) is None
    assert claimed_ticks(practice, harbour, see(practice, held).blocked) == 0


def test_a_therapist_without_rooms_has_an_office_that_nobody_shares(practice):
    held = practice.hold(MONDAY_NINE, offering=IN_PERSON)

    assert room_of(practice, held) is None
    assert claimed_ticks(practice, resource_of(practice), see(practice, held).blocked) == TICKS


def test_another_room_that_fits_is_used_when_one_is_taken(two_houses):
    add_room(two_houses, "Garden", therapist=NOOR)
    two_houses.hold(MONDAY_NINE, offering=IN_PERSON)

    held = two_houses.hold(MONDAY_NINE, offering=IN_PERSON, therapist=NOOR)

    assert room_of(two_houses, held) == "Garden"
    assert broken(two_houses) == []


def test_the_smallest_room_that_fits_is_taken_first(practice):
    add_room(practice, "Hall", seats=8)
    add_room(practice, "Nook", seats=2)

    assert room_of(practice, practice.hold(MONDAY_NINE, offering=IN_PERSON)) == "Nook"


def test_without_a_free_room_a_free_therapist_is_not_enough_and_nothing_is_left_behind(two_houses):
    two_houses.hold(MONDAY_NINE, offering=IN_PERSON)
    before = everything(two_houses)

    with pytest.raises(NoRoom):
        two_houses.hold(MONDAY_NINE + HOUR, offering=IN_PERSON, therapist=NOOR)

    assert everything(two_houses) == before
    assert claimed_ticks(two_houses, resource_of(two_houses, NOOR), see_span(two_houses)) == 0


def see_span(practice):
    with practice.app.app_context():
        return db.session.scalars(select(Booking)).one().blocked


def test_a_free_room_does_not_make_a_taken_therapist_free(practice):
    add_room(practice, "Harbour")
    garden = add_room(practice, "Garden")
    practice.hold(MONDAY_NINE, offering=IN_PERSON)

    with pytest.raises(SlotTaken) as refused:
        practice.hold(MONDAY_NINE + HOUR, offering=IN_PERSON)

    assert not isinstance(refused.value, NoRoom)
    assert claimed_ticks(practice, garden, see_span(practice)) == 0


def test_a_given_back_time_frees_therapist_and_room(two_houses):
    cancel(two_houses, two_houses.hold(MONDAY_NINE, offering=IN_PERSON))

    held = two_houses.hold(MONDAY_NINE, offering=IN_PERSON, therapist=NOOR)

    assert room_of(two_houses, held) == "Harbour"


def test_a_retired_room_is_used_no_more_and_keeps_what_was_in_it(practice):
    add_room(practice, "Harbour")
    add_room(practice, "Garden")
    held = confirmed(practice, MONDAY_NINE, offering=IN_PERSON)
    assert room_of(practice, held) == "Harbour"

    retire_room(practice, "Harbour")

    assert room_of(practice, practice.hold(MONDAY_NINE + 2 * HOUR, offering=IN_PERSON)) == "Garden"
    assert room_of(practice, held) == "Harbour"
    retire_room(practice, "Garden")
    assert open_starts(practice, MONDAY, offering=IN_PERSON) == []
    with pytest.raises(NoRoom):
        practice.hold(MONDAY_NINE + 4 * HOUR, offering=IN_PERSON)
    assert broken(practice) == []


def test_a_couple_does_not_fit_a_room_for_one(practice):
    add_room(practice, "Nook", seats=1)
    with pytest.raises(NoRoom):
        practice.hold(MONDAY_NINE, offering=IN_PERSON)
    change_offering(practice, IN_PERSON, attendance="individual")

    assert room_of(practice, practice.hold(MONDAY_NINE, offering=IN_PERSON)) == "Nook"


def test_a_late_payment_takes_its_time_again_in_another_room_when_its_own_is_taken(two_houses, clock):
    add_room(two_houses, "Garden")
    held = two_houses.hold(MONDAY_NINE, offering=IN_PERSON)
    clock.advance(minutes=11)
    two_houses.work_until_idle()
    assert see(two_houses, held).state is State.EXPIRED
    assert room_of(two_houses, two_houses.hold(MONDAY_NINE, offering=IN_PERSON, therapist=NOOR)) == "Harbour"

    two_houses.confirm(held)

    assert room_of(two_houses, held) == "Garden"
    two_houses.work_until_idle()
    assert broken(two_houses) == []


# Open times


def test_open_times_in_person_are_those_at_which_some_room_is_free(two_houses):
    two_houses.hold(MONDAY_TEN, offering=IN_PERSON)

    open_to_noor = open_starts(two_houses, MONDAY, therapist=NOOR, offering=IN_PERSON)

    assert MONDAY_TEN not in open_to_noor
    assert MONDAY_TEN + 2 * HOUR in open_to_noor
    add_room(two_houses, "Garden", therapist=NOOR)
    assert MONDAY_TEN in open_starts(two_houses, MONDAY, therapist=NOOR, offering=IN_PERSON)


def test_two_rooms_that_are_half_free_each_are_no_room(practice):
    harbour, garden = add_room(practice, "Harbour"), add_room(practice, "Garden")
    block(practice, harbour, MONDAY_NINE, 60)  # free again from ten
    block(practice, garden, MONDAY_TEN, 60)  # free until ten

    starts = open_starts(practice, MONDAY, offering=IN_PERSON)

    assert MONDAY_NINE not in starts
    assert MONDAY_TEN in starts
    with pytest.raises(NoRoom):
        practice.hold(MONDAY_NINE, offering=IN_PERSON)


def test_a_blocked_room_is_named_as_what_is_missing(practice):
    taken = block(practice, add_room(practice, "Harbour"), MONDAY_NINE, 60)

    def verdict():
        with practice.app.app_context():
            offer = get_staff_offer(ADA, IN_PERSON)
            found = judge_day(offer, day=MONDAY, now=practice.clock.now())
            return next(one.refusal for one in found if one.span.start == MONDAY_NINE)

    assert verdict() is Refusal.NO_ROOM
    unblock(practice, taken)
    assert verdict() is None


def test_each_open_time_is_there_once_however_many_rooms_are_free(practice):
    for name in ("Harbour", "Garden", "Hall"):
        add_room(practice, name)

    starts = open_starts(practice, MONDAY, offering=IN_PERSON)

    assert len(starts) == len(set(starts)) > 0


def test_every_open_time_can_be_held_and_no_other(two_houses):
    block(two_houses, two_houses.harbour, MONDAY_TEN + HOUR, 60)
    two_houses.hold(MONDAY_NINE + 5 * HOUR, offering=IN_PERSON)
    starts = open_starts(two_houses, MONDAY, therapist=NOOR, offering=IN_PERSON)

    for number in range(16):
        start = MONDAY_NINE + number * HOUR / 2
        client = two_houses.new_client()
        try:
            cancel(two_houses, two_houses.hold(start, client, therapist=NOOR, offering=IN_PERSON))
            could = True
        except (SlotTaken, NotOffered):
            could = False
        assert could is (start in starts), start


def test_a_room_shows_in_no_calendar_and_no_letter(practice, mailer):
    add_room(practice, "Harbour")
    held = confirmed(practice, MONDAY_NINE, offering=IN_PERSON)

    download = practice.browser(held.payer).get(f"/bookings/{held.reference}.ics").data
    with practice.app.app_context():
        address = db.session.scalars(select(Room.address)).one()
    for content in (download, *(letter.calendar for letter in mailer.sent), *(one.content for one in mailer.sent)):
        assert b"Harbour" not in content
        assert b"LOCATION" not in content
        assert address.encode() not in content
