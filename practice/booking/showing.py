"""How a page shows many starts at once: a section for each local date, as it stands in the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from flask import current_app
from markupsafe import Markup

from practice.presenting import local_date, zone_at, zone_name, zone_of

DAYS_KEPT = 2048  # about 2 kB each; those who look at a therapist's times look at the same days


class ShownTime(NamedTuple):
    """One start as a page of times shows it: for machines, short, and in full."""

    iso: str  # in UTC
    clock: str  # 3:00 pm
    full: str  # Tuesday 3 March, 3:00 pm Eastern Time


def days_to_choose(starts: Iterable[datetime], zone: str) -> list[Markup]:
    """These starts, in order, as buttons of a form: a section for each date of the reader's zone."""
    return [_section("to_choose", day, of_day, zone) for day, of_day in by_date(starts, zone)]


def days_to_read(starts: Iterable[datetime], zone: str) -> list[Markup]:
    """The same for somebody who can't choose yet."""
    return [_section("to_read", day, of_day, zone) for day, of_day in by_date(starts, zone)]


def shown_times(starts: Iterable[datetime], zone: str) -> list[ShownTime]:
    """Starts of one local date, said all at once: each alone would ask for its zone anew."""
    local, usual = zone_of(zone), zone_name(zone)
    shown = []
    for start in starts:
        here = start.astimezone(local)
        clock = f"{here.hour % 12 or 12}:{here.minute:02} {'am' if here.hour < 12 else 'pm'}"
        twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
        named = zone_at(start, zone) if twice else usual
        shown.append(ShownTime(start.isoformat(), clock, f"{local_date(here.date())}, {clock} {named}"))
    return shown


def by_date(starts: Iterable[datetime], zone: str) -> Iterator[tuple[date, tuple[datetime, ...]]]:
    """These starts, in order, by the date that they have in the zone."""
    local = zone_of(zone)
    for day, of_day in groupby(starts, key=lambda start: start.astimezone(local).date()):
        yield day, tuple(of_day)


@lru_cache(maxsize=DAYS_KEPT)
def _section(macro: str, day: date, starts: tuple[datetime, ...], zone: str) -> Markup:
    """Everything that it shows is in its arguments, so what was rendered once stays true."""
    drawn = getattr(current_app.jinja_env.get_template("macros/days.html").module, macro)
    return Markup(drawn(day, shown_times(starts, zone)))  # noqa: S704 - a macro's own, and escaped there
