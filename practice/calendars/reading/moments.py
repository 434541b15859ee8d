"""Dates, times and rules of other people's calendars, brought to what can be compared. Pure."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from icalendar.prop import vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST_OF_DAY = time(23, 59, 59)

# How much work a rule may be: its periods up to the end of the window, by what a period of its step costs.
MOST_WORK = 60_000
DAYS = {"HOURLY": 1 / 24, "DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
WORK = {"HOURLY": 1, "DAILY": 1, "WEEKLY": 3, "MONTHLY": 5, "YEARLY": 20}

# Steps after which a rule is where it was; an hourly one falls on each hour again after INTERVAL days.
SAME_LENGTH = {"HOURLY": timedelta(days=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}


def instant(moment: date, zone: tzinfo) -> datetime:
    return time_in(moment, zone).astimezone(UTC)


def time_in(moment: date, zone: tzinfo | None) -> datetime:
    """A time in that zone: midnight for a date; a time that has no zone is one of this."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min, tzinfo=zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def wall(moment: date) -> datetime:
    return datetime.combine(moment, time.min) if not isinstance(moment, datetime) else moment.replace(tzinfo=None)


def in_order(start: date, end: date) -> tuple[date, date]:
    """Begin and end of one kind, exchanged where the end is before the begin, by the wall and as an instant.

    In the hours of a clock change one of the two alone says so, and means nothing.
    """
    if wall(end) >= wall(start):
        return start, end
    if isinstance(start, datetime) and isinstance(end, datetime) and start.timestamp() <= end.timestamp():
        return start, end
    return end, start


def after(start: date, length: timedelta, zone: tzinfo) -> tuple[date, date]:
    """Begin and end: days by the calendar, hours by the clock that doesn't change (RFC 5545, 3.3.6)."""
    days, rest = timedelta(days=length.days), length - timedelta(days=length.days)
    if not isinstance(start, datetime):
        if not rest:
            return start, start + days
        start = time_in(start, zone)
    return start, ((start + days).astimezone(UTC) + rest).astimezone(start.tzinfo)


def until(until: date, start: date, zone: tzinfo) -> date:
    """The end of a rule, of the kind that the start has: a date, or an instant in UTC. A day counts to its end."""
    if not isinstance(start, datetime):
        return time_in(until, zone).date() if isinstance(until, datetime) else until
    if not isinstance(until, datetime):
        until = datetime.combine(until, LAST_OF_DAY)
    return instant(until, start.tzinfo or zone)


def complete(rule: vRecur, start: date) -> None:
    """Take out of a rule what a date has no use for, and take from the start what the rule leaves open (RFC 5545)."""
    if not isinstance(start, datetime):
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            rule.pop(name, None)
    if "BYWEEKNO" in rule and not any(name in rule for name in ("BYDAY", "BYMONTHDAY", "BYYEARDAY")):
        rule["BYDAY"] = [WEEKDAYS[start.weekday()]]


def work(rule: vRecur, start: date, end: datetime) -> float:
    """How much there is to count from the start of a rule to the end of the window, roughly, in days of one a day."""
    step = str(rule["FREQ"][0]).upper()
    periods = (end.date() - date(start.year, start.month, start.day)).days / DAYS[step]
    each_day = math.prod(len(rule.get(name, [0])) for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    return periods / int(rule.get("INTERVAL", [1])[0]) * WORK[step] * each_day


def later_start(rule: vRecur, start: date, before: datetime) -> date:
    """The start moved towards `before` by whole steps of the rule: from there on it falls on the same times.

    Where the first times count (COUNT), or a step has no fixed length, it stays.
    """
    step = SAME_LENGTH.get(str(rule["FREQ"][0]).upper())
    if step is None or "COUNT" in rule:
        return start
    step *= int(rule.get("INTERVAL", [1])[0])
    return start + step * max(0, (before.date() - date(start.year, start.month, start.day)) // step)
