"""Reminders: of an appointment, and of what is left to do before it. Who gets which, when, and who never does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from practice.booking import actions as booking_actions
from practice.booking.messages import AttendanceSweep, BookingConfirmed
from practice.booking.moving import move_as_staff
from practice.booking.offers.models import Offering
from practice.booking.offers.queries import get_staff_offer
from practice.database import db
from practice.notify import handlers as notify_handlers
from practice.notify.mailer import MailAway
from practice.notify.messages import SendLetter
from practice.outbox import OutboxMessage
from practice.people import Contact, MailedLink, contact_of, forget_person, save_contact
from practice.reminding import actions, handlers, timing
from practice.reminding.messages import AppointmentNear, PartMissing, Topic
from practice.setup.actions import set_reminder_hours
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, START
from tests.support.reminders import BACK_LINK, STOP_LINK, complete, leave_open, link_in

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NEAR = MONDAY_NINE - 48 * HOUR
LEFT = MONDAY_NINE - 3 * DAY
TUESDAY_TEN = MONDAY_NINE + 25 * HOUR
IN_TWO_WEEKS = MONDAY_NINE + 14 * DAY


def book(practice, start=MONDAY_NINE, client=None, **what):
    held = practice.hold(start, client, **what)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def go_to(practice, instant):
    practice.clock.set(instant)
    practice.work_until_idle()


def letters(mailer, client, words="You have an appointment"):
    return [one for one in mailer.letters_to(client.email) if words in one.text]


def left(mailer, client):
    return letters(mailer, client, "something left for you to do")


def change(practice, held, action):
    with practice.app.app_context(), begin_work() as work:
        action(work, booking_actions.lock(work, held.reference))


def move(practice, held, start):
    with practice.app.app_context(), begin_work() as work:
        move_as_staff(work, held.reference, get_staff_offer("ada-lindqvist", "couple-50"), start)


def set_hours(practice, hours):
    with practice.app.app_context(), begin_work() as work:
        set_reminder_hours(work, "command", hours)


def stop(practice, client, topic):
    with practice.app.app_context(), begin_work() as work:
        actions.stop_letters(work, client.person_id, topic)


def breaches(practice):
    return [one for one in practice.breaches() if "remind" in one]


def timers(practice, kind=AppointmentNear):
    with practice.app.app_context():
        found = select(OutboxMessage).where(OutboxMessage.kind == kind.KIND).order_by(OutboxMessage.due_at)
        return [row.due_at for row in db.session.scalars(found)]


def test_whoever_comes_is_reminded_two_days_before_in_their_own_zone_behind_their_code(practice, mailer, clock):
    held = book(practice)

    go_to(practice, NEAR - timedelta(seconds=1))
    assert letters(mailer, held.payer) == []
    go_to(practice, NEAR)
    [letter] = letters(mailer, held.payer)

    assert letter.subject == "Your appointment"
    assert "You have an appointment Monday 10 May, 9:00 am Eastern Time." in letter.text
    page = practice.browser().get(link_in(BACK_LINK, letter.text))
    assert (page.status_code, "Your code" in page.text or "Choose a code" in page.text) == (200, True)
    go_to(practice, MONDAY_NINE + DAY)
    assert len(letters(mailer, held.payer)) == 1
    assert breaches(practice) == []


def test_somebody_who_booked_later_than_that_is_not_reminded(practice, mailer):
    practice.clock.set(NEAR)
    late = book(practice)
    early = book(practice, MONDAY_NINE + HOUR)

    go_to(practice, NEAR + HOUR)
    go_to(practice, MONDAY_NINE)

    assert letters(mailer, late.payer) == []
    assert len(letters(mailer, early.payer)) == 1


@pytest.mark.parametrize(("hours", "expected"), [(24, MONDAY_NINE - 24 * HOUR), (72, MONDAY_NINE - 72 * HOUR)])
def test_a_practice_sets_the_hours_and_sessions_that_are_booked_already_follow_in_the_night(
    practice, mailer, hours, expected
):
    held = book(practice)
    set_hours(practice, hours)
    with practice.app.app_context():
        handlers.on_night(AttendanceSweep("2027-05-06"))

    go_to(practice, min(expected, NEAR) - HOUR)
    go_to(practice, expected - timedelta(minutes=1))
    assert letters(mailer, held.payer) == []
    go_to(practice, expected)
    go_to(practice, MONDAY_NINE)
    assert len(letters(mailer, held.payer)) == 1


def test_a_practice_may_remind_nobody(practice, mailer):
    held = book(practice)
    set_hours(practice, None)

    go_to(practice, MONDAY_NINE)

    assert letters(mailer, held.payer) == []
    assert timers(practice) == [NEAR]  # it came, and found nothing to do


def test_a_session_that_was_moved_is_reminded_of_once_at_its_own_time(practice, mailer):
    held = book(practice)
    move(practice, held, TUESDAY_TEN)
    practice.work_until_idle()

    go_to(practice, NEAR)
    assert letters(mailer, held.payer) == []
    go_to(practice, TUESDAY_TEN - 48 * HOUR)

    [letter] = letters(mailer, held.payer)
    assert "Tuesday 11 May, 10:00 am Eastern Time" in letter.text
    assert timers(practice) == [NEAR, TUESDAY_TEN - 48 * HOUR]
    assert breaches(practice) == []


@pytest.mark.parametrize("end", [booking_actions.cancel, booking_actions.decline])
def test_nobody_is_reminded_of_a_session_that_does_not_stand(practice, mailer, end):
    held = book(practice)
    leave_open(practice, held.payer)
    change(practice, held, end)

    go_to(practice, MONDAY_NINE)

    assert letters(mailer, held.payer) == left(mailer, held.payer) == []


def test_a_session_that_is_cancelled_between_the_reminder_and_its_letter_is_not_told_of(practice, mailer):
    held = book(practice)
    mailer.fail_with = MailAway("ConnectionRefusedError")
    go_to(practice, NEAR)
    change(practice, held, booking_actions.cancel)
    mailer.fail_with = None

    go_to(practice, NEAR + HOUR)

    assert letters(mailer, held.payer) == []
    assert breaches(practice) == []  # when it was written, the session stood


def test_a_reminder_that_is_late_by_hours_is_not_sent(practice, mailer):
    in_time, late = book(practice), book(practice, MONDAY_NINE + HOUR)
    practice.clock.set(NEAR + timing.LATE)  # the worker was away: of one hour's session it is just in time
    mailer.fail_with = MailAway("ConnectionRefusedError")
    practice.work_until_idle()
    mailer.fail_with = None
    go_to(practice, NEAR + timing.LATE + HOUR)
    go_to(practice, NEAR + timing.LATE + 2 * HOUR)

    assert letters(mailer, in_time.payer) == []
    assert len(letters(mailer, late.payer)) == 1


def test_a_reminder_that_comes_twice_or_out_of_order_is_one_letter(practice, mailer):
    held = book(practice)
    practice.clock.set(NEAR)
    message = AppointmentNear(held.reference, 0, NEAR.isoformat())
    with practice.app.app_context():
        handlers.on_booking_confirmed(BookingConfirmed(held.reference, 0))
        for _ in range(2):
            notify_handlers.on_appointment_near(message)
        notify_handlers.on_appointment_near(AppointmentNear(held.reference, 7, NEAR.isoformat()))
        notify_handlers.on_appointment_near(AppointmentNear("b_nothinghere", 0, NEAR.isoformat()))
    practice.work_until_idle()

    assert len(letters(mailer, held.payer)) == 1


def test_two_days_are_elapsed_hours_over_a_change_of_the_clocks(practice, mailer):
    practice.clock.set(datetime(2027, 3, 10, 15, tzinfo=UTC))
    monday = datetime(2027, 3, 15, 13, tzinfo=UTC)  # 9:00 in New York, the day after its clocks went forward
    held = book(practice, monday)

    go_to(practice, monday - 48 * HOUR - timedelta(minutes=1))
    assert letters(mailer, held.payer) == []
    go_to(practice, monday - 48 * HOUR)  # Saturday, 8:00 there

    assert "Monday 15 March, 9:00 am Eastern Time" in letters(mailer, held.payer)[0].text


def test_somebody_who_has_something_left_is_told_so_twice_and_it_names_nothing(practice, mailer):
    held = book(practice, IN_TWO_WEEKS)
    leave_open(practice, held.payer)

    for days in (5, 3):
        go_to(practice, IN_TWO_WEEKS - days * DAY - timedelta(minutes=1))
        before = len(left(mailer, held.payer))
        go_to(practice, IN_TWO_WEEKS - days * DAY)
        assert len(left(mailer, held.payer)) == before + 1
    go_to(practice, IN_TWO_WEEKS + DAY)

    assert len(left(mailer, held.payer)) == 2
    assert breaches(practice) == []


def test_it_ends_when_it_is_done_and_nobody_is_asked_who_has_nothing_left(practice, mailer):
    done, never = book(practice, IN_TWO_WEEKS), book(practice, IN_TWO_WEEKS + HOUR)
    leave_open(practice, done.payer)
    go_to(practice, IN_TWO_WEEKS - 5 * DAY)
    complete(practice, done.payer)

    go_to(practice, IN_TWO_WEEKS)

    assert len(left(mailer, done.payer)) == 1
    assert left(mailer, never.payer) == []


def test_somebody_who_booked_shortly_before_is_not_asked_for_what_they_had_no_time_for(practice, mailer):
    practice.clock.set(LEFT - timing.TIME_TO_DO_IT + timedelta(minutes=1))
    held = book(practice)
    leave_open(practice, held.payer)

    go_to(practice, MONDAY_NINE)

    assert left(mailer, held.payer) == []
    assert timers(practice, PartMissing) == []


def test_before_a_call_without_charge_nothing_is_missing(practice, mailer):
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Offering).where(Offering.slug == "individual-50")).one().price_minor = 0
    held = book(practice, IN_TWO_WEEKS, offering="individual-50")
    leave_open(practice, held.payer)

    for days in (5, 3, 2):
        go_to(practice, IN_TWO_WEEKS - days * DAY)

    assert left(mailer, held.payer) == []
    assert len(letters(mailer, held.payer)) == 1


@pytest.mark.parametrize("topic", [Topic.NEAR, Topic.MISSING])
def test_a_link_in_the_letter_stops_letters_of_its_kind_and_no_others(practice, mailer, topic):
    held = book(practice, IN_TWO_WEEKS)
    leave_open(practice, held.payer)
    find = letters if topic is Topic.NEAR else left
    go_to(practice, IN_TWO_WEEKS - (2 if topic is Topic.NEAR else 5) * DAY)
    path = link_in(STOP_LINK, find(mailer, held.payer)[0].text)
    browser = practice.browser()  # somebody else's: no code is asked for, and nothing can be read

    assert browser.get(path).status_code == 200
    with practice.app.app_context():
        assert db.session.execute(text("SELECT topic FROM stopped_letters")).all() == []
    for _ in range(2):
        assert "These letters have stopped" in browser.submit(path).text

    with practice.app.app_context():
        assert db.session.execute(text("SELECT topic FROM stopped_letters")).all() == [(topic.value,)]
    book(practice, IN_TWO_WEEKS + 14 * DAY, held.payer)
    for days in (5, 3, 2):
        go_to(practice, IN_TWO_WEEKS + (14 - days) * DAY)
    other = left if topic is Topic.NEAR else letters
    assert len(find(mailer, held.payer)) == 1
    assert len(other(mailer, held.payer)) >= 1


def test_a_stop_link_opens_nothing_else_and_can_be_withdrawn(practice, mailer):
    held = book(practice)
    go_to(practice, NEAR)
    letter = letters(mailer, held.payer)[0]
    stop_path, back_path = link_in(STOP_LINK, letter.text), link_in(BACK_LINK, letter.text)
    browser = practice.browser()

    assert browser.get(stop_path.replace("/stop/", "/return/")).status_code == 404
    assert browser.get(back_path.replace("/return/", "/stop/")).status_code == 404
    assert held.payer.name not in browser.get(stop_path).text
    with practice.app.app_context(), begin_work() as work:
        for link in work.session.scalars(select(MailedLink).where(MailedLink.purpose == "stop")):
            link.revoked_at = work.now
    assert browser.get(stop_path).status_code == 410


def test_one_switches_letters_on_again_on_ones_own_page_and_stopping_between_reminder_and_letter_counts(
    practice, mailer
):
    held = book(practice)
    browser = practice.browser(held.payer)
    switch = {"topic": "near", "wanted": "no"}
    mailer.fail_with = MailAway("ConnectionRefusedError")
    go_to(practice, NEAR)
    browser.submit("/you", switch, form="/you/letters")
    assert "A reminder before each appointment: <b>off</b>" in browser.get("/you").text
    mailer.fail_with = None
    go_to(practice, NEAR + HOUR)
    assert letters(mailer, held.payer) == []

    browser.submit("/you", {**switch, "wanted": "yes"}, form="/you/letters")
    book(practice, IN_TWO_WEEKS, held.payer)
    go_to(practice, IN_TWO_WEEKS - 48 * HOUR)
    assert len(letters(mailer, held.payer)) == 1


def test_whoever_takes_no_mail_or_was_erased_gets_none(practice, mailer):
    quiet, erased = book(practice), book(practice, MONDAY_NINE + HOUR)
    with practice.app.app_context(), begin_work() as work:
        person = practice.person(quiet.payer)
        save_contact(person, Contact(**{**contact_of(person).__dict__, "channels": ("call",)}))
        forget_person(work, practice.person(erased.payer))

    go_to(practice, MONDAY_NINE)

    assert letters(mailer, quiet.payer) == letters(mailer, erased.payer) == []
    assert "Letters to you" not in practice.browser(quiet.payer).get("/you").text


def test_a_reminder_of_a_session_that_never_stood_or_stood_no_more_is_a_breach(practice):
    held = book(practice)
    never = practice.hold(MONDAY_NINE + HOUR)
    change(practice, held, booking_actions.cancel)
    practice.clock.advance(hours=1)
    assert breaches(practice) == []

    with practice.app.app_context(), begin_work() as work:
        for one in (held, never):
            work.post(SendLetter("near", one.reference, f"person:{one.payer.reference}", "0", since=START.isoformat()))

    found = breaches(practice)
    assert len(found) == 2
    assert re.search("did not stand any more", found[0])
    assert re.search("never stood", found[1])


def test_a_session_that_was_moved_away_and_back_is_reminded_of_once(practice, mailer):
    held = book(practice)
    for start in (TUESDAY_TEN, MONDAY_NINE):
        move(practice, held, start)
        practice.work_until_idle()

    go_to(practice, NEAR)
    go_to(practice, TUESDAY_TEN)

    assert len(letters(mailer, held.payer)) == 1


def test_what_is_left_to_do_is_asked_for_before_the_new_time_alone(practice, mailer):
    held = book(practice, IN_TWO_WEEKS)
    leave_open(practice, held.payer)
    move(practice, held, IN_TWO_WEEKS + 2 * DAY)
    practice.work_until_idle()

    go_to(practice, IN_TWO_WEEKS - 5 * DAY)
    assert left(mailer, held.payer) == []
    go_to(practice, IN_TWO_WEEKS - 3 * DAY)  # five days before the new time

    assert len(left(mailer, held.payer)) == 1
