"""`practice explain-slots`: each candidate of a day, and what stands in its way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from practice import doctor
from practice.booking.offers.queries import get_offer
from tests.support.clock import MONDAY_NINE

MONDAY = date(2027, 5, 10)


@pytest.fixture
def explain(practice):
    """The lines for the Monday, as seen so long before 9:00 of it."""

    def lines(*, before: timedelta = timedelta(days=5)) -> list[str]:
        now: datetime = MONDAY_NINE - before
        with practice.app.app_context():
            return list(doctor.explain(get_offer("ada-lindqvist", "couple-50"), MONDAY, now))

    return lines


def test_each_candidate_of_an_empty_day_is_offered(explain):
    first, *candidates = explain()
    assert "Monday 2027-05-10 in America/New_York" in first
    assert candidates[0] == "  09:00 EDT  offered"
    assert candidates[-1] == "  16:00 EDT  offered"
    assert len(candidates) == 15


def test_a_refused_candidate_shows_the_booking_in_its_way(practice, explain):
    practice.hold(MONDAY_NINE + timedelta(hours=1))
    lines = explain()
    assert "  09:30 EDT  not offered, busy: 10:00 to 11:00" in lines
    assert "  09:00 EDT  offered" in lines
    assert "  11:00 EDT  offered" in lines


def test_a_candidate_within_the_notice_shows_from_when_on_times_are_open(explain):
    lines = explain(before=timedelta(hours=23))
    assert "  09:30 EDT  not offered, too_soon: nothing before 2027-05-10 10:00 EDT" in lines
    assert "  10:00 EDT  offered" in lines


def test_a_candidate_beyond_the_horizon_shows_until_when_times_are_open(explain):
    lines = explain(before=timedelta(days=60))
    assert "  09:00 EDT  offered" in lines
    assert "  09:30 EDT  not offered, too_far: nothing after 2027-05-10 09:00 EDT" in lines
