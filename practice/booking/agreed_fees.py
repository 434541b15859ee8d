"""What somebody agreed to pay at most for cancelling late or not coming, so that each page can say it before they do.

Who agrees, and what is charged, is payments' business; booking hears only of the sums that stand.
"""

from __future__ import annotations

from sqlalchemy import delete

from practice.booking.models import AgreedFees
from practice.money import Money
from practice.work import Work


def note_agreed(work: Work, person_id: int, *, late: Money | None, missed: Money | None, currency: str) -> None:
    """From now on these sums stand for a person, in one currency; None for what they didn't agree to."""
    forget_agreed(work, person_id)
    work.session.add(
        AgreedFees(
            person_id=person_id,
            late_minor=late.minor_units if late is not None else None,
            missed_minor=missed.minor_units if missed is not None else None,
            currency=currency,
        )
    )
    work.session.flush()


def forget_agreed(work: Work, person_id: int) -> None:
    """Nothing stands any more."""
    work.session.execute(delete(AgreedFees).where(AgreedFees.person_id == person_id))
