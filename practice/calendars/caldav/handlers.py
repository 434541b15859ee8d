"""What therapists' own calendars make to do on messages: it may run twice, late, or out of order."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from practice.booking.messages import AttendanceSweep, BookingCancelled, BookingConfirmed, BookingMoved
from practice.calendars.caldav import actions, keeping, standing
from practice.calendars.caldav.messages import LeaveAccount, LookAtCalendar, PushSession, WatchCalendar
from practice.calendars.caldav.models import AccountCalendar, AccountState, CalendarAccount, PushedSession
from practice.calendars.caldav.queries import find_account
from practice.calendars.caldav.servers import CalendarServer
from practice.calendars.caldav.talking import find_changes, push, talk
from practice.clock import clock
from practice.outbox import Retry
from practice.work import Work, begin_work

PATIENCE = timedelta(days=2)  # with a server that we are leaving
SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=30)


def on_booking_confirmed(message: BookingConfirmed) -> None:
    """Have the session written to its therapist's own calendar."""
    with begin_work() as work:
        actions.ask_for(work, message.reference, f"confirmed:{message.sequence}")


def on_booking_moved(message: BookingMoved) -> None:
    """Have the session's object moved."""
    with begin_work() as work:
        actions.ask_for(work, message.reference, f"moved:{message.sequence}")


def on_booking_cancelled(message: BookingCancelled) -> None:
    """Have the session's object removed."""
    with begin_work() as work:
        actions.ask_for(work, message.reference, f"cancelled:{message.sequence}")


def on_push_session(message: PushSession) -> None:
    """Bring a session's object to what the session says. Retried for as long as its server is away."""
    push(message.booking)


def on_look_at_calendar(message: LookAtCalendar) -> None:
    """See what became of our objects."""
    _look(message.calendar)


def on_watch_calendar(message: WatchCalendar) -> None:
    """See what became of our objects, and come back for it until they are somewhere else."""
    if _look(message.calendar):
        raise Retry(actions.until_next_look(message.calendar, clock().now()), "looked at again")


def _look(reference: str) -> bool:
    """See what became of our objects in a calendar; False where we don't write there any more."""
    with begin_work() as work:
        calendar = _written(work, reference)
        if calendar is None:
            return False
        account_id, href, token = calendar.account_id, calendar.href, calendar.sync_token
        there = keeping.remember(work, calendar)

    def look(server: CalendarServer) -> None:
        changes, found = find_changes(server, href, token, there)
        with begin_work() as work:
            followed = [keeping.follow(work, remembered, one) for remembered, one in found]
            calendar = _written(work, reference)
            if calendar is not None and calendar.sync_token == token:
                calendar.looked_at = work.now
                calendar.sync_token = changes.token if all(followed) else ""

    with suppress(Retry):  # the next look comes by itself
        talk(account_id, look)
    return True


def on_leave_account(message: LeaveAccount) -> None:
    """Forget a connection once nothing of ours is left there, or after two days of trying; not one that stays."""
    account = find_account(message.account)
    if account is None:
        return
    with begin_work() as work:
        gone = work.session.get_one(CalendarAccount, account.id, populate_existing=True)
        if gone.state is not AccountState.LEAVING:
            return  # it was connected anew
        left = work.session.scalar(
            select(PushedSession.booking_id)
            .join(PushedSession.calendar)
            .where(AccountCalendar.account_id == gone.id)
            .limit(1)
        )
        waited = work.now - datetime.fromisoformat(message.asked)
        if left is not None and waited <= PATIENCE:
            raise Retry(min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE), "what was written there is being removed")
        actions.forget_account(work, gone)


def on_night(_message: AttendanceSweep) -> None:
    """Compare every calendar as a whole, and every session with it; tell whose server is away for long."""
    with begin_work() as work:
        keeping.close_what_is_over(work)
        written = select(AccountCalendar).where(AccountCalendar.written)
        for calendar in list(work.session.scalars(written.order_by(AccountCalendar.id))):
            actions.watch(work, calendar)
            if calendar.account.state not in actions.STOPPED:
                actions.look_over(work, calendar)
        standing.tell_of_days_away(work)


def _written(work: Work, reference: str) -> AccountCalendar | None:
    found = select(AccountCalendar).where(AccountCalendar.reference == reference, AccountCalendar.written)
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
