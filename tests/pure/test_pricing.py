"""Which price holds for somebody on a day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.booking.prices.amounts import read_share, write_share
from practice.booking.prices.pricing import Agreed, price_on
from practice.money import Money

LISTED = Money(160_00, "USD")
COUPLE, ALONE = 1, 2
FIRST, LAST = date(2027, 5, 10), date(2027, 6, 9)
DAY = timedelta(days=1)


def step(share: Fraction | None, number: int = 1, first: date = FIRST, last: date | None = LAST) -> Agreed:
    return Agreed(number, None, share, None, first, last)


def price(minor: int | None, number: int = 1, first: date = FIRST, last: date | None = LAST) -> Agreed:
    return Agreed(number, COUPLE, None, None if minor is None else Money(minor, "USD"), first, last)


def pays(*agreed: Agreed, on: date = FIRST, offering: int = COUPLE) -> int:
    return price_on(LISTED, agreed, offering, on).minor_units


def test_who_agreed_on_nothing_pays_what_the_list_says():
    assert pays() == 160_00


@pytest.mark.parametrize("agreed", [step(Fraction(6, 10)), price(96_00)])
def test_the_first_and_the_last_day_count_and_the_days_beside_them_do_not(agreed):
    assert [pays(agreed, on=day) for day in (FIRST, LAST)] == [96_00, 96_00]
    assert [pays(agreed, on=day) for day in (FIRST - DAY, LAST + DAY)] == [160_00, 160_00]


def test_without_a_last_day_it_goes_on():
    assert pays(step(Fraction(1, 2), last=None), on=date(2099, 1, 1)) == 80_00


def test_a_price_for_the_offering_goes_before_the_step_whichever_was_made_first():
    assert pays(step(Fraction(1, 2), 1), price(90_00, 2)) == 90_00
    assert pays(price(90_00, 1), step(Fraction(1, 2), 2)) == 90_00


def test_a_price_for_one_offering_says_nothing_of_another():
    assert pays(step(Fraction(1, 2), 1), price(90_00, 2), offering=ALONE) == 80_00


def test_of_two_about_the_same_the_later_one_holds_on_its_days_and_the_earlier_one_around_them():
    usual, spring = step(Fraction(8, 10), 1, last=None), step(Fraction(6, 10), 2, FIRST + DAY, FIRST + DAY)

    assert [pays(spring, usual, on=FIRST + number * DAY) for number in range(3)] == [128_00, 96_00, 128_00]


def test_nothing_agreed_any_more_leads_back_to_what_was_beneath():
    assert pays(step(Fraction(1, 2), 1), step(None, 2)) == 160_00
    assert pays(step(Fraction(1, 2), 1), price(90_00, 2), price(None, 3)) == 80_00


def test_a_price_may_be_nothing():
    assert pays(price(0)) == 0


def test_a_share_is_rounded_once_and_down():
    assert price_on(Money(999, "USD"), [step(Fraction(1, 3))], COUPLE, FIRST) == Money(333, "USD")
    assert price_on(Money(101, "USD"), [step(Fraction(9999, 10_000))], COUPLE, FIRST) == Money(100, "USD")
    assert price_on(Money(12_345, "JPY"), [step(Fraction(8, 10))], COUPLE, FIRST) == Money(9_876, "JPY")
    assert price_on(Money(1_001, "JPY"), [step(Fraction(8, 10))], COUPLE, FIRST) == Money(800, "JPY")


@given(st.integers(0, 10_000_000), st.integers(0, 10_000))
def test_no_share_costs_more_than_it_should_nor_a_whole_unit_less(minor, points):
    found = price_on(Money(minor, "USD"), [step(Fraction(points, 10_000))], COUPLE, FIRST).minor_units

    assert found * 10_000 <= minor * points < (found + 1) * 10_000


@pytest.mark.parametrize(
    ("typed", "points"), [("80", 8000), (" 62.5 % ", 6250), ("0", 0), ("100", 10_000), ("66,67", 6667)]
)
def test_shares_are_read_as_people_write_them(typed, points):
    assert read_share(typed) == points
    assert read_share(write_share(Fraction(points, 10_000))) == points


@pytest.mark.parametrize("typed", ["", "101", "100.01", "-5", "half", "8O", "12.345", "٨٠"])
def test_what_is_no_share_is_refused_in_words(typed):
    with pytest.raises(ValueError, match="percent"):
        read_share(typed)
