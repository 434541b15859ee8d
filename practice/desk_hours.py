"""When somebody reads what reaches the desk: weekly hours in the practice's zone, less public holidays. Pure.

They are written as in `mon-fri 09:00-12:00, 13:00-17:00; sat 10:00-12:00`. What a page promises, when an urgent notice
is repeated and when a request is overdue all follow from the same hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from practice.languages import N_, Sentence
from practice.spans import Span

Window = tuple[time, time]  # local wall times, opens < closes
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LINE = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<windows>[\d:, -]+)")
WINDOW = re.compile(r"(\d\d:\d\d) ?- ?(\d\d:\d\d)")
EXAMPLE = "mon-fri 09:00-17:00; sat 10:00-12:00"
LONGEST_TEXT = 300  # characters, as write_weekly() writes them
ONE_DAY = timedelta(days=1)
LOOKED_AHEAD = 120  # days; no row of public holidays is as long


@dataclass(frozen=True)
class DeskHours:
    """Windows by weekday (0 is Monday), and the dates that are days off. Without any window nothing is promised."""

    zone: str
    weekly: Mapping[int, tuple[Window, ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether there are any hours at all."""
        return any(self.weekly.values())

    @property
    def in_words(self) -> str:
        """The hours, as in_words() says them."""
        return in_words(self.weekly)

    def on(self, day: date) -> list[Span]:
        """The hours of a local date, in order; none where it is a day off.

        A wall time that a clock change skips or repeats makes the hours shorter, never longer than they are.
        """
        if day in self.holidays:
            return []
        zone, found = ZoneInfo(self.zone), []
        for opens, closes in self.weekly.get(day.weekday(), ()):
            start = datetime.combine(day, opens, zone).astimezone(UTC)
            end = datetime.combine(day, closes, zone).astimezone(UTC)
            if start < end:
                found.append(Span(start, end))
        return found

    def is_open(self, at: datetime) -> bool:
        """Whether somebody reads at this instant."""
        return any(span.start <= at < span.end for span in self.on(self.day_of(at)))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first instant, not before `at`, at which somebody reads; None where no hours are known."""
        for day in self._days_from(at):
            for span in self.on(day):
                if at < span.end:
                    return max(at, span.start)
        return None

    def next_start(self, at: datetime) -> datetime | None:
        """When the desk opens next, after `at`: the beginning of a window; None where no hours are known."""
        starts = (span.start for day in self._days_from(at) for span in self.on(day))
        return next((start for start in starts if start > at), None)

    def end_of_business_day(self, at: datetime, later: int = 0) -> datetime:
        """When the business day ends on which something counts that comes at `at`, or the `later`th one after it.

        What comes after closing, or on a day off, counts for the next business day. Where no hours are known, the
        days from Monday to Friday count whole.
        """
        counted = 0
        for day in self._days_from(at):
            end = self._end_of(day)
            if end is None or end <= at:
                continue
            if counted == later:
                return end
            counted += 1
        raise ValueError(f"no business day within {LOOKED_AHEAD} days")

    def day_of(self, at: datetime) -> date:
        """The local date of an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _days_from(self, at: datetime) -> Iterator[date]:
        first = self.day_of(at)
        return (first + ONE_DAY * number for number in range(LOOKED_AHEAD))

    def _end_of(self, day: date) -> datetime | None:
        if self.known:
            spans = self.on(day)
            return spans[-1].end if spans else None
        if day.weekday() >= DAYS.index("sat") or day in self.holidays:
            return None
        return datetime.combine(day + ONE_DAY, time(), ZoneInfo(self.zone)).astimezone(UTC)


def read_weekly(text: str) -> dict[int, tuple[Window, ...]]:
    """The windows by weekday that a line such as EXAMPLE tells; of nothing, none.

    :raises ValueError: with a Sentence, where it is written otherwise.
    """
    found: dict[int, list[Window]] = {}
    for line in filter(None, (part.strip().lower() for part in text.split(";"))):
        match = LINE.fullmatch(line)
        windows = [WINDOW.fullmatch(part.strip()) for part in match["windows"].split(",")] if match else []
        if match is None or None in windows or match["first"] not in DAYS or (match["last"] or "mon") not in DAYS:
            raise ValueError(
                Sentence(N_("“%(line)s” is no line of hours. Write it as: %(example)s"), line=line, example=EXAMPLE)
            )
        first = DAYS.index(match["first"])
        last = DAYS.index(match["last"]) if match["last"] else first
        if last < first:
            raise ValueError(Sentence(N_("“%(line)s”: write the days from Monday on, as in mon-fri."), line=line))
        for weekday in range(first, last + 1):
            found.setdefault(weekday, []).extend(_window(line, *ends.groups()) for ends in windows if ends)
    weekly = {weekday: _in_order(weekday, windows) for weekday, windows in sorted(found.items())}
    if len(write_weekly(weekly)) > LONGEST_TEXT:
        raise ValueError(
            Sentence(
                N_("These are more hours than fit into %(most)s characters. Leave out the shortest breaks."),
                most=LONGEST_TEXT,
            )
        )
    return weekly


def write_weekly(weekly: Mapping[int, tuple[Window, ...]]) -> str:
    """The line that read_weekly() reads as these windows."""
    return "; ".join(
        f"{_days(first, last, DAYS, '-')} " + ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in windows)
        for first, last, windows in runs_of(weekly)
    )


def in_words(weekly: Mapping[int, tuple[Window, ...]]) -> str:
    """`Monday to Friday, 9:00 am to 5:00 pm, and Saturday, 10:00 am to 12:00 pm`; empty where there are no hours."""
    parts = [
        f"{_days(first, last, NAMES, ' to ')}, " + " and ".join(f"{_clock(o)} to {_clock(c)}" for o, c in windows)
        for first, last, windows in runs_of(weekly)
    ]
    return "; ".join(parts[:-1]) + ("; and " if len(parts) > 1 else "") + parts[-1] if parts else ""


def _window(line: str, opens: str, closes: str) -> Window:
    try:
        found = time.fromisoformat(opens), time.fromisoformat(closes)
    except ValueError:
        raise ValueError(
            Sentence(N_("“%(line)s”: %(hours)s is no time of day."), line=line, hours=f"{opens}-{closes}")
        ) from None
    if found[0] >= found[1]:
        raise ValueError(Sentence(N_("“%(line)s”: hours open before they close."), line=line))
    return found


def _in_order(weekday: int, windows: list[Window]) -> tuple[Window, ...]:
    ordered = sorted(windows)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise ValueError(Sentence(N_("The hours of %(day)s overlap."), day=Sentence(NAMES[weekday])))
    return tuple(ordered)


def runs_of(weekly: Mapping[int, tuple[Window, ...]]) -> Iterator[tuple[int, int, tuple[Window, ...]]]:
    """Days in a row with the same hours: the first, the last, the hours."""
    days = sorted(day for day, windows in weekly.items() if windows)
    for _, run in groupby(enumerate(days), key=lambda one: (one[1] - one[0], weekly[one[1]])):
        those = [day for _, day in run]
        yield those[0], those[-1], weekly[those[0]]


def _days(first: int, last: int, names: tuple[str, ...], to: str) -> str:
    return names[first] if first == last else f"{names[first]}{to}{names[last]}"


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"
