"""The promises of the product, checked against the live database: `practice invariants`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice import audit
from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking, SlotClaim
from practice.database import db
from practice.outbox import OutboxMessage
from practice.spans import ticks

Check = Callable[[Session], Iterator[str]]


@dataclass(frozen=True)
class Invariant:
    """One promise: its number, what it says, and the check that yields a sentence for each breach."""

    number: str
    promise: str
    check: Check


@dataclass(frozen=True)
class Finding:
    """What checking one invariant found: no breaches means that it holds."""

    invariant: Invariant
    breaches: tuple[str, ...]


def no_overlaps(session: Session) -> Iterator[str]:
    """I1: two bookings that hold time of one therapist never overlap, buffers included."""
    rows = session.execute(
        select(Booking.therapist_id, Booking.reference, Booking.blocked_from, Booking.blocked_until)
        .where(Booking.state.in_(CLAIMING))
        .order_by(Booking.therapist_id, Booking.blocked_from)
    ).all()
    for one, other in pairwise(rows):
        if one.therapist_id == other.therapist_id and other.blocked_from < one.blocked_until:
            yield f"bookings {one.reference} and {other.reference} overlap"


def claims_match(session: Session) -> Iterator[str]:
    """I1: every booking that holds time has exactly its ticks claimed, and nothing else is claimed."""
    claimed: dict[int, set[tuple[int, int]]] = {}
    for row in session.execute(select(SlotClaim.booking_id, SlotClaim.resource_id, SlotClaim.tick)):
        claimed.setdefault(row.booking_id, set()).add((row.resource_id, row.tick))
    for booking in session.scalars(select(Booking)):
        holds = booking.state in CLAIMING
        wanted = {(booking.therapist.resource_id, tick) for tick in ticks(booking.blocked)} if holds else set()
        if claimed.get(booking.id, set()) != wanted:
            yield f"booking {booking.reference} ({booking.state}) has other claims than its time"


def nothing_lost(session: Session) -> Iterator[str]:
    """I5: no message ended as a dead letter."""
    dead = select(OutboxMessage.kind, func.count()).where(OutboxMessage.state == "dead").group_by(OutboxMessage.kind)
    for kind, count in session.execute(dead):
        yield f"{count} of {kind} could not be delivered and need somebody's eyes"


def check_all(invariants: tuple[Invariant, ...]) -> list[Finding]:
    """Check them all, each on what the database holds now."""
    session = db.session()
    return [Finding(invariant, tuple(invariant.check(session))) for invariant in invariants]


OWN: tuple[Invariant, ...] = (
    Invariant("I1", "No two bookings that hold time of one therapist overlap, buffers included", no_overlaps),
    Invariant("I1", "Every booking that holds time has exactly its ticks claimed", claims_match),
    Invariant("I5", "Nothing that somebody should be told is stuck", nothing_lost),
    Invariant("I6", "The audit chain verifies", audit.verify),
)
