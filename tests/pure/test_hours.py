"""When a therapist works, and why: compared with an oracle that asks each rule in words, day by day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.booking.hours import Cause, DayException, Hours, Kind, Opening, TimeAway, overlapping
from practice.booking.slots import SlotRules, open_slots

DAY = timedelta(days=1)
MONDAY = date(2026, 6, 1)
NINE, TEN, NOON, FIVE, SIX, EIGHT = time(9), time(10), time(12), time(17), time(18), time(20)
MORNING = Opening(0, NINE, NOON)
HOURS = Hours("America/New_York", (MORNING,))


def test_a_weekday_with_hours_is_open_and_one_without_says_so():
    assert (HOURS.on(MONDAY, "video").windows, HOURS.on(MONDAY, "video").cause) == (((NINE, NOON),), Cause.WEEKLY)
    assert (HOURS.on(MONDAY + DAY, "video").windows, HOURS.on(MONDAY + DAY, "video").cause) == ((), Cause.NO_HOURS)


def test_hours_of_one_place_open_nothing_at_the_other():
    hours = Hours("UTC", (Opening(0, NINE, NOON, place="in_person"), Opening(0, SIX, EIGHT)))

    assert hours.on(MONDAY, "in_person").windows == ((NINE, NOON), (SIX, EIGHT))
    assert hours.on(MONDAY, "video").windows == ((SIX, EIGHT),)


def test_hours_count_on_their_first_and_on_their_last_day_of_validity():
    hours = Hours("UTC", (Opening(0, NINE, NOON, valid_from=MONDAY, valid_until=MONDAY + 7 * DAY),))

    opened = [week for week in range(-1, 3) if hours.on(MONDAY + week * 7 * DAY, "video").windows]
    assert opened == [0, 1]


def test_other_hours_replace_the_usual_ones_and_extra_ones_come_beside_them():
    other = DayException(MONDAY, Kind.OTHER, FIVE, SIX)
    extra = DayException(MONDAY, Kind.EXTRA, SIX, EIGHT)

    assert Hours("UTC", (MORNING,), (other,)).on(MONDAY, "video").windows == ((FIVE, SIX),)
    assert Hours("UTC", (MORNING,), (extra,)).on(MONDAY, "video").windows == ((NINE, NOON), (SIX, EIGHT))


def test_a_closed_date_is_closed_whatever_else_it_has():
    closed, extra = DayException(MONDAY, Kind.CLOSED), DayException(MONDAY, Kind.EXTRA, SIX, EIGHT)
    day = Hours("UTC", (MORNING,), (closed, extra)).on(MONDAY, "video")

    assert (day.windows, day.cause) == ((), Cause.CLOSED)


def test_a_public_holiday_is_closed_by_its_name_unless_other_hours_were_entered_for_it():
    named = {MONDAY: "Day of Rest"}
    other = DayException(MONDAY, Kind.OTHER, TEN, NOON)

    rested = Hours("UTC", (MORNING,), holidays=named).on(MONDAY, "video")
    assert (rested.windows, rested.cause, rested.name) == ((), Cause.HOLIDAY, "Day of Rest")
    assert Hours("UTC", (MORNING,), (other,), holidays=named).on(MONDAY, "video").windows == ((TEN, NOON),)


def test_time_off_goes_before_everything_on_its_first_and_on_its_last_day():
    extra = DayException(MONDAY, Kind.EXTRA, SIX, EIGHT)
    hours = Hours("UTC", (MORNING,), (extra,), (TimeAway(MONDAY, MONDAY + 7 * DAY),))

    assert [hours.on(MONDAY + shift * DAY, "video").cause for shift in (0, 7)] == [Cause.TIME_OFF, Cause.TIME_OFF]
    assert hours.on(MONDAY + 14 * DAY, "video").windows == ((NINE, NOON),)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (MORNING, Opening(0, NOON, FIVE), False),  # touching
        (MORNING, Opening(0, TEN, FIVE), True),
        (MORNING, Opening(1, TEN, FIVE), False),
        (MORNING, Opening(0, TEN, FIVE, place="video"), True),
        (Opening(0, NINE, NOON, place="in_person"), Opening(0, TEN, FIVE, place="video"), False),
        (Opening(0, NINE, NOON, valid_until=MONDAY), Opening(0, TEN, FIVE, valid_from=MONDAY + DAY), False),
        (Opening(0, NINE, NOON, valid_until=MONDAY), Opening(0, TEN, FIVE, valid_from=MONDAY), True),
    ],
)
def test_hours_clash_where_both_are_open_at_once_at_one_place_on_one_date(one, other, clash):
    assert (overlapping([one, other]) is not None) is clash
    assert (overlapping([other, one]) is not None) is clash


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Opening(0, NOON, NINE),
        lambda: Opening(0, NINE, NINE),
        lambda: Opening(0, NINE, NOON, valid_from=MONDAY, valid_until=MONDAY - DAY),
        lambda: DayException(MONDAY, Kind.CLOSED, NINE, NOON),
        lambda: DayException(MONDAY, Kind.OTHER),
        lambda: DayException(MONDAY, Kind.EXTRA, NOON, NINE),
        lambda: TimeAway(MONDAY, MONDAY - DAY),
    ],
)
def test_hours_that_can_not_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must|no times"):
        wrong()


days = st.integers(-10, 10).map(lambda shift: MONDAY + shift * DAY)
places = st.sampled_from([None, "video", "in_person"])
windows = st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda pair: pair[0] < pair[1])


@st.composite
def openings(draw):
    opens, closes = draw(windows)
    limits = draw(st.one_of(st.just((None, None)), st.tuples(days, days).map(sorted).map(tuple)))
    return Opening(draw(st.integers(0, 6)), time(opens), time(closes), draw(places), *limits)


@st.composite
def exceptions(draw):
    kind = draw(st.sampled_from(Kind))
    times = () if kind is Kind.CLOSED else map(time, draw(windows))
    opens, closes = times or (None, None)
    return DayException(draw(days), kind, opens, closes, draw(places))


@st.composite
def all_hours(draw):
    off = draw(st.lists(st.tuples(days, st.integers(0, 3)), max_size=2))
    return Hours(
        zone=draw(st.sampled_from(["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])),
        openings=tuple(draw(st.lists(openings(), max_size=8))),
        exceptions=tuple(draw(st.lists(exceptions(), max_size=5))),
        away=tuple(TimeAway(first, first + length * DAY) for first, length in off),
        holidays=dict.fromkeys(draw(st.sets(days, max_size=2)), "Holiday"),
    )


def open_hours(hours, day, place):
    """The whole hours of a day that are open, asked one by one: the oracle."""
    if any(off.first <= day <= off.last for off in hours.away):
        return set()
    here = [one for one in hours.exceptions if one.day == day and one.place in (None, place)]
    if Kind.CLOSED in {one.kind for one in here}:
        return set()
    others = [one for one in here if one.kind is Kind.OTHER]
    found = {
        hour
        for one in here
        for hour in range(24)
        if one.kind is Kind.EXTRA and one.opens.hour <= hour < one.closes.hour
    }
    for hour in range(24):
        if others:
            opened = any(one.opens.hour <= hour < one.closes.hour for one in others)
        elif day in hours.holidays:
            opened = False
        else:
            opened = any(
                one.weekday == day.weekday()
                and one.opens.hour <= hour < one.closes.hour
                and one.place in (None, place)
                and not (one.valid_from is not None and day < one.valid_from)
                and not (one.valid_until is not None and day > one.valid_until)
                for one in hours.openings
            )
        if opened:
            found.add(hour)
    return found


@given(all_hours(), st.sampled_from(["video", "in_person"]))
@settings(max_examples=300, deadline=None)
def test_each_hour_is_open_exactly_where_the_rules_say_so(hours, place):
    for shift in range(-12, 13):
        day = MONDAY + shift * DAY
        shown = {hour for opens, closes in hours.on(day, place).windows for hour in range(opens.hour, closes.hour)}
        assert shown == open_hours(hours, day, place), day


@given(all_hours(), st.sampled_from(["video", "in_person"]), days, st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_the_schedule_of_some_days_offers_what_those_days_say(hours, place, first, length):
    rules = SlotRules(*(timedelta(minutes=m) for m in (60, 60, 0, 0, 0)), horizon=timedelta(days=400), daily_cap=None)
    last = first + length * DAY
    now = datetime.combine(first - 20 * DAY, time(0), UTC)

    planned = hours.schedule(place, first, last)
    for shift in range(-1, length + 2):
        day = first + shift * DAY
        assert sorted(planned.windows(day)) == sorted(hours.on(day, place).windows), day
    assert open_slots(planned, rules, [], now=now, first=first, last=last) == open_slots(
        hours.schedule(place, first - 30 * DAY, last + 30 * DAY), rules, [], now=now, first=first, last=last
    )
