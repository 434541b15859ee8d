"""What we ask of a server that keeps calendars: the words between us and whatever library speaks to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, cast

from flask import current_app

from practice.spans import Span

EXTENSION = "practice.calendar_servers"


@dataclass(frozen=True, slots=True)
class Login:
    """How a server is reached. `url` is https, or a bare host; the password never shows."""

    url: str
    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar that a server has for this user; `color` is #rrggbb or empty, `href` an absolute address."""

    href: str
    name: str
    color: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the server has it now."""

    etag: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a calendar's objects since a token: their tags by address, and which are gone.

    `whole`: `etags` are all that there are, so whatever isn't among them is gone.
    """

    token: str
    etags: Mapping[str, str]
    gone: frozenset[str]
    whole: bool


class CalendarTrouble(Exception):
    """The server did not do what we asked. Never carries an address, a name or content."""


class ServerAway(CalendarTrouble):
    """It may work later. `after`: not sooner again, where the server says so."""

    def __init__(self, said: str, after: timedelta | None = None) -> None:
        super().__init__(said)
        self.after = after


class SignInAgain(CalendarTrouble):
    """It doesn't know this user with this password."""


class NotAllowed(CalendarTrouble):
    """It knows the user, and says no."""


class NothingThere(CalendarTrouble):
    """There is no calendar at this address (any more)."""


class NotCalDAV(CalendarTrouble):
    """Something answers, and it is no calendar server."""


class NotReachable(CalendarTrouble):
    """An address that we don't speak to: private, without https, or led away to another host."""


class Changed(CalendarTrouble):
    """It isn't any more what the condition said: 412, or nothing there to change."""


class Taken(CalendarTrouble):
    """Another object of the same UID is in this calendar."""


class CalendarServer(Protocol):
    """One account on one server. Every method may raise ServerAway, SignInAgain, NotAllowed or NotReachable."""

    def discover(self) -> list[FoundCalendar]:
        """The calendars that hold events.

        :raises NotCalDAV: when it is no calendar server.
        """

    def get(self, href: str) -> Stored | None:
        """An object, or None where there is none."""

    def put_new(self, href: str, content: bytes) -> str:
        """Create an object; its tag.

        :raises Changed: when something is there.
        :raises Taken: when another object has its UID.
        :raises NothingThere: when the calendar is gone.
        """

    def put_changed(self, href: str, content: bytes, etag: str) -> str:
        """Change an object that is still what `etag` says; its new tag.

        :raises Changed: when it isn't, or isn't there.
        """

    def delete(self, href: str, etag: str) -> None:
        """Delete an object that is still what `etag` says. One that isn't there is deleted.

        :raises Changed: when it is another by now.
        """

    def changes(self, calendar: str, token: str) -> Changes:
        """What became of a calendar since a token; all of it without one, or where the server forgot the token.

        :raises NothingThere: when the calendar is gone.
        """

    def read(self, calendar: str, within: Span, patience: float) -> bytes:
        """All events of a calendar that touch a time, as VCALENDARs one after the other; `patience` in seconds.

        :raises NothingThere: when the calendar is gone.
        """


class CalendarServers(Protocol):
    """Knows how servers are spoken to."""

    def reach(self, login: Login) -> CalendarServer:
        """A server, as this user; speaks to nobody yet.

        :raises NotReachable: for what is no address.
        """


def calendar_servers() -> CalendarServers:
    """The servers' door of the current app."""
    return cast(CalendarServers, current_app.extensions[EXTENSION])
