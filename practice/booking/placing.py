"""Putting a booking onto a time: its row, and the claims on its therapist and, in person, on a room that fits.

Every way to a booking leads through here: a client's hold, a reservation by staff, an offer from the waiting list.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, insert, select

from practice.booking.claims import SlotTaken, claim, insert_claims, is_free
from practice.booking.lifecycle import State
from practice.booking.messages import CheckoutDeadline
from practice.booking.models import Booking
from practice.booking.offers.models import Resource
from practice.booking.offers.queries import Offer, RoomChoice, offer_by_ids
from practice.languages import N_
from practice.money import Money
from practice.profile import profile
from practice.spans import Span
from practice.tokens import reference
from practice.work import Work

BOOKINGS = cast(Table, Booking.__table__)
ADD_BOOKING = insert(BOOKINGS).returning(BOOKINGS.c.id)  # rows, not objects: a hold must be over soon


class NoRoom(SlotTaken):
    """Every room that fits is taken at this time, though the therapist is free."""

    title = N_("No room is free at that time")
    way_out = N_("Here are the nearest times at which a room is free.")


@dataclass(frozen=True)
class Placed:
    """Whose booking it is, of what, from when, in which state and until when it waits; what was agreed to pay."""

    person_id: int
    offer: Offer
    start: datetime
    state: State
    deadline: datetime
    price: Money
    held_from: str | None = None
    review_first: bool = False


def place(work: Work, wanted: Placed) -> tuple[int, str]:
    """Add the booking, claim its time and note its deadline; its id and its reference.

    :raises SlotTaken: when the time is somebody else's. Nothing is left behind, and the work may go on.
    """
    offer, blocked = wanted.offer, wanted.offer.rules.blocked(wanted.start)
    if offer.rooms is not None:
        placed = _place_in_a_room(work, wanted, blocked, offer.rooms)
    else:
        placed = _add(work, wanted, blocked, None, [offer.resource_id])
    post_deadline(work, placed[1], wanted.deadline)
    return placed


def claim_again(work: Work, booking: Booking, blocked: Span, rooms: tuple[RoomChoice, ...] | None) -> None:
    """Claim a time for a booking that claims none now: the one it had, or another that it is moved to.

    `rooms` are those that fit, as in an Offer.

    :raises SlotTaken: when the time is somebody else's. The work may go on.
    """
    own = booking.therapist.resource_id
    if rooms is None:
        claim(work.session, booking.id, blocked, [own])
        booking.room_id = None
        return
    for room in _free_rooms(work, blocked, rooms, prefer=booking.room_id):
        try:
            claim(work.session, booking.id, blocked, [own, room.resource_id])
        except SlotTaken:
            if not is_free(work.session, blocked, own):
                raise
        else:
            booking.room_id = room.room_id
            return
    raise _refusal(work, own, blocked)


def rooms_for(booking: Booking) -> tuple[RoomChoice, ...] | None:
    """The rooms that fit a booking now, as in an Offer; for what isn't offered any more, the room that it had."""
    offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    if offer is not None:
        return offer.rooms
    if booking.room is None:
        return None
    return (RoomChoice(booking.room.id, booking.room.resource_id, booking.room.name),)


def post_deadline(work: Work, named: str, deadline: datetime) -> None:
    """Have the worker look at a booking again when its time to pay is over."""
    work.post(CheckoutDeadline(named, deadline.isoformat()), due=deadline)


def lock_resources(work: Work, resource_ids: list[int]) -> None:
    """Lock therapists and rooms, in order of id, until the work ends: whoever moves or counts takes turns."""
    ordered = select(Resource.id).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
    work.session.execute(ordered.with_for_update(key_share=True))  # a claim's foreign key needn't wait: no deadlock


def _place_in_a_room(work: Work, wanted: Placed, blocked: Span, rooms: tuple[RoomChoice, ...]) -> tuple[int, str]:
    for room in _free_rooms(work, blocked, rooms):
        try:
            return _add(work, wanted, blocked, room.room_id, [wanted.offer.resource_id, room.resource_id])
        except SlotTaken:  # the therapist, or somebody was quicker with the room: then the next one
            if not is_free(work.session, blocked, wanted.offer.resource_id):
                raise
    raise _refusal(work, wanted.offer.resource_id, blocked)


def _free_rooms(
    work: Work, blocked: Span, rooms: tuple[RoomChoice, ...], prefer: int | None = None
) -> list[RoomChoice]:
    free = [room for room in rooms if is_free(work.session, blocked, room.resource_id)]
    return sorted(free, key=lambda room: room.room_id != prefer)


def _refusal(work: Work, therapist_resource: int, blocked: Span) -> SlotTaken:
    return NoRoom() if is_free(work.session, blocked, therapist_resource) else SlotTaken()


def _add(work: Work, wanted: Placed, blocked: Span, room_id: int | None, resource_ids: list[int]) -> tuple[int, str]:
    """The booking and its claims, or neither."""
    named, connection = reference("b"), work.session.connection()
    row = {
        "reference": named,
        "uid": f"{uuid.uuid4()}@appointments",
        "therapist_id": wanted.offer.therapist_id,
        "offering_id": wanted.offer.offering_id,
        "person_id": wanted.person_id,
        "room_id": room_id,
        "state": wanted.state,
        "starts_at": wanted.start,
        "ends_at": wanted.start + wanted.offer.rules.session,
        "blocked_from": blocked.start,
        "blocked_until": blocked.end,
        "price_minor": wanted.price.minor_units,
        "currency": wanted.price.currency,
        "given_back_minor": 0,
        "withdrawal_days": profile().withdrawal_days if wanted.price else None,  # what was agreed, like the price
        "held_at": work.now,
        "held_from": wanted.held_from,
        "deadline_at": wanted.deadline,
        "review_first": wanted.review_first,
        "updated_at": work.now,
    }
    booking_id: int = connection.execute(ADD_BOOKING, row).scalar_one()
    try:
        insert_claims(connection, blocked, resource_ids, booking_id=booking_id)
    except SlotTaken:
        connection.execute(delete(BOOKINGS).where(BOOKINGS.c.id == booking_id))
        raise
    return booking_id, named
