"""Kinder packing: what touches goes first, and no day loses its only times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from practice.booking.packing import neighbours_first
from practice.booking.slots import SlotRules
from practice.spans import Span

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


def test_a_day_whose_times_all_stand_alone_keeps_them():
    taken = RULES.blocked(at(0).start)
    assert neighbours_first([at(3), at(6)], RULES, [taken], "UTC") == [at(3), at(6)]


def test_days_are_the_therapists_own():
    late, next_morning = at(18), at(24)  # 3:00 and 9:00 UTC of the next date; 23:00 and 5:00 in New York
    taken = RULES.blocked(at(17).start)

    assert neighbours_first([late, next_morning], RULES, [taken], "America/New_York") == [late, next_morning]
    assert neighbours_first([late, next_morning], RULES, [taken], "UTC") == [late]


quarters = st.integers(0, 400).map(lambda count: NINE + count * 15 * MINUTE)
spans = st.builds(lambda start, quarters: Span(start, start + quarters * 15 * MINUTE), quarters, st.integers(1, 12))


@given(st.sets(quarters, max_size=40), st.lists(spans, max_size=10), st.sampled_from(["UTC", "Asia/Kolkata"]))
@settings(max_examples=200, deadline=None)
def test_what_is_shown_is_offered_in_order_and_leaves_no_day_empty(starts, busy, zone):
    slots = sorted(Span(start, start + RULES.session) for start in starts)
    shown = neighbours_first(slots, RULES, busy, zone)

    def days(found):
        return {slot.start.astimezone(ZoneInfo(zone)).date() for slot in found}

    assert shown == sorted(shown)
    assert set(shown) <= set(slots)
    assert days(shown) == days(slots)
