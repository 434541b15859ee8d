"""What the pulse does on messages, in the worker: it may run twice, late, or out of order."""

from __future__ import annotations

from datetime import date

from practice.booking.messages import AttendanceSweep
from practice.clock import clock
from practice.intake.messages import PersonForgotten
from practice.outbox import Retry
from practice.people import Person, find_person
from practice.pulse import actions, timing
from practice.pulse.messages import PulseDue
from practice.pulse.queries import find_to_begin, own_zone
from practice.reminding.messages import LettersWanted, Topic
from practice.work import begin_work


def on_night(_message: AttendanceSweep) -> None:
    """Begin with everybody who had a session lately and isn't asked yet, or isn't any more."""
    for person_id, ended in find_to_begin(clock().now()):
        with begin_work() as work:
            actions.begin(work, work.session.get_one(Person, person_id), ended)


def on_pulse_due(message: PulseDue) -> None:
    """Open the page of a due day, and plan the next one. Whoever moved west since it was planned has it later."""
    person, day = find_person(message.person), date.fromisoformat(message.day)
    if person is None:
        return
    early = timing.due_at(day, own_zone(person)) - clock().now()
    if early.total_seconds() > 0:
        raise Retry(early, "it is not due yet where they are now")
    with begin_work() as work:
        actions.open_page(work, work.session.get_one(Person, person.id), day)


def on_person_forgotten(message: PersonForgotten) -> None:
    """Erase what is kept here of somebody who was forgotten."""
    person = find_person(message.person)
    if person is not None:
        with begin_work() as work:
            actions.forget_pulse(work, person.id)


def on_letters_wanted(message: LettersWanted) -> None:
    """Go on with whoever wants the short page again."""
    person = find_person(message.person)
    if person is None or message.topic != Topic.PULSE:
        return
    with begin_work() as work:
        actions.go_on(work, work.session.get_one(Person, person.id))
