"""A week of somebody's time, or of everybody's: hours, sessions, what is kept, blocked, or busy in own calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from practice.booking.busy.queries import find_busy_spans
from practice.booking.explaining import why_closed
from practice.booking.hours import DayHours
from practice.booking.models import Booking, TimeBlock
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import hours_of
from practice.booking.slots import Window
from practice.booking.waiting.forms import full_hour
from practice.database import db
from practice.languages import N_
from practice.presenting import wall_time, zone_name
from practice.schedule.queries import SHOWN, first_name, own_zone, therapists_of
from practice.spans import Span
from practice.speaking import gettext as _
from practice.staff.models import StaffAccount

DAY = timedelta(days=1)
WEEK = 7
TAKES_NONE = N_("takes no more bookings")
BY_PLACE = {"video": N_("video %(times)s"), "in_person": N_("in person %(times)s")}


@dataclass(frozen=True)
class OpenHours:
    """When a therapist works on a date: (place, hours) in their own zone, or why they don't."""

    therapist: Therapist
    places: tuple[tuple[str, DayHours], ...]
    closed: str


@dataclass(frozen=True)
class Entry:
    """Something in a day: a booking with the client's first name, blocked time with whose it is, or a busy time.

    A busy time has the name of the `calendar` that says so, and whose it is.
    """

    span: Span
    booking: Booking | None = None
    block: TimeBlock | None = None
    name: str = ""
    calendar: str = ""


@dataclass(frozen=True)
class WeekDay:
    """One local date of a week."""

    day: date
    hours: tuple[OpenHours, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday, in `zone`. `therapist` is None where it shows all of `therapists`."""

    therapist: Therapist | None
    therapists: tuple[Therapist, ...]
    zone: str
    days: tuple[WeekDay, ...]

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def count(self) -> int:
        """How many sessions it shows."""
        return sum(entry.booking is not None for day in self.days for entry in day.entries)


def read_week(account: StaffAccount, therapist: Therapist | None, around: date) -> Week:
    """The week of a local date: of one therapist in their own zone, or, of None, of all whom this account sees."""
    zone = therapist.zone if therapist is not None else own_zone(account)
    monday = around - DAY * around.weekday()
    days = [monday + DAY * number for number in range(WEEK)]
    span = Span(_midnight(monday, zone), _midnight(monday + DAY * WEEK, zone))
    therapists = therapists_of(account, span)
    shown = therapists if therapist is None else [therapist]
    entries = sorted(
        [*_sessions(shown, span), *_blocks(shown, span), *_busy(shown, span, zone)], key=lambda one: one.span
    )
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.span.start.astimezone(ZoneInfo(zone)).date(), []).append(entry)
    hours = _hours(shown, days)
    return Week(
        therapist=therapist,
        therapists=tuple(dict.fromkeys([*therapists, *shown])),
        zone=zone,
        days=tuple(WeekDay(day, hours[day], tuple(by_day.get(day, ()))) for day in days),
    )


def opening(hours: OpenHours, zone: str) -> str:
    """`9 am to 5 pm`, `video 9 am to 5 pm; in person 1 pm to 5 pm`: with the zone's name where it isn't this one's."""
    each = [(place, [_window(one) for one in day.windows]) for place, day in hours.places if day.windows]
    said = "; ".join(_(BY_PLACE[place], times=", ".join(times)) if place else ", ".join(times) for place, times in each)
    own = zone_name(hours.therapist.zone)
    return said if own == zone_name(zone) else _("%(times)s %(zone)s", times=said, zone=own)


def _window(window: Window) -> str:
    opens, closes = (wall_time(one) if one.minute else full_hour(one) for one in window)
    return _("%(opens)s to %(closes)s", opens=opens, closes=closes)


def _sessions(therapists: Sequence[Therapist], span: Span) -> list[Entry]:
    found = (
        select(Booking)
        .where(
            Booking.therapist_id.in_([one.id for one in therapists]),
            Booking.starts_at >= span.start,
            Booking.starts_at < span.end,
            Booking.state.in_(SHOWN),
        )
        .options(
            joinedload(Booking.therapist),
            joinedload(Booking.offering),
            joinedload(Booking.room),
            joinedload(Booking.person),
        )
    )
    return [
        Entry(Span(booking.starts_at, booking.ends_at), booking=booking, name=first_name(booking.person))
        for booking in db.session.scalars(found)
    ]


def _blocks(therapists: Sequence[Therapist], span: Span) -> list[Entry]:
    names = names_of_resources(therapists)
    found = select(TimeBlock).where(
        TimeBlock.resource_id.in_(names), TimeBlock.starts_at >= span.start, TimeBlock.starts_at < span.end
    )
    return [Entry(block.span, block=block, name=names[block.resource_id]) for block in db.session.scalars(found)]


def _busy(therapists: Sequence[Therapist], span: Span, zone: str) -> list[Entry]:
    """What own calendars say: a time over midnight is shown on each of its days."""
    names = {one.id: one.name for one in therapists}
    return [
        Entry(piece, name=names[therapist_id], calendar=one.calendar)
        for therapist_id, those in find_busy_spans(names, span).items()
        for one in those
        for piece in _days_of(one.span, span, zone)
    ]


def _days_of(span: Span, within: Span, zone: str) -> Iterator[Span]:
    start, end = max(span.start, within.start), min(span.end, within.end)
    while start < end:
        midnight = _midnight(start.astimezone(ZoneInfo(zone)).date() + DAY, zone)
        yield Span(start, min(end, midnight))
        start = midnight


def names_of_resources(therapists: Sequence[Therapist]) -> Mapping[int, str]:
    """Whose time a resource is: these therapists, and the rooms that they meet people in."""
    rooms = {room.resource_id: room.name for one in therapists for room in one.rooms}
    return rooms | {one.resource_id: one.name for one in therapists}


def _hours(therapists: Sequence[Therapist], days: Sequence[date]) -> dict[date, tuple[OpenHours, ...]]:
    ids = [one.id for one in therapists]
    full = select(Therapist).where(Therapist.id.in_(ids)).order_by(Therapist.name)
    options = (
        selectinload(Therapist.weekly_hours),
        selectinload(Therapist.day_overrides),
        selectinload(Therapist.time_off),
        selectinload(Therapist.offerings),
        selectinload(Therapist.rooms),
    )
    years = sorted({day.year for day in days})
    found: dict[date, list[OpenHours]] = {day: [] for day in days}
    for therapist in db.session.scalars(full.options(*options)):
        hours = hours_of(therapist, years)
        places = sorted({one.place for one in therapist.offerings if one.active}, reverse=True) or ["video"]
        for day in days:
            each = tuple((place, hours.on(day, place)) for place in places)
            closed = "" if any(one.windows for _, one in each) else why_closed(each[0][1])
            closed = closed if therapist.active else _(TAKES_NONE)
            same = len({one.windows for _, one in each}) == 1
            found[day].append(OpenHours(therapist, (("", each[0][1]),) if same else each, closed))
    return {day: tuple(those) for day, those in found.items()}


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
