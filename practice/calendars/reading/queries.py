"""How therapists' own calendars are read, and what they say. Only reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from practice.booking.busy.models import BusyCalendar, BusyTime
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist, therapist_offering
from practice.calendars.reading.looking import Plan, read_as
from practice.calendars.reading.messages import PollCalendar
from practice.calendars.reading.models import Reading
from practice.calendars.reading.outcome import AllDay
from practice.calendars.reading.sources import Fetched, Look, Unreachable, source_of
from practice.calendars.reading.words import say
from practice.database import db
from practice.errors import NotFound
from practice.outbox import OutboxMessage
from practice.spans import Span, merge

DAY = timedelta(days=1)
SHORTEST_WINDOW = 120 * DAY
BEYOND = 7 * DAY  # the longest horizon
AT_ONCE = 500  # UIDs in one look-up
LONGEST_UID = 60  # of our own


@dataclass(frozen=True, slots=True)
class Stand:
    """How reading a calendar stands, for its therapist's eyes. `problem` is why it can't be read, or empty."""

    reading: Reading
    whence: str
    problem: str
    warnings: tuple[str, ...]
    coming: tuple[Span, ...]  # when it says that they are busy, in the next days

    @property
    def calendar(self) -> BusyCalendar:
        return self.reading.calendar


def make_plan(reading: Reading, now: datetime) -> Plan:
    """What a look takes that begins now. Where the source has lost what it takes, the look says so."""
    calendar, all_day = reading.calendar, AllDay(reading.all_day)
    therapist = calendar.therapist
    within = window_of(therapist.id, now)
    as_before = reading.read_as == read_as(within, all_day, therapist.zone)
    return Plan(
        zone=therapist.zone,
        all_day=all_day,
        within=within,
        validator=reading.validator if as_before else "",
        look=_open(reading),
    )


def _open(reading: Reading) -> Look:
    try:
        return source_of(reading.source).open(reading.calendar)
    except Unreachable as lost:
        reason = lost.reason

    def look(_validator: str, _patience: float) -> Fetched:
        raise Unreachable(reason)

    return look


def window_of(therapist_id: int, now: datetime) -> Span:
    """The time in which it matters what a calendar says: from yesterday to beyond all that can be booked."""
    offered = select(func.max(Offering.horizon_days)).join(therapist_offering).where(Offering.active)
    days = db.session.scalar(offered.where(therapist_offering.c.therapist_id == therapist_id)) or 0
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    return Span(today - DAY, today + max(SHORTEST_WINDOW, days * DAY + BEYOND))


def find_reading(reference: str) -> Reading | None:
    """How a calendar is read, by the calendar's reference."""
    return db.session.scalars(
        select(Reading).join(Reading.calendar).where(BusyCalendar.reference == reference)
    ).one_or_none()


def get_own_reading(therapist: Therapist, reference: str) -> Reading:
    """How a calendar of this therapist is read.

    :raises NotFound: when there is none, or it is somebody else's: the two look alike.
    """
    reading = find_reading(reference) if reference.isprintable() else None
    if reading is None or reading.calendar.therapist_id != therapist.id:
        raise NotFound
    return reading


def list_readings(therapist_ids: Collection[int]) -> list[Reading]:
    """How the calendars of these therapists are read, by name."""
    found = select(Reading).join(Reading.calendar).where(BusyCalendar.therapist_id.in_(therapist_ids))
    return list(db.session.scalars(found.order_by(BusyCalendar.name, BusyCalendar.id)))


def list_failing(before: datetime) -> list[Reading]:
    """What can't be read any more, since this moment or longer."""
    found = select(Reading).join(Reading.calendar).where(Reading.failing_since <= before)
    return list(db.session.scalars(found.order_by(BusyCalendar.therapist_id, BusyCalendar.name, BusyCalendar.id)))


def stand_of(reading: Reading, now: datetime, days: int) -> Stand:
    """How reading a calendar stands, and what it says of the next days; sentences are in the language of the answer."""
    ahead = Span(now, now + days * DAY)
    rows = db.session.execute(
        select(BusyTime.starts_at, BusyTime.ends_at).where(
            BusyTime.calendar_id == reading.calendar_id, BusyTime.starts_at < ahead.end, BusyTime.ends_at > ahead.start
        )
    )
    return Stand(
        reading=reading,
        whence=source_of(reading.source).whence(reading.calendar),
        problem=say(reading.problem or ""),
        warnings=tuple(say(one) for one in json.loads(reading.warnings)),
        coming=tuple(merge(Span(start, end) for start, end in rows)),
    )


def find_own_uids(uids: Iterable[str]) -> set[str]:
    """Which of these are the UIDs of sessions of ours."""
    asked = sorted({uid for uid in uids if len(uid) <= LONGEST_UID and "\x00" not in uid})
    found: set[str] = set()
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        found.update(db.session.scalars(select(Booking.uid).where(Booking.uid.in_(some))))
    return found


def find_unpolled() -> Iterator[str]:
    """The references of calendars that should be read and that no message will read."""
    ahead = select(OutboxMessage.payload).where(
        OutboxMessage.kind == PollCalendar.KIND, OutboxMessage.state.in_(("waiting", "leased"))
    )
    polled = {json.loads(payload)["calendar"] for payload in db.session.scalars(ahead)}
    read = select(BusyCalendar.reference).join(Reading, Reading.calendar_id == BusyCalendar.id)
    for reference in db.session.scalars(read.order_by(BusyCalendar.id)):
        if reference not in polled:
            yield reference
