"""Sessions in therapists' own calendars, where servers and people do what isn't in the plan."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from practice.booking import actions as booking_actions
from practice.booking.messages import AttendanceSweep
from practice.booking.models import Booking
from practice.booking.moving import move_as_staff
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import offer_by_ids
from practice.calendars.caldav import actions, handlers
from practice.calendars.caldav.messages import AccountStopped, PushSession
from practice.calendars.caldav.models import Answer, CalendarAccount, CalendarQuestion, PushedSession
from practice.calendars.caldav.objects import href_in
from practice.calendars.caldav.queries import list_open_questions
from practice.calendars.caldav.servers import Changed, Login
from practice.calendars.caldav.talking import MOST_TRIES
from practice.calendars.reading.models import Reading
from practice.calendars.reading.polling import poll
from practice.database import db
from practice.outbox import OutboxMessage
from practice.sealing import vault
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.fake_calendars import LOGIN, URL, connect_fake

pytestmark = pytest.mark.databases("sqlite")
HOUR = timedelta(hours=1)
GUESTS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//another//EN\r\nBEGIN:VEVENT\r\nUID:0\r\nDTSTAMP:20270101T000000Z\r\n"
    b"DTSTART:20270510T180000Z\r\nDTEND:20270510T190000Z\r\nSUMMARY:Lunch\r\nATTENDEE:mailto:guest@mail.example\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def do(practice, act):
    with practice.app.app_context(), begin_work() as work:
        act(work)
    practice.work_until_idle()


def book(practice, start):
    held = practice.hold(start)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def move(practice, held, start):
    with practice.app.app_context():
        booking = db.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
        offer = offer_by_ids(booking.therapist_id, booking.offering_id)
    do(practice, lambda work: move_as_staff(work, held.reference, offer, start))


def connect(practice, fake, login, chosen=None):
    """Ada connects an account, and chooses one of its calendars."""
    found = fake.reach(login).discover()

    def act(work):
        ada = work.session.scalars(select(Therapist).where(Therapist.slug == "ada-lindqvist")).one()
        account = actions.connect(work, ada, login, found)
        if chosen is not None:
            actions.choose_written(work, ada.id, next(one for one in account.calendars if one.name == chosen))

    do(practice, act)


def with_account(practice, act):
    do(practice, lambda work: act(work, work.session.scalars(select(CalendarAccount)).one()))


def choose(practice, chosen):
    def act(work, account):
        found = next((one for one in account.calendars if one.name == chosen), None)
        actions.choose_written(work, account.therapist_id, found)

    with_account(practice, act)


def everything(practice, model):
    with practice.app.app_context():
        return list(db.session.scalars(select(model)))


def state(practice):
    [account] = everything(practice, CalendarAccount)
    return account.state


def breaches(practice):
    return [breach for breach in practice.breaches() if breach.startswith("I8")]


def pass_time(practice, **long):
    practice.clock.advance(**long)
    practice.work_until_idle()


# The same account twice


def test_connecting_the_same_account_again_changes_its_password_and_no_session(practice):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    before = dict(fake.objects)
    fake.password = "another"

    connect(practice, fake, Login(LOGIN.url, LOGIN.user_name, "another"), "Work")
    book(practice, MONDAY_TEN)
    pass_time(practice, minutes=16)

    assert len(everything(practice, CalendarAccount)) == 1
    assert before.items() <= fake.objects.items()
    assert len(fake.objects) == 2
    assert everything(practice, CalendarQuestion) == []


def test_connecting_an_account_that_is_being_given_up_keeps_it(practice):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    fake.away = True
    with_account(practice, actions.leave_and_remove)
    fake.away = False

    connect(practice, fake, LOGIN, "Work")
    pass_time(practice, days=3)

    assert state(practice) == "working"
    assert len(fake.objects) == 1


def test_the_same_calendar_by_another_address_takes_no_session_away(practice):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_TEN)

    connect(practice, fake, Login(f"{URL}dav/", LOGIN.user_name, LOGIN.password), "Work")
    pass_time(practice, minutes=16)

    assert len(fake.objects) == 2
    assert len(everything(practice, PushedSession)) == 2
    assert everything(practice, CalendarQuestion) == []
    assert breaches(practice) == []


# An answer that is lost


@pytest.mark.parametrize("changes", ["moved", "moved twice", "moved and moved back", "cancelled"])
def test_a_write_that_was_heard_and_whose_answer_was_lost_asks_nothing_when_the_session_changes(practice, changes):
    fake = connect_fake(practice)
    fake.lost = 1
    held = book(practice, MONDAY_NINE)
    assert len(fake.objects) == 1

    move(practice, held, MONDAY_NINE + 2 * HOUR)
    if changes == "moved twice":
        move(practice, held, MONDAY_NINE + 4 * HOUR)
    elif changes == "moved and moved back":
        move(practice, held, MONDAY_NINE)
    elif changes == "cancelled":
        do(practice, lambda work: booking_actions.cancel(work, booking_actions.lock(work, held.reference)))
    pass_time(practice, minutes=5)
    pass_time(practice, minutes=16)

    assert everything(practice, CalendarQuestion) == []
    assert len(fake.objects) == (0 if changes == "cancelled" else 1)
    assert breaches(practice) == []


def test_an_entry_with_guests_in_the_place_of_a_first_write_is_left_alone_when_the_session_moves(practice):
    fake = connect_fake(practice)
    fake.away = True
    held = book(practice, MONDAY_NINE)
    with practice.app.app_context():
        [uid] = db.session.scalars(select(Booking.uid).where(Booking.reference == held.reference))
    href = href_in(f"{URL}ada/work/", uid)
    fake.store(href, GUESTS.replace(b"UID:0", b"UID:" + uid.encode()))
    theirs = fake.objects[href]
    move(practice, held, MONDAY_NINE + 2 * HOUR)

    fake.away = False
    pass_time(practice, minutes=5)
    do(practice, lambda work: booking_actions.cancel(work, booking_actions.lock(work, held.reference)))

    assert fake.objects == {href: theirs}


# A calendar that was left


def test_what_cannot_be_removed_from_the_calendar_before_keeps_no_session_from_the_new_one(practice):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_TEN)
    fake.refused.add(f"{URL}ada/work/")

    choose(practice, "Family")
    book(practice, MONDAY_NINE + 4 * HOUR)

    assert state(practice) == "working"
    assert len([href for href in fake.objects if "/family/" in href]) == 3
    assert len(everything(practice, PushedSession)) == 3
    assert breaches(practice) == []


def test_a_cancelled_session_in_the_written_calendar_that_takes_no_changes_stops_it(practice):
    fake = connect_fake(practice)
    held = book(practice, MONDAY_NINE)
    fake.refused.add(f"{URL}ada/work/")

    do(practice, lambda work: booking_actions.cancel(work, booking_actions.lock(work, held.reference)))

    assert state(practice) == "not_allowed"
    fake.refused.clear()
    with_account(practice, actions.check_now)
    assert fake.objects == {}


@pytest.mark.parametrize("again", ["password", "check"])
def test_what_was_written_is_removed_where_none_was_chosen_while_the_connection_stood_still(practice, again):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    fake.password = "another"
    pass_time(practice, minutes=16)
    assert state(practice) == "sign_in_again"
    choose(practice, None)

    if again == "password":
        with_account(practice, lambda work, account: actions.change_password(work, account, "another"))
    else:
        fake.password = LOGIN.password
        with_account(practice, actions.check_now)

    assert fake.objects == {}
    assert everything(practice, PushedSession) == []


# Nights


def pushes(practice):
    return len([one for one in everything(practice, OutboxMessage) if one.kind == PushSession.KIND])


def night(practice):
    practice.clock.advance(days=1)
    with practice.app.app_context():
        handlers.on_night(AttendanceSweep("a night"))
    practice.work_until_idle()


def test_a_night_asks_for_no_session_that_is_over_and_was_written(practice):
    connect_fake(practice)
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_TEN)
    pass_time(practice, days=30)
    before = pushes(practice)

    night(practice)

    assert pushes(practice) == before


@pytest.mark.parametrize("lost", ["the write", "the removal", "the cancellation"])
def test_a_night_asks_for_what_is_left_to_do_for_sessions_that_are_over(practice, lost):
    fake = connect_fake(practice)
    held = book(practice, MONDAY_NINE)
    fake.away = True
    if lost == "the write":
        move(practice, held, MONDAY_TEN)
    elif lost == "the removal":
        choose(practice, None)
        choose(practice, "Family")
    else:
        do(practice, lambda work: booking_actions.cancel(work, booking_actions.lock(work, held.reference)))
    do(practice, lambda work: work.session.execute(delete(OutboxMessage).where(OutboxMessage.kind == PushSession.KIND)))
    fake.away = False
    practice.clock.advance(days=30)

    night(practice)

    starts = [re.search(rb"DTSTART:(\w+)", one.content)[1] for one in fake.objects.values()]
    assert starts == ([b"20270510T140000Z"] if lost == "the write" else [])
    assert all(row.settled for row in everything(practice, PushedSession))


# Reading beside writing


def read(practice, name):
    """Have a calendar keep times from being booked; its reference."""
    added = []

    def act(work, account):
        [one] = [calendar for calendar in account.calendars if calendar.name == name]
        added.extend(actions.choose_read(work, account, [one.reference]))

    with_account(practice, act)
    return added[0]


def poll_now(practice, reference):
    with practice.app.app_context():
        poll(reference)
        found = db.session.scalars(select(Reading)).one()
        return found.failing_since


@pytest.mark.parametrize("trouble", ["gone", "refused"])
def test_trouble_with_the_written_calendar_keeps_no_other_from_being_read(practice, trouble):
    fake = connect_fake(practice)
    reference = read(practice, "Family")
    if trouble == "gone":
        del fake.calendars[f"{URL}ada/work/"]
    else:
        fake.refused.add(f"{URL}ada/work/")
    book(practice, MONDAY_NINE)
    assert state(practice) == {"gone": "calendar_gone", "refused": "not_allowed"}[trouble]

    assert poll_now(practice, reference) is None


def test_a_password_that_is_refused_while_reading_stops_the_connection_with_one_letter(practice):
    fake = connect_fake(practice)
    reference = read(practice, "Family")
    choose(practice, None)
    fake.password = "another"

    assert poll_now(practice, reference) is not None
    before = fake.asked
    poll_now(practice, reference)

    assert state(practice) == "sign_in_again"
    assert fake.asked == before
    assert len([one for one in everything(practice, OutboxMessage) if one.kind == AccountStopped.KIND]) == 1


# A key that is gone


def test_a_connection_whose_key_is_gone_asks_for_a_password_and_works_with_a_new_one(practice):
    fake = connect_fake(practice)
    reference = read(practice, "Family")
    with_account(practice, lambda work, account: vault().destroy_key(account.reference))

    book(practice, MONDAY_NINE)

    assert state(practice) == "sign_in_again"
    assert poll_now(practice, reference) is not None
    with_account(practice, lambda work, account: actions.change_password(work, account, LOGIN.password))
    assert state(practice) == "working"
    assert len(fake.objects) == 1


# A question that nobody answers


def test_a_question_that_nobody_answered_ends_with_its_session(practice):
    fake = connect_fake(practice)
    held = book(practice, MONDAY_NINE)
    fake.remove(next(iter(fake.objects)))
    pass_time(practice, minutes=16)
    [question] = everything(practice, CalendarQuestion)
    assert question.answered_at is None
    with practice.app.app_context():
        therapist = db.session.scalars(select(Booking.therapist_id).where(Booking.reference == held.reference)).one()
        assert len(list_open_questions([therapist])) == 1
    practice.clock.advance(days=6)
    with practice.app.app_context():
        assert list_open_questions([therapist]) == []

    night(practice)

    [question] = everything(practice, CalendarQuestion)
    assert question.answer is Answer.OVER


# Conditions that never hold


def test_a_condition_that_never_holds_is_tried_ever_more_rarely_and_told_once(practice, monkeypatch):
    fake = connect_fake(practice)
    held = book(practice, MONDAY_NINE + 7 * timedelta(days=1))
    tries = []

    def put_changed(_server, href, _content, _etag):
        tries.append(href)
        raise Changed("412")

    with monkeypatch.context() as patched:
        patched.setattr("tests.support.fake_calendars._Server.put_changed", put_changed)
        move(practice, held, MONDAY_TEN + 7 * timedelta(days=1))
        for _ in range(60):
            pass_time(practice, minutes=30)
        night(practice)

    assert len(tries) < 40 * MOST_TRIES
    assert len([one for one in everything(practice, OutboxMessage) if one.kind == AccountStopped.KIND]) == 1
    [row] = everything(practice, PushedSession)
    assert row.not_ours_since is not None
    assert breaches(practice) == []
    with_account(practice, actions.check_now)
    [row] = everything(practice, PushedSession)
    assert (row.settled, row.not_ours_since, row.refused_since) == (True, None, None)
    assert len(fake.objects) == 1
