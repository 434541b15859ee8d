"""CalDAV (RFC 4791, 6578) over the caldav library: the only file that knows it.

What is conditional stays so: we create with If-None-Match, change and delete with If-Match, and repeat nothing here.
"""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

import caldav.lib.error
import requests
from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, DAVError, RateLimitError
from caldav.response import DAVResponse

from practice.calendars.caldav.guarding import MOST_SECONDS, GuardedSession, TooMuch, Unsafe, door, same_house
from practice.calendars.caldav.multistatus import (
    CAL,
    DAV,
    address_in,
    calendar_in,
    content_in,
    holds_events,
    parts_of,
    status_of,
    tag_in,
    text_in,
    whole_address,
)
from practice.calendars.caldav.objects import read_object
from practice.calendars.caldav.servers import (
    CalendarServer,
    Changed,
    Changes,
    FoundCalendar,
    Login,
    NotAllowed,
    NotCalDAV,
    NothingThere,
    NotReachable,
    ServerAway,
    SignInAgain,
    Stored,
    Taken,
)
from practice.calendars.reading.addresses import NOT_PUBLIC, WRONG_PORT
from practice.calendars.reading.fetching import asked_pause
from practice.calendars.reading.sources import Unreachable
from practice.settings import settings
from practice.spans import Span

TIMEOUT = 10  # seconds without a single byte
MOST_PAGES = 50  # of a list that the server hands out in pieces
WELL_KNOWN = "/.well-known/caldav"
CONTENT = {"Content-Type": "text/calendar; charset=utf-8"}
NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/"'
TAKEN = f"{CAL}no-uid-conflict"
LATER = frozenset({408, 423, 425, 429})  # says that it may work another time
SUCCESS = (200, 201, 204)

# The library logs requests with their passwords and what servers answer, some of it with no logger of its own, and
# writes them to files where the environment says so.
LIBRARY = str(Path(caldav.lib.error.__file__).parents[1])
logging.getLogger("caldav").setLevel(logging.CRITICAL)
logging.getLogger().addFilter(lambda record: not record.pathname.startswith(LIBRARY))
caldav.lib.error.debug_dump_communication = False


class CaldavServers:
    """CalendarServers over the network; by the settings this machine's own addresses too, and those without https."""

    def reach(self, login: Login) -> CalendarServer:
        url = login.url if "://" in login.url else f"https://{login.url}"
        try:
            door(url)
        except Unsafe as error:
            raise NotReachable(str(error)) from None
        return CaldavServer(login, url, allow_local=settings().calendar_allow_local)


class CaldavServer:
    """A CalendarServer."""

    def __init__(self, login: Login, url: str, *, allow_local: bool, patience: float = MOST_SECONDS) -> None:
        self._home = url
        self._client = DAVClient(
            url=url,
            username=login.user_name,
            password=login.password,
            auth_type="basic",
            timeout=TIMEOUT,
            enable_rfc6764=False,
            rate_limit_handle=False,
            # Whoever packs an answer on its way marks its tag, and then no condition holds.
            headers={"User-Agent": "practice-calendars", "Accept-Encoding": "identity"},
        )
        self._client.session = self._session = GuardedSession(url, allow_local=allow_local, patience=patience)

    def discover(self) -> list[FoundCalendar]:
        principal = self._find("current-user-principal", self._starting_points())
        if principal is None:
            raise NotCalDAV("no principal")
        home = self._find("c:calendar-home-set", [principal])
        if home is None:
            raise NotCalDAV("no calendars")
        asked = (
            "<d:resourcetype/><d:displayname/><d:current-user-privilege-set/>"
            "<a:calendar-color/><c:supported-calendar-component-set/>"
        )
        response = self._ask("PROPFIND", home, _propfind(asked), Depth="1")
        if response.status != 207:
            raise NotCalDAV("no list of calendars")
        found = [calendar_in(one, home) for one in parts_of(response.tree) if holds_events(one)]
        return [one for one in found if same_house(one.href, self._home)]

    def get(self, href: str) -> Stored | None:
        response = self._ask("GET", href)
        if response.status in (404, 410):
            return None
        if response.status != 200:
            raise ServerAway(f"GET {response.status}")
        return Stored(_etag(response), response._raw_body or _bytes(response.raw))

    def put_new(self, href: str, content: bytes) -> str:
        return self._put(href, content, {"If-None-Match": "*"})

    def put_changed(self, href: str, content: bytes, etag: str) -> str:
        return self._put(href, content, {"If-Match": etag})

    def delete(self, href: str, etag: str) -> None:
        response = self._ask("DELETE", href, **{"If-Match": etag})
        if response.status in (412, 409):
            raise Changed("412")
        if response.status not in (*SUCCESS, 404, 410):
            raise ServerAway(f"DELETE {response.status}")

    def changes(self, calendar: str, token: str) -> Changes:
        etags: dict[str, str] = {}
        gone: set[str] = set()
        since = token
        for _ in range(MOST_PAGES):
            response = self._sync(calendar, since)
            if response is None:
                return self.changes(calendar, "") if token else self._list(calendar)
            for one in parts_of(response.tree):
                href, status = address_in(calendar, one), status_of(one)
                if status == 404:
                    gone.add(href)
                elif status != 507 and (etag := tag_in(one)):
                    etags[href] = etag
            following = text_in(response.tree, f"{DAV}sync-token")
            if not any(status_of(one) == 507 for one in parts_of(response.tree)):
                return Changes(following, etags, frozenset(gone), whole=not token)
            if following in ("", since):
                break
            since = following
        return self._list(calendar)

    def read(self, calendar: str, within: Span, patience: float) -> bytes:
        self._session.patience = min(patience, self._session.patience)
        start, end = (f"{one:%Y%m%dT%H%M%SZ}" for one in (within.start, within.end))
        body = (
            f"<c:calendar-query {NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>"
            f'<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
            f'<c:time-range start="{start}" end="{end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>'
        )
        response = self._ask("REPORT", calendar, body, Depth="1")
        if response.status in (404, 410):
            raise NothingThere("404")
        if response.status != 207:
            raise NotCalDAV(f"REPORT {response.status}")
        texts = (content_in(one) for one in parts_of(response.tree))
        return b"".join(text.strip().replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n" for text in texts)

    def _put(self, href: str, content: bytes, condition: dict[str, str]) -> str:
        response = self._ask("PUT", href, content.decode(), **CONTENT, **condition)
        if response.status == 412 or (response.status == 404 and "If-Match" in condition):
            raise Changed("412")
        if response.status in (403, 409) and TAKEN in caldav.lib.error.parse_preconditions(response._raw):
            raise Taken("no-uid-conflict")
        if response.status in (404, 409, 410):
            raise NothingThere(f"PUT {response.status}")
        if response.status not in SUCCESS:
            raise (NotAllowed if response.status < 500 else ServerAway)(f"PUT {response.status}")
        etag = _etag(response)
        if etag:
            return etag
        stored = self.get(href)  # a server that rewrites what it takes says no tag
        if stored is None:
            raise Changed("gone")
        there, written = read_object(stored.content, ""), read_object(content, "")
        return stored.etag if (there.uid, there.span) == (written.uid, written.span) else ""  # somebody was quicker

    def _sync(self, calendar: str, token: str) -> DAVResponse | None:
        """The answer to a sync-collection; None where the server has none, or doesn't know the token (any more)."""
        body = (
            f"<d:sync-collection {NAMESPACES}><d:sync-token>{escape(token)}</d:sync-token>"
            "<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>"
        )
        try:
            response = self._ask("REPORT", calendar, body, Depth="0")
        except NotAllowed:
            return None  # an old token is answered so as well: it says nothing of the password
        if response.status in (404, 410):
            raise NothingThere("404")
        return response if response.status == 207 else None

    def _list(self, calendar: str) -> Changes:
        """All tags, from a server that keeps no account of changes."""
        response = self._ask("PROPFIND", calendar, _propfind("<d:getetag/>"), Depth="1")
        if response.status in (404, 410):
            raise NothingThere("404")
        if response.status != 207:
            raise ServerAway(f"PROPFIND {response.status}")
        etags = {address_in(calendar, one): tag_in(one) for one in parts_of(response.tree)}
        return Changes("", {href: etag for href, etag in etags.items() if etag}, frozenset(), whole=True)

    def _starting_points(self) -> list[str]:
        typed = self._client.url.unauth()
        known = urljoin(self._home, WELL_KNOWN)
        return [known, str(typed)] if urlsplit(self._home).path in ("", "/") else [str(typed), known]

    def _find(self, prop: str, places: list[str]) -> str | None:
        """The address that the first of these places gives for a property."""
        prefix, _, name = prop.rpartition(":")
        tag = f"{CAL if prefix else DAV}{name}"
        for place in places:
            try:
                response = self._ask("PROPFIND", place, _propfind(f"<{prefix or 'd'}:{name}/>"), Depth="0")
            except (NotAllowed, NotReachable):
                if place == places[-1]:
                    raise
                continue  # it isn't here: another place is left
            if response.status == 207:
                for one in parts_of(response.tree):
                    href = text_in(one, f".//{tag}/{DAV}href")
                    if href:
                        return whole_address(place, href)
        return None

    def _ask(self, method: str, url: str, body: str = "", **headers: str) -> DAVResponse:
        """One request; an answer that isn't ours to judge here is the caller's."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            response: DAVResponse = self._client.request(url, method, body, sent)
        except AuthorizationError as error:
            if error.status == 401:
                raise SignInAgain("401") from None
            if TAKEN in error.preconditions:
                raise Taken("no-uid-conflict") from None
            raise NotAllowed(str(error.status)) from None
        except Unsafe as error:
            raise NotReachable(str(error)) from None
        except Unreachable as error:
            never = error.reason in (NOT_PUBLIC, WRONG_PORT)
            raise (NotReachable if never else ServerAway)("no address to speak to") from None
        except (requests.RequestException, OSError, TooMuch, SyntaxError) as error:  # the last: XML that was cut off
            raise ServerAway(type(error).__name__) from None
        except RateLimitError as error:
            pause = asked_pause(error.status or 0, error.retry_after or "")
            raise ServerAway(f"{method} {error.status}", pause) from None
        except (DAVError, ValueError) as error:
            raise NotCalDAV(type(error).__name__) from None
        if response.status in LATER or (response.status >= 500 and response.status not in (501, 507)):
            raise ServerAway(f"{method} {response.status}")
        return response


def _propfind(asked: str) -> str:
    return f"<d:propfind {NAMESPACES}><d:prop>{asked}</d:prop></d:propfind>"


def _etag(response: DAVResponse) -> str:
    """The tag, as conditions want it: a weak one never holds, and a proxy that packs adds its own word."""
    return str(response.headers.get("ETag") or "").removeprefix("W/").replace('-gzip"', '"')


def _bytes(raw: str | bytes) -> bytes:
    return raw if isinstance(raw, bytes) else raw.encode()
