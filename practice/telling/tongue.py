"""What a language has to know to say times, dates and zones, and what follows from it. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import ClassVar

from babel.dates import format_date, get_timezone_name

from practice.telling.zones import is_repeated, seen_in


class Tongue(ABC):
    """One language. The examples are English; each language has its own way."""

    locale: ClassVar[str]  # Babel's name of it
    whole_date: ClassVar[str]  # Babel's pattern of a date with its weekday
    date_of_year: ClassVar[str]  # the same with its year
    plain_date: ClassVar[str]  # a date of whatever year, without its weekday
    month: ClassVar[str]  # a month of a year

    @abstractmethod
    def clock_time(self, local: datetime | time) -> str:
        """`3:00 pm`, of what a clock shows."""

    @abstractmethod
    def full_hour(self, local: time) -> str:
        """`3 pm`, of a wall time without minutes."""

    @abstractmethod
    def at_length(self, day: str, clock: str, zone: str) -> str:
        """A date, a time and a zone's name, all said already, as one."""

    @abstractmethod
    def zone_name(self, zone: str) -> str:
        """`Eastern Time`; `Mountain Standard Time` where the clock never changes, since that is the difference."""

    @abstractmethod
    def place_of(self, zone: str) -> str:
        """The city that a zone is called after."""

    @abstractmethod
    def listing(self, words: Iterable[str]) -> str:
        """`one`, `one and two`, `one, two and three`."""

    @abstractmethod
    def or_before(self, word: str) -> str:
        """What stands before the last of several to choose from: `or`."""

    @abstractmethod
    def weekly_hours(self, weekly: Mapping[int, tuple[tuple[time, time], ...]]) -> str:
        """`Monday to Friday, 9:00 am to 5:00 pm`, by weekday from 0 for Monday."""

    def local_time(self, instant: datetime, zone: str) -> str:
        """`3:00 pm`, in that zone."""
        return self.clock_time(seen_in(instant, zone))

    def local_date(self, value: datetime | date, zone: str | None = None) -> str:
        """`Tuesday 3 March`, of an instant in a zone, or of a date that is local already.

        :raises ValueError: for an instant without a zone to see it in.
        """
        if isinstance(value, datetime):
            if zone is None:
                raise ValueError("an instant has no date before a zone is named")
            value = seen_in(value, zone).date()
        return _formatted(value, self.whole_date, self.locale)

    def local_datetime(self, instant: datetime, zone: str) -> str:
        """`Tuesday 3 March, 3:00 pm Eastern Time`."""
        return self.at_length(
            self.local_date(instant, zone), self.local_time(instant, zone), self.zone_at(instant, zone)
        )

    def full_date(self, instant: datetime, zone: str) -> str:
        """`Tuesday 3 March 2026`, in that zone: where it is read years later."""
        return _formatted(seen_in(instant, zone).date(), self.date_of_year, self.locale)

    def full_datetime(self, instant: datetime, zone: str) -> str:
        """`Tuesday 3 March 2026, 3:00 pm Eastern Time`, in that zone."""
        return self.at_length(
            self.full_date(instant, zone), self.local_time(instant, zone), self.zone_at(instant, zone)
        )

    def distant_date(self, day: date) -> str:
        """`31 March 1985`, where its weekday says nothing."""
        return _formatted(day, self.plain_date, self.locale)

    def short_date(self, day: date) -> str:
        """`3 Mar`, where there is no room for more and the whole date stands close by."""
        return _formatted(day, "d MMM", self.locale)

    def short_month(self, day: date) -> str:
        """`May 2027`, under a picture."""
        return _formatted(day, "MMM y", self.locale)

    def short_weekday(self, day: date) -> str:
        """`Tue`, over a column of days."""
        return _formatted(day, "EEE", self.locale)

    def weekday(self, day: date) -> str:
        """`Tuesday`."""
        return _formatted(day, "EEEE", self.locale)

    def month_name(self, day: date) -> str:
        """`May 2027`, of any day in it."""
        return _formatted(day, self.month, self.locale)

    def zone_at(self, instant: datetime, zone: str) -> str:
        """The zone's name; in the hour that an autumn night repeats, the name that tells the two apart."""
        local = seen_in(instant, zone)
        return get_timezone_name(local, locale=self.locale) if is_repeated(local) else self.zone_name(zone)

    def zone_label(self, zone: str) -> str:
        """A zone among others to choose from: its name, and the city that it is called after."""
        return f"{self.zone_name(zone)} ({self.place_of(zone)})" if "/" in zone else self.zone_name(zone)


@lru_cache(maxsize=4096)
def _formatted(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)
