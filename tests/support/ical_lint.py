"""A lint of calendar bytes for what the usual readers forgive: line ends, folds, control characters, required lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_LINE = 75
UTC_STAMP = re.compile(rb"\d{8}T\d{6}Z")
FEED = (b"NAME", b"X-WR-CALNAME", b"X-WR-TIMEZONE", b"COLOR")
PARTIES = (b"ATTENDEE", b"ORGANIZER")
TEXT = (b"SUMMARY", b"DESCRIPTION", b"NAME", b"X-WR-CALNAME")


def problems(content: bytes) -> list[str]:
    """Everything wrong with these bytes; empty for a sound calendar."""
    return [*_byte_problems(content), *_calendar_problems(unfolded(content))]


def feed_problems(content: bytes) -> list[str]:
    """What is wrong with these bytes as a calendar to subscribe to, besides everything else."""
    lines = unfolded(content)
    head = lines[: next((number for number, line in enumerate(lines) if line == b"BEGIN:VEVENT"), len(lines))]
    found = problems(content)
    for required in (b"REFRESH-INTERVAL;VALUE=DURATION:PT1H", b"X-PUBLISHED-TTL:PT1H"):
        if head.count(required) != 1:
            found.append(f"{required.decode()} does not stand exactly once")
    found += [f"{name.decode()} does not stand exactly once" for name in FEED if len(named(head, name)) != 1]
    found += [f"{name.decode()} has no place in a feed" for name in (b"METHOD", *PARTIES) if named(lines, name)]
    uids = values(lines, b"UID")
    if len(set(uids)) != len(uids):
        found.append("the same UID stands twice")
    return found


def unfolded(content: bytes) -> list[bytes]:
    """The logical lines."""
    return content.removesuffix(b"\r\n").replace(b"\r\n ", b"").split(b"\r\n")


def events(content: bytes) -> list[list[bytes]]:
    """The lines of each VEVENT or VFREEBUSY."""
    found: list[list[bytes]] = []
    inside = False
    for line in unfolded(content):
        if line in (b"BEGIN:VEVENT", b"BEGIN:VFREEBUSY"):
            found.append([])
            inside = True
        elif line in (b"END:VEVENT", b"END:VFREEBUSY"):
            inside = False
        elif inside:
            found[-1].append(line)
    return found


def values(lines: list[bytes], name: bytes) -> list[bytes]:
    """The values of a property, parameters left out."""
    return [line.rpartition(b":")[2] if b"mailto" in line else line.partition(b":")[2] for line in named(lines, name)]


def named(lines: list[bytes], name: bytes) -> list[bytes]:
    """The whole lines of a property."""
    return [line for line in lines if re.split(rb"[;:]", line, maxsplit=1)[0] == name]


def _byte_problems(content: bytes) -> Iterator[str]:
    if content.startswith(b"\xef\xbb\xbf"):
        yield "begins with a byte order mark"
    if not content.endswith(b"END:VCALENDAR\r\n"):
        yield "does not end with END:VCALENDAR and CRLF"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", content):
        yield "has a bare CR or LF"
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", content):
        yield "has a control character"
    for number, line in enumerate(content.split(b"\r\n"), 1):
        if len(line) > LONGEST_LINE:
            yield f"line {number} has {len(line)} octets"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield f"line {number} splits a character"


def _calendar_problems(lines: list[bytes]) -> Iterator[str]:
    for required in (b"VERSION:2.0", b"CALSCALE:GREGORIAN"):
        if lines.count(required) != 1:
            yield f"{required.decode()} does not stand exactly once"
    if len(named(lines, b"PRODID")) != 1:
        yield "PRODID does not stand exactly once"
    if b"BEGIN:VTIMEZONE" in lines or any(b"TZID" in line for line in lines):
        yield "names a time zone where UTC is enough"
    if b"BEGIN:VALARM" in lines:
        yield "rings"
    for line in lines:
        name = re.split(rb"[;:]", line, maxsplit=1)[0]
        if name in TEXT and re.search(rb"(?<!\\)(?:\\\\)*[;,]", line.partition(b":")[2]):
            yield f"{name.decode()} is not escaped"
    cancels = b"METHOD:CANCEL" in lines
    for number, event in enumerate(events(b"\r\n".join(lines) + b"\r\n"), 1):
        for problem in _event_problems(event, cancels=cancels):
            yield f"component {number}: {problem}"


def _event_problems(event: list[bytes], *, cancels: bool) -> Iterator[str]:
    for name in (b"UID", b"DTSTAMP", b"DTSTART", b"DTEND"):
        if len(named(event, name)) != 1:
            yield f"{name.decode()} does not stand exactly once"
    if named(event, b"DURATION"):
        yield "has DTEND and DURATION"
    for name in (b"DTSTAMP", b"DTSTART", b"DTEND", b"LAST-MODIFIED"):
        for value in values(event, name):
            if not UTC_STAMP.fullmatch(value):
                yield f"{name.decode()} is not in UTC"
    if values(event, b"DTSTART") >= values(event, b"DTEND"):
        yield "does not end after it starts"
    status = values(event, b"STATUS")
    if cancels and status != [b"CANCELLED"]:
        yield "a CANCEL whose status is not CANCELLED"
    if status == [b"CANCELLED"] and values(event, b"TRANSP") != [b"TRANSPARENT"]:
        yield "a cancelled session that blocks time"
