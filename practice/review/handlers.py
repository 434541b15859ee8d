"""What the desk does on messages, in the worker: each may run twice, late, or out of order."""

from __future__ import annotations

from practice.errors import NotFound
from practice.intake.messages import IntakeSubmitted, UrgentIntake
from practice.intake.queries import flags_of, get_intake
from practice.intake.safety import Band, worst_band
from practice.review import actions
from practice.review.messages import LookDue
from practice.work import begin_work


def on_intake_submitted(message: IntakeSubmitted) -> None:
    """Give the request to whoever is on duty, and see to it that a red one is looked at on its business day."""
    with begin_work() as work:
        try:
            intake = get_intake(message.reference)
        except NotFound:
            return  # it was erased
        actions.give_to_duty(work, message.reference)
        if worst_band(flags_of(intake)) is Band.RED:
            actions.post_look_due(work, intake)


def on_look_due(message: LookDue) -> None:
    """Call for a red request that nobody has looked at."""
    with begin_work() as work:
        try:
            intake = get_intake(message.reference)
        except NotFound:
            return
        if intake.looked_at is None and intake.review_state == actions.NEW:
            work.post(UrgentIntake(message.reference))
