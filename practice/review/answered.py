"""What clients answered to what the desk asked, as lines of the page Today, for whoever has the request."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import SENT
from practice.people import contact_of
from practice.review.lifecycle import Stage, Step
from practice.review.models import ReviewStep
from practice.review.seeing import find_ties, roles_of
from practice.review.sight import decides
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.staff.models import StaffAccount
from practice.staff.noticing import Notice


def what_came_back(account: StaffAccount, _now: datetime) -> list[Notice]:
    """One line for each request whose last step is its author's answer; it goes with the next step."""
    every = aliased(ReviewStep)
    last = select(func.max(every.number)).where(every.intake_id == Intake.id).scalar_subquery()
    found = (
        select(Intake)
        .join(ReviewStep, ReviewStep.intake_id == Intake.id)
        .where(
            SENT,
            Intake.review_state == Stage.IN_REVIEW.value,
            Intake.owner == account.actor,
            ReviewStep.number == last,
            ReviewStep.step == Step.ANSWER.value,
        )
        .order_by(ReviewStep.taken_at)
        .options(joinedload(Intake.person))
    )
    intakes = list(db.session.scalars(found))
    if not intakes:
        return []
    people = {one.person_id for one in intakes}
    roles, ties = roles_of(account), find_ties(account, people)
    vault().have_ready(people)
    return [
        Notice(
            _("%(name)s answered what you asked.", name=_name(intake)),
            url_for("review.intake", reference=intake.reference, _anchor="decision"),
            _("Read it"),
        )
        for intake in intakes
        if decides(roles, ties[intake.person_id])
    ]


def _name(intake: Intake) -> str:
    contact = contact_of(intake.person)
    return contact.first_name if contact is not None else _("Somebody")
