"""The pulse's plain parts: its questions as data, its days, and where the points of a line stand."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import yaml

from practice.pulse import timing
from practice.pulse.documents import FILE, current_questions
from practice.pulse.parsing import BadPulse, parse_pulse
from practice.pulse.plot import BOTTOM, TOP, Event, Reading, draw, enough

NEW_YORK = ZoneInfo("America/New_York")
DATA = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CODES = {
    "pulse_trust": tuple(str(number) for number in range(11)),
    "pulse_kept": ("0", "1", "2", "3", "4", "na"),
    "pulse_kept_self": ("0", "1", "2", "3", "4", "na"),
    "pulse_heard": ("0", "1", "2", "3", "4"),
    "pulse_defensive": ("0", "1", "2", "3", "4"),
    "pulse_alone": ("no", "yes"),
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_what_ships_has_the_agreed_codes_and_only_clinicians_read_the_last():
    questions = current_questions()

    assert {
        field.name: tuple(one.code for one in questions.choices(field, {})) for field in questions.fields()
    } == CODES
    assert [field.name for field in questions.fields() if field.write_only] == ["pulse_alone"]
    assert not any(field.required for field in questions.fields())
    assert len(questions.sections) == 1


WRONG = {
    "a field without the prefix": lambda data: data["fields"][1].update(name="kept"),
    "typed text": lambda data: data["fields"][1].update(kind="text"),
    "a strange word": lambda data: data["fields"][1].update(moment="book"),
    "no trust": lambda data: data["fields"].pop(0),
    "trust for clinicians alone": lambda data: data["fields"][0].update(visibility="clin"),
    "the wish to talk alone for everybody": lambda data: data["fields"][5].update(visibility="own"),
    "an unknown scale": lambda data: data["fields"][1].update(scale="nothing"),
    "a code that isn't quoted": lambda data: data["fields"][5].update(options={True: "Yes"}),
    "no fields": lambda data: data.update(fields={}),
    "no version": lambda data: data.pop("version"),
    "two of one name": lambda data: data["fields"].append(data["fields"][1]),
}


@pytest.mark.parametrize("what", WRONG)
def test_data_that_breaks_a_rule_is_refused_by_name(what):
    data = copy.deepcopy(DATA)
    WRONG[what](data)

    with pytest.raises(BadPulse):
        parse_pulse(data)


def test_other_words_are_another_version_of_the_questions():
    data = copy.deepcopy(DATA)
    data["fields"][0]["question"] = "Other words?"

    assert parse_pulse(data).hash != current_questions().hash == parse_pulse(DATA).hash


def test_it_is_due_at_one_time_on_the_wall_whatever_the_clocks_do():
    first = day("2027-03-04")  # clocks go forward on 14 March, and back on 7 November
    days = timing.days_between(first, day("2027-11-25"))

    dues = [timing.due_at(one, NEW_YORK) for one in days]

    assert {due.astimezone(NEW_YORK).strftime("%A %H:%M") for due in dues} == {"Thursday 18:00"}
    steps = {later - earlier for earlier, later in pairwise(dues)}
    assert steps == {timedelta(days=14), timedelta(days=14, hours=-1), timedelta(days=14, hours=1)}


def test_a_skipped_wall_time_is_the_end_of_the_gap_and_a_repeated_one_its_first_occurrence(monkeypatch):
    monkeypatch.setattr(timing, "WALL", time(2, 30))
    assert timing.due_at(day("2027-03-14"), NEW_YORK) == datetime(2027, 3, 14, 7, 0, tzinfo=UTC)
    monkeypatch.setattr(timing, "WALL", time(1, 30))
    assert timing.due_at(day("2027-11-07"), NEW_YORK) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns"])
def test_every_instant_belongs_to_one_period_and_the_next_is_two_weeks_on(zone):
    zone, first = ZoneInfo(zone), day("2027-02-25")
    instant, seen = timing.due_at(first, zone) - timedelta(days=1), []
    for _ in range(24 * 60):
        current, upcoming = timing.current_day(first, zone, instant), timing.next_day(first, zone, instant)
        assert timing.due_at(upcoming, zone) > instant
        if current is None:
            assert upcoming == first
            assert instant < timing.due_at(first, zone)
        else:
            assert timing.due_at(current, zone) <= instant
            assert upcoming == current + timing.EVERY
            seen.append(current)
        instant += timedelta(hours=1)
    assert sorted(set(seen)) == timing.days_between(first, max(seen))


def test_it_begins_a_week_after_the_session_on_the_calendar_of_the_person():
    late = datetime(2027, 5, 11, 2, 0, tzinfo=UTC)  # still Monday evening in New York

    assert timing.first_day_after(late, NEW_YORK) == day("2027-05-17")
    assert timing.first_day_after(late, ZoneInfo("Europe/Paris")) == day("2027-05-18")


def readings(*values):
    first = day("2027-05-06")
    return [Reading(first + timing.EVERY * number, value) for number, value in enumerate(values)]


def test_a_line_needs_three_answers_and_none_goes_through_a_gap():
    assert not enough(readings(4, None, 5))
    assert draw([readings(4, None, 5)]) is None
    assert draw([[]]) is None

    [line] = draw([readings(4, 5, None, 6, None, 7, 8)]).lines

    assert [len(points.split()) for points in line.stretches] == [2, 2]  # the lonely 6 is a mark alone
    assert len(line.marks) == 5


def test_more_trust_stands_higher_and_everything_within_the_picture():
    plot = draw([readings(0, 5, 10)])
    heights = [y for _, y in plot.lines[0].marks]

    assert heights == [BOTTOM, (BOTTOM + TOP) / 2, TOP]
    assert all(0 < x < 360 for x, _ in plot.lines[0].marks)


def test_of_two_people_each_keeps_their_number_and_one_without_a_line_has_none():
    both = draw([readings(1, 2, 3), readings(4, 5, 6)])
    second = draw([readings(1, 2), readings(4, 5, 6)])

    assert [line.number for line in both.lines] == [1, 2]
    assert [line.number for line in second.lines] == [2]


def test_events_stand_where_they_happened_and_those_long_before_are_left_out():
    first = day("2027-05-06")
    events = [Event(first - timedelta(days=29), "attended", "x"), Event(first + timing.EVERY, "missed", "x")]
    plot = draw([readings(1, 2, 3)], events)
    assert plot.events == (("missed", plot.lines[0].marks[1][0]),)

    begun = draw([readings(1, 2, 3)], [Event(first - timedelta(days=9), "attended", "x")])  # what began it is shown
    assert begun.events[0][1] < begun.lines[0].marks[0][0]
    assert begun.dates[0][0] == first - timedelta(days=9)
