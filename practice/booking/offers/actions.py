"""What changes the offer: hours, dates, days off, therapists, offerings, rooms. The only writer of these tables.

Whoever saves locks the therapist first, and nothing is saved where anything is wrong. Bookings are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from itertools import chain, count
from typing import Any, TypeVar

from sqlalchemy import select

from practice.booking.offers.asked import DayRow, Details, HoursRow, OfferingDetails, Preferences, RoomDetails
from practice.booking.offers.checks import (
    InvalidOffer,
    Problem,
    check,
    problems_of_day,
    problems_of_details,
    problems_of_offering,
    problems_of_preferences,
    problems_of_room,
    problems_of_time_off,
    problems_of_week,
)
from practice.booking.offers.models import (
    DayOverride,
    Offering,
    Resource,
    Room,
    Therapist,
    TimeOff,
    WeeklyHours,
)
from practice.errors import NotFound
from practice.languages import DEFAULT
from practice.speaking import gettext as _
from practice.work import Work

Row = TypeVar("Row", Offering, Room)
Named = TypeVar("Named", Offering, Room, Therapist)
Line = TypeVar("Line", DayOverride, TimeOff)
RESERVED_SLUGS = ("new",)  # an address of staff's own pages


def lock_therapist(work: Work, slug: str) -> Therapist:
    """The therapist as they stand, locked until the work ends, so that two savings come one after the other.

    :raises NotFound: when nobody who takes bookings has this name.
    """
    found = select(Therapist).where(Therapist.slug == slug, Therapist.active)
    # As weak a lock as will do: sessions of this therapist may be booked meanwhile.
    locked = found.with_for_update(key_share=True).execution_options(populate_existing=True)
    therapist = work.session.scalars(locked).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist


def save_weekly_hours(work: Work, therapist: Therapist, rows: Sequence[HoursRow]) -> None:
    """Let these be all of a therapist's weekly hours.

    :raises InvalidOffer: where hours overlap, close before they open or end before they begin to be valid.
    """
    check(problems_of_week(rows))
    therapist.weekly_hours = [
        WeeklyHours(
            weekday=row.weekday,
            opens=row.opens,
            closes=row.closes,
            place=row.place,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in rows
    ]
    work.session.flush()


def add_day(work: Work, therapist: Therapist, asked: DayRow) -> DayOverride:
    """Let a date differ: closed, with other hours, or with extra ones.

    :raises InvalidOffer: where it makes no sense, or the date differs in a way that excludes this.
    """
    taken = [DayRow(row.day, row.kind, row.opens, row.closes, row.place) for row in therapist.day_overrides]
    check(problems_of_day(asked, taken))
    row = DayOverride(day=asked.day, kind=asked.kind, opens=asked.opens, closes=asked.closes, place=asked.place)
    therapist.day_overrides.append(row)
    work.session.flush()
    return row


def remove_day(work: Work, therapist: Therapist, number: int) -> DayOverride:
    """Let a date be as usual again; what was removed.

    :raises NotFound: when this therapist has no such line.
    """
    row = _own(therapist.day_overrides, number)
    therapist.day_overrides.remove(row)
    work.session.flush()
    return row


def add_time_off(work: Work, therapist: Therapist, first: date, last: date) -> TimeOff:
    """Have the therapist away, from the first day to the last, both included.

    :raises InvalidOffer: where it ends before it begins.
    """
    check(problems_of_time_off(first, last))
    row = TimeOff(first_day=first, last_day=last)
    therapist.time_off.append(row)
    work.session.flush()
    return row


def remove_time_off(work: Work, therapist: Therapist, number: int) -> TimeOff:
    """Have the therapist here after all; what was removed.

    :raises NotFound: when this therapist has no such line.
    """
    row = _own(therapist.time_off, number)
    therapist.time_off.remove(row)
    work.session.flush()
    return row


def save_preferences(work: Work, therapist: Therapist, asked: Preferences) -> None:
    """Keep what a therapist chooses: whose public holidays are days off, and whether sessions lie side by side.

    :raises InvalidOffer: where no public holidays are known for the place.
    """
    check(problems_of_preferences(asked))
    therapist.holiday_region, therapist.packs = asked.holiday_region, asked.packs
    work.session.flush()


def save_therapist(work: Work, therapist: Therapist, asked: Details) -> tuple[str, ...]:
    """Keep what the practice says of a therapist; the licence places that they gained.

    :raises InvalidOffer: for a zone that doesn't exist, an unknown place, offering or room, or no language.
    """
    check(problems_of_details(asked))
    offerings = _by_slug(work, Offering, asked.offerings, "offerings")
    rooms = _by_slug(work, Room, asked.rooms, "rooms")
    gained = tuple(place for place in asked.licence_places if place not in therapist.licence_places)
    therapist.zone = asked.zone
    therapist.languages = list(dict.fromkeys(asked.languages))
    therapist.licence_places = list(dict.fromkeys(asked.licence_places))
    therapist.offerings, therapist.rooms = offerings, rooms
    work.session.flush()
    return gained


def add_offering(work: Work, asked: OfferingDetails, currency: str) -> Offering:
    """Offer another kind of session, in the practice's currency (ISO 4217).

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_offering(asked))
    therapists = _by_slug(work, Therapist, asked.therapists, "therapists")
    offering = Offering(
        slug=_free_slug(work.session.scalars(select(Offering.slug)), asked.name[DEFAULT]),
        currency=currency,
        active=True,
    )
    _fill_offering(offering, asked)
    work.session.add(offering)
    work.session.flush()
    _offered_by(work, offering, therapists)
    return offering


def save_offering(work: Work, offering: Offering, asked: OfferingDetails) -> None:
    """Change an offering. What is booked keeps its price and its length.

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_offering(asked, offering.in_languages("name")))
    therapists = _by_slug(work, Therapist, asked.therapists, "therapists")
    _fill_offering(offering, asked)
    _offered_by(work, offering, therapists)


def archive(work: Work, offering: Offering, *, archived: bool) -> None:
    """Offer something no longer, or again. Sessions of it stand either way."""
    offering.active = not archived
    work.session.flush()


def add_room(work: Work, asked: RoomDetails) -> Room:
    """Have another room to meet in.

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_room(asked))
    therapists = _by_slug(work, Therapist, asked.therapists, "therapists")
    room = Room(
        resource=Resource(kind="room"),
        slug=_free_slug(work.session.scalars(select(Room.slug)), asked.name),
        active=True,
    )
    room.name, room.address, room.seats = asked.name, asked.address, asked.seats
    work.session.add(room)
    work.session.flush()
    _used_by(work, room, therapists)
    return room


def save_room(work: Work, room: Room, asked: RoomDetails) -> None:
    """Change a room. Sessions stay where they are.

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_room(asked))
    therapists = _by_slug(work, Therapist, asked.therapists, "therapists")
    room.name, room.address, room.seats = asked.name, asked.address, asked.seats
    _used_by(work, room, therapists)


def retire_room(work: Work, room: Room, *, retired: bool) -> None:
    """Use a room no longer, or again. Sessions that are in it stay in it."""
    room.active = not retired
    work.session.flush()


def lock_offering(work: Work, slug: str) -> Offering:
    """An offering, archived or not, locked.

    :raises NotFound: when there is none of this name.
    """
    return _locked(work, Offering, slug)


def lock_room(work: Work, slug: str) -> Room:
    """A room, used or not, locked.

    :raises NotFound: when there is none of this name.
    """
    return _locked(work, Room, slug)


def _locked(work: Work, model: type[Row], slug: str) -> Row:
    found = select(model).where(model.slug == slug).with_for_update(key_share=True)
    row = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _own(rows: Iterable[Line], number: int) -> Line:
    for row in rows:
        if row.id == number:
            return row
    raise NotFound


def _by_slug(work: Work, model: type[Named], slugs: Sequence[str], field: str) -> list[Named]:
    found = {row.slug: row for row in work.session.scalars(select(model).where(model.slug.in_(slugs)))}
    missing = [slug for slug in slugs if slug not in found]
    if missing:
        words = _("There is nothing called %(those)s. Look at the list again.", those=", ".join(missing))
        raise InvalidOffer([Problem(field, words)])
    return [found[slug] for slug in dict.fromkeys(slugs)]


def _free_slug(taken: Iterable[str], name: str) -> str:
    stem = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "one"
    used = {*RESERVED_SLUGS, *taken}
    return next(slug for slug in chain([stem], (f"{stem}-{number}" for number in count(2))) if slug not in used)


def _fill_offering(offering: Offering, asked: OfferingDetails) -> None:
    for one in fields(asked):
        if one.name != "therapists":
            setattr(offering, one.name, getattr(asked, one.name))


def _offered_by(work: Work, offering: Offering, therapists: Sequence[Therapist]) -> None:
    for therapist in work.session.scalars(select(Therapist).where(Therapist.active)):
        _link(therapist.offerings, offering, linked=therapist in therapists)
    work.session.flush()


def _used_by(work: Work, room: Room, therapists: Sequence[Therapist]) -> None:
    for therapist in work.session.scalars(select(Therapist).where(Therapist.active)):
        _link(therapist.rooms, room, linked=therapist in therapists)
    work.session.flush()


def _link(those: list[Any], one: object, *, linked: bool) -> None:
    if linked and one not in those:
        those.append(one)
    elif not linked and one in those:
        those.remove(one)
