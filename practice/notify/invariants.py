"""What must hold of the letters, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.booking.attending import find_companion
from practice.booking.lifecycle import State
from practice.booking.messages import (
    BookingCancelled,
    BookingConfirmed,
    BookingMoved,
    ReviewEnded,
    TimeOffered,
    TimeReserved,
)
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.booking.waiting.models import WishOffer
from practice.calendars.appointments import ENDED, STANDING
from practice.clock import clock
from practice.couples import Couple, find_couple
from practice.notify.attendees import TELL_THAT_IT_STANDS, occasion_of
from practice.notify.messages import ATTENDEE, CLIENT, THERAPIST, Kind, SendLetter
from practice.outbox import OutboxMessage
from practice.papers.kinds import Kind as PaperKind
from practice.papers.messages import EstimateMade
from practice.papers.models import Paper
from practice.partners.messages import PartnerJoined, PartnerLeft

SOURCES = tuple(
    one.KIND for one in (BookingConfirmed, BookingMoved, BookingCancelled, TimeReserved, TimeOffered, ReviewEnded)
)
TELL_OF_THE_END = frozenset(
    {Kind.CANCELLED_ALL, Kind.CANCELLED_PART, Kind.CANCELLED_NOTHING, Kind.DECLINED, Kind.CALLED_OFF}
)
BOTH = (CLIENT, THERAPIST)
ABOUT_TWO = tuple(one.KIND for one in (BookingConfirmed, BookingMoved, BookingCancelled, PartnerJoined, PartnerLeft))


def check_everybody_is_told(session: Session) -> Iterator[str]:
    """I5: whoever should hear how a booking stands has a letter of just this revision, sent or on its way.

    That is the client and the therapist for each booking that ever stood, and the client while a time is kept for them.
    """
    on_their_way: set[str] = set()
    told: set[tuple[str, str, str, str]] = set()
    rows = select(OutboxMessage.kind, OutboxMessage.state, OutboxMessage.payload)
    for kind, state, payload in session.execute(rows.where(OutboxMessage.kind.in_((*SOURCES, SendLetter.KIND)))):
        fields = json.loads(payload)
        if kind == SendLetter.KIND:
            told.add((fields["about"], fields["recipient"], fields["letter"], fields["occasion"]))
        elif state != "done":
            on_their_way |= {fields["reference"], fields.get("again", "")}
    kept = select(Booking.reference, WishOffer.id).outerjoin(WishOffer, WishOffer.booking_id == Booking.id)
    for reference, offer in session.execute(kept.where(Booking.state == State.RESERVED).order_by(Booking.id)):
        promises = (Kind.RESERVED, Kind.LAPSED) if offer is None else (Kind.OFFERED,)
        letters = ((reference, CLIENT, kind.value, "") for kind in promises)
        if reference not in on_their_way and not any(letter in told for letter in letters):
            yield f"no letter tells the client that booking {reference} is kept for them"
    stood = select(Booking.reference, Booking.state, Booking.sequence).where(Booking.confirmed_at.is_not(None))
    stood = stood.where(Booking.state.in_((*STANDING, *ENDED))).order_by(Booking.id)
    for reference, state, sequence in session.execute(stood):
        if reference in on_their_way:
            continue
        for recipient in BOTH:
            kinds = _letters_for(state, sequence)
            if not any((reference, recipient, kind.value, str(sequence)) in told for kind in kinds):
                yield f"no letter tells the {recipient} how booking {reference} stands"


def check_companions_are_told(session: Session) -> Iterator[str]:
    """I5: who comes to a session and did not book it has a letter that it stands, and one when it does so no more."""
    on_their_way: set[str] = set()
    told: dict[tuple[str, str], set[tuple[str, str]]] = {}
    rows = select(OutboxMessage.kind, OutboxMessage.state, OutboxMessage.payload)
    for kind, state, payload in session.execute(rows.where(OutboxMessage.kind.in_((*ABOUT_TWO, SendLetter.KIND)))):
        fields = json.loads(payload)
        if kind == SendLetter.KIND and fields["recipient"].startswith(ATTENDEE):
            key = (fields["about"], fields["recipient"])
            told.setdefault(key, set()).add((fields["letter"], fields["occasion"]))
        elif kind != SendLetter.KIND and state != "done":
            on_their_way |= {fields.get("reference", ""), fields.get("couple", "")}
    coming = (
        select(Booking)
        .join(Booking.offering)
        .where(Booking.state == State.CONFIRMED, Booking.starts_at > clock().now(), Offering.attendance == FOR_TWO)
    )
    for booking in session.scalars(coming.order_by(Booking.id)):
        companion, couple = find_companion(booking), find_couple(booking.person_id)
        if companion is None or couple is None or {booking.reference, couple.reference} & on_their_way:
            continue
        letters = told.get((booking.reference, f"{ATTENDEE}{companion.reference}"), set())
        if not {(kind.value, occasion_of(booking.sequence, couple)) for kind in TELL_THAT_IT_STANDS} & letters:
            yield f"no letter tells whoever comes along how booking {booking.reference} stands"
    for (reference, _), letters in told.items():
        ended = [occasion.partition("-")[2] for letter, occasion in letters if letter == Kind.CALLED_OFF]
        for one in {occasion.partition("-")[2] for letter, occasion in letters if letter != Kind.CALLED_OFF}:
            if one not in ended and not {reference, one} & on_their_way and _is_over_for_two(session, reference, one):
                yield f"no letter tells whoever came along that booking {reference} is not theirs any more"


def _is_over_for_two(session: Session, reference: str, couple: str) -> bool:
    """Whether a session that both of a couple were told of ended before it began, for both or for one of them."""
    booking = session.scalars(select(Booking).where(Booking.reference == reference)).one()
    parted = session.scalars(select(Couple.ended_at).where(Couple.reference == couple)).one()
    return booking.state in ENDED or (parted is not None and parted < booking.starts_at)


def check_estimates_are_told(session: Session) -> Iterator[str]:
    """I5: of every estimate the client has a letter, sent or on its way; a later one's letter tells of both."""
    newest = select(func.max(Paper.id)).where(Paper.kind == PaperKind.ESTIMATE).group_by(Paper.booking_id)
    asked = select(Booking.reference, Paper.reference).join(Paper, Paper.booking_id == Booking.id)
    posted = select(OutboxMessage.kind, OutboxMessage.state, OutboxMessage.payload)
    told: set[str] = set()
    for kind, state, payload in session.execute(
        posted.where(OutboxMessage.kind.in_((EstimateMade.KIND, SendLetter.KIND)))
    ):
        fields = json.loads(payload)
        if kind == SendLetter.KIND and fields["letter"] == Kind.ESTIMATE:
            told.add(fields["occasion"])
        elif kind == EstimateMade.KIND and state != "done":
            told.add(fields["paper"])
    for booking, paper in session.execute(asked.where(Paper.id.in_(newest)).order_by(Paper.id)):
        if paper not in told:
            yield f"no letter tells the client of the estimate for booking {booking}"


def _letters_for(state: State, sequence: int) -> frozenset[Kind]:
    if state in ENDED:
        return TELL_OF_THE_END
    return frozenset({Kind.MOVED if sequence else Kind.BOOKED})
