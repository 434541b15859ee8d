"""By when a request should be looked at and decided. Pure. Business days are those of the desk's hours.

What comes after closing, or on a day off, counts for the next business day. Red is looked at on the business day on
which it counts, everything else on the one after; a decision is due on the second one after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from practice.desk_hours import DeskHours

LOOK_DAYS = 1
RED_LOOK_DAYS = 0
DECISION_DAYS = 2


@dataclass(frozen=True, slots=True)
class Targets:
    """Two instants, aware UTC: the end of the business days on which a first look and a decision are due."""

    look_by: datetime
    decide_by: datetime

    def overdue(self, *, looked: datetime | None, now: datetime) -> str:
        """`look` or `decision`, whichever is missing for too long, the look first; empty where nothing is."""
        if looked is None and now >= self.look_by:
            return "look"
        return "decision" if now >= self.decide_by else ""


def targets_of(submitted: datetime, desk: DeskHours) -> Targets:
    """What holds for every request, and for all that whoever coordinates may know of one."""
    return _targets(submitted, desk, LOOK_DAYS)


def red_targets_of(submitted: datetime, desk: DeskHours) -> Targets:
    """What holds for a red one."""
    return _targets(submitted, desk, RED_LOOK_DAYS)


def _targets(submitted: datetime, desk: DeskHours, look_days: int) -> Targets:
    return Targets(desk.end_of_business_day(submitted, look_days), desk.end_of_business_day(submitted, DECISION_DAYS))
