"""What stories about time share: rooms, changed offerings, moves, reservations, wishes, blocked time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from practice.booking import actions, blocks, moving
from practice.booking.holding import reserve
from practice.booking.lifecycle import Trigger
from practice.booking.models import Booking, SlotClaim
from practice.booking.offers.models import Offering, Resource, Room, Therapist
from practice.booking.offers.queries import Offer, get_staff_offer
from practice.booking.openings import open_times
from practice.booking.waiting import actions as waiting
from practice.booking.waiting.models import Wish, WishOffer, WishState
from practice.booking.waiting.queries import get_own_wish
from practice.database import db
from practice.money import Money
from practice.spans import Span, ticks
from practice.work import Work, begin_work
from tests.support.story import Client, Held, Practice

ADA, NOOR = "ada-lindqvist", "noor-haddad"
COUPLE, IN_PERSON, ALONE = "couple-50", "couple-90-in-person", "individual-50"
NEW_YORK = "America/New_York"
EVERY_DAY = tuple(range(7))


@contextmanager
def work_in(practice: Practice) -> Iterator[Work]:
    """A work of its own, as a page or the worker opens one."""
    with practice.app.app_context(), begin_work() as work:
        yield work


# What is offered


def change_offering(practice: Practice, slug: str = COUPLE, **values: object) -> None:
    """Change an offering's columns."""
    with work_in(practice) as work:
        offering = work.session.scalars(select(Offering).where(Offering.slug == slug)).one()
        for name, value in values.items():
            setattr(offering, name, value)


def change_therapist(practice: Practice, slug: str = ADA, **values: object) -> None:
    """Change a therapist's columns."""
    with work_in(practice) as work:
        therapist = _therapist(work, slug)
        for name, value in values.items():
            setattr(therapist, name, value)


def add_room(practice: Practice, name: str, *, seats: int = 2, therapist: str = ADA) -> int:
    """A room in which this therapist meets people; the id of its resource."""
    with work_in(practice) as work:
        room = Room(
            resource=Resource(kind="room"),
            slug=name.lower(),
            name=name,
            address="1 Quay Street",
            seats=seats,
            active=True,
        )
        meets_there = _therapist(work, therapist)
        meets_there.rooms.append(room)
        work.session.flush()
        return room.resource_id


def lend_room(practice: Practice, name: str, therapist: str) -> None:
    """Let one more therapist meet people in a room."""
    with work_in(practice) as work:
        meets_there = _therapist(work, therapist)
        meets_there.rooms.append(work.session.scalars(select(Room).where(Room.name == name)).one())


def teach(practice: Practice, therapist: str, offering: str) -> None:
    """Let a therapist offer one more thing."""
    with work_in(practice) as work:
        whoever = _therapist(work, therapist)
        whoever.offerings.append(work.session.scalars(select(Offering).where(Offering.slug == offering)).one())


def retire_room(practice: Practice, name: str) -> None:
    """Use a room no longer."""
    with work_in(practice) as work:
        work.session.scalars(select(Room).where(Room.name == name)).one().active = False


def open_starts(practice: Practice, day: date, *, therapist: str = ADA, offering: str = COUPLE) -> list[datetime]:
    """When one could start on a date of the therapist's own calendar."""
    with practice.app.app_context():
        offer = get_staff_offer(therapist, offering)
        return [span.start for span in open_times(offer, first=day, last=day, now=practice.clock.now())]


# Bookings


def see(practice: Practice, held: Held) -> Booking:
    """The booking as the database has it now."""
    with practice.app.app_context():
        booking = db.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
        assert booking.room is None or booking.room.name  # read while the session lives
        db.session.expunge_all()
        return booking


def room_of(practice: Practice, held: Held) -> str | None:
    """The name of the room that a session is in."""
    room = see(practice, held).room
    return room.name if room is not None else None


def confirmed(practice: Practice, start: datetime, client: Client | None = None, **options: str) -> Held:
    """A session that stands, of which everybody was told."""
    held = practice.hold(start, client, **options)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def move(practice: Practice, held: Held, start: datetime, *, seen: int | None = None) -> None:
    """The client moves their session."""
    booking = see(practice, held)
    with practice.app.app_context():
        offer = _offer_of(booking)
        with begin_work() as work:
            sequence = booking.sequence if seen is None else seen
            moving.move_as_client(work, held.reference, offer, start, seen=sequence)


def move_by_staff(practice: Practice, held: Held, start: datetime) -> None:
    """Staff move a session."""
    booking = see(practice, held)
    with practice.app.app_context():
        offer = _offer_of(booking)
        with begin_work() as work:
            moving.move_as_staff(work, held.reference, offer, start)


def cancel(practice: Practice, held: Held) -> None:
    """The client cancels, or lets an unpaid time go."""
    with work_in(practice) as work:
        actions.cancel(work, actions.lock(work, held.reference))


def mark(practice: Practice, held: Held, trigger: Trigger) -> None:
    """Staff note whether somebody came."""
    with work_in(practice) as work:
        actions.mark(work, actions.lock(work, held.reference), trigger)


def keep_for(
    practice: Practice,
    client: Client,
    start: datetime,
    *,
    until: timedelta = timedelta(hours=24),
    price: int | None = None,
    offering: str = COUPLE,
    therapist: str = ADA,
) -> Held:
    """Staff keep a time for a client; `price` in minor units where it isn't the usual one."""
    with practice.app.app_context():
        offer = get_staff_offer(therapist, offering)
        with begin_work() as work:
            agreed = offer.price if price is None else Money(price, offer.price.currency)
            deadline = work.now + until
            return Held(reserve(work, client.person_id, offer, start, deadline=deadline, price=agreed), client)


def claimed_ticks(practice: Practice, resource_id: int, span: Span) -> int:
    """How many ticks of this time are claimed of a therapist or a room."""
    covered = ticks(span)
    with practice.app.app_context():
        found = select(SlotClaim.tick).where(
            SlotClaim.resource_id == resource_id, SlotClaim.tick >= covered.start, SlotClaim.tick < covered.stop
        )
        return len(db.session.scalars(found).all())


def resource_of(practice: Practice, therapist: str = ADA) -> int:
    """The id of the resource that is a therapist's time."""
    with practice.app.app_context():
        return db.session.scalars(select(Therapist.resource_id).where(Therapist.slug == therapist)).one()


def block(practice: Practice, resource_id: int, start: datetime, minutes: int = 60) -> str:
    """Staff take time out; the reference of the block."""
    with work_in(practice) as work:
        return blocks.block_time(work, resource_id, Span(start, start + timedelta(minutes=minutes))).reference


def unblock(practice: Practice, reference: str) -> None:
    """Staff give time back."""
    with work_in(practice) as work:
        blocks.unblock_time(work, reference)


# The waiting list


@dataclass(frozen=True)
class Offered:
    """A time that the waiting list keeps for somebody."""

    held: Held
    start: datetime
    deadline: datetime


def wish(
    practice: Practice,
    client: Client,
    *,
    offering: str = COUPLE,
    therapist: str | None = None,
    language: str | None = None,
    weekdays: Sequence[int] = EVERY_DAY,
    hours: tuple[time, time] = (time(0), time(23, 59)),
    zone: str = NEW_YORK,
) -> str:
    """Put a client onto the waiting list; the reference of the wish."""
    with work_in(practice) as work:
        wanted = work.session.scalars(select(Offering).where(Offering.slug == offering)).one()
        whom = _therapist(work, therapist).id if therapist is not None else None
        wished = waiting.WishedFor(wanted.id, whom, language, weekdays, *hours, zone)
        return waiting.make_wish(work, practice.person(client), wished).reference


def withdraw(practice: Practice, client: Client, reference: str) -> None:
    """The client takes a wish back."""
    with work_in(practice) as work:
        waiting.withdraw_wish(work, get_own_wish(reference, practice.person(client)))


def wish_state(practice: Practice, reference: str) -> WishState:
    """Where a wish stands."""
    with practice.app.app_context():
        return db.session.scalars(select(Wish.state).where(Wish.reference == reference)).one()


def offered_to(practice: Practice, client: Client) -> Offered | None:
    """The time that is kept for a client by the waiting list just now."""
    with practice.app.app_context():
        mine = select(Booking).join(WishOffer, WishOffer.booking_id == Booking.id)
        found = mine.where(Booking.person_id == client.person_id, WishOffer.answer.is_(None))
        booking = db.session.scalars(found).one_or_none()
        if booking is None:
            return None
        assert booking.deadline_at is not None
        return Offered(Held(booking.reference, client), booking.starts_at, booking.deadline_at)


def broken(practice: Practice) -> list[str]:
    """The promises that are broken, but for those about money: sessions in these stories stand without a payment."""
    return [breach for breach in practice.breaches() if not breach.startswith(("I2", "I3"))]


def _therapist(work: Work, slug: str) -> Therapist:
    return work.session.scalars(select(Therapist).where(Therapist.slug == slug)).one()


def _offer_of(booking: Booking) -> Offer:
    therapist = db.session.get_one(Therapist, booking.therapist_id)
    offering = db.session.get_one(Offering, booking.offering_id)
    return get_staff_offer(therapist.slug, offering.slug)
