"""How an export stands on a page: its moments on the practice's clock, its columns without the empty ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from practice.presenting import distant_date, local_time
from practice.profile import profile
from practice.telling.zones import seen_in

Row = Mapping[str, Any]
Column = tuple[str, str]  # its heading, and its name in a row
MOMENTS = frozenset({"at", "from", "until", "day", "first_day", "last_day", "arrived_on", "due_on"})
LENGTH_OF_A_DATE = len("2027-05-05")


class Sheet(NamedTuple):
    """The answers to one section. `lane`: who may speak of them, where that is the same of all, else None."""

    section: str
    answers: list[Row]
    lane: str | None
    unsent: bool  # all of them


def is_moment(name: str) -> bool:
    """Whether a column of that name has instants or dates."""
    return name.endswith("_at") or name in MOMENTS


def said_when(kept: str | None) -> str:
    """An instant (where the practice is) or a date, as an export writes it: `9 November 2026, 6:29 pm`."""
    if not kept:
        return ""
    if len(kept) == LENGTH_OF_A_DATE:
        return distant_date(date.fromisoformat(kept))
    instant, zone = datetime.fromisoformat(kept), profile().zone
    return f"{distant_date(seen_in(instant, zone).date())}, {local_time(instant, zone)}"


def told_columns(columns: Iterable[Column], rows: Collection[Row]) -> list[Column]:
    """Those columns in which a row says something."""
    return [column for column in columns if any(row.get(column[1]) not in (None, "", []) for row in rows)]


def said_booking(reference: str, bookings: Iterable[Row]) -> str:
    """Which appointment it is: when it begins; its reference, where it isn't among these."""
    for one in bookings:
        if one["reference"] == reference:
            return said_when(one["starts_at"])
    return reference


def in_sheets(answers: Iterable[Row]) -> list[Sheet]:
    """Answers by section, in their order. Of what was left empty nobody speaks."""
    found = []
    for section, of_it in groupby(answers, key=lambda one: str(one.get("section") or "")):
        rows = list(of_it)
        lanes = {one.get("lane") for one in rows if one.get("codes")}
        unsent = not any(one.get("sent") for one in rows)
        found.append(Sheet(section, rows, lanes.pop() if len(lanes) == 1 else None, unsent))
    return found
