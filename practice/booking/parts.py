"""The parts of a week that suit somebody, by the clock that they read. Pure."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

from practice.languages import N_

UNKNOWN_PART = N_("That part of the week isn’t known. Choose one of those on the page.")
SATURDAY = 5
NOON, EVENING = time(12), time(17)


class Part(StrEnum):
    """A part of the week. A start belongs to one part of its day, and on Saturday and Sunday to the weekend as well."""

    MORNINGS = "mornings"
    AFTERNOONS = "afternoons"
    EVENINGS = "evenings"
    WEEKENDS = "weekends"

    def has(self, local: datetime) -> bool:
        """Whether a start lies in it, as the clock on the reader's wall shows it."""
        if self is Part.WEEKENDS:
            return local.weekday() >= SATURDAY
        opens, closes = HOURS[self]
        return opens <= local.time() and (closes is None or local.time() < closes)


HOURS: dict[Part, tuple[time, time | None]] = {  # None: until midnight
    Part.MORNINGS: (time(0), NOON),
    Part.AFTERNOONS: (NOON, EVENING),
    Part.EVENINGS: (EVENING, None),
}
