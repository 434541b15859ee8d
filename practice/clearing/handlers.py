"""What clearing does on messages, in the worker: it may run twice, late, or out of order."""

from __future__ import annotations

from practice.clearing import actions
from practice.intake.messages import PersonForgotten
from practice.people import find_person
from practice.work import begin_work


def on_person_forgotten(message: PersonForgotten) -> None:
    """Erase what is kept here of somebody who was forgotten."""
    person = find_person(message.person)
    if person is not None:
        with begin_work() as work:
            actions.forget_decisions(work, person.id)
