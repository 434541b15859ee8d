"""What of a therapist's own calendar blocks time, rule by rule as docs/busy-times.md has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from practice.calendars.reading.outcome import AllDay
from practice.spans import Span, merge, overlap
from tests.support.calendar_text import NINE, calendar, event, read, times

AT_NINE = ["0510T0900-0510T1000"]

# Which events block


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CONFIRMED",
        "STATUS:TENTATIVE",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        "CLASS:PRIVATE",
    ],
)
def test_an_event_blocks(line):
    assert times(read(calendar(event(*NINE, line)))) == AT_NINE


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CANCELLED",
        "status:Cancelled",
        "TRANSP:TRANSPARENT",
        "TRANSP;X-WHY=free:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
    ],
)
def test_an_event_that_says_so_blocks_nothing(line):
    assert times(read(calendar(event(*NINE, line)))) == []


def test_one_cancelled_time_of_a_series_is_free_and_the_others_block():
    series = event(*NINE, "RRULE:FREQ=DAILY;COUNT=3", "TRANSP:OPAQUE")
    cancelled = event(
        "RECURRENCE-ID:20270511T090000Z", "DTSTART:20270511T090000Z", "DTEND:20270511T100000Z", "STATUS:CANCELLED"
    )

    assert times(read(calendar(series, cancelled))) == ["0510T0900-0510T1000", "0512T0900-0512T1000"]


def test_one_time_of_a_free_series_can_be_busy():
    series = event(*NINE, "RRULE:FREQ=DAILY;COUNT=3", "TRANSP:TRANSPARENT")
    busy = event("RECURRENCE-ID:20270511T090000Z", "DTSTART:20270511T140000Z", "DTEND:20270511T150000Z")

    assert times(read(calendar(series, busy))) == ["0511T1400-0511T1500"]


def test_an_alarm_in_an_event_says_nothing_about_it():
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:PT5H", "STATUS:CANCELLED", "END:VALARM")

    assert times(read(calendar(event(*NINE, *alarm)))) == AT_NINE


def test_tasks_notes_and_open_hours_block_nothing():
    others = [f"BEGIN:{kind}\r\nUID:{kind}\r\n{NINE[0]}\r\n{NINE[1]}\r\nEND:{kind}" for kind in ("VTODO", "VJOURNAL")]

    reading = read(calendar(*others, event(*NINE)))

    assert times(reading) == AT_NINE
    assert reading.events == 1


# How long


def test_the_end_is_no_part_of_it_and_what_only_touches_the_window_is_outside():
    within = Span(datetime(2027, 5, 10, 10, tzinfo=UTC), datetime(2027, 5, 10, 11, tzinfo=UTC))

    assert times(read(calendar(event(*NINE)), within=within)) == []


def test_a_time_is_clipped_to_the_window():
    within = Span(datetime(2027, 5, 10, 9, 30, tzinfo=UTC), datetime(2027, 5, 10, 9, 45, tzinfo=UTC))

    assert times(read(calendar(event(*NINE)), within=within)) == ["0510T0930-0510T0945"]


@pytest.mark.parametrize("end", ["DTEND:20270510T090000Z", "DURATION:PT0S", "X-NO-END:1"])
def test_an_event_without_length_blocks_nothing(end):
    assert times(read(calendar(event("DTSTART:20270510T090000Z", end)))) == []


def test_an_end_before_the_begin_is_taken_as_the_two_exchanged():
    assert times(read(calendar(event("DTSTART:20270510T100000Z", "DTEND:20270510T090000Z")))) == AT_NINE


def test_a_duration_stands_for_an_end():
    assert times(read(calendar(event("DTSTART:20270510T090000Z", "DURATION:PT1H")))) == AT_NINE


def test_days_of_a_duration_are_days_of_the_calendar_and_its_hours_are_hours_of_the_clock():
    within = Span(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))
    day = event("DTSTART;TZID=America/New_York:20270313T220000", "DURATION:P1D", uid="day")
    hours = event("DTSTART;TZID=America/New_York:20270313T220000", "DURATION:PT8H", uid="hours")

    assert times(read(calendar(day), within=within)) == ["0314T0300-0315T0200"]
    assert times(read(calendar(hours), within=within)) == ["0314T0300-0314T1100"]


# Whole days


@pytest.mark.parametrize(
    ("lines", "blocked"),
    [
        (("DTSTART;VALUE=DATE:20270510",), "0510T0400-0511T0400"),
        (("DTSTART;VALUE=DATE:20270510", "DTEND;VALUE=DATE:20270510"), "0510T0400-0511T0400"),
        (("DTSTART;VALUE=DATE:20270510", "DTEND;VALUE=DATE:20270512"), "0510T0400-0512T0400"),
        (("DTSTART;VALUE=DATE:20270510", "DURATION:P2D"), "0510T0400-0512T0400"),
        (
            ("DTSTART:20270510T040000Z", "DTEND:20270511T040000Z", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"),
            "0510T0400-0511T0400",
        ),
    ],
)
def test_whole_days_are_the_therapists_own_and_block_only_where_they_shall(lines, blocked):
    content = calendar(event(*lines), event(*NINE, uid="short"))

    assert blocked in times(read(content))
    assert times(read(content, all_day=AllDay.IGNORE)) == AT_NINE


def test_whole_days_of_a_series_follow_the_clock_changes():
    within = Span(datetime(2027, 3, 13, tzinfo=UTC), datetime(2027, 3, 16, tzinfo=UTC))
    content = calendar(event("DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=DAILY"))

    assert merge(one.span for one in read(content, within=within).occurrences) == [within]
    assert "0314T0500-0315T0400" in times(read(content, within=within))


# Zones


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Europe/Berlin", 7),
        ("/freeassociation.sourceforge.net/Europe/Berlin", 7),
        ("/mozilla.org/20070129_1/Europe/Berlin", 7),
        ("W. Europe Standard Time", 7),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', 7),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 7),
        ('"(UTC-05:00) Eastern Time (US & Canada)"', 13),
        ("UTC+11", -2),
        ("GMT-0330", 12.5),
        ("UTC", 9),
        ("Etc/GMT+5", 14),
    ],
)
def test_a_zone_goes_by_many_names(zone, hour):
    lines = (f"DTSTART;TZID={zone}:20270510T090000", f"DTEND;TZID={zone}:20270510T100000")

    reading = read(calendar(event(*lines)))

    start = datetime(2027, 5, 10, tzinfo=UTC) + timedelta(hours=hour)
    assert [one.span for one in reading.occurrences] == [Span(start, start + timedelta(hours=1))]
    assert reading.warnings == ()


@pytest.mark.parametrize("zone", ["Customized Time Zone", "Mars/Olympus", "localtime", "UTC+99", "../../etc/passwd"])
def test_a_zone_that_nobody_knows_is_read_as_the_therapists_own_and_said(zone):
    reading = read(calendar(event(f"DTSTART;TZID={zone}:20270510T090000", f"DTEND;TZID={zone}:20270510T100000")))

    assert times(reading) == ["0510T1300-0510T1400"]
    assert reading.warnings == (
        f"The time zone “{zone}” isn't known here; its times are read in your own, {'America/New_York'}.",
    )


TABLE = (
    "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\n"
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0400\r\nTZOFFSETTO:+0300\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0400\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE"
)
CUSTOMIZED = (
    "DTSTART;TZID=Customized Time Zone:20270510T090000",
    "DTEND;TZID=Customized Time Zone:20270510T100000",
)


def test_the_files_own_table_tells_what_a_zone_is_wherever_it_stands():
    for content in (calendar(TABLE, event(*CUSTOMIZED)), calendar(event(*CUSTOMIZED), TABLE)):
        reading = read(content)
        assert times(reading) == ["0510T0500-0510T0600"]
        assert reading.warnings == ()


def test_a_table_of_one_file_is_unknown_to_the_next():
    read(calendar(TABLE, event(*CUSTOMIZED)))

    assert times(read(calendar(event(*CUSTOMIZED)))) == ["0510T1300-0510T1400"]


@pytest.mark.parametrize(
    ("line", "nonsense"),
    [
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "RRULE:FREQ=SECONDLY"),
        ("TZOFFSETTO:+0300", "TZOFFSETTO:+2300"),
        ("DTSTART:16010101T030000", "DTSTART:soon"),
        ("TZOFFSETFROM:+0400\r\n", ""),
    ],
)
def test_a_table_without_sense_counts_as_none(line, nonsense):
    reading = read(calendar(TABLE.replace(line, nonsense), event(*CUSTOMIZED)))

    assert times(reading) == ["0510T1300-0510T1400"]
    assert len(reading.warnings) == 1


FLOATING = ("DTSTART:20270510T090000", "DTEND:20270510T100000")


def test_times_without_a_zone_are_the_therapists_own_unless_the_calendar_has_one():
    assert times(read(calendar(event(*FLOATING)))) == ["0510T1300-0510T1400"]
    for says in (("X-WR-TIMEZONE:Asia/Tokyo",), ("X-WR-TIMEZONE:Tokyo Standard Time",)):
        assert times(read(calendar(event(*FLOATING), says=says))) == ["0510T0000-0510T0100"]
        assert times(read(calendar(event("DTSTART;VALUE=DATE:20270510"), says=says))) == ["0509T1500-0510T1500"]


def test_each_calendar_of_a_stream_has_its_own_zone_even_where_it_is_said_at_the_end():
    tokyo = calendar(event(*FLOATING)).replace(b"END:VCALENDAR", b"X-WR-TIMEZONE:Asia/Tokyo\r\nEND:VCALENDAR")
    stream = tokyo + calendar(event(*FLOATING, uid="two"))

    assert times(read(stream)) == ["0510T0000-0510T0100", "0510T1300-0510T1400"]


def test_a_series_keeps_its_time_of_day_over_a_clock_change():
    lines = ("DTSTART;TZID=Europe/Berlin:20270326T090000", "DTEND;TZID=Europe/Berlin:20270326T100000")
    within = Span(datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))

    reading = read(calendar(event(*lines, "RRULE:FREQ=DAILY;COUNT=3")), within=within)

    assert times(reading) == ["0326T0800-0326T0900", "0327T0800-0327T0900", "0328T0700-0328T0800"]


def test_a_begin_in_the_hour_that_a_clock_change_leaves_out_keeps_its_length():
    lines = ("DTSTART;TZID=America/New_York:20270314T023000", "DTEND;TZID=America/New_York:20270314T030000")
    within = Span(datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC))

    assert times(read(calendar(event(*lines)), within=within)) == ["0314T0730-0314T0800"]


NOVEMBER = Span(datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
HALF_PAST_ONE = "DTSTART;TZID=America/New_York:20261101T013000"


@pytest.mark.parametrize("end", ["DURATION:PT45M", "DTEND:20261101T061500Z"])
def test_an_end_in_the_hour_that_a_clock_change_repeats_is_after_its_begin(end):
    assert times(read(calendar(event(HALF_PAST_ONE, end)), within=NOVEMBER)) == ["1101T0530-1101T0615"]


def test_a_series_that_begins_in_the_repeated_hour_keeps_its_length_on_the_other_days():
    series = event(HALF_PAST_ONE, "DURATION:PT45M", "RRULE:FREQ=DAILY;COUNT=2")

    first, second = read(calendar(series), within=NOVEMBER).occurrences

    assert overlap(first.span, Span(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 15, tzinfo=UTC)))
    assert (second.span.start, second.span.length) == (
        datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
        timedelta(minutes=45),
    )


def test_begin_and_end_may_have_different_zones():
    flight = event("DTSTART;TZID=America/New_York:20270510T180000", "DTEND;TZID=Europe/Berlin:20270511T080000")

    assert times(read(calendar(flight))) == ["0510T2200-0511T0600"]


# Series


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("20270512T130000Z", 3),
        ("20270512T125959Z", 2),
        ("20270512T090000", 3),
        ("20270512T085959", 2),
        ("20270512", 3),
    ],
)
def test_the_last_time_of_a_series_is_in_it_however_the_end_is_written(until, days):
    lines = ("DTSTART;TZID=America/New_York:20270510T090000", "DTEND;TZID=America/New_York:20270510T100000")

    assert len(read(calendar(event(*lines, f"RRULE:FREQ=DAILY;UNTIL={until}"))).occurrences) == days


def test_the_last_day_of_a_series_of_whole_days_is_the_calendars_own():
    series = event("DTSTART;VALUE=DATE:20270510", "RRULE:FREQ=DAILY;UNTIL=20270513T035959Z")

    assert times(read(calendar(series)))[-1] == "0512T0400-0513T0400"


def test_times_of_day_in_the_rule_of_whole_days_mean_nothing():
    series = event("DTSTART;VALUE=DATE:20270510", "RRULE:FREQ=DAILY;BYHOUR=1,2,3;COUNT=3")

    assert len(read(calendar(series)).occurrences) == 3


def test_dates_are_added_and_left_out_and_an_added_period_has_its_own_length():
    series = event(
        *NINE,
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE:20270511T090000Z",
        "RDATE:20270520T090000Z",
        "RDATE;VALUE=PERIOD:20270521T090000Z/PT2H,20270522T090000Z/20270522T093000Z",
    )

    assert times(read(calendar(series))) == [
        "0510T0900-0510T1000",
        "0512T0900-0512T1000",
        "0520T0900-0520T1000",
        "0521T0900-0521T1100",
        "0522T0900-0522T0930",
    ]


def test_a_time_that_was_left_out_and_changed_as_well_blocks_where_it_was_changed_to():
    series = event(*NINE, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20270511T090000Z")
    moved = event("RECURRENCE-ID:20270511T090000Z", "DTSTART:20270511T140000Z", "DTEND:20270511T150000Z")
    gone = event("RECURRENCE-ID:20270511T090000Z", "DTSTART:20270511T140000Z", "STATUS:CANCELLED")

    assert times(read(calendar(series, moved))) == [*AT_NINE, "0511T1400-0511T1500"]
    assert times(read(calendar(series, gone))) == AT_NINE


def test_a_change_can_be_for_one_time_or_for_all_that_follow():
    series = event(*NINE, "RRULE:FREQ=DAILY;COUNT=4")
    once = event("RECURRENCE-ID:20270511T090000Z", "DTSTART:20270511T140000Z", "DTEND:20270511T150000Z")
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270512T090000Z", "DTSTART:20270512T110000Z", "DTEND:20270512T113000Z"
    )

    assert times(read(calendar(later, once, series))) == [
        "0510T0900-0510T1000",
        "0511T1400-0511T1500",
        "0512T1100-0512T1130",
        "0513T1100-0513T1130",
    ]


def test_a_change_names_its_time_in_any_zone():
    series = event(*NINE, "RRULE:FREQ=DAILY;COUNT=2")
    moved = event(
        "RECURRENCE-ID;TZID=America/New_York:20270511T050000", "DTSTART:20270511T140000Z", "DTEND:20270511T150000Z"
    )

    assert times(read(calendar(series, moved))) == ["0510T0900-0510T1000", "0511T1400-0511T1500"]


def test_of_two_revisions_the_higher_sequence_counts():
    old = event(*NINE, "SEQUENCE:1")
    new = event("DTSTART:20270510T140000Z", "DTEND:20270510T150000Z", "SEQUENCE:2")

    assert times(read(calendar(new, old))) == times(read(calendar(old, new))) == ["0510T1400-0510T1500"]


def change(start: int, *lines: str) -> str:
    """That the time of the eleventh is at this hour."""
    times = (f"DTSTART:20270511T{start}0000Z", f"DTEND:20270511T{start + 1}0000Z")
    return event("RECURRENCE-ID:20270511T090000Z", *times, *lines)


SERIES = event(*NINE, "RRULE:FREQ=DAILY;COUNT=2")


@pytest.mark.parametrize("master", [[SERIES], []], ids=["of a series", "alone"])
@pytest.mark.parametrize(
    ("changes", "blocked"),
    [
        ((change(12), change(14)), [12, 14]),
        ((change(12, "STATUS:CANCELLED"), change(14)), [14]),
        ((change(12, "SEQUENCE:3"), change(14, "SEQUENCE:3"), change(16)), [12, 14]),
        ((change(12, "SEQUENCE:3"), change(14, "SEQUENCE:2")), [12]),
        ((change(12, "SEQUENCE:2"), change(14, "SEQUENCE:3", "STATUS:CANCELLED")), []),
    ],
    ids=["as new", "one cancelled", "two as new", "the newer", "the newer cancelled"],
)
def test_of_two_changes_of_one_time_the_newer_counts_and_both_where_neither_is(master, changes, blocked):
    expected = [*(AT_NINE if master else []), *(f"0511T{hour}00-0511T{hour + 1}00" for hour in blocked)]

    assert times(read(calendar(*master, *changes))) == expected
    assert times(read(calendar(*reversed(changes), *master))) == expected


def test_one_uid_for_two_events_frees_neither():
    other = event("DTSTART:20270510T140000Z", "DTEND:20270510T150000Z")

    assert times(read(calendar(event(*NINE), other))) == [*AT_NINE, "0510T1400-0510T1500"]


def test_an_event_without_a_uid_is_by_itself():
    lines = ("BEGIN:VEVENT", "DTSTART:20270510T140000Z", "DTEND:20270510T150000Z", "END:VEVENT")

    reading = read(calendar("\r\n".join(lines), "\r\n".join(lines).replace("T14", "T12"), event(*NINE)))

    assert len(reading.occurrences) == 3
    assert [one.uid for one in reading.occurrences] == ["one", "", ""]


@pytest.mark.parametrize(
    "step", ["DAILY", "WEEKLY", "WEEKLY;BYDAY=TU,TH", "DAILY;BYDAY=MO,FR", "HOURLY;BYHOUR=9,14,23"]
)
@pytest.mark.parametrize("interval", [1, 2, 3, 5])
def test_a_long_series_falls_on_the_same_times_as_when_it_is_counted_from_its_begin(step, interval):
    """COUNT is what keeps it from beginning later."""
    lines = ("DTSTART;TZID=America/New_York:20260305T230000", "DTEND;TZID=America/New_York:20260306T013000")
    rule = f"RRULE:FREQ={step};INTERVAL={interval}"

    counted = times(read(calendar(event(*lines, f"{rule};COUNT=60000"))))

    assert counted
    assert times(read(calendar(event(*lines, rule)))) == counted


def test_a_series_that_was_counted_out_long_ago_blocks_nothing():
    lines = ("DTSTART:20260505T090000Z", "DTEND:20260505T100000Z")

    assert times(read(calendar(event(*lines, "RRULE:FREQ=DAILY;COUNT=30")))) == []


def test_a_birthday_of_1604_is_every_year():
    born = event("DTSTART;VALUE=DATE:16040515", "RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=15")

    assert times(read(calendar(born))) == ["0515T0400-0516T0400"]


# Free/busy


@pytest.mark.parametrize(
    ("kind", "blocks"),
    [
        ("", True),
        (";FBTYPE=BUSY", True),
        (";FBTYPE=BUSY-UNAVAILABLE", True),
        (";FBTYPE=BUSY-TENTATIVE", True),
        (";FBTYPE=X-OF-THEIR-OWN", True),
        (";FBTYPE=FREE", False),
    ],
)
def test_a_free_busy_blocks_by_its_kind_with_periods_of_either_form(kind, blocks):
    periods = "20270510T090000Z/20270510T100000Z,20270511T090000Z/PT1H30M"
    component = (
        f"BEGIN:VFREEBUSY\r\nUID:fb\r\n{NINE[0]}\r\nDTEND:20270601T000000Z\r\nFREEBUSY{kind}:{periods}\r\nEND:VFREEBUSY"
    )

    reading = read(calendar(component))

    assert times(reading) == ([*AT_NINE, "0511T0900-0511T1030"] if blocks else [])
    assert {one.uid for one in reading.occurrences} <= {"fb"}


# What is wrong with one, and with all


def test_a_rule_may_end_with_a_semicolon():
    assert len(read(calendar(event(*NINE, "RRULE:FREQ=DAILY;COUNT=2;"))).occurrences) == 2


STILL_BLOCKS = "Its first time and times that were changed one by one still block; its repetitions don't."


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=MINUTELY;INTERVAL=30",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=-1",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;FREQ=SECONDLY",
        "RRULE:FREQ=DAILY;UNTIL=",
        "RRULE:FREQ=FORTNIGHTLY",
        "RRULE:COUNT=3",
        "RRULE:FREQ=DAILY;BYEASTER=1",
        f"RRULE:FREQ=YEARLY;BYYEARDAY={','.join(['1'] * 367)}",
        f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}",
        "RRULE:FREQ=DAILY\r\nEXRULE:FREQ=WEEKLY",
        f"RDATE:{','.join(['20270601T090000Z'] * 5001)}",
        "RDATE:someday",
    ],
)
def test_a_series_that_cannot_be_worked_out_still_blocks_what_is_written_and_costs_no_other(line):
    moved = event("RECURRENCE-ID:20270512T090000Z", "DTSTART:20270512T140000Z", "DTEND:20270512T150000Z")
    other = event("DTSTART:20270620T090000Z", "DTEND:20270620T100000Z", "RRULE:FREQ=DAILY;COUNT=2", uid="other")

    reading = read(calendar(event(*NINE, line), moved, other))

    assert times(reading) == [*AT_NINE, "0512T1400-0512T1500", "0620T0900-0620T1000", "0621T0900-0621T1000"]
    assert reading.warnings == (f"1 repeating event can't be worked out. {STILL_BLOCKS}",)


def test_a_left_out_date_that_cannot_be_read_is_blocked_rather_than_freed():
    reading = read(calendar(event(*NINE, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:someday")))

    assert times(reading) == [*AT_NINE, "0511T0900-0511T1000"]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:someday",),
        (),
        ("DTSTART:20270510T090000Z", "DURATION:long"),
        ("DTSTART:20270510T090000Z", "DURATION:P999999999999D"),
        ("DTSTART;X-ZONE=99:20270510T090000Z", "DTEND:tomorrow"),
    ],
)
def test_an_event_whose_time_cannot_be_read_is_said_and_costs_no_other(lines):
    reading = read(calendar(event(*lines, uid="bad"), event(*NINE)))

    assert times(reading) == AT_NINE
    assert reading.warnings == ("1 event has no time that can be read, so nothing is blocked for it.",)
    assert reading.events == 2


def test_a_mark_of_our_own_in_their_file_is_not_believed():
    reading = read(calendar(event("DTSTART;X-ZONE=99:20270510T090000", "DTEND;X-ZONE=-1:20270510T100000")))

    assert times(reading) == ["0510T1300-0510T1400"]


def test_a_calendar_without_events_is_read_and_said():
    reading = read(calendar())

    assert (times(reading), reading.events) == ([], 0)
    assert reading.warnings == ("The calendar holds no events, so it blocks nothing.",)


def test_warnings_tell_nothing_of_any_event():
    reading = read(
        calendar(event(*NINE, "RRULE:FREQ=SECONDLY"), event("DTSTART:x", uid="b"), event(*CUSTOMIZED, uid="c"))
    )

    assert len(reading.warnings) == 3
    assert "private" not in " ".join(reading.warnings)


# Properties

INSTANTS = st.integers(0, 50 * 1440).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
LENGTHS = st.integers(1, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
BEGIN = datetime(2027, 5, 2)  # noqa: DTZ001 - the zone comes with each event
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])


def written(start: datetime, length: timedelta, zone: str, uid: str = "one") -> Event:
    begin = start.replace(tzinfo=ZoneInfo(zone))
    made = Event()
    made.add("uid", uid)
    made.add("summary", "Something private, or: “Sitzung; 約束”")
    made.add("dtstart", begin)
    made.add("dtend", begin + length)
    return made


@given(INSTANTS, LENGTHS, ZONES)
def test_what_icalendar_writes_is_read_back(start, length, zone):
    whole = Calendar()
    made = written(start, length, zone)
    whole.add_component(made)

    reading = read(whole.to_ical())

    assert [one.span for one in reading.occurrences] == [Span(made["DTSTART"].dt, made["DTEND"].dt)]


@given(st.data(), st.lists(st.tuples(INSTANTS, LENGTHS, ZONES), min_size=1, max_size=5))
def test_the_order_of_events_makes_no_difference(data, some):
    events = [event(*written(*one).to_ical().decode().split("\r\n")[2:-2], uid=str(n)) for n, one in enumerate(some)]
    mixed = data.draw(st.permutations(events))

    assert read(calendar(*events)) == read(calendar(*mixed))


@given(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]), st.integers(1, 4), INSTANTS, LENGTHS, ZONES)
def test_a_part_of_the_window_shows_what_the_whole_window_shows_there(step, interval, start, length, zone):
    begin = start.replace(year=2025)
    series = event(
        *written(begin, length, zone).to_ical().decode().split("\r\n")[2:-2], f"RRULE:FREQ={step};INTERVAL={interval}"
    )
    part = Span(datetime(2027, 5, 20, tzinfo=UTC), datetime(2027, 6, 3, tzinfo=UTC))

    whole = merge(one.span for one in read(calendar(series)).occurrences if overlap(one.span, part))
    seen = merge(one.span for one in read(calendar(series), within=part).occurrences)

    assert seen == [Span(max(span.start, part.start), min(span.end, part.end)) for span in whole]


LINES = st.sampled_from(
    [
        *NINE,
        *FLOATING,
        *CUSTOMIZED,
        "DTSTART;VALUE=DATE:20270510",
        'DTSTART;TZID="(UTC+01:00) A, B:";VALUE=DATE-TIME:20270510T090000',
        "DTEND:2027",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=WEEKLY;UNTIL=20270511",
        "EXRULE:FREQ=DAILY",
        "RDATE:20270511",
        "RDATE;VALUE=PERIOD:20270510T090000/PT1H",
        "EXDATE;TZID=x:20270510T090000",
        "RECURRENCE-ID:20270510T090000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270510",
        "SEQUENCE:x",
        "STATUS",
        "TRANSP:",
        "UID",
        ";:",
    ]
)


@given(st.lists(st.lists(LINES, max_size=6), max_size=4), st.sampled_from(AllDay))
def test_whatever_lines_come_together_the_event_beside_them_is_read(lots, all_day):
    content = calendar(*(event(*lines) for lines in lots), event(*NINE, uid="beside"))

    assert "beside" in {one.uid for one in read(content, all_day=all_day).occurrences}
