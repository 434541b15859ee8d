"""The steps that a request has taken, opened: what was asked, answered, offered and chosen. Only reads and seals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from practice.database import db
from practice.intake.models import Intake
from practice.intake.questions import BOOKER
from practice.review.lifecycle import ENDING, Stage, Step, may_take
from practice.review.models import ReviewStep
from practice.sealing import vault

UNTOUCHED = "new:0"
"""The mark of a request that nobody has touched yet."""


@dataclass(frozen=True)
class Taken:
    """One step. `told` is what was sealed with it: see the actions that take it; empty where it has nothing."""

    row: ReviewStep
    step: Step
    stage: Stage
    at: datetime
    by: str  # as the audit log names them
    told: Mapping[str, Any] = field(default_factory=dict)


def stage_of(intake: Intake) -> Stage:
    """Where a request stands."""
    return Stage(intake.review_state)


def may_go_on(intake: Intake, step: Step) -> bool:
    """Whether it can be taken with this request as it stands, by whoever may."""
    return may_take(stage_of(intake), step) and (intake.audience == BOOKER or step not in ENDING)


def mark_of(intake: Intake) -> str:
    """What a page sends back, so that nobody decides on what they haven't read: stage and number of steps."""
    return f"{intake.review_state}:{last_number(intake)}"


def last_number(intake: Intake) -> int:
    """The number of the last step; 0 before the first."""
    return db.session.scalar(select(func.max(ReviewStep.number)).where(ReviewStep.intake_id == intake.id)) or 0


def seal_step(intake: Intake, row: ReviewStep, told: Mapping[str, Any]) -> bytes:
    """Seal what belongs to a step, as open_step() reads it."""
    plain = json.dumps(dict(told), ensure_ascii=False)
    return vault().seal(intake.person_id, plain, table="review_step", row=row.reference, column="sealed")


def open_step(intake: Intake, row: ReviewStep) -> Taken:
    """A step of this intake.

    :raises CannotOpen: when it is not sealed with its own person's key.
    """
    told: Mapping[str, Any] = {}
    if row.sealed is not None:
        place = {"table": "review_step", "row": row.reference, "column": "sealed"}
        told = json.loads(vault().open(intake.person_id, row.sealed, **place))
    return Taken(row, Step(row.step), Stage(row.stage), row.taken_at, row.taken_by, told)


def steps_of(intake: Intake) -> list[Taken]:
    """Every step of a request, the earliest first."""
    found = select(ReviewStep).where(ReviewStep.intake_id == intake.id).order_by(ReviewStep.number)
    return [open_step(intake, row) for row in db.session.scalars(found)]


def find_last(intake: Intake, *steps: Step) -> Taken | None:
    """The last of these steps that a request has taken; of any, where none is named."""
    found = select(ReviewStep).where(ReviewStep.intake_id == intake.id)
    if steps:
        found = found.where(ReviewStep.step.in_([one.value for one in steps]))
    row = db.session.scalars(found.order_by(ReviewStep.number.desc()).limit(1)).one_or_none()
    return open_step(intake, row) if row is not None else None
