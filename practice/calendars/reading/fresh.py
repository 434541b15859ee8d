"""A last look at therapists' own calendars, at the moment at which somebody takes a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue

from practice.calendars.reading.actions import keep_look, note_tried
from practice.calendars.reading.looking import Missed, Plan, Seen, take_look
from practice.calendars.reading.models import Reading
from practice.calendars.reading.queries import list_readings, make_plan
from practice.clock import clock
from practice.database import db
from practice.errors import Contended, Unavailable
from practice.work import begin_work

PATIENCE = 1.0  # seconds, for all of them together and for keeping what they say
ASKING = 0.7  # the part of the patience in which an answer must have come
SLOW_MS = 1000  # whatever took longer last time is left to the polls
FRESH_FOR = timedelta(seconds=30)
MOST_AT_ONCE = 8
NEVER = datetime.min.replace(tzinfo=UTC)


def look_again(therapist_ids: Collection[int], patience: float = PATIENCE) -> None:
    """Read the calendars of these therapists once more, all at once, and keep what comes in time (seconds).

    Call it outside any work. Whatever fails or is late changes nothing: what was read last stands, and the next poll
    says what is wrong. Whatever came of it, nobody asks the same calendar again within FRESH_FOR.
    """
    until, began = time.monotonic() + patience, clock().now()
    worth_it = [reading for reading in list_readings(therapist_ids) if _is_worth_asking(reading, began)]
    worth_it.sort(key=lambda reading: reading.read_at or NEVER)
    plans = {reading.calendar_id: make_plan(reading, began) for reading in worth_it[:MOST_AT_ONCE]}
    db.session.rollback()  # nothing is held open while the network takes its time
    if not plans:
        return
    looks = dict(_take_looks(plans, began, patience * ASKING))
    with suppress(Contended, Unavailable), begin_work() as work:
        for calendar_id in sorted(plans):  # in one order, since each is locked
            look = looks.get(calendar_id)
            if look is None:
                note_tried(work, calendar_id, began, SLOW_MS + 1)
            elif _can_be_kept(look) and time.monotonic() < until:
                keep_look(work, calendar_id, plans[calendar_id], look)
            else:
                note_tried(work, calendar_id, began, look.took_ms)


def _is_worth_asking(reading: Reading, now: datetime) -> bool:
    """Whether an answer can be hoped for, and nobody asked just now."""
    if reading.failing_since is not None or reading.took_ms > SLOW_MS:
        return False
    return reading.began_at is None or now - reading.began_at >= FRESH_FOR


def _can_be_kept(look: Seen | Missed) -> bool:
    """Whether it is no trouble; that a calendar is empty may be one, and is left to the next poll."""
    return isinstance(look, Seen) and (look.reading is None or look.reading.events > 0)


def _take_looks(plans: Mapping[int, Plan], began: datetime, patience: float) -> Iterator[tuple[int, Seen | Missed]]:
    """What each look comes to, as they come, until the patience ends. Threads that are late are left behind."""
    heard: SimpleQueue[tuple[int, Seen | Missed]] = SimpleQueue()

    def ask(calendar_id: int, plan: Plan) -> None:
        heard.put((calendar_id, take_look(plan, began, patience, patience)))

    for calendar_id, plan in plans.items():
        threading.Thread(target=ask, args=(calendar_id, plan), daemon=True, name="looking-again").start()
    until = time.monotonic() + patience
    for _ in plans:
        try:
            yield heard.get(timeout=max(until - time.monotonic(), 0))
        except Empty:
            return
