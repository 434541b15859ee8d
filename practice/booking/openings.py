"""Which times are open: the hours of an offer, less what is claimed or busy in own calendars. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from practice.booking.busy.models import BusyCalendar, BusyTime
from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking, TimeBlock
from practice.booking.offers.queries import Offer, RoomChoice
from practice.booking.packing import neighbours_first
from practice.booking.slots import Refusal, Verdict, judge_slots, open_slots
from practice.database import db
from practice.spans import Span

DAY = timedelta(days=1)
WEEK = 7
THERAPIST, ROOM, BLOCK, CALENDAR = "therapist", "room", "block", "calendar"  # what a span of taken time belongs to


def _claimed(kind: str, of_whom: InstrumentedAttribute[Any], asked: str) -> Select[str, Any, datetime, datetime]:
    return select(literal(kind, literal_execute=True), of_whom, Booking.blocked_from, Booking.blocked_until).where(
        of_whom.in_(bindparam(asked, expanding=True)),
        Booking.starts_at >= bindparam("lower"),
        Booking.starts_at < bindparam("upper"),
        Booking.state.in_(sorted(CLAIMING)),
    )


# Each page of times asks one of these: built once, it costs half. Both bounds are given, so the past costs nothing.
BOOKED = _claimed(THERAPIST, Booking.therapist_id, "therapists")
BLOCKED = select(
    literal(BLOCK, literal_execute=True), TimeBlock.resource_id, TimeBlock.starts_at, TimeBlock.ends_at
).where(
    TimeBlock.resource_id.in_(bindparam("resources", expanding=True)),
    TimeBlock.starts_at >= bindparam("lower"),
    TimeBlock.starts_at < bindparam("upper"),
)
BUSY_ELSEWHERE = (
    select(literal(CALENDAR, literal_execute=True), BusyCalendar.therapist_id, BusyTime.starts_at, BusyTime.ends_at)
    .join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
    .where(
        BusyCalendar.therapist_id.in_(bindparam("therapists", expanding=True)),
        BusyTime.starts_at >= bindparam("lower"),
        BusyTime.starts_at < bindparam("upper"),
    )
)
OF_THERAPISTS = union_all(BOOKED, BLOCKED, BUSY_ELSEWHERE)
OF_THERAPISTS_AND_ROOMS = union_all(BOOKED, BLOCKED, BUSY_ELSEWHERE, _claimed(ROOM, Booking.room_id, "rooms"))
TAKING_PLACE = (*sorted(CLAIMING), State.ATTENDED, State.MISSED)  # what a cap counts


class Busy:
    """The taken spans of therapists, rooms and resources, buffers included; in no order."""

    def __init__(self, rows: Iterable[Row[str, int, datetime, datetime]]) -> None:
        self._spans: dict[tuple[str, int], list[Span]] = {}
        for kind, of_whom, start, end in rows:
            self._spans.setdefault((kind, of_whom), []).append(Span(start, end))

    def of_therapist(self, offer: Offer) -> list[Span]:
        """What stands in the way of the offer's therapist."""
        return [
            *self._of(THERAPIST, offer.therapist_id),
            *self._of(BLOCK, offer.resource_id),
            *self._of(CALENDAR, offer.therapist_id),
        ]

    def of_room(self, room: RoomChoice) -> list[Span]:
        """What stands in the way of a room."""
        return [*self._of(ROOM, room.room_id), *self._of(BLOCK, room.resource_id)]

    def _of(self, kind: str, of_whom: int) -> list[Span]:
        return self._spans.get((kind, of_whom), [])


def open_times(offer: Offer, *, first: date, last: date, now: datetime) -> list[Span]:
    """The open times between two dates of the therapist's own calendar, both included."""
    return open_times_of([offer], first=first, last=last, now=now)[0][1]


def open_times_of(offers: Sequence[Offer], *, first: date, last: date, now: datetime) -> list[tuple[Offer, list[Span]]]:
    """The open times of each offer, between two dates of its therapist's own calendar, both included.

    As they are shown: where a therapist packs, times beside other sessions go before the others of their day. What
    is left out so can still be held by somebody who saw it a moment ago.
    """
    busy = find_busy(offers, first, last)
    return [(offer, _open(offer, busy, first=first, last=last, now=now)) for offer in offers]


def any_time(_span: Span) -> bool:
    """Every time suits."""
    return True


def earliest_times(
    offers: Sequence[Offer], *, now: datetime, count: int, suits: Callable[[Span], bool] = any_time
) -> list[tuple[Span, Offer]]:
    """The first `count` open times over these offers, of those that suit."""
    today = now.astimezone(UTC).date()
    found: list[tuple[Span, Offer]] = []
    left = list(offers)
    # Two looks: most often the next fortnight holds enough, and the whole horizon costs several times as much.
    for first, last in ((-1, 14), (15, max((offer.horizon_days for offer in offers), default=0) + 1)):
        looked = open_times_of(left, first=today + first * DAY, last=today + last * DAY, now=now)
        suiting = [(offer, list(islice(filter(suits, spans), count))) for offer, spans in looked]
        found += [(span, offer) for offer, spans in suiting for span in spans]
        left = [offer for offer, spans in suiting if len(spans) < count]
        if not left:
            break
    return sorted(found, key=lambda one: (one[0].start, one[1].therapist_name, one[1].offering_slug))[:count]


def judge_day(offer: Offer, *, day: date, now: datetime) -> Iterator[Verdict]:
    """Every candidate of one local day, each with the rule that refuses it, or none."""
    busy = find_busy([offer], day, day)
    schedule, counts = offer.schedule(day, day), count_booked(offer, day, day)
    own = busy.of_therapist(offer)
    verdicts = judge_slots(schedule, offer.rules, own, now=now, first=day, last=day, booked_per_day=counts)
    if offer.rooms is None:
        yield from verdicts
        return
    with_room = {span.start for span in _in_some_room(offer, busy, first=day, last=day, now=now, counts=counts)}
    for verdict in verdicts:
        lacks = verdict.refusal is None and verdict.span.start not in with_room
        yield replace(verdict, refusal=Refusal.NO_ROOM) if lacks else verdict


def find_busy(offers: Sequence[Offer], first: date, last: date) -> Busy:
    """What is taken around these local dates, of everybody and every room that these offers need."""
    rooms = {room for offer in offers for room in offer.rooms or ()}
    asked: dict[str, Any] = {
        "lower": datetime.combine(first - 2 * DAY, datetime.min.time(), UTC),
        "upper": datetime.combine(last + 2 * DAY, datetime.min.time(), UTC),
        "therapists": {offer.therapist_id for offer in offers},
        "resources": {offer.resource_id for offer in offers} | {room.resource_id for room in rooms},
    }
    plainly = db.session.connection()
    if not rooms:
        return Busy(plainly.execute(OF_THERAPISTS, asked))
    return Busy(plainly.execute(OF_THERAPISTS_AND_ROOMS, asked | {"rooms": {room.room_id for room in rooms}}))


def count_booked(offer: Offer, first: date, last: date) -> Mapping[date, int]:
    """How many of this offering this therapist has on each local date of the weeks around; empty without a cap."""
    if offer.rules.daily_cap is None and offer.rules.weekly_cap is None:
        return {}
    monday = first - first.weekday() * DAY
    sunday = last + (WEEK - 1 - last.weekday()) * DAY
    starts = select(Booking.starts_at).where(
        Booking.therapist_id == offer.therapist_id,
        Booking.offering_id == offer.offering_id,
        Booking.starts_at >= datetime.combine(monday - DAY, datetime.min.time(), UTC),
        Booking.starts_at < datetime.combine(sunday + 2 * DAY, datetime.min.time(), UTC),
        Booking.state.in_(TAKING_PLACE),
    )
    counts: dict[date, int] = {}
    zone = ZoneInfo(offer.zone)
    for start in db.session.connection().execute(starts).scalars():
        day = start.astimezone(zone).date()
        counts[day] = counts.get(day, 0) + 1
    return counts


def _open(offer: Offer, busy: Busy, *, first: date, last: date, now: datetime) -> list[Span]:
    counts = count_booked(offer, first, last)
    if offer.rooms is None:
        own, schedule = busy.of_therapist(offer), offer.schedule(first, last)
        found = open_slots(schedule, offer.rules, own, now=now, first=first, last=last, booked_per_day=counts)
    else:
        found = _in_some_room(offer, busy, first=first, last=last, now=now, counts=counts)
    if not offer.packs:
        return found
    return neighbours_first(found, offer.rules, busy.of_therapist(offer), offer.zone)


def _in_some_room(
    offer: Offer, busy: Busy, *, first: date, last: date, now: datetime, counts: Mapping[date, int]
) -> list[Span]:
    """The times at which one room is free for the whole session, whichever it is."""
    own, schedule = busy.of_therapist(offer), offer.schedule(first, last)
    found: list[Span] = []
    for room in offer.rooms or ():
        taken = [*own, *busy.of_room(room)]
        found += open_slots(schedule, offer.rules, taken, now=now, first=first, last=last, booked_per_day=counts)
    found.sort()
    return [one for one, following in pairwise([*found, None]) if one != following and one is not None]
