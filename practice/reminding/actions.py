"""What changes reminders. The only writer of reminding's table; each action runs in its caller's work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from practice.booking.models import Booking
from practice.database import add_if_absent
from practice.people import Person
from practice.reminding.messages import LettersWanted, Topic
from practice.reminding.models import StoppedLetters
from practice.reminding.queries import plan_for
from practice.work import Work


def plan(work: Work, booking: Booking) -> None:
    """Post what is to be looked at before a session. However often: each is one message."""
    for message in plan_for(booking, work.now):
        work.post(message, due=datetime.fromisoformat(message.due))


def stop_letters(work: Work, person_id: int, topic: Topic) -> None:
    """Send this person no more letters about a topic. Twice is as good as once, at the same time too."""
    add_if_absent(work.session, StoppedLetters, person_id=person_id, topic=topic.value, stopped_at=work.now)


def forget_choices(work: Work, person_id: int) -> None:
    """Erase which letters somebody stopped."""
    work.session.execute(delete(StoppedLetters).where(StoppedLetters.person_id == person_id))


def want_letters(work: Work, person: Person, topic: Topic) -> None:
    """Send this person letters about a topic again."""
    stopped = delete(StoppedLetters).where(StoppedLetters.person_id == person.id, StoppedLetters.topic == topic.value)
    if work.session.execute(stopped).rowcount:  # type: ignore[attr-defined]
        work.post(LettersWanted(person.reference, topic.value, work.now.isoformat()))
