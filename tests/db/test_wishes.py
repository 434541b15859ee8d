"""Wishes: which times fit them, who may have them, and how they end."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.handlers import on_attendance_sweep
from practice.booking.lifecycle import State
from practice.booking.messages import AttendanceSweep
from practice.booking.waiting.actions import NotByMail, NotToWishFor, TooManyWishes, wish_for_place
from practice.booking.waiting.models import PlaceWish, Wish, WishOffer, WishState
from practice.database import db
from practice.people import Contact, Person, save_contact
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.intake import answer_until, send
from tests.support.offers import (
    ADA,
    ALONE,
    COUPLE,
    NOOR,
    block,
    broken,
    cancel,
    change_offering,
    change_therapist,
    confirmed,
    offered_to,
    open_starts,
    resource_of,
    see,
    wish,
    wish_state,
    withdraw,
    work_in,
)
from tests.support.statements import statements
from tests.support.story import Client

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
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


# Which times fit


FITTING = {
    "anything": {},
    "this therapist": {"therapist": ADA},
    "this weekday": {"weekdays": [0]},
    "just these hours": {"hours": (time(9), time(9, 50))},
    "these hours where they are": {"hours": (time(15), time(16)), "zone": "Europe/Berlin"},
    "the language": {"language": "English"},
}
OTHER = {
    "another therapist": {"therapist": NOOR},
    "other weekdays": {"weekdays": [1, 2, 3, 4, 5, 6]},
    "later hours": {"hours": (time(9, 5), time(17))},
    "hours that end before it": {"hours": (time(6), time(9, 45))},
    "these hours elsewhere": {"hours": (time(9), time(10)), "zone": "Europe/Berlin"},
    "the weekday before, far west": {"weekdays": [0], "zone": "Pacific/Kiritimati", "hours": (time(0), time(12))},
    "a language that she doesn't speak": {"language": "German"},
    "another offering": {"offering": ALONE, "therapist": NOOR},
    "a place where she isn't licensed": {"region": "US-CA"},
}


@pytest.mark.parametrize("what", FITTING)
def test_a_wish_is_served_by_what_fits_it(full, what):
    client, _ = waiting(full, **FITTING[what])

    cancel(full, full.taken)

    assert offered_to(full, client).start == MONDAY_NINE


@pytest.mark.parametrize("what", OTHER)
def test_a_wish_is_not_served_by_anything_else(full, what):
    change_therapist(full, NOOR, languages=["English", "German"])
    client, wished = waiting(full, **OTHER[what])

    cancel(full, full.taken)

    assert offered_to(full, client) is None
    assert wish_state(full, wished) is WishState.WAITING
    assert open_starts(full, MONDAY) == [MONDAY_NINE]


def test_a_freed_time_in_an_open_day_is_offered_itself_and_no_gap_is_left_beside_it(practice):
    held = confirmed(practice, MONDAY_TEN)
    client, _ = waiting(practice)

    cancel(practice, held)

    assert offered_to(practice, client).start == MONDAY_TEN


def test_no_part_of_a_time_that_was_left_is_offered_again(practice):
    held = confirmed(practice, MONDAY_TEN)
    (first, _), (second, _) = waiting(practice), waiting(practice)
    cancel(practice, held)

    cancel(practice, offered_to(practice, first).held)

    assert offered_to(practice, first) is None
    assert offered_to(practice, second).start == MONDAY_TEN


def test_kinder_packing_keeps_no_freed_time_from_whoever_waits_for_it(practice):
    change_therapist(practice, packs=True)
    morning = confirmed(practice, MONDAY_NINE)
    confirmed(practice, MONDAY_NINE + 4 * HOUR)
    client, _ = waiting(practice, hours=(time(9), time(9, 50)))

    cancel(practice, morning)

    assert offered_to(practice, client).start == MONDAY_NINE


# Who may wish


def test_three_wishes_are_enough(practice):
    client = practice.new_client()
    wishes = [wish(practice, client) for _ in range(3)]
    with pytest.raises(TooManyWishes):
        wish(practice, client)

    withdraw(practice, client, wishes[0])

    wish(practice, client)


def test_whoever_takes_no_mail_cannot_wait_for_letters(practice):
    client = practice.new_client()
    with work_in(practice):
        save_contact(practice.person(client), Contact("Robin", client.email, channels=("call",)))

    with pytest.raises(NotByMail):
        wish(practice, client)


def test_whoever_wants_no_letters_any_more_is_offered_nothing_and_it_goes_to_the_next(full):
    (first, _), (second, _) = waiting(full), waiting(full)
    with work_in(full):
        save_contact(full.person(first), Contact("Robin", first.email, channels=("call",)))

    cancel(full, full.taken)

    assert offered_to(full, first) is None
    assert offered_to(full, second).start == MONDAY_NINE


@pytest.mark.parametrize("impossible", [{"language": "Welsh"}, {"therapist": NOOR, "offering": "couple-90-in-person"}])
def test_nobody_waits_for_what_can_never_be(practice, impossible):
    with pytest.raises(NotToWishFor):
        wish(practice, practice.new_client(), **impossible)


def test_nobody_waits_for_what_is_for_staff_alone(practice):
    change_offering(practice, COUPLE, staff_only=True)

    with pytest.raises(NotToWishFor):
        wish(practice, practice.new_client())


def test_those_whom_a_freed_time_can_not_suit_cost_no_query_each(full):
    for _ in range(3):
        waiting(full, weekdays=(2,))
    few = count_statements(lambda: cancel(full, full.taken))
    again = confirmed(full, MONDAY_NINE)
    for _ in range(9):
        waiting(full, weekdays=(2,))

    assert count_statements(lambda: cancel(full, again)) == few


# Wishes that run out, and people who are forgotten


def test_a_wish_runs_out_with_the_intake_that_opens_times(full, clock):
    client, wished = waiting(full)
    other = confirmed(full, MONDAY_NINE + 35 * DAY)
    clock.advance(days=30)
    with work_in(full) as work:  # a new intake opens times again, and makes no old wish a new one
        grant_eligibility(work, full.person(client), Grant(("couple",), ("video",), "US-NY"))

    cancel(full, other)
    assert offered_to(full, client) is None
    assert wish_state(full, wished) is WishState.WAITING
    with full.app.app_context():
        on_attendance_sweep(AttendanceSweep("2027-06-05"))

    assert wish_state(full, wished) is WishState.RUN_OUT


def test_a_wish_that_ran_out_while_a_time_was_kept_for_it_does_not_wait_again(full, clock):
    client, wished = waiting(full)
    other = confirmed(full, MONDAY_NINE + 35 * DAY)
    clock.advance(days=29, hours=20)
    cancel(full, other)
    offered = offered_to(full, client)

    clock.set(offered.deadline)
    full.work_until_idle()

    assert see(full, offered.held).state is State.EXPIRED
    assert wish_state(full, wished) is WishState.RUN_OUT


def count_statements(do):
    """How many statements the database gets from it."""
    with statements() as asked:
        do()
    return len(asked)


def somebody(practice):
    """Whoever sent the intake that was sent last."""
    with practice.app.app_context():
        person = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
        return Client(person.id, person.reference, "Robin", "robin@mail.example")


def everything_wished(practice):
    with practice.app.app_context():
        return [len(db.session.scalars(select(kind)).all()) for kind in (Wish, WishOffer, PlaceWish)]


def test_forgetting_somebody_forgets_what_they_waited_for(full, clock):
    assert send(full.browser()).status_code == 302
    client = somebody(full)
    wish(full, client)
    cancel(full, full.taken)
    cancel(full, offered_to(full, client).held)
    with work_in(full) as work:
        wish_for_place(work, full.person(client), "US-CA")
    assert everything_wished(full) == [1, 1, 1]

    clock.advance(days=31)
    full.work_until_idle()

    assert everything_wished(full) == [0, 0, 0]
    with full.app.app_context():
        assert full.person(client).contact_sealed is None


def test_a_draft_of_somebody_who_waits_for_a_place_is_erased_too(practice, clock):
    answer_until(practice.browser(), 2)
    client = somebody(practice)
    with work_in(practice) as work:
        wish_for_place(work, practice.person(client), "US-CA")

    clock.advance(days=31)
    practice.work_until_idle()

    assert everything_wished(practice) == [0, 0, 0]
    with practice.app.app_context():
        assert db.session.get(Person, client.person_id) is None
    assert broken(practice) == []
