"""The events of a calendar, put together by what they say of each other: series, changes and revisions. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from icalendar import Calendar, Component, Event

from practice.calendars.reading.linting import Entry

Member = tuple[Component, Entry]


def series_of(entries: Sequence[Entry]) -> Iterator[list[Member]]:
    """The events by UID; one without a UID is by itself.

    Of events that claim to be the same, the newest revision counts. Where two are as new, both do: a program that
    gives one UID twice must not free a time. So it is with changes of one time.
    """
    by_uid: dict[str, list[Member]] = defaultdict(list)
    for number, member in enumerate(zip(_parsed(entries), entries, strict=True)):
        by_uid[uid_of(member[0]) or f"\n{number}"].append(member)  # a UID is one line
    for members in by_uid.values():
        current = _newest([member for member in members if "RECURRENCE-ID" not in member[0]])
        changed, others = _changes([member for member in members if "RECURRENCE-ID" in member[0]])
        if current:
            yield from ([master, *deepcopy(changed)] for master in current)
        elif changed:
            yield changed
        yield from ([other] for other in others)


def uid_of(event: Component) -> str:
    return next((str(uid) for uid in listed(event.get("UID"))), "")


def listed(value: Any) -> list[Any]:
    """What icalendar gives for a property: nothing, one, or a list of several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _changes(members: Sequence[Member]) -> tuple[list[Member], list[Member]]:
    """One newest change of each time, and what else is as new: the libraries know of one change of a time alone."""
    by_time: dict[str, list[Member]] = defaultdict(list)
    for event, entry in members:
        by_time[_time_changed(event)].append((event, entry))
    newest = [_newest(of_one_time) for of_one_time in by_time.values()]
    return [first for first, *_ in newest], [other for _, *others in newest for other in others]


def _time_changed(event: Component) -> str:
    """Which time is changed, as it is written; of one that is written twice, all that was written."""
    return "|".join(f"{one.to_ical()!r} {sorted(one.params.items())}" for one in listed(event.get("RECURRENCE-ID")))


def _newest(members: Sequence[Member]) -> list[Member]:
    newest = max((_sequence(event) for event, _ in members), default=0)
    return [member for member in members if _sequence(member[0]) == newest]


def _parsed(entries: Sequence[Entry]) -> list[Component]:
    lines = [line for entry in entries for line in ("BEGIN:VEVENT", *entry.lines, "END:VEVENT")]
    try:
        return Calendar.from_ical("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"])).subcomponents
    except Exception:  # one that icalendar trips over must not cost the others
        return [Event()] if len(entries) == 1 else [event for entry in entries for event in _parsed([entry])]


def _sequence(event: Component) -> int:
    sequence = event.get("SEQUENCE")
    return sequence if isinstance(sequence, int) else -1
