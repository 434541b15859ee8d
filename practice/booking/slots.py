"""Which times are open: a pure function of weekly hours, rules and what is busy. docs/slots.md tells it in prose."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from practice.spans import Span, merge, utc

Window = tuple[time, time]
"""Local wall times, opens < closes."""

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)
MIDNIGHT = time(0)
LAST_MIDNIGHT = time(0, fold=1)  # the second one, where a clock is put back over midnight
NO_BOOKINGS: Mapping[date, int] = {}
NEVER = Span(datetime.max.replace(tzinfo=UTC) - SECOND, datetime.max.replace(tzinfo=UTC))


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
        differing = self.overrides.get(day)
        return self.weekly.get(day.weekday(), ()) if differing is None else differing


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
    weekly_cap: int | None = None

    def __post_init__(self) -> None:
        if self.session <= NOTHING or self.step <= NOTHING:
            raise ValueError("a session and a step last longer than nothing")
        if (
            min(self.before, self.after, self.notice, self.horizon) < NOTHING
            or min(self.daily_cap or 0, self.weekly_cap or 0) < 0
        ):
            raise ValueError("buffers, notice, horizon and caps are not negative")

    @property
    def caps(self) -> tuple[int, int]:
        """The daily and the weekly cap, 0 where there is none."""
        return self.daily_cap or 0, self.weekly_cap or 0

    def blocked(self, start: datetime) -> Span:
        """All the time that a session starting then takes, buffers included."""
        return Span(start - self.before, start + self.session + self.after)


class Refusal(StrEnum):
    """The rules that refuse a candidate, in the order in which they are asked: the first that applies is named."""

    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    BUSY = "busy"
    NO_ROOM = "no_room"  # said by callers who judge for several rooms, never by judge_slots()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A candidate with the rule that refuses it, None when it is open, and what stands in its way.

    That is the earliest or latest start allowed (TOO_SOON, TOO_FAR), the full local date (DAY_FULL), the Monday of the
    full week (WEEK_FULL), or, of the busy spans that overlap it with its buffers, the one that ends last (BUSY).
    """

    span: Span
    refusal: Refusal | None = None
    blocker: datetime | date | Span | None = None


class Run(NamedTuple):
    """Candidate starts, one step apart, from `start` up to at most `final`, all on one local date."""

    start: datetime
    final: datetime
    day: date


def open_slots(
    schedule: Schedule,
    rules: SlotRules,
    busy: Sequence[Span],
    *,
    now: datetime,
    first: date,
    last: date,
    booked_per_day: Mapping[date, int] = NO_BOOKINGS,
) -> list[Span]:
    """The sessions that can be booked and start on the local dates `first` to `last`, both included.

    `now` is aware UTC; `busy` may be unsorted and overlapping; `booked_per_day` counts the bookings of a local date;
    for a weekly cap it has the whole weeks, Monday to Sunday, of `first` to `last`.
    Sorted by start, without duplicates. Costs O(candidates + busy log busy).
    :raises ValueError: for a naive `now`.
    """
    soonest, latest = utc(now) + rules.notice, utc(now) + rules.horizon
    zone = ZoneInfo(schedule.zone)
    # Look at no more days than the rules allow, with one to spare: where a clock is put back over midnight, a later
    # instant can have an earlier date.
    first = max(first, soonest.astimezone(zone).date() - DAY)
    last = min(last, latest.astimezone(zone).date() + DAY)
    runs = [run for run in _runs(schedule, rules, first, last) if not _is_full(run.day, rules, booked_per_day)]
    if not runs:
        return []

    session, step, before, needed = rules.session, rules.step, rules.before, rules.session + rules.after
    ahead = _in_order(busy, runs[0].start - before, runs[-1].final + needed)
    upcoming = next(ahead)
    taken_until = soonest - before  # neither the notice nor a busy span passed so far reaches beyond this
    found: list[Span] = []
    for run in runs:
        start, final = run.start, min(run.final, latest)
        while start <= final:
            end = start + needed
            while upcoming.start < end:
                if upcoming.end > taken_until:  # noqa: PLR1730 - max() would double the time of the whole
                    taken_until = upcoming.end
                upcoming = next(ahead)
            early = taken_until + before - start
            if early > NOTHING:
                start += -(-early // step) * step  # in whole steps, to where it is free or just past it
            else:
                found.append(Span(start, start + session))
                start += step
    return found


def judge_slots(
    schedule: Schedule,
    rules: SlotRules,
    busy: Sequence[Span],
    *,
    now: datetime,
    first: date,
    last: date,
    booked_per_day: Mapping[date, int] = NO_BOOKINGS,
) -> Iterator[Verdict]:
    """Every candidate of the local dates `first` to `last`, open or not, sorted by start.

    Takes what `open_slots` takes; the verdicts without a refusal are what that function returns.
    :raises ValueError: for a naive `now`, when the first verdict is asked for.
    """
    soonest, latest = utc(now) + rules.notice, utc(now) + rules.horizon
    runs = _runs(schedule, rules, first, last)
    if not runs:
        return
    needed = rules.session + rules.after
    ahead = _in_order(busy, runs[0].start - rules.before, runs[-1].final + needed)
    upcoming, longest = next(ahead), None
    for run in runs:
        for start in _steps(run.start, run.final, rules.step):
            while upcoming.start < start + needed:
                longest = upcoming if longest is None or upcoming.end > longest.end else longest
                upcoming = next(ahead)
            span = Span(start, start + rules.session)
            if start < soonest:
                yield Verdict(span, Refusal.TOO_SOON, soonest)
            elif start > latest:
                yield Verdict(span, Refusal.TOO_FAR, latest)
            elif _is_day_full(run.day, rules, booked_per_day):
                yield Verdict(span, Refusal.DAY_FULL, run.day)
            elif _is_week_full(run.day, rules, booked_per_day):
                yield Verdict(span, Refusal.WEEK_FULL, _monday(run.day))
            elif longest is not None and start - rules.before < longest.end:
                yield Verdict(span, Refusal.BUSY, longest)
            else:
                yield Verdict(span)


def _is_full(day: date, rules: SlotRules, booked_per_day: Mapping[date, int]) -> bool:
    return _is_day_full(day, rules, booked_per_day) or _is_week_full(day, rules, booked_per_day)


def _is_day_full(day: date, rules: SlotRules, booked_per_day: Mapping[date, int]) -> bool:
    return rules.daily_cap is not None and booked_per_day.get(day, 0) >= rules.daily_cap


def _is_week_full(day: date, rules: SlotRules, booked_per_day: Mapping[date, int]) -> bool:
    if rules.weekly_cap is None:
        return False
    monday = _monday(day)
    return sum(booked_per_day.get(monday + DAY * number, 0) for number in range(7)) >= rules.weekly_cap


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


def _in_order(busy: Sequence[Span], after: datetime, before: datetime) -> Iterator[Span]:
    """The busy spans that reach into the time looked at, by start, and then one that is never reached."""
    near = [span for span in busy if span.end > after and span.start < before]
    near.sort(key=attrgetter("start"))
    near.append(NEVER)
    return iter(near)


def _steps(start: datetime, final: datetime, step: timedelta) -> Iterator[datetime]:
    while start <= final:
        yield start
        start += step


def _runs(schedule: Schedule, rules: SlotRules, first: date, last: date) -> list[Run]:
    """All candidates whose local date lies in `first` to `last`, in order, each once."""
    zone = ZoneInfo(schedule.zone)
    runs: list[Run] = []
    day = first - DAY  # the days beside the asked ones count where a clock is put back over midnight
    while day <= last + DAY:
        windows = schedule.windows(day)
        if windows:
            begins = datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
            ends = datetime.combine(day + DAY, LAST_MIDNIGHT, zone).astimezone(UTC)
            if ends - begins != DAY:
                runs += _runs_of_awkward_day(zone, windows, day, rules)
            elif first <= day <= last:
                offset = datetime.combine(day, MIDNIGHT, UTC) - begins
                spans = (
                    Span(datetime.combine(day, opens, UTC) - offset, datetime.combine(day, closes, UTC) - offset)
                    for opens, closes in windows
                )
                runs += (Run(span.start, span.end - rules.session, day) for span in merge(spans))
        day += DAY
    return sorted({run for run in runs if run.start <= run.final and first <= run.day <= last})


def _runs_of_awkward_day(zone: ZoneInfo, windows: Sequence[Window], day: date, rules: SlotRules) -> Iterator[Run]:
    """Each candidate on its own, since the clock change of this day may have put it on another date."""
    spans = []
    for opens, closes in windows:
        start, end = _occurrences(zone, day, opens)[0], _occurrences(zone, day, closes)[1]
        if start < end:  # else the clock skips the whole window
            spans.append(Span(start, end))
    for span in merge(spans):
        for start in _steps(span.start, span.end - rules.session, rules.step):
            yield Run(start, start, start.astimezone(zone).date())


def first_instant(zone: ZoneInfo, day: date, wall: time) -> datetime:
    """The first instant (aware UTC) at which a clock in the zone shows this, or the end of the gap that skips it."""
    return _occurrences(zone, day, wall)[0]


def _occurrences(zone: ZoneInfo, day: date, wall: time) -> tuple[datetime, datetime]:
    """The first and the last instant at which a clock in the zone shows this, or, twice, the end of the gap over it."""
    local = datetime.combine(day, wall, zone)
    one, other = local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if one <= other:
        return one, other
    # Skipped: the change lies after `other` and not after `one`. The zone's new offset begins with it.
    changed = one.astimezone(zone).utcoffset()
    other = other.replace(microsecond=0)
    seconds = range((one - other) // SECOND + 1)
    gap_end = other + SECOND * bisect_left(
        seconds, True, key=lambda second: (other + SECOND * second).astimezone(zone).utcoffset() == changed
    )
    return gap_end, gap_end
