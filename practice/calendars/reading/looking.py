"""One look at a calendar: fetch it and read it. Neither database nor app: it may run in a thread of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from practice.calendars.reading.guard import read_guarded
from practice.calendars.reading.outcome import AllDay, BusyReading, Unreadable
from practice.calendars.reading.sources import Look, Unreachable
from practice.languages import N_
from practice.spans import Span

OUR_TROUBLE = N_("It can’t be read at the moment, because of trouble on our side. We try again by ourselves.")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a look takes: plain values, so that no transaction stays open meanwhile."""

    zone: str
    all_day: AllDay
    within: Span
    validator: str  # empty where what it stands for was read for another window, rule or zone
    look: Look

    @property
    def read_as(self) -> str:
        """What a validator that comes of this look is good for."""
        return read_as(self.within, self.all_day, self.zone)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look that went well; `reading` is None where nothing changed since the last. `took_ms`: all in all."""

    began: datetime
    took_ms: int
    reading: BusyReading | None
    validator: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A look that came to nothing: why, in words for the therapist, and not sooner again than `after`."""

    began: datetime
    took_ms: int
    reason: str
    after: timedelta | None = None


def read_as(within: Span, all_day: AllDay, zone: str) -> str:
    """The name of a way to read: with another one, what didn't change must be read anew all the same."""
    return f"{within.start:%Y-%m-%d} {within.end:%Y-%m-%d} {all_day} {zone}"


def take_look(plan: Plan, began: datetime, patience: float, reading_patience: float) -> Seen | Missed:
    """Fetch and read, each with a patience in seconds of its own. `began` is the moment by the practice's clock.

    Whatever goes wrong is missed, also where it is our own fault: what can't be read is told, and asked for again.
    """
    ticking = time.monotonic()
    try:
        fetched = plan.look(plan.validator, patience)
        reading = None
        if fetched.content is not None:
            reading = read_guarded(
                fetched.content, zone=plan.zone, all_day=plan.all_day, within=plan.within, wall=reading_patience
            )
    except Unreachable as away:
        return Missed(began, _since(ticking), away.reason, away.after)
    except Unreadable as wrong:
        return Missed(began, _since(ticking), wrong.reason)
    except Exception as error:  # its text might hold an address
        log.warning("calendar_look_failed", error=type(error).__name__)
        return Missed(began, _since(ticking), OUR_TROUBLE)
    warnings = (*fetched.warnings, *(reading.warnings if reading else ()))
    return Seen(began, _since(ticking), reading, fetched.validator, warnings)


def _since(ticking: float) -> int:
    return round((time.monotonic() - ticking) * 1000)
