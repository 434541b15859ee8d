"""When therapists are busy by their own calendars, and which sessions that meets. Only reads."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from practice.booking.busy.models import BusyCalendar, BusyTime, Collision
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.database import db
from practice.spans import Span, merge

LONGEST = timedelta(days=1)  # of one stretch: longer ones are kept in pieces, so that both ends bound a look-up


@dataclass(frozen=True, slots=True)
class BusySpan:
    """When somebody is busy, and the id and the name of the calendar that says so."""

    span: Span
    calendar_id: int
    calendar: str


def find_busy_spans(therapist_ids: Collection[int], within: Span) -> dict[int, list[BusySpan]]:
    """What the calendars of these therapists say of a time, by therapist and in order; neighbouring pieces are one."""
    found = (
        select(BusyCalendar.therapist_id, BusyCalendar.id, BusyCalendar.name, BusyTime.starts_at, BusyTime.ends_at)
        .join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
        .where(BusyCalendar.therapist_id.in_(therapist_ids), *_overlapping(within))
    )
    by_calendar: dict[tuple[int, int, str], list[Span]] = {}
    for therapist_id, calendar_id, name, start, end in db.session.execute(found):
        by_calendar.setdefault((therapist_id, calendar_id, name), []).append(Span(start, end))
    spans: dict[int, list[BusySpan]] = {}
    for (therapist_id, calendar_id, name), pieces in by_calendar.items():
        spans.setdefault(therapist_id, []).extend(BusySpan(span, calendar_id, name) for span in merge(pieces))
    return {whose: sorted(those, key=lambda one: (one.span, one.calendar)) for whose, those in spans.items()}


@dataclass(frozen=True)
class Met:
    """A session, and the bounds of what a calendar's busy times take of it."""

    booking: Booking
    shared: Span


def is_busy(session: Session, therapist_id: int, span: Span) -> bool:
    """Whether any calendar of a therapist says that they are busy at any time of this."""
    found = select(BusyTime.starts_at).join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
    met = found.where(BusyCalendar.therapist_id == therapist_id, *_overlapping(span))
    return session.connection().execute(met.limit(1)).first() is not None


def find_met(session: Session, therapist_id: int, now: datetime) -> dict[tuple[int, int], Met]:
    """The sessions of a therapist that stand and are not over, with each calendar that is busy then.

    By the ids of booking and calendar, in order of time.
    """
    standing = select(Booking).where(Booking.therapist_id == therapist_id, *_coming(now))
    bookings = list(session.scalars(standing.order_by(Booking.starts_at, Booking.id)))
    if not bookings:
        return {}
    around = Span(bookings[0].starts_at, max(booking.ends_at for booking in bookings))
    pieces: dict[int, list[Span]] = {}
    found = select(BusyTime).join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
    of_theirs = found.where(BusyCalendar.therapist_id == therapist_id, *_overlapping(around))
    for one in session.scalars(of_theirs.order_by(BusyTime.starts_at)):
        pieces.setdefault(one.calendar_id, []).append(one.span)
    met: dict[tuple[int, int], Met] = {}
    for booking in bookings:
        taken = Span(booking.starts_at, booking.ends_at)
        for calendar_id, spans in sorted(pieces.items()):
            shared = _shared(taken, spans)
            if shared is not None:
                met[booking.id, calendar_id] = Met(booking, shared)
    return met


def list_collisions(therapist_ids: Collection[int], now: datetime) -> list[Collision]:
    """What still collides and nobody left so, in order of time."""
    unsettled = _standing(now).where(BusyCalendar.therapist_id.in_(therapist_ids), Collision.left_at.is_(None))
    return list(db.session.scalars(unsettled))


def find_collision(reference: str, now: datetime) -> Collision | None:
    """A collision by its reference; None where nothing collides any more, or somebody left it so."""
    found = find_noticed(reference, now)
    return found if found is not None and found.left_at is None else None


def find_noticed(reference: str, now: datetime) -> Collision | None:
    """The same, though somebody may have left it so."""
    return db.session.scalars(_standing(now).where(Collision.reference == reference)).one_or_none()


def _standing(now: datetime) -> Select[Collision]:
    return (
        select(Collision)
        .join(Booking, Booking.id == Collision.booking_id)
        .join(BusyCalendar, BusyCalendar.id == Collision.calendar_id)
        .where(Collision.sequence == Booking.sequence, *_coming(now))
        .options(joinedload(Collision.booking), joinedload(Collision.calendar))
        .order_by(Booking.starts_at, Booking.id, Collision.calendar_id)
    )


def _shared(taken: Span, spans: Sequence[Span]) -> Span | None:
    """The bounds of what sorted spans, none overlapping another, share with a time."""
    first = bisect_right(spans, taken.start, key=lambda span: span.end)
    beyond = bisect_left(spans, taken.end, key=lambda span: span.start)
    if first >= beyond:
        return None
    return Span(max(taken.start, spans[first].start), min(taken.end, spans[beyond - 1].end))


def _coming(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Booking.state == State.CONFIRMED, Booking.ends_at > now


def _overlapping(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (
        BusyTime.starts_at >= span.start - LONGEST,
        BusyTime.starts_at < span.end,
        BusyTime.ends_at > span.start,
    )
