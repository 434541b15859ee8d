"""The parts of an export that stand beside the answers: what somebody agreed to, whom they hoped to come with, how it
goes, how they are reached, and what clinicians decided about them. As in export_parts.py.

Nothing of a partner is read. That an invitation was declined is the other's, so it stands nowhere here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from practice.clearing.flags import open_decision
from practice.clearing.models import FlagDecision
from practice.consents.queries import list_consents
from practice.database import db
from practice.intake.models import Intake
from practice.intake.questions import chosen_codes
from practice.partners.lifecycle import Standing
from practice.partners.models import Invitation, Pause
from practice.partners.models import PartnerStanding as StandingRow
from practice.partners.queries import reason_of, standing_of
from practice.people import ContactChange, Person, find_return_code, read_contact
from practice.pulse.documents import read_questions
from practice.pulse.models import PulseAnswer
from practice.pulse.queries import codes_of as pulse_codes_of
from practice.pulse.queries import find_course
from practice.reminding.models import StoppedLetters
from practice.rights.scope import Scope
from practice.sealing import vault

Rows = list[dict[str, Any]]


def consents(person: Person, _scope: Scope) -> Rows:
    """What they agreed to, in which words, and what became of it."""
    return [
        {
            "document": one.document,
            "title": one.shown.title,
            "version": one.version,
            "text_sha256": one.sha256,
            "given_at": one.given_at,
            "method": one.method,
            "withdrawn_at": one.withdrawn_at,
            "replaced_at": one.replaced_at,
        }
        for one in reversed(list_consents(person.id))
    ]


def invitations(person: Person, _scope: Scope) -> Rows:
    """That they invited somebody. Whom is not theirs to take along; that it was declined is not theirs to know."""
    mine = select(Invitation).where(Invitation.person_id == person.id).order_by(Invitation.id)
    return [
        {
            "way": one.way,
            "made_at": one.made_at,
            "until": one.expires_at,
            "withdrawn_at": one.withdrawn_at,
            "joined_at": one.joined_at,
        }
        for one in db.session.scalars(mine)
    ]


def standing(person: Person, _scope: Scope) -> dict[str, Any]:
    """How they stand with whoever comes with them, as their own page says it."""
    row, state = db.session.get(StandingRow, person.id), standing_of(person.id)
    own = Standing.INVITED if state is Standing.DECLINED else state
    return {"state": own.value, "shares_progress": row is not None and row.shares_progress}


def pauses(person: Person, scope: Scope) -> Rows:
    """Their own pauses of joint sessions. The reason is for clinicians, and never shown again."""
    mine = select(Pause).where(Pause.person_id == person.id).order_by(Pause.id)
    return [
        {
            "paused_at": one.paused_at,
            "ended_at": one.ended_at,
            **({"reason": reason_of(one) or None} if scope.is_whole else {}),
        }
        for one in db.session.scalars(mine)
    ]


def pulse(person: Person, scope: Scope) -> dict[str, Any]:
    """The short page of every two weeks: since when, and what they answered."""
    course = find_course(person.id)
    mine = select(PulseAnswer).where(PulseAnswer.person_id == person.id).order_by(PulseAnswer.due_on)
    return {
        "first_day": course.first_day if course is not None else None,
        "begun_at": course.begun_at if course is not None else None,
        "ended_at": course.ended_at if course is not None else None,
        "answered": [
            {
                "day": one.due_on,
                "saved_at": one.saved_at,
                **({"spoken_at": one.spoken_at} if scope.is_whole else {}),
                "answers": _pulse_answers(one, scope),
            }
            for one in db.session.scalars(mine)
        ],
    }


def stopped_letters(person: Person, _scope: Scope) -> Rows:
    """About what they want no letters."""
    mine = select(StoppedLetters).where(StoppedLetters.person_id == person.id).order_by(StoppedLetters.topic)
    return [{"topic": one.topic, "stopped_at": one.stopped_at} for one in db.session.scalars(mine)]


def contact_changes(person: Person, scope: Scope) -> Rows:
    """When they changed how they are reached. How it was before may be somebody else's inbox."""
    mine = select(ContactChange).where(ContactChange.person_id == person.id).order_by(ContactChange.id)
    return [
        {"changed_at": one.changed_at, **(_contact_before(one) if scope.is_whole else {})}
        for one in db.session.scalars(mine)
    ]


def return_codes(person: Person, _scope: Scope) -> Rows:
    """That there is a code to come back with; what it is can't be read by anybody."""
    found = find_return_code(person)
    return [{"made_at": found.made_at}] if found is not None else []


def flag_decisions(person: Person, _scope: Scope) -> Rows:
    """What clinicians cleared of this person's answers alone. What they decided about two people is neither's alone."""
    mine = select(FlagDecision).join(Intake, Intake.id == FlagDecision.intake_id).where(Intake.person_id == person.id)
    return [
        {
            "flag": str(kept["code"]),
            "rule_version": one.rule_version,
            "decided_at": one.decided_at,
            "by": one.decided_by,
            "reason": str(kept["reason"]),
        }
        for one in db.session.scalars(mine.order_by(FlagDecision.id))
        for kept in [open_decision(one)]
    ]


def _pulse_answers(answer: PulseAnswer, scope: Scope) -> Rows:
    questions, answers = read_questions(answer.questions.document), pulse_codes_of(answer)
    return [
        {
            "field": field.name,
            "question": field.question,
            "codes": list(chosen_codes(answers, field.name)),
            "answer": questions.said(field, answers),
            "never_shown_again": field.write_only,
        }
        for field in questions.fields()
        if field.name in answers and (scope.is_whole or not field.write_only)
    ]


def _contact_before(change: ContactChange) -> dict[str, Any]:
    place = {"table": "contact_change", "row": change.reference, "column": "before"}
    before = read_contact(vault().open(change.person_id, change.before_sealed, **place))
    return {"before_name": before.first_name, "before_email": before.email, "before_phone": before.phone or None}
