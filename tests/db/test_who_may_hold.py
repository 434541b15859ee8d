"""What a client may hold: caps, visits, staff-only and archived offerings, and times beside other sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking import holding
from practice.booking.holding import NotEligible, NotLicensed, NotOffered, OtherVisit, hold_with_any
from practice.booking.lifecycle import State, Trigger
from practice.booking.offers.queries import find_offers, offers_of
from practice.errors import NotFound
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    ADA,
    ALONE,
    COUPLE,
    NOOR,
    broken,
    cancel,
    change_offering,
    change_therapist,
    confirmed,
    keep_for,
    mark,
    open_starts,
    see,
)
from tests.support.story import Held

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = MONDAY_NINE.date()
BOTH_OPEN = MONDAY_NINE + 4 * HOUR  # one in New York, ten in Los Angeles


# Caps


def test_a_daily_cap_counts_what_is_held_and_what_stands_of_that_offering_and_therapist(practice):
    change_offering(practice, daily_cap=2)
    confirmed(practice, MONDAY_NINE)
    practice.hold(MONDAY_TEN, offering=ALONE)
    held = practice.hold(MONDAY_TEN + HOUR)
    practice.hold(BOTH_OPEN, therapist=NOOR)

    assert open_starts(practice, MONDAY) == []
    with pytest.raises(NotOffered):
        practice.hold(MONDAY_TEN + 2 * HOUR)

    practice.hold(MONDAY_NINE + DAY)
    cancel(practice, held)
    practice.hold(MONDAY_TEN + 2 * HOUR)


def test_a_weekly_cap_counts_from_monday_in_the_therapists_own_calendar(practice):
    change_offering(practice, weekly_cap=2)
    practice.hold(MONDAY_NINE)
    friday_four = MONDAY_NINE + 4 * DAY + 7 * HOUR
    practice.hold(friday_four)

    for start in (MONDAY_TEN, MONDAY_NINE + 2 * DAY):
        with pytest.raises(NotOffered):
            practice.hold(start)

    assert open_starts(practice, MONDAY) == []
    practice.hold(MONDAY_NINE + 7 * DAY)
    practice.hold(MONDAY_NINE - 3 * DAY)


def test_a_cap_counts_sessions_that_took_place(practice, clock):
    change_offering(practice, daily_cap=1, notice_hours=0)
    held = confirmed(practice, MONDAY_NINE)
    clock.set(MONDAY_TEN)

    mark(practice, held, Trigger.NO_SHOW)

    with pytest.raises(NotOffered):
        practice.hold(MONDAY_TEN + HOUR)


def test_a_cap_is_counted_under_the_therapists_lock(practice, monkeypatch):
    change_offering(practice, daily_cap=1)
    order = []
    for name in ("lock_resources", "refuse_unless_offered"):
        real = getattr(holding, name)
        monkeypatch.setattr(holding, name, lambda *args, name=name, real=real: (order.append(name), real(*args))[1])

    practice.hold(MONDAY_NINE)

    assert order == ["lock_resources", "refuse_unless_offered"]


def test_staff_are_not_bound_by_a_cap(practice):
    change_offering(practice, daily_cap=1)
    practice.hold(MONDAY_NINE)

    keep_for(practice, practice.new_client(), MONDAY_TEN)

    assert broken(practice) == []


# Whom an offering is for


def test_clients_never_hold_what_is_for_staff_alone(practice):
    change_offering(practice, staff_only=True)

    with pytest.raises(NotFound):
        practice.hold(MONDAY_NINE)

    with practice.app.app_context():
        assert offers_of(COUPLE) == []
    assert practice.browser(practice.new_client()).get(f"/times/{ADA}?offering={COUPLE}").status_code == 404
    keep_for(practice, practice.new_client(), MONDAY_NINE)


def test_nobody_holds_what_is_archived_and_what_was_booked_of_it_stands(practice):
    held = confirmed(practice, MONDAY_NINE)
    change_offering(practice, active=False)

    with pytest.raises(NotFound):
        practice.hold(MONDAY_TEN)
    with pytest.raises(NotFound):
        keep_for(practice, practice.new_client(), MONDAY_TEN)

    assert see(practice, held).state is State.CONFIRMED
    assert practice.browser(held.payer).get(f"/bookings/{held.reference}").status_code == 200
    assert broken(practice) == []


def test_a_therapist_who_left_is_not_booked_any_more(practice):
    change_therapist(practice, active=False)

    with pytest.raises(NotFound):
        practice.hold(MONDAY_NINE)


def test_a_first_session_is_for_whoever_has_not_been_here(practice, clock):
    change_offering(practice, visit="first")
    client = practice.new_client()
    held = confirmed(practice, MONDAY_NINE, client)
    practice.hold(MONDAY_TEN, client)  # before the first has taken place, nobody has been here
    clock.set(MONDAY_NINE + 2 * HOUR)

    with pytest.raises(OtherVisit):
        practice.hold(MONDAY_NINE + 7 * DAY, client)

    mark(practice, held, Trigger.NO_SHOW)
    practice.hold(MONDAY_NINE + 7 * DAY, client)


def test_a_follow_up_is_for_whoever_has(practice, clock):
    client = practice.new_client()
    confirmed(practice, MONDAY_NINE, client)
    change_offering(practice, visit="follow_up")
    with pytest.raises(OtherVisit):
        practice.hold(MONDAY_NINE + 7 * DAY, client)
    clock.set(MONDAY_NINE + HOUR)

    practice.hold(MONDAY_NINE + 7 * DAY, client)

    with pytest.raises(OtherVisit):
        practice.hold(MONDAY_TEN + 7 * DAY)


def test_an_intake_that_has_run_out_or_says_another_place_opens_nothing(practice, clock):
    elsewhere = practice.new_client(region="US-CA")
    with pytest.raises(NotLicensed):
        practice.hold(MONDAY_NINE, elsewhere)
    practice.hold(BOTH_OPEN, elsewhere, therapist=NOOR)
    client = practice.new_client()
    clock.advance(days=30)

    with pytest.raises(NotEligible):
        practice.hold(MONDAY_NINE + 35 * DAY, client)


def test_bookings_of_another_month_do_not_count_where_times_are_spread(practice):
    for number in range(3):
        practice.hold(MONDAY_NINE + 28 * DAY + number * HOUR)
    practice.hold(BOTH_OPEN + DAY, therapist=NOOR)
    client = practice.new_client()

    with practice.app.app_context():
        offers = offers_of(COUPLE)
        with begin_work() as work:
            held = Held(hold_with_any(work, client.person_id, offers, BOTH_OPEN), client)
        slugs = {offer.therapist_id: offer.therapist_slug for offer in find_offers().values()}

    assert slugs[see(practice, held).therapist_id] == ADA


# Kinder packing


def test_a_therapist_who_packs_shows_times_beside_other_sessions(practice):
    unpacked = open_starts(practice, MONDAY)
    change_therapist(practice, packs=True)
    assert open_starts(practice, MONDAY) == unpacked  # an empty day has nothing to be beside of

    practice.hold(MONDAY_NINE + 3 * HOUR)

    assert open_starts(practice, MONDAY) == [MONDAY_NINE + 2 * HOUR, MONDAY_NINE + 4 * HOUR]
    assert len(open_starts(practice, MONDAY + DAY)) == len(unpacked)


def test_what_packing_leaves_out_can_still_be_held_by_whoever_saw_it(practice):
    change_therapist(practice, packs=True)
    practice.hold(MONDAY_NINE + 3 * HOUR)

    practice.hold(MONDAY_NINE)

    assert broken(practice) == []
