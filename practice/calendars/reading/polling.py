"""Reads one calendar now: what it takes, then a look outside any work, then what came of it in one work."""

from __future__ import annotations

from datetime import timedelta

from practice.calendars.reading.actions import keep_look, pause_of
from practice.calendars.reading.looking import Missed, take_look
from practice.calendars.reading.models import Reading
from practice.calendars.reading.queries import find_reading, make_plan
from practice.clock import clock
from practice.database import db
from practice.work import begin_work

PATIENCE = 10.0  # seconds for one fetch, all in all
READING_PATIENCE = 12.0  # seconds for one reading of what was fetched
IMPATIENCE = 3.0  # seconds for each, where the last look hung
ON_A_PAGE = (4.0, 4.0)  # seconds for each, while somebody waits
HUNG_MS = 8500  # longer than an impatient look takes, so that the next but one is patient again


def poll(reference: str, most: tuple[float, float] = (PATIENCE, READING_PATIENCE)) -> timedelta | None:
    """Read a calendar and keep what it says; how long until it should be read again, None where it is gone.

    `most` is the longest patience with its source, and with reading what that says, in seconds.
    """
    began = clock().now()
    reading = find_reading(reference)
    if reading is None:
        return None
    calendar_id, failing_since = reading.calendar_id, reading.failing_since
    plan, patience = make_plan(reading, began), min(most, _patience_for(reading))
    db.session.rollback()  # nothing is held open while the network takes its time
    look = take_look(plan, began, *patience)
    with begin_work() as work:
        keep_look(work, calendar_id, plan, look)
    if isinstance(look, Missed):
        return pause_of(reference, failing=began - (failing_since or began), asked=look.after)
    return pause_of(reference)


def _patience_for(reading: Reading) -> tuple[float, float]:
    """How long to wait for the source, and for the reading of what it says, in seconds.

    Little after a look that came to nothing for as long as it could, since everything else waits in the worker
    meanwhile; all of it the time after, or a slow server would never be read again.
    """
    if reading.failing_since is not None and reading.took_ms > HUNG_MS:
        return IMPATIENCE, IMPATIENCE
    return PATIENCE, READING_PATIENCE
