"""Who has which time, kept in plain sets beside the product: what the state machine compares it with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOTICE = timedelta(hours=24)
AFTER = timedelta(minutes=10)
LENGTHS = {"couple-50": timedelta(minutes=50), "couple-90-in-person": timedelta(minutes=90)}
OPENS, CLOSES = time(9), time(17)
STEP = timedelta(minutes=30)


@dataclass
class Kept:
    """One stretch of a therapist's time that somebody has, up to `deadline` where they still have to pay."""

    name: str
    therapist: str
    offering: str
    start: datetime
    person: int | None
    state: str  # held, reserved, confirmed, block
    deadline: datetime | None = None
    length: timedelta | None = None

    @property
    def end(self) -> datetime:
        """Where the next one may begin."""
        return self.start + (self.length or LENGTHS[self.offering] + AFTER)


@dataclass
class Model:
    """Everything that is kept, and the days on which a therapist is away."""

    kept: dict[str, Kept] = field(default_factory=dict)
    away: set[tuple[str, date]] = field(default_factory=set)

    def is_free(self, therapist: str, start: datetime, end: datetime, besides: str | None = None) -> bool:
        """Whether nobody has any of this time."""
        return not any(
            one.therapist == therapist and one.name != besides and one.start < end and start < one.end
            for one in self.kept.values()
        )

    def is_offered(self, therapist: str, zone: str, offering: str, start: datetime, now: datetime) -> bool:
        """Whether hours, step, notice and days away would offer this start."""
        local = start.astimezone(ZoneInfo(zone))
        opens = datetime.combine(local.date(), OPENS, ZoneInfo(zone))
        closes = datetime.combine(local.date(), CLOSES, ZoneInfo(zone))
        return (
            local.weekday() < 5
            and (therapist, local.date()) not in self.away
            and start >= now + NOTICE
            and opens <= local
            and local + LENGTHS[offering] <= closes
            and not (local - opens) % STEP
        )

    def fits(self, kept: Kept) -> bool:
        """Whether it could be added without touching anything."""
        return self.is_free(kept.therapist, kept.start, kept.end)

    def shown(self) -> set[tuple[str, str, datetime, datetime]]:
        """(name, therapist, from, until) of everything that is kept."""
        return {(one.name, one.therapist, one.start, one.end) for one in self.kept.values()}
