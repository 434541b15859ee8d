"""What partners promise of their own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.attending import find_for_two
from practice.booking.lifecycle import CLAIMING
from practice.clock import clock
from practice.couples import Couple, find_couple
from practice.erasing import find_hold
from practice.invariants import Invariant
from practice.partners.lifecycle import COUPLED, Standing
from practice.partners.models import Invitation, PartnerStanding, Pause
from practice.partners.queries import ADDRESS_KEPT, address_of, reason_of
from practice.sealing import CannotOpen


def standings_fit(session: Session) -> Iterator[str]:
    """I10: who stands as joined or paused is in a couple, and everybody else who stands anywhere is in none."""
    for row in session.scalars(select(PartnerStanding).order_by(PartnerStanding.person_id)):
        couple = find_couple(row.person_id)
        if (couple is not None) is not (row.state in COUPLED):
            yield f"person {row.person_id} stands as {row.state}, and is {'' if couple else 'not '}in a couple"
        elif couple is not None and (couple.resting_since is not None) is not (row.state is Standing.PAUSED):
            yield f"person {row.person_id} stands as {row.state}, and couple {couple.reference} does otherwise"


def pauses_hold(session: Session) -> Iterator[str]:
    """I10: a couple rests exactly while one of the two pauses, and nothing is booked for the two meanwhile."""
    now = clock().now()
    pausing = set(session.scalars(select(Pause.couple_id).where(Pause.ended_at.is_(None))))
    for couple in session.scalars(select(Couple).order_by(Couple.id)):
        if (couple.resting_since is not None) is not (couple.id in pausing):
            yield f"couple {couple.reference} rests and nobody pauses, or the other way round"
        if couple.resting_since is not None and couple.ended_at is None:
            # What is still being released claims its time, and can't be confirmed any more.
            states = [state for state in CLAIMING if state != "releasing"]
            for reference in find_for_two([member.person_id for member in couple.members], now, states):
                yield f"booking {reference} stands for couple {couple.reference}, which rests"


def secrets_open(session: Session) -> Iterator[str]:
    """I7: addresses and reasons are sealed with the key of whose they are, and no address is kept for too long."""
    too_long = clock().now() - ADDRESS_KEPT * 2
    for invitation in session.scalars(select(Invitation).order_by(Invitation.id)):
        try:
            if address_of(invitation) is None or find_hold(invitation.person_id) is not None:
                continue
            if invitation.expires_at < too_long:
                yield f"invitation {invitation.reference} keeps its address"
        except CannotOpen as error:
            yield f"invitation {invitation.reference}: {error}"
    for pause in session.scalars(select(Pause).order_by(Pause.id)):
        try:
            reason_of(pause)
        except CannotOpen as error:
            yield f"pause {pause.reference}: {error}"


OWN = (
    Invariant("I10", "Whoever joined is in a couple, and nobody else who was invited or comes alone", standings_fit),
    Invariant("I10", "A couple rests exactly while one of the two pauses, with nothing booked for both", pauses_hold),
    Invariant("I7", "Who is invited, and why somebody pauses, is sealed with its own person's key", secrets_open),
)
