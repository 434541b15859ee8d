"""The pages on which therapists and owners make, change and end the addresses of their feeds."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from practice.audit import AuditEntry
from practice.calendars.actions import MOST_FEEDS
from practice.calendars.models import Detail, Feed
from practice.database import db
from tests.support.clock import MONDAY_NINE
from tests.support.feeds import book, new_feed, summaries
from tests.support.staff import audit, desk

OWN, PRACTICE = "/staff/calendar", "/staff/calendar/practice"
ADDRESS = re.compile(r"<code>https://practice\.example(/calendars/([\w-]{43})\.ics)</code>")


@pytest.fixture
def ada(practice):
    """A browser in which Ada is signed in."""
    return desk(practice, "therapist", therapist="ada-lindqvist")


def make(browser, page=OWN, **said):
    """Fill in the form; the answer and, where one was made, its path."""
    shown = browser.submit(page, {"name": "Phone", "detail": "session", **said}, form=page)
    found = set(ADDRESS.findall(shown.text))
    return shown, found.pop()[0] if found else None


def kept(practice):
    with practice.app.app_context():
        return [(feed.name, feed.detail, feed.therapist_id is None) for feed in db.session.scalars(select(Feed))]


def page_of(practice, name):
    with practice.app.app_context():
        reference = db.session.scalars(select(Feed.reference).where(Feed.name == name)).one()
    return f"/staff/calendar/feeds/{reference}"


def test_the_way_to_the_page_is_shown_to_whoever_sees_clients_and_to_owners(practice, ada):
    assert 'href="/staff/calendar"' in ada.get("/staff/account").text
    owner = desk(practice, "owner").get("/staff/account").text
    assert f'href="{PRACTICE}"' in owner
    assert 'href="/staff/calendar"' not in owner
    assert "/staff/calendar" not in desk(practice, "coordinator").get("/staff/account").text


def test_an_owner_who_sees_clients_finds_both(practice):
    both = desk(practice, "owner", therapist="ada-lindqvist")

    assert f'href="{PRACTICE}"' in both.get(OWN).text
    assert f'href="{OWN}"' in both.get(PRACTICE).text


def test_the_page_gives_the_address_once(practice, ada):
    assert "no such address yet" in ada.get(OWN).text

    shown, path = make(ada)

    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    assert practice.browser().get(path).status_code == 200
    assert path not in ada.get(OWN).text
    assert path not in ada.get(page_of(practice, "Phone")).text


def test_the_page_gives_the_links_that_calendars_know(ada):
    shown, path = make(ada)

    token = path.removeprefix("/calendars/").removesuffix(".ics")
    escaped = f"practice.example%2Fcalendars%2F{token}.ics"
    for link in (
        f"webcal://practice.example{path}",
        f"https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F{escaped}",
        f"https://outlook.live.com/calendar/0/addfromweb?url=https%3A%2F%2F{escaped}&amp;name=Sessions",
        f"https://outlook.office.com/calendar/0/addfromweb?url=https%3A%2F%2F{escaped}&amp;name=Sessions",
    ):
        assert f'href="{link}"' in shown.text


def test_each_calendar_has_an_address_of_its_own_with_what_it_says(practice, ada):
    book(practice, MONDAY_NINE)
    said = {"Phone": "session", "Home": "busy", "Desk": "first_names", "Watch": "initials"}
    paths = {name: make(ada, name=name, detail=detail)[1] for name, detail in said.items()}

    found = {name: summaries(practice.browser().get(path).data) for name, path in paths.items()}

    assert found["Phone"] == ["Session"]
    assert found["Home"] == ["Busy"]
    assert found["Watch"][0].startswith("Session: ")
    assert found["Desk"][0].startswith("Session: ")
    page = ada.get(OWN).text
    assert all(f">{name}</a>" in page for name in said)


def test_the_page_says_how_late_calendars_are_and_when_each_one_looked(practice, ada):
    _, path = make(ada)
    make(ada, name="Home")
    page = ada.get(OWN).text
    assert "Google Calendar</b> looks every few hours" in page
    assert page.count("No calendar has read it yet") == 2

    practice.browser().get(path)

    assert ada.get(OWN).text.count("No calendar has read it yet") == 1
    assert "Wednesday 5 May, 8:00 am Eastern Time" in ada.get(page_of(practice, "Phone")).text
    assert "Not yet" in ada.get(page_of(practice, "Home")).text


def test_the_page_warns_of_what_names_mean_where_they_can_be_chosen(practice, ada):
    make(ada)
    owner = desk(practice, "owner")

    for page in (OWN, page_of(practice, "Phone")):
        assert "lock screens" in ada.get(page).text
    practice_page = owner.get(PRACTICE).text
    assert "lock screens" not in practice_page
    assert "first_names" not in practice_page


def test_a_new_address_is_a_click_and_ends_the_old_one_at_once_and_no_other(practice, ada):
    (_, old), (_, other) = make(ada), make(ada, name="Home")
    page = page_of(practice, "Phone")
    etag = practice.browser().get(old).headers["ETag"]

    shown = ada.submit(page, form=f"{page}/address")

    [(new, _)] = set(ADDRESS.findall(shown.text))
    assert new != old
    stranger = practice.browser()
    assert stranger.get(old).status_code == 404
    assert stranger.get(old, headers={"If-None-Match": etag}).status_code == 404
    assert stranger.get(new).status_code == stranger.get(other).status_code == 200
    assert len(kept(practice)) == 2


def test_each_address_ends_by_itself(practice, ada):
    (_, gone), (_, stays) = make(ada), make(ada, name="Home")
    page = page_of(practice, "Phone")

    answer = ada.submit(page, form=f"{page}/end")

    assert (answer.status_code, answer.location) == (302, OWN)
    assert practice.browser().get(gone).status_code == 404
    assert practice.browser().get(stays).status_code == 200
    assert ada.get(page).status_code == 404


def test_a_feed_says_something_else_from_then_on_under_the_same_address(practice, ada):
    book(practice, MONDAY_NINE)
    _, path = make(ada)
    before = practice.browser().get(path)
    page = page_of(practice, "Phone")

    answer = ada.submit(page, {"name": "Old phone", "detail": "busy"}, form=page)

    after = practice.browser().get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (answer.status_code, answer.location) == (302, page)
    assert (after.status_code, summaries(after.data)) == (200, ["Busy"])
    assert kept(practice) == [("Old phone", Detail.BUSY, False)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": " "}, "Write where this calendar is read"),
        ({"name": "x" * 61}, "60 characters at most"),
        ({"name": "two\nlines"}, "in one line"),
        ({"detail": "diagnosis"}, "Not a valid choice"),
        ({"detail": ""}, "Choose what it says"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(practice, ada, said, words):
    shown, path = make(ada, **said)

    assert (shown.status_code, path) == (422, None)
    assert words in shown.text
    assert "<title>Error: " in shown.text
    assert kept(practice) == []
    make(ada)
    page = page_of(practice, "Phone")
    again = ada.submit(page, {"name": "Phone", "detail": "session", **said}, form=page)
    assert (again.status_code, words in again.text) == (422, True)
    assert kept(practice) == [("Phone", Detail.SESSION, False)]


def test_what_was_typed_stays(ada):
    shown, _ = make(ada, name="x" * 61, detail="initials")

    assert 'value="' + "x" * 61 in shown.text
    assert re.search(r'<input[^>]*checked[^>]*value="initials"', shown.text)


def test_there_are_never_more_than_somebody_can_look_after(practice, ada):
    for number in range(MOST_FEEDS):
        new_feed(practice, name=str(number))

    shown, path = make(ada)

    assert (shown.status_code, path) == (422, None)
    assert "End one that no calendar reads" in shown.text
    assert len(kept(practice)) == MOST_FEEDS


def test_an_address_is_made_by_a_form_alone_and_every_step_is_audited_without_its_secret(practice, ada):
    assert ada.post(OWN).status_code == 400
    assert kept(practice) == []
    paths = [make(ada)[1]]
    page = page_of(practice, "Phone")
    reference = page.rpartition("/")[2]
    ada.submit(page, {"name": "Phone", "detail": "initials"}, form=page)
    paths.append(ADDRESS.search(ada.submit(page, form=f"{page}/address").text)[1])
    ada.submit(page, form=f"{page}/end")

    assert audit(practice, "feed_issued") == [("staff:1", "feed_issued", "ada-lindqvist")]
    for done in ("feed_changed", "feed_renewed", "feed_ended"):
        assert audit(practice, done) == [("staff:1", done, reference)]
    with practice.app.app_context():
        details = list(db.session.scalars(select(AuditEntry.detail)))
    assert not any(path.split("/")[2][:43] in detail for path in paths for detail in details)


# Whose they are


@pytest.mark.parametrize("step", ["", "/address", "/end"])
def test_nobody_reaches_somebody_elses_feed(practice, ada, step):
    make(ada)
    owner = desk(practice, "owner")
    make(owner, PRACTICE, name="Front desk")
    theirs, everybodys = page_of(practice, "Phone"), page_of(practice, "Front desk")
    noor = desk(practice, "therapist", therapist="noor-haddad")
    token = re.search(r'name="csrf_token" value="([^"]+)"', noor.get(OWN).text)[1]
    owners = re.search(r'name="csrf_token" value="([^"]+)"', owner.get(PRACTICE).text)[1]
    said = {"name": "Mine", "detail": "busy"}

    for page in (theirs, everybodys):
        assert noor.post(page + step, data={"csrf_token": token, **said}).status_code == 404
        assert noor.get(page).status_code == 404
    assert owner.post(theirs + step, data={"csrf_token": owners, **said}).status_code == 404
    assert sorted(kept(practice)) == [("Front desk", Detail.SESSION, True), ("Phone", Detail.SESSION, False)]


def test_strangers_and_the_desk_do_not_get_to_the_pages(practice):
    new_feed(practice)
    for visitor in (practice.browser(), practice.browser(practice.new_client()), desk(practice, "coordinator")):
        for page in (OWN, PRACTICE, page_of(practice, "Phone")):
            for response in (visitor.get(page), visitor.post(page)):
                assert response.status_code in (303, 400, 403, 404)
                assert "Make the address" not in response.text
    assert len(kept(practice)) == 1


def test_therapists_do_not_get_to_everybodys_sessions(practice, ada):
    assert ada.get(PRACTICE).status_code == 404
    assert PRACTICE not in ada.get(OWN).text


def test_an_account_of_nobody_who_sees_clients_is_told_so(practice):
    response = desk(practice, "owner").get(OWN)

    assert response.status_code == 404
    assert "no calendar to share" in response.text


def test_an_owner_makes_a_feed_of_everybody_that_can_name_no_client(practice):
    owner = desk(practice, "owner")
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_NINE.replace(hour=18), therapist="noor-haddad")

    refused, nothing = make(owner, PRACTICE, detail="first_names")
    _, path = make(owner, PRACTICE)

    assert (refused.status_code, nothing) == (422, None)
    assert summaries(practice.browser().get(path).data) == ["Session – Ada Lindqvist", "Session – Noor Haddad"]
    assert audit(practice, "feed_issued") == [("staff:1", "feed_issued", "practice")]
    page = page_of(practice, "Phone")
    ended = owner.submit(page, form=f"{page}/end")
    assert ended.location == PRACTICE
    assert practice.browser().get(path).status_code == 404
