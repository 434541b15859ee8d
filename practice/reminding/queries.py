"""What reminding reads: whom to remind of what, as it is true now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.booking.attending import find_attendees, is_call
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_booking
from practice.database import db
from practice.intake.models import Intake
from practice.people import MailedLink, Person, get_link, takes_mail
from practice.profile import profile
from practice.reminding import timing
from practice.reminding.messages import STOP, AppointmentNear, PartMissing, Topic
from practice.reminding.models import StoppedLetters


@dataclass(frozen=True)
class LetterChoice:
    """Whether somebody gets letters about one topic."""

    topic: Topic
    wanted: bool


def find_choices(person: Person) -> list[LetterChoice]:
    """Every topic, for this person's page; nothing where they take no letters at all."""
    if not takes_mail(person):
        return []
    found = set(db.session.scalars(select(StoppedLetters.topic).where(StoppedLetters.person_id == person.id)))
    return [LetterChoice(topic, topic.value not in found) for topic in Topic]


def is_stopped(person_id: int, topic: Topic) -> bool:
    """Whether this person wants no more letters about it."""
    return db.session.get(StoppedLetters, (person_id, topic.value)) is not None


def has_something_left(person_id: int) -> bool:
    """Whether this person began the questions and has not sent those before the session."""
    newest = select(Intake.completed_at).where(Intake.person_id == person_id, Intake.erased_at.is_(None))
    found = db.session.execute(newest.order_by(Intake.id.desc()).limit(1)).one_or_none()
    return found is not None and found.completed_at is None


def find_coming(now: datetime) -> list[str]:
    """The references of the sessions that stand and lie ahead."""
    found = select(Booking.reference).where(Booking.state == State.CONFIRMED, Booking.starts_at > now)
    return list(db.session.scalars(found.order_by(Booking.id)))


def plan_for(booking: Booking, now: datetime) -> Iterator[AppointmentNear | PartMissing]:
    """When to remind of a session as it stands now. What was due long ago, or too soon after booking, is left out."""
    made = booking.updated_at if booking.sequence else booking.confirmed_at
    if booking.state is not State.CONFIRMED or made is None:
        return
    hours = profile().reminder_hours
    if hours is not None:
        due = timing.near_at(booking.starts_at, hours)
        if timing.near_fits(due, made=made) and now <= due + timing.LATE:
            yield AppointmentNear(booking.reference, booking.sequence, due.isoformat())
    if is_call(booking):
        return
    for days in timing.MISSING_DAYS:
        due = timing.missing_at(booking.starts_at, days)
        if timing.missing_fits(due, made=made) and now <= due + timing.LATE:
            yield PartMissing(booking.reference, booking.sequence, days, due.isoformat())


def find_to_remind(message: AppointmentNear, now: datetime) -> list[Person]:
    """Who is to be reminded of an appointment now; nobody when it stands otherwise, or the reminder is late."""
    booking = find_booking(message.booking)
    if booking is None or not may_remind(Topic.NEAR, booking, message.sequence, message.due, now):
        return []
    hours = profile().reminder_hours
    if hours is None or timing.near_at(booking.starts_at, hours).isoformat() != message.due:
        return []  # the practice has set another time since
    return [person for person in find_attendees(booking) if not is_stopped(person.id, Topic.NEAR)]


def find_to_ask(message: PartMissing, now: datetime) -> list[Person]:
    """Who has something left to do before a session; nobody when it stands otherwise, or it is late."""
    booking = find_booking(message.booking)
    if booking is None or not may_remind(Topic.MISSING, booking, message.sequence, message.due, now):
        return []
    return [
        person
        for person in find_attendees(booking)
        if has_something_left(person.id) and not is_stopped(person.id, Topic.MISSING)
    ]


def may_remind(topic: Topic, booking: Booking, sequence: int, due: str, now: datetime) -> bool:
    """Whether a booking still stands in the revision that a reminder was planned for, and it isn't late."""
    stands = booking.state is State.CONFIRMED and booking.sequence == sequence and booking.starts_at > now
    return (
        stands
        and timing.in_time(datetime.fromisoformat(due), now)
        and not (topic is Topic.MISSING and is_call(booking))
    )


def get_stop_link(token: str) -> MailedLink:
    """The link of a letter that stops letters.

    :raises NotFound: when we never sent it, or for something else.
    :raises Gone: when it has run out or was withdrawn.
    """
    return get_link(token, STOP)
