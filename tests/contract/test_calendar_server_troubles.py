"""Calendar servers that answer oddly, in part, slowly or with malice: what is then believed, and what is said."""

from __future__ import annotations

import http.server
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from practice.calendars.caldav import guarding
from practice.calendars.caldav.gateway import CaldavServer
from practice.calendars.caldav.guarding import absolute, same_house
from practice.calendars.caldav.servers import Login, NotAllowed, ServerAway
from practice.calendars.reading.fetching import MOST_BYTES
from practice.spans import Span
from tests.support.calendar_servers import serving
from tests.support.clock import MONDAY_NINE

ICLOUD = "https://caldav.icloud.com/"
SHORT, LONG = 0.4, 600.0  # seconds
WITHIN = Span(MONDAY_NINE, MONDAY_NINE + timedelta(days=1))
NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'

Said = tuple[int, dict[str, str], str | bytes]


@dataclass
class Odd:
    """A server that answers whatever `answer` makes of a method and a path; keeps what it was asked."""

    port: int = 0
    answer: Callable[[str, str], Said] = lambda _method, _path: (404, {}, "")
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def calendar(self) -> str:
        return f"{self.url}work/"

    def reach(self, home: str = "", **options) -> CaldavServer:
        home = home or self.url
        return CaldavServer(Login(home, "ada", "secret"), home, allow_local=True, **options)

    def says(self, status: int, body: str | bytes = "", **headers: str) -> None:
        """Answer everything like this; names of headers are written with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _method, _path: (status, named, body)


@pytest.fixture
def odd():
    server = Odd()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, headers, body = server.answer(self.command, self.path)
            content = body.encode() if isinstance(body, str) else body
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    for method in ("GET", "PUT", "DELETE", "PROPFIND", "REPORT"):
        setattr(Handler, f"do_{method}", Handler.answer)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = listening.server_address[1]
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    listening.shutdown()
    listening.server_close()


def multistatus(*responses: str) -> Said:
    body = f"<d:multistatus {NAMESPACES}>{''.join(responses)}</d:multistatus>"
    return 207, {"Content-Type": "text/xml; charset=utf-8"}, body


def one(href: str, props: str, status: str = "200 OK") -> str:
    propstat = f"<d:propstat><d:prop>{props}</d:prop><d:status>HTTP/1.1 {status}</d:status></d:propstat>"
    return f"<d:response><d:href>{href}</d:href>{propstat}</d:response>"


def account_at(home: str) -> Callable[[str, str], Said]:
    """A whole account with one calendar, whose addresses begin with `home`."""
    event_calendar = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname>"

    def answer(method: str, path: str) -> Said:
        if method != "PROPFIND":
            return 404, {}, ""
        if path == "/":
            principal = "<d:current-user-principal><d:href>/principal/</d:href></d:current-user-principal>"
            return multistatus(one("/", principal))
        if path == "/principal/":
            homes = f"<c:calendar-home-set><d:href>{home}home/</d:href></c:calendar-home-set>"
            return multistatus(one("/principal/", homes))
        return multistatus(one(f"{home}work/", event_calendar)) if path == "/home/" else (404, {}, "")

    return answer


# Addresses


def test_a_port_that_goes_without_saying_is_the_same_as_one_that_is_said():
    assert same_house("https://p42-caldav.icloud.com:443/1/calendars/", ICLOUD)
    assert same_house("https://cloud.example.org:443/dav/", "https://cloud.example.org/")
    assert same_house("http://cloud.example.org/dav/", "http://cloud.example.org:80/")
    assert not same_house("https://cloud.example.org:8443/dav/", "https://cloud.example.org/")
    assert not same_house("http://cloud.example.org/dav/", "https://cloud.example.org/")
    assert not same_house("http://p42-caldav.icloud.com:443/1/", ICLOUD)
    assert not same_house("https://p42-caldav.icloud.com:8443/1/", ICLOUD)


def test_an_address_is_written_in_one_way():
    assert absolute(ICLOUD, "https://p42-caldav.icloud.com:443/1/") == "https://p42-caldav.icloud.com/1/"
    assert absolute("https://a.example:8443/x/", "/y/") == "https://a.example:8443/y/"


def test_an_account_whose_addresses_say_their_port_is_found(odd, monkeypatch):
    line = ("127.0.0.1", odd.port)
    monkeypatch.setattr(guarding, "_connect", lambda *_, **__: socket.create_connection(line, timeout=5))
    odd.answer = account_at("http://127.0.0.1:80/")

    [found] = odd.reach("http://127.0.0.1/").discover()

    assert found.href == "http://127.0.0.1/work/"


# What ends


def drip(head: bytes, drop: bytes, stopped: threading.Event):
    def write(line: socket.socket) -> None:
        line.sendall(head)
        while not stopped.wait(0.02):
            line.sendall(drop)

    return write


DRIPS = {
    "a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n", b"B"),
    "a body without an end": (b"HTTP/1.1 200 OK\r\n\r\n", b"B"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nB\r\n"),
    "nothing at all": (b"", b""),
}


@pytest.mark.parametrize(("head", "drop"), DRIPS.values(), ids=DRIPS.keys())
@pytest.mark.parametrize("method", ["get", "read"])
def test_an_endless_drip_ends_when_the_patience_does(method, head, drop):
    stopped = threading.Event()
    with serving(drip(head, drop, stopped)) as dripping:
        home = f"http://127.0.0.1:{dripping.port}/"
        patience = SHORT if method == "get" else LONG
        server = CaldavServer(Login(home, "ada", "secret"), home, allow_local=True, patience=patience)
        with pytest.raises(ServerAway):
            server.get(home + "x.ics") if method == "get" else server.read(home, WITHIN, SHORT)
    stopped.set()


def test_an_endless_drip_in_the_middle_of_shaking_hands_ends_too():
    stopped = threading.Event()
    with serving(drip(b"\x16\x03\x03\x3f\xff", b"\x00", stopped)) as dripping:
        home = f"https://127.0.0.1:{dripping.port}/"
        server = CaldavServer(Login(home, "ada", "secret"), home, allow_local=True, patience=SHORT)
        with pytest.raises(ServerAway):
            server.get(home + "x.ics")
    stopped.set()


def test_an_answer_that_is_too_long_is_not_read_to_its_end(odd):
    odd.says(200, bytes(MOST_BYTES + 1))

    with pytest.raises(ServerAway):
        odd.reach().get(odd.calendar + "x.ics")


# What may work another time


ASKED = {
    "get": lambda server, calendar: server.get(calendar + "x.ics"),
    "new": lambda server, calendar: server.put_new(calendar + "x.ics", b"x"),
    "changed": lambda server, calendar: server.put_changed(calendar + "x.ics", b"x", '"1"'),
    "delete": lambda server, calendar: server.delete(calendar + "x.ics", '"1"'),
    "changes": lambda server, calendar: server.changes(calendar, ""),
    "read": lambda server, calendar: server.read(calendar, WITHIN, 10.0),
    "discover": lambda server, _: server.discover(),
}


@pytest.mark.parametrize("status", [408, 423, 425, 429, 500, 503])
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_a_server_that_puts_us_off_is_away_and_nothing_worse(odd, ask, status):
    odd.says(status)

    with pytest.raises(ServerAway) as away:
        ask(odd.reach(), odd.calendar)
    assert away.value.after is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_the_pause_that_a_server_asks_for_is_kept(odd, ask, status):
    odd.says(status, Retry_After="120")

    with pytest.raises(ServerAway) as away:
        ask(odd.reach(), odd.calendar)
    assert away.value.after == timedelta(minutes=2)


# A part is never taken for the whole


XML = {"Content-Type": "text/xml"}
DATA = "<c:calendar-data>BEGIN:VCALENDAR</c:calendar-data>"
NO_ANSWERS = {
    "a page": (207, {"Content-Type": "text/html"}, "<html><p>maintenance"),
    "a tidy page": (207, XML, "<html><p>maintenance</p></html>"),
    "nothing": (207, XML, ""),
    "cut off": (207, XML, "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/work/a.ics</d:href>"),
    "cut off in a page": (207, {}, "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/work/a.ics</d:href>"),
    "a failure": multistatus("<d:response><d:href>/work/</d:href><d:status>HTTP/1.1 500 No</d:status></d:response>"),
    "an object's failure": multistatus(one("/work/a.ics", "<d:getetag/>" + DATA, "403 Forbidden")),
}


@pytest.mark.parametrize("said", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
@pytest.mark.parametrize("ask", ["changes", "a list", "read"])
def test_what_is_no_whole_answer_is_not_believed(odd, ask, said):
    odd.answer = lambda method, _path: (501, {}, "") if (ask, method) == ("a list", "REPORT") else said

    with pytest.raises(ServerAway):
        ASKED["read" if ask == "read" else "changes"](odd.reach(), odd.calendar)


@pytest.mark.parametrize(
    "missing",
    [
        one("/work/b.ics", "<d:getetag>2</d:getetag>"),
        one("/work/b.ics", "<d:getetag>2</d:getetag><c:calendar-data/>"),
        one("/work/b.ics", DATA, "404 Not Found"),
        "<d:response><d:href>/work/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>",
    ],
    ids=["no content", "empty content", "not found", "the rest"],
)
def test_events_are_not_read_where_one_is_missing(odd, missing):
    odd.answer = lambda _method, _path: multistatus(one("/work/a.ics", DATA), missing)

    with pytest.raises(ServerAway):
        odd.reach().read(odd.calendar, WITHIN, 10.0)


def test_a_folder_without_a_tag_is_no_missing_part(odd):
    said = multistatus(one("/work/", "<d:getetag/>", "404 Not Found"), one("/work/a.ics", "<d:getetag>1</d:getetag>"))
    odd.answer = lambda method, _path: (501, {}, "") if method == "REPORT" else said

    assert dict(odd.reach().changes(odd.calendar, "").etags) == {odd.calendar + "a.ics": "1"}


# Discovery


@pytest.mark.parametrize("refused", [(403, {}, ""), (302, {"Location": "https://elsewhere.example/"}, "")])
def test_a_place_that_is_refused_is_not_the_last_one_that_is_looked_at(odd, refused):
    whole = account_at("/")
    odd.answer = lambda method, path: refused if "well-known" in path else whole(method, path)

    assert [found.name for found in odd.reach().discover()] == ["Work"]


def test_an_account_that_refuses_everywhere_is_refused(odd):
    odd.says(403)

    with pytest.raises(NotAllowed):
        odd.reach().discover()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example\\@home.example/x", "https://:pw@home.example/", "https://ada@home.example/"],
)
def test_an_address_that_two_may_read_otherwise_is_nobodys(elsewhere):
    assert not same_house(elsewhere, "https://home.example/")


def test_no_proxy_packs_an_answer_and_a_tag_holds_as_conditions_want_it(odd):
    for said, kept in (('W/"1"', '"1"'), ('"1-gzip"', '"1"'), ('"1"', '"1"')):
        odd.says(200, "BEGIN:VCALENDAR", ETag=said)
        found = odd.reach().get(f"{odd.calendar}a.ics")
        assert found is not None
        assert found.etag == kept
    assert {headers["accept-encoding"] for _, _, headers in odd.asked} == {"identity"}


@pytest.mark.parametrize(("hour", "noted"), [(9, '"2"'), (11, "")])
def test_a_change_that_was_quicker_than_our_look_at_the_tag_is_not_taken_for_ours(odd, hour, noted):
    written = event(9)

    def answer(method: str, _path: str) -> Said:
        return (201, {}, "") if method == "PUT" else (200, {"ETag": '"2"'}, event(hour))

    odd.answer = answer

    assert odd.reach().put_new(f"{odd.calendar}a.ics", written) == noted


def event(hour: int) -> bytes:
    lines = ("UID:a", f"DTSTART:20270510T{hour:02}0000Z", f"DTEND:20270510T{hour:02}5000Z")
    return "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", "")).encode()


def test_nothing_that_a_server_says_reaches_a_log(odd, caplog):
    logging.getLogger("caldav").setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG):
            for body in ("<not xml, but private", "<html>private</html>"):
                odd.says(207, body, Content_Type="text/xml")
                with pytest.raises(ServerAway):
                    odd.reach().read(odd.calendar, WITHIN, 5.0)
    finally:
        logging.getLogger("caldav").setLevel(logging.CRITICAL)
    assert "private" not in "".join(record.getMessage() for record in caplog.records if record.name == "root")
