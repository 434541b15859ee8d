"""Stretches of time, compared with plain sets of minutes."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.spans import EPOCH, TICK, Span, aligned, merge, overlap, subtract, ticks, utc

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(start, end):
    """A span by minutes after nine."""
    return Span(NINE + start * MINUTE, NINE + end * MINUTE)


def minutes(spans):
    """The independent reading: each minute that the spans cover."""
    return {
        minute for one in spans for minute in range(int((one.start - NINE) / MINUTE), int((one.end - NINE) / MINUTE))
    }


spans = st.builds(
    lambda start, length: span(start, start + length), st.integers(0, 60), st.integers(min_value=1, max_value=30)
)
several = st.lists(spans, max_size=8)


def sorted_and_apart(found):
    return all(one.end < other.start for one, other in pairwise(found))


@given(spans, spans)
def test_spans_overlap_when_they_share_a_minute(one, other):
    assert overlap(one, other) == overlap(other, one) == bool(minutes([one]) & minutes([other]))


def test_touching_spans_do_not_overlap():
    assert not overlap(span(0, 50), span(50, 100))


@given(several)
def test_merging_keeps_each_minute_and_leaves_gaps_between(found):
    merged = merge(found)
    assert minutes(merged) == minutes(found)
    assert sorted_and_apart(merged)


@given(several, several)
def test_subtracting_takes_away_exactly_the_taken_minutes(found, taken):
    left = subtract(found, taken)
    assert minutes(left) == minutes(found) - minutes(taken)
    assert sorted_and_apart(left)


@given(several, several)
def test_subtracting_twice_takes_no_more(found, taken):
    left = subtract(found, taken)
    assert subtract(left, taken) == left


def test_a_hole_over_two_spans_shortens_both():
    assert subtract([span(0, 20), span(30, 50)], [span(10, 40)]) == [span(0, 10), span(40, 50)]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (10, 5)])
def test_a_span_ends_after_it_starts(start, end):
    with pytest.raises(ValueError, match="end after"):
        span(start, end)


def test_a_time_without_a_zone_is_refused():
    naive = datetime(2026, 3, 3, 9)  # noqa: DTZ001 - the very thing that is refused
    for start, end in ((naive, NINE + TICK), (NINE - TICK, naive), (naive, naive + TICK)):
        with pytest.raises(ValueError, match="without a zone"):
            Span(start, end)


def test_a_time_of_another_zone_is_kept_as_utc():
    berlin = ZoneInfo("Europe/Berlin")
    kept = Span(datetime(2026, 3, 3, 10, tzinfo=berlin), datetime(2026, 3, 3, 11, tzinfo=timezone(timedelta(hours=1))))
    assert kept == span(0, 60)
    assert kept.start.tzinfo is UTC
    assert kept.end.tzinfo is UTC


def test_an_hour_over_the_change_to_winter_time_is_two_hours_long():
    berlin = ZoneInfo("Europe/Berlin")
    night = Span(datetime(2026, 10, 25, 2, tzinfo=berlin), datetime(2026, 10, 25, 3, tzinfo=berlin))
    assert night.length == timedelta(hours=2)


def test_the_second_of_two_equal_wall_times_is_an_hour_later():
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    assert utc(first.replace(fold=1)) - utc(first) == timedelta(hours=1)


def test_buffers_widen_a_span():
    assert span(0, 50).widened(5 * MINUTE, 10 * MINUTE) == span(-5, 60)


@given(st.integers(-1000, 10**7), st.integers(1, 500))
def test_the_ticks_of_a_span_count_five_minutes_since_the_epoch(first, count):
    covered = Span(EPOCH + first * TICK, EPOCH + (first + count) * TICK)
    assert ticks(covered) == range(first, first + count)


@given(spans, spans)
def test_spans_overlap_exactly_when_their_ticks_meet(one, other):
    one, other = (Span(NINE + (s.start - NINE) * 5, NINE + (s.end - NINE) * 5) for s in (one, other))
    assert bool(set(ticks(one)) & set(ticks(other))) == overlap(one, other)


@pytest.mark.parametrize("off", [MINUTE, timedelta(seconds=1), timedelta(microseconds=1), 4 * MINUTE])
def test_a_span_between_two_ticks_has_none(off):
    assert not aligned(NINE + off)
    for start, end in ((NINE + off, NINE + TICK), (NINE, NINE + TICK + off)):
        with pytest.raises(ValueError, match="five minutes"):
            ticks(Span(start, end))
