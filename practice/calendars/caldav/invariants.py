"""What must hold of the objects that we wrote to therapists' own calendars, checked against the live database."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.calendars.appointments import STANDING
from practice.calendars.caldav import handlers
from practice.calendars.caldav.actions import STOPPED
from practice.calendars.caldav.models import AccountCalendar, AccountState, CalendarQuestion, PushedSession
from practice.clock import clock
from practice.invariants import Invariant
from practice.outbox import OutboxMessage, handler_name

ASKING = tuple(
    handler_name(handler)
    for handler in (handlers.on_booking_confirmed, handlers.on_booking_moved, handlers.on_booking_cancelled)
)
PUSHING = handler_name(handlers.on_push_session)


def check_calendars_converge(session: Session) -> Iterator[str]:
    """I8: each coming session has one object in the calendar that its therapist chose, and none elsewhere.

    What is on its way may wait; so may what waits for a person: an open question, an entry that isn't ours, and
    whatever a connection that stopped keeps from being written.
    """
    excused = _on_their_way(session) | _asked(session)
    rows: dict[int, list[PushedSession]] = {}
    for row in session.scalars(select(PushedSession).order_by(PushedSession.booking_id, PushedSession.calendar_id)):
        rows.setdefault(row.booking_id, []).append(row)
    chosen = {one.therapist_id: one for one in session.scalars(select(AccountCalendar).where(AccountCalendar.written))}
    coming = select(Booking).where(Booking.state == State.CONFIRMED, Booking.ends_at > clock().now())
    for booking in session.scalars(coming.order_by(Booking.id)):
        target = chosen.get(booking.therapist_id)
        if target is None or target.account.state in STOPPED or booking.reference in excused:
            continue
        there = next((row for row in rows.get(booking.id, []) if row.calendar_id == target.id), None)
        if there is None:
            yield f"booking {booking.reference} is missing from its therapist's own calendar"
        elif there.not_ours_since is None and not (
            there.settled and (there.starts_at, there.sequence) == (booking.starts_at, booking.sequence)
        ):
            yield f"booking {booking.reference} stands differently in its therapist's own calendar"
    for those in rows.values():
        for row in those:
            account, booking = row.calendar.account, row.booking
            if account.state in STOPPED or account.state is AccountState.LEAVING or booking.reference in excused:
                continue
            if row.not_ours_since is not None:
                continue
            if not row.calendar.written or booking.state not in STANDING:
                yield f"booking {booking.reference} is left in a calendar where it doesn't belong"


def _on_their_way(session: Session) -> set[str]:
    payloads = select(OutboxMessage.handler, OutboxMessage.payload).where(
        OutboxMessage.handler.in_((*ASKING, PUSHING)), OutboxMessage.state != "done"
    )
    return {
        json.loads(payload)["booking" if handler == PUSHING else "reference"]
        for handler, payload in session.execute(payloads)
    }


def _asked(session: Session) -> set[str]:
    unanswered = select(Booking.reference).join(CalendarQuestion, CalendarQuestion.booking_id == Booking.id)
    return set(session.scalars(unanswered.where(CalendarQuestion.answered_at.is_(None))))


OWN: tuple[Invariant, ...] = (
    Invariant(
        "I8", "Each coming session is in its therapist's own calendar once, as it stands", check_calendars_converge
    ),
)
