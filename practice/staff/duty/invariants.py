"""What must hold of the notices, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.intake.models import Intake
from practice.invariants import Invariant
from practice.outbox import OutboxMessage
from practice.staff.duty.messages import NoticeDue
from practice.staff.duty.models import UrgentNotice


def unread_notices_call_again(session: Session) -> Iterator[str]:
    """I5: whatever nobody has read has its next call ahead, and none is lost on the way."""
    ahead = select(OutboxMessage.payload).where(
        OutboxMessage.kind == NoticeDue.KIND, OutboxMessage.state.in_(("waiting", "leased"))
    )
    called = {
        (fields["reference"], fields["step"], fields["raised"]) for fields in map(json.loads, session.scalars(ahead))
    }
    unread = select(Intake.reference, UrgentNotice.step, UrgentNotice.raised_at).join(
        UrgentNotice, UrgentNotice.intake_id == Intake.id
    )
    waiting = unread.where(UrgentNotice.read_at.is_(None), Intake.erased_at.is_(None))
    for reference, step, raised in session.execute(waiting.order_by(Intake.id)):
        if (reference, step + 1, raised.isoformat()) not in called:
            yield f"nobody is called again about intake {reference}, and nobody has looked"


OWN = (Invariant("I5", "An urgent notice calls until somebody has read it", unread_notices_call_again),)
