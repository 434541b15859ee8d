"""The short page every two weeks: when it begins and ends, who hears of it, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.lifecycle import Trigger
from practice.booking.messages import AttendanceSweep
from practice.booking.offers.models import Offering
from practice.database import db
from practice.outbox import OutboxMessage
from practice.people import forget_person
from practice.pulse import actions, handlers, timing
from practice.pulse.messages import CallWished, PulseDue
from practice.pulse.models import PulseAnswer, PulseCourse
from practice.pulse.queries import codes_of, find_course, read_line
from practice.reminding.actions import stop_letters
from practice.reminding.messages import Topic
from practice.sealing import CannotOpen
from practice.work import begin_work
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.pulse import answer, begin, due, fill
from tests.support.reminders import BACK_LINK, STOP_LINK, join, link_in, take_place
from tests.support.staff import hire

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = MONDAY_NINE.date()
FIRST = MONDAY + WEEK
OPENS = datetime.combine(FIRST, time(18), ZoneInfo("America/New_York")).astimezone(UTC)


def had_a_session(practice, client=None, start=MONDAY_NINE, *, offering="couple-50"):
    held = practice.hold(start, client, offering=offering)
    practice.confirm(held)
    practice.work_until_idle()
    practice.clock.set(start + 2 * HOUR)
    return held


def may_book_again(practice, client):
    with practice.app.app_context(), begin_work() as work:
        grant_eligibility(work, practice.person(client), Grant(("couple",), ("video",), "US-NY"))


def night(practice):
    with practice.app.app_context():
        handlers.on_night(AttendanceSweep(practice.clock.now().date().isoformat()))
    practice.work_until_idle()


def go_to(practice, instant):
    practice.clock.set(instant)
    practice.work_until_idle()


def letters(mailer, client):
    return [one for one in mailer.letters_to(client.email) if one.subject == "A minute for you"]


def courses(practice):
    with practice.app.app_context():
        return {row.person_id: row.ended_at for row in db.session.scalars(select(PulseCourse))}


def posted(practice, kind):
    with practice.app.app_context():
        found = select(OutboxMessage).where(OutboxMessage.kind == kind.KIND).order_by(OutboxMessage.id)
        return list(db.session.scalars(found))


def breaches(practice):
    return [one for one in practice.breaches() if "pulse" in one]


def stop(practice, client):
    with practice.app.app_context(), begin_work() as work:
        stop_letters(work, client.person_id, Topic.PULSE)


def test_it_begins_a_week_after_a_session_that_is_over_and_comes_every_two_weeks_in_the_evening(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    night(practice)

    go_to(practice, OPENS - timedelta(seconds=1))
    assert letters(mailer, held.payer) == []
    for number in range(3):
        go_to(practice, OPENS + number * timing.EVERY)
        assert len(letters(mailer, held.payer)) == number + 1

    letter = letters(mailer, held.payer)[0]
    assert practice.browser().get(link_in(BACK_LINK, letter.text)).status_code == 200
    assert practice.browser().get(link_in(STOP_LINK, letter.text)).status_code == 200


@pytest.mark.parametrize("what", ["missed", "a call", "held", "ahead"])
def test_it_does_not_begin_before_somebody_had_a_session(practice, what):
    if what == "a call":
        with practice.app.app_context(), begin_work() as work:
            for offering in work.session.scalars(select(Offering)):
                offering.price_minor = 0
    held = practice.hold(MONDAY_NINE)
    if what != "held":
        practice.confirm(held)
    if what != "ahead":
        practice.clock.set(MONDAY_NINE + 2 * HOUR)
    if what == "missed":
        take_place(practice, held, Trigger.NO_SHOW)

    night(practice)

    assert courses(practice) == {}


def test_after_a_session_for_two_both_are_asked_each_by_themselves(practice, mailer):
    one, other = practice.new_client(), practice.new_client()
    join(practice, one, other)
    had_a_session(practice, one)
    night(practice)

    go_to(practice, OPENS)

    assert courses(practice) == {one.person_id: None, other.person_id: None}
    assert len(letters(mailer, one)) == len(letters(mailer, other)) == 1


def test_after_a_session_alone_the_partner_is_not_asked(practice):
    one, other = practice.new_client(), practice.new_client()
    join(practice, one, other)
    had_a_session(practice, one, offering="individual-50")

    night(practice)

    assert courses(practice) == {one.person_id: None}


def test_it_ends_by_itself_without_sessions_and_goes_on_on_the_same_days_after_the_next(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    again = MONDAY_NINE + 11 * WEEK
    for number in range(4):
        go_to(practice, OPENS + number * timing.EVERY)
        if number == 2:
            may_book_again(practice, held.payer)
            practice.confirm(practice.hold(again, held.payer))  # a session that lies ahead is none yet
    assert courses(practice) == {held.payer.person_id: None}

    go_to(practice, OPENS + 4 * timing.EVERY)  # nine weeks and some hours after the session

    assert courses(practice) == {held.payer.person_id: OPENS + 4 * timing.EVERY}
    assert len(letters(mailer, held.payer)) == 4
    assert forms_of(practice.browser(held.payer).get("/how-it-goes").text) == []

    go_to(practice, again + 2 * HOUR)
    night(practice)
    go_to(practice, OPENS + 5 * timing.EVERY)
    assert courses(practice) == {held.payer.person_id: None}
    assert len(letters(mailer, held.payer)) == 5


def test_whoever_stops_is_not_asked_and_goes_on_with_the_next_one_after_switching_it_on(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    go_to(practice, OPENS)
    practice.browser().submit(link_in(STOP_LINK, letters(mailer, held.payer)[0].text))
    browser = practice.browser(held.payer)
    assert "Keep it" not in browser.get("/how-it-goes").text
    for number in (1, 2):
        go_to(practice, OPENS + number * timing.EVERY)
    assert len(letters(mailer, held.payer)) == 1

    browser.submit("/you", {"topic": "pulse", "wanted": "yes"}, form="/you/letters")
    practice.work_until_idle()
    assert len(letters(mailer, held.payer)) == 1
    go_to(practice, OPENS + 3 * timing.EVERY)
    assert len(letters(mailer, held.payer)) == 2


def test_the_message_stands_being_delivered_twice_late_and_out_of_order(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    practice.clock.set(OPENS + HOUR)
    with practice.app.app_context():
        for day in (FIRST, FIRST, FIRST - timing.EVERY):
            handlers.on_pulse_due(PulseDue(held.payer.reference, day.isoformat()))
        handlers.on_pulse_due(PulseDue("p_nothinghere", FIRST.isoformat()))
    practice.work_until_idle()
    assert len(letters(mailer, held.payer)) == 1

    practice.clock.set(OPENS + timing.EVERY + timing.LETTER_LATE + HOUR)  # the worker was away for days
    practice.work_until_idle()
    assert len(letters(mailer, held.payer)) == 1
    go_to(practice, OPENS + 2 * timing.EVERY)
    assert len(letters(mailer, held.payer)) == 2


def test_whoever_moved_west_since_is_asked_when_it_is_evening_there(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    with practice.app.app_context(), begin_work():
        practice.person(held.payer).zone = "America/Los_Angeles"

    go_to(practice, OPENS)
    assert letters(mailer, held.payer) == []
    go_to(practice, OPENS + 3 * HOUR)

    assert len(letters(mailer, held.payer)) == 1


def test_over_a_change_of_the_clocks_it_stays_at_the_same_time_on_the_wall(practice, mailer):
    practice.clock.set(datetime(2027, 10, 20, 12, tzinfo=UTC))
    held = practice.hold(datetime(2027, 10, 25, 13, tzinfo=UTC))
    practice.confirm(held)
    practice.clock.set(datetime(2027, 10, 25, 15, tzinfo=UTC))
    night(practice)
    seen = []
    for instant in (datetime(2027, 11, 1, 22, tzinfo=UTC), datetime(2027, 11, 15, 23, tzinfo=UTC)):  # EDT, then EST
        go_to(practice, instant - timedelta(seconds=1))
        before = len(letters(mailer, held.payer))
        go_to(practice, instant)
        seen.append(len(letters(mailer, held.payer)) - before)

    assert seen == [1, 1]


def test_one_answer_for_each_period_which_may_be_corrected_until_the_next_is_due(practice, clock):
    client = practice.new_client()
    first = begin(practice, client)
    with pytest.raises(actions.PageClosed):
        answer(practice, client, first)  # not open yet
    clock.set(due(practice, client, first) + 10 * DAY)  # late, and still of that day

    reference = answer(practice, client, first, pulse_trust="3")
    assert answer(practice, client, first, pulse_trust="4") == reference

    clock.set(due(practice, client, first + timing.EVERY))
    with pytest.raises(actions.PageClosed):
        answer(practice, client, first)
    with practice.app.app_context():
        [reading] = read_line(practice.person(client), clock.now())
        assert (reading.day, reading.value) == (first, 4)
    assert breaches(practice) == []


def test_what_was_left_out_is_a_gap_and_the_open_page_is_none_yet(practice, clock):
    client = practice.new_client()
    days = fill(practice, client, [None, 4, None, 6])
    clock.set(due(practice, client, days[-1] + timing.EVERY))

    with practice.app.app_context():
        line = read_line(practice.person(client), clock.now())

    assert [(reading.day, reading.value) for reading in line] == list(zip(days[1:], [4, None, 6], strict=True))


def test_answers_are_sealed_and_unreadable_once_their_person_is_erased(practice, clock):
    client = practice.new_client()
    days = fill(practice, client, [3, 4, 5])
    clock.advance(days=1)
    with practice.app.app_context():
        sealed = db.session.scalars(select(PulseAnswer.sealed)).all()
        assert not any(b"pulse" in one for one in sealed)
    with practice.app.app_context(), begin_work() as work:
        forget_person(work, practice.person(client))
    with practice.app.app_context():
        with pytest.raises(CannotOpen):
            codes_of(db.session.scalars(select(PulseAnswer).where(PulseAnswer.due_on == days[0])).one())
        assert {one.value for one in read_line(practice.person(client), clock.now())} <= {None}
    assert breaches(practice) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pulse_answer SET sealed = :clear",
        "UPDATE pulse_answer SET person_id = (SELECT MAX(id) FROM person)",
        "UPDATE pulse_answer SET due_on = '2027-05-13'",
        "DELETE FROM pulse_course",
    ],
)
def test_tampering_with_an_answer_is_a_breach(practice, clock, statement):
    client = practice.new_client()
    fill(practice, client, [4])
    practice.new_client()
    assert breaches(practice) == []

    with practice.app.app_context(), begin_work() as work:
        work.session.execute(text(statement), {"clear": b"five"} if ":clear" in statement else {})

    assert breaches(practice)


def test_a_wish_to_talk_alone_reaches_every_clinician_without_content_once(practice, mailer, clock):
    clinician = hire(practice, "clinician", email="cleo@practice.example")
    hire(practice, "coordinator", email="desk@practice.example")
    hire(practice, "owner", email="owner@practice.example")
    client = practice.new_client()
    first = begin(practice, client)
    clock.set(due(practice, client, first))

    for _ in range(2):
        answer(practice, client, first, pulse_alone="yes")
    practice.work_until_idle()

    told = [one for one in mailer.sent if one.subject == "Somebody wishes to be called"]
    assert [one.to for one in told] == [clinician.email]
    assert client.name not in told[0].text
    assert client.reference not in told[0].text
    assert len(posted(practice, CallWished)) == 1


def test_an_erased_person_is_asked_nothing(practice, mailer):
    held = had_a_session(practice)
    night(practice)
    with practice.app.app_context(), begin_work() as work:
        forget_person(work, practice.person(held.payer))

    go_to(practice, OPENS)

    assert letters(mailer, held.payer) == []


def test_beginning_twice_at_once_is_one_course(practice):
    client = practice.new_client()
    first = begin(practice, client)

    assert begin(practice, client, practice.clock.now() + 3 * DAY) == first
    with practice.app.app_context():
        assert find_course(client.person_id).ended_at is None
    assert len(posted(practice, PulseDue)) == 1
