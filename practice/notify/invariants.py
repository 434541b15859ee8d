"""What must hold of the letters, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.messages import BookingCancelled, BookingConfirmed
from practice.booking.models import Booking
from practice.calendars.appointments import ENDED, STANDING
from practice.notify.messages import CLIENT, THERAPIST, Kind, SendLetter
from practice.outbox import OutboxMessage

SOURCES = (BookingConfirmed.KIND, BookingCancelled.KIND)
TELL_OF_THE_END = frozenset({Kind.CANCELLED_ALL, Kind.CANCELLED_PART, Kind.CANCELLED_NOTHING, Kind.DECLINED})


def check_everybody_is_told(session: Session) -> Iterator[str]:
    """I5: for each booking that ever stood, the client and the therapist have a letter, sent or on its way."""
    on_their_way: set[str] = set()
    told: set[tuple[str, str, str]] = set()
    rows = select(OutboxMessage.kind, OutboxMessage.state, OutboxMessage.payload)
    for kind, state, payload in session.execute(rows.where(OutboxMessage.kind.in_((*SOURCES, SendLetter.KIND)))):
        fields = json.loads(payload)
        if kind == SendLetter.KIND:
            told.add((fields["about"], fields["recipient"], fields["letter"]))
        elif state != "done":
            on_their_way.add(fields["reference"])
    standing = (*STANDING, *ENDED)
    stood = select(Booking.reference, Booking.state).where(Booking.confirmed_at.is_not(None))
    for reference, state in session.execute(stood.where(Booking.state.in_(standing)).order_by(Booking.id)):
        if reference in on_their_way:
            continue
        wanted = TELL_OF_THE_END if state in ENDED else {Kind.BOOKED}
        for recipient in (CLIENT, THERAPIST):
            if not any((reference, recipient, kind.value) in told for kind in wanted):
                yield f"no letter tells the {recipient} how booking {reference} stands"
