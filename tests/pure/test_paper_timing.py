"""By when an estimate is due: business days, from both sides of each limit."""

from datetime import date

import pytest

from practice.papers.timing import after_business_days, business_days_between, due_on, is_business_day

MONDAY = date(2027, 3, 1)  # no federal holiday in the five weeks from here
THURSDAY = date(2027, 3, 4)


def test_weekends_and_federal_holidays_are_no_business_days():
    assert [is_business_day(date(2027, 3, day)) for day in range(1, 8)] == [True] * 5 + [False] * 2
    assert not is_business_day(date(2027, 7, 5))  # Independence Day falls on a Sunday and is observed on Monday
    assert not is_business_day(date(2027, 11, 25))
    assert is_business_day(date(2027, 11, 26))
    assert not is_business_day(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("session", "ahead", "due"),
    [
        (MONDAY, 0, None),
        (date(2027, 3, 3), 2, None),  # too near for the law to name a day
        (THURSDAY, 3, date(2027, 3, 2)),
        (date(2027, 3, 12), 9, date(2027, 3, 2)),
        (date(2027, 3, 13), 9, date(2027, 3, 2)),  # a Saturday adds none
        (date(2027, 3, 15), 10, THURSDAY),
        (date(2027, 4, 1), 23, THURSDAY),
    ],
)
def test_the_nearer_the_session_the_sooner_the_estimate(session, ahead, due):
    assert business_days_between(MONDAY, session) == ahead
    assert due_on(MONDAY, session) == due


def test_one_business_day_after_a_friday_is_monday_and_after_a_holiday_the_day_behind_it():
    assert due_on(date(2027, 3, 5), date(2027, 3, 10)) == date(2027, 3, 8)
    assert after_business_days(date(2027, 7, 2), 1) == date(2027, 7, 6)


def test_days_count_over_the_turn_of_the_year():
    assert business_days_between(date(2026, 12, 30), date(2027, 1, 5)) == 3  # 31 December, 4 and 5 January
