"""Weeks, months and quarters of the practice's own calendar, whole ones alone. Pure.

A week is an ISO week, from Monday to Sunday. Only what is over is counted, so that a number doesn't change its meaning
while it is looked at, and no two periods overlap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHOICES = (13, 26, 52)
"""How many weeks can be looked at."""
USUAL = 26


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` until before `end`, both local days. `name` is as in 2027-W18, 2027-05 or 2027-Q2."""

    name: str
    first: date
    end: date


Step = Callable[[date], date]


def weeks_before(today: date, count: int) -> tuple[Period, ...]:
    """The last whole ISO weeks that were over before this day, the oldest first."""
    return _before(today, count, lambda day: day - timedelta(days=day.weekday()), _name_of_week)


def months_before(today: date, count: int) -> tuple[Period, ...]:
    """The last whole months, the oldest first."""
    return _before(today, count, lambda day: day.replace(day=1), lambda day: f"{day:%Y-%m}")


def quarters_before(today: date, count: int) -> tuple[Period, ...]:
    """The last whole quarters, the oldest first."""
    return _before(today, count, _quarter_begins, lambda day: f"{day.year}-Q{(day.month + 2) // 3}")


def find_period(periods: Sequence[Period], day: date) -> int | None:
    """Which of these periods, one behind the other, a day lies in."""
    found = bisect_right([one.first for one in periods], day) - 1
    return found if found >= 0 and day < periods[found].end else None


def span_of(periods: Sequence[Period], zone: str) -> tuple[datetime, datetime]:
    """When the first of them begins and the last ends, both aware UTC, at midnight in this zone."""
    here = ZoneInfo(zone)
    first, end = (datetime.combine(day, time(0), here) for day in (periods[0].first, periods[-1].end))
    return first.astimezone(UTC), end.astimezone(UTC)


def local_day(moment: datetime, zone: str) -> date:
    """The day of the practice's calendar on which this was."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _before(today: date, count: int, begins: Step, name: Callable[[date], str]) -> tuple[Period, ...]:
    end, found = begins(today), list[Period]()
    while len(found) < count:
        first = begins(end - timedelta(days=1))
        found.append(Period(name(first), first, end))
        end = first
    return tuple(reversed(found))


def _name_of_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _quarter_begins(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
