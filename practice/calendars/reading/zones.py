"""Which zone somebody's calendar means by a name: IANA's, Windows', an offset, a city, or a table in the file.

Pure. A name that means nothing here is told apart, so that its times are never read in another zone in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Component, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

MOST_RULES = 50  # STANDARD and DAYLIGHT parts of one VTIMEZONE
MOST_TABLE_LINES = 500
FARTHEST = timedelta(hours=15)  # from UTC; the world's own go to 14 hours

_OF_THIS_MACHINE = frozenset({"localtime", "posixrules", "Factory"})  # files beside the zones that name none
_OFFSET = re.compile(r"(?:UTC|GMT|Etc/GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
# What Windows shows where it should write a name: "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna".
_SHOWN = re.compile(r"\((?:UTC|GMT)\s*([+-]\d{1,2}:?\d{2})?\)\s*(.*)", re.IGNORECASE)
_SHOWN_REGIONS = {
    "ATLANTIC TIME (CANADA)": "America/Halifax",
    "EASTERN TIME (US & CANADA)": "America/New_York",
    "CENTRAL TIME (US & CANADA)": "America/Chicago",
    "MOUNTAIN TIME (US & CANADA)": "America/Denver",
    "ARIZONA": "America/Phoenix",
    "PACIFIC TIME (US & CANADA)": "America/Los_Angeles",
    "ALASKA": "America/Anchorage",
    "HAWAII": "Pacific/Honolulu",
    "DUBLIN, EDINBURGH, LISBON, LONDON": "Europe/London",
    "COORDINATED UNIVERSAL TIME": "UTC",
}
_RULE = re.compile("RRULE:(?=.*FREQ=YEARLY)(?!.*(?:BYSECOND|BYMINUTE|BYHOUR|BYSETPOS|INTERVAL=0))", re.IGNORECASE)


def zone_called(name: str, tables: Mapping[str, Sequence[str]]) -> tzinfo | None:
    """The zone of this name; None when neither the world nor the file's own tables (VTIMEZONE lines) know it."""
    known = _known_name(name)
    if known is not None:
        return known
    if name in tables and (written := _written_zone(tables[name])) is not None:
        return written
    return _shown_zone(name)


def _known_name(name: str) -> tzinfo | None:
    bare = name.strip().strip("/")
    for candidate in _candidates(bare):
        if candidate and candidate not in _OF_THIS_MACHINE:
            try:
                return ZoneInfo(candidate)
            except (KeyError, ValueError, OSError):  # none of that name, no name at all, or a folder's
                continue
    return UTC if bare.upper() in {"Z", "UTC", "GMT"} else None


def _candidates(name: str) -> list[str]:
    """The name, Windows' name for it, and what is left without a vendor's prefix ("/mozilla.org/2005/Europe/Rome")."""
    parts = name.split("/")
    return [name, WINDOWS_TO_OLSON.get(name, ""), *("/".join(parts[begin:]) for begin in range(1, len(parts) - 1))]


def _shown_zone(name: str) -> tzinfo | None:
    if offset := _OFFSET.fullmatch(name):
        return _fixed(offset)
    shown = _SHOWN.fullmatch(name)
    if shown is None:
        return None
    places = shown[2].strip().upper()
    if places in _SHOWN_REGIONS:
        return ZoneInfo(_SHOWN_REGIONS[places])
    for place in places.split(","):
        if found := _cities().get(place.strip().replace(" ", "_")):
            return ZoneInfo(found)
    return None


@cache
def _cities() -> dict[str, str]:
    return {
        name.rpartition("/")[2].upper(): name
        for name in sorted(available_timezones())
        if name.count("/") and "Etc/" not in name
    }


def _fixed(offset: re.Match[str]) -> tzinfo | None:
    length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    if length > FARTHEST:
        return None
    # "Etc/GMT+5" is five hours behind, but IANA's own names are known before this is asked.
    return timezone(-length if offset[1] == "-" else length)


def _written_zone(lines: Sequence[str]) -> tzinfo | None:
    """The zone that a VTIMEZONE's lines describe, if they do so sanely."""
    if len(lines) > MOST_TABLE_LINES or sum(line.startswith("BEGIN:") for line in lines) > MOST_RULES:
        return None
    if not all(_RULE.match(line) for line in lines if line[:5].upper() == "RRULE"):
        return None
    try:
        table = Timezone()
        table.add("tzid", "written")
        for part in _parts(lines):
            table.add_component(part)
        zone: tzinfo = table.to_tz(lookup_tzid=False)
        for month in (1, 7):
            if abs(zone.utcoffset(datetime(2030, month, 1)) or timedelta(0)) > FARTHEST:  # noqa: DTZ001 - of this zone
                return None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return zone


def _parts(lines: Sequence[str]) -> list[Component]:
    parts: list[Component] = []
    begun: list[str] = []
    for line in lines:
        if line.startswith("BEGIN:"):
            begun = [line]
        elif begun:
            begun.append(line)
            if line.startswith("END:"):
                made = TimezoneStandard if line == "END:STANDARD" else TimezoneDaylight
                parts.append(made.from_ical("\r\n".join(begun)))
                begun = []
    return parts
