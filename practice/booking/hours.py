"""When a therapist works, and why: weekly hours, dates that differ, days away, public holidays. Pure.

docs/slots.md tells the order in which these decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import combinations

from practice.booking.slots import Schedule, Window

DAY = timedelta(days=1)
MARGIN = 2 * DAY  # the slot function looks at the days beside those that were asked for


class Cause(StrEnum):
    """What decided the hours of a date."""

    WEEKLY = "weekly"
    NO_HOURS = "no_hours"
    OTHER_HOURS = "other_hours"
    EXTRA = "extra"
    CLOSED = "closed"
    TIME_OFF = "time_off"
    HOLIDAY = "holiday"


class Kind(StrEnum):
    """How a date differs: closed, with other hours instead of the usual, or with extra ones beside them."""

    CLOSED = "closed"
    OTHER = "other"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Opening:
    """Weekly hours: 0 is Monday. `place` None means every place; both dates of validity are included.

    :raises ValueError: where it doesn't open before it closes, or ends before it begins to be valid.
    """

    weekday: int
    opens: time
    closes: time
    place: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"hours must open before they close: {self.opens} to {self.closes}")
        if self.valid_from is not None and self.valid_until is not None and self.valid_from > self.valid_until:
            raise ValueError(f"hours must begin to be valid before they end: {self.valid_from} to {self.valid_until}")

    @property
    def dated(self) -> bool:
        """Whether it is valid for some dates only."""
        return self.valid_from is not None or self.valid_until is not None

    def valid_on(self, day: date) -> bool:
        """Whether it is valid on a date, whatever its weekday."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class DayException:
    """One date that differs, with one opening of it; a closed one has no times. `place` None means every place.

    :raises ValueError: for times on a closed day, none on another, or an opening that doesn't open before it closes.
    """

    day: date
    kind: Kind
    opens: time | None = None
    closes: time | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        if self.kind is Kind.CLOSED:
            if self.opens is not None or self.closes is not None:
                raise ValueError("a closed day has no times")
        elif self.opens is None or self.closes is None or self.opens >= self.closes:
            raise ValueError(f"hours must open before they close: {self.opens} to {self.closes}")

    @property
    def window(self) -> tuple[Window, ...]:
        """Its opening; none where it is closed."""
        return () if self.opens is None or self.closes is None else ((self.opens, self.closes),)


@dataclass(frozen=True, slots=True)
class TimeAway:
    """Days off, both included.

    :raises ValueError: where the last day comes before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"time off must end after it begins: {self.first} to {self.last}")


@dataclass(frozen=True, slots=True)
class DayHours:
    """The openings of one date at one place, what decided them, and the name of the holiday where one did."""

    windows: tuple[Window, ...]
    cause: Cause
    name: str = ""


@dataclass(frozen=True)
class Hours:
    """All that says when a therapist works, in their own zone (an IANA name)."""

    zone: str
    openings: tuple[Opening, ...]
    exceptions: tuple[DayException, ...] = ()
    away: tuple[TimeAway, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)

    def on(self, day: date, place: str) -> DayHours:
        """The hours of one local date at a place."""
        if any(off.first <= day <= off.last for off in self.away):
            return DayHours((), Cause.TIME_OFF)
        differing = [one for one in self.exceptions if one.day == day and one.place in (None, place)]
        if any(one.kind is Kind.CLOSED for one in differing):
            return DayHours((), Cause.CLOSED)
        base = self._usual(day, place, differing)
        extra = tuple(window for one in differing if one.kind is Kind.EXTRA for window in one.window)
        return DayHours((*base.windows, *extra), Cause.EXTRA, base.name) if extra else base

    def schedule(self, place: str, first: date, last: date) -> Schedule:
        """The same as the slot function takes it; right for starts on the local dates `first` to `last`."""
        here = [one for one in self.openings if one.place in (None, place)]
        weekly: dict[int, tuple[Window, ...]] = {}
        for one in here:
            if not one.dated:
                weekly[one.weekday] = (*weekly.get(one.weekday, ()), (one.opens, one.closes))
        begin, end = first - MARGIN, last + MARGIN
        days = {one.day for one in self.exceptions if begin <= one.day <= end}
        days.update(day for day in self.holidays if begin <= day <= end)
        for off in self.away:
            days.update(_days(max(off.first, begin), min(off.last, end)))
        dated = [one for one in here if one.dated]
        if dated:
            weekdays = {one.weekday for one in dated}
            days.update(day for day in _days(begin, end) if day.weekday() in weekdays)
        return Schedule(self.zone, weekly, {day: self.on(day, place).windows for day in days})

    def _usual(self, day: date, place: str, differing: Sequence[DayException]) -> DayHours:
        other = tuple(window for one in differing if one.kind is Kind.OTHER for window in one.window)
        if other:
            return DayHours(other, Cause.OTHER_HOURS)
        if day in self.holidays:
            return DayHours((), Cause.HOLIDAY, self.holidays[day])
        weekly = tuple(
            (one.opens, one.closes)
            for one in self.openings
            if one.weekday == day.weekday() and one.place in (None, place) and one.valid_on(day)
        )
        return DayHours(weekly, Cause.WEEKLY if weekly else Cause.NO_HOURS)


def overlapping(openings: Sequence[Opening]) -> tuple[Opening, Opening] | None:
    """The first two openings that are open at once on some date at some place; touching isn't overlapping."""
    for one, other in combinations(openings, 2):
        if (
            one.weekday == other.weekday
            and one.opens < other.closes
            and other.opens < one.closes
            and (one.place is None or other.place is None or one.place == other.place)
            and (one.valid_from or date.min) <= (other.valid_until or date.max)
            and (other.valid_from or date.min) <= (one.valid_until or date.max)
        ):
            return one, other
    return None


def _days(first: date, last: date) -> Sequence[date]:
    return [first + DAY * number for number in range((last - first).days + 1)]
