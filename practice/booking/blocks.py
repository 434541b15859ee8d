"""Time that staff take out of the calendar by hand. Claimed like a session, so that nothing can be booked over it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from practice.booking.claims import claim_for_block, release_block
from practice.booking.models import TimeBlock
from practice.booking.waiting import actions as waiting
from practice.errors import NotFound, Refused
from practice.languages import N_
from practice.spans import Span, aligned
from practice.tokens import reference
from practice.work import Work

LONGEST_BLOCK = timedelta(hours=24)


class NotABlock(Refused):
    """Such a time can't be blocked."""

    title = N_("This time can’t be blocked")
    way_out = N_("Block up to 24 hours, from and to full five minutes. For whole days, enter time off.")


def block_time(work: Work, resource_id: int, span: Span) -> TimeBlock:
    """Take time of a therapist or a room out.

    :raises NotABlock: when it is longer than LONGEST_BLOCK, over already, or not on five minutes.
    :raises SlotTaken: when a session, a hold or another block has any of it.
    """
    if span.length > LONGEST_BLOCK or span.end <= work.now or not (aligned(span.start) and aligned(span.end)):
        raise NotABlock
    block = TimeBlock(
        reference=reference("k"), resource_id=resource_id, starts_at=span.start, ends_at=span.end, made_at=work.now
    )
    work.session.add(block)
    work.session.flush()
    claim_for_block(work.session, block)
    return block


def unblock_time(work: Work, named: str) -> None:
    """Give blocked time back; the waiting list is asked first.

    :raises NotFound: when there is no such block (any more).
    """
    found = select(TimeBlock).where(TimeBlock.reference == named).with_for_update(of=TimeBlock)
    block = work.session.scalars(found).one_or_none()
    if block is None:
        raise NotFound
    resource_id, span = block.resource_id, block.span
    release_block(work.session, block)
    work.session.delete(block)
    work.session.flush()
    waiting.offer_freed(work, span, [resource_id])
