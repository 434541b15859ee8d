"""What booking reads: who may book what, and the bookings there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Integer, Row, Select, Table, bindparam, func, literal, or_, select

from practice.booking import licence
from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import AgreedFees, Booking, Eligibility, Waiver
from practice.booking.offers.models import FOR_TWO, Offering
from practice.booking.offers.queries import Offer, find_offers
from practice.booking.policy import CancellationTerms, TermsKind, Withdrawal, left_of_fee, terms_of, withdrawal_of
from practice.couples import find_couple, formed_at, partner_ids
from practice.database import db
from practice.errors import NotFound
from practice.money import Money
from practice.people import Person, Visitor
from practice.profile import profile

FAIR_AROUND = timedelta(days=7)  # within which bookings count when times are spread over therapists
FIRST, FOLLOW_UP = "first", "follow_up"
CAME = (State.CONFIRMED, State.ATTENDED)

# Each hold asks these, in columns: built once, they cost a fifth of the time.
ELIGIBILITY = select(cast(Table, Eligibility.__table__)).where(Eligibility.person_id == bindparam("person"))
LOCKED_ELIGIBILITY = ELIGIBILITY.with_for_update()
HELD = (
    select(
        Booking.reference,
        Booking.person_id,
        Booking.therapist_id,
        Booking.offering_id,
        Booking.starts_at,
        Booking.deadline_at,
        Booking.held_from,
    )
    .where(
        Booking.state == State.HELD,
        or_(
            Booking.person_id == bindparam("person"),
            Booking.therapist_id.in_(bindparam("therapists", expanding=True)),
            Booking.held_from == bindparam("held_from"),
        ),
    )
    .order_by(Booking.id)
)


def find_eligibility(person: Person | None) -> Eligibility | None:
    """What this person may book, if their intake has said so."""
    return db.session.get(Eligibility, person.id) if person is not None else None


def read_eligibility(visitor: Visitor | None) -> Eligibility | None:
    """The same for whoever's browser this is: a copy to read, asked for once for a whole page."""
    return _eligibility(ELIGIBILITY, visitor.person_id) if visitor is not None else None


def may_book(eligibility: Eligibility | None, offer: Offer, now: datetime) -> bool:
    """Whether what somebody may book covers an offer."""
    if eligibility is None or not eligibility.names(offer.therapist_id, offer.offering_id):
        return False
    return eligibility.covers(offer.attendance, offer.place, offer.licence_places, now)


def lacks_licence(eligibility: Eligibility | None, offer: Offer, now: datetime) -> bool:
    """Whether all that stands between somebody and an offer is where they are."""
    if eligibility is None or not eligibility.fits(offer.attendance, offer.place, now):
        return False
    if eligibility.offering_ids is not None and offer.offering_id not in eligibility.offering_ids:
        return False
    return not licence.fits([eligibility.region], offer.licence_places)


def lock_eligibility(person_id: int) -> Eligibility | None:
    """The same as the database has it now, locked until the work ends: a person's two tabs take turns."""
    return _eligibility(LOCKED_ELIGIBILITY, person_id)


def is_reviewed_first(*, accepted: bool, price: Money) -> bool:
    """Whether somebody reads a request before its card is charged; `accepted`: the practice said yes to them before."""
    return profile().review_first and bool(price) and not accepted


def is_accepted(person_id: int) -> bool:
    """Whether the practice has said yes to what this person sent last."""
    found = select(Eligibility.accepted).where(Eligibility.person_id == person_id)
    return bool(db.session.connection().execute(found).scalar())


def has_been_here(person_id: int, now: datetime) -> bool:
    """Whether this person has had a session: one that they came to, or that is over and was not missed."""
    found = select(Booking.id).where(Booking.person_id == person_id, Booking.state.in_(CAME), Booking.ends_at <= now)
    return db.session.connection().execute(found.limit(1)).first() is not None


def fits_visit(visit: str, *, been_here: bool) -> bool:
    """Whether an offering for first sessions, for follow-ups or for any is for somebody who has been here or not."""
    return visit not in (FIRST, FOLLOW_UP) or (visit == FOLLOW_UP) is been_here


def rests(person_id: int, attendance: str) -> bool:
    """Whether nothing of this kind is booked for somebody at the moment: sessions for two, while the two rest."""
    if attendance != FOR_TWO:
        return False
    couple = find_couple(person_id)
    return couple is not None and couple.resting_since is not None


def find_choices(eligibility: Eligibility, now: datetime) -> list[Offer]:
    """Every offer that this person may book."""
    been_here = has_been_here(eligibility.person_id, now)
    resting = rests(eligibility.person_id, FOR_TWO)
    return [
        offer
        for offer in find_offers().values()
        if not offer.staff_only
        and not (resting and offer.attendance == FOR_TWO)
        and fits_visit(offer.visit, been_here=been_here)
        and eligibility.names(offer.therapist_id, offer.offering_id)
        and eligibility.covers(offer.attendance, offer.place, offer.licence_places, now)
    ]


def count_load(therapist_ids: Iterable[int], around: datetime) -> dict[int, int]:
    """How many bookings each of these therapists has within FAIR_AROUND of a time."""
    ids = list(therapist_ids)
    counted = (
        select(Booking.therapist_id, func.count())
        .where(
            Booking.therapist_id.in_(ids),
            Booking.starts_at >= around - FAIR_AROUND,
            Booking.starts_at < around + FAIR_AROUND,
            Booking.state.in_(CLAIMING),
        )
        .group_by(Booking.therapist_id)
    )
    found = {row[0]: row[1] for row in db.session.connection().execute(counted)}
    return {therapist_id: found.get(therapist_id, 0) for therapist_id in ids}


def least_booked_first(offers: Sequence[Offer], around: datetime) -> list[Offer]:
    """These offers, those first whose therapist has the fewest bookings around this time."""
    load = count_load({offer.therapist_id for offer in offers}, around)
    return sorted(offers, key=lambda offer: (load[offer.therapist_id], offer.therapist_id))


def find_last_therapist(person_id: int, now: datetime) -> int | None:
    """The id of the therapist whom this person saw last."""
    seen = select(Booking.therapist_id).where(
        Booking.person_id == person_id, Booking.state.in_(CAME), Booking.ends_at <= now
    )
    return db.session.scalar(seen.order_by(Booking.starts_at.desc()).limit(1))


def cancellation_terms(booking: Booking, now: datetime) -> CancellationTerms:
    """On which terms the client can cancel it now, and what goes back."""
    return terms_of(
        booking.offering.cancellation,
        unpaid=booking.state in (State.RESERVED, State.HELD, State.IN_REVIEW),
        stands=booking.state is State.CONFIRMED,
        starts=booking.starts_at,
        now=now,
        waiver_left=_has_something_to_waive(booking) and has_waiver_left(booking),
        withdrawal=find_withdrawal(booking, now),
    )


def _has_something_to_waive(booking: Booking) -> bool:
    agreed = find_agreed_fees(booking)
    return bool(booking.kept) or (agreed is not None and agreed.late is not None)


def find_withdrawal(booking: Booking, now: datetime) -> Withdrawal | None:
    """Until when the client can withdraw from it; before it is confirmed, as if that happened now. None: no right.

    The contract is made when the session is confirmed, and moving it begins nothing anew.
    """
    if booking.withdrawal_days is None:
        return None
    return withdrawal_of(booking.confirmed_at or now, booking.withdrawal_days, profile().zone)


def has_waiver_left(booking: Booking) -> bool:
    """Whether whoever booked it may still cancel too late once without losing anything, as this session allows."""
    return booking.offering.late_waiver and not has_used_waiver(booking.person_id)


def has_used_waiver(person_id: int) -> bool:
    """Whether the one late cancellation that isn't charged has been used: by this person, or by whoever comes with them
    now, for a session of both. What the other did alone, or before, counts for them alone, and nobody learns of it.
    """
    mine = literal(person_id, Integer)
    shared = (
        select(Waiver.person_id)
        .join(Booking, Booking.id == Waiver.booking_id)
        .join(Offering, Offering.id == Booking.offering_id)
        .where(
            Waiver.person_id.in_(partner_ids(mine)),
            Waiver.used_at >= formed_at(mine),
            Offering.attendance == FOR_TWO,
        )
    )
    own = select(Waiver.person_id).where(Waiver.person_id == person_id)
    return db.session.connection().execute(own.union_all(shared)).first() is not None


def refund_now(booking: Booking, now: datetime) -> Money:
    """What goes back to the payer of a confirmed booking that the client cancels now."""
    return booking.kept.share(cancellation_terms(booking, now).share)


def find_agreed_fees(booking: Booking) -> AgreedFees | None:
    """What the person whose booking it is agreed to pay at most for cancelling late or not coming, in its currency."""
    agreed = db.session.get(AgreedFees, booking.person_id)
    return agreed if agreed is not None and agreed.currency == booking.currency else None


def fee_now(booking: Booking, now: datetime) -> Money:
    """What may be charged at most, besides what is kept of the price, where the client cancels now."""
    return fee_by(booking, cancellation_terms(booking, now))


def fee_by(booking: Booking, terms: CancellationTerms) -> Money:
    """The same where they cancel on these terms."""
    agreed = find_agreed_fees(booking)
    if terms.kind is not TermsKind.CHARGED or agreed is None or agreed.late is None:
        return Money(0, booking.currency)
    return left_of_fee(agreed.late, booking.kept - booking.kept.share(terms.share))


def terms_now(booking: Booking, now: datetime) -> str:
    """The terms of cancelling now in a few words that change whenever they do, to tell whether a page is still true."""
    terms = cancellation_terms(booking, now)
    if terms.kind is TermsKind.UNPAID:
        return terms.kind.value
    sums = [booking.kept.share(terms.share), *([fee] if (fee := fee_by(booking, terms)) else [])]
    return " ".join([terms.kind, *(str(one.minor_units) for one in sums)])


def may_move(booking: Booking, now: datetime) -> bool:
    """Whether the client can choose another time: until cancelling stops being free."""
    return booking.state is State.CONFIRMED and now <= booking.offering.cancellation.free_until(booking.starts_at)


def find_booking(reference: str) -> Booking | None:
    """The booking, or None."""
    return db.session.scalars(select(Booking).where(Booking.reference == reference)).one_or_none()


def find_person_of(reference: str) -> int:
    """The id of the person whose booking it is.

    :raises NotFound: when there is none of this reference.
    """
    found = db.session.scalar(select(Booking.person_id).where(Booking.reference == reference))
    if found is None:
        raise NotFound
    return found


def get_own_booking(reference: str, person: Person | None) -> Booking:
    """The booking, for the person whose it is.

    :raises NotFound: when it is somebody else's, or nobody's: the two look alike.
    """
    booking = find_booking(reference)
    if booking is None or person is None or booking.person_id != person.id:
        raise NotFound
    return booking


def find_kept_again(booking: Booking) -> str | None:
    """The booking that keeps the same time once more for a client whom nobody answered in time, while it does."""
    found = select(Booking.reference).where(
        Booking.person_id == booking.person_id,
        Booking.starts_at == booking.starts_at,
        Booking.state == State.RESERVED,
    )
    return db.session.scalar(found.limit(1))


def find_bookings_of(person: Person) -> list[Booking]:
    """A person's bookings, newest first."""
    return list(db.session.scalars(select(Booking).where(Booking.person_id == person.id).order_by(Booking.id.desc())))


def find_held(
    person_id: int, therapist_ids: Sequence[int], held_from: str | None
) -> Sequence[Row[str, int, int, int, datetime, datetime | None, str | None]]:
    """The unpaid times of this person, of these therapists, and from this address.

    Rows of reference, person_id, therapist_id, offering_id, starts_at, deadline_at, held_from.
    """
    asked = {"person": person_id, "therapists": therapist_ids, "held_from": held_from}
    return db.session.connection().execute(HELD, asked).all()


def _eligibility(asked: Select[*tuple[Any, ...]], person_id: int) -> Eligibility | None:
    """A copy to read, which the session doesn't know: a fraction of the cost of an object that it keeps."""
    found = db.session.connection().execute(asked, {"person": person_id}).one_or_none()
    return Eligibility(**found._mapping) if found is not None else None
