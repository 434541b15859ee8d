"""What a request went through, as a part of an export: as in export_parts.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of
from practice.people import Person
from practice.review.lifecycle import Step
from practice.review.models import Referral
from practice.review.steps import Taken, steps_of
from practice.rights.scope import Scope

THEMSELVES, PRACTICE = "themselves", "the practice"
BY_CLIENT = "client:"  # as the audit log names them
INSIDE = frozenset({Step.TAKE, Step.TAKE_BACK, Step.CALLED})
"""What nothing of was ever shown to them: in the whole record alone."""


def requests(person: Person, scope: Scope) -> list[dict[str, Any]]:
    """What they were asked, offered and told about their requests, and what they answered, the earliest first."""
    kept = select(Intake).where(Intake.person_id == person.id, Intake.erased_at.is_(None)).order_by(Intake.id)
    return [
        _row(intake, one)
        for intake in db.session.scalars(kept)
        for one in steps_of(intake)
        if scope.is_whole or one.step not in INSIDE
    ]


def _row(intake: Intake, one: Taken) -> dict[str, Any]:
    asked = {field.name: field.question for field in questionnaire_of(intake).fields()}
    named = select(Referral.name).where(Referral.reference.in_(one.told.get("referrals", ())))
    return {
        "request": intake.reference,
        "step": one.step.value,
        "at": one.at,
        "by": THEMSELVES if one.by.startswith(BY_CLIENT) else PRACTICE,
        "asked_again": [asked.get(name, name) for name in one.told.get("fields", ())],
        "question": one.told.get("question") or None,
        "answer": one.told.get("answer") or None,
        "named": ", ".join(db.session.scalars(named.order_by(Referral.name))) or None,
    }
