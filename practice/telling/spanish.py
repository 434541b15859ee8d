"""How the Spanish of the United States says times, dates and zones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache

from babel.dates import format_time, get_day_names, get_timezone_location, get_timezone_name

from practice.desk_hours import runs_of
from practice.telling.tongue import Tongue
from practice.telling.zones import changes_its_clock, winter_of, zone_of

LOCALE = "es_US"
WITHOUT_A_NAME = ("hora de verano de ", "GMT")  # what Babel says of zones that have none: of summer, or in hours
BEFORE_I = re.compile(r"h?i(?!e|a)", re.IGNORECASE)  # before the sound of an i, "y" becomes "e"
BEFORE_O = re.compile(r"h?[oó]", re.IGNORECASE)  # before the sound of an o, "o" becomes "u"


class Spanish(Tongue):
    """`martes 3 de marzo, 3:00 p.m., hora oriental`."""

    locale = LOCALE
    whole_date = "EEEE d 'de' MMMM"
    date_of_year = "EEEE d 'de' MMMM 'de' y"
    plain_date = "d 'de' MMMM 'de' y"
    month = "MMMM 'de' y"

    def clock_time(self, local: datetime | time) -> str:
        return _clock(local, "h:mm a")

    def full_hour(self, local: time) -> str:
        return _clock(local, "h a")

    def at_length(self, day: str, clock: str, zone: str) -> str:
        return f"{day}, {clock}, {zone}"

    def zone_name(self, zone: str) -> str:
        """`hora oriental`; `hora estándar …` where the clock never changes; `hora de Londres` where it has no name."""
        return _zone_name(zone)

    def place_of(self, zone: str) -> str:
        return _place(zone)

    def listing(self, words: Iterable[str]) -> str:
        """`uno`, `uno y dos`, `uno, dos y tres`; `padre e hijo`, as Spanish has it before the sound of an i."""
        *first, last = list(words) or [""]
        return f"{', '.join(first)} {'e' if BEFORE_I.match(last) else 'y'} {last}" if first else last

    def or_before(self, word: str) -> str:
        """`o`; `u`, as Spanish has it before the sound of an o."""
        return "u" if BEFORE_O.match(word) else "o"

    def weekly_hours(self, weekly: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
        """`de lunes a viernes, de 9:00 a.m. a 5:00 p.m.`, as desk_hours.in_words() says them in English."""
        names = get_day_names(locale=LOCALE)
        parts = []
        for first, last, windows in runs_of(weekly):
            days = f"los {_plural(names[first])}" if first == last else f"de {names[first]} a {names[last]}"
            hours = (f"de {self.clock_time(opens)} a {self.clock_time(closes)}" for opens, closes in windows)
            parts.append(f"{days}, {self.listing(hours)}")
        return self.listing(parts) if len(parts) < 3 else f"{'; '.join(parts[:-1])}; y {parts[-1]}"


def _clock(local: datetime | time, pattern: str) -> str:
    clock = local.time() if isinstance(local, datetime) else local
    return format_time(clock, pattern, locale=LOCALE).replace("\xa0", " ")


@lru_cache(maxsize=256)
def _zone_name(zone: str) -> str:
    name = get_timezone_name(zone_of(zone) if changes_its_clock(zone) else winter_of(zone), locale=LOCALE)
    return f"hora de {_place(zone)}" if name.startswith(WITHOUT_A_NAME) else name


def _place(zone: str) -> str:
    return get_timezone_location(zone_of(zone), locale=LOCALE, return_city=True)


def _plural(day: str) -> str:
    return day if day.endswith("s") else f"{day}s"
