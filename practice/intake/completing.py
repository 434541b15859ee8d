"""Sending what is asked before the session. Part of what changes an intake; each action runs in its caller's work."""

from __future__ import annotations

from practice.audit import record
from practice.intake.actions import Incomplete
from practice.intake.messages import IntakeCompleted, UrgentIntake
from practice.intake.models import Intake
from practice.intake.queries import codes_of, lock_intake, questionnaire_of, sent_codes_of
from practice.intake.questions import PARTNER, SESSION, Answers, Questionnaire
from practice.intake.safety import crisis_answers
from practice.intake.steps import open_page
from practice.intake.storing import read_section, seal_flags, write_section
from practice.people import drop_return_code
from practice.work import Work


def complete(work: Work, reference: str) -> Intake:
    """Send the part before the session: from now on clinicians see its answers, and are warned of what they say.

    For an invited partner that is everything, and grants nothing to book. Sending twice changes nothing.

    :raises Incomplete: when a question is open, or the first part was never sent.
    """
    intake = lock_intake(reference)
    if intake.completed_at is not None:
        return intake
    known, answers, questionnaire = crisis_answers(sent_codes_of(intake)), codes_of(intake), questionnaire_of(intake)
    invited = intake.audience == PARTNER
    if (
        intake.erased_at is not None
        or (intake.submitted_at is None and not invited)
        or intake.person.code_hash is None
        or open_page(questionnaire, answers, SESSION) is not None
    ):
        raise Incomplete
    _drop_what_is_not_asked(work, intake, questionnaire, answers)
    intake.completed_at = intake.saved_at = work.now
    if invited:
        intake.submitted_at = work.now
    work.session.flush()
    sent = sent_codes_of(intake)
    seal_flags(intake, sent)
    work.session.flush()
    drop_return_code(work, intake.person)  # nothing is left to come back to with it
    record(work, f"client:{intake.person.reference}", "intake_completed", intake.reference)
    work.post(IntakeCompleted(intake.reference))
    if crisis_answers(sent) - known:
        work.post(UrgentIntake(intake.reference, SESSION))
    return intake


def _drop_what_is_not_asked(work: Work, intake: Intake, questionnaire: Questionnaire, answers: Answers) -> None:
    """Leave out what was answered to a question that a later answer took back: it was kept only for going back."""
    shown = questionnaire.shown(answers)
    for section in questionnaire.sections:
        stale = {field.name for field in section.fields if field.name in answers and field.name not in shown}
        if stale:
            kept = read_section(work, intake, section.id)
            write_section(work, intake, section.id, {name: kept[name] for name in kept if name not in stale})
