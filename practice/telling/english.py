"""How American English says times, dates and zones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_date, get_timezone_name

from practice.desk_hours import in_words
from practice.telling.zones import changes_its_clock, city_of, is_repeated, seen_in, winter_of, zone_of

LOCALE = "en_US"


def local_time(instant: datetime, zone: str) -> str:
    """`3:00 pm`, in that zone."""
    return clock_time(seen_in(instant, zone))


def clock_time(local: datetime) -> str:
    """`3:00 pm`, of what a clock shows."""
    return f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def local_date(value: datetime | date, zone: str | None = None) -> str:
    """`Tuesday 3 March`, of an instant in a zone, or of a date that is local already.

    :raises ValueError: for an instant without a zone to see it in.
    """
    if isinstance(value, datetime):
        if zone is None:
            raise ValueError("an instant has no date before a zone is named")
        value = seen_in(value, zone).date()
    return _date_words(value)


@lru_cache(maxsize=1024)
def _date_words(day: date) -> str:
    return format_date(day, "EEEE d MMMM", locale=LOCALE)


def short_date(day: date) -> str:
    """`3 Mar`, where there is no room for more and the whole date stands close by."""
    return format_date(day, "d MMM", locale=LOCALE)


def short_weekday(day: date) -> str:
    """`Tue`, over a column of days."""
    return format_date(day, "EEE", locale=LOCALE)


def weekday(day: date) -> str:
    """`Tuesday`."""
    return format_date(day, "EEEE", locale=LOCALE)


def full_hour(local: time) -> str:
    """`3 pm`, of a wall time without minutes."""
    return f"{local.hour % 12 or 12} {'am' if local.hour < 12 else 'pm'}"


def local_datetime(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March, 3:00 pm Eastern Time`."""
    return at_length(local_date(instant, zone), local_time(instant, zone), zone_at(instant, zone))


def at_length(day: str, clock: str, zone: str) -> str:
    """A date, a time and a zone's name, all said already, as one."""
    return f"{day}, {clock} {zone}"


@lru_cache(maxsize=256)
def zone_name(zone: str) -> str:
    """`Eastern Time`; `Mountain Standard Time` where the clock never changes, since that is the difference."""
    winter = winter_of(zone)
    if not changes_its_clock(zone):
        exact = get_timezone_name(winter, locale=LOCALE)
        if not exact.startswith("GMT"):
            return exact
    generic = get_timezone_name(zone_of(zone), locale=LOCALE)
    if generic.startswith("Unknown"):
        return get_timezone_name(winter, locale=LOCALE)
    if "(" in generic:
        return f"{city_of(zone)} time"
    return generic


def zone_at(instant: datetime, zone: str) -> str:
    """The zone's name; in the hour that an autumn night repeats, the name that tells the two apart."""
    local = seen_in(instant, zone)
    return get_timezone_name(local, locale=LOCALE) if is_repeated(local) else zone_name(zone)


def zone_label(zone: str) -> str:
    """A zone among others to choose from: its name, and the city that it is called after."""
    return f"{zone_name(zone)} ({city_of(zone)})" if "/" in zone else zone_name(zone)


def listing(words: Iterable[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def or_before(_word: str) -> str:
    """What stands before the last of several to choose from: `or`."""
    return "or"


def weekly_hours(weekly: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
    """`Monday to Friday, 9:00 am to 5:00 pm`."""
    return in_words(weekly)
