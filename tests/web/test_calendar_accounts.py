"""A therapist connects a calendar of their own, chooses, mends, disconnects, and says what a change outside means."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.audit import AuditEntry
from practice.booking import actions as booking_actions
from practice.booking.busy.models import BusyTime
from practice.calendars.caldav import servers
from practice.calendars.caldav.models import AccountCalendar, Answer, CalendarAccount, CalendarQuestion
from practice.calendars.caldav.queries import login_of
from practice.database import db
from practice.work import begin_work
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.fake_calendars import (
    ACCOUNTS,
    LOGIN,
    QUESTIONS,
    URL,
    FakeCalendars,
    connect_fake,
    later,
    moved_outside,
    only_account,
    rows,
)
from tests.support.staff import audit, desk

ADA = "ada-lindqvist"
MOVE, PUT_BACK = -2, -1  # the forms of a question's page
TYPED = {"provider": "other", "address": "calendar.example", "user_name": "ada", "password": LOGIN.password}


@pytest.fixture
def fake(practice):
    fake = FakeCalendars()
    practice.app.extensions[servers.EXTENSION] = fake
    return fake


@pytest.fixture
def ada(practice):
    return desk(practice, "therapist", therapist=ADA)


def reference_of(practice, name):
    return next(one.reference for one in rows(practice, AccountCalendar) if one.name == name)


def book(practice, start=MONDAY_NINE, **options):
    held = practice.hold(start, **options)
    practice.confirm(held)
    practice.work_until_idle()
    return held


# Connecting


def test_a_calendar_is_connected_chosen_and_written_to(practice, fake, ada):
    book(practice)

    answer = ada.submit(ACCOUNTS, TYPED)
    assert answer.location == only_account(practice)
    page = ada.get(answer.location)
    assert "Work" in page.text
    assert "Family" in page.text
    chosen = ada.submit(
        answer.location, {"written": reference_of(practice, "Work")}, form=answer.location + "/calendar"
    )
    assert chosen.status_code == 302
    practice.work_until_idle()

    assert [href.startswith(f"{URL}ada/work/") for href in fake.objects] == [True]
    with practice.app.app_context():
        entries = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)))
    noted = [entry.action for entry in entries if entry.action.startswith("calendar_")]
    assert noted == ["calendar_connected", "calendar_chosen"]
    assert all(LOGIN.password not in entry.detail for entry in entries)


@pytest.mark.databases("sqlite")
def test_a_password_is_sealed_and_never_shown_again(practice, fake, ada):
    ada.submit(ACCOUNTS, TYPED)
    [account] = rows(practice, CalendarAccount)
    wrong = ada.submit(ACCOUNTS, {**TYPED, "password": "my secret typing"})

    assert LOGIN.password.encode() not in account.password_sealed
    with practice.app.app_context():
        assert login_of(db.session.get_one(CalendarAccount, account.id)).password == LOGIN.password
    for page in (wrong, ada.get(ACCOUNTS), ada.get(only_account(practice))):
        assert "my secret typing" not in page.text
        assert LOGIN.password not in page.text
    assert wrong.status_code == 422
    assert 'value="ada"' in wrong.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"provider": ""}, "Choose where your calendar is."),
        ({"address": ""}, "Type the address of your server."),
        ({"address": "no address"}, "This is no address of a server."),
        ({"user_name": ""}, "Type the user name."),
        ({"password": ""}, "Type the app password."),
        ({"password": "another"}, "doesn’t know this user name with this password"),
        ({"address": "elsewhere.example"}, "no calendar server"),
    ],
)
def test_what_can_not_be_connected_says_why_and_keeps_what_was_typed(practice, fake, ada, changes, words):
    answer = ada.submit(ACCOUNTS, {**TYPED, **changes})

    assert answer.status_code == 422
    assert words in answer.text
    assert rows(practice, CalendarAccount) == []


@pytest.mark.databases("sqlite")
def test_a_server_that_is_away_can_not_be_connected_now(practice, fake, ada):
    fake.away = True

    answer = ada.submit(ACCOUNTS, TYPED)

    assert answer.status_code == 422
    assert "The server doesn’t answer just now." in answer.text


@pytest.mark.databases("sqlite")
def test_nobody_sees_anothers_connection_or_changes_it(practice, ada):
    connect_fake(practice)
    noor = desk(practice, "therapist", therapist="noor-haddad")
    mine = only_account(practice)

    for path in ("", "/disconnect"):
        assert ada.get(mine + path).status_code == 200
        assert noor.get(mine + path).status_code == 404
    token = forms_of(noor.get(ACCOUNTS).text)[-1].fields["csrf_token"]
    for path in ("/calendar", "/read", "/password", "/check", "/disconnect"):
        sent = {"written": "none", "remove": "keep", "password": "mine", "csrf_token": token}
        assert noor.post(mine + path, data=sent).status_code == 404
    assert len(rows(practice, CalendarAccount)) == 1


@pytest.mark.databases("sqlite")
def test_another_password_is_tried_before_it_is_kept(practice, ada):
    fake = connect_fake(practice)
    fake.password = "the new one"
    book(practice)
    mine = only_account(practice)
    assert "Sign in again" in ada.get(mine).text

    wrong = ada.submit(mine, {"password": "a slip"}, form=mine + "/password")
    assert wrong.status_code == 422
    assert "doesn’t know this user name" in wrong.text
    right = ada.submit(mine, {"password": "the new one"}, form=mine + "/password")
    assert right.status_code == 302
    practice.work_until_idle()

    assert len(fake.objects) == 1
    assert "Works" in ada.get(mine).text


@pytest.mark.databases("sqlite")
def test_checking_now_says_how_it_went(practice, ada):
    fake = connect_fake(practice)
    mine = only_account(practice)
    fake.away = True
    ada.submit(mine, {}, form=mine + "/check")
    assert "doesn’t answer just now" in ada.get(mine).text

    fake.away = False
    ada.submit(mine, {}, form=mine + "/check")

    assert "Your server answers." in ada.get(mine).text


@pytest.mark.databases("sqlite")
def test_calendars_that_are_read_keep_times_from_being_booked_and_our_own_entries_do_not(practice, ada):
    fake = connect_fake(practice)
    book(practice)
    [ours] = fake.objects.values()
    lines = ours.content.decode().split("\r\n")
    uid = next(line for line in lines if line.startswith("UID:"))
    theirs = ours.content.decode().replace(uid, "UID:dentist").replace("DTSTART:20270510T13", "DTSTART:20270511T13")
    theirs = theirs.replace("DTEND:20270510T13", "DTEND:20270511T13")
    fake.store(f"{URL}ada/work/dentist.ics", theirs.encode())
    mine = only_account(practice)

    saved = ada.submit(mine, {"read": [reference_of(practice, "Work")]}, form=mine + "/read")

    assert saved.status_code == 302
    with practice.app.app_context():
        busy = list(db.session.scalars(select(BusyTime)))
        assert [one.starts_at.day for one in busy] == [11]
    ada.submit(mine, {"read": None}, form=mine + "/read")
    with practice.app.app_context():
        assert list(db.session.scalars(select(BusyTime))) == []


def test_disconnecting_asks_what_becomes_of_the_entries(practice, ada):
    fake = connect_fake(practice)
    book(practice)
    mine = only_account(practice)
    assert ada.submit(mine + "/disconnect", {}).status_code == 422

    ada.submit(mine + "/disconnect", {"remove": "remove"})
    later(practice)

    assert fake.objects == {}
    assert rows(practice, CalendarAccount) == []
    assert ada.get(mine).status_code == 404


@pytest.mark.databases("sqlite")
def test_what_is_being_disconnected_is_not_written_to_again(practice, ada):
    fake = connect_fake(practice)
    book(practice)
    mine = only_account(practice)
    page = ada.get(mine)
    fake.away = True
    ada.submit(mine + "/disconnect", {"remove": "remove"})

    late = ada.send_form(page, {"written": reference_of(practice, "Work")}, form=mine + "/calendar")

    assert late.status_code == 409
    assert [one.written for one in rows(practice, AccountCalendar)] == [False, False]
    assert "Being disconnected" in ada.get(mine).text


# Questions


def test_a_session_that_was_moved_outside_can_take_that_time(practice, ada, mailer):
    fake = connect_fake(practice)
    held = book(practice)
    address = moved_outside(practice, fake)
    assert mailer.last_to("ada@practice.example").subject == "An entry in your calendar changed"
    page = ada.get(address)
    assert "The client knows nothing of it." in page.text

    answer = ada.send_form(page, form=MOVE)

    assert answer.status_code == 302, answer.text
    practice.work_until_idle()
    [question] = rows(practice, CalendarQuestion)
    assert question.answer is Answer.MOVED
    [stored] = fake.objects.values()
    assert b"DTSTART:20270510T150000Z" in stored.content
    assert b"SEQUENCE:1" in stored.content
    assert "another time now" in mailer.last_to(held.payer.email).text


def test_a_session_that_was_deleted_outside_can_be_put_back_and_nobody_is_told(practice, ada, mailer):
    fake = connect_fake(practice)
    held = book(practice)
    before = dict(fake.objects)
    fake.remove(next(iter(before)))
    later(practice)
    [question] = rows(practice, CalendarQuestion)
    letters = len(mailer.letters_to(held.payer.email))
    page = ada.get(QUESTIONS + question.reference)
    assert "Move the session there" not in page.text

    answer = ada.send_form(page, form=PUT_BACK)

    assert answer.status_code == 302
    practice.work_until_idle()
    assert fake.objects.keys() == before.keys()
    assert len(mailer.letters_to(held.payer.email)) == letters
    assert ada.send_form(page, form=PUT_BACK).status_code == 409


@pytest.mark.databases("sqlite")
def test_a_time_that_somebody_else_has_is_refused_and_the_question_stays(practice, ada):
    fake = connect_fake(practice, therapist=ADA)
    book(practice)
    address = moved_outside(practice, fake)
    practice.hold(MONDAY_NINE.replace(hour=15))
    page = ada.get(address)

    answer = ada.send_form(page, form=MOVE)

    assert answer.status_code == 409
    assert "Put it back as it was" in answer.text
    assert [one.answered_at for one in rows(practice, CalendarQuestion)] == [None]


@pytest.mark.databases("sqlite")
def test_an_answer_to_what_changed_meanwhile_does_nothing(practice, ada):
    fake = connect_fake(practice)
    book(practice)
    address = moved_outside(practice, fake)
    read = ada.get(address)
    [(href, stored)] = fake.objects.items()
    fake.store(href, stored.content.replace(b"20270510T15", b"20270510T17"))
    later(practice)

    assert ada.send_form(read, form=MOVE).status_code == 409
    assert [one.seen_starts_at.hour for one in rows(practice, CalendarQuestion)] == [17]


@pytest.mark.databases("sqlite")
def test_questions_are_for_their_therapist_and_the_desk_and_stand_on_today(practice, ada):
    fake = connect_fake(practice)
    book(practice)
    address = moved_outside(practice, fake)
    noor, coordinator = desk(practice, "therapist", therapist="noor-haddad"), desk(practice, "coordinator")

    assert noor.get(address).status_code == 404
    assert "Nothing waits for an answer." in noor.get(QUESTIONS).text
    for browser in (ada, coordinator):
        assert browser.get(address).status_code == 200
        assert address in browser.get(QUESTIONS).text
        assert "1 session was moved or deleted" in browser.get("/staff/").text
    assert "1 session was moved or deleted" not in noor.get("/staff/").text
    assert len(audit(practice, "session_refused")) == 1


@pytest.mark.databases("sqlite")
def test_a_session_that_is_cancelled_needs_no_answer(practice, ada):
    fake = connect_fake(practice)
    held = book(practice)
    address = moved_outside(practice, fake)
    with practice.app.app_context(), begin_work() as work:
        booking_actions.cancel(work, booking_actions.lock(work, held.reference))
    practice.work_until_idle()

    assert "This question is answered" in ada.get(address).text
    assert fake.objects == {}
