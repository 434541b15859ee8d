"""A therapist's pages about their own calendars: looked at before they are kept, and nobody else's business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from practice.audit import AuditEntry
from practice.booking.busy.models import BusyCalendar
from practice.calendars.reading import looking, polling, routes
from practice.calendars.reading.models import Reading, Subscription
from practice.database import db
from practice.outbox import OutboxMessage
from tests.support.browsing import Browser
from tests.support.calendar_servers import CalendarServer, Event, calendar, response, serving
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, NOOR
from tests.support.readings import away, busy, fake_source, hour, poll, read_from, read_here, subscribe
from tests.support.staff import Colleague, audit, desk, hire, in_order, sign_in
from tests.support.story import Practice

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVERVIEW, NEW = "/staff/calendar/busy/", "/staff/calendar/busy/new"
DENTIST = Event(MONDAY_NINE, MONDAY_NINE + HOUR)
WHOLE_DAY = Event("20270511", "20270512")
SECRET = "secret-of-ada"


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "read_guarded", read_here)


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with serving(response(calendar(DENTIST, WHOLE_DAY))) as server:
        yield server


@pytest.fixture
def ada(practice: Practice) -> Browser:
    return desk(practice, "therapist", therapist=ADA)


def kept(practice: Practice) -> list[tuple[str, str]]:
    """Name and rule of every calendar that is read."""
    with practice.app.app_context():
        rows = db.session.scalars(select(Reading).join(Reading.calendar).order_by(Reading.calendar_id))
        return [(one.calendar.name, one.all_day) for one in rows]


def yes(shown: TestResponse) -> dict[str, str]:
    """What the button *Add this calendar* on this page sends."""
    found = re.search(r'name="confirm" value="([^"]+)"', shown.text)
    assert found is not None
    return {"confirm": found[1]}


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_what_was_read_is_shown_before_anything_is_kept(practice, ada, server):
    shown = ada.submit(NEW, {"url": server.url, "name": "Private", "all_day": "block"})

    assert shown.status_code == 200
    said = words(shown.text)
    assert in_order(
        said,
        [
            "2 events; 2 busy times in the next four weeks. The first ones:",
            "Monday 10 May, 9:00 am to 10:00 am Eastern Time",
            "Tuesday 11 May, 12:00 am Eastern Time to Wednesday 12 May, 12:00 am Eastern Time",
            "isn’t secure",
            "Nothing is saved yet.",
            "Add this calendar",
        ],
    )
    assert "Dentist" not in shown.text
    assert kept(practice) == []
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(BusyCalendar)) == 0

    added = ada.send_form(shown, yes(shown))

    assert (added.status_code, added.location) == (302, OVERVIEW)
    assert kept(practice) == [("Private", "block")]
    page = words(ada.get(OVERVIEW).text)
    assert in_order(page, ["Added.", "Private", "127.0.0.1", "last read", "Busy in the next 7 days:", "Monday 10 May"])
    assert "Dentist" not in page
    [(actor, _, subject)] = audit(practice, "busy_calendar_added")
    assert (actor, subject[:2]) == ("staff:1", "y_")


def test_whole_days_are_left_out_where_their_therapist_says_so(practice, ada, server):
    shown = ada.submit(NEW, {"url": server.url, "name": "Private", "all_day": "ignore"})

    assert "2 events; 1 busy time in the next four weeks." in words(shown.text)
    ada.send_form(shown, yes(shown))
    with practice.app.app_context():
        [reference] = db.session.scalars(select(BusyCalendar.reference))
    assert busy(practice, reference) == [hour(MONDAY_NINE)]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("changed", [{"url": "/other.ics"}, {"all_day": "ignore"}])
def test_a_yes_is_to_what_was_looked_at_and_to_nothing_else(practice, ada, server, changed):
    shown = ada.submit(NEW, {"url": server.url, "name": "Private", "all_day": "block"})
    changed = {name: server.url + value if name == "url" else value for name, value in changed.items()}

    again = ada.send_form(shown, {**yes(shown), **changed})

    assert again.status_code == 200
    assert "Nothing is saved yet." in again.text
    assert kept(practice) == []
    assert ada.send_form(again, yes(again)).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": ""}, "Paste the address of the calendar."),
        ({"url": "my calendar"}, "This is no web address."),
        ({"url": "http://127.0.0.1:1/x"}, "The server does not answer."),
        ({"url": "https://10.0.0.1/x"}, "private network"),
        ({"url": "https://cal.example/" + "x" * 2000}, "longer than any calendar’s address"),
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 61}, "60 characters at most"),
        ({"name": "a\u202eb"}, "signs that can’t be seen"),
        ({"all_day": "perhaps"}, "Not a valid choice"),
    ],
)
@pytest.mark.databases("sqlite")
def test_what_is_wrong_is_named_and_what_was_typed_stays(practice, ada, server, typed, said):
    sent = {"url": server.url, "name": "Private", "all_day": "ignore", **typed}
    answer = ada.submit(NEW, sent)

    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "Error: " in answer.text.partition("<title>")[2].partition("</title>")[0]
    if "url" not in typed:
        assert f'value="{sent["url"]}"' in answer.text
    if "name" not in typed:
        assert 'value="Private"' in answer.text
    assert kept(practice) == []
    assert len(server.asked) == 0


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("answer", [response(status="404 Not Found"), response(b"<p>hello"), response(b""), b""])
def test_what_cannot_be_read_is_not_kept_even_after_a_yes(practice, ada, server, answer):
    shown = ada.submit(NEW, {"url": server.url, "name": "Private", "all_day": "block"})
    server.says(answer)

    refused = ada.send_form(shown, yes(shown))

    assert refused.status_code == 422
    assert 'href="#url"' in refused.text
    assert kept(practice) == []


def test_of_a_calendar_that_was_not_read_the_list_says_only_that(practice, ada, server):
    reference = subscribe(practice, server.url)
    unread = words(ada.get(OVERVIEW).text)
    poll(practice, reference)
    read = words(ada.get(OVERVIEW).text)

    assert unread.lower().count("not read yet") == 1
    assert "last read" not in unread
    assert "last read" in read


def test_name_and_rule_can_be_changed_and_another_rule_is_read_at_once(practice, ada, server):
    reference = subscribe(practice, server.url)
    poll(practice, reference)
    assert len(busy(practice, reference)) > 1

    saved = ada.submit(OVERVIEW + reference, {"name": "Family", "all_day": "ignore"})

    assert saved.location == OVERVIEW + reference
    assert kept(practice) == [("Family", "ignore")]
    assert busy(practice, reference) == [hour(MONDAY_NINE)]
    assert "Family" in ada.get(OVERVIEW + reference).text
    wrong = ada.submit(OVERVIEW + reference, {"name": "", "all_day": "block"})
    assert wrong.status_code == 422
    assert "Give it a name" in wrong.text
    assert kept(practice) == [("Family", "ignore")]


def test_read_it_now_reads_it_now_and_says_what_is_wrong(practice, ada, server):
    reference = subscribe(practice, server.url)
    answer = ada.submit(OVERVIEW + reference, form="/read", follow_redirects=True)
    assert "Read just now." in answer.text
    assert busy(practice, reference)

    server.says(response(status="410 Gone"))
    answer = ada.submit(OVERVIEW + reference, form="/read", follow_redirects=True)
    said = words(answer.text)
    assert in_order(said, ["It can’t be read", "no calendar at this address any more", "Since Wednesday 5 May"])
    assert "What it said before still keeps those times from being booked." in said
    assert "Can’t be read" in words(ada.get(OVERVIEW).text)


def test_an_emptied_calendar_can_be_said_to_be_empty(practice, ada, server):
    reference = subscribe(practice, server.url)
    poll(practice, reference)
    assert "really empty" not in ada.get(OVERVIEW + reference).text
    server.says(response(calendar()))
    poll(practice, reference)
    assert busy(practice, reference)

    answer = ada.submit(OVERVIEW + reference, form="/empty", follow_redirects=True)

    assert "It is empty now" in answer.text
    assert busy(practice, reference) == []
    assert audit(practice, "busy_calendar_emptied")[0][2] == reference


def test_taking_away_asks_first(practice, ada, server):
    reference = subscribe(practice, server.url)
    poll(practice, reference)
    asks = ada.get(f"{OVERVIEW}{reference}/take-away")
    assert "Take “Private” away?" in asks.text
    assert kept(practice)

    answer = ada.send_form(asks, follow_redirects=True)

    assert "Taken away." in answer.text
    assert kept(practice) == []
    assert ada.get(OVERVIEW + reference).status_code == 404
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Subscription)) == 0
    assert audit(practice, "busy_calendar_taken_away")[0][2] == reference


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("path", ["", "/take-away", "/read", "/empty"])
@pytest.mark.parametrize("who", [("therapist", NOOR), ("owner", None), ("coordinator", None)])
def test_a_calendar_is_its_therapists_alone(practice, path, who):
    fake_source(practice, calendar(DENTIST))
    reference = read_from(practice)
    poll(practice, reference)
    role, therapist = who
    other = desk(practice, role, therapist=therapist)

    if path in ("", "/take-away"):
        assert other.get(OVERVIEW + reference + path).status_code == 404
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/staff/").text)
    assert token is not None
    sent = {"csrf_token": token[1], "name": "Mine now", "all_day": "block"}
    headers = {"Referer": other.home}
    assert other.post(OVERVIEW + reference + path, data=sent, headers=headers).status_code == 404
    if therapist:
        assert "Private" not in other.get(OVERVIEW).text
    assert kept(practice) == [("Private", "block")]
    assert busy(practice, reference)


@pytest.mark.databases("sqlite")
def test_no_form_works_without_its_token(practice, ada, server):
    reference = subscribe(practice, server.url)
    for path in (
        NEW,
        OVERVIEW + reference,
        *(f"{OVERVIEW}{reference}/{one}" for one in ("read", "empty", "take-away")),
    ):
        assert ada.post(path, data={"url": server.url, "name": "P", "all_day": "block"}).status_code == 400
    assert server.asked == []
    assert kept(practice) == [("Private", "block")]


@pytest.mark.databases("sqlite")
def test_somebody_who_looks_again_and_again_must_wait(practice, ada, server):
    for _ in range(6):
        assert ada.submit(NEW, {"url": server.url, "name": "P", "all_day": "block"}).status_code == 200

    assert ada.submit(NEW, {"url": server.url, "name": "P", "all_day": "block"}).status_code == 429
    assert ada.get(NEW).status_code == 200
    assert len(server.asked) == 6


@pytest.mark.databases("sqlite")
def test_all_looks_of_an_account_count_together_and_those_of_another_do_not(practice, ada, server):
    reference = subscribe(practice, server.url)
    for _ in range(3):
        assert ada.submit(NEW, {"url": server.url, "name": "P", "all_day": "block"}).status_code == 200
        assert ada.submit(OVERVIEW + reference, form="/read").status_code == 302

    assert ada.submit(OVERVIEW + reference, form="/read").status_code == 429
    assert ada.submit(OVERVIEW + reference, {"name": "P", "all_day": "ignore"}).status_code == 429
    noor = desk(practice, "therapist", therapist=NOOR)
    assert noor.submit(NEW, {"url": server.url, "name": "P", "all_day": "block"}).status_code == 200


@pytest.mark.databases("sqlite")
def test_whoever_waits_on_a_page_waits_less_than_the_worker(practice, ada, monkeypatch):
    fake_source(practice, calendar(DENTIST))
    reference = read_from(practice)
    given: list[tuple[float, float]] = []

    def note(_plan, began, *patience):
        given.append(patience)
        return looking.Missed(began, 0, "It hangs.")

    monkeypatch.setattr(polling, "take_look", note)
    monkeypatch.setattr(routes, "take_look", note)
    ada.submit(OVERVIEW + reference, form="/read")
    ada.submit(OVERVIEW + reference, {"name": "P", "all_day": "ignore"})
    ada.submit(NEW, {"url": "https://cal.example/x", "name": "P", "all_day": "block"})

    assert given == [(4.0, 4.0)] * 3


@pytest.mark.databases("sqlite")
def test_there_is_an_end_to_how_many_are_read(practice, ada, monkeypatch):
    monkeypatch.setattr(routes, "MOST_CALENDARS", 1)
    fake_source(practice, calendar())
    read_from(practice)

    answer = ada.get(NEW)

    assert answer.status_code == 422
    assert "Take one away first" in answer.text


def test_today_tells_a_therapist_after_an_hour_and_an_owner_after_a_day(practice):
    source = fake_source(practice, calendar(DENTIST))
    reference = read_from(practice)
    ada, owner = hire(practice, "therapist", therapist=ADA), hire(practice, "owner", email="owner@practice.example")
    noor = hire(practice, "therapist", therapist=NOOR, email="noor@practice.example")
    poll(practice, reference)
    source.says = [away()]
    poll(practice, reference)

    def today(who: Colleague) -> str:
        return words(sign_in(practice, who).get("/staff/").text)

    assert "can’t be read" not in today(ada)
    practice.clock.advance(minutes=61)
    assert "One of your own calendars can’t be read." in today(ada)
    assert "can’t be read" not in today(owner)
    practice.clock.advance(hours=24)
    assert "A calendar of Ada Lindqvist’s own can’t be read" in today(owner)
    assert "Private" not in today(owner)
    assert "can’t be read" not in today(noor)


@pytest.mark.databases("sqlite")
def test_the_address_stands_in_the_field_where_it_was_typed_and_nowhere_else(practice, ada, server, capfd):
    shown = ada.submit(NEW, {"url": server.url, "name": "Private", "all_day": "block"})
    assert shown.text.count(SECRET) == 1
    assert re.search(rf'<input [^>]*name="url"[^>]*value="[^"]*{SECRET}', shown.text)
    added = ada.send_form(shown, yes(shown))
    [(_, _, reference)] = audit(practice, "busy_calendar_added")
    pages = [added, *(ada.get(path) for path in (OVERVIEW, OVERVIEW + reference, f"{OVERVIEW}{reference}/take-away"))]
    server.says(response(status="404 Not Found"))
    pages.append(ada.submit(OVERVIEW + reference, form="/read", follow_redirects=True))

    for page in pages:
        assert SECRET not in page.text + str(page.headers) + page.request.path + str(page.request.query_string)
    with practice.app.app_context():
        told = [entry.subject + entry.detail for entry in db.session.scalars(select(AuditEntry))]
        later = [row.payload + row.key for row in db.session.scalars(select(OutboxMessage))]
    said = capfd.readouterr()
    assert SECRET not in "\n".join([*told, *later, said.out, said.err])
    assert practice.breaches() == []


def test_the_page_of_the_feed_leads_here_and_back(ada):
    assert f'href="{OVERVIEW}"' in ada.get("/staff/calendar").text
    assert 'href="/staff/calendar"' in ada.get(OVERVIEW).text
    assert "No calendar is read so far." in ada.get(OVERVIEW).text
