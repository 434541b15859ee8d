"""How American English says times, dates and zones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache

from babel.dates import get_timezone_name

from practice.desk_hours import in_words
from practice.telling.tongue import Tongue
from practice.telling.zones import changes_its_clock, city_of, winter_of, zone_of

LOCALE = "en_US"


class English(Tongue):
    locale = LOCALE
    whole_date = "EEEE d MMMM"
    date_of_year = "EEEE d MMMM y"
    plain_date = "d MMMM y"
    month = "MMMM y"

    def clock_time(self, local: datetime | time) -> str:
        return f"{local.hour % 12 or 12}:{local.minute:02} {_half(local)}"

    def full_hour(self, local: time) -> str:
        return f"{local.hour % 12 or 12} {_half(local)}"

    def at_length(self, day: str, clock: str, zone: str) -> str:
        return f"{day}, {clock} {zone}"

    def zone_name(self, zone: str) -> str:
        return _zone_name(zone)

    def place_of(self, zone: str) -> str:
        return city_of(zone)

    def listing(self, words: Iterable[str]) -> str:
        *first, last = list(words) or [""]
        return f"{', '.join(first)} and {last}" if first else last

    def or_before(self, word: str) -> str:
        return "or"

    def weekly_hours(self, weekly: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
        return in_words(weekly)


def _half(local: datetime | time) -> str:
    return "am" if local.hour < 12 else "pm"


@lru_cache(maxsize=256)
def _zone_name(zone: str) -> str:
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
