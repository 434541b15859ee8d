"""How a page shows many starts at once: a section for each local date, as it stands in the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from flask import current_app
from markupsafe import Markup

from practice.presenting import zone_at, zone_choices, zone_name
from practice.speaking import current_language, telling
from practice.telling.zones import is_repeated, zone_of

DAYS_KEPT = 2048  # about 2 kB each; those who look at a therapist's times look at the same days
OVERVIEWS_KEPT = 512  # about 4 kB each
ZONES_KEPT = 256  # about 2 kB each
WEEK = 7


class ShownTime(NamedTuple):
    """One start as a page of times shows it: for machines, short, and in full."""

    iso: str  # in UTC
    clock: str  # 3:00 pm
    full: str  # Tuesday 3 March, 3:00 pm Eastern Time


class ShownDay(NamedTuple):
    """One date of an overview: as it is written there, and in full; how many times it has (`number`)."""

    day: date
    full: str  # Tuesday 3 March
    number: int


def overview(first: date, counts: tuple[int, ...]) -> Markup:
    """The dates from the first, in weeks, each with a way to its times; `counts` says how many each has."""
    return _overview(first, counts, current_language())


def zone_options(zone: str, practice_zone: str) -> Markup:
    """The zones to choose from, with the reader's own chosen."""
    return _zone_options(zone, practice_zone, current_language())


def days_to_choose(starts: Iterable[datetime], zone: str) -> list[Markup]:
    """These starts, in order, as buttons of a form: a section for each date of the reader's zone."""
    return [_section("to_choose", day, of_day, zone, current_language()) for day, of_day in by_date(starts, zone)]


def days_to_read(starts: Iterable[datetime], zone: str) -> list[Markup]:
    """The same for somebody who can't choose yet."""
    return [_section("to_read", day, of_day, zone, current_language()) for day, of_day in by_date(starts, zone)]


def shown_times(starts: Iterable[datetime], zone: str) -> list[ShownTime]:
    """Starts of one local date, said all at once: each alone would ask for its zone anew."""
    local, usual, told = zone_of(zone), zone_name(zone), telling()
    shown = []
    for start in starts:
        here = start.astimezone(local)
        clock = told.clock_time(here)
        named = zone_at(start, zone) if is_repeated(here) else usual
        shown.append(ShownTime(start.isoformat(), clock, told.at_length(told.local_date(here.date()), clock, named)))
    return shown


def by_date(starts: Iterable[datetime], zone: str) -> Iterator[tuple[date, tuple[datetime, ...]]]:
    """These starts, in order, by the date that they have in the zone."""
    local = zone_of(zone)
    for day, of_day in groupby(starts, key=lambda start: start.astimezone(local).date()):
        yield day, tuple(of_day)


@lru_cache(maxsize=DAYS_KEPT)
def _section(macro: str, day: date, starts: tuple[datetime, ...], zone: str, _language: str) -> Markup:
    """Everything that it shows is in its arguments, so what was rendered once stays true."""
    drawn = getattr(current_app.jinja_env.get_template("macros/days.html").module, macro)
    return Markup(drawn(day, shown_times(starts, zone)))  # noqa: S704 - a macro's own, and escaped there


@lru_cache(maxsize=OVERVIEWS_KEPT)
def _overview(first: date, counts: tuple[int, ...], _language: str) -> Markup:
    told = telling()
    dates = [first + timedelta(days=number) for number in range(len(counts))]
    days = [ShownDay(day, told.local_date(day), count) for day, count in zip(dates, counts, strict=True)]
    drawn = current_app.jinja_env.get_template("macros/days.html").module.overview  # type: ignore[attr-defined]
    return Markup(drawn([told.short_weekday(day) for day in dates[:WEEK]], days))  # noqa: S704 - as above


@lru_cache(maxsize=ZONES_KEPT)
def _zone_options(zone: str, practice_zone: str, _language: str) -> Markup:
    drawn = current_app.jinja_env.get_template("macros/days.html").module.zone_options  # type: ignore[attr-defined]
    return Markup(drawn(zone_choices(zone, practice_zone), zone))  # noqa: S704 - as above
