"""Who may hold what: fairly spread over therapists, capped against hoarding, and by what an intake opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice.booking import holding
from practice.booking.claims import SlotTaken
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import get_staff_offer, offers_of
from practice.database import db
from practice.errors import NotFound
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE

HOUR = timedelta(hours=1)
NOON = MONDAY_NINE + 3 * HOUR  # nine in Los Angeles: both therapists are there


def change(practice, slug, **values):
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(update(Offering).where(Offering.slug == slug).values(**values))


def hold_any(practice, start, client=None):
    client = client or practice.new_client()
    with practice.app.app_context():
        offers = offers_of("couple-50")
        with begin_work() as work:
            return holding.hold_with_any(work, client.person_id, offers, start)


def therapist_of(practice, reference):
    with practice.app.app_context():
        found = select(Therapist.slug).join(Booking, Booking.therapist_id == Therapist.id)
        return db.session.scalars(found.where(Booking.reference == reference)).one()


def test_any_therapist_means_the_one_with_the_fewest_bookings(practice):
    practice.hold(MONDAY_NINE)
    practice.hold(MONDAY_NINE + HOUR)

    assert therapist_of(practice, hold_any(practice, NOON)) == "noor-haddad"


def test_times_with_anybody_are_spread_evenly(practice):
    held = [hold_any(practice, NOON + number * HOUR) for number in range(4)]

    who = [therapist_of(practice, reference) for reference in held]
    assert sorted(who) == ["ada-lindqvist", "ada-lindqvist", "noor-haddad", "noor-haddad"]


def test_whoever_is_free_is_found_though_somebody_else_has_fewer_bookings(practice):
    practice.hold(NOON)
    practice.hold(NOON + HOUR, therapist="noor-haddad")
    practice.hold(NOON + 2 * HOUR, therapist="noor-haddad")

    assert therapist_of(practice, hold_any(practice, NOON)) == "noor-haddad"


def test_a_time_at_which_nobody_is_free_is_taken(practice):
    hold_any(practice, NOON)
    hold_any(practice, NOON)

    with pytest.raises(SlotTaken):
        hold_any(practice, NOON)
    assert practice.breaches() == []


def test_a_refused_hold_leaves_the_client_the_time_that_they_had(practice):
    client = practice.new_client()
    first = practice.hold(MONDAY_NINE, client)
    practice.hold(MONDAY_NINE + HOUR)

    with pytest.raises(SlotTaken):
        practice.hold(MONDAY_NINE + HOUR, client)
    assert practice.state_of(first) == "held"


def test_only_therapists_licensed_where_the_client_is_are_held_with_anybody(practice):
    client = practice.new_client(region="US-CA")

    assert therapist_of(practice, hold_any(practice, NOON, client)) == "noor-haddad"


def test_somebody_where_nobody_is_licensed_is_told_so(practice):
    with pytest.raises(holding.NotLicensed):
        hold_any(practice, NOON, practice.new_client(region="US-TX"))


def test_one_address_holds_no_more_than_a_few_times_at_once(practice):
    def hold_from(address, number):
        client = practice.new_client()
        with practice.app.app_context():
            [offer] = [one for one in offers_of("couple-50") if one.therapist_slug == "ada-lindqvist"]
            with begin_work() as work:
                start = MONDAY_NINE + (number % 7) * HOUR + (number // 7) * timedelta(days=1)
                return holding.hold_slot(work, client.person_id, offer, start, address)

    for number in range(holding.MOST_HELD_FROM_ADDRESS):
        hold_from("here", number)
    with pytest.raises(holding.TooManyHeld):
        hold_from("here", 20)
    assert hold_from("there", 20)

    practice.clock.advance(minutes=11)
    practice.work_until_idle()
    assert hold_from("here", 21)  # those that nobody paid for count no more


def test_a_therapist_has_only_so_many_unpaid_holds_at_once(practice, monkeypatch):
    monkeypatch.setattr(holding, "MOST_HELD_OF_THERAPIST", 3)
    for number in range(3):
        practice.hold(MONDAY_NINE + number * HOUR)

    with pytest.raises(holding.TooManyHeld):
        practice.hold(MONDAY_NINE + 4 * HOUR)


def test_letting_a_time_go_frees_it_at_once(practice):
    held = practice.hold(MONDAY_NINE)
    practice.hold(MONDAY_NINE + HOUR, held.payer)

    assert practice.hold(MONDAY_NINE)


@pytest.mark.parametrize(("caps", "days"), [({"daily_cap": 1}, (0, 1)), ({"weekly_cap": 1}, (0, 7))])
def test_a_full_day_or_week_takes_no_further_session_and_the_next_does(practice, caps, days):
    change(practice, "couple-50", **caps)
    practice.hold(MONDAY_NINE)

    with pytest.raises(holding.NotOffered):
        practice.hold(MONDAY_NINE + 4 * HOUR)
    assert practice.hold(MONDAY_NINE + days[1] * timedelta(days=1))
    assert practice.hold(MONDAY_NINE + 4 * HOUR, offering="individual-50")


def test_a_first_session_is_for_newcomers_and_a_follow_up_for_those_who_have_been_here(practice):
    client = practice.new_client()
    come = practice.hold(MONDAY_NINE, client)
    practice.confirm(come)
    change(practice, "couple-50", visit="first")
    change(practice, "individual-50", visit="follow_up")
    later = MONDAY_NINE + timedelta(days=7)

    with pytest.raises(holding.OtherVisit):
        practice.hold(later, client, offering="individual-50")
    practice.clock.advance(days=6)
    with pytest.raises(holding.OtherVisit):
        practice.hold(later, client)
    assert practice.hold(later, client, offering="individual-50")
    assert practice.hold(later + 2 * HOUR, practice.new_client())


def test_staff_only_and_archived_offerings_are_nothing_that_clients_can_ask_for(practice):
    change(practice, "couple-50", staff_only=True)
    change(practice, "individual-50", active=False)

    for offering in ("couple-50", "individual-50"):
        with pytest.raises(NotFound):
            practice.hold(MONDAY_NINE, offering=offering)
    with practice.app.app_context():
        assert get_staff_offer("ada-lindqvist", "couple-50").staff_only
        with pytest.raises(NotFound):
            get_staff_offer("ada-lindqvist", "individual-50")
