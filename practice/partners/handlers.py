"""What partners do on messages, in the worker: each may run twice, late, or out of order."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from practice.errors import NotFound
from practice.intake.messages import IntakeCorrected, PersonForgotten, RetentionSweep
from practice.intake.queries import get_intake
from practice.partners import actions, pausing
from practice.people import Person
from practice.work import begin_work


def on_retention_sweep(_message: RetentionSweep) -> None:
    """See which invitations have run out, and erase what they no longer need."""
    with begin_work() as work:
        actions.tidy(work)


def on_intake_corrected(message: IntakeCorrected) -> None:
    """Take back what was mailed by somebody who corrects that the other knows of it."""
    with suppress(NotFound), begin_work() as work:
        actions.take_back_mailed(work, get_intake(message.reference).person)


def on_person_forgotten(message: PersonForgotten) -> None:
    """Erase what is kept here of somebody who was forgotten."""
    with begin_work() as work:
        found = select(Person).where(Person.reference == message.person)
        person = work.session.scalars(found).one_or_none()
        if person is not None:
            pausing.forget(work, person)
