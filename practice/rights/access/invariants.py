"""What must hold of records that were handed over, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from practice.audit import AuditEntry
from practice.clock import clock
from practice.invariants import Invariant
from practice.rights.access.models import AccessCopy, AccessRequest
from practice.rights.access.rules import COPY_GOES_WITHIN, OPEN, Outcome, State, limits_of

DECIDED = {Outcome.WHOLE: "access_handed_over", Outcome.PARTS: "access_handed_over", Outcome.NOTHING: "access_refused"}


def check_decisions(session: Session) -> Iterator[str]:
    """What was handed over or refused follows an identity check and a decision of staff, as the audit log has them."""
    entries = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject)
    told = {tuple(row) for row in session.execute(entries.where(AuditEntry.action.startswith("access_")))}
    decided = select(AccessRequest).where(AccessRequest.outcome.is_not(None)).order_by(AccessRequest.id)
    for one in session.scalars(decided):
        if (one.checked_by, "access_checked", one.reference) not in told:
            yield f"nobody made sure who asked in {one.reference}, and it was decided"
        if (one.ended_by, DECIDED[Outcome(str(one.outcome))], one.reference) not in told:
            yield f"no clinician decided {one.reference} as it stands"


def check_copies(session: Session) -> Iterator[str]:
    """What was handed over is there until its time is over, and not for long after; there is no other copy."""
    now = clock().now()
    for copy in session.scalars(select(AccessCopy).order_by(AccessCopy.request_id)):
        if copy.request.state != State.HANDED_OVER:
            yield f"request {copy.request.reference} was not handed over, and there is a copy"
        if copy.until + COPY_GOES_WITHIN < now:
            yield f"the copy of request {copy.request.reference} outlived its time"
    kept = exists().where(AccessCopy.request_id == AccessRequest.id)
    lost = select(AccessRequest.reference).where(AccessRequest.state == State.HANDED_OVER, ~kept)
    for reference in session.scalars(lost.order_by(AccessRequest.id)):
        yield f"request {reference} was handed over, and its copy is lost"


def check_dues(session: Session) -> Iterator[str]:
    """Whatever waits was given the time that the law leaves from the day of its arrival, and no more."""
    for one in session.scalars(select(AccessRequest).where(AccessRequest.state.in_(OPEN)).order_by(AccessRequest.id)):
        limits = limits_of(one.country)
        limit = limits.first if one.extended_at is None else limits.extended
        if one.due_on != limit.after(one.arrived_on):
            yield f"request {one.reference} is not due when its law says"


OWN: tuple[Invariant, ...] = (
    Invariant("I9", "Records go to whoever was identified, as a clinician decided", check_decisions),
    Invariant("I7", "What was handed over is there until its time is over, and no longer", check_copies),
    Invariant("I10", "Requests for records are due when the law says", check_dues),
)
