"""Somebody's calendar as the times at which they are busy. docs/busy-times.md tells the rules.

Pure. The libraries parse and repeat; which of it blocks, in which zone it is, and what a broken part comes to is
decided here, and in doubt the time stays blocked. Untrusted bytes are read in a child process (guard.py), since a
short rule can be made that takes the libraries hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component
from icalendar.prop import vDDDTypes, vPeriod

from practice.calendars.reading.grouping import Member, listed, series_of, uid_of
from practice.calendars.reading.linting import Entry, Looked, look
from practice.calendars.reading.moments import (
    MOST_WORK,
    after,
    complete,
    in_order,
    instant,
    later_start,
    time_in,
    until,
    wall,
    work,
)
from practice.calendars.reading.outcome import (
    MANY_TIMES,
    NO_TIME,
    NOT_WORKED_OUT,
    NOTHING_IN_IT,
    UNKNOWN_ZONE,
    AllDay,
    BusyReading,
    ReadOccurrence,
    Unreadable,
    counted,
)
from practice.calendars.reading.zones import zone_called
from practice.spans import Span

MOST_OCCURRENCES = 20_000
AROUND = timedelta(days=2)  # the libraries compare dates in UTC; what is outside the window is dropped afterwards
WHOLE_DAY = timedelta(days=1)

FORGIVEN = frozenset({"EXDATE", "SEQUENCE"})  # without them an event blocks as much or more

TOO_MANY_TIMES = MANY_TIMES % {"most": f"{MOST_OCCURRENCES:,}"}

Limit = Callable[[], AbstractContextManager[object]]


class OutOfTime(Exception):
    """A limit was reached while one series was worked out; the others can still be."""


def read_busy(content: bytes, *, zone: str, all_day: AllDay, within: Span, limit: Limit = nullcontext) -> BusyReading:
    """When a calendar says busy, in the time asked for.

    `zone` is the therapist's, by IANA's name. `limit` is entered around the work on each series, and may raise
    OutOfTime there.
    :raises Unreadable: when nothing can be concluded from the content.
    """
    looked = look(content)
    reading = _Reading(looked, ZoneInfo(zone), all_day, within, limit)
    found: set[ReadOccurrence] = set()
    for occurrence in reading.occurrences():
        found.add(occurrence)
        if len(found) > MOST_OCCURRENCES:
            raise Unreadable(TOO_MANY_TIMES)
    ordered = sorted(found, key=lambda one: (one.span, one.uid))
    return BusyReading(tuple(ordered), tuple(reading.warnings()), len(looked.entries))


class _Reading:
    """One calendar being read, and what went wrong with parts of it."""

    def __init__(self, looked: Looked, own: tzinfo, all_day: AllDay, within: Span, limit: Limit) -> None:
        self._looked, self._own, self._all_day, self._within, self._limit = looked, own, all_day, within, limit
        self._unknown: list[str] = []
        self._not_worked_out = self._without_time = 0
        self._numbered = [self._zone_called(name) for name in looked.zone_names]
        calendars = {entry.zone for entry in looked.entries if entry.zone}
        self._of_calendar = {"": own, **{name: self._zone_called(name) for name in sorted(calendars)}}

    def occurrences(self) -> Iterator[ReadOccurrence]:
        """The busy times in no order, perhaps some of them twice."""
        events = [entry for entry in self._looked.entries if entry.kind == "VEVENT"]
        for series in series_of(events):
            if len(series) == 1 and not _repeats(series[0][0]):
                yield from self._as_written(series)
            else:
                yield from self._of_series(series)
        for entry in self._looked.entries:
            if entry.kind == "VFREEBUSY":
                yield from self._of_free_busy(entry)

    def warnings(self) -> Iterator[str]:
        """What the therapist should know, in sentences; words.py says them."""
        if not self._looked.entries:
            yield NOTHING_IN_IT
        if count := self._not_worked_out:
            yield counted(NOT_WORKED_OUT, count)
        if count := self._without_time:
            yield counted(NO_TIME, count)
        for name in self._unknown[:3]:
            yield UNKNOWN_ZONE % {"zone": name[:60], "own": self._own}

    def _of_series(self, series: Sequence[Member]) -> Iterator[ReadOccurrence]:
        try:
            with self._limit():
                worked_out = list(self._worked_out(series))
        except Exception:  # whatever the libraries make of one series, the others are still read
            self._not_worked_out += 1
            yield from self._as_written(series)
        else:
            yield from worked_out

    def _worked_out(self, series: Sequence[Member]) -> Iterator[ReadOccurrence]:
        calendar = Calendar()
        for event, entry in series:
            if entry.unfit or not {name for name, _ in event.errors} <= FORGIVEN:
                raise ValueError("a part of it can't be read")
            calendar.add_component(self._placed(event, entry))
        self._begin_later(*(event for event, _ in series))
        zone = self._zone_of(series[0][1])
        around = self._within.widened(AROUND, AROUND)
        for found in recurring_ical_events.of(calendar).between(around.start, around.end):
            if self._blocks(found):
                yield from self._busy(uid_of(found), found.get("DTSTART").dt, found.get("DTEND").dt, zone)
        # A change of a time that was left out as well: the library drops it, and it may be meant.
        yield from self._as_written([(event, entry) for event, entry in series if "RECURRENCE-ID" in event])

    def _as_written(self, series: Sequence[Member]) -> Iterator[ReadOccurrence]:
        """The times that stand in the events themselves, without any repetition."""
        for event, entry in series:
            try:
                start, end = self._times(event, entry)
            except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
                self._without_time += 1
                continue
            if self._blocks(event):
                yield from self._busy(uid_of(event), start, end, self._zone_of(entry))

    def _of_free_busy(self, entry: Entry) -> Iterator[ReadOccurrence]:
        uid, unread = "", False
        for line in entry.lines:
            head, _, value = line.rpartition(":")
            if line[:4].upper() in {"UID:", "UID;"}:
                uid = line.partition(":")[2]
            if line[:8].upper() != "FREEBUSY" or "FBTYPE=FREE" in head.upper().split(";"):
                continue
            for period in filter(None, value.split(",")):
                try:
                    start, end = (self._in_zone(each, entry, None) for each in _period(period))
                    end = start + end if isinstance(end, timedelta) else end
                except (ValueError, TypeError, OverflowError):
                    unread = True
                else:
                    yield from self._busy(uid, start, end, self._own)
        self._without_time += unread

    def _blocks(self, event: Component) -> bool:
        if _says(event, "STATUS") == "CANCELLED" or _says(event, "TRANSP") == "TRANSPARENT":
            return False
        if _says(event, "X-MICROSOFT-CDO-BUSYSTATUS") == "FREE":
            return False
        return self._all_day is AllDay.BLOCK or not _lasts_whole_days(event)

    def _busy(self, uid: str, start: date, end: date, zone: tzinfo) -> Iterator[ReadOccurrence]:
        """The time as instants, clipped to the window; nothing for no time at all."""
        first, last = instant(start, zone), instant(end, zone)
        if last <= first and wall(start) < wall(end):  # it begins in the hour that a clock change left out
            last = first + (wall(end) - wall(start))
        first, last = max(first, self._within.start), min(last, self._within.end)
        if first < last:
            yield ReadOccurrence(uid, Span(first, last))

    # Zones

    def _zone_called(self, name: str) -> tzinfo:
        try:
            with self._limit():
                found = zone_called(name, self._looked.zone_tables)
        except OutOfTime:
            found = None
        if found is None:
            self._unknown.append(name)
        return found or self._own

    def _zone_of(self, entry: Entry) -> tzinfo:
        return self._of_calendar[entry.zone]

    def _in_zone(self, value: Any, entry: Entry, number: str | None) -> Any:
        """A date, an instant, a length or a period, where times without a zone get the one that is meant."""
        if isinstance(value, tuple):
            return tuple(self._in_zone(each, entry, number) for each in value)
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=self._zone_of(entry) if number is None else self._numbered[int(number)])
        return value

    def _times(self, event: Component, entry: Entry) -> tuple[date, date]:
        """Begin and end, in order and of one kind: two dates, or two times in the same zone."""
        start = self._property(event.get("DTSTART"), entry)
        if "DTEND" in event:
            end = self._property(event.get("DTEND"), entry)
        elif "DURATION" in event:
            start, end = after(start, event.get("DURATION").dt, self._zone_of(entry))
        else:
            end = start if isinstance(start, datetime) else start + WHOLE_DAY
        if isinstance(start, datetime) or isinstance(end, datetime):
            zone = start.tzinfo if isinstance(start, datetime) else self._zone_of(entry)
            start, end = time_in(start, zone), time_in(end, zone)
        elif start == end:
            end = start + WHOLE_DAY  # as programs write the one day that they show
        return in_order(start, end)

    def _property(self, value: Any, entry: Entry) -> Any:
        return self._in_zone(value.dt, entry, value.params.get("X-ZONE"))

    def _placed(self, event: Component, entry: Entry) -> Component:
        """The event with every time in its zone, and the end of its rules as the libraries want it."""
        for name in {name for name, _ in event.errors}:
            event.pop(name, None)
        start, end = self._times(event, entry)
        if wall(end) < wall(start):  # it ends in the hour that comes twice, which the libraries count by the wall
            end = start + (instant(end, self._own) - instant(start, self._own))
        event["DTSTART"], event["DTEND"] = vDDDTypes(start), vDDDTypes(end)
        event.pop("DURATION", None)
        if "RECURRENCE-ID" in event:
            changed = event.get("RECURRENCE-ID")
            changed.dt = self._property(changed, entry)
        for name in ("RDATE", "EXDATE"):
            for values in listed(event.get(name)):
                for value in values.dts:
                    value.dt = self._in_zone(value.dt, entry, values.params.get("X-ZONE"))
        for rule in listed(event.get("RRULE")):
            complete(rule, start)
            if "UNTIL" in rule:
                rule["UNTIL"] = [until(rule["UNTIL"][0], start, self._zone_of(entry))]
        return event

    def _begin_later(self, master: Component, *changed: Component) -> None:
        """Begin a series of years near the window, in step with its rule, since the libraries count from its start."""
        rules = listed(master.get("RRULE"))
        if "RECURRENCE-ID" in master or not rules:
            return
        start, end = master.get("DTSTART").dt, master.get("DTEND").dt
        if len(rules) == 1 and not any("RRULE" in one or "RANGE" in one.get("RECURRENCE-ID").params for one in changed):
            begin = later_start(rules[0], start, self._within.start - AROUND - (end - start))
            master["DTSTART"], master["DTEND"] = vDDDTypes(begin), vDDDTypes(end + (begin - start))
            start = begin
        if sum(work(rule, start, self._within.end) for rule in rules) > MOST_WORK:
            raise ValueError("it repeats too often")


def _period(written: str) -> tuple[Any, Any]:
    begin_and_end: tuple[Any, Any] = vPeriod.from_ical(written)  # type: ignore[no-untyped-call]
    return begin_and_end


def _repeats(event: Component) -> bool:
    return any(name in event for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"))


def _says(event: Component, name: str) -> str:
    return str(event.get(name, "")).strip().upper()


def _lasts_whole_days(event: Component) -> bool:
    return not isinstance(event.get("DTSTART").dt, datetime) or _says(event, "X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE"
