"""Reading a therapist's own calendar against the libraries that it is read with: parsing and repeating alone."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import recurring_ical_events
from icalendar import Calendar

from bench.figure import Figure
from practice.calendars.reading.expanding import read_busy
from practice.calendars.reading.outcome import AllDay
from practice.spans import Span

EVENTS = 2_000
ZONE = "America/New_York"
NOW = datetime(2026, 5, 4, tzinfo=UTC)
WITHIN = Span(NOW, NOW + timedelta(days=120))
TURNS = 3


def measure() -> Iterator[Figure]:
    """A calendar of four years, in the same process, without the guard's child."""
    content = calendar_of_years()

    def ours() -> int:
        reading = read_busy(content, zone=ZONE, all_day=AllDay.BLOCK, within=WITHIN)
        if reading.warnings:
            raise AssertionError(f"a calendar without faults: {reading.warnings}")
        return len(reading.occurrences)

    def libraries() -> int:
        parsed = Calendar.from_ical(content)
        return len(recurring_ical_events.of(parsed).between(WITHIN.start, WITHIN.end))

    found = ours()
    if found != libraries():
        raise AssertionError("the two that are compared must find the same")
    measured, limit = best_of_turns(ours, libraries)
    yield Figure(
        f"reading a calendar of {EVENTS:,} events ({len(content) // 1024} kB, {found} busy)",
        "ms",
        measured * 1000,
        limit * 1000,
        at_most=1.2,
    )


def calendar_of_years() -> bytes:
    """Single events, whole days and series as Google writes them, the same in each run."""
    chance = random.Random(EVENTS)  # noqa: S311 - not a secret
    first = NOW - timedelta(days=1_300)
    events = [_event(number, first + timedelta(days=chance.randrange(1_400)), chance) for number in range(EVENTS)]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", *events, "END:VCALENDAR", ""]).encode()


def _event(number: int, day: datetime, chance: random.Random) -> str:
    hour, length = chance.randrange(8, 18), chance.choice((30, 50, 60, 90))
    begin, end = day + timedelta(hours=hour), day + timedelta(hours=hour, minutes=length)
    lines = [
        "BEGIN:VEVENT",
        f"DTSTART;TZID={ZONE}:{begin:%Y%m%dT%H%M%S}",
        f"DTEND;TZID={ZONE}:{end:%Y%m%dT%H%M%S}",
        "DTSTAMP:20260501T000000Z",
        f"UID:{number:026}@example.com",
        "CREATED:20260101T000000Z",
        "DESCRIPTION:" + "Some words that somebody wrote\\, of the usual length. " * 2,
        "LAST-MODIFIED:20260401T000000Z",
        "LOCATION:12 High Street",
        "SEQUENCE:1",
        "STATUS:CONFIRMED",
        "SUMMARY:An appointment",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Reminder",
        "TRIGGER:-PT30M",
        "END:VALARM",
        "END:VEVENT",
    ]
    if number % 20 == 0:
        lines[1:3] = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"]
    elif number % 10 == 1:
        until = end + timedelta(weeks=chance.randrange(4, 60))
        lines.insert(3, f"RRULE:FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%S}Z")
    elif number % 50 == 2:
        lines.insert(3, "RRULE:FREQ=WEEKLY;INTERVAL=2")
    return "\r\n".join(lines)


def best_of_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """The shortest time of each in seconds, turn by turn, so that a busy machine slows both."""
    best = [float("inf"), float("inf")]
    for _ in range(TURNS):
        for place, run in enumerate((one, other)):
            began = time.process_time()
            run()
            best[place] = min(best[place], time.process_time() - began)
    return best[0], best[1]
