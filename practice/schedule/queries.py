"""What staff read of everybody's time: a week, one session, what can be booked or blocked, and who waits.

Owners, clinicians and the desk see all of it; a therapist sees their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from practice.booking.attending import find_attendees
from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking, Eligibility, Override, TimeBlock
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import Offer, find_offers, find_rooms
from practice.booking.policy import CancellationTerms
from practice.booking.prices.queries import own_prices
from practice.booking.queries import cancellation_terms, fee_now, find_booking
from practice.database import db
from practice.errors import NotFound
from practice.money import Money
from practice.people import Person, contact_of, find_by_email, takes_mail
from practice.profile import profile
from practice.schedule.beginning import Begins, find_beginning
from practice.schedule.history import Happened, read_history
from practice.sealing import vault
from practice.spans import Span
from practice.speaking import gettext as _
from practice.staff.clinical import reads_clinically
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, StaffAccount

SEES_ALL = (OWNER, CLINICIAN, COORDINATOR)
SHOWN = (*sorted(CLAIMING), State.ATTENDED, State.MISSED)  # the sessions of a week


@dataclass(frozen=True)
class Seen:
    """A session for its page. `terms` are the rule's, now; `reason` is why staff decided otherwise, where shown."""

    booking: Booking
    name: str
    mail: bool
    terms: CancellationTerms
    refund: Money
    fee: Money  # that may be charged besides, at most, by the rule
    history: tuple[Happened, ...]
    reason: str
    companions: tuple[str, ...]  # the first names of whoever comes besides
    begins: Begins | None


@dataclass(frozen=True)
class Known:
    """Somebody whose address was typed."""

    person: Person
    name: str
    region: str
    mail: bool
    last: datetime | None


# Who sees what


def sees_all(account: StaffAccount) -> bool:
    """Whether the whole practice's time is theirs to see and to change."""
    return account.is_any_of(*SEES_ALL)


def therapists_of(account: StaffAccount, week: Span | None = None) -> list[Therapist]:
    """The therapists whose time this account sees, by name: who take bookings, or have sessions that aren't over yet.

    With a `week` also whoever has a session in it, whether it took place or not.
    """
    stands: ColumnElement[bool] = Booking.state.in_(CLAIMING)
    if week is not None:
        within = and_(Booking.starts_at >= week.start, Booking.starts_at < week.end)
        stands = or_(stands, and_(Booking.state.in_(SHOWN), within))
    theirs = exists().where(Booking.therapist_id == Therapist.id, stands)
    return list(db.session.scalars(_visible_therapists(account).where(or_(Therapist.active, theirs))))


def get_visible_therapist(account: StaffAccount, slug: str) -> Therapist:
    """A therapist whose time this account sees, whether they take bookings or not: sessions of theirs stand.

    :raises NotFound: when there is none of this name, or it isn't theirs to see.
    """
    named = _visible_therapists(account).where(Therapist.slug == slug)
    found = db.session.scalars(named).one_or_none() if slug.isprintable() else None
    if found is None:
        raise NotFound
    return found


def may_see(account: StaffAccount, booking: Booking) -> bool:
    """Whether a booking is this account's to see and to change."""
    return sees_all(account) or booking.therapist_id == account.therapist_id


def find_visible_booking(account: StaffAccount, reference: str) -> Booking | None:
    """A booking, for those who see it; None where for them it doesn't exist."""
    booking = find_booking(reference) if reference.isprintable() else None
    return booking if booking is not None and may_see(account, booking) else None


def offers_for(account: StaffAccount) -> list[Offer]:
    """Everything that this account may book for somebody, staff-only offerings too."""
    offers = [one for one in find_offers().values() if sees_all(account) or one.therapist_id == account.therapist_id]
    return sorted(offers, key=lambda one: (one.therapist_name, one.offering_name, one.offering_id))


def own_zone(account: StaffAccount) -> str:
    """The zone in which this account reads what belongs to several."""
    return account.therapist.zone if account.therapist is not None else profile().zone


def _visible_therapists(account: StaffAccount) -> Select[Therapist]:
    found = select(Therapist).order_by(Therapist.name)
    return found if sees_all(account) else found.where(Therapist.id == account.therapist_id)


# One session


def read_session(account: StaffAccount, booking: Booking, now: datetime) -> Seen:
    """A session for its page, for an account that sees it."""
    terms = cancellation_terms(booking, now)
    own = booking.therapist_id == account.therapist_id
    return Seen(
        booking=booking,
        name=first_name(booking.person),
        mail=takes_mail(booking.person),
        terms=terms,
        refund=booking.kept.share(terms.share),
        fee=fee_now(booking, now),
        history=read_history(booking),
        begins=find_beginning(account, booking, now),
        reason=_reason(booking) if own or reads_clinically(account, booking.person_id) else "",
        companions=tuple(first_name(one) for one in find_attendees(booking) if one.id != booking.person_id),
    )


def as_seen(booking: Booking) -> str:
    """How a booking stands, to tell whether a page still says the truth."""
    return f"{booking.sequence} {booking.state}"


def rule_says(terms: CancellationTerms) -> str:
    """What the rule says of a cancellation, to tell whether a page still says the truth."""
    return f"{terms.kind} {terms.share}"


def _reason(booking: Booking) -> str:
    decided = db.session.get(Override, booking.id)
    if decided is None or booking.person.contact_sealed is None:  # forgotten: their key is gone
        return ""
    return vault().open(
        booking.person_id,
        decided.reason_sealed,
        table="cancellation_override",
        row=booking.reference,
        column="reason",
    )


# Booking for somebody


def find_known(account: StaffAccount, email: str) -> list[Known]:
    """Everybody with this address whom the account may know of: a therapist without the desk, of their own clients."""
    found = [_known(account, person) for person in find_by_email(email)]
    return [one for one in found if one is not None]


def get_known(account: StaffAccount, reference: str) -> Known:
    """Somebody whom the account may know of.

    :raises NotFound: when there is nobody of this reference, or they were forgotten.
    """
    named = select(Person).where(Person.reference == reference)
    person = db.session.scalars(named).one_or_none() if reference.isprintable() else None
    found = _known(account, person) if person is not None and person.contact_sealed is not None else None
    if found is None:
        raise NotFound
    return found


def _known(account: StaffAccount, person: Person) -> Known | None:
    theirs = select(Booking.starts_at).where(Booking.person_id == person.id)
    if not sees_all(account):
        theirs = theirs.where(Booking.therapist_id == account.therapist_id)
    last = db.session.scalar(theirs.order_by(Booking.starts_at.desc()).limit(1))
    if last is None and not sees_all(account):
        return None
    granted = db.session.get(Eligibility, person.id)
    region = granted.region if granted is not None else ""
    return Known(person, first_name(person), region, takes_mail(person), last)


def price_for(known: Known, offer: Offer, now: datetime) -> Money:
    """What somebody pays for an offer, if staff don't say otherwise."""
    return own_prices(known.person.id, now).of(offer.price, offer.offering_id)


def licensed_in(offering_slug: str, region: str) -> list[str]:
    """The names of those who offer this to people in a region."""
    those = (one for one in find_offers().values() if one.offering_slug == offering_slug)
    return sorted({one.therapist_name for one in those if region in one.licence_places})


def first_name(person: Person) -> str:
    """What to call somebody; somebody who was forgotten has no name."""
    contact = contact_of(person)
    return contact.first_name if contact is not None else _("Somebody")


# Blocked time


def resources_for(account: StaffAccount) -> dict[str, tuple[str, int, str]]:
    """Whose time this account may block: (name, id of the resource, zone) by `therapist:slug` or `room:slug`."""
    return _resources(account, therapists_of(account))


def get_visible_block(account: StaffAccount, reference: str) -> tuple[TimeBlock, str, str]:
    """A block, whose time it takes, and in which zone to read it.

    :raises NotFound: when there is none, or it isn't theirs to see.
    """
    found = select(TimeBlock).where(TimeBlock.reference == reference)
    block = db.session.scalars(found).one_or_none() if reference.isprintable() else None
    if block is not None:
        for name, resource_id, zone in _resources(account, db.session.scalars(_visible_therapists(account))).values():
            if resource_id == block.resource_id:
                return block, name, zone
    raise NotFound


def _resources(account: StaffAccount, therapists: Iterable[Therapist]) -> dict[str, tuple[str, int, str]]:
    found = {f"therapist:{one.slug}": (one.name, one.resource_id, one.zone) for one in therapists}
    if sees_all(account):
        rooms = (room for room in find_rooms() if room.active)
        found |= {f"room:{room.slug}": (room.name, room.resource_id, profile().zone) for room in rooms}
    return found
