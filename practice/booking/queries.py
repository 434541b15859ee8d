"""What booking reads: therapists, offerings, open times, bookings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import selectinload

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import (
    Booking,
    DayOverride,
    Eligibility,
    Offering,
    Therapist,
    WeeklyHours,
    make_rules,
    make_schedule,
)
from practice.booking.policy import refund_share
from practice.booking.slots import Schedule, SlotRules, Verdict, judge_slots, open_slots
from practice.database import db
from practice.errors import NotFound
from practice.money import Money
from practice.people import Person
from practice.spans import Span

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offering of a therapist, as it was read: a work that has only ids and values to go by is soon over.

    That matters because works wait for one another on SQLite. What must not change meanwhile, the claims guard.
    """

    therapist_id: int
    resource_id: int
    licence_places: tuple[str, ...]
    schedule: Schedule
    offering_id: int
    attendance: str
    place: str
    rules: SlotRules
    price: Money


# Each hold asks these: built once, they cost a fifth of the time.
OFFER = (
    select(
        Therapist.id.label("therapist_id"),
        Therapist.resource_id,
        Therapist.licence_places,
        Therapist.zone,
        Offering.id.label("offering_id"),
        Offering.attendance,
        Offering.place,
        Offering.session_minutes,
        Offering.step_minutes,
        Offering.before_minutes,
        Offering.after_minutes,
        Offering.notice_hours,
        Offering.horizon_days,
        Offering.price_minor,
        Offering.currency,
    )
    .join(Therapist.offerings)
    .where(Therapist.slug == bindparam("therapist"), Therapist.active)
    .where(Offering.slug == bindparam("offering"), Offering.active)
)
WEEKLY_HOURS = (
    select(WeeklyHours.weekday, WeeklyHours.opens, WeeklyHours.closes)
    .where(WeeklyHours.therapist_id == bindparam("therapist"))
    .order_by(WeeklyHours.weekday, WeeklyHours.opens)
)
DAY_OVERRIDES = (
    select(DayOverride.day, DayOverride.opens, DayOverride.closes)
    .where(DayOverride.therapist_id == bindparam("therapist"))
    .order_by(DayOverride.day, DayOverride.opens)
)
ELIGIBILITY = (
    select(Eligibility)
    .where(Eligibility.person_id == bindparam("person"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
UNPAID, OVER = "unpaid", "over"  # terms of cancelling

HELD = (
    select(Booking.reference, Booking.therapist_id, Booking.offering_id, Booking.starts_at, Booking.deadline_at)
    .where(Booking.person_id == bindparam("person"), Booking.state == State.HELD)
    .order_by(Booking.id)
)


def find_therapists() -> list[Therapist]:
    """All therapists who take bookings, by name."""
    found = select(Therapist).where(Therapist.active).order_by(Therapist.name)
    return list(db.session.scalars(found.options(selectinload(Therapist.offerings))))


def get_therapist(slug: str) -> Therapist:
    """One therapist who takes bookings.

    :raises NotFound: when there is none of this name.
    """
    if not slug.isprintable():  # PostgreSQL takes no zero byte
        raise NotFound
    found = (
        select(Therapist)
        .where(Therapist.slug == slug, Therapist.active)
        .options(
            selectinload(Therapist.weekly_hours),
            selectinload(Therapist.day_overrides),
            selectinload(Therapist.offerings),
        )
    )
    therapist = db.session.scalars(found).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist


def find_offerings() -> list[Offering]:
    """All offerings that can be booked, the least expensive first."""
    found = select(Offering).where(Offering.active).order_by(Offering.price_minor, Offering.slug)
    return list(db.session.scalars(found))


def get_offering(therapist: Therapist, slug: str) -> Offering:
    """One of the therapist's offerings.

    :raises NotFound: when the therapist does not offer it.
    """
    for offering in therapist.offerings:
        if offering.slug == slug and offering.active:
            return offering
    raise NotFound


def get_offer(therapist_slug: str, offering_slug: str) -> Offer:
    """An offering of a therapist.

    :raises NotFound: when there is none of these names, or not both together.
    """
    if not (therapist_slug + offering_slug).isprintable():  # PostgreSQL takes no zero byte
        raise NotFound
    plainly = db.session.connection()  # rows of columns need nothing of what the session does besides
    found = plainly.execute(OFFER, {"therapist": therapist_slug, "offering": offering_slug}).one_or_none()
    if found is None:
        raise NotFound
    whose = {"therapist": found.therapist_id}
    weekly = plainly.execute(WEEKLY_HOURS, whose)
    overrides = plainly.execute(DAY_OVERRIDES, whose)
    return Offer(
        therapist_id=found.therapist_id,
        resource_id=found.resource_id,
        licence_places=tuple(found.licence_places),
        schedule=make_schedule(found.zone, weekly, overrides),
        offering_id=found.offering_id,
        attendance=found.attendance,
        place=found.place,
        rules=make_rules(found),
        price=Money(found.price_minor, found.currency),
    )


def find_eligibility(person: Person | None) -> Eligibility | None:
    """What this person may book, if their intake has said so."""
    return db.session.get(Eligibility, person.id) if person is not None else None


def lock_eligibility(person_id: int) -> Eligibility | None:
    """The same as the database has it now, locked until the work ends: a person's two tabs take turns."""
    return db.session.scalars(ELIGIBILITY, {"person": person_id}).one_or_none()


def find_choices(eligibility: Eligibility, now: datetime) -> list[tuple[Therapist, Offering]]:
    """Every therapist and offering that this eligibility allows."""
    return [
        (therapist, offering)
        for therapist in find_therapists()
        for offering in therapist.offerings
        if offering.active and eligibility.allows(therapist, offering, now)
    ]


def find_busy(therapist: Therapist, first: date, last: date) -> list[Span]:
    """The claimed spans of the therapist's bookings around these local dates, buffers included."""
    lower = datetime.combine(first - 2 * DAY, datetime.min.time(), UTC)
    upper = datetime.combine(last + 2 * DAY, datetime.min.time(), UTC)
    rows = db.session.execute(
        select(Booking.blocked_from, Booking.blocked_until).where(
            Booking.therapist_id == therapist.id,
            Booking.starts_at >= lower,
            Booking.starts_at < upper,
            Booking.state.in_(CLAIMING),
        )
    )
    return [Span(start, end) for start, end in rows]


def open_times(therapist: Therapist, offering: Offering, *, first: date, last: date, now: datetime) -> list[Span]:
    """The open times between two dates of the therapist's own calendar, both included."""
    busy = find_busy(therapist, first, last)
    return open_slots(therapist.schedule, offering.rules, busy, now=now, first=first, last=last)


def explain_times(therapist: Therapist, offering: Offering, *, day: date, now: datetime) -> Iterator[Verdict]:
    """Every candidate of one local day, each with the rule that refuses it, or none."""
    busy = find_busy(therapist, day, day)
    return judge_slots(therapist.schedule, offering.rules, busy, now=now, first=day, last=day)


def earliest_times(
    choices: Sequence[tuple[Therapist, Offering]], *, now: datetime, count: int
) -> list[tuple[Span, Therapist, Offering]]:
    """The first `count` open times over these therapists and offerings, with whom and what."""
    found: list[tuple[Span, Therapist, Offering]] = []
    for therapist, offering in choices:
        today = now.astimezone(ZoneInfo(therapist.zone)).date()
        # Two looks: most often the next fortnight holds enough, and the whole horizon costs several times as much.
        for first, last in ((0, 14), (15, offering.horizon_days + 1)):
            spans = open_times(therapist, offering, first=today + first * DAY, last=today + last * DAY, now=now)
            found += [(span, therapist, offering) for span in spans[:count]]
            if len(spans) >= count:
                break
    return sorted(found, key=lambda entry: (entry[0].start, entry[1].name, entry[2].slug))[:count]


def refund_now(booking: Booking, now: datetime) -> Money:
    """What goes back to the payer of a confirmed booking that is cancelled now."""
    return booking.price.share(refund_share(booking.offering.cancellation, starts=booking.starts_at, cancelled=now))


def terms_now(booking: Booking, now: datetime) -> str:
    """On which terms it can be cancelled now: unpaid, with a refund of so many minor units, or not any more."""
    if booking.state is State.HELD:
        return UNPAID
    if booking.state is not State.CONFIRMED or booking.starts_at <= now:
        return OVER
    return f"refund {refund_now(booking, now).minor_units}"


def find_booking(reference: str) -> Booking | None:
    """The booking, or None."""
    return db.session.scalars(select(Booking).where(Booking.reference == reference)).one_or_none()


def get_own_booking(reference: str, person: Person | None) -> Booking:
    """The booking, for the person whose it is.

    :raises NotFound: when it is somebody else's, or nobody's: the two look alike.
    """
    booking = find_booking(reference)
    if booking is None or person is None or booking.person_id != person.id:
        raise NotFound
    return booking


def find_bookings_of(person: Person) -> list[Booking]:
    """A person's bookings, newest first."""
    return list(db.session.scalars(select(Booking).where(Booking.person_id == person.id).order_by(Booking.id.desc())))


def find_held(person_id: int) -> Sequence[Row[str, int, int, datetime, datetime | None]]:
    """The times that this person holds: reference, therapist_id, offering_id, starts_at, deadline_at."""
    return db.session.connection().execute(HELD, {"person": person_id}).all()
