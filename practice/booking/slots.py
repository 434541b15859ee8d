"""Which times are open: a pure function of weekly hours, rules and what is busy. docs/slots.md tells it in prose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from operator import attrgetter
from zoneinfo import ZoneInfo

from practice.spans import Span, utc

Window = tuple[time, time]
"""Local wall times, opens < closes."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)
NOBODY: Mapping[date, int] = {}


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a therapist works: windows for each weekday (0 = Monday), and for single dates that differ; () is closed.

    :raises ValueError: for a window that doesn't open before it closes, or a weekday that doesn't exist.
    :raises zoneinfo.ZoneInfoNotFoundError: for an unknown zone.
    """

    zone: str
    weekly: Mapping[int, tuple[Window, ...]]
    overrides: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not self.weekly.keys() <= set(range(7)):
            raise ValueError(f"weekdays are 0 to 6, not {sorted(self.weekly)}")
        for windows in (*self.weekly.values(), *self.overrides.values()):
            for opens, closes in windows:
                if opens >= closes:
                    raise ValueError(f"a window must open before it closes: {opens} to {closes}")

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows of a local date, as they were entered."""
        found = self.overrides.get(day)
        return self.weekly.get(day.weekday(), ()) if found is None else found


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What makes a start possible; `before` and `after` are the buffers that must be free around the session.

    :raises ValueError: for a length or step that isn't positive, or another value below zero.
    """

    session: timedelta
    step: timedelta
    before: timedelta
    after: timedelta
    notice: timedelta
    horizon: timedelta
    daily_cap: int | None

    def __post_init__(self) -> None:
        if self.session <= NOTHING or self.step <= NOTHING:
            raise ValueError("a session and a step last longer than nothing")
        if min(self.before, self.after, self.notice, self.horizon) < NOTHING or (self.daily_cap or 0) < 0:
            raise ValueError("buffers, notice, horizon and daily cap are not negative")


class Refusal(StrEnum):
    """The rules by which a candidate is refused, in the order in which they are asked: the first that applies is named."""

    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    DAY_FULL = "day_full"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A candidate with the rule that refuses it, or None when it is open, and what stands in its way:

    the earliest or latest start allowed (TOO_SOON, TOO_FAR), the full local date (DAY_FULL), or of the busy spans
    that overlap it, buffers included, the one that ends last (BUSY).
    """

    span: Span
    refusal: Refusal | None = None
    blocker: datetime | date | Span | None = None


def open_slots(
    schedule: Schedule,
    rules: SlotRules,
    busy: Sequence[Span],
    *,
    now: datetime,
    first: date,
    last: date,
    booked_per_day: Mapping[date, int] = NOBODY,
) -> list[Span]:
    """The sessions that can be booked and start on the local dates `first` to `last`, both included.

    `now` is aware UTC; `busy` may be unsorted and overlapping; `booked_per_day` counts the bookings of a local date.
    Sorted by start, without duplicates. Costs O(candidates + busy log busy).
    :raises ValueError: for a naive `now`.
    """
    soonest, latest = utc(now) + rules.notice, utc(now) + rules.horizon
    zone = ZoneInfo(schedule.zone)
    # A day of margin on both sides, because a clock put back over midnight makes a later instant an earlier date.
    first = max(first, soonest.astimezone(zone).date() - DAY)
    last = min(last, latest.astimezone(zone).date() + DAY)
    full = _full_days(rules, booked_per_day)
    runs = [run for run in _runs(schedule, rules, first, last) if run[2] not in full]
    if not runs:
        return []
    session, step, before = rules.session, rules.step, rules.before
    needed = session + rules.after
    ahead = _in_order(busy, runs[0][0] - before, runs[-1][1] + needed)
    upcoming = ahead.pop()
    free_from = runs[0][0]  # the earliest start, of those the sweep has reached, that no busy span before it blocks
    found: list[Span] = []
    for start, final, _ in runs:
        if start < soonest:
            start -= (start - soonest) // step * step
        if final > latest:
            final = latest
        while start <= final:
            end = start + needed
            while upcoming.start < end:
                if upcoming.end + before > free_from:
                    free_from = upcoming.end + before
                upcoming = ahead.pop()
            if free_from > start:
                start -= (start - free_from) // step * step
            else:
                found.append(Span(start, start + session))
                start += step
    return found
