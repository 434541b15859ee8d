"""A session as one object of a therapist's own calendar: its bytes, its address, and what a server gives back. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from icalendar import Calendar, Event

from practice.calendars import ics
from practice.calendars.caldav.deciding import Found
from practice.calendars.ics import Appointment
from practice.spans import Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def content_of(appointment: Appointment) -> bytes:
    """One VCALENDAR with one VEVENT; no METHOD, nobody invited."""
    return ics.download(replace(appointment, organizer=None, attendee=None))


def digest_of(appointment: Appointment) -> str:
    """A mark of what it says; the instants at which it was written are no part of that."""
    return hashlib.sha256(content_of(replace(appointment, stamp=EPOCH, modified=EPOCH))).hexdigest()[:32]


def href_in(calendar: str, uid: str) -> str:
    """Where the object of this UID is, in a calendar at this address.

    Other programs name theirs after the UID itself, so ours are told from one that came by mail.
    """
    return f"{calendar.rstrip('/')}/session-{hashlib.sha256(uid.encode()).hexdigest()[:32]}.ics"


def read_object(content: bytes, etag: str) -> Found:
    """What a server has. Whatever can't be read as one event has no UID, and so isn't ours."""
    nothing = Found(etag, "", None, cancelled=False, addressed=False)
    try:
        event = next((one for one in Calendar.from_ical(content).walk("VEVENT")), None)
        if not isinstance(event, Event):
            return nothing
        return Found(
            etag,
            str(event.get("UID", "")),
            _span_of(event),
            cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
            addressed="ORGANIZER" in event or "ATTENDEE" in event,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):  # whatever a stranger's bytes make it raise
        return nothing


def _span_of(event: Event) -> Span | None:
    start = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(start, datetime) or start.tzinfo is None:
        return None
    end = getattr(event.get("DTEND"), "dt", None)
    if end is None:
        length = getattr(event.get("DURATION"), "dt", None)
        end = start + length if length is not None else None
    if not isinstance(end, datetime) or end.tzinfo is None or end <= start:
        return None
    return Span(start.astimezone(UTC), end.astimezone(UTC))
