"""An honest stand-in for a calendar server: tests/contract/test_calendar_server.py holds it against a real one."""

from __future__ import annotations

import itertools
import re
from typing import TypeVar

from flask import has_app_context
from sqlalchemy import select

from practice.booking.offers.models import Therapist
from practice.calendars.caldav import actions, servers
from practice.calendars.caldav.models import AccountCalendar, CalendarAccount, CalendarQuestion
from practice.calendars.caldav.servers import (
    CalendarServer,
    Changed,
    Changes,
    FoundCalendar,
    Login,
    NotAllowed,
    NotCalDAV,
    NothingThere,
    ServerAway,
    SignInAgain,
    Stored,
    Taken,
)
from practice.database import db
from practice.spans import Span
from practice.work import begin_work
from tests.support.story import Practice

_Row = TypeVar("_Row", AccountCalendar, CalendarAccount, CalendarQuestion)
ACCOUNTS, QUESTIONS = "/staff/calendar/account/", "/staff/schedule/calendar/"
URL = "https://calendar.example/"
LOGIN = Login(URL, "ada", "an app password of the test's own")


class FakeCalendars:
    """CalendarServers with one server at URL, and two calendars on it; `away` and `password` are the test's to set."""

    def __init__(self) -> None:
        self.objects: dict[str, Stored] = {}
        self.calendars = {f"{URL}ada/work/": "Work", f"{URL}ada/family/": "Family"}
        self.password = LOGIN.password
        self.away = False
        self.asked = 0  # how often anybody spoke to it
        self.lost = 0  # how many of its next answers to what it has done are lost on their way
        self.refused: set[str] = set()  # calendars that aren't written in any more
        self._tags = itertools.count(1)
        self._log: list[str] = []

    def reach(self, login: Login) -> CalendarServer:
        return _Server(self, login)

    def store(self, href: str, content: bytes) -> str:
        """Keep an object, whoever it comes from; its tag."""
        self.objects[href] = Stored(f'"{next(self._tags)}"', content)
        self._log.append(href)
        return self.objects[href].etag

    def done(self) -> None:
        """Say that it is done, unless that is lost."""
        if self.lost:
            self.lost -= 1
            raise ServerAway("the answer was lost")

    def remove(self, href: str) -> None:
        del self.objects[href]
        self._log.append(href)

    @property
    def token(self) -> str:
        return f"token:{len(self._log)}"

    def since(self, token: str) -> list[str] | None:
        """Which objects changed since a token; None for one that isn't ours."""
        number = token.removeprefix("token:")
        return self._log[int(number) :] if number.isdigit() and int(number) <= len(self._log) else None


class _Server:
    def __init__(self, at: FakeCalendars, login: Login) -> None:
        self._at, self._login = at, login

    def discover(self) -> list[FoundCalendar]:
        self._open()
        if not self._login.url.startswith(URL):
            raise NotCalDAV("somewhere else")
        return [FoundCalendar(href, name, "", writable=True) for href, name in self._at.calendars.items()]

    def get(self, href: str) -> Stored | None:
        self._open()
        return self._at.objects.get(href)

    def put_new(self, href: str, content: bytes) -> str:
        self._open(href)
        self._may_write(href)
        if href in self._at.objects:
            raise Changed("412")
        if any(_uid(one.content) == _uid(content) for where, one in self._at.objects.items() if _in(where, href)):
            raise Taken("no-uid-conflict")
        etag = self._at.store(href, content)
        self._at.done()
        return etag

    def put_changed(self, href: str, content: bytes, etag: str) -> str:
        self._open()
        self._may_write(href)
        if href not in self._at.objects or self._at.objects[href].etag != etag:
            raise Changed("412")
        etag = self._at.store(href, content)
        self._at.done()
        return etag

    def delete(self, href: str, etag: str) -> None:
        self._open()
        self._may_write(href)
        if href not in self._at.objects:
            return
        if self._at.objects[href].etag != etag:
            raise Changed("412")
        self._at.remove(href)

    def changes(self, calendar: str, token: str) -> Changes:
        self._open(calendar)
        here = {href: one.etag for href, one in self._at.objects.items() if href.startswith(calendar)}
        named = self._at.since(token) if token else None
        if named is None:
            return Changes(self._at.token, here, frozenset(), whole=True)
        changed = {href for href in named if href.startswith(calendar)}
        there = {href: etag for href, etag in here.items() if href in changed}
        return Changes(self._at.token, there, frozenset(changed - there.keys()), whole=False)

    def read(self, calendar: str, within: Span, patience: float) -> bytes:
        self._open(calendar)
        start, end = (f"{one:%Y%m%dT%H%M%SZ}" for one in (within.start, within.end))
        mine = (one.content for href, one in sorted(self._at.objects.items()) if href.startswith(calendar))
        return b"".join(one for one in mine if start <= _start(one) < end)

    def _may_write(self, href: str) -> None:
        if any(href.startswith(calendar) for calendar in self._at.refused):
            raise NotAllowed("403")

    def _open(self, href: str = "") -> None:
        if has_app_context():
            assert not db.session().in_transaction(), "nothing is held open while the network takes its time"
        self._at.asked += 1
        if self._at.away:
            raise ServerAway("gone")
        if self._login.password != self._at.password:
            raise SignInAgain("401")
        if href and not any(href.startswith(calendar) for calendar in self._at.calendars):
            raise NothingThere("404")


def connect_fake(practice: Practice, *, chosen: str = "Work", therapist: str = "ada-lindqvist") -> FakeCalendars:
    """A therapist's calendar on such a server, connected, and the sessions written to one."""
    fake = FakeCalendars()
    practice.app.extensions[servers.EXTENSION] = fake
    found = fake.reach(LOGIN).discover()
    with practice.app.app_context(), begin_work() as work:
        whose = work.session.scalars(select(Therapist).where(Therapist.slug == therapist)).one()
        account = actions.connect(work, whose, LOGIN, found)
        actions.choose_written(work, whose.id, next(one for one in account.calendars if one.name == chosen))
    practice.work_until_idle()
    return fake


def rows(practice: Practice, model: type[_Row]) -> list[_Row]:
    """Everything that is kept of one kind, the oldest first."""
    with practice.app.app_context():
        return list(db.session.scalars(select(model).order_by(model.id)))


def only_account(practice: Practice) -> str:
    """Where the page of the one account is."""
    [account] = rows(practice, CalendarAccount)
    return f"{ACCOUNTS}{account.reference}"


def later(practice: Practice, minutes: int = 16) -> None:
    """Calendars are looked at again."""
    practice.clock.advance(minutes=minutes)
    practice.work_until_idle()


def moved_outside(practice: Practice, fake: FakeCalendars, start: str = "20270510T15") -> str:
    """Ada drags the entry of her only session in her own calendar two hours on; where what it means is asked."""
    [(href, stored)] = fake.objects.items()
    fake.store(href, stored.content.replace(b"20270510T13", start.encode()))
    later(practice)
    [question] = rows(practice, CalendarQuestion)
    return QUESTIONS + question.reference


def _in(where: str, href: str) -> bool:
    return where.rpartition("/")[0] == href.rpartition("/")[0]


def _uid(content: bytes) -> bytes:
    return content.partition(b"\r\nUID:")[2].partition(b"\r\n")[0]


def _start(content: bytes) -> str:
    found = re.search(rb"\r\nDTSTART:(\w+)", content)
    return found[1].decode() if found else ""
