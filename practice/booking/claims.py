"""Claims: the one guard against double booking, the same on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from practice.booking.models import Booking, SlotClaim, TimeBlock
from practice.errors import Conflict
from practice.spans import Span, ticks


class SlotTaken(Conflict):
    """Somebody else has this time."""

    title = "That time was just taken"
    way_out = "Somebody was a moment quicker. Here are the nearest times that are open."


def claim(session: Session, booking_id: int, blocked: Span, resource_ids: list[int]) -> None:
    """Claim every tick of a booking's blocked span for each resource.

    :raises SlotTaken: when any tick is claimed already; nothing of it is claimed then, and the work may go on.
    """
    connection = session.connection()
    with taken_if_refused(connection):
        insert_claims(connection, blocked, resource_ids, booking_id=booking_id)


def claim_for_block(session: Session, block: TimeBlock) -> None:
    """Claim every tick of time that staff took out.

    :raises SlotTaken: as claim() does.
    """
    connection = session.connection()
    with taken_if_refused(connection):
        insert_claims(connection, block.span, [block.resource_id], block_id=block.id)


@contextmanager
def taken_if_refused(connection: Connection) -> Iterator[None]:
    """A savepoint of the connection's own (the session's would expire every object) around what claims time.

    :raises SlotTaken: when the database refuses; nothing of what was done inside is left.
    """
    try:
        with connection.begin_nested():
            yield
    except IntegrityError:
        raise SlotTaken from None


def insert_claims(connection: Connection, blocked: Span, resource_ids: list[int], **owner: int) -> None:
    """Add the claims, inside taken_if_refused(). `owner` is the booking_id or the block_id.

    One statement in (resource_id, tick) order, so that two claims can't deadlock each other.
    """
    rows = [
        {"resource_id": resource_id, "tick": tick, **owner}
        for resource_id in sorted(resource_ids)
        for tick in ticks(blocked)
    ]
    connection.execute(insert(SlotClaim), rows)


def is_free(session: Session, blocked: Span, resource_id: int) -> bool:
    """Whether no tick of this time is claimed, as far as this work can see."""
    covered = ticks(blocked)
    found = select(SlotClaim.tick).where(
        SlotClaim.resource_id == resource_id, SlotClaim.tick >= covered.start, SlotClaim.tick < covered.stop
    )
    return session.connection().execute(found.limit(1)).first() is None


def release(session: Session, booking: Booking) -> None:
    """Give the booking's time back."""
    session.execute(delete(SlotClaim).where(SlotClaim.booking_id == booking.id))


def release_block(session: Session, block: TimeBlock) -> None:
    """Give the block's time back."""
    session.execute(delete(SlotClaim).where(SlotClaim.block_id == block.id))
