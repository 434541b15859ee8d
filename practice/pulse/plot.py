"""Where the points of a line stand: geometry for an SVG, in its own units. Pure.

The picture has 360 units across, so that its letters can be read on a small phone. A period without an answer is a gap:
no line goes through it. A line needs LEAST points in all; fewer say nothing yet, and stand in the table alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

WIDTH, HEIGHT = 360, 216
LEFT, RIGHT, TOP, BOTTOM = 26, 350, 12, 156
EVENTS_AT = 172  # under the axis
DATES_AT = 206
HIGHEST = 10  # trust goes from 0 to 10
LEAST = 3
BEFORE, BEHIND = timedelta(days=28), timedelta(days=14)  # how far outside of the lines what happened is shown


@dataclass(frozen=True, slots=True)
class Reading:
    """One period: its due day, and what was answered (0 to 10), or None for a gap."""

    day: date
    value: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `kind` is one of attended, missed, joined, paused; `words` say it in the table."""

    day: date
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person's: unbroken stretches (as SVG points), and a mark for each answer."""

    number: int
    stretches: tuple[str, ...]
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of one or two lines."""

    lines: tuple[Line, ...]
    heights: tuple[tuple[int, float], ...]  # each number at the left, and where its rule runs
    dates: tuple[tuple[date, float, str], ...]  # a date, where, and how its text is anchored there
    events: tuple[tuple[str, float], ...]  # their kind, and where


def enough(readings: Sequence[Reading]) -> bool:
    """Whether there are enough answers for a line."""
    return sum(reading.value is not None for reading in readings) >= LEAST


def draw(people: Sequence[Sequence[Reading]], events: Sequence[Event] = ()) -> Plot | None:
    """The picture of whoever has enough answers; None where nobody has. A line keeps its person's number, from 1."""
    drawn = [(number, readings) for number, readings in enumerate(people, start=1) if enough(readings)]
    days = [reading.day for _, readings in drawn for reading in readings]
    if not days:
        return None
    shown = [event for event in events if min(days) - BEFORE <= event.day <= max(days) + BEHIND]
    days += [event.day for event in shown]
    first, last = min(days), max(days)
    return Plot(
        lines=tuple(_line(number, readings, first, last) for number, readings in drawn),
        heights=tuple((value, _height(value)) for value in (0, 5, HIGHEST)),
        dates=((first, float(LEFT), "start"), (last, float(RIGHT), "end")),
        events=tuple((event.kind, _across(event.day, first, last)) for event in shown),
    )


def _line(number: int, readings: Sequence[Reading], first: date, last: date) -> Line:
    stretches, marks = [], []
    for there, group in groupby(readings, key=lambda reading: reading.value is not None):
        if not there:
            continue
        points = [(_across(one.day, first, last), _height(one.value or 0)) for one in group]
        marks += points
        if len(points) > 1:
            stretches.append(" ".join(f"{x},{y}" for x, y in points))
    return Line(number, tuple(stretches), tuple(marks))


def _across(day: date, first: date, last: date) -> float:
    inner = 8  # so that a mark does not stand on the edge
    share = (day - first) / (last - first) if last > first else 0.5
    return round(LEFT + inner + share * (RIGHT - LEFT - 2 * inner), 1)


def _height(value: int) -> float:
    return round(BOTTOM - value / HIGHEST * (BOTTOM - TOP), 1)
