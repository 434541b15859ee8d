"""When a therapist works, and why; also compared with the oracle of support/counting.py, day by day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.booking.hours import Cause, DayException, Hours, Kind, Opening, TimeAway, overlapping
from practice.booking.slots import Schedule, SlotRules, judge_slots, open_slots
from practice.spans import Span
from tests.support.counting import AWKWARD_DAYS, PLAIN_DAYS, count_hours, count_verdicts, examples, in_windows

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
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


def test_extra_hours_on_a_public_holiday_are_open_and_still_named_after_it():
    extra = DayException(MONDAY, Kind.EXTRA, SIX, EIGHT)
    day = Hours("UTC", (MORNING,), (extra,), holidays={MONDAY: "Day of Rest"}).on(MONDAY, "video")

    assert (day.windows, day.cause, day.name) == (((SIX, EIGHT),), Cause.EXTRA, "Day of Rest")


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


places = st.sampled_from([None, "video", "in_person"])
asked_places = st.sampled_from(["video", "in_person"])
windows = st.one_of(
    st.sampled_from([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 5), (3, 4), (21, 23)]),  # where clocks change
    st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda pair: pair[0] < pair[1]),
)


def days(middle, spread):
    return st.integers(-spread, spread).map(lambda shift: middle + shift * DAY)


@st.composite
def openings(draw, dates, weekdays):
    opens, closes = draw(windows)
    limits = draw(
        st.one_of(st.just((None, None)), st.just((None, None)), st.tuples(dates, dates).map(sorted).map(tuple))
    )
    return Opening(draw(weekdays), time(opens), time(closes), draw(places), *limits)


@st.composite
def exceptions(draw, dates):
    kind = draw(st.sampled_from(Kind))
    times = () if kind is Kind.CLOSED else map(time, draw(windows))
    opens, closes = times or (None, None)
    return DayException(draw(dates), kind, opens, closes, draw(places))


@st.composite
def all_hours(draw, zone="America/New_York", middle=MONDAY, spread=10, fewest=0):
    dates, weekdays = days(middle, spread), st.one_of(st.just(middle.weekday()), st.integers(0, 6))
    off = draw(st.lists(st.tuples(dates, st.integers(0, 3)), max_size=2))
    return Hours(
        zone=zone,
        openings=tuple(draw(st.lists(openings(dates, weekdays), min_size=fewest, max_size=8))),
        exceptions=tuple(draw(st.lists(exceptions(dates), max_size=5))),
        away=tuple(TimeAway(first, first + length * DAY) for first, length in off),
        holidays=dict.fromkeys(draw(st.sets(dates, max_size=2)), "Holiday"),
    )


@given(all_hours(), asked_places)
@settings(max_examples=examples(200), deadline=None)
def test_each_hour_is_open_exactly_where_the_rules_say_so_and_the_cause_is_named(hours, place):
    for shift in range(-12, 13):
        day = MONDAY + shift * DAY
        found = hours.on(day, place)
        shown = {hour for opens, closes in found.windows for hour in range(opens.hour, closes.hour)}
        assert (shown, str(found.cause)) == count_hours(hours, day, place), day


@given(all_hours(), asked_places, days(MONDAY, 10), st.integers(0, 6))
@settings(max_examples=examples(200), deadline=None)
def test_the_schedule_of_some_days_has_the_hours_of_those_days_and_of_two_beside_them(hours, place, first, length):
    planned = hours.schedule(place, first, first + length * DAY)
    for shift in range(-2, length + 3):
        day = first + shift * DAY
        shown = {hour for opens, closes in planned.windows(day) for hour in range(opens.hour, closes.hour)}
        assert shown == count_hours(hours, day, place)[0], day


@st.composite
def questions(draw):
    """Hours, and what open_slots takes beside a schedule, around a day on which it is easy to be wrong."""
    zone, middle = draw(st.sampled_from(AWKWARD_DAYS + PLAIN_DAYS))
    hours = draw(all_hours(zone, middle, 8, 4))
    first = middle + draw(st.integers(-2, 1)) * DAY
    midnight = datetime.combine(first, time(0), UTC)
    fives = st.integers(0, 12).map(lambda count: count * 5 * MINUTE)
    rules = SlotRules(
        session=draw(st.sampled_from([25, 25, 50, 80])) * MINUTE,
        step=draw(st.sampled_from([15, 30, 55])) * MINUTE,
        before=draw(fives),
        after=draw(fives),
        notice=draw(st.sampled_from([0, 0, 20])) * HOUR,
        horizon=draw(st.sampled_from([70, 500, 500])) * HOUR,
        daily_cap=draw(st.sampled_from([None, None, 2])),
        weekly_cap=draw(st.sampled_from([None, None, None, 16])),
    )
    begins = st.integers(-24, 120).map(lambda halves: midnight + halves * 30 * MINUTE)
    busy = draw(
        st.lists(st.builds(lambda at, fives: Span(at, at + fives * 5 * MINUTE), begins, st.integers(1, 30)), max_size=6)
    )
    asked = {
        "now": midnight + draw(st.sampled_from([-60, -60, -60, -10, 12])) * HOUR,
        "first": first,
        "last": first + draw(st.integers(0, 2)) * DAY,
        "booked_per_day": {middle + shift * DAY: draw(st.integers(0, 2)) for shift in range(-8, 9)},
    }
    return hours, rules, busy, asked


@given(questions(), asked_places)
@settings(max_examples=examples(150), deadline=None)
def test_what_is_offered_over_these_hours_is_what_counting_hours_and_minutes_finds(question, place):
    hours, rules, busy, asked = question
    around = [asked["first"] + shift * DAY for shift in range(-3, (asked["last"] - asked["first"]).days + 4)]
    counted = Schedule(hours.zone, {}, {day: in_windows(count_hours(hours, day, place)[0]) for day in around})
    expected = count_verdicts(counted, rules, busy, **asked)

    planned = hours.schedule(place, asked["first"], asked["last"])
    judged = [(one.span.start, one.refusal) for one in judge_slots(planned, rules, busy, **asked)]
    assert judged == expected
    offered = [one.start for one in open_slots(planned, rules, busy, **asked)]
    assert offered == [start for start, refusal in expected if refusal is None]
