"""What changes how calendars are read. The only writer of these tables; each action runs in its caller's work."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy import select

from practice.booking.busy.actions import add_busy_calendar, forget_busy_calendar, keep_busy_times
from practice.booking.busy.models import BusyCalendar
from practice.booking.offers.models import Therapist
from practice.calendars.reading.looking import Missed, Plan, Seen
from practice.calendars.reading.messages import CalendarFails, PollCalendar
from practice.calendars.reading.models import Reading
from practice.calendars.reading.outcome import AllDay
from practice.calendars.reading.queries import find_own_uids
from practice.calendars.reading.sources import source_of
from practice.languages import N_
from practice.work import Work

USUAL_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=1)  # while it fails
SPREAD = 180  # seconds, so that not all are read at once
TOLD_AFTER = timedelta(days=1)
LONGEST_PROBLEM, MOST_WARNINGS = 300, 20
EMPTIED = N_(
    "There is nothing in this calendar any more. We keep what it said before, until you tell us that it is empty."
)


def add_reading(work: Work, therapist: Therapist, *, name: str, source: str, all_day: AllDay) -> Reading:
    """Have another calendar of a therapist's read from now on. The caller keeps what its source takes."""
    calendar = add_busy_calendar(work, therapist, name)
    reading = Reading(calendar=calendar, calendar_id=calendar.id, source=source, all_day=all_day.value)
    work.session.add(reading)
    work.session.flush()
    start_polling(work, calendar.reference)
    return reading


def start_polling(work: Work, reference: str) -> None:
    """Have a calendar read again and again from now on."""
    work.post(PollCalendar(reference, work.now.isoformat()), due=work.now + pause_of(reference))


def keep_look(work: Work, calendar_id: int, plan: Plan, look: Seen | Missed) -> None:
    """Keep what came of a look. Where it went wrong, the times that the calendar said last stand.

    It is dropped when the calendar is gone, is read by another rule meanwhile, or was looked at later by somebody else:
    what could be read gives way to a later reading alone. "Unchanged" is dropped also when what it stands for is not
    what is kept any more.
    """
    reading = _lock(work, calendar_id)
    if reading is None or reading.all_day != plan.all_day:
        return
    later = reading.began_at if isinstance(look, Missed) else reading.read_at
    if later is not None and later > look.began:
        return
    if _is_unchanged(look) and reading.validator != plan.validator:
        return
    _note_tried(reading, look.began, look.took_ms)
    if isinstance(look, Missed):
        _note_trouble(work, reading, look.reason)
        return
    read = look.reading
    if read is not None and not read.events and reading.events:
        _note_trouble(work, reading, EMPTIED)
        reading.found_empty = True
        return
    if read is not None:
        ours = find_own_uids(one.uid for one in read.occurrences)
        keep_busy_times(work, calendar_id, [one.span for one in read.occurrences if one.uid not in ours])
        reading.events = read.events
        reading.warnings = json.dumps(list(dict.fromkeys(look.warnings))[:MOST_WARNINGS])
        reading.validator, reading.read_as = look.validator, plan.read_as
    _note_success(reading, look.began)


def note_tried(work: Work, calendar_id: int, began: datetime, took_ms: int) -> None:
    """Note that a calendar was looked at, and how long that took, without a word of what came of it."""
    reading = _lock(work, calendar_id)
    if reading is not None:
        _note_tried(reading, began, took_ms)


def accept_empty(work: Work, calendar_id: int) -> None:
    """Have a calendar say nothing, since its therapist says that it is empty. Only where that is the trouble."""
    reading = _lock(work, calendar_id)
    if reading is None or not reading.found_empty:
        return
    keep_busy_times(work, calendar_id, ())
    reading.events, reading.warnings, reading.validator = 0, "[]", ""
    _note_success(reading, work.now)


def change_reading(work: Work, calendar_id: int, *, name: str, all_day: AllDay) -> None:
    """Give a calendar another name, or read its all-day events otherwise from the next look on."""
    reading = _lock(work, calendar_id)
    if reading is not None:
        reading.calendar.name, reading.all_day = name, all_day.value


def take_away(work: Work, calendar_id: int) -> None:
    """Read a calendar no more, and forget what it says and where it is."""
    reading = _lock(work, calendar_id)
    if reading is None:
        return
    source_of(reading.source).forget(work, reading.calendar)
    work.session.delete(reading)
    work.session.flush()
    forget_busy_calendar(work, calendar_id)


def pause_of(reference: str, failing: timedelta | None = None, asked: timedelta | None = None) -> timedelta:
    """How long until the next look, the same for the same calendar; longer the longer it fails, or the source asks."""
    spread = timedelta(seconds=int.from_bytes(hashlib.sha256(reference.encode()).digest()[:4]) % SPREAD)
    pause = min(max(failing or USUAL_PAUSE, USUAL_PAUSE), LONGEST_PAUSE) + spread
    return max(pause, asked or pause)


def _is_unchanged(look: Seen | Missed) -> bool:
    return isinstance(look, Seen) and look.reading is None


def _note_tried(reading: Reading, began: datetime, took_ms: int) -> None:
    if reading.began_at is None or reading.began_at <= began:
        reading.began_at, reading.took_ms = began, took_ms


def _note_trouble(work: Work, reading: Reading, words: str) -> None:
    reading.failing_since = reading.failing_since or work.now
    reading.problem, reading.found_empty = words[:LONGEST_PROBLEM], False
    if reading.told_at is None and work.now - reading.failing_since >= TOLD_AFTER:
        reading.told_at = work.now
        work.post(CalendarFails(reading.calendar.reference, reading.failing_since.isoformat()))


def _note_success(reading: Reading, read_at: datetime) -> None:
    reading.read_at = read_at
    reading.failing_since = reading.problem = reading.told_at = None
    reading.found_empty = False


def _lock(work: Work, calendar_id: int) -> Reading | None:
    """How a calendar is read, with the calendar locked: whoever keeps, changes or takes it away waits for the other."""
    found = select(BusyCalendar).where(BusyCalendar.id == calendar_id)
    found = found.with_for_update(of=BusyCalendar, key_share=True)  # who notes a collision meanwhile needn't wait
    if work.session.scalars(found.execution_options(populate_existing=True)).one_or_none() is None:
        return None
    return work.session.get(Reading, calendar_id, populate_existing=True)
