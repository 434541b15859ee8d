"""libical, the reader of Evolution, KDE and many a phone, through ctypes: what it reads, and what it calls an error."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import pytest

from tests.support.calendar_readers import ReadEvent

MISSING = "needs libical"  # as skips.py knows it


class Instant(ctypes.Structure):
    """`struct icaltimetype` of libical 3."""

    _fields_ = [
        *(
            (name, ctypes.c_int)
            for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")
        ),
        ("zone", ctypes.c_void_p),
    ]


class Period(ctypes.Structure):
    """`struct icalperiodtype`: a start, and an end or a length."""

    _fields_ = [("start", Instant), ("end", Instant), ("duration", ctypes.c_int * 6)]


POINTER, KIND, TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
CALLS = {  # what each returns, and what it takes
    "icalparser_parse_string": (POINTER, TEXT),
    "icalcomponent_free": (None, POINTER),
    "icalcomponent_string_to_kind": (KIND, TEXT),
    "icalcomponent_get_first_component": (POINTER, POINTER, KIND),
    "icalcomponent_get_next_component": (POINTER, POINTER, KIND),
    "icalcomponent_get_first_property": (POINTER, POINTER, KIND),
    "icalcomponent_get_next_property": (POINTER, POINTER, KIND),
    "icalcomponent_get_dtstart": (Instant, POINTER),
    "icalcomponent_get_dtend": (Instant, POINTER),
    "icalcomponent_count_errors": (ctypes.c_int, POINTER),
    "icalcomponent_as_ical_string": (TEXT, POINTER),
    "icalrestriction_check": (ctypes.c_int, POINTER),
    "icalproperty_string_to_kind": (KIND, TEXT),
    "icalproperty_get_freebusy": (Period, POINTER),
    "icalproperty_get_value_as_string": (TEXT, POINTER),
    "icaltime_is_utc": (ctypes.c_int, Instant),
}


@cache
def _library() -> ctypes.CDLL | None:
    found = ctypes.util.find_library("ical")
    if found is None:
        return None
    library = ctypes.CDLL(found)
    for name, (result, *taken) in CALLS.items():
        call = getattr(library, name)
        call.restype, call.argtypes = result, taken
    return library


def libical() -> ctypes.CDLL:
    """The library; the test is skipped where it isn't installed."""
    library = _library()
    if library is None:
        pytest.skip(MISSING)
    return library


def read_by_libical(content: bytes) -> list[ReadEvent]:
    """The events that libical reads. Fails for what it can't parse, and for what RFC 5546 forbids by its tables."""
    library, calendar = _parse(content)
    try:
        return sorted(
            ReadEvent(
                _text(library, event, b"UID"),
                _instant(library, library.icalcomponent_get_dtstart(event)),
                _instant(library, library.icalcomponent_get_dtend(event)),
                _text(library, event, b"SUMMARY"),
                _text(library, event, b"STATUS"),
            )
            for event in _components(library, calendar, b"VEVENT")
        )
    finally:
        library.icalcomponent_free(calendar)


def free_times_of_libical(content: bytes) -> list[tuple[datetime, datetime]]:
    """The periods of every VFREEBUSY that libical reads."""
    library, calendar = _parse(content)
    kind = library.icalproperty_string_to_kind(b"FREEBUSY")
    found = []
    try:
        for component in _components(library, calendar, b"VFREEBUSY"):
            one = library.icalcomponent_get_first_property(component, kind)
            while one:
                period = library.icalproperty_get_freebusy(one)
                found.append((_instant(library, period.start), _instant(library, period.end)))
                one = library.icalcomponent_get_next_property(component, kind)
    finally:
        library.icalcomponent_free(calendar)
    return found


def _parse(content: bytes) -> tuple[ctypes.CDLL, int]:
    library = libical()
    calendar = library.icalparser_parse_string(content)
    assert calendar, "libical reads nothing at all"
    # A property or component that it can't read becomes X-LIC-ERROR; icalrestriction_check adds what may not be so.
    library.icalrestriction_check(calendar)
    wrong = library.icalcomponent_count_errors(calendar)
    said = (library.icalcomponent_as_ical_string(calendar) or b"").decode()
    complaints = [line for line in said.replace("\r\n ", "").split("\r\n") if line.startswith("X-LIC-ERROR")]
    assert (wrong, complaints) == (0, [])
    return library, calendar


def _components(library: ctypes.CDLL, calendar: int, name: bytes) -> Iterator[int]:
    kind = library.icalcomponent_string_to_kind(name)
    one = library.icalcomponent_get_first_component(calendar, kind)
    while one:
        yield one
        one = library.icalcomponent_get_next_component(calendar, kind)


def _text(library: ctypes.CDLL, component: int, name: bytes) -> str:
    kind = library.icalproperty_string_to_kind(name)
    found = library.icalcomponent_get_first_property(component, kind)
    if not found:
        return ""
    said: bytes = library.icalproperty_get_value_as_string(found)
    for escaped, plain in ((b"\\n", b"\n"), (b"\\,", b","), (b"\\;", b";"), (b"\\\\", b"\\")):
        said = said.replace(escaped, plain)
    return said.decode()


def _instant(library: ctypes.CDLL, read: Instant) -> datetime:
    assert library.icaltime_is_utc(read), "libical reads a time that isn't in UTC"
    return datetime(read.year, read.month, read.day, read.hour, read.minute, read.second, tzinfo=UTC)
