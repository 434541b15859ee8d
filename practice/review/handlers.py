"""What the desk does on messages, in the worker: each may run twice, late, or out of order."""

from __future__ import annotations

from practice.errors import NotFound
from practice.intake.corrections import find_correction
from practice.intake.messages import (
    IntakeCompleted,
    IntakeCorrected,
    IntakeSubmitted,
    PersonForgotten,
    RetentionSweep,
    UrgentIntake,
)
from practice.intake.queries import flags_of, get_intake, questionnaire_of
from practice.intake.questions import SESSION
from practice.intake.safety import Band, worst_band
from practice.intake.steps import BOOK
from practice.people import find_person
from practice.review import actions
from practice.review.corrections import is_seen
from practice.review.deciding import forget_steps, forget_steps_of_the_erased
from practice.review.lifecycle import OPEN
from practice.review.messages import LookDue
from practice.review.queries import sent_last, was_looked_at
from practice.work import begin_work


def on_intake_submitted(message: IntakeSubmitted) -> None:
    """Give the request to whoever is on duty, and see to it that a red one is looked at on its business day."""
    _receive(message.reference, BOOK)


def on_intake_completed(message: IntakeCompleted) -> None:
    """The same for what came before the session: of a partner everything, of whoever booked what is new in it."""
    _receive(message.reference, SESSION)


def on_intake_corrected(message: IntakeCorrected) -> None:
    """The same for a correction: what is red in it now, and what was red and was taken back, is looked at in time."""
    with begin_work() as work:
        try:
            intake = get_intake(message.reference)
        except NotFound:
            return  # it was erased
        correction = find_correction(intake, message.number)
        if correction is None:
            return
        actions.give_to_duty(work, message.reference)
        raised = [flag for flag in flags_of(intake) if set(correction.answers) & set(flag.sources)]
        if worst_band([*raised, *correction.flags]) is Band.RED:
            actions.post_look_due(work, message.reference, message.moment, correction.row.corrected_at)


def on_look_due(message: LookDue) -> None:
    """Call for a red request, or a correction of one, that nobody has looked at since it came."""
    with begin_work() as work:
        try:
            intake = get_intake(message.reference)
        except NotFound:
            return
        undecided = intake.review_state in OPEN or message.moment != BOOK
        if undecided and not (was_looked_at(intake) and is_seen(intake, message.moment)):
            work.post(UrgentIntake(message.reference, message.moment))


def on_person_forgotten(message: PersonForgotten) -> None:
    """Nothing stays of what somebody was asked and answered."""
    with begin_work() as work:
        person = find_person(message.person)
        if person is not None:
            forget_steps(work, person.id)


def on_retention_sweep(_message: RetentionSweep) -> None:
    """The same of every request whose answers ran out, of people of whom something else is kept."""
    with begin_work() as work:
        forget_steps_of_the_erased(work)


def _receive(reference: str, moment: str) -> None:
    with begin_work() as work:
        try:
            intake = get_intake(reference)
        except NotFound:
            return  # it was erased
        actions.give_to_duty(work, reference)
        asked = {field.name for field in questionnaire_of(intake).fields() if field.moment == moment}
        raised = [flag for flag in flags_of(intake) if asked & set(flag.sources)]
        if worst_band(raised) is Band.RED:
            actions.post_look_due(work, reference, moment, sent_last(intake) or work.now)
