"""What changes connections to therapists' own calendars; keeping.py changes what is known of their objects.

Each action runs in its caller's work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, or_, select

from practice.booking.busy.actions import LONGEST_NAME
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.calendars.appointments import STANDING
from practice.calendars.caldav.messages import LeaveAccount, LookAtCalendar, PushSession, WatchCalendar
from practice.calendars.caldav.models import (
    AccountCalendar,
    AccountState,
    Answer,
    CalendarAccount,
    CalendarQuestion,
    PushedSession,
)
from practice.calendars.caldav.queries import find_same_account, find_written
from practice.calendars.caldav.servers import FoundCalendar, Login
from practice.calendars.reading import actions as reading
from practice.calendars.reading.outcome import AllDay
from practice.outbox import OutboxMessage
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work

SOURCE = "caldav"  # which of wiring.CALENDAR_SOURCES
LOOKS_EVERY = timedelta(minutes=15)
STOPPED = frozenset(
    {AccountState.SIGN_IN_AGAIN, AccountState.NOT_ALLOWED, AccountState.CALENDAR_GONE, AccountState.NOT_CALDAV}
)
"""The states that nothing leaves by itself: whoever the calendar belongs to has to do something."""
UNSETTLED = and_(
    PushedSession.known_digest.is_distinct_from(PushedSession.digest), PushedSession.not_ours_since.is_(None)
)
"""It isn't known to be there as its session says, and nothing else is in its place."""


def connect(work: Work, therapist: Therapist, login: Login, found: Iterable[FoundCalendar]) -> CalendarAccount:
    """A connection, with the calendars that its server has. Of a new one nothing is written or read yet.

    Two connections with the same calendars would remove each other's objects: so the one that there is takes the new
    password, and stays even where it was being given up.
    """
    same = find_same_account(work.session, therapist.id, login)
    if same is not None:
        if same.state is AccountState.LEAVING:
            same.state = AccountState.WORKING
        note_calendars(work, same, found)
        change_password(work, same, login.password)
        return same
    named = reference("ca")
    vault().new_key(named, work.now)
    account = CalendarAccount(
        reference=named,
        therapist_id=therapist.id,
        url=login.url,
        user_name=login.user_name,
        password_sealed=_sealed(named, login.password),
        state=AccountState.WORKING,
        connected_at=work.now,
        succeeded_at=work.now,
    )
    work.session.add(account)
    work.session.flush()
    note_calendars(work, account, found)
    return account


def note_calendars(work: Work, account: CalendarAccount, found: Iterable[FoundCalendar]) -> None:
    """Note which calendars a server has now. One that is gone stays known for as long as it is in use."""
    known = {one.href: one for one in account.calendars}
    for one in found:
        calendar = known.get(one.href)
        if calendar is None:
            calendar = AccountCalendar(
                reference=reference("cc"),
                therapist_id=account.therapist_id,
                href=one.href,
                written=False,
                sync_token="",
            )
            account.calendars.append(calendar)
        calendar.name, calendar.color, calendar.writable = one.name, one.color, one.writable
    work.session.flush()


def choose_written(work: Work, therapist_id: int, calendar: AccountCalendar | None) -> None:
    """Have a therapist's sessions written to this calendar from now on, or to none; what is elsewhere is removed."""
    before = find_written(work.session, therapist_id)
    if before is calendar:
        return
    if before is not None:
        before.written = False
        work.session.flush()  # at most one is written, at every moment
    if calendar is not None:
        calendar.written, calendar.sync_token = True, ""
        _start_again(calendar.account)
        work.session.flush()
        watch(work, calendar)
    ask_for_all(work, therapist_id)


def choose_read(work: Work, account: CalendarAccount, chosen: Collection[str]) -> list[str]:
    """Have these of a connection's calendars, by reference, keep times from being booked, and no others of it.

    The references of what is read now and was not before.
    """
    added = []
    for calendar in account.calendars:
        if calendar.busy_calendar_id is not None and calendar.reference not in chosen:
            reading.take_away(work, calendar.busy_calendar_id)
        elif calendar.busy_calendar_id is None and calendar.reference in chosen:
            name = calendar.name[:LONGEST_NAME]
            new = reading.add_reading(work, account.therapist, name=name, source=SOURCE, all_day=AllDay.BLOCK)
            calendar.busy_calendar_id = new.calendar_id
            added.append(new.calendar.reference)
    work.session.flush()
    return added


def change_password(work: Work, account: CalendarAccount, password: str) -> None:
    """Sign in with another password from now on, and bring everything up to date."""
    if not vault().has_key(account.reference):
        vault().new_key(account.reference, work.now)
    account.password_sealed = _sealed(account.reference, password)
    check_now(work, account)


def check_now(work: Work, account: CalendarAccount) -> None:
    """Compare everything with the server, at once, whatever was in the way before."""
    _start_again(account)
    for calendar in account.calendars:
        if calendar.written:
            _look_at_whole(work, calendar)
    ask_for_all(work, account.therapist_id)  # also where nothing is written any more: what was, is removed


def look_over(work: Work, calendar: AccountCalendar) -> None:
    """Have a whole calendar compared, and each of its therapist's sessions written that isn't there as it stands."""
    _look_at_whole(work, calendar)
    ask_for_all(work, calendar.therapist_id)


def leave(work: Work, account: CalendarAccount) -> None:
    """Disconnect, and leave what we wrote where it is."""
    forget_account(work, account)


def leave_and_remove(work: Work, account: CalendarAccount) -> None:
    """Disconnect once what we wrote is removed, or has not been for two days. Nothing is read from it from now on."""
    choose_read(work, account, ())
    for calendar in account.calendars:
        calendar.written = False
    account.state, account.retry_at = AccountState.LEAVING, None
    work.session.flush()
    ask_for_all(work, account.therapist_id)
    work.post(LeaveAccount(account.reference, work.now.isoformat()))


def forget_account(work: Work, account: CalendarAccount) -> None:
    """Remove a connection, with all that we know of its calendars, and the key of its password."""
    choose_read(work, account, ())
    calendars = [calendar.id for calendar in account.calendars]
    booked = select(PushedSession.booking_id).where(PushedSession.calendar_id.in_(calendars))
    unanswered = select(CalendarQuestion).where(
        CalendarQuestion.booking_id.in_(booked), CalendarQuestion.answered_at.is_(None)
    )
    for question in work.session.scalars(unanswered):
        close_question(work, question, Answer.DISCONNECTED, "worker")
    work.session.execute(delete(PushedSession).where(PushedSession.calendar_id.in_(calendars)))
    work.session.delete(account)
    work.session.flush()
    vault().destroy_key(account.reference)


def close_question(work: Work, question: CalendarQuestion, answer: Answer, actor: str) -> None:
    """Note how a question ended."""
    question.answered_at, question.answered_by, question.answer = work.now, actor, answer
    work.session.flush()


def ask_for_all(work: Work, therapist_id: int) -> None:
    """Have every coming session of a therapist brought up to date, and of what was ever written whatever isn't so."""
    coming = select(Booking.reference).where(
        Booking.therapist_id == therapist_id, Booking.state == State.CONFIRMED, Booking.ends_at > work.now
    )
    written = (
        select(Booking.reference)
        .join(PushedSession, PushedSession.booking_id == Booking.id)
        .join(PushedSession.calendar)
        .where(AccountCalendar.therapist_id == therapist_id)
        .where(or_(UNSETTLED, ~AccountCalendar.written, Booking.state.not_in(STANDING)))
    )
    asked = reference("u")
    for booking in sorted({*work.session.scalars(coming), *work.session.scalars(written)}):
        work.post(PushSession(booking, asked))


def ask_for(work: Work, booking: str, asked: str) -> None:
    """Have one session brought up to date, where its therapist has a calendar for it or had one."""
    found = work.session.scalars(select(Booking).where(Booking.reference == booking)).one_or_none()
    if found is None:
        return
    pushed = select(PushedSession.booking_id).where(PushedSession.booking_id == found.id).limit(1)
    if find_written(work.session, found.therapist_id) is not None or work.session.scalar(pushed) is not None:
        work.post(PushSession(booking, asked))


def watch(work: Work, calendar: AccountCalendar) -> None:
    """Have a calendar looked at again and again from now on; where that is so, nothing changes."""
    ahead = select(OutboxMessage.payload).where(
        OutboxMessage.kind == WatchCalendar.KIND, OutboxMessage.state.in_(("waiting", "leased"))
    )
    if all(json.loads(payload)["calendar"] != calendar.reference for payload in work.session.scalars(ahead)):
        message = WatchCalendar(calendar.reference, work.now.isoformat())
        work.post(message, due=work.now + until_next_look(calendar.reference, work.now))


def until_next_look(calendar: str, now: datetime) -> timedelta:
    """How long until a calendar is looked at next: every quarter of an hour, each at another moment of it."""
    apart = timedelta(seconds=int.from_bytes(hashlib.sha256(calendar.encode()).digest()[:4]) % LOOKS_EVERY.seconds)
    start = datetime(1970, 1, 1, tzinfo=UTC) + apart
    return start + ((now - start) // LOOKS_EVERY + 1) * LOOKS_EVERY - now


def _look_at_whole(work: Work, calendar: AccountCalendar) -> None:
    calendar.sync_token = ""
    work.post(LookAtCalendar(calendar.reference, work.now.isoformat()))


def _start_again(account: CalendarAccount) -> None:
    if account.state in STOPPED or account.state is AccountState.AWAY:
        account.state = AccountState.WORKING
        account.failing_since = account.told_at = None
    account.retry_at = None


def _sealed(named: str, password: str) -> bytes:
    return vault().seal(named, password, table="calendar_account", row=named, column="password")
