"""What the pages of setting up read: whose hours somebody may set, what stands outside them, what just opened."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from practice.booking.hours import Hours
from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Room, Therapist
from practice.booking.offers.queries import IN_PERSON, find_therapists, get_therapist, hours_of, public_holidays
from practice.database import db
from practice.errors import NotFound
from practice.public_holidays import holiday_name
from practice.regions import REGIONS, groups_in
from practice.spans import Span, merge, subtract
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER, StaffAccount
from practice.staff.queries import find_actor_names

DAY = timedelta(days=1)
SHOWN_HOLIDAYS = 5
VIDEO = "video"


def sets_for_all(account: StaffAccount) -> bool:
    """Whether somebody sets everybody's hours, and the rooms: the owner and who coordinates."""
    return account.is_any_of(OWNER, COORDINATOR)


def find_settable(account: StaffAccount) -> list[Therapist]:
    """The therapists whose hours somebody may set; of a therapist only themselves."""
    return [one for one in find_therapists() if sets_for_all(account) or one.id == account.therapist_id]


def get_settable(account: StaffAccount, slug: str) -> Therapist:
    """A therapist whose hours somebody may set.

    :raises NotFound: when there is none, or the hours are somebody else's business: the two look alike.
    """
    therapist = get_therapist(slug)
    if not sets_for_all(account) and therapist.id != account.therapist_id:
        raise NotFound
    return therapist


def find_offering(slug: str) -> Offering | None:
    """An offering, archived or not."""
    return db.session.scalars(select(Offering).where(Offering.slug == slug)).one_or_none()


def find_room(slug: str) -> Room | None:
    """A room, used or not."""
    return db.session.scalars(select(Room).where(Room.slug == slug)).one_or_none()


def name_of(actor: str | None) -> str:
    """Who somebody is whom the audit log calls so."""
    return find_actor_names({actor or ""}).get(actor or "", _("a command"))


def find_stranded(therapist: Therapist, now: datetime) -> list[Booking]:
    """The coming sessions that don't lie within the hours as they are set now, the next one first."""
    coming = select(Booking).join(Booking.offering).options(contains_eager(Booking.offering))
    coming = coming.where(
        Booking.therapist_id == therapist.id, Booking.state.in_(CLAIMING), Booking.starts_at > now
    ).order_by(Booking.starts_at)
    hours = hours_of(therapist, _years(now))
    return [booking for booking in db.session.scalars(coming) if not _within(hours, booking)]


def count_coming(therapist: Therapist, now: datetime) -> int:
    """How many sessions of theirs are ahead, kept times included."""
    ahead = Booking.therapist_id == therapist.id, Booking.state.in_(CLAIMING), Booking.starts_at > now
    return db.session.scalar(select(func.count()).select_from(Booking).where(*ahead)) or 0


def read_hours(therapist: Therapist, now: datetime) -> Hours:
    """The hours as they are set now, to compare them with what becomes of them."""
    return hours_of(therapist, _years(now))


def newly_open(before: Hours, after: Hours, first: date, last: date) -> list[Span]:
    """What `after` opens, between two dates, that `before` did not: one span for each date at most, in order."""
    found: list[Span] = []
    day = first
    while day <= last:
        opened: list[Span] = []
        for place in (VIDEO, IN_PERSON):
            opened += subtract(
                _spans(after, day, place), [*_spans(before, day, place), *_spans(before, day + DAY, place)]
            )
        if opened:
            found.append(Span(min(one.start for one in opened), max(one.end for one in opened)))
        day += DAY
    return found


def next_holidays(region: str | None, now: datetime, zone: str) -> list[tuple[date, str]]:
    """The next public holidays that are days off, with their names as they are said; none where none are kept."""
    if region is None:
        return []
    today = now.astimezone(ZoneInfo(zone)).date()
    coming = sorted((day, name) for day, name in public_holidays(region, (today.year, today.year + 1)).items())
    return [(day, holiday_name(name)) for day, name in coming if day >= today][:SHOWN_HOLIDAYS]


def holiday_choices(current: str | None) -> dict[str, Any]:
    """The places whose public holidays can be kept, in groups; the `current` one always among them."""
    found: dict[str, Any] = {
        "": _("None: public holidays are ordinary days"),
        **groups_in(current_language()),
    }
    if current is not None and current not in REGIONS:
        found[_("As set by a command")] = {current: current}
    return found


def today_of(therapist: Therapist, now: datetime) -> date:
    """The date in the therapist's own calendar."""
    return now.astimezone(ZoneInfo(therapist.zone)).date()


def mark_of_week(therapist: Therapist) -> str:
    """The weekly hours as they stand, in a few letters: two readings that agree saw the same."""
    return mark_of(
        sorted(
            repr((row.weekday, row.opens, row.closes, row.place, row.valid_from, row.valid_until))
            for row in therapist.weekly_hours
        )
    )


def mark_of_preferences(therapist: Therapist) -> str:
    """The same of what a therapist chose."""
    return mark_of([therapist.holiday_region, therapist.packs])


def mark_of_details(therapist: Therapist) -> str:
    """The same of what the practice says of a therapist."""
    offered, rooms = (sorted(one.slug for one in those) for those in (therapist.offerings, therapist.rooms))
    return mark_of([therapist.zone, therapist.languages, therapist.licence_places, offered, rooms])


def mark_of_offering(offering: Offering) -> str:
    """The same of an offering, and of who offers it."""
    columns = [getattr(offering, column.key) for column in Offering.__mapper__.column_attrs]
    return mark_of([*columns, [one.slug for one in find_therapists() if offering in one.offerings]])


def mark_of_room(room: Room) -> str:
    """The same of a room, and of who meets people there."""
    return mark_of(
        [room.name, room.address, room.seats, room.active, [one.slug for one in find_therapists() if room in one.rooms]]
    )


def mark_of(said: object) -> str:
    """The same of whatever a page shows that can be written as Python writes it: text, numbers, and rows of them."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _years(now: datetime) -> range:
    return range(now.year - 1, now.year + 3)


def _within(hours: Hours, booking: Booking) -> bool:
    day = booking.starts_at.astimezone(ZoneInfo(hours.zone)).date()
    own = Span(booking.starts_at, booking.ends_at)
    return not subtract([own], _spans(hours, day, booking.offering.place))


def _spans(hours: Hours, day: date, place: str) -> list[Span]:
    zone = ZoneInfo(hours.zone)
    ends = [
        (datetime.combine(day, opens, zone).astimezone(UTC), datetime.combine(day, closes, zone).astimezone(UTC))
        for opens, closes in hours.on(day, place).windows
    ]
    return merge(Span(start, end) for start, end in ends if start < end)  # a clock change can swallow one whole


def whole_days(first: date, last: date, zone: str) -> Span:
    """The time from the beginning of one local date to the end of another."""
    here = ZoneInfo(zone)
    return Span(
        datetime.combine(first, time(), here).astimezone(UTC),
        datetime.combine(last + DAY, time(), here).astimezone(UTC),
    )
