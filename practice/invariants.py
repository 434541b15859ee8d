"""The promises of the product, checked against the live database: `practice invariants`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice import audit
from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking, SlotClaim, TimeBlock, WithdrawalRequest
from practice.booking.prices.models import PriceAgreement
from practice.booking.waiting.models import Wish, WishOffer, WishState
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
    """I1: what holds time of one therapist or room never overlaps, buffers included."""
    taken: dict[int, list[tuple[datetime, datetime, str]]] = {}
    for booking in session.scalars(select(Booking).where(Booking.state.in_(CLAIMING))):
        for resource_id in booking.resource_ids:
            taken.setdefault(resource_id, []).append((booking.blocked_from, booking.blocked_until, booking.reference))
    for block in session.scalars(select(TimeBlock)):
        taken.setdefault(block.resource_id, []).append((block.starts_at, block.ends_at, block.reference))
    for spans in taken.values():
        for (_, until, one), (begins, _, other) in pairwise(sorted(spans)):
            if begins < until:
                yield f"{one} and {other} overlap"


def claims_match(session: Session) -> Iterator[str]:
    """I1: all that holds time has exactly its ticks claimed, of its therapist and its room, and nothing else has."""
    claimed: dict[tuple[int | None, int | None], set[tuple[int, int]]] = {}
    for claim in session.execute(
        select(SlotClaim.booking_id, SlotClaim.block_id, SlotClaim.resource_id, SlotClaim.tick)
    ):
        claimed.setdefault((claim.booking_id, claim.block_id), set()).add((claim.resource_id, claim.tick))
    for booking in session.scalars(select(Booking)):
        resources = booking.resource_ids if booking.state in CLAIMING else []
        wanted = {(resource_id, tick) for resource_id in resources for tick in ticks(booking.blocked)}
        if claimed.get((booking.id, None), set()) != wanted:
            yield f"booking {booking.reference} ({booking.state}) has other claims than its time"
    for block in session.scalars(select(TimeBlock)):
        if claimed.get((None, block.id), set()) != {(block.resource_id, tick) for tick in ticks(block.span)}:
            yield f"block {block.reference} has other claims than its time"


def one_offer_for_each_wish(session: Session) -> Iterator[str]:
    """I1: a wish on the waiting list has a time kept for it exactly while it says so, and never two."""
    kept: dict[int, list[str]] = {}
    open_offers = select(WishOffer).where(WishOffer.answer.is_(None))
    for offered in session.scalars(open_offers):
        kept.setdefault(offered.wish_id, []).append(offered.booking.reference)
        if offered.booking.state not in CLAIMING:
            yield f"booking {offered.booking.reference} ({offered.booking.state}) is still offered"
    for wish in session.scalars(select(Wish)):
        references = kept.get(wish.id, [])
        # What was kept for a wish that was taken back meanwhile stays kept until its own answer.
        says = bool(references) if wish.state is WishState.WITHDRAWN else wish.state is WishState.OFFERED
        if len(references) > 1 or says is not bool(references):
            yield f"wish {wish.reference} ({wish.state}) has {len(references)} times kept for it"


def requests_fit(session: Session) -> Iterator[str]:
    """I10: who asked for a session inside the time of withdrawal has that right, and it is their own session."""
    asked = select(WithdrawalRequest, Booking).join(WithdrawalRequest.booking)
    for request, booking in session.execute(asked):
        if request.person_id != booking.person_id:
            yield f"booking {booking.reference} was asked for by somebody else than whose it is"
        if booking.withdrawal_days is None:
            yield f"booking {booking.reference} was asked for inside a time of withdrawal, and has none"


def agreements_whole(session: Session) -> Iterator[str]:
    """I10: what was agreed with somebody about prices is all there: numbered from 1, with no number missing."""
    counted = (
        select(PriceAgreement.person_id, func.count().label("count"), func.max(PriceAgreement.number).label("last"))
        .group_by(PriceAgreement.person_id)
        .having(func.count() != func.max(PriceAgreement.number))
    )
    for row in session.execute(counted):
        yield f"person {row.person_id} has {row.count} agreements about prices, and the last is number {row.last}"


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
    Invariant("I1", "Nothing that holds time of one therapist or room overlaps, buffers included", no_overlaps),
    Invariant("I1", "All that holds time has exactly its ticks claimed", claims_match),
    Invariant("I1", "Every wish has at most one time kept for it", one_offer_for_each_wish),
    Invariant("I5", "Nothing that somebody should be told is stuck", nothing_lost),
    Invariant("I10", "Whoever asked for a session soon can still withdraw from it before it begins", requests_fit),
    Invariant("I10", "Nothing that was agreed about prices is lost", agreements_whole),
    Invariant("I6", "The audit chain verifies", audit.verify),
)
