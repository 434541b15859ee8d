"""Kinder packing: what touches goes first, and no day loses its only times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from practice.booking.packing import neighbours_first
from practice.booking.slots import SlotRules
from practice.spans import Span, overlap
from tests.support.counting import examples

MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
RULES = SlotRules(50 * MINUTE, 30 * MINUTE, 0 * MINUTE, 10 * MINUTE, 0 * MINUTE, 9000 * 60 * MINUTE, None)


def at(hours):
    return Span(NINE + hours * 60 * MINUTE, NINE + hours * 60 * MINUTE + RULES.session)


def test_an_empty_day_shows_all_its_times():
    slots = [at(0), at(1), at(5)]
    assert neighbours_first(slots, RULES, [], "UTC") == slots


def test_beside_a_session_only_the_times_that_touch_it_are_shown():
    taken = RULES.blocked(at(2).start)
    slots = [at(0), at(1), at(3), at(4), at(5)]

    assert neighbours_first(slots, RULES, [taken], "UTC") == [at(1), at(3)]


def test_a_time_touches_while_no_other_would_fit_between():
    taken = Span(NINE + 90 * MINUTE, NINE + 150 * MINUTE)

    assert neighbours_first([at(0), at(-1)], RULES, [taken], "UTC") == [at(-1), at(0)]  # 30 minutes are left: a step
    nearer = Span(NINE + 85 * MINUTE, NINE + 150 * MINUTE)
    assert neighbours_first([at(0), at(-1)], RULES, [nearer], "UTC") == [at(0)]
    earlier = Span(NINE - 60 * MINUTE, NINE - 30 * MINUTE)
    assert neighbours_first([at(0), at(1)], RULES, [earlier], "UTC") == [at(0), at(1)]
    later = Span(NINE - 60 * MINUTE, NINE - 25 * MINUTE)
    assert neighbours_first([at(0), at(1)], RULES, [later], "UTC") == [at(0)]


def test_a_busy_time_inside_a_longer_one_does_not_hide_its_end():
    long, inside = Span(NINE - 300 * MINUTE, NINE), Span(NINE - 240 * MINUTE, NINE - 180 * MINUTE)

    assert neighbours_first([at(0), at(1)], RULES, [inside, long], "UTC") == [at(0)]


def test_a_day_whose_times_all_stand_alone_keeps_them():
    taken = RULES.blocked(at(0).start)
    assert neighbours_first([at(3), at(6)], RULES, [taken], "UTC") == [at(3), at(6)]


def test_days_are_the_therapists_own():
    late, next_morning = at(18), at(24)  # 3:00 and 9:00 UTC of the next date; 23:00 and 5:00 in New York
    taken = RULES.blocked(at(17).start)

    assert neighbours_first([late, next_morning], RULES, [taken], "America/New_York") == [late, next_morning]
    assert neighbours_first([late, next_morning], RULES, [taken], "UTC") == [late]


def test_a_date_that_the_clock_shows_in_two_pieces_is_one_day():
    """In 2010 the clock of St. John's went from 0:01 on 7 November back to 23:01 on the 6th."""
    evening = Span(datetime(2010, 11, 7, 0, 30, tzinfo=UTC), datetime(2010, 11, 7, 1, 20, tzinfo=UTC))  # 22:00
    second_half_past_eleven = Span(datetime(2010, 11, 7, 3, tzinfo=UTC), datetime(2010, 11, 7, 3, 50, tzinfo=UTC))
    midnight = Span(datetime(2010, 11, 7, 2, 30, tzinfo=UTC), datetime(2010, 11, 7, 3, 20, tzinfo=UTC))
    taken = Span(evening.start - 60 * MINUTE, evening.start)
    slots = [evening, midnight, second_half_past_eleven]

    assert neighbours_first(slots, RULES, [taken], "America/St_Johns") == [evening, midnight]


def touches(slot, busy):
    """Asked of each busy span in turn, apart from any other."""
    blocked = RULES.blocked(slot.start)
    after, behind = (
        [one.start - blocked.end for one in busy if one.start >= blocked.end],
        [blocked.start - one.end for one in busy if one.end <= blocked.start],
    )
    return any(gap < RULES.step for gap in after + behind)


STARTS = (NINE, datetime(2010, 11, 6, 12, tzinfo=UTC))
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe")
quarters = st.integers(0, 120)
lengths = st.integers(1, 12)


@given(
    st.sampled_from(STARTS),
    st.sampled_from(ZONES),
    st.sets(quarters, max_size=40),
    st.lists(st.tuples(quarters, lengths), max_size=10),
)
@settings(max_examples=examples(200), deadline=None)
def test_of_each_day_the_times_that_touch_are_shown_or_else_all_of_them(begin, zone, starts, taken):
    busy = [Span(begin + start * 15 * MINUTE, begin + (start + length) * 15 * MINUTE) for start, length in taken]
    every = [Span(begin + start * 15 * MINUTE, begin + start * 15 * MINUTE + RULES.session) for start in starts]
    slots = [slot for slot in every if not any(overlap(RULES.blocked(slot.start), one) for one in busy)]

    days = {}
    for slot in slots:
        days.setdefault(slot.start.astimezone(ZoneInfo(zone)).date(), set()).add(slot)
    expected = set()
    for day in days.values():
        expected |= {slot for slot in day if touches(slot, busy)} or day

    assert neighbours_first(slots, RULES, busy, zone) == sorted(expected)
