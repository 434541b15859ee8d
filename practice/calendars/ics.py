"""Calendar objects as bytes: a therapist's feed, a client's download, the part of a letter, and open times.

Pure: the same values always give the same bytes. Rules (RFC 5545, 5546, 7986): CRLF, lines of at most 75 octets that
never split a character, no control characters, every instant in UTC (`Z`) without VTIMEZONE, since single sessions
need none and several readers misread the ones that libraries write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from icalendar import Calendar, Event, FreeBusy, vCalAddress, vText
from icalendar.parser import Contentline

from practice.spans import Span, merge

PRODUCT = "-//practice//appointments//EN"
REFRESH = timedelta(hours=1)
FEED_COLOR = "teal"  # a CSS3 name, as RFC 7986 asks
CONTENT_TYPE = "text/calendar; charset=utf-8"

# Everything that RFC 5545 forbids in a text, and the separators that some readers take for the end of a line.
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_BREAKS = re.compile("\r\n?")


class Status(StrEnum):
    """Whether the appointment stands."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Method(StrEnum):
    """What a mailed calendar part asks of its reader (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives a calendar part: an address, and a neutral name or none.

    `sent_by` is the address that speaks for them now, where that is another.
    """

    address: str
    name: str = ""
    sent_by: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """One revision of one session. All instants are aware; `stamp` and `modified` advance with each revision.

    `uid` stays for the life of the booking, `sequence` counts its revisions from 0. The texts are what anybody
    looking over a shoulder may read.
    """

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    stamp: datetime
    modified: datetime
    status: Status
    url: str
    summary: str
    organizer: Party | None = None
    attendee: Party | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class OpenTime:
    """A time that can be booked. `uid` is plain ASCII; `stamp` must not change while the time stays open."""

    uid: str
    span: Span
    stamp: datetime
    url: str


def fragment(appointment: Appointment) -> bytes:
    """The VEVENT of a feed or a download, without its envelope; ends with CRLF."""
    return bytes(_event(appointment).to_ical())


@lru_cache(maxsize=1000)
def summary_line(words: str) -> bytes:
    """The line of a VEVENT that says these words, folded; ends with CRLF. In a fragment one can stand for another."""
    return _folded(f"SUMMARY:{vText(_line(words)).to_ical().decode()}")


def url_line(url: str) -> bytes:
    """The line of a VEVENT that leads to this page, folded; ends with CRLF."""
    return _folded(f"URL:{_line(url)}")


def feed(fragments: Iterable[bytes], *, name: str, zone: str) -> bytes:
    """A feed around VEVENTs that fragment() made. `zone` is where the reader's days begin."""
    calendar = _calendar()
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", vText(_line(name)))
    calendar.add("x-wr-timezone", vText(_line(zone)))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT1H"))
    calendar.add("color", FEED_COLOR)
    return _around(calendar, fragments)


def download(appointment: Appointment) -> bytes:
    """One session as a file to open: no METHOD, nobody to answer."""
    return _around(_calendar(), [fragment(appointment)])


def mail_part(appointment: Appointment, method: Method) -> bytes:
    """The calendar part of a letter. Needs an organizer and an attendee; a CANCEL must be a cancelled revision.

    :raises ValueError: when the appointment doesn't fit the method, which is a bug of the caller.
    """
    if appointment.organizer is None or appointment.attendee is None:
        raise ValueError("a calendar part needs an organizer and an attendee")
    if (method is Method.CANCEL) != (appointment.status is Status.CANCELLED):
        raise ValueError(f"{method} does not fit the status {appointment.status}")
    calendar = _calendar()
    calendar.add("method", method.value)
    return _around(calendar, [fragment(appointment)])


def open_times(times: Iterable[OpenTime], *, name: str, summary: str) -> bytes:
    """Open times as events that block nothing. A time that was taken is simply not there any more."""
    calendar = _calendar()
    calendar.add("x-wr-calname", vText(_line(name)))
    said = summary_line(summary)
    return _around(calendar, (_open_event(time, said) for time in times))


def free_busy(times: Sequence[Span], *, uid: str, within: Span, stamp: datetime, url: str) -> bytes:
    """Open times as one VFREEBUSY: the FREE periods, overlapping ones merged, in the span that was looked at."""
    component = FreeBusy()
    component.add("uid", _line(uid))
    component.add("dtstamp", _utc(stamp))
    component.add("dtstart", _utc(within.start))
    component.add("dtend", _utc(within.end))
    component.add("url", _line(url))
    for span in merge(times):
        component.add("freebusy", [(_utc(span.start), _utc(span.end))], parameters={"FBTYPE": "FREE"})
    return _around(_calendar(), [component.to_ical()])


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _around(calendar: Calendar, fragments: Iterable[bytes]) -> bytes:
    """Joining bytes instead of parsing them again: a feed of many sessions costs as much as it is long."""
    end = b"END:VCALENDAR\r\n"
    return b"".join([calendar.to_ical().removesuffix(end), *fragments, end])


def _event(appointment: Appointment) -> Event:
    if _utc(appointment.starts) >= _utc(appointment.ends):
        raise ValueError("an appointment ends after it starts")
    stands = appointment.status is Status.CONFIRMED
    event = Event()
    event.add("uid", _line(appointment.uid))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", _utc(appointment.stamp))
    event.add("last-modified", _utc(appointment.modified))
    event.add("dtstart", _utc(appointment.starts))
    event.add("dtend", _utc(appointment.ends))
    event.add("summary", _line(appointment.summary))
    if appointment.description:
        event.add("description", _text(appointment.description))
    event.add("url", _line(appointment.url))
    event.add("status", appointment.status.value)
    event.add("transp", "OPAQUE" if stands else "TRANSPARENT")
    event.add("class", "PRIVATE")  # whoever shares this calendar sees a busy time and no more
    if appointment.organizer is not None:
        event.add("organizer", _address(appointment.organizer))
    if appointment.attendee is not None:
        attendee = _address(appointment.attendee)
        # The recipient asked for this time, so nothing is left to accept, and nobody reads replies.
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee)
    return event


def _open_event(time: OpenTime, summary: bytes) -> bytes:
    """Line by line, since an icalendar Event takes ten times as long and a horizon holds hundreds of these."""
    lines = (
        f"DTSTART:{_stamp(time.span.start)}",
        f"DTEND:{_stamp(time.span.end)}",
        f"DTSTAMP:{_stamp(time.stamp)}",
        f"UID:{_line(time.uid)}",
        "TRANSP:TRANSPARENT",
        f"URL:{_line(time.url)}",
    )
    return b"".join([b"BEGIN:VEVENT\r\n", summary, *(_folded(line) for line in lines), b"END:VEVENT\r\n"])


def _folded(line: str) -> bytes:
    return bytes(Contentline(line).to_ical()) + b"\r\n"  # type: ignore[no-untyped-call]


def _address(party: Party) -> vCalAddress:
    address = vCalAddress("mailto:" + _line(party.address))
    if party.name:
        address.params["CN"] = vText(_line(party.name).replace('"', "'"))
    if party.sent_by:
        address.params["SENT-BY"] = vText("mailto:" + _line(party.sent_by).replace('"', "'"))
    return address


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("a calendar object needs aware instants")
    return instant.astimezone(UTC).replace(microsecond=0)


def _stamp(instant: datetime) -> str:
    return _utc(instant).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Text of one or more lines, without the characters that calendars forbid."""
    return _FORBIDDEN.sub("", _BREAKS.sub("\n", value))


def _line(value: str) -> str:
    """Text of exactly one line; what tries to begin another property stays a part of this one."""
    return _text(value).replace("\n", " ").strip()
