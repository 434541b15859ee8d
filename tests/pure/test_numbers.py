"""Counting: weeks as calendars have them, nothing where there is nothing to divide by, and small numbers kept back."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.numbers.answers import Said, Trust, average_trust, count_chosen
from practice.numbers.counting import (
    Flow,
    Request,
    Session,
    count_looks,
    count_money,
    count_requests,
    count_sessions,
)
from practice.numbers.drawing import PAPERS, draw
from practice.numbers.periods import (
    find_period,
    local_day,
    months_before,
    quarters_before,
    span_of,
    weeks_before,
)
from practice.numbers.series import HIDDEN, Hidden, Value, percent, rounded, trend, write
from practice.numbers.suppressing import LEAST, suppress

ZONE = "America/New_York"
TODAY = date(2027, 5, 5)
WEEKS = weeks_before(TODAY, 13)
QUARTERS = quarters_before(TODAY, 2)
ONE, TWO, THREE, FOUR = "abcd"


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


# Periods


def test_only_weeks_that_are_over_count():
    assert (WEEKS[-1].name, WEEKS[-1].first, WEEKS[-1].end) == ("2027-W17", date(2027, 4, 26), date(2027, 5, 3))
    assert weeks_before(date(2027, 5, 2), 1)[0].end == date(2027, 4, 26)  # a Sunday is not over
    assert weeks_before(date(2027, 5, 3), 1)[0].end == date(2027, 5, 3)


def test_weeks_are_iso_weeks_also_around_new_year():
    found = weeks_before(date(2027, 1, 12), 3)
    assert [(week.name, week.first.isoformat()) for week in found] == [
        ("2026-W52", "2026-12-21"),
        ("2026-W53", "2026-12-28"),
        ("2027-W01", "2027-01-04"),
    ]


def test_months_and_quarters_are_whole_ones():
    assert [month.name for month in months_before(TODAY, 3)] == ["2027-02", "2027-03", "2027-04"]
    assert [quarter.name for quarter in quarters_before(TODAY, 2)] == ["2026-Q4", "2027-Q1"]
    assert months_before(date(2027, 4, 1), 1)[0].name == "2027-03"
    assert quarters_before(date(2027, 4, 1), 1)[0].name == "2027-Q1"
    assert quarters_before(date(2027, 3, 31), 1)[0].name == "2026-Q4"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([weeks_before, months_before, quarters_before]))
def test_periods_touch_and_every_day_of_them_lies_in_one(today, before):
    found = before(today, 5)
    assert all(one.end == following.first for one, following in pairwise(found))
    assert found[-1].end <= today
    days = [found[0].first + timedelta(days=number) for number in range((found[-1].end - found[0].first).days)]
    assert [sum(one.first <= day < one.end for one in found) for day in days] == [1] * len(days)
    assert all(found[find_period(found, day)].first <= day for day in days)
    assert find_period(found, found[0].first - timedelta(days=1)) is find_period(found, found[-1].end) is None


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC"])
def test_each_instant_of_a_year_lies_in_the_week_of_its_local_day(zone):
    weeks = weeks_before(date(2027, 7, 1), 52)
    begins, ends = span_of(weeks, zone)
    assert (local_day(begins, zone), local_day(ends - timedelta(seconds=1), zone)) == (
        weeks[0].first,
        weeks[-1].end - timedelta(days=1),
    )
    for hour in range(0, 52 * 7 * 24, 5):
        moment = begins + timedelta(hours=hour)
        week = find_period(weeks, local_day(moment, zone))
        if moment < ends:
            assert week is not None
            assert weeks[week].first <= moment.astimezone(ZoneInfo(zone)).date() < weeks[week].end


def test_a_week_with_a_changed_clock_counts_its_first_and_its_last_minute():
    [week] = weeks_before(date(2027, 3, 15), 1)  # clocks go forward on Sunday the 14th
    inside = [at(week.first, 0), at(date(2027, 3, 15), 0) - timedelta(minutes=1)]
    outside = [at(week.first, 0) - timedelta(minutes=1), at(date(2027, 3, 15), 0)]
    [series, _] = count_requests([week], ZONE, [Request(one, None, became=False) for one in inside + outside])
    assert series.lines[0].values == (2,)
    begins, ends = span_of([week], ZONE)
    assert ends - begins == timedelta(hours=167)


# Requests, sessions, money


def test_a_week_without_requests_has_no_percentage_rather_than_none_of_a_hundred():
    sent = at(WEEKS[3].first)
    bars, share = count_requests(WEEKS, ZONE, [Request(sent, None, became=False), Request(sent, None, became=True)])
    assert [line.values[3] for line in bars.lines] == [2, 1]
    assert [line.values[4] for line in bars.lines] == [0, 0]
    assert (share.lines[0].values[3], share.lines[0].values[4]) == (50, None)
    assert share.rows()[4] == ["2027-03-01", "", "0"]


def test_the_first_look_is_the_middle_one_and_who_waits_still_is_counted_apart():
    sent = at(WEEKS[0].first)
    hours = [1, 2, 30]
    looked = [Request(sent, sent + timedelta(hours=one), became=False) for one in hours]
    series = count_looks(WEEKS, ZONE, [*looked, Request(sent, None, became=False)])
    assert series.rows()[0][1:] == ["2.0", "3", "1"]
    assert series.rows()[1][1:] == ["", "0", "0"]
    assert series.said.startswith("Half of the 3 requests that were looked at had waited 2.0 hours or less; 1 were")


def test_the_show_rate_is_of_what_is_marked():
    when = at(WEEKS[0].first)
    sessions = [Session(when, how) for how in ("attended", "attended", "missed", "late", "unmarked")]
    rate, missed = count_sessions(WEEKS, ZONE, sessions)
    assert rate.rows()[0][1:] == ["67", "2", "1"]
    assert missed.rows()[0][1:] == ["1", "1", "1"]
    assert rate.rows()[1][1:] == ["", "0", "0"]
    assert not rate.is_empty
    nobody = count_sessions(WEEKS, ZONE, [Session(when, "missed")])[0]
    assert (nobody.lines[0].values[0], nobody.is_empty) == (0, False)


def test_money_is_in_the_digits_of_its_currency():
    when = at(WEEKS[0].first)
    dollars = count_money(WEEKS, ZONE, "USD", [Flow(when, 160_00, back=False), Flow(when, 40_50, back=True)])
    assert dollars.rows()[0][1:] == ["160.00", "40.50", "119.50"]
    yen = count_money(WEEKS, ZONE, "JPY", [Flow(when, 16000, back=False), Flow(when, 20000, back=True)])
    assert yen.rows()[0][1:] == ["16000", "20000", "-4000"]
    assert "-4000 JPY were kept" in yen.said


def test_numbers_are_rounded_once_and_a_half_goes_up():
    assert (percent(1, 8), percent(1, 200), percent(0, 3), percent(0, 0)) == (13, 1, 0, None)
    assert rounded(Decimal("2.25"), 1) == Decimal("2.3")
    assert (write(None, 1), write(HIDDEN, 1), write(Decimal("2.30"), 1), write(12000, 0)) == (
        "",
        "not shown",
        "2.3",
        "12000",
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, 0], "about as many as"),
        ([10, 11], "about as many as"),
        ([10, 12], "more than"),
        ([10, 99, 8], "fewer than"),
        ([0, 1], "more than"),
        ([], "about as many as"),
    ],
)
def test_a_trend_is_the_later_half_against_the_earlier(values, said):
    assert trend(values) == said


# Small numbers


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_no_small_number_is_shown_and_none_follows_from_the_sum(counts):
    shown = suppress(counts)
    assert all(value is HIDDEN or value == count for value, count in zip(shown, counts, strict=True))
    assert all(value is HIDDEN or value >= LEAST for value in shown)
    hidden = [count for value, count in zip(shown, counts, strict=True) if value is HIDDEN]
    if hidden and len(hidden) < len(counts):
        assert len(hidden) > 1
        assert sum(hidden) >= LEAST


def test_whoever_knows_the_rule_still_cannot_tell_a_number_that_is_kept_back():
    """Of all the ways to have answered that look the same, each number that is hidden is one of four or more."""
    looks: dict[tuple[Value, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(20), repeat=3):
        looks[suppress(counts)].append(counts)
    within = {shown: ways for shown, ways in looks.items() if max(max(way) for way in ways) < 13}
    assert len(within) > 100
    for shown, ways in within.items():
        for place, value in enumerate(shown):
            if value is HIDDEN:
                assert len({way[place] for way in ways}) > 3, (shown, ways)


def test_nothing_is_shown_of_four_people():
    assert suppress([4, 0, 0]) == (HIDDEN, HIDDEN, HIDDEN)


def said(quarter: int, *codes: str, times: int = 1) -> list[Said]:
    return [Said(QUARTERS[quarter].first, codes)] * times


def test_options_are_counted_by_quarter_each_person_once():
    options = {ONE: "A word", TWO: "=Another"}
    people = [*said(0, ONE, ONE, TWO, times=6), *said(1, ONE, times=5), *said(1, TWO, times=7)]
    series = count_chosen("goals", "Goals", QUARTERS, options, people)
    assert series.rows() == [["A: A word", "6", "5"], ["B: =Another", "6", "7"]]
    assert series.said == "In 2027-Q1 most people, 7, chose “=Another”."


def test_what_is_not_asked_any_more_is_counted_together():
    series = count_chosen(
        "goals", "Goals", QUARTERS, {ONE: "A word"}, [*said(1, ONE, times=9), *said(1, "old", times=6)]
    )
    assert [row[2] for row in series.rows()] == ["9", "6"]
    assert series.labels[1] == "B: Something that is not asked any more"


def test_a_small_number_stands_in_no_sentence_table_or_picture():
    people = [*said(1, ONE, times=3), *said(1, TWO, times=4)]
    series = count_chosen("goals", "Goals", QUARTERS, {ONE: "A word", TWO: "Another"}, people)
    assert [row[2] for row in series.rows()] == ["not shown", "not shown"]
    assert series.said == "In 2027-Q1 too few people chose the same for a number."
    few = count_chosen("goals", "Goals", QUARTERS, {ONE: "A word"}, said(1, ONE, times=4))
    assert few.is_empty
    assert [row[2] for row in few.rows()] == ["not shown"]


def test_trust_is_the_mean_of_peoples_own_means_and_of_five_at_least():
    months = months_before(TODAY, 2)
    march, april = months[0].first, months[1].first
    four = [Trust(who, march, 10) for who in range(4)]
    five = [Trust(who, april, 4) for who in range(4)] + [Trust(9, april, 10), Trust(9, april, 9)]
    series = average_trust(months, four + five)
    assert series.rows() == [["2027-03", "not shown", "not shown"], ["2027-04", "5.1", "5"]]
    assert series.said == "Trust was 5.1 in 2027-04, on a scale from 0 to 10."
    assert average_trust(months, []).rows() == [["2027-03", "", ""], ["2027-04", "", ""]]
    both = average_trust(months, five + [Trust(one.who, march, one.value) for one in five])
    assert both.said == "Trust stayed from 5.1 in 2027-03 to 5.1 in 2027-04, on a scale from 0 to 10."


# Pictures


@pytest.mark.parametrize("paper", PAPERS)
def test_a_picture_draws_what_is_shown_and_nothing_of_what_is_kept_back(paper):
    people = [*said(0, ONE, times=9), *said(0, TWO, times=8), *said(0, THREE, times=3), *said(0, FOUR, times=4)]
    options = {ONE: "1", TWO: "2", THREE: "3", FOUR: "4"}
    series = count_chosen("goals", "Goals", QUARTERS[:1], options, people)
    assert [isinstance(one, Hidden) for one in series.lines[0].values] == [False, False, True, True]
    picture = draw(series, paper).decode()
    assert picture.count('<desc class="value">') == 2
    assert draw(series, paper).decode() == picture


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 10**7), min_size=13, max_size=13))
def test_a_picture_of_any_numbers_is_drawn_within_its_rules(minors):
    flows = [Flow(at(week.first), minor, back=False) for week, minor in zip(WEEKS, minors, strict=True)]
    picture = draw(count_money(WEEKS, ZONE, "USD", flows), "light").decode()
    assert "NaN" not in picture
    assert "inf" not in picture
