"""Sessions in a therapist's own calendar on a real server: one object for each, whatever comes between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice.booking import actions as bookings
from practice.booking.lifecycle import Trigger
from practice.calendars.caldav import actions, standing
from practice.calendars.caldav.gateway import CaldavServers
from practice.calendars.caldav.messages import AccountStopped, PushSession
from practice.calendars.caldav.models import AccountCalendar, Answer, CalendarAccount, Kind, PushedSession
from practice.database import db
from practice.outbox import OutboxMessage
from practice.sealing import DocumentKey
from practice.staff.actions import choose_language
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.outside import Dying, Outside
from tests.support.radicale import PASSWORD, Radicale, folder_for
from tests.support.staff import hire

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    radicale = Radicale(folder_for(tmp_path_factory.mktemp("caldav")))
    yield radicale
    radicale.stop()


@pytest.fixture
def settings(settings):
    return replace(settings, calendar_allow_local=True)


@pytest.fixture
def outside(practice, server):
    server.wipe()
    server.set_password(PASSWORD)
    server.start()
    return Outside(practice, server)


class Counting:
    """The gateway, and how often anybody went through it."""

    def __init__(self):
        self.reached = 0

    def reach(self, login):
        self.reached += 1
        return CaldavServers().reach(login)


def waiting(practice):
    with practice.app.app_context():
        pushes = select(OutboxMessage).where(OutboxMessage.kind == PushSession.KIND, OutboxMessage.state == "waiting")
        return len(db.session.scalars(pushes).all())


def messages(practice, kind):
    with practice.app.app_context():
        return db.session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == kind.KIND)).all()


# One object for each session


def test_connecting_writes_what_is_coming_and_then_each_session_follows(outside):
    before = outside.book(MONDAY_NINE)
    outside.connect()
    outside.assert_converged()

    outside.book(MONDAY_TEN)
    outside.assert_converged()
    outside.move(before, MONDAY_NINE + 2 * HOUR)
    outside.assert_converged()
    outside.cancel(before)

    outside.assert_converged()
    assert len(outside.there()) == 1


@pytest.mark.databases("sqlite")
def test_an_object_says_session_and_when_and_invites_nobody(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)

    text = outside.radicale.objects(outside.work_path)[outside.path_of(held)]

    assert "SUMMARY:Session" in text
    assert held.payer.name not in text
    for word in ("METHOD", "ATTENDEE", "ORGANIZER", "VALARM"):
        assert word not in text


@pytest.mark.databases("sqlite")
def test_an_object_speaks_its_therapists_language_from_its_next_writing_on(practice, outside):
    ada = hire(practice, "clinician", therapist="ada-lindqvist")
    outside.connect()
    held = outside.book(MONDAY_NINE)
    with practice.app.app_context(), begin_work() as work:
        choose_language(work, int(ada.actor.removeprefix("staff:")), "es")

    outside.check_now()

    assert "SUMMARY:Sesión" in outside.radicale.objects(outside.work_path)[outside.path_of(held)]
    outside.assert_converged()
    assert outside.questions() == []


@pytest.mark.databases("sqlite")
def test_another_therapists_sessions_stay_out_of_it(outside):
    outside.connect()

    outside.book(MONDAY_NINE + 4 * HOUR, therapist="noor-haddad")

    assert outside.there() == {}


def test_choosing_another_calendar_takes_the_sessions_there(outside):
    outside.connect()
    outside.book(MONDAY_NINE)

    outside.choose(outside.other_path)

    outside.assert_converged(outside.other_path)
    assert outside.there() == {}

    outside.choose(None)

    assert outside.there(outside.other_path) == {}
    with outside.practice.app.app_context():
        assert db.session.scalars(select(PushedSession)).all() == []


@pytest.mark.databases("sqlite")
def test_a_session_that_is_marked_as_attended_is_not_written_again(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.radicale.rewrite(outside.path_of(held), SUMMARY="Mine")
    outside.look()
    outside.practice.clock.advance(days=6)
    outside.practice.work_until_idle()

    outside.do(lambda work: bookings.mark(work, bookings.lock(work, held.reference), Trigger.COMPLETE))
    outside.do(lambda work: work.post(PushSession(held.reference, "marked")))
    outside.check_now()

    assert outside.practice.state_of(held) == "attended"
    assert "SUMMARY:Mine" in outside.radicale.objects(outside.work_path)[outside.path_of(held)]
    assert outside.questions() == []


# Servers that go and come back


def test_twenty_changes_while_the_server_is_away_end_as_one_object_for_each_session(outside):
    outside.connect()
    stays = outside.book(MONDAY_NINE)
    goes = outside.book(MONDAY_TEN)
    outside.radicale.stop()

    for day in range(1, 9):
        outside.book(MONDAY_NINE + (day if day < 5 else day + 2) * DAY)
    for hour in range(3, 8):
        outside.move(stays, MONDAY_NINE + hour * HOUR)
    outside.cancel(goes)
    for day in (1, 2, 3):
        late = outside.book(MONDAY_TEN + day * DAY)
        outside.move(late, MONDAY_TEN + day * DAY + HOUR)
    assert outside.state() == "away"
    outside.radicale.start()
    outside.practice.clock.advance(hours=2)
    outside.practice.work_until_idle()

    assert len(outside.there()) == 12
    assert waiting(outside.practice) == 0
    assert outside.state() == "working"
    outside.assert_converged()


@pytest.mark.databases("sqlite")
def test_a_server_that_is_away_for_weeks_is_asked_rarely_and_its_therapist_told_once(outside):
    outside.connect()
    outside.radicale.stop()
    counting = Counting()
    outside.door(counting)
    outside.book(MONDAY_NINE + 35 * DAY)

    for _ in range(25):
        outside.practice.clock.advance(days=1)
        outside.do(standing.tell_of_days_away)

    assert 25 <= counting.reached <= 60  # the push and the look, each at most once for each time that work was done
    assert waiting(outside.practice) == 1
    assert len(messages(outside.practice, AccountStopped)) == 1
    outside.radicale.start()
    outside.practice.clock.advance(hours=1)
    outside.practice.work_until_idle()
    outside.assert_converged()


def test_a_wrong_password_stops_everything_until_there_is_a_new_one(outside):
    outside.connect()
    outside.radicale.stop()
    outside.radicale.set_password("changed on the server")
    outside.radicale.start()

    outside.book(MONDAY_NINE)
    outside.book(MONDAY_TEN)

    assert outside.state() == "sign_in_again"
    assert waiting(outside.practice) == 0
    assert len(messages(outside.practice, AccountStopped)) == 1
    outside.with_account(lambda work, account: actions.change_password(work, account, "changed on the server"))
    assert outside.state() == "working"
    outside.assert_converged()


@pytest.mark.databases("sqlite")
def test_a_calendar_that_was_deleted_stops_it_and_asks_about_no_session(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.radicale.delete(outside.work_path)

    outside.look()

    assert outside.state() == "calendar_gone"
    assert outside.questions() == []
    outside.move(held, MONDAY_TEN)
    outside.choose(outside.other_path)
    assert outside.state() == "working"
    outside.assert_converged(outside.other_path)


@pytest.mark.databases("sqlite")
def test_a_token_that_the_server_forgot_is_no_lost_password(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.look()
    outside.do(lambda work: work.session.execute(update(AccountCalendar).values(sync_token="http://x.example/none")))
    outside.radicale.delete(outside.path_of(held))

    outside.look()

    assert outside.state() == "working"
    assert [one.kind for one in outside.questions()] == [Kind.DELETED]


# Kills, conflicts, and what isn't ours


@pytest.mark.parametrize("step", ["create", "move", "cancel"])
def test_a_kill_between_the_servers_yes_and_our_note_leaves_one_object(outside, step):
    outside.connect()
    held = None if step == "create" else outside.book(MONDAY_NINE)
    outside.door(Dying())

    with pytest.raises(KeyboardInterrupt):
        if held is None:
            outside.book(MONDAY_NINE)
        elif step == "move":
            outside.move(held, MONDAY_TEN)
        else:
            outside.cancel(held)
    outside.door(CaldavServers())
    outside.practice.clock.advance(minutes=3)
    outside.practice.work_until_idle()

    outside.assert_converged()
    assert outside.questions() == []


@pytest.mark.databases("sqlite")
def test_a_session_that_is_moved_while_its_title_was_edited_outside_wins(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.radicale.rewrite(outside.path_of(held), SUMMARY="Mine")

    outside.move(held, MONDAY_TEN)

    outside.assert_converged()
    assert outside.questions() == []


@pytest.mark.databases("sqlite")
def test_an_entry_of_somebody_elses_with_the_same_id_is_left_alone(outside):
    outside.connect(outside.other_path)
    held = outside.book(MONDAY_NINE)
    text = outside.radicale.objects(outside.other_path)[outside.path_of(held, outside.other_path)]
    from_mail = text.replace("SUMMARY:Session", "SUMMARY:From a letter\r\nORGANIZER:mailto:office@practice.example")
    outside.radicale.ask("PUT", outside.work_path + "from-mail.ics", from_mail, Content_Type="text/calendar")

    outside.choose(outside.work_path)

    assert list(outside.radicale.objects(outside.work_path)) == [outside.work_path + "from-mail.ics"]
    outside.cancel(held)
    assert list(outside.radicale.objects(outside.work_path)) == [outside.work_path + "from-mail.ics"]
    with outside.practice.app.app_context():
        assert db.session.scalars(select(PushedSession)).all() == []


@pytest.mark.databases("sqlite")
def test_once_the_foreign_entry_is_gone_ours_takes_its_place(outside):
    outside.connect(outside.other_path)
    held = outside.book(MONDAY_NINE)
    text = outside.radicale.objects(outside.other_path)[outside.path_of(held, outside.other_path)]
    foreign = outside.path_of(held, outside.other_path).replace(outside.other_path, outside.work_path)
    with_guest = text.replace("SUMMARY:Session", "SUMMARY:Lunch\r\nATTENDEE:mailto:someone@mail.example")
    outside.radicale.ask("PUT", foreign, with_guest, Content_Type="text/calendar")
    outside.choose(outside.work_path)
    assert "Lunch" in outside.radicale.objects(outside.work_path)[foreign]

    outside.radicale.delete(foreign)
    outside.check_now()

    outside.assert_converged()


# What a therapist does outside


def test_an_object_that_was_moved_outside_asks_and_moves_nothing(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    where = outside.path_of(held)
    outside.radicale.rewrite(where, DTSTART="20270510T150000Z", DTEND="20270510T155000Z")

    outside.look()
    outside.check_now()

    [question] = outside.questions()
    assert (question.kind, question.seen_starts_at) == (Kind.MOVED, MONDAY_NINE + 2 * HOUR)
    with outside.practice.app.app_context():
        assert outside.booking(held).starts_at == MONDAY_NINE
    assert "DTSTART:20270510T150000Z" in outside.radicale.objects(outside.work_path)[where]


def test_an_object_that_was_deleted_outside_asks_and_cancels_nothing(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.radicale.delete(outside.path_of(held))

    outside.look()
    outside.check_now()

    [question] = outside.questions()
    assert question.kind is Kind.DELETED
    assert outside.practice.state_of(held) == "confirmed"
    assert outside.there() == {}


@pytest.mark.parametrize("what", ["moved", "deleted"])
def test_a_session_that_changes_wins_over_what_was_done_outside(outside, what):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    where = outside.path_of(held)
    if what == "moved":
        outside.radicale.rewrite(where, DTSTART="20270510T150000Z", DTEND="20270510T155000Z")
    else:
        outside.radicale.delete(where)
    outside.look()

    outside.move(held, MONDAY_TEN)

    outside.assert_converged()
    [question] = outside.questions()
    assert question.answer is Answer.SESSION_CHANGED
    outside.cancel(held)
    outside.assert_converged()


@pytest.mark.databases("sqlite")
def test_putting_it_back_outside_answers_the_question(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    where = outside.path_of(held)
    before = outside.radicale.objects(outside.work_path)[where]
    outside.radicale.delete(where)
    outside.look()
    outside.radicale.ask("PUT", where, before, Content_Type="text/calendar")

    outside.look()

    assert [one.answer for one in outside.questions()] == [Answer.BACK]
    outside.assert_converged()


@pytest.mark.databases("sqlite")
def test_what_is_over_may_be_tidied_up_without_a_question(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.practice.clock.advance(days=6)
    outside.practice.work_until_idle()
    outside.radicale.delete(outside.path_of(held))

    outside.look()

    assert outside.questions() == []
    outside.assert_converged()


# Disconnecting


def test_disconnecting_removes_what_we_wrote_where_that_is_wished(outside):
    outside.connect()
    outside.book(MONDAY_NINE)

    outside.with_account(actions.leave_and_remove)
    outside.practice.clock.advance(minutes=1)
    outside.practice.work_until_idle()

    assert outside.there() == {}
    with outside.practice.app.app_context():
        assert db.session.scalars(select(CalendarAccount)).all() == []
        assert db.session.scalars(select(DocumentKey)).all() == []


@pytest.mark.databases("sqlite")
def test_disconnecting_leaves_what_we_wrote_where_that_is_wished(outside):
    outside.connect()
    outside.book(MONDAY_NINE)

    outside.with_account(actions.leave)
    outside.book(MONDAY_TEN)

    assert len(outside.there()) == 1


@pytest.mark.databases("sqlite")
def test_leaving_a_server_that_never_comes_back_ends_after_two_days(outside):
    outside.connect()
    outside.book(MONDAY_NINE)
    outside.radicale.stop()
    outside.with_account(actions.leave_and_remove)

    for _ in range(3):
        outside.practice.clock.advance(days=1)
        outside.practice.work_until_idle()

    with outside.practice.app.app_context():
        assert db.session.scalars(select(CalendarAccount)).all() == []


@pytest.mark.databases("sqlite")
def test_every_night_whatever_was_lost_is_found(outside):
    outside.connect()
    held = outside.book(MONDAY_NINE)
    outside.do(lambda work: work.session.execute(PushedSession.__table__.delete()))
    outside.radicale.delete(outside.path_of(held))
    assert [one for one in outside.practice.breaches() if one.startswith("I8")]

    outside.do(
        lambda work: actions.look_over(
            work, work.session.scalars(select(AccountCalendar).where(AccountCalendar.written)).one()
        )
    )

    outside.assert_converged()
