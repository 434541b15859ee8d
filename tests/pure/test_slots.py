"""The edges of open slots, by name; test_slots_by_counting.py compares them with an oracle."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from practice.booking.slots import Refusal, Schedule, SlotRules, judge_slots, open_slots
from practice.spans import Span

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def span(start, minutes):
    return Span(start, start + minutes * MINUTE)


# --- the edges, on a Monday in Kolkata, where no clock ever changes -------------------------------------------------

MONDAY = date(2026, 6, 1)
NINE = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Kolkata")).astimezone(UTC)
NOON = NINE + 3 * HOUR
HOURS = Schedule("Asia/Kolkata", {0: ((time(9), time(12)),)})
RULES = SlotRules(
    session=50 * MINUTE, step=30 * MINUTE, before=timedelta(0), after=timedelta(0),
    notice=timedelta(0), horizon=60 * DAY, daily_cap=None,
)  # fmt: skip


def starts(schedule=HOURS, busy=(), now=NINE - DAY, first=MONDAY, last=MONDAY, booked=None, **changes):
    """Local wall times of the open slots."""
    asked = {"now": now, "first": first, "last": last, "booked_per_day": booked or {}}
    found = open_slots(schedule, replace(RULES, **changes), busy, **asked)
    return [slot.start.astimezone(ZoneInfo(schedule.zone)).strftime("%H:%M") for slot in found]


def test_a_session_fits_inside_the_window_to_the_minute():
    assert starts() == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert starts(step=70 * MINUTE) == ["09:00", "10:10"]
    assert starts(step=65 * MINUTE) == ["09:00", "10:05", "11:10"]


def test_a_window_shorter_than_the_session_offers_nothing():
    assert starts(session=181 * MINUTE) == []
    assert starts(session=180 * MINUTE) == ["09:00"]


def test_buffers_may_reach_over_the_edges_of_a_window():
    assert starts(before=HOUR, after=2 * HOUR) == starts()


def test_touching_windows_are_stepped_as_one():
    halves = Schedule("Asia/Kolkata", {0: ((time(9, 50), time(12)), (time(9), time(9, 50)))})
    assert starts(halves) == starts()


def test_overlapping_windows_offer_nothing_twice():
    both = Schedule("Asia/Kolkata", {0: ((time(9), time(11)), (time(10), time(12)), (time(9, 30), time(10)))})
    assert starts(both) == starts()


def test_each_separate_window_steps_from_its_own_opening():
    apart = Schedule("Asia/Kolkata", {0: ((time(9), time(10)), (time(10, 5), time(11)))})
    assert starts(apart) == ["09:00", "10:05"]


def test_a_busy_span_that_touches_blocks_nothing():
    assert starts(busy=[span(NINE - HOUR, 60), Span(NINE + 50 * MINUTE, NINE + HOUR)]) == [
        "09:00", "10:00", "10:30", "11:00",
    ]  # fmt: skip


def test_a_busy_span_over_the_buffer_blocks():
    just_before, just_after = span(NINE - 10 * MINUTE, 5), span(NOON + 5 * MINUTE, 5)
    assert starts(before=5 * MINUTE, after=15 * MINUTE, busy=[just_before, just_after]) == starts()
    assert starts(before=6 * MINUTE, busy=[just_before])[0] == "09:30"
    assert starts(after=15 * MINUTE + SECOND, busy=[just_after]) == starts()[:-1]


def test_a_short_busy_span_inside_a_long_one_does_not_end_it():
    assert starts(busy=[span(NINE, 120), span(NINE + 5 * MINUTE, 10)]) == ["11:00"]


def test_the_notice_counts_to_the_instant():
    assert starts(notice=2 * HOUR, now=NINE - 2 * HOUR)[0] == "09:00"
    assert starts(notice=2 * HOUR, now=NINE - 2 * HOUR + SECOND)[0] == "09:30"


def test_the_horizon_counts_to_the_instant():
    assert starts(horizon=3 * DAY, now=NINE - 3 * DAY) == ["09:00"]
    assert starts(horizon=3 * DAY, now=NINE - 3 * DAY - SECOND) == []


def test_a_time_that_has_begun_is_not_offered():
    assert starts(now=NINE)[0] == "09:00"
    assert starts(now=NINE + SECOND)[0] == "09:30"


def test_a_day_with_as_many_bookings_as_the_cap_is_full():
    assert starts(daily_cap=3, booked={MONDAY: 2}) == starts()
    assert starts(daily_cap=3, booked={MONDAY: 3}) == []
    assert starts(daily_cap=3, booked={MONDAY: 4}) == []
    assert starts(daily_cap=3, booked={MONDAY - DAY: 3, MONDAY + DAY: 3}) == starts()
    assert starts(daily_cap=0) == []


def test_a_week_with_as_many_bookings_as_its_cap_is_full_from_monday_to_sunday():
    open_all_week = Schedule("Asia/Kolkata", {day: ((time(9), time(10)),) for day in range(7)})
    sunday = MONDAY + 6 * DAY

    def days_open(booked, cap):
        asked = {"now": NINE - 10 * DAY, "first": MONDAY - DAY, "last": sunday + DAY, "booked_per_day": booked}
        found = open_slots(open_all_week, replace(RULES, weekly_cap=cap), [], **asked)
        return [(slot.start - NINE).days for slot in found]

    assert days_open({MONDAY: 1, sunday: 1}, 3) == list(range(-1, 8))
    assert days_open({MONDAY: 1, sunday: 2}, 3) == [-1, 7]
    assert days_open({MONDAY - DAY: 3, sunday + DAY: 3}, 3) == list(range(7))
    assert days_open({}, 0) == []


def test_a_full_day_is_named_before_a_full_week_and_a_week_by_its_monday():
    wednesday = MONDAY + 2 * DAY
    hours = Schedule("Asia/Kolkata", {}, {wednesday: ((time(9), time(10)),)})

    def verdict(booked):
        rules = replace(RULES, daily_cap=2, weekly_cap=2)
        asked = {"now": NINE, "first": wednesday, "last": wednesday, "booked_per_day": booked}
        return next((one.refusal, one.blocker) for one in judge_slots(hours, rules, [span(NINE, 9000)], **asked))

    assert verdict({wednesday: 2}) == (Refusal.DAY_FULL, wednesday)
    assert verdict({wednesday: 1, MONDAY: 1}) == (Refusal.WEEK_FULL, MONDAY)
    assert verdict({wednesday: 1})[0] is Refusal.BUSY


def test_an_override_replaces_the_whole_day():
    assert starts(replace(HOURS, overrides={MONDAY: ((time(20), time(21)),)})) == ["20:00"]
    assert starts(replace(HOURS, overrides={MONDAY: ()})) == []


def test_first_and_last_are_both_included():
    week = Schedule("Asia/Kolkata", {day: ((time(9), time(10)),) for day in range(7)})
    assert len(starts(week, last=MONDAY + 6 * DAY)) == 7
    assert starts(week, first=MONDAY, last=MONDAY - DAY) == []


def test_a_session_may_run_to_the_last_minute_before_midnight():
    late = Schedule("Asia/Kolkata", {0: ((time(0), time(1)), (time(22, 50), time.max))})
    assert starts(late, step=5 * MINUTE)[-1] == "23:05"
    assert starts(late, step=5 * MINUTE)[0] == "00:00"


def test_days_far_beyond_the_horizon_cost_nothing():
    assert len(starts(now=NINE, last=date(9999, 12, 30))) == 5 * 9


# --- the awkward days, by name --------------------------------------------------------------------------------------


def new_york(day, *opened):
    """Local wall times, with the offset, since one wall time can come twice."""
    schedule = Schedule("America/New_York", {}, {day: opened})
    now = datetime.combine(day, time(0), UTC) - 2 * DAY
    found = open_slots(schedule, replace(RULES, session=30 * MINUTE), [], now=now, first=day, last=day)
    return [slot.start.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M %Z") for slot in found]


SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def test_a_window_over_the_gap_steps_on_in_elapsed_time():
    assert new_york(SPRING, (time(1), time(4))) == ["01:00 EST", "01:30 EST", "03:00 EDT", "03:30 EDT"]


def test_a_skipped_opening_opens_after_the_gap():
    assert new_york(SPRING, (time(2, 15), time(4))) == ["03:00 EDT", "03:30 EDT"]


def test_a_skipped_closing_closes_after_the_gap():
    assert new_york(SPRING, (time(1), time(2, 15))) == ["01:00 EST", "01:30 EST"]


def test_a_window_inside_the_gap_offers_nothing():
    assert new_york(SPRING, (time(2, 5), time(2, 55))) == []


def test_two_windows_that_the_gap_brings_together_are_stepped_as_one():
    assert new_york(SPRING, (time(1, 45), time(2)), (time(3), time(4))) == ["01:45 EST", "03:15 EDT"]


def test_a_repeated_opening_opens_the_first_time():
    assert new_york(AUTUMN, (time(1, 30), time(2, 30))) == ["01:30 EDT", "01:00 EST", "01:30 EST", "02:00 EST"]


def test_a_repeated_closing_closes_the_second_time():
    assert new_york(AUTUMN, (time(0, 30), time(1, 30))) == ["00:30 EDT", "01:00 EDT", "01:30 EDT", "01:00 EST"]


def test_a_date_that_never_was_has_no_times():
    apia = Schedule("Pacific/Apia", {day: ((time(9), time(10)),) for day in range(7)})
    found = starts(apia, now=datetime(2011, 12, 1, tzinfo=UTC), first=date(2011, 12, 29), last=date(2011, 12, 31))
    assert found == ["09:00", "09:00"]


def st_johns(window_of, asked):
    """In 2010 the clock of St. John's went from 0:01 on 7 November back to 23:01 on the 6th."""
    schedule = Schedule("America/St_Johns", {}, window_of)
    now = datetime(2010, 11, 5, tzinfo=UTC)
    return starts(schedule, now=now, first=asked, last=asked, session=10 * MINUTE)


def test_a_time_counts_for_the_date_that_the_clock_shows():
    sixth, seventh = date(2010, 11, 6), date(2010, 11, 7)
    evening, night = {sixth: ((time(22), time(23, 45)),)}, {seventh: ((time(0), time(0, 45)),)}
    assert st_johns(evening, sixth) == ["22:00", "22:30", "23:00", "23:30", "23:30"]
    assert st_johns(evening, seventh) == ["00:00"]
    assert st_johns(night, sixth) == ["23:30"]
    assert st_johns(night, seventh) == ["00:00", "00:00", "00:30"]


def test_a_time_that_two_days_offer_comes_once():
    sixth, seventh = date(2010, 11, 6), date(2010, 11, 7)
    both = Schedule("America/St_Johns", {}, {sixth: ((time(23), time(23, 45)),), seventh: ((time(0), time(0, 45)),)})
    found = starts(both, now=datetime(2010, 11, 5, tzinfo=UTC), first=sixth, last=seventh, session=10 * MINUTE)
    assert found == ["23:00", "23:30", "00:00", "23:30", "00:00", "00:30"]


def test_a_clock_put_back_over_midnight_hides_nothing_from_notice_or_horizon():
    sixth, seventh = date(2010, 11, 6), date(2010, 11, 7)
    evening = Schedule("America/St_Johns", {}, {sixth: ((time(22), time(23, 45)),)})
    just_midnight = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)  # the 7th, and half a minute later the 6th again
    assert starts(evening, now=just_midnight, first=sixth, last=sixth, session=10 * MINUTE) == ["23:30"]
    ten_past_eleven_again = datetime(2010, 11, 7, 2, 40, tzinfo=UTC)
    asked = {"first": seventh, "last": seventh, "session": 10 * MINUTE, "horizon": HOUR}
    assert starts(evening, now=ten_past_eleven_again - HOUR, **asked) == ["00:00"]


def test_a_verdict_names_the_busy_span_that_ends_last():
    meeting, call = span(NINE, 150), span(NINE + 30 * MINUTE, 15)
    asked = {"now": NINE - DAY, "first": MONDAY, "last": MONDAY}
    judged = list(judge_slots(HOURS, RULES, [call, meeting], **asked))
    assert [verdict.refusal for verdict in judged] == [Refusal.BUSY] * 5
    assert {verdict.blocker for verdict in judged} == {meeting}


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_naive_now_is_refused():
    naive = NINE.replace(tzinfo=None)
    with pytest.raises(ValueError, match="without a zone"):
        starts(now=naive)
    with pytest.raises(ValueError, match="without a zone"):
        next(judge_slots(HOURS, RULES, [], now=naive, first=MONDAY, last=MONDAY))


@pytest.mark.parametrize("window", [(time(9), time(9)), (time(10), time(9))])
def test_a_window_that_never_opens_is_refused(window):
    with pytest.raises(ValueError, match="open before"):
        Schedule("Asia/Kolkata", {0: (window,)})
    with pytest.raises(ValueError, match="open before"):
        Schedule("Asia/Kolkata", {}, {MONDAY: (window,)})


def test_an_eighth_weekday_is_refused():
    with pytest.raises(ValueError, match="weekdays"):
        Schedule("Asia/Kolkata", {7: ()})


def test_an_unknown_zone_is_refused():
    with pytest.raises(ZoneInfoNotFoundError):
        Schedule("Asia/Atlantis", {})


@pytest.mark.parametrize("change", ["session", "step"])
def test_a_length_of_nothing_is_refused(change):
    with pytest.raises(ValueError, match="longer than nothing"):
        replace(RULES, **{change: timedelta(0)})


@pytest.mark.parametrize("change", ["before", "after", "notice", "horizon"])
def test_a_length_below_nothing_is_refused(change):
    with pytest.raises(ValueError, match="not negative"):
        replace(RULES, **{change: -MINUTE})


@pytest.mark.parametrize("cap", ["daily_cap", "weekly_cap"])
def test_a_cap_below_nothing_is_refused(cap):
    with pytest.raises(ValueError, match="not negative"):
        replace(RULES, **{cap: -1})
