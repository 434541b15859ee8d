"""Open times as a calendar: what stands in it, and that each event leads to that very time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.clock import MONDAY_NINE
from tests.support.ical_lint import events, problems, values
from tests.support.offers import NOOR, change_therapist

OPEN_TIMES = "/times/ada-lindqvist.ics?offering=couple-50"
ANY = "/times/any.ics?offering=couple-50"
NOON = MONDAY_NINE + timedelta(hours=3)  # nine in Los Angeles: both therapists are there
CHOSEN = "/times/ada-lindqvist?offering=couple-50&start=20270510T130000Z"


def instant(value):
    return datetime.strptime(value.decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def open_starts(content):
    return {instant(values(event, b"DTSTART")[0]) for event in events(content)}


def link_of(content, start):
    [event] = [one for one in events(content) if instant(values(one, b"DTSTART")[0]) == start]
    return values(event, b"URL")[0].decode()


def test_open_times_are_a_calendar_in_which_a_taken_time_vanishes(practice, browser):
    before = browser.get(OPEN_TIMES)
    practice.hold(MONDAY_NINE)
    after = browser.get(OPEN_TIMES)

    assert problems(before.data) == []
    assert MONDAY_NINE in open_starts(before.data)
    assert MONDAY_NINE not in open_starts(after.data)
    assert open_starts(after.data) < open_starts(before.data)
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("who", ["ada-lindqvist", "noor-haddad", "any"])
def test_open_times_are_the_ones_that_the_page_shows_and_lead_where_it_does(browser, who):
    content = browser.get(f"/times/{who}.ics?offering=couple-50").data
    shown = browser.get(f"/times/{who}.json?offering=couple-50").json["times"]

    assert shown
    for time in shown:
        start = datetime.fromisoformat(time["start"]).astimezone(UTC)
        assert link_of(content, start) == time["url"]


def test_open_times_end_with_the_horizon(browser, clock):
    last = max(open_starts(browser.get(OPEN_TIMES).data))

    assert clock.now() + timedelta(days=50) < last <= clock.now() + timedelta(days=60)


def test_times_of_anybody_are_those_of_each_once_and_go_when_nobody_is_left(practice, browser):
    of_each = [open_starts(browser.get(f"/times/{who}.ics?offering=couple-50").data) for who in ("ada-lindqvist", NOOR)]
    content = browser.get(ANY).data
    assert problems(content) == []
    assert len(events(content)) == len(open_starts(content))
    assert open_starts(content) == of_each[0] | of_each[1]

    practice.hold(NOON)
    assert NOON in open_starts(browser.get(ANY).data)
    practice.hold(NOON, therapist=NOOR)
    assert NOON not in open_starts(browser.get(ANY).data)


def test_times_of_anybody_can_be_those_of_a_language(practice, browser):
    change_therapist(practice, NOOR, languages=["English", "Arabic"])
    spoken = browser.get(ANY + "&language=Arabic").data

    assert open_starts(spoken) == open_starts(browser.get(f"/times/{NOOR}.ics?offering=couple-50").data)
    assert parse_qs(urlsplit(link_of(spoken, NOON)).query)["language"] == ["Arabic"]
    assert browser.get(ANY + "&language=Klingon").status_code == 404


def test_an_open_time_keeps_its_identity_and_bytes(browser, clock):
    before = browser.get(OPEN_TIMES).data
    clock.advance(hours=1)
    after = browser.get(OPEN_TIMES).data

    first, again = ({values(event, b"DTSTART")[0]: event for event in events(one)} for one in (before, after))
    shared = first.keys() & again.keys()
    assert shared
    assert all(first[start] == again[start] for start in shared)
    uids = [values(event, b"UID")[0] for event in first.values()]
    assert len(set(uids)) == len(uids)


def test_a_time_that_was_taken_and_let_go_has_the_identity_that_it_had(practice, browser, clock):
    before = browser.get(OPEN_TIMES).data
    practice.hold(MONDAY_NINE)
    clock.advance(hours=1)
    practice.work_until_idle()
    after = browser.get(OPEN_TIMES).data

    found = [[one for one in events(content) if instant(values(one, b"DTSTART")[0]) == MONDAY_NINE] for content in
             (before, after)]  # fmt: skip
    assert found[0] == found[1] != []


def test_open_times_block_nothing_and_tell_nothing_private(practice, browser):
    held = practice.hold(MONDAY_NINE)
    content = browser.get(OPEN_TIMES)

    for event in events(content.data):
        assert values(event, b"TRANSP") == [b"TRANSPARENT"]
    assert held.reference not in content.text
    assert "Set-Cookie" not in content.headers


def test_open_times_are_the_same_for_everybody_so_that_they_may_be_kept(practice, browser):
    at_home = practice.browser(practice.new_client(region="US-CA"))

    assert at_home.get(ANY).data == browser.get(ANY).data
    assert browser.get(ANY).headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("who", ["ada-lindqvist", "any"])
def test_open_times_as_free_busy_are_the_same_time(browser, who):
    path = f"/times/{who}.ics?offering=couple-50"
    response = browser.get(path + "&format=freebusy")

    assert problems(response.data) == []
    [component] = events(response.data)
    lines = [line for line in component if line.startswith(b"FREEBUSY")]
    assert all(b"FBTYPE=FREE" in line for line in lines)
    periods = [tuple(map(instant, line.partition(b":")[2].split(b"/"))) for line in lines]
    assert periods == sorted(periods)
    events_of = [
        (instant(values(event, b"DTSTART")[0]), instant(values(event, b"DTEND")[0]))
        for event in events(browser.get(path).data)
    ]
    assert all(any(first <= start and end <= last for first, last in periods) for start, end in events_of)
    assert all(any(first == start for start, _ in events_of) for first, _ in periods)
    assert all(any(last == end for _, end in events_of) for _, last in periods)


def test_open_times_without_an_offering_are_those_of_the_first(browser):
    assert browser.get("/times/noor-haddad.ics").status_code == 200
    assert browser.get("/times/any.ics").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/times/nobody.ics", 404),
        ("/times/ada-lindqvist.ics?offering=nothing", 404),
        ("/times/any.ics?offering=nothing", 404),
        ("/times/noor-haddad.ics?offering=couple-90-in-person", 404),
        ("/times/ada-lindqvist.ics?format=xml", 422),
    ],
)
def test_open_times_that_are_not_there_get_a_clear_answer(browser, path, status):
    response = browser.get(path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_unchanged_open_times_are_not_sent_again(browser):
    first = browser.get(OPEN_TIMES)

    again = browser.get(OPEN_TIMES, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


# The page behind each of them


@pytest.mark.parametrize("who", ["ada-lindqvist", "any"])
def test_the_link_of_an_open_time_opens_that_very_time_ready_to_book(practice, browser, who):
    link = link_of(browser.get(f"/times/{who}.ics?offering=couple-50").data, NOON)
    client = practice.browser(practice.new_client())

    page = client.get(link)
    assert "The time you chose is open" in page.text
    assert "Monday 10 May, 12:00 pm Eastern Time" in page.text.split("Book this time")[0]
    held = client.send_form(page, {"start": NOON.isoformat()}, form="/bookings")
    assert "Monday 10 May, 12:00 pm" in client.get(held.location).text


def test_a_stranger_sees_the_time_and_is_led_to_the_questions_first(browser):
    page = browser.get(CHOSEN).text

    assert "The time you chose is open" in page
    assert "Monday 10 May, 9:00 am Eastern Time" in page
    assert "Book this time" not in page
    assert 'href="/schedule"' in page


def test_a_time_that_was_taken_meanwhile_says_so_and_shows_the_nearest(practice):
    practice.hold(MONDAY_NINE)
    client = practice.browser(practice.new_client())

    page = client.get(CHOSEN).text

    assert "isn’t open any more" in page
    assert "Monday 10 May, 9:00 am Eastern Time was taken meanwhile" in " ".join(page.split()).replace("</time>", "")
    nearest = page[page.index('id="chosen"') : page.index("</section>")]
    assert [nearest.count("<button"), nearest.count("Monday 10 May")] == [3, 7]
    assert "Book this time" not in page


@pytest.mark.parametrize("start", ["20270101T090000Z", "20270505T120000Z", "20280101T090000Z", "20270509T130000Z"])
def test_a_time_that_was_never_open_is_not_offered(practice, start):
    client = practice.browser(practice.new_client())

    page = client.get(f"/times/ada-lindqvist?offering=couple-50&start={start}")

    assert page.status_code == 200
    assert "isn’t open any more" in page.text
    assert "Book this time" not in page.text


@pytest.mark.parametrize("start", ["29990101T090000Z", "20000101T090000Z"])
def test_a_time_that_is_nowhere_near_shows_the_page_as_it_is(browser, start):
    page = browser.get(f"/times/ada-lindqvist?offering=couple-50&start={start}")

    assert page.status_code == 200
    assert "you chose" not in page.text


@pytest.mark.parametrize("start", ["soon", "2027-05-10T09:00", "99999999T000000Z", "<b>", "20270510T130000+9999"])
def test_a_start_that_cannot_be_read_is_said(browser, start):
    page = browser.get("/times/ada-lindqvist", query_string={"offering": "couple-50", "start": start})

    assert page.status_code == 422
    assert "That time can’t be read" in page.text
