"""Open slots, compared with the oracle of support/counting.py, which counts minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.booking.slots import Refusal, Schedule, SlotRules, judge_slots, open_slots
from practice.spans import Span, overlap
from tests.support.counting import AWKWARD_DAYS, PLAIN_DAYS, count_verdicts, examples

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
)


def change_days(zone, year):
    """The local dates of a year, and the one before it, that don't last 24 hours."""
    local = ZoneInfo(zone)
    days = [date(year, 1, 1) + DAY * number for number in range(365)]
    return [day for day in days if day_length(local, day) != DAY]


def day_length(local, day):
    begins, ends = (datetime.combine(one, time(0), local).astimezone(UTC) for one in (day, day + DAY))
    return ends - begins


def span(start, minutes):
    return Span(start, start + minutes * MINUTE)


day_minutes = st.one_of(st.integers(0, 48), st.integers(0, 287)).map(lambda five: five * 5)


@st.composite
def windows(draw):
    found = []
    for _ in range(draw(st.integers(0, 3))):
        opens, closes = sorted(draw(st.lists(day_minutes, min_size=2, max_size=2, unique=True)))
        found.append((time(*divmod(opens, 60)), time(*divmod(closes, 60))))
    return tuple(found)


@st.composite
def questions(draw):
    """Everything that open_slots takes, around a day on which it is easy to be wrong."""
    zone, awkward = draw(st.sampled_from(AWKWARD_DAYS + PLAIN_DAYS))
    first = awkward + draw(st.integers(-2, 1)) * DAY
    last = first + draw(st.integers(0, 2)) * DAY
    around = datetime.combine(awkward, time(0), UTC)
    five = st.integers(0, 24).map(lambda count: count * 5 * MINUTE)
    schedule = Schedule(
        zone,
        weekly={weekday: draw(windows()) for weekday in range(7)},
        overrides={awkward + shift * DAY: draw(windows()) for shift in draw(st.sets(st.integers(-2, 2), max_size=2))},
    )
    rules = SlotRules(
        session=draw(st.integers(1, 18)) * 5 * MINUTE,
        step=draw(st.integers(1, 18)) * 5 * MINUTE,
        before=draw(five),
        after=draw(five),
        notice=draw(st.sampled_from([0, 0, 5, 24])) * HOUR,
        horizon=draw(st.sampled_from([20, 70, 500, 500])) * HOUR,
        daily_cap=draw(st.sampled_from([None, None, None, 0, 2])),
        weekly_cap=draw(st.sampled_from([None, None, None, 1, 4])),
    )
    starts = st.integers(-48, 5 * 48).map(lambda halves: around + (first - awkward) - DAY / 2 + halves * 30 * MINUTE)
    lengths = st.sampled_from([5, 15, 30, 50, 90, 240, 720])  # short ones often lie inside long ones
    busy = draw(st.lists(st.builds(span, starts, lengths), max_size=20))
    asked = {
        "now": around
        + draw(st.sampled_from([-100, -100, -40, -10, 0, 12])) * HOUR
        + draw(st.sampled_from([0, 5, 7])) * MINUTE,
        "first": first,
        "last": last,
        "booked_per_day": {awkward + shift * DAY: draw(st.integers(0, 2)) for shift in range(-8, 9)},
    }
    return schedule, rules, busy, asked


@given(questions())
@settings(max_examples=examples(400), deadline=None)
def test_the_open_slots_are_those_that_counting_minutes_finds(question):
    schedule, rules, busy, asked = question
    expected = count_verdicts(schedule, rules, busy, **asked)
    found = open_slots(schedule, rules, busy, **asked)
    assert found == [Span(start, start + rules.session) for start, refusal in expected if refusal is None]


@given(questions())
@settings(max_examples=examples(400), deadline=None)
def test_every_candidate_is_judged_as_counting_minutes_judges_it(question):
    schedule, rules, busy, asked = question
    expected = count_verdicts(schedule, rules, busy, **asked)
    judged = list(judge_slots(schedule, rules, busy, **asked))
    assert [(verdict.span.start, verdict.refusal) for verdict in judged] == expected


@given(questions())
@settings(max_examples=200, deadline=None)
def test_a_refusal_names_what_stands_in_the_way(question):
    schedule, rules, busy, asked = question
    for verdict in judge_slots(schedule, rules, busy, **asked):
        match verdict.refusal:
            case None:
                assert verdict.blocker is None
            case Refusal.TOO_SOON:
                assert verdict.blocker == asked["now"] + rules.notice
            case Refusal.TOO_FAR:
                assert verdict.blocker == asked["now"] + rules.horizon
            case Refusal.DAY_FULL:
                assert verdict.blocker == verdict.span.start.astimezone(ZoneInfo(schedule.zone)).date()
            case Refusal.WEEK_FULL:
                day = verdict.span.start.astimezone(ZoneInfo(schedule.zone)).date()
                assert verdict.blocker.weekday() == 0
                assert verdict.blocker.isocalendar()[:2] == day.isocalendar()[:2]
            case Refusal.BUSY:
                needed = verdict.span.widened(rules.before, rules.after)
                in_the_way = [one for one in busy if overlap(one, needed)]
                assert verdict.blocker in in_the_way
                assert verdict.blocker.end == max(one.end for one in in_the_way)


@given(questions(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_busy_spans_changes_nothing(question, random):
    schedule, rules, busy, asked = question
    shuffled = random.sample(busy, len(busy))
    assert open_slots(schedule, rules, shuffled, **asked) == open_slots(schedule, rules, busy, **asked)


@pytest.mark.parametrize(("zone", "day"), AWKWARD_DAYS)
def test_the_awkward_days_are_awkward(zone, day):
    begins, ends = (
        datetime.combine(date, time(0, fold=fold), ZoneInfo(zone)).astimezone(UTC)
        for date, fold in ((day, 0), (day + DAY, 1))
    )
    assert ends - begins != DAY


WHOLE_DAY = ((time(0), time(23, 55)),)
IN_PIECES = tuple((time(hour), time(hour, 55)) for hour in range(0, 24, 2))
SMALL_HOURS = ((time(0, 5), time(1, 35)), (time(1, 50), time(2, 20)), (time(2, 25), time(4)), (time(23), time(23, 59)))


@pytest.mark.parametrize("windows", [WHOLE_DAY, IN_PIECES, SMALL_HOURS], ids=["whole", "pieces", "small hours"])
@pytest.mark.parametrize("year", [2011, 2026])
@pytest.mark.parametrize("zone", ZONES)
def test_on_every_day_of_a_year_on_which_the_clock_changes_each_time_is_there_once(zone, year, windows):
    schedule = Schedule(zone, weekly=dict.fromkeys(range(7), windows))
    for minutes, step in ((25, 15), (50, 30)):
        rules = SlotRules(minutes * MINUTE, step * MINUTE, 0 * MINUTE, 10 * MINUTE, 0 * HOUR, 9000 * HOUR, None)
        for day in change_days(zone, year):
            asked = {
                "now": datetime.combine(day, time(0), UTC) - 4 * DAY,
                "first": day - DAY,
                "last": day + DAY,
                "booked_per_day": {},
            }
            found = open_slots(schedule, rules, [], **asked)
            starts = [one.start for one in found]
            assert starts == sorted(set(starts))
            assert starts == [start for start, _ in count_verdicts(schedule, rules, [], **asked)]
            shown = [start.astimezone(ZoneInfo(zone)) for start in starts]
            assert [local.astimezone(UTC) for local in shown] == starts  # none is in an hour that the clock skips


def test_the_zones_change_their_clocks_as_often_as_they_are_known_to():
    changes = {zone: len(change_days(zone, 2026)) for zone in ZONES}

    assert changes == {
        "America/New_York": 2,
        "Europe/Berlin": 2,
        "Australia/Lord_Howe": 2,
        "Asia/Kolkata": 0,
        "America/St_Johns": 2,
        "Pacific/Apia": 0,
        "Africa/Casablanca": 2,
    }
    assert date(2011, 12, 30) in change_days("Pacific/Apia", 2011)
