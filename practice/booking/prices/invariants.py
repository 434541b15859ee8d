"""A promise about prices, checked against the live database: `practice invariants`."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.booking.prices.models import PriceAgreement
from practice.invariants import Invariant


def check_history_is_whole(session: Session) -> Iterator[str]:
    """I10: what was agreed with somebody is all there: numbered from 1, with no number missing."""
    counted = (
        select(PriceAgreement.person_id, func.count().label("count"), func.max(PriceAgreement.number).label("last"))
        .group_by(PriceAgreement.person_id)
        .having(func.count() != func.max(PriceAgreement.number))
    )
    for row in session.execute(counted):
        yield f"person {row.person_id} has {row.count} agreements about prices, and the last is number {row.last}"


OWN: tuple[Invariant, ...] = (Invariant("I10", "Nothing that was agreed about prices is lost", check_history_is_whole),)
