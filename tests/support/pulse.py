"""Somebody's short pages: begun, answered, left out. What the letters say is in support/reminders.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from practice.intake.questions import Answer
from practice.pulse import actions, timing
from practice.pulse.queries import find_course, own_zone
from practice.work import begin_work
from tests.support.story import Client, Practice

CALM: dict[str, Answer] = {
    "pulse_trust": "5",
    "pulse_kept": "3",
    "pulse_kept_self": "3",
    "pulse_heard": "2",
    "pulse_defensive": "1",
    "pulse_alone": "no",
}


def begin(practice: Practice, client: Client, ended: datetime | None = None) -> date:
    """Have this client's short page begin after a session that ended then (now, when not said); its first day."""
    with practice.app.app_context(), begin_work() as work:
        person = practice.person(client)
        actions.begin(work, person, ended or work.now)
        course = find_course(person.id)
        assert course is not None
        return course.first_day


def due(practice: Practice, client: Client, day: date) -> datetime:
    """The instant at which the page of this day opens for this client."""
    with practice.app.app_context():
        return timing.due_at(day, own_zone(practice.person(client)))


def answer(practice: Practice, client: Client, day: date, **changes: str) -> str:
    """Store this client's answers for a due day whose page is open, without the page; their reference."""
    said: Mapping[str, Answer] = {**CALM, **changes}
    with practice.app.app_context(), begin_work() as work:
        return actions.save_answers(work, practice.person(client), day, said).reference


def fill(practice: Practice, client: Client, trust: list[int | None]) -> list[date]:
    """Let the fortnights pass from now on, answering with this trust, or leaving one out (None); the due days."""
    first = begin(practice, client)
    days = [first + timing.EVERY * number for number in range(len(trust))]
    for day, value in zip(days, trust, strict=True):
        practice.clock.set(due(practice, client, day) + timedelta(hours=1))
        if value is not None:
            answer(practice, client, day, pulse_trust=str(value))
    return days
