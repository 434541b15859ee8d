"""How the Spanish of the United States says times, dates and zones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_date, format_time, get_day_names, get_timezone_location, get_timezone_name

from practice.desk_hours import runs_of
from practice.telling.zones import changes_its_clock, is_repeated, seen_in, winter_of, zone_of

LOCALE = "es_US"
WITHOUT_A_NAME = ("hora de verano de ", "GMT")  # what Babel says of zones that have none: of summer, or in hours
BEFORE_I = re.compile(r"h?i(?!e|a)", re.IGNORECASE)  # before the sound of an i, "y" becomes "e"
BEFORE_O = re.compile(r"h?[oó]", re.IGNORECASE)  # before the sound of an o, "o" becomes "u"


def local_time(instant: datetime, zone: str) -> str:
    """`3:00 p.m.`, in that zone."""
    return clock_time(seen_in(instant, zone))


def clock_time(local: datetime) -> str:
    """`3:00 p.m.`, of what a clock shows."""
    return format_time(local.time(), "h:mm a", locale=LOCALE).replace("\xa0", " ")


def local_date(value: datetime | date, zone: str | None = None) -> str:
    """`martes 3 de marzo`, of an instant in a zone, or of a date that is local already.

    :raises ValueError: for an instant without a zone to see it in.
    """
    if isinstance(value, datetime):
        if zone is None:
            raise ValueError("an instant has no date before a zone is named")
        value = seen_in(value, zone).date()
    return _date_words(value)


@lru_cache(maxsize=1024)
def _date_words(day: date) -> str:
    return format_date(day, "EEEE d 'de' MMMM", locale=LOCALE)


def short_date(day: date) -> str:
    """`3 mar`, where there is no room for more and the whole date stands close by."""
    return format_date(day, "d MMM", locale=LOCALE)


def short_weekday(day: date) -> str:
    """`mar`, over a column of days."""
    return format_date(day, "EEE", locale=LOCALE)


def weekday(day: date) -> str:
    """`martes`."""
    return format_date(day, "EEEE", locale=LOCALE)


def full_hour(local: time) -> str:
    """`3 p.m.`, of a wall time without minutes."""
    return format_time(local, "h a", locale=LOCALE).replace("\xa0", " ")


def local_datetime(instant: datetime, zone: str) -> str:
    """`martes 3 de marzo, 3:00 p.m., hora oriental`."""
    return at_length(local_date(instant, zone), local_time(instant, zone), zone_at(instant, zone))


def at_length(day: str, clock: str, zone: str) -> str:
    """A date, a time and a zone's name, all said already, as one."""
    return f"{day}, {clock}, {zone}"


@lru_cache(maxsize=256)
def zone_name(zone: str) -> str:
    """`hora oriental`; `hora estándar …` where the clock never changes; `hora de Londres` where it has no name."""
    name = get_timezone_name(zone_of(zone) if changes_its_clock(zone) else winter_of(zone), locale=LOCALE)
    return f"hora de {_place(zone)}" if name.startswith(WITHOUT_A_NAME) else name


def zone_at(instant: datetime, zone: str) -> str:
    """The zone's name; in the hour that an autumn night repeats, the name that tells the two apart."""
    local = seen_in(instant, zone)
    return get_timezone_name(local, locale=LOCALE) if is_repeated(local) else zone_name(zone)


def zone_label(zone: str) -> str:
    """A zone among others to choose from: its name, and the city that it is called after."""
    return f"{zone_name(zone)} ({_place(zone)})" if "/" in zone else zone_name(zone)


def listing(words: Iterable[str]) -> str:
    """`uno`, `uno y dos`, `uno, dos y tres`; `padre e hijo`, as Spanish has it before the sound of an i."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {'e' if BEFORE_I.match(last) else 'y'} {last}" if first else last


def or_before(word: str) -> str:
    """What stands before the last of several to choose from: `o`; `u`, as Spanish has it before the sound of an o."""
    return "u" if BEFORE_O.match(word) else "o"


def weekly_hours(weekly: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
    """`de lunes a viernes, de 9:00 a.m. a 5:00 p.m.`, as desk_hours.in_words() says them in English."""
    names = get_day_names(locale=LOCALE)
    parts = []
    for first, last, windows in runs_of(weekly):
        days = f"los {_plural(names[first])}" if first == last else f"de {names[first]} a {names[last]}"
        parts.append(f"{days}, {listing(f'de {_at(opens)} a {_at(closes)}' for opens, closes in windows)}")
    return listing(parts) if len(parts) < 3 else f"{'; '.join(parts[:-1])}; y {parts[-1]}"


def _plural(day: str) -> str:
    return day if day.endswith("s") else f"{day}s"


def _at(clock: time) -> str:
    return format_time(clock, "h:mm a", locale=LOCALE).replace("\xa0", " ")


def _place(zone: str) -> str:
    return get_timezone_location(zone_of(zone), locale=LOCALE, return_city=True)
