"""What the pulse reads: who is asked when, and what each person answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from practice.booking.attending import find_attendees, is_call
from practice.booking.models import Booking
from practice.booking.queries import CAME
from practice.couples import find_partner
from practice.database import db
from practice.intake.questions import Answer
from practice.people import Person
from practice.pulse import timing
from practice.pulse.documents import read_questions
from practice.pulse.models import PulseAnswer, PulseCourse
from practice.pulse.parsing import ALONE, TRUST
from practice.pulse.plot import Reading
from practice.reminding.messages import Topic
from practice.reminding.queries import is_stopped
from practice.sealing import PersonKey, vault
from practice.telling.zones import known_zone

YES = "yes"
WISH_LIFE = timedelta(weeks=26)
# Of somebody who was erased nothing can be read any more.
READABLE = select(PulseAnswer).join(PersonKey, PersonKey.person_id == PulseAnswer.person_id)


@dataclass(frozen=True)
class OwnPulse:
    """How the short page of one person stands. `day` is the one whose page is open now, if any."""

    running: bool
    day: date | None
    answered: bool
    readings: list[Reading]
    next_day: date | None


def own_zone(person: Person) -> ZoneInfo:
    """The zone in which this person's days are counted."""
    return ZoneInfo(person.zone if known_zone(person.zone) else "UTC")


def find_course(person_id: int) -> PulseCourse | None:
    """Since when this person has the short page; None before their first session."""
    return db.session.get(PulseCourse, person_id)


def find_open_day(person: Person, now: datetime) -> date | None:
    """The due day whose page this person can fill in now; None where nothing is asked of them."""
    course = find_course(person.id)
    if course is None or course.ended_at is not None or is_stopped(person.id, Topic.PULSE):
        return None
    return timing.current_day(course.first_day, own_zone(person), now)


def awaits(person: Person, day: str, now: datetime) -> bool:
    """Whether a letter about the page of this day (ISO) still helps: it is open, new, and not filled in yet."""
    found = find_open_day(person, now)
    if found is None or found.isoformat() != day or find_answer(person.id, found) is not None:
        return False
    return now <= timing.due_at(found, own_zone(person)) + timing.LETTER_LATE


def is_quiet(person: Person, now: datetime) -> bool:
    """Whether this person has had no session for so long that nothing is asked any more."""
    ended = find_last_session(person.id, now)
    return ended is None or now - ended > timing.QUIET


def find_last_session(person_id: int, now: datetime) -> datetime | None:
    """When the last session ended that this person came to, or that is over and was not missed. Calls don't count."""
    partner = find_partner(person_id)
    people = [person_id, *([partner.id] if partner is not None else [])]
    found = select(Booking).where(Booking.person_id.in_(people), Booking.state.in_(CAME), Booking.ends_at <= now)
    for booking in db.session.scalars(found.order_by(Booking.ends_at.desc(), Booking.id.desc())):
        if not is_call(booking) and any(person.id == person_id for person in find_attendees(booking)):
            return booking.ends_at
    return None


def find_to_begin(now: datetime) -> list[tuple[int, datetime]]:
    """Who has had a session lately and no short page: the person's id, and when their last session ended.

    Whoever was erased has their sessions still, and is asked nothing any more.
    """
    found = select(Booking).where(Booking.state.in_(CAME), Booking.ends_at <= now, Booking.ends_at > now - timing.QUIET)
    running = set(db.session.scalars(select(PulseCourse.person_id).where(PulseCourse.ended_at.is_(None))))
    known = set(db.session.scalars(select(PersonKey.person_id)))
    ended: dict[int, datetime] = {}
    for booking in db.session.scalars(found.order_by(Booking.ends_at, Booking.id)):
        if not is_call(booking):
            ended |= {person.id: booking.ends_at for person in find_attendees(booking) if person.id not in running}
    return sorted((person_id, when) for person_id, when in ended.items() if person_id in known)


def find_answer(person_id: int, day: date) -> PulseAnswer | None:
    """What this person answered for a due day."""
    found = select(PulseAnswer).where(PulseAnswer.person_id == person_id, PulseAnswer.due_on == day)
    return db.session.scalars(found).one_or_none()


def codes_of(answer: PulseAnswer) -> dict[str, Answer]:
    """The answers, by field, as codes.

    :raises CannotOpen: where the person was erased.
    """
    plain = vault().open(answer.person_id, answer.sealed, table="pulse_answer", row=answer.reference, column="answers")
    return cast("dict[str, Answer]", json.loads(plain))


def read_own(person: Person, now: datetime) -> OwnPulse:
    """How it stands with this person's own page, and their own line."""
    course, day = find_course(person.id), find_open_day(person, now)
    running = course is not None and course.ended_at is None and not is_stopped(person.id, Topic.PULSE)
    return OwnPulse(
        running=running,
        day=day,
        answered=day is not None and find_answer(person.id, day) is not None,
        readings=read_line(person, now),
        next_day=timing.next_day(course.first_day, own_zone(person), now) if running and course is not None else None,
    )


def read_line(person: Person, now: datetime) -> list[Reading]:
    """One reading for each due day so far: the trust that was answered, or None where nothing was. Empty at first.

    It begins with the first answer and ends with the last one, or with a day before the open page.
    """
    course = find_course(person.id)
    if course is None:
        return []
    answers = {answer.due_on: _trust(answer) for answer in _answers_of(person.id)}
    current = timing.current_day(course.first_day, own_zone(person), now)
    if not answers or current is None:
        return []
    last = current if current in answers else current - timing.EVERY
    if course.ended_at is not None:
        last = max(answers)
    days = [day for day in timing.days_between(course.first_day, max(last, *answers)) if day >= min(answers)]
    return [Reading(day, answers.get(day)) for day in days]


def read_said(person: Person) -> list[tuple[date, list[tuple[str, str]]]]:
    """Everything that this person answered and may be read with the line: by due day, questions and answers."""
    read = []
    for answer in _answers_of(person.id):
        questions = read_questions(answer.questions.document)
        codes = codes_of(answer)
        shown = [field for field in questions.fields() if not field.write_only and field.name in codes]
        read.append((answer.due_on, [(field.question, questions.said(field, codes)) for field in shown]))
    return read


def find_call_wishes(now: datetime) -> list[PulseAnswer]:
    """The answers of those who wish to talk with a therapist alone and whom nobody has spoken with since.

    The wish is sealed like every answer, so this opens whatever was answered in the last half year.
    """
    found = READABLE.where(PulseAnswer.spoken_at.is_(None), PulseAnswer.saved_at > now - WISH_LIFE)
    found = found.options(joinedload(PulseAnswer.person)).order_by(PulseAnswer.saved_at, PulseAnswer.id)
    answers = db.session.scalars(found).all()
    vault().have_ready(answer.person_id for answer in answers)
    return [answer for answer in answers if codes_of(answer).get(ALONE) == YES]


def _answers_of(person_id: int) -> Sequence[PulseAnswer]:
    return db.session.scalars(READABLE.where(PulseAnswer.person_id == person_id).order_by(PulseAnswer.due_on)).all()


def _trust(answer: PulseAnswer) -> int | None:
    said = codes_of(answer).get(TRUST)
    return int(str(said)) if said else None
