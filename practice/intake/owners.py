"""Whose requests are whose, where whoever they are with goes."""

from __future__ import annotations

from sqlalchemy import Select, select

from practice.audit import record
from practice.database import db
from practice.intake.models import UNDECIDED, Intake
from practice.work import Work


def count_undecided(owner: str) -> int:
    """How many requests this member of staff (as the audit log names them) has that nobody has decided."""
    return len(db.session.scalars(_undecided(owner)).all())


def give_undecided(work: Work, actor: str, owner: str, to: str | None) -> int:
    """Make every undecided request of one member of staff another's, or nobody's; how many."""
    found = _undecided(owner).with_for_update(of=Intake).execution_options(populate_existing=True)
    those = list(work.session.scalars(found))
    for intake in those:
        intake.owner = to
    work.session.flush()
    for intake in those:
        record(work, actor, "request_given", intake.reference, {"to": to or "nobody"})
    return len(those)


def _undecided(owner: str) -> Select[Intake]:
    undecided = (Intake.owner == owner, Intake.review_state.in_(UNDECIDED), Intake.erased_at.is_(None))
    return select(Intake).where(*undecided).order_by(Intake.id)
