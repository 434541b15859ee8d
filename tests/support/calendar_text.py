"""Calendars as somebody else's program might write them, and how they are read."""

from __future__ import annotations

from datetime import UTC, datetime

from practice.calendars.reading.expanding import read_busy
from practice.calendars.reading.outcome import AllDay, BusyReading
from practice.spans import Span

ZONE = "America/New_York"
WINDOW = Span(datetime(2027, 5, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))
NINE = ("DTSTART:20270510T090000Z", "DTEND:20270510T100000Z")


def calendar(*components: str, says: tuple[str, ...] = ("VERSION:2.0", "PRODID:-//somebody//else//EN")) -> bytes:
    """A VCALENDAR around components."""
    return "\r\n".join(["BEGIN:VCALENDAR", *says, *components, "END:VCALENDAR", ""]).encode()


def event(*lines: str, uid: str = "one") -> str:
    """A VEVENT of these lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Something private", *lines, "END:VEVENT"])


def read(content: bytes, *, zone: str = ZONE, all_day: AllDay = AllDay.BLOCK, within: Span = WINDOW) -> BusyReading:
    """As a therapist in New York would have it read."""
    return read_busy(content, zone=zone, all_day=all_day, within=within)


def times(reading: BusyReading) -> list[str]:
    """The busy times in UTC, as "0510T0900-0510T1000"."""
    return [f"{one.span.start:%m%dT%H%M}-{one.span.end:%m%dT%H%M}" for one in reading.occurrences]
