"""Amounts of money: whole minor units, one currency, no loss by rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.money import Money

amounts = st.integers(min_value=0, max_value=10**9)
parts = st.fractions(min_value=0, max_value=1, max_denominator=1000)


def test_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Money(-1, "USD")


@pytest.mark.parametrize("amount", [1.0, True, "100", None, Fraction(1, 2)])
def test_only_a_whole_number_is_an_amount(amount):
    with pytest.raises(TypeError):
        Money(amount, "USD")


@pytest.mark.parametrize("code", ["usd", "US", "USDX", "", "U$D", "USD\n", "ÄBC"])
def test_a_currency_is_three_capital_letters(code):
    with pytest.raises(ValueError, match="currency"):
        Money(100, code)


def test_two_currencies_never_mix():
    for mix in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b):
        with pytest.raises(ValueError, match="USD and EUR"):
            mix(Money(1, "USD"), Money(1, "EUR"))


def test_taking_more_than_there_is_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Money(100, "USD") - Money(101, "USD")


@pytest.mark.parametrize(
    ("amount", "part", "share"),
    [
        (101, Fraction(1, 2), 51),  # half a cent rounds up
        (100, Fraction(1, 3), 33),
        (100, Fraction(2, 3), 67),
        (1, Fraction(1, 2), 1),
        (1, Fraction(49, 100), 0),
        (18_000, Fraction(1), 18_000),
        (18_000, Fraction(0), 0),
    ],
)
def test_a_share_rounds_half_a_unit_up(amount, part, share):
    assert Money(amount, "USD").share(part) == Money(share, "USD")


@pytest.mark.parametrize("part", [Fraction(-1, 100), Fraction(101, 100)])
def test_a_share_is_never_less_than_nothing_or_more_than_all(part):
    with pytest.raises(ValueError, match="share"):
        Money(100, "USD").share(part)


@given(amounts, parts)
def test_a_share_is_off_by_at_most_half_a_unit(amount, part):
    off = Money(amount, "USD").share(part).minor_units - amount * part
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@given(amounts, parts)
def test_a_share_and_what_is_left_make_the_whole(amount, part):
    whole = Money(amount, "USD")
    share = whole.share(part)
    assert share + (whole - share) == whole


def test_nothing_to_pay_is_false():
    assert not Money(0, "USD")
    assert Money(1, "USD")
