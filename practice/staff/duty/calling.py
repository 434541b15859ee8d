"""How an urgent notice calls until it is read: whom, and when. Pure; docs/duty.md holds the same table.

The first letter goes out at once, day and night, and the clock runs in real time from then, whatever the hour: nobody
loses by a letter that comes too early.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from practice.desk_hours import DeskHours

ONE_DAY = timedelta(days=1)


class Callees(StrEnum):
    """Who is called."""

    ON_DUTY = "the clinician on duty"
    CLINICIANS = "every clinician"
    EVERYBODY = "every clinician and the owner"


@dataclass(frozen=True, slots=True)
class Call:
    """One step: how long after the first letter, and to whom."""

    after: timedelta
    callees: Callees


CALLS = (
    Call(timedelta(0), Callees.ON_DUTY),
    Call(timedelta(minutes=30), Callees.CLINICIANS),
    Call(timedelta(minutes=60), Callees.EVERYBODY),
)


def callees_of(step: int) -> Callees:
    """Who is called at this step; those after the last of CALLS repeat it."""
    return CALLS[min(step, len(CALLS) - 1)].callees


def next_call(step: int, raised: datetime, called: datetime, desk: DeskHours) -> datetime:
    """When the step after `step` is due, which was `called` at that instant (aware UTC).

    After the last of CALLS it is repeated whenever the desk opens, and a day after the last letter at the latest.
    """
    if step + 1 < len(CALLS):
        return max(raised + CALLS[step + 1].after, called)
    opening, tomorrow = desk.next_start(called), called + ONE_DAY
    return min(opening, tomorrow) if opening is not None else tomorrow
