"""Calendars on servers as a source of busy times: what a connection's own calendars say."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy import select

from practice.booking.busy.models import BusyCalendar
from practice.calendars.caldav import standing
from practice.calendars.caldav.actions import SOURCE
from practice.calendars.caldav.models import AccountCalendar, AccountState
from practice.calendars.caldav.queries import login_of
from practice.calendars.caldav.servers import CalendarTrouble, SignInAgain, calendar_servers
from practice.calendars.caldav.words import REFUSALS, STANDINGS
from practice.calendars.reading.queries import window_of
from practice.calendars.reading.sources import Fetched, Look, Unreachable
from practice.clock import clock
from practice.database import db
from practice.errors import Contended, Unavailable
from practice.languages import N_
from practice.work import Work, begin_work

KIND = SOURCE
UNREADABLE = frozenset({AccountState.SIGN_IN_AGAIN, AccountState.NOT_CALDAV})
"""The states in which no calendar of a connection can be read; the others are about the one that is written."""
LOST = N_("This calendar isn’t connected any more. Take it away, or connect it anew.")
EMPTY = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//practice//appointments//EN\r\nEND:VCALENDAR\r\n"


class AccountCalendars:
    """Asks a connection's server for the events of a calendar, of the whole time that matters."""

    def open(self, calendar: BusyCalendar) -> Look:
        one = find_read(calendar.id)
        if one is None:
            raise Unreachable(LOST)
        if one.account.state in UNREADABLE:
            raise Unreachable(STANDINGS[one.account.state].help)
        within, href, account_id = window_of(calendar.therapist_id, clock().now()), one.href, one.account_id
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        try:
            server = calendar_servers().reach(login_of(one.account))
        except CalendarTrouble as trouble:
            raise Unreachable(REFUSALS[type(trouble)]) from None

        def look(validator: str, patience: float) -> Fetched:
            try:
                content = server.read(href, within, patience) or EMPTY
            except SignInAgain:
                _note_refused(app, account_id)
                raise Unreachable(STANDINGS[AccountState.SIGN_IN_AGAIN].help) from None
            except CalendarTrouble as trouble:
                raise Unreachable(REFUSALS[type(trouble)]) from None
            mark = hashlib.sha256(content).hexdigest()
            return Fetched(None if mark == validator else content, mark)

        return look

    def whence(self, calendar: BusyCalendar) -> str:
        one = find_read(calendar.id)
        return (urlsplit(one.href).hostname or "") if one is not None else ""

    def forget(self, work: Work, calendar: BusyCalendar) -> None:
        one = find_read(calendar.id)
        if one is not None:
            one.busy_calendar_id = None
            work.session.flush()


def _note_refused(app: Flask, account_id: int) -> None:
    """Have nobody ask with this password again. A look has neither app nor database, and may be in a thread."""
    with suppress(Contended, Unavailable), app.app_context(), begin_work() as work:  # or else the next look notes it
        standing.note_stopped(work, account_id, AccountState.SIGN_IN_AGAIN)


def find_read(calendar_id: int) -> AccountCalendar | None:
    """The calendar on a server that is read as this one."""
    found = select(AccountCalendar).where(AccountCalendar.busy_calendar_id == calendar_id)
    return db.session.scalars(found).one_or_none()
