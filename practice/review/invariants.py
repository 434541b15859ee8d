"""What must hold of how requests stand, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.intake.models import Intake
from practice.invariants import Invariant
from practice.review.lifecycle import NoSuchStep, Stage, Step, next_stage
from practice.review.models import ReviewStep
from practice.review.steps import open_step
from practice.sealing import CannotOpen


def check_steps_lead_there(session: Session) -> Iterator[str]:
    """Each request stands where its steps led, one after the other, and what is sealed with them can be opened."""
    found = select(ReviewStep).join(ReviewStep.intake).where(Intake.erased_at.is_(None))
    by_intake: dict[int, list[ReviewStep]] = {}
    for row in session.scalars(found.order_by(ReviewStep.intake_id, ReviewStep.number)):
        by_intake.setdefault(row.intake_id, []).append(row)
    for rows in by_intake.values():
        yield from _check(rows)


def _check(rows: list[ReviewStep]) -> Iterator[str]:
    intake = rows[0].intake
    stage: Stage | None = None  # the first step may begin where the request stood before there were steps
    for number, row in enumerate(rows, start=1):
        if row.number != number:
            yield f"request {intake.reference} lacks step {number}"
            return
        try:
            if stage is not None and next_stage(stage, Step(row.step)).value != row.stage:
                yield f"step {number} of request {intake.reference} leads elsewhere than to {row.stage}"
            open_step(intake, row)
        except (NoSuchStep, CannotOpen) as error:
            yield f"step {number} of request {intake.reference}: {error}"
        stage = Stage(row.stage)
    if stage is not None and intake.review_state != stage.value:
        yield f"request {intake.reference} is {intake.review_state}, and its last step led to {stage.value}"


OWN: tuple[Invariant, ...] = (Invariant("I10", "Each request stands where its steps led", check_steps_lead_there),)
