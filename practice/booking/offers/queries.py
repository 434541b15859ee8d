"""What is offered: therapists, offerings, rooms, and every offering of every therapist as one value to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from practice.booking.hours import DayException, Hours, Kind, Opening, TimeAway
from practice.booking.offers.models import Offering, Room, Therapist
from practice.booking.policy import CancellationPolicy
from practice.booking.slots import Schedule, SlotRules
from practice.clock import clock
from practice.database import db
from practice.errors import NotFound
from practice.kept import keep
from practice.money import Money
from practice.own_words import Texts, Words, told

IN_PERSON = "in_person"
YEARS_AHEAD = 3  # of public holidays; no horizon reaches further
FULLY = (
    selectinload(Therapist.offerings),
    selectinload(Therapist.rooms),
    selectinload(Therapist.weekly_hours),
    selectinload(Therapist.day_overrides),
    selectinload(Therapist.time_off),
)


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room that fits. Its resource is what is claimed."""

    room_id: int
    resource_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An offering of a therapist, as it was read: values alone, so that a work that goes by them is soon over.

    That matters because works wait for one another on SQLite. What must not change meanwhile, the claims guard.
    `rooms` are those that fit, the smallest first; None where none is needed, empty where one is and none is there.
    """

    therapist_id: int
    therapist_slug: str
    therapist_name: str
    resource_id: int
    zone: str
    licence_places: tuple[str, ...]
    languages: tuple[str, ...]
    hours: Hours
    packs: bool
    offering_id: int
    offering_slug: str
    offering_names: Texts
    attendance: str
    place: str
    visit: str
    staff_only: bool
    rules: SlotRules
    price: Money
    cancellation: CancellationPolicy
    late_waiver: bool
    rooms: tuple[RoomChoice, ...] | None

    def schedule(self, first: date, last: date) -> Schedule:
        """The opening hours, for starts on these local dates."""
        return self.hours.schedule(self.place, first, last)

    @property
    def offering_name(self) -> Words:
        """What it is called, in the reader's language."""
        return told(self.offering_names)

    @property
    def horizon_days(self) -> int:
        """How many days ahead it can be booked."""
        return self.rules.horizon.days


def find_therapists() -> list[Therapist]:
    """All therapists who take bookings, by name."""
    found = select(Therapist).where(Therapist.active).order_by(Therapist.name)
    return list(db.session.scalars(found.options(selectinload(Therapist.offerings))))


def get_therapist(slug: str) -> Therapist:
    """One therapist who takes bookings, with hours and offerings.

    :raises NotFound: when there is none of this name.
    """
    if not slug.isprintable():  # PostgreSQL takes no zero byte
        raise NotFound
    found = select(Therapist).where(Therapist.slug == slug, Therapist.active).options(*FULLY)
    therapist = db.session.scalars(found).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist


def find_offerings() -> list[Offering]:
    """All offerings that clients can book, the least expensive first."""
    found = select(Offering).where(Offering.active, Offering.staff_only.is_(False))
    return list(db.session.scalars(found.order_by(Offering.price_minor, Offering.slug)))


def find_offerings_on_offer() -> list[Offering]:
    """All offerings that anybody can book, staff's own among them, by name."""
    return [one for one in find_all_offerings() if one.active]


def find_all_offerings() -> list[Offering]:
    """All offerings, the archived ones last."""
    return list(db.session.scalars(select(Offering).order_by(Offering.active.desc(), Offering.english_name)))


def public_offerings(therapist: Therapist) -> list[Offering]:
    """What clients can book of this therapist."""
    return [offering for offering in therapist.offerings if offering.active and not offering.staff_only]


def find_rooms() -> list[Room]:
    """All rooms, those no longer used last."""
    return list(db.session.scalars(select(Room).order_by(Room.active.desc(), Room.name)))


def find_offers() -> Mapping[tuple[str, str], Offer]:
    """Everything that is offered now, by the slugs of therapist and offering; staff-only offerings too.

    Read once and kept by this process until somebody changes any of it.
    """
    year = clock().now().year
    return keep("offers", lambda: _read_offers(year), also=year)


def get_offer(therapist_slug: str, offering_slug: str) -> Offer:
    """An offering of a therapist that clients can book.

    :raises NotFound: when there is none of these names, or not both together.
    """
    offer = find_offers().get((therapist_slug, offering_slug))
    if offer is None or offer.staff_only:
        raise NotFound
    return offer


def public_offers_by(therapist_slug: str) -> list[Offer]:
    """What clients can book with this therapist, the least expensive first.

    :raises NotFound: when there is nothing, or no such therapist.
    """
    those = [one for (slug, _), one in find_offers().items() if slug == therapist_slug and not one.staff_only]
    if not those:
        raise NotFound
    return those


def get_staff_offer(therapist_slug: str, offering_slug: str) -> Offer:
    """The same for staff, who may book everything that isn't archived.

    :raises NotFound: as get_offer() does.
    """
    offer = find_offers().get((therapist_slug, offering_slug))
    if offer is None:
        raise NotFound
    return offer


def offers_of(offering_slug: str) -> list[Offer]:
    """One offering by each therapist whom clients can book it with, by their names."""
    those = [offer for offer in find_offers().values() if offer.offering_slug == offering_slug and not offer.staff_only]
    return sorted(those, key=lambda offer: offer.therapist_name)


def offer_by_ids(therapist_id: int, offering_id: int) -> Offer | None:
    """The offer of a booking; None when therapist or offering is no longer there to be booked."""
    for offer in find_offers().values():
        if (offer.therapist_id, offer.offering_id) == (therapist_id, offering_id):
            return offer
    return None


def hours_of(therapist: Therapist, years: Sequence[int]) -> Hours:
    """A therapist's opening hours, with the public holidays of these years where they keep them."""
    return Hours(
        zone=therapist.zone,
        openings=tuple(
            Opening(row.weekday, row.opens, row.closes, row.place, row.valid_from, row.valid_until)
            for row in therapist.weekly_hours
        ),
        exceptions=tuple(
            DayException(row.day, Kind(row.kind), row.opens, row.closes, row.place) for row in therapist.day_overrides
        ),
        away=tuple(TimeAway(row.first_day, row.last_day) for row in therapist.time_off),
        holidays=public_holidays(therapist.holiday_region, tuple(years)) if therapist.holiday_region else {},
    )


@lru_cache(maxsize=64)
def public_holidays(region: str, years: tuple[int, ...]) -> Mapping[date, str]:
    """The public holidays of a country or a part of it (ISO 3166, as in US-NY or DE), by date.

    :raises ValueError: when no calendar of public holidays is known for it.
    """
    country, _, part = region.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError:
        raise ValueError(f"no public holidays are known for {region}") from None


def _read_offers(year: int) -> Mapping[tuple[str, str], Offer]:
    years = range(year - 1, year + YEARS_AHEAD)
    found = db.session.scalars(select(Therapist).where(Therapist.active).options(*FULLY))
    offers = {}
    for therapist in found:
        hours = _without_past(hours_of(therapist, years))
        for offering in therapist.offerings:
            if offering.active:
                offers[therapist.slug, offering.slug] = _offer(therapist, offering, hours)
    return offers


def _without_past(hours: Hours) -> Hours:
    """Years of bygone exceptions would only be looked through again and again."""
    recent = clock().now().date() - timedelta(days=7)
    return Hours(
        zone=hours.zone,
        openings=tuple(one for one in hours.openings if one.valid_until is None or one.valid_until >= recent),
        exceptions=tuple(one for one in hours.exceptions if one.day >= recent),
        away=tuple(one for one in hours.away if one.last >= recent),
        holidays={day: name for day, name in hours.holidays.items() if day >= recent},
    )


def _offer(therapist: Therapist, offering: Offering, hours: Hours) -> Offer:
    return Offer(
        therapist_id=therapist.id,
        therapist_slug=therapist.slug,
        therapist_name=therapist.name,
        resource_id=therapist.resource_id,
        zone=therapist.zone,
        licence_places=tuple(therapist.licence_places),
        languages=tuple(therapist.languages),
        hours=hours,
        packs=therapist.packs,
        offering_id=offering.id,
        offering_slug=offering.slug,
        offering_names=offering.in_languages("name"),
        attendance=offering.attendance,
        place=offering.place,
        visit=offering.visit,
        staff_only=offering.staff_only,
        rules=offering.rules,
        price=offering.price,
        cancellation=offering.cancellation,
        late_waiver=offering.late_waiver,
        rooms=_fitting_rooms(therapist, offering),
    )


def _fitting_rooms(therapist: Therapist, offering: Offering) -> tuple[RoomChoice, ...] | None:
    if offering.place != IN_PERSON or not therapist.rooms:
        return None
    return tuple(
        RoomChoice(room.id, room.resource_id, room.name)
        for room in therapist.rooms
        if room.active and room.seats >= offering.seats
    )
