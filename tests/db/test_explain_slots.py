"""`practice explain-slots`: each candidate of a day, and what stands in its way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from practice.booking.explaining import explain_day, explain_lines
from practice.booking.offers.models import DayOverride, TimeOff
from practice.booking.offers.queries import get_staff_offer, get_therapist
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    IN_PERSON,
    add_room,
    block,
    change_offering,
    change_therapist,
    confirmed,
    keep_for,
    lend_room,
    resource_of,
    teach,
    work_in,
)

MONDAY = date(2027, 5, 10)


@pytest.fixture
def explain(practice):
    """The lines for a day, as seen so long before 9:00 of the Monday."""

    def lines(
        *,
        before: timedelta = timedelta(days=5),
        day: date = MONDAY,
        offering: str = "couple-50",
        therapist: str = "ada",
    ) -> list[str]:
        now: datetime = MONDAY_NINE - before
        slug = {"ada": "ada-lindqvist", "noor": "noor-haddad"}[therapist]
        with practice.app.app_context():
            return list(explain_lines(explain_day(get_staff_offer(slug, offering), day, now)))

    return lines


def test_each_candidate_of_an_empty_day_is_offered(explain):
    first, *candidates = explain()
    assert "Monday 2027-05-10 in America/New_York" in first
    assert candidates[0] == "  09:00 EDT  offered"
    assert candidates[-1] == "  16:00 EDT  offered"
    assert len(candidates) == 15


def test_a_refused_candidate_shows_the_session_in_its_way_with_its_state(practice, explain):
    held = confirmed(practice, MONDAY_TEN)
    lines = explain()
    assert f"  09:30 EDT  not offered, busy: session {held.reference}, 10:00 am to 11:00 am, confirmed" in lines, lines
    assert "  09:00 EDT  offered" in lines
    assert "  11:00 EDT  offered" in lines


def test_a_hold_in_the_way_shows_until_when_it_is_kept(practice, explain):
    held = practice.hold(MONDAY_TEN)
    kept = keep_for(practice, practice.new_client(), MONDAY_TEN + timedelta(hours=2))
    lines = explain()
    until = "until Wednesday 5 May, 8:10 am Eastern Time"
    assert f"  10:00 EDT  not offered, busy: hold {held.reference}, 10:00 am to 11:00 am, being paid, {until}" in lines
    until = "until Thursday 6 May, 8:00 am Eastern Time"
    said = f"hold {kept.reference}, 12:00 pm to 1:00 pm, kept for somebody, {until}"
    assert f"  12:00 EDT  not offered, busy: {said}" in lines


def test_blocked_time_in_the_way_is_named(practice, explain):
    named = block(practice, resource_of(practice), MONDAY_TEN, minutes=45)
    assert f"  10:30 EDT  not offered, busy: block {named}, 10:00 am to 10:45 am" in explain()


def test_a_candidate_within_the_notice_shows_from_when_on_times_are_open(explain):
    lines = explain(before=timedelta(hours=23))
    said = "the notice is 24 hours, nothing before Monday 10 May, 10:00 am Eastern Time"
    assert f"  09:30 EDT  not offered, too_soon: {said}" in lines
    assert "  10:00 EDT  offered" in lines


def test_a_candidate_beyond_the_horizon_shows_until_when_times_are_open(explain):
    lines = explain(before=timedelta(days=60))
    assert "  09:00 EDT  offered" in lines
    said = "the horizon is 60 days, nothing after Monday 10 May, 9:00 am Eastern Time"
    assert f"  09:30 EDT  not offered, too_far: {said}" in lines


def test_a_full_day_and_a_full_week_name_their_caps(practice, explain):
    change_offering(practice, daily_cap=1, weekly_cap=2)
    practice.hold(MONDAY_NINE)
    assert "  15:00 EDT  not offered, day_full: the day has 1, which is its cap" in explain()

    practice.hold(MONDAY_NINE + timedelta(days=1))
    wednesday = explain(day=date(2027, 5, 12))
    assert "  15:00 EDT  not offered, week_full: the week of Monday 10 May has 2, which is its cap" in wednesday


def test_where_no_room_is_free_each_room_says_what_it_has(practice, explain):
    resource_id = add_room(practice, "Quince")
    lend_room(practice, "Quince", "noor-haddad")
    teach(practice, "noor-haddad", IN_PERSON)
    blocked = block(practice, resource_id, MONDAY_NINE + timedelta(hours=4))  # 10:00 in Los Angeles, for Noor
    lines = explain(offering=IN_PERSON, therapist="noor")
    assert f"  10:00 PDT  not offered, no_room: Quince has block {blocked}, 10:00 am to 11:00 am" in lines
    assert "  11:00 PDT  offered" in lines


def test_a_day_without_candidates_says_why(practice, explain):
    def closed(day: date) -> str:
        [_, line] = explain(day=day)
        return line

    change_therapist(practice, holiday_region="US-NY")
    with work_in(practice) as work:
        ada = get_therapist("ada-lindqvist")
        work.session.add(TimeOff(therapist_id=ada.id, first_day=date(2027, 5, 17), last_day=date(2027, 5, 21)))
        work.session.add(DayOverride(therapist_id=ada.id, day=date(2027, 5, 12), kind="closed"))

    assert closed(date(2027, 5, 18)) == "  no candidates: time off"
    assert closed(date(2027, 5, 12)) == "  no candidates: closed on this date"
    assert closed(date(2027, 5, 31)) == "  no candidates: public holiday, Memorial Day"
    assert closed(date(2027, 5, 16)) == "  no candidates: no hours on this weekday"


def test_a_day_whose_hours_are_too_short_says_so(practice, explain):
    change_offering(practice, session_minutes=500)
    [_, line] = explain()
    assert line == "  no candidates: open 9:00 am to 5:00 pm, too short for 500 minutes"
