"""When somebody reads what comes in: written, read, said and reckoned with, also over holidays and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from practice.desk_hours import DAYS, DeskHours, in_words, read_weekly, write_weekly

ZONE = "America/New_York"
HOLIDAYS = {date(2027, 5, 31): "Memorial Day"}


def desk(text: str = "mon-fri 09:00-17:00") -> DeskHours:
    return DeskHours(ZONE, read_weekly(text), HOLIDAYS)


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    """An instant of New York's spring of 2027: the 3rd of May is a Monday."""
    return datetime(2027, month, day, hour + 4, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("mon-fri 09:00-17:00", "Monday to Friday, 9:00 am to 5:00 pm"),
        ("mon 09:00-12:00, 13:00-17:30", "Monday, 9:00 am to 12:00 pm and 1:00 pm to 5:30 pm"),
        (
            "mon-tue 09:00-17:00; thu-fri 09:00-17:00; sat 10:00-12:00",
            "Monday to Tuesday, 9:00 am to 5:00 pm; Thursday to Friday, 9:00 am to 5:00 pm; and Saturday, "
            "10:00 am to 12:00 pm",
        ),
    ],
)
def test_hours_are_said_in_words_and_written_as_they_were_read(text, said):
    weekly = read_weekly(text)
    assert in_words(weekly) == said
    assert write_weekly(weekly) == text
    assert DeskHours(ZONE, weekly).known is bool(text)


@pytest.mark.parametrize(
    "text",
    [
        "weekdays, 9 am to 5 pm",
        "mon-fri",
        "fri-mon 09:00-17:00",
        "mon 17:00-09:00",
        "mon 09:00-25:00",
        "mon 09:00-12:00, 11:00-13:00",
        "mon 09:00-12:00; mon-fri 11:00-13:00",
        "xyz 09:00-12:00",
        "mon 09:00-12:00, 13-17",
        "mon 09:00-12:00 13:00-17:00",
        "mon 09:00-12:00,",
        "; ".join(f"{day} 08:0{nr}-09:00, 10:00-11:00, 12:00-13:00, 14:00-15:00" for nr, day in enumerate(DAYS)),
    ],
)
def test_what_is_no_hours_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"."):
        read_weekly(text)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(5, 9), at(5, 9)),
        (at(5, 16, 59), at(5, 16, 59)),
        (at(5, 8, 59), at(5, 9)),
        (at(5, 17), at(6, 9)),  # the end isn't open any more
        (at(7, 18), at(10, 9)),  # over the weekend
        (at(28, 18), at(1, 9, month=6)),  # Friday evening before a Monday that is a holiday
        (at(31, 12), at(1, 9, month=6)),  # on the holiday itself
    ],
)
def test_the_next_time_that_somebody_reads_is_true(now, opens):
    assert desk().next_opening(now) == opens
    assert desk().is_open(now) is (now == opens)


def test_nothing_is_promised_where_no_hours_are_known():
    assert desk("").next_opening(at(5, 9)) is None
    assert desk("").next_start(at(5, 9)) is None
    assert not desk("").is_open(at(5, 9))


def test_a_clock_change_keeps_the_wall_clock_and_never_promises_more():
    friday = datetime(2027, 3, 12, 22, 0, tzinfo=UTC)  # 17:00 in winter time
    assert desk().next_opening(friday) == datetime(2027, 3, 15, 13, 0, tzinfo=UTC)  # 9:00 in summer time
    night = DeskHours(ZONE, read_weekly("sun 01:00-02:30"))
    [spring] = night.on(date(2027, 3, 14))  # 2:00 to 3:00 doesn't exist
    assert (spring.start, spring.end) == (
        datetime(2027, 3, 14, 6, 0, tzinfo=UTC),
        datetime(2027, 3, 14, 7, 30, tzinfo=UTC),
    )
    [autumn] = night.on(date(2027, 11, 7))  # 1:00 to 2:00 comes twice
    assert autumn.start == datetime(2027, 11, 7, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("came", "later", "ends"),
    [
        (at(5, 8), 0, at(5, 17)),
        (at(5, 16, 59), 0, at(5, 17)),
        (at(5, 17), 0, at(6, 17)),  # after closing it counts for the next day
        (at(5, 8), 1, at(6, 17)),
        (at(5, 8), 2, at(7, 17)),
        (at(6, 8), 2, at(10, 17)),  # over the weekend
        (at(8, 12), 0, at(10, 17)),  # on a Saturday
        (at(28, 9), 1, at(1, 17, month=6)),  # over the holiday
    ],
)
def test_business_days_are_the_desks(came, later, ends):
    assert desk().end_of_business_day(came, later) == ends


def test_without_hours_whole_weekdays_count():
    assert desk("").end_of_business_day(at(7, 19)) == at(8, 0)
    assert desk("").end_of_business_day(at(8, 12)) == at(11, 0)
