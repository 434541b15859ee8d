"""Lines for taxes: what they hold, what they add up to, and a file that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.csv_files import safe_cell
from practice.money import included_tax, read_percent
from practice.payments.snapshots import MovementKind
from practice.till.tax_report import HEADINGS, Entry, add_up, entry, plain_amount, read_period, write_lines

DAY = date(2027, 5, 5)
minor = st.integers(min_value=-(10**9), max_value=10**9)
percents = st.decimals(min_value="0.001", max_value="99.999", places=3).map(str)
kinds = st.sampled_from([kind for kind in MovementKind if kind is not MovementKind.PAYOUT])


def line(kind: MovementKind, gross: int, fee: int = 0, percent: str | None = "19", number: str = "pa_one") -> Entry:
    amounts = (gross, fee, gross - fee)
    return entry(kind, amounts, "USD", number=number, day=DAY, percent=percent, payout=("po_one", DAY))


@given(st.lists(st.tuples(kinds, minor, st.integers(0, 10**6)), max_size=20), percents)
def test_every_line_and_every_sum_adds_up(moved, percent):
    lines = [line(kind, gross, fee, percent) for kind, gross, fee in moved]
    for one in lines:
        assert one.gross + one.other - one.fee - one.refund == one.net
    for sums in add_up(lines, []):
        assert sums.gross + sums.other - sums.fees - sums.refunds - sums.disputes == sums.net
        assert sums.net == sum(gross - fee for _, gross, fee in moved)
        assert sums.tax == sum(one.tax for one in lines)


@given(minor, percents)
def test_the_tax_of_a_line_is_exact_but_for_half_a_minor_unit(amount, percent):
    exact = amount * Fraction(percent) / (100 + Fraction(percent))
    assert abs(included_tax(amount, percent) - exact) <= Fraction(1, 2)
    assert included_tax(-amount, percent) == -included_tax(amount, percent)
    assert abs(included_tax(amount, percent)) <= abs(amount)


@given(st.lists(minor, min_size=1, max_size=30), percents)
def test_the_sum_of_the_lines_is_off_by_half_a_minor_unit_for_each_line_at_most(amounts, percent):
    together = sum(included_tax(amount, percent) for amount in amounts)
    exact = sum(amounts) * Fraction(percent) / (100 + Fraction(percent))
    assert abs(together - exact) <= Fraction(len(amounts), 2)


def test_tax_is_within_the_price_and_half_goes_away_from_zero():
    assert included_tax(119_00, "19") == 19_00
    assert included_tax(160_00, "8.875") == 13_04
    assert included_tax(3, "20") == 1  # exactly a half
    assert included_tax(-3, "20") == -1
    assert included_tax(160_00, None) == 0


def test_only_what_is_ours_is_taxed_and_what_goes_back_takes_its_tax_along():
    assert line(MovementKind.CHARGE, 119_00).tax == 19_00
    assert line(MovementKind.REFUND, -119_00).tax == -19_00
    assert line(MovementKind.DISPUTE, -119_00).tax == -19_00
    assert line(MovementKind.CHARGE, 119_00, number="").tax == 0
    assert line(MovementKind.FEE, -2_00).tax == line(MovementKind.OTHER, 5_00).tax == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("19", "19"),
        (" 8.875 % ", "8.875"),
        ("7,50", "7.5"),
        ("07", "7"),
        ("5.0", "5"),
        ("0", None),
        ("0.000", None),
        ("", None),
    ],
)
def test_a_rate_is_kept_as_a_plain_decimal(typed, kept):
    assert read_percent(typed) == kept


@pytest.mark.parametrize("typed", ["100", "-1", "8.8755", "1e1", "many", "١٩", "19 20", "=19", ".5", "%"])
def test_a_rate_that_is_none_is_refused_in_words(typed):
    if typed == "%":
        assert read_percent(typed) is None
        return
    with pytest.raises(ValueError, match="like 19"):
        read_percent(typed)


def test_each_kind_stands_in_its_own_column():
    fee = line(MovementKind.FEE, -2_00)
    assert (fee.gross, fee.fee, fee.refund, fee.other, fee.net) == (0, 2_00, 0, 0, -2_00)
    back = line(MovementKind.RETURNED_PAYOUT, 90_00)
    assert (back.gross, back.fee, back.refund, back.other, back.net) == (0, 0, 0, 90_00, 90_00)
    taken = line(MovementKind.DISPUTE, -160_00, 15_00)
    assert (taken.gross, taken.fee, taken.refund, taken.other, taken.net) == (0, 15_00, 160_00, 0, -175_00)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(16000, "USD", "160.00"), (-5, "USD", "-0.05"), (0, "EUR", "0.00"), (160, "JPY", "160"), (-1234, "BHD", "-1.234")],
)
def test_amounts_are_plain_decimals_with_the_digits_of_their_currency(amount, currency, written):
    assert plain_amount(amount, currency) == written


@given(st.text(), st.text())
def test_hostile_lines_come_out_of_the_file_as_one_cell_each(number, payout):
    made = replace(line(MovementKind.REFUND, -40_50), number=number, payout=payout)
    headings, row = csv.reader(io.StringIO(write_lines([made]), newline=""))
    assert tuple(headings) == HEADINGS
    assert row == [
        *(safe_cell(number), "2027-05-05", "refund", "0.00", "-6.47", "0.00", "40.50", "0.00", "-40.50"),
        *("USD", safe_cell(payout), "2027-05-05"),
    ]


def test_a_period_is_a_month_or_a_year():
    assert (read_period("2027-12").first, read_period("2027-12").end) == (date(2027, 12, 1), date(2028, 1, 1))
    assert (read_period("2027").first, read_period("2027").end) == (date(2027, 1, 1), date(2028, 1, 1))
    for wrong in ("", "27", "2027-13", "2027-00", "2027-1", "1999", "3000", "2027-05-01", "２０２７", "2027\n"):
        with pytest.raises(ValueError):
            read_period(wrong)
