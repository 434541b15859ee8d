"""What must hold of the pulse, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.invariants import Invariant
from practice.pulse.models import PulseAnswer, PulseCourse
from practice.pulse.queries import codes_of
from practice.pulse.timing import EVERY
from practice.sealing import CannotOpen, PersonKey


def answers_open(session: Session) -> Iterator[str]:
    """I7: what is stored of a pulse is sealed, with its own person's key; it is unreadable once they were erased."""
    keyed = select(PulseAnswer).join(PersonKey, PersonKey.person_id == PulseAnswer.person_id)
    for answer in session.scalars(keyed.order_by(PulseAnswer.id)):
        try:
            codes_of(answer)
        except CannotOpen as error:
            yield f"pulse answer {answer.reference}: {error}"


def one_for_each_period(session: Session) -> Iterator[str]:
    """I10: each person has one answer for a period at most, and each period is one of their own."""
    rows = select(PulseAnswer, PulseCourse.first_day).outerjoin(
        PulseCourse, PulseCourse.person_id == PulseAnswer.person_id
    )
    for answer, first in session.execute(rows.order_by(PulseAnswer.id)):
        if first is None or answer.due_on < first or (answer.due_on - first) % EVERY:
            yield f"pulse answer {answer.reference} is of a day on which nothing was due"
    twice = (
        select(PulseAnswer.person_id, PulseAnswer.due_on)
        .group_by(PulseAnswer.person_id, PulseAnswer.due_on)
        .having(func.count() > 1)
    )
    for row in session.execute(twice):
        yield f"person {row.person_id} has more than one pulse answer for {row.due_on}"


OWN = (
    Invariant("I7", "Every pulse answer opens with its own person's key", answers_open),
    Invariant("I10", "Every pulse answer is the only one of its person and period", one_for_each_period),
)
