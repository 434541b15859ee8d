"""What we rely on from a calendar server: the same of a real one over the network, and of the stand-in."""

from __future__ import annotations

import http.server
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from practice.calendars.caldav.gateway import CaldavServers
from practice.calendars.caldav.guarding import same_house
from practice.calendars.caldav.servers import (
    Changed,
    Login,
    NotCalDAV,
    NothingThere,
    NotReachable,
    ServerAway,
    SignInAgain,
    Taken,
)
from practice.spans import Span
from tests.support.clock import MONDAY_NINE
from tests.support.fake_calendars import LOGIN, FakeCalendars
from tests.support.radicale import PASSWORD, USER, Radicale, folder_for

pytestmark = pytest.mark.databases("sqlite")
HOUR = timedelta(hours=1)
NONSENSE = "http://radicale.org/ns/sync/nonsense"


@pytest.fixture(scope="module")
def radicale(tmp_path_factory):
    server = Radicale(folder_for(tmp_path_factory.mktemp("caldav")))
    yield server
    server.stop()


@pytest.fixture
def settings(settings):
    return replace(settings, calendar_allow_local=True)


@pytest.fixture(params=["real", "stand-in"])
def login(request, app, monkeypatch):
    """How the server is reached; `reach` is set on the test's module for as long as it runs."""
    with app.app_context():
        if request.param == "stand-in":
            monkeypatch.setitem(globals(), "reach", FakeCalendars().reach)
            yield LOGIN
        else:
            real = request.getfixturevalue("radicale")
            real.wipe()
            real.make_calendar("work")
            real.make_calendar("family")
            monkeypatch.setitem(globals(), "reach", CaldavServers().reach)
            yield Login(real.url, USER, PASSWORD)


@pytest.fixture
def server(login):
    return reach(login)


@pytest.fixture
def calendar(server):
    return next(one.href for one in server.discover() if one.name == "Work")


def reach(_login):
    raise LookupError("ask for the fixture login")


def event(uid, start=MONDAY_NINE):
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + HOUR:%Y%m%dT%H%M%SZ}", "SUMMARY:Session", "END:VEVENT",
        "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def test_it_names_its_calendars_and_whether_they_can_be_written(server):
    found = {one.name: one for one in server.discover()}

    assert found.keys() == {"Work", "Family"}
    assert all(one.writable for one in found.values())


def test_what_is_there_is_not_created_again(server, calendar):
    server.put_new(calendar + "a.ics", event("a"))

    with pytest.raises(Changed):
        server.put_new(calendar + "a.ics", event("a"))
    with pytest.raises(Taken):
        server.put_new(calendar + "b.ics", event("a"))
    with pytest.raises(NothingThere):
        server.put_new(calendar.replace("work", "nowhere") + "c.ics", event("c"))


def test_only_what_is_still_the_same_is_changed_or_deleted(server, calendar):
    href = calendar + "a.ics"
    first = server.put_new(href, event("a"))
    second = server.put_changed(href, event("a", MONDAY_NINE + HOUR), first)

    for stale in (lambda: server.put_changed(href, event("a"), first), lambda: server.delete(href, first)):
        with pytest.raises(Changed):
            stale()
    stored = server.get(href)
    assert stored.etag == second
    assert b"DTSTART:20270510T140000Z" in stored.content
    server.delete(href, second)
    server.delete(href, second)
    assert server.get(href) is None
    with pytest.raises(Changed):
        server.put_changed(href, event("a"), second)


def test_changes_since_a_token_are_told_and_all_of_them_without_one(server, calendar):
    kept = server.put_new(calendar + "kept.ics", event("kept"))
    gone = server.put_new(calendar + "gone.ics", event("gone"))
    first = server.changes(calendar, "")
    assert (first.whole, len(first.etags)) == (True, 2)
    assert first.etags[calendar + "kept.ics"] == kept

    server.delete(calendar + "gone.ics", gone)
    moved = server.put_changed(calendar + "kept.ics", event("kept", MONDAY_NINE + HOUR), kept)
    then = server.changes(calendar, first.token)

    assert (then.whole, dict(then.etags), then.gone) == (
        False,
        {calendar + "kept.ics": moved},
        frozenset({calendar + "gone.ics"}),
    )
    assert not server.changes(calendar, then.token).etags
    assert server.changes(calendar, NONSENSE).whole
    with pytest.raises(NothingThere):
        server.changes(calendar.replace("work", "nowhere"), "")


def test_events_of_a_time_are_read_as_whole_calendars(server, calendar):
    server.put_new(calendar + "a.ics", event("a"))
    server.put_new(calendar + "b.ics", event("b", MONDAY_NINE + timedelta(days=300)))

    read = server.read(calendar, Span(MONDAY_NINE - HOUR, MONDAY_NINE + 10 * HOUR), 5.0)

    assert (read.count(b"BEGIN:VCALENDAR\r\n"), b"UID:a\r\n" in read) == (1, True)


def test_a_wrong_password_is_told_from_everything_else(login):
    with pytest.raises(SignInAgain):
        reach(replace(login, password="another")).discover()


# Of the real one alone


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Leads whoever comes to another host, and remembers what they brought."""

    heard: list[str | None] = []
    to = ""

    def do_PROPFIND(self) -> None:
        self.heard.append(self.headers.get("Authorization"))
        status, body = (302, b"") if self.to else (200, b"<html>Hello</html>")
        self.send_response(status)
        if self.to:
            self.send_header("Location", self.to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def elsewhere():
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Elsewhere.heard, Elsewhere.to = [], ""
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield serving.server_address[1]
    serving.shutdown()
    serving.server_close()


def test_a_redirect_to_another_host_is_not_followed_and_gets_no_password(app, elsewhere, radicale):
    Elsewhere.to = radicale.url.replace("127.0.0.1", "localhost")
    with app.app_context(), pytest.raises(NotReachable):
        CaldavServers().reach(Login(f"http://127.0.0.1:{elsewhere}/dav/", USER, PASSWORD)).discover()

    Elsewhere.to = "https://calendar.example/"
    with app.app_context(), pytest.raises(NotReachable):
        CaldavServers().reach(Login(f"http://127.0.0.1:{elsewhere}/dav/", USER, PASSWORD)).discover()
    assert len(Elsewhere.heard) == 4  # both places where an account may begin, each time


def test_a_web_page_is_no_calendar_server(app, elsewhere):
    with app.app_context(), pytest.raises(NotCalDAV):
        CaldavServers().reach(Login(f"http://127.0.0.1:{elsewhere}/dav/", USER, PASSWORD)).discover()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost/", "https://[::1]/"])
def test_where_it_is_not_allowed_nobody_reaches_this_machine_or_its_neighbours(make_app, settings, url):
    app = make_app()
    app.extensions["practice.settings"] = replace(settings, calendar_allow_local=False)

    with app.app_context(), pytest.raises(NotReachable):
        CaldavServers().reach(Login(url, USER, PASSWORD)).discover()


def test_a_port_where_nobody_listens_is_a_server_that_is_away(app):
    with app.app_context(), pytest.raises(ServerAway):
        CaldavServers().reach(Login("http://127.0.0.1:1/", USER, PASSWORD)).discover()


@pytest.mark.parametrize(
    "url", ["", "ftp://calendar.example/", "https://", "https://a:b@calendar.example/", "https://[/"]
)
def test_what_is_no_address_is_said_to_be_none(app, url):
    with app.app_context(), pytest.raises(NotReachable):
        CaldavServers().reach(Login(url, USER, PASSWORD))


def test_the_password_shows_in_nothing_that_is_printed():
    assert PASSWORD not in repr(Login("https://calendar.example/", USER, PASSWORD))


def test_a_provider_with_a_machine_for_each_account_is_one_house_and_others_are_not():
    assert same_house("https://p42-caldav.icloud.com/1/", "https://caldav.icloud.com/")
    assert not same_house("https://icloud.com.attacker.example/", "https://caldav.icloud.com/")
    assert not same_house("https://caldav.icloud.com:8443/", "https://caldav.icloud.com/")
    assert not same_house("https://two.example/", "https://one.example/")
