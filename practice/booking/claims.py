"""Claims: the one guard against double booking, the same on every database."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, Table, delete, select, text
from sqlalchemy.orm import Session

from practice.booking.models import Booking, SlotClaim, TimeBlock
from practice.errors import Conflict
from practice.languages import N_
from practice.spans import Span, ticks

CLAIMS = cast(Table, SlotClaim.__table__)
# All ticks of a span in one statement of a fixed text: a row each would cost several times as much.
CLAIM = text("""
INSERT INTO slot_claim (resource_id, tick, booking_id, block_id)
WITH RECURSIVE wanted (tick) AS (
  SELECT CAST(:first AS INTEGER) UNION ALL SELECT tick + 1 FROM wanted WHERE tick < CAST(:final AS INTEGER)
)
SELECT CAST(:resource_id AS INTEGER), tick, CAST(:booking_id AS INTEGER), CAST(:block_id AS INTEGER)
FROM wanted WHERE true
ON CONFLICT (resource_id, tick) DO NOTHING
""").execution_options(preserve_rowcount=True)


class SlotTaken(Conflict):
    """Somebody else has this time."""

    title = N_("That time was just taken")
    way_out = N_("Somebody was a moment quicker. Here are the nearest times that are open.")


def claim(session: Session, booking_id: int, blocked: Span, resource_ids: list[int]) -> None:
    """Claim every tick of a booking's blocked span for each resource.

    :raises SlotTaken: when any tick is claimed already; nothing of it is claimed then, and the work may go on.
    """
    insert_claims(session.connection(), blocked, resource_ids, booking_id=booking_id)


def claim_for_block(session: Session, block: TimeBlock) -> None:
    """Claim every tick of time that staff took out.

    :raises SlotTaken: as claim() does.
    """
    insert_claims(session.connection(), block.span, [block.resource_id], block_id=block.id)


def insert_claims(connection: Connection, blocked: Span, resource_ids: list[int], **owner: int) -> None:
    """Claim every tick of the span. `owner` is the booking_id or the block_id, which claims nothing of it yet.

    In (resource_id, tick) order, so that two claims can't deadlock each other. What the primary key refuses is left
    out and counted: a savepoint, to catch its error in, would cost each hold more than all its claims.

    :raises SlotTaken: when any tick was refused; nothing of it is claimed then, and the work may go on.
    """
    wanted = ticks(blocked)
    values = {"booking_id": None, "block_id": None, **owner, "first": wanted.start, "final": wanted.stop - 1}
    for resource_id in sorted(resource_ids):
        added = connection.execute(CLAIM, {**values, "resource_id": resource_id})
        if added.rowcount != len(wanted):
            _take_back(connection, wanted, resource_ids, owner)
            raise SlotTaken


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


def _take_back(connection: Connection, claimed: range, resource_ids: list[int], owner: dict[str, int]) -> None:
    of_owner = (CLAIMS.c[column] == owner_id for column, owner_id in owner.items())
    these = CLAIMS.c.resource_id.in_(resource_ids), CLAIMS.c.tick >= claimed.start, CLAIMS.c.tick < claimed.stop
    connection.execute(delete(CLAIMS).where(*of_owner, *these))
