"""Which times are open: the hours of an offer, less what is claimed. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking, TimeBlock
from practice.booking.offers.queries import Offer
from practice.booking.packing import neighbours_first
from practice.booking.slots import Refusal, Verdict, judge_slots, open_slots
from practice.database import db
from practice.spans import Span

DAY = timedelta(days=1)
WEEK = 7
# Each page of times asks these: built once, they cost half. Bounded on both sides, so that the past costs nothing.
CLAIMED = select(Booking.therapist_id, Booking.room_id, Booking.blocked_from, Booking.blocked_until).where(
    Booking.starts_at >= bindparam("lower"),
    Booking.starts_at < bindparam("upper"),
    Booking.state.in_(sorted(CLAIMING)),
)
OF_THERAPISTS = CLAIMED.where(Booking.therapist_id.in_(bindparam("therapists", expanding=True)))
OF_ROOMS = CLAIMED.where(Booking.room_id.in_(bindparam("rooms", expanding=True)))
BLOCKS = select(TimeBlock.resource_id, TimeBlock.starts_at, TimeBlock.ends_at).where(
    TimeBlock.resource_id.in_(bindparam("resources", expanding=True)),
    TimeBlock.starts_at >= bindparam("lower"),
    TimeBlock.starts_at < bindparam("upper"),
)
TAKING_PLACE = (*sorted(CLAIMING), State.ATTENDED, State.MISSED)  # what a cap counts


@dataclass(frozen=True)
class Busy:
    """The claimed spans of therapists (by id), of rooms (by id) and of blocks (by resource), buffers included."""

    therapists: dict[int, list[Span]] = field(default_factory=dict)
    rooms: dict[int, list[Span]] = field(default_factory=dict)
    blocks: dict[int, list[Span]] = field(default_factory=dict)

    def of_therapist(self, offer: Offer) -> list[Span]:
        """What stands in the way of the offer's therapist."""
        return [*self.therapists.get(offer.therapist_id, ()), *self.blocks.get(offer.resource_id, ())]

    def of_room(self, room_id: int, resource_id: int) -> list[Span]:
        """What stands in the way of a room."""
        return [*self.rooms.get(room_id, ()), *self.blocks.get(resource_id, ())]


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


def earliest_times(offers: Sequence[Offer], *, now: datetime, count: int) -> list[tuple[Span, Offer]]:
    """The first `count` open times over these offers."""
    today = now.astimezone(UTC).date()
    found: list[tuple[Span, Offer]] = []
    left = list(offers)
    # Two looks: most often the next fortnight holds enough, and the whole horizon costs several times as much.
    for first, last in ((-1, 14), (15, max((offer.horizon_days for offer in offers), default=0) + 1)):
        looked = open_times_of(left, first=today + first * DAY, last=today + last * DAY, now=now)
        found += [(span, offer) for offer, spans in looked for span in spans[:count]]
        left = [offer for offer, spans in looked if len(spans) < count]
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
    """What is claimed around these local dates, of everybody and every room that these offers need."""
    lower = datetime.combine(first - 2 * DAY, datetime.min.time(), UTC)
    upper = datetime.combine(last + 2 * DAY, datetime.min.time(), UTC)
    busy, plainly = Busy(), db.session.connection()
    therapists = {offer.therapist_id for offer in offers}
    rooms = {room.room_id for offer in offers for room in offer.rooms or ()}
    resources = {offer.resource_id for offer in offers}
    resources |= {room.resource_id for offer in offers for room in offer.rooms or ()}
    around = {"lower": lower, "upper": upper}
    for row in plainly.execute(OF_THERAPISTS, {**around, "therapists": therapists}):
        busy.therapists.setdefault(row.therapist_id, []).append(Span(row.blocked_from, row.blocked_until))
    if rooms:
        for row in plainly.execute(OF_ROOMS, {**around, "rooms": rooms}):
            busy.rooms.setdefault(row.room_id, []).append(Span(row.blocked_from, row.blocked_until))
    for block in plainly.execute(BLOCKS, {**around, "resources": resources}):
        busy.blocks.setdefault(block.resource_id, []).append(Span(block.starts_at, block.ends_at))
    return busy


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
        taken = [*own, *busy.of_room(room.room_id, room.resource_id)]
        found += open_slots(schedule, offer.rules, taken, now=now, first=first, last=last, booked_per_day=counts)
    found.sort()
    return [one for one, following in pairwise([*found, None]) if one != following and one is not None]
