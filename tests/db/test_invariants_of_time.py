"""The promises about time and about who is told, each broken in one way and named in one sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from practice.booking.models import Booking, SlotClaim, TimeBlock
from practice.booking.waiting.models import Answer, Wish, WishOffer, WishState
from practice.notify.messages import Kind, SendLetter
from practice.outbox import OutboxMessage
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    IN_PERSON,
    NOOR,
    add_room,
    block,
    broken,
    cancel,
    change_therapist,
    confirmed,
    keep_for,
    lend_room,
    move,
    offered_to,
    resource_of,
    see,
    teach,
    wish,
    work_in,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def shared(practice):
    """Ada's and Noor's sessions, at the same time in two rooms that they share."""
    teach(practice, NOOR, IN_PERSON)
    change_therapist(practice, NOOR, zone="America/New_York")
    practice.rooms = [add_room(practice, name) for name in ("Harbour", "Garden")]
    for name in ("Harbour", "Garden"):
        lend_room(practice, name, NOOR)
    practice.adas = practice.hold(MONDAY_NINE, offering=IN_PERSON)
    practice.noors = practice.hold(MONDAY_TEN, offering=IN_PERSON, therapist=NOOR)
    assert broken(practice) == []
    return practice


def put_into_room(practice, held, other):
    """Move a session's row into another one's room, and its claims nowhere."""
    with work_in(practice) as work:
        room_id = see(practice, other).room_id
        work.session.execute(update(Booking).where(Booking.reference == held.reference).values(room_id=room_id))


def breaches_with(practice, words):
    return [breach for breach in broken(practice) if words in breach]


def test_two_sessions_in_one_room_at_once_are_a_breach(shared):
    put_into_room(shared, shared.noors, shared.adas)

    assert breaches_with(shared, "overlap") == [f"I1: {shared.adas.reference} and {shared.noors.reference} overlap"]
    assert len(breaches_with(shared, "other claims")) == 1


def test_two_sessions_by_video_at_once_are_none(practice):
    practice.hold(MONDAY_NINE + 4 * HOUR)
    practice.hold(MONDAY_NINE + 4 * HOUR, therapist=NOOR)

    assert broken(practice) == []


def test_a_session_that_lost_the_claims_of_its_room_alone_is_a_breach(shared):
    with work_in(shared) as work:
        work.session.execute(delete(SlotClaim).where(SlotClaim.resource_id == shared.rooms[0]))

    assert broken(shared) == [f"I1: booking {shared.adas.reference} (held) has other claims than its time"]


def test_a_block_over_a_session_is_a_breach(practice):
    held = practice.hold(MONDAY_NINE)
    taken = block(practice, resource_of(practice), MONDAY_TEN)
    with work_in(practice) as work:
        work.session.execute(update(TimeBlock).values(starts_at=MONDAY_NINE + HOUR / 2))

    assert f"I1: {held.reference} and {taken} overlap" in broken(practice)
    assert f"I1: block {taken} has other claims than its time" in broken(practice)


def test_a_block_that_lost_a_claim_is_a_breach(practice):
    taken = block(practice, resource_of(practice), MONDAY_NINE)
    with work_in(practice) as work:
        first = select(SlotClaim).order_by(SlotClaim.tick).limit(1)
        work.session.delete(work.session.scalars(first).one())

    assert broken(practice) == [f"I1: block {taken} has other claims than its time"]


# The waiting list


@pytest.fixture
def offered(practice):
    """A time that is kept for somebody who waits, and of which they were told."""
    held = practice.hold(MONDAY_NINE)
    client = practice.new_client()
    practice.wish = wish(practice, client)
    cancel(practice, held)
    practice.kept = offered_to(practice, client).held
    practice.work_until_idle()
    assert broken(practice) == []
    return practice


def test_two_open_offers_of_one_wish_are_a_breach(offered):
    other = keep_for(offered, offered.new_client(), MONDAY_TEN)
    with work_in(offered) as work:
        first = work.session.scalars(select(WishOffer)).one()
        work.session.add(
            WishOffer(
                wish_id=first.wish_id,
                booking_id=see(offered, other).id,
                therapist_id=first.therapist_id,
                starts_at=MONDAY_TEN,
                made_at=work.now,
            )
        )

    assert breaches_with(offered, "kept for it") == [f"I1: wish {offered.wish} (offered) has 2 times kept for it"]


def test_a_wish_without_the_time_that_it_speaks_of_is_a_breach(offered):
    with work_in(offered) as work:
        work.session.execute(update(WishOffer).values(answer=Answer.LEFT))

    assert broken(offered) == [f"I1: wish {offered.wish} (offered) has 0 times kept for it"]


def test_a_wish_that_waits_although_a_time_is_kept_for_it_is_a_breach(offered):
    with work_in(offered) as work:
        work.session.execute(update(Wish).values(state=WishState.WAITING))

    assert broken(offered) == [f"I1: wish {offered.wish} (waiting) has 1 times kept for it"]


def test_an_offer_of_what_has_ended_is_a_breach(offered):
    cancel(offered, offered.kept)
    with work_in(offered) as work:
        work.session.execute(update(WishOffer).values(answer=None))

    assert breaches_with(offered, "still offered") == [
        f"I1: booking {offered.kept.reference} (cancelled) is still offered"
    ]


# Who is told


def lose_letter(practice, kind, recipient="client"):
    """Delete the one letter of this kind to this recipient."""
    with work_in(practice) as work:
        start = f"{SendLetter.KIND}:{kind.value}:%:{recipient}:%"
        row = work.session.scalars(select(OutboxMessage).where(OutboxMessage.key.like(start))).one()
        work.session.delete(row)


def test_an_offer_that_nobody_told_is_a_breach(offered):
    lose_letter(offered, Kind.OFFERED)

    assert broken(offered) == [f"I5: no letter tells the client that booking {offered.kept.reference} is kept for them"]


def test_a_reservation_that_nobody_told_is_a_breach_and_one_on_its_way_is_none(practice):
    kept = keep_for(practice, practice.new_client(), MONDAY_NINE)
    assert broken(practice) == []
    practice.work_until_idle()
    assert broken(practice) == []

    lose_letter(practice, Kind.RESERVED)

    assert broken(practice) == [f"I5: no letter tells the client that booking {kept.reference} is kept for them"]


@pytest.mark.parametrize("recipient", ["client", "therapist"])
def test_a_move_that_nobody_told_is_a_breach_although_the_booking_was_told(practice, recipient):
    held = confirmed(practice, MONDAY_NINE)
    move(practice, held, MONDAY_TEN)
    assert broken(practice) == []
    practice.work_until_idle()

    lose_letter(practice, Kind.MOVED, recipient)

    assert broken(practice) == [f"I5: no letter tells the {recipient} how booking {held.reference} stands"]


def test_the_letter_of_the_move_before_does_not_tell_of_this_one(practice):
    held = confirmed(practice, MONDAY_NINE)
    move(practice, held, MONDAY_TEN)
    practice.work_until_idle()
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(sequence=2))

    told = breaches_with(practice, "I5")

    assert len(told) == 2
    assert all(held.reference in breach for breach in told)
