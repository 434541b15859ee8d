"""How a page shows many starts at once: their words by local date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from practice.presenting import local_date, zone_at, zone_name, zone_of


class ShownTime(NamedTuple):
    """One start as a page of times shows it: for machines, short, and in full."""

    iso: str  # in UTC
    clock: str  # 3:00 pm
    full: str  # Tuesday 3 March, 3:00 pm Eastern Time


def shown_times(starts: Iterable[datetime], zone: str) -> dict[date, list[ShownTime]]:
    """These starts by their local date, all said at once: a page has hundreds, and each would ask for its zone anew."""
    local, usual = zone_of(zone), zone_name(zone)
    days: dict[date, list[ShownTime]] = {}
    for start in starts:
        here = start.astimezone(local)
        day, clock = here.date(), f"{here.hour % 12 or 12}:{here.minute:02} {'am' if here.hour < 12 else 'pm'}"
        twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
        named = zone_at(start, zone) if twice else usual
        shown = ShownTime(start.isoformat(), clock, f"{local_date(day)}, {clock} {named}")
        days.setdefault(day, []).append(shown)
    return days
