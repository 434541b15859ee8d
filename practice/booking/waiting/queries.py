"""What the waiting list reads: wishes, and which times fit them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from practice.booking.models import Booking, Eligibility
from practice.booking.offers.models import Offering
from practice.booking.offers.queries import Offer, find_offers
from practice.booking.openings import open_times_of
from practice.booking.queries import fits_visit, has_been_here, rests
from practice.booking.waiting.models import PlaceWish, Wish, WishOffer, WishState
from practice.database import db
from practice.errors import NotFound
from practice.people import Person
from practice.spans import Span, overlap

OPEN = (WishState.WAITING, WishState.OFFERED)


def find_wishes(person: Person | None) -> list[Wish]:
    """The wishes of a person that still count, the oldest first."""
    if person is None:
        return []
    found = select(Wish).where(Wish.person_id == person.id, Wish.state.in_(OPEN)).order_by(Wish.id)
    return list(db.session.scalars(found))


def get_own_wish(reference: str, person: Person | None) -> Wish:
    """The wish, for the person whose it is.

    :raises NotFound: when it is somebody else's, or nobody's: the two look alike.
    """
    wish = db.session.scalars(select(Wish).where(Wish.reference == reference)).one_or_none()
    if wish is None or person is None or wish.person_id != person.id:
        raise NotFound
    return wish


def list_wishes() -> list[Wish]:
    """Everybody's wishes that still count, in the order in which times are offered to them."""
    return list(db.session.scalars(select(Wish).where(Wish.state.in_(OPEN)).order_by(Wish.id)))


def list_place_wishes() -> list[PlaceWish]:
    """Everybody who waits for somebody licensed where they are."""
    found = select(PlaceWish).where(PlaceWish.told_at.is_(None)).order_by(PlaceWish.asked_at, PlaceWish.person_id)
    return list(db.session.scalars(found))


def find_open_offer(wish: Wish) -> WishOffer | None:
    """The time that is kept for a wish just now."""
    found = select(WishOffer).where(WishOffer.wish_id == wish.id, WishOffer.answer.is_(None))
    return db.session.scalars(found).one_or_none()


def find_offer_of_booking(booking_id: int) -> WishOffer | None:
    """The offer that a booking was reserved by, if it was."""
    return db.session.scalars(select(WishOffer).where(WishOffer.booking_id == booking_id)).one_or_none()


def find_candidates(offers: Collection[Offer], now: datetime) -> list[Wish]:
    """The wishes that a time of one of these may fit, in the order in which they were made."""
    offered, therapists = {offer.offering_id for offer in offers}, {offer.therapist_id for offer in offers}
    if not offered:
        return []
    found = select(Wish).where(
        Wish.state == WishState.WAITING,
        Wish.offering_id.in_(offered),
        or_(Wish.therapist_id.is_(None), Wish.therapist_id.in_(therapists)),
        Wish.runs_out_at > now,
    )
    return list(db.session.scalars(found.order_by(Wish.id)))


def could_serve(wish: Wish, offer: Offer, now: datetime) -> bool:
    """Whether times of this offer are what the wish is about, and for the person whose it is."""
    return (
        offer.offering_id == wish.offering_id
        and not offer.staff_only
        and wish.therapist_id in (None, offer.therapist_id)
        and fits_person(wish, offer, now)
    )


def find_open_now(wish: Wish, now: datetime, count: int) -> list[tuple[Span, Offer]]:
    """The first times, open to everybody, that a wish could have at once."""
    offers = [offer for offer in find_offers().values() if could_serve(wish, offer, now)]
    today = now.date()
    last = today + timedelta(days=1 + max((offer.horizon_days for offer in offers), default=0))
    found = [
        (span, offer)
        for offer, spans in open_times_of(offers, first=today - timedelta(days=1), last=last, now=now)
        for span in spans
        if suits(wish, span)
    ]
    return sorted(found, key=lambda one: (one[0].start, one[1].therapist_name))[:count]


def fits_person(wish: Wish, offer: Offer, now: datetime) -> bool:
    """Whether the person who wishes may book this, and speaks the language that they asked for with them."""
    eligibility = db.session.get(Eligibility, wish.person_id)
    return (
        eligibility is not None
        and eligibility.names(offer.therapist_id, offer.offering_id)
        and eligibility.covers(offer.attendance, offer.place, offer.licence_places, now)
        and (wish.language is None or wish.language in offer.languages)
        and fits_visit(offer.visit, been_here=has_been_here(wish.person_id, now))
        and not rests(wish.person_id, offer.attendance)
    )


def first_fitting(wish: Wish, spans: Iterable[Span], offer: Offer) -> Span | None:
    """The first of these times that the wish allows, and of which it was not offered any part before."""
    before = select(Booking.starts_at, Booking.ends_at).join(WishOffer, WishOffer.booking_id == Booking.id)
    mine = before.where(WishOffer.wish_id == wish.id, WishOffer.therapist_id == offer.therapist_id)
    known = [Span(row.starts_at, row.ends_at) for row in db.session.execute(mine)]
    for span in spans:
        if suits(wish, span) and not any(overlap(span, one) for one in known):
            return span
    return None


def suits(wish: Wish, span: Span) -> bool:
    """Whether a session lies on a day and within the hours that were wished for, in the zone of the wish."""
    zone = ZoneInfo(wish.zone)
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    return (
        start.weekday() in wish.weekdays
        and wish.opens <= start.time()
        and start.date() == end.date()
        and end.time() <= wish.closes
    )


def find_offerings_to_wish_for(eligibility: Eligibility, now: datetime) -> list[Offering]:
    """The offerings that somebody may wait for: whatever somebody licensed where they are offers them."""
    been_here = has_been_here(eligibility.person_id, now)
    ids = {
        offer.offering_id
        for offer in find_offers().values()
        if not offer.staff_only
        and fits_visit(offer.visit, been_here=been_here)
        and eligibility.names(offer.therapist_id, offer.offering_id)
        and eligibility.covers(offer.attendance, offer.place, offer.licence_places, now)
    }
    return list(db.session.scalars(select(Offering).where(Offering.id.in_(ids)).order_by(Offering.price_minor)))
