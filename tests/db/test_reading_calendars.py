"""Therapists' own calendars are read again and again: what was good stays until something good comes."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from queue import Empty
from zoneinfo import ZoneInfo

import pytest
import structlog.testing
from sqlalchemy import event, func, select, update

from practice.audit import AuditEntry
from practice.booking.busy.models import BusyCalendar, BusyTime
from practice.booking.messages import AttendanceSweep
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.calendars.reading import actions, fresh, guard, handlers, looking, polling, queries
from practice.calendars.reading.actions import LONGEST_PAUSE, SPREAD, USUAL_PAUSE, pause_of
from practice.calendars.reading.messages import CalendarFails, PollCalendar
from practice.calendars.reading.models import Reading, Subscription
from practice.calendars.reading.outcome import AllDay, BusyReading
from practice.calendars.reading.sources import Fetched
from practice.calendars.reading.subscriptions import LOST
from practice.database import db
from practice.errors import Contended
from practice.notify.messages import Kind, SendLetter
from practice.outbox import OutboxMessage
from practice.sealing import DocumentKey, vault
from practice.spans import Span
from practice.work import begin_work
from tests.support.calendar_servers import Event, calendar, response, serving
from tests.support.clock import MONDAY_NINE
from tests.support.readings import away, busy, fake_source, hour, poll, read_from, read_here, reading_of, subscribe

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")
DENTIST = Event(MONDAY_NINE, MONDAY_NINE + HOUR)
TENNIS = Event(MONDAY_NINE + DAY, MONDAY_NINE + DAY + HOUR)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch, request):
    """Reading in a child has tests of its own; here the same runs in this process, unless a test asks otherwise."""
    if "in_a_child" not in request.fixturenames:
        monkeypatch.setattr(looking, "read_guarded", read_here)


@pytest.fixture
def in_a_child() -> None:
    """Read in the guarded child process."""


def work_in(practice):
    @contextmanager
    def opened():
        with practice.app.app_context(), begin_work() as work:
            yield work

    return opened()


def messages(practice, kind):
    with practice.app.app_context():
        rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id))
        return [(json.loads(row.payload), row.state, row.due_at) for row in rows]


@contextmanager
def writes_to(practice, *tables):
    """What is written to these tables meanwhile."""
    written = []

    def listen(_connection, _cursor, statement, *_):
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE") and any(table in statement for table in tables):
            written.append(statement)

    with practice.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    yield written
    event.remove(engine, "before_cursor_execute", listen)


# What is read


def test_what_a_calendar_says_keeps_its_therapist_busy(practice):
    fake_source(practice, calendar(DENTIST, TENNIS))
    own = read_from(practice)

    poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE), hour(MONDAY_NINE + DAY)]
    reading = reading_of(practice, own)
    assert (reading.events, reading.problem, reading.failing_since, reading.warnings) == (2, None, None, "[]")
    assert reading.read_at == reading.began_at == practice.clock.now()


def test_an_address_is_read_through_the_guard_and_asked_by_tag_the_next_time(practice, in_a_child):
    with serving(response(calendar(DENTIST), ETag='"v1"')) as server:
        own = subscribe(practice, server.url)
        poll(practice, own)
        server.says(response(status="304 Not Modified"))
        practice.clock.advance(minutes=20)
        poll(practice, own)

    assert server.headers_of(1)["if-none-match"] == '"v1"'
    assert busy(practice, own) == [hour(MONDAY_NINE)]
    reading = reading_of(practice, own)
    assert (reading.read_at, reading.problem) == (practice.clock.now(), None)
    assert "http" in reading.warnings  # it isn't secure


def test_what_moves_in_a_calendar_moves_here(practice):
    source = fake_source(practice, calendar(DENTIST, TENNIS))
    own = read_from(practice)
    poll(practice, own)

    source.says = [calendar(Event(MONDAY_NINE, MONDAY_NINE + 2 * HOUR))]
    poll(practice, own)

    assert busy(practice, own) == [Span(MONDAY_NINE, MONDAY_NINE + 2 * HOUR)]


@pytest.mark.parametrize("again", [Fetched(None, "tag"), Fetched(calendar(DENTIST), "tag")], ids=["304", "the same"])
def test_what_did_not_change_writes_no_time(practice, again):
    source = fake_source(practice, Fetched(calendar(DENTIST), "tag"))
    own = read_from(practice)
    poll(practice, own)
    source.says = [again]

    with writes_to(practice, "busy_time", "collision") as written:
        poll(practice, own)

    assert source.shown == ["", "tag"]
    assert written == []


def test_on_another_day_with_another_rule_or_zone_all_is_read_anew(practice):
    source = fake_source(practice, Fetched(calendar(DENTIST), "tag"))
    own = read_from(practice)
    poll(practice, own)
    poll(practice, own)
    practice.clock.advance(days=1)
    poll(practice, own)
    with work_in(practice) as work:
        actions.change_reading(work, reading_of(practice, own).calendar_id, name="P", all_day=AllDay.IGNORE)
    poll(practice, own)
    with work_in(practice) as work:
        work.session.execute(update(Therapist).values(zone="Europe/Berlin"))
    poll(practice, own)
    poll(practice, own)

    assert source.shown == ["", "tag", "", "", "", "tag"]


def test_the_window_reaches_from_yesterday_to_beyond_what_can_be_booked(practice):
    with practice.app.app_context():
        noor, ada = db.session.scalars(select(Therapist).order_by(Therapist.slug.desc()))
        now = practice.clock.now()
        usual = queries.window_of(ada.id, now)
    with work_in(practice) as work:
        work.session.execute(update(Offering).where(Offering.slug == "couple-90-in-person").values(horizon_days=300))
    with practice.app.app_context():
        long = queries.window_of(ada.id, now)
        others = queries.window_of(noor.id, now)

    assert usual == others
    assert usual.start == long.start == datetime(2027, 5, 4, tzinfo=usual.start.tzinfo)
    assert (usual.length, long.length) == (121 * DAY, 308 * DAY)


@pytest.mark.parametrize(("rule", "kept"), [(AllDay.BLOCK, True), (AllDay.IGNORE, False)])
def test_whole_days_are_read_by_the_rule_of_their_calendar(practice, rule, kept):
    fake_source(practice, calendar(Event("20270510", "20270511")))
    own = read_from(practice, all_day=rule)

    poll(practice, own)

    day = datetime(2027, 5, 10, tzinfo=NEW_YORK)
    said = busy(practice, own)
    assert bool(said) is kept
    if kept:
        assert (said[0].start, said[-1].end) == (day, day + DAY)


def test_another_rule_holds_from_the_next_look_on(practice):
    fake_source(practice, Fetched(calendar(Event("20270510", "20270511"), DENTIST), "tag"))
    own = read_from(practice)
    poll(practice, own)

    with work_in(practice) as work:
        actions.change_reading(work, reading_of(practice, own).calendar_id, name="Other", all_day=AllDay.IGNORE)
    poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE)]


def test_sessions_of_ours_never_block_themselves(practice):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)
    with practice.app.app_context():
        uid = db.session.scalars(select(Booking.uid)).one()
    strangers = [
        Event(MONDAY_NINE + (number + 2) * DAY, MONDAY_NINE + (number + 2) * DAY + HOUR) for number in range(3)
    ]
    ours = Event(MONDAY_NINE, MONDAY_NINE + timedelta(minutes=50), uid=uid)
    fake_source(practice, calendar(ours, *strangers, Event(MONDAY_NINE + HOUR, MONDAY_NINE + 2 * HOUR, uid="")))
    own = read_from(practice)

    poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE + HOUR), *(hour(one.start) for one in strangers)]


def test_uids_are_looked_up_in_few_statements(practice, monkeypatch):
    monkeypatch.setattr(queries, "AT_ONCE", 3)
    held = practice.hold(MONDAY_NINE)
    with practice.app.app_context():
        uid = db.session.scalars(select(Booking.uid)).one()
        assert queries.find_own_uids([*(f"{number}@elsewhere" for number in range(10)), uid, "x" * 500, "a\x00b"]) == {
            uid
        }
        assert queries.find_own_uids([]) == set()
    assert held


# What goes wrong

GONE_WRONG = {
    "a server that does not answer": away(),
    "an empty file": b"",
    "a calendar with nothing in it": calendar(),
    "half a calendar": calendar(DENTIST, TENNIS)[:-40],
    "a page": b"<!doctype html><title>Sign in</title>",
    "a file of zeros": bytes(1000),
}


@pytest.mark.parametrize("wrong", GONE_WRONG.values(), ids=GONE_WRONG.keys())
def test_whatever_goes_wrong_what_was_read_last_stands(practice, wrong):
    source = fake_source(practice, Fetched(calendar(DENTIST), "tag"))
    own = read_from(practice)
    poll(practice, own)
    read_at = practice.clock.now()
    practice.clock.advance(minutes=20)
    source.says = [wrong]

    with writes_to(practice, "busy_time") as written:
        poll(practice, own)
        practice.clock.advance(minutes=20)
        poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert written == []
    reading = reading_of(practice, own)
    assert reading.failing_since == read_at + timedelta(minutes=20)
    assert (reading.read_at, reading.events, reading.validator) == (read_at, 1, "tag")
    assert reading.problem
    assert "Dentist" not in reading.problem

    source.says = [calendar(TENNIS)]
    poll(practice, own)
    assert busy(practice, own) == [hour(MONDAY_NINE + DAY)]
    assert (reading_of(practice, own).problem, reading_of(practice, own).failing_since) == (None, None)


def test_too_large_a_calendar_keeps_what_was_read_last_too(practice):
    with serving(response(calendar(DENTIST))) as server:
        own = subscribe(practice, server.url)
        poll(practice, own)
        server.says(response(bytes(6_000_000)))
        poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert "5 MB" in (reading_of(practice, own).problem or "")


def test_a_calendar_that_was_never_full_may_be_empty(practice):
    fake_source(practice, calendar())
    own = read_from(practice)

    poll(practice, own)
    poll(practice, own)

    assert reading_of(practice, own).problem is None


def test_an_emptied_calendar_is_empty_once_its_therapist_says_so(practice):
    source = fake_source(practice, calendar(DENTIST), calendar())
    own = read_from(practice)
    poll(practice, own)
    poll(practice, own)
    calendar_id = reading_of(practice, own).calendar_id
    assert reading_of(practice, own).found_empty

    with work_in(practice) as work:
        actions.accept_empty(work, calendar_id)
    assert busy(practice, own) == []
    assert reading_of(practice, own).problem is None
    poll(practice, own)
    assert reading_of(practice, own).problem is None
    assert len(source.shown) == 3


def test_nobody_can_say_that_a_calendar_is_empty_where_that_is_not_the_trouble(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    source.says = [away()]
    poll(practice, own)

    with work_in(practice) as work:
        actions.accept_empty(work, reading_of(practice, own).calendar_id)

    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert reading_of(practice, own).problem


def test_an_address_that_cannot_be_opened_any_more_is_trouble_like_any_other(practice):
    own = subscribe(practice, "https://cal.example/x")
    with work_in(practice):
        vault().destroy_key(own)

    poll(practice, own)

    assert reading_of(practice, own).problem == LOST


# Who is told


def letters_to(practice, mailer, address="ada@practice.example"):
    practice.work_until_idle()
    return [letter for letter in mailer.sent if letter.to == address]


def test_a_therapist_is_told_once_after_a_day_and_again_when_it_happens_again(practice, mailer):
    source = fake_source(practice, calendar(DENTIST))
    read_from(practice)
    practice.clock.advance(minutes=20)
    practice.work_until_idle()
    source.says = [away()]

    hours_until_told = 0
    practice.clock.advance(minutes=20)
    while not letters_to(practice, mailer):
        practice.clock.advance(hours=1)
        hours_until_told += 1
        assert hours_until_told < 30
    assert 23 <= hours_until_told <= 26
    for _ in range(40):
        practice.clock.advance(hours=2)
        assert len(letters_to(practice, mailer)) == 1

    source.says = [calendar(DENTIST)]
    practice.clock.advance(hours=2)
    practice.work_until_idle()
    source.says = [away()]
    for _ in range(40):
        practice.clock.advance(hours=1)
        practice.work_until_idle()
    letters = letters_to(practice, mailer)
    assert len(letters) == 2
    assert letters[0].subject == "A calendar of yours can’t be read"
    assert "Private" not in letters[0].text
    assert "https://practice.example/staff/calendar/busy" in letters[0].text


def test_no_letter_goes_out_of_what_works_again_or_is_gone(practice, mailer):
    source = fake_source(practice, calendar(DENTIST))
    own, other = read_from(practice), read_from(practice, name="Other")
    for one in (own, other):
        poll(practice, one)
    source.says = [away()]
    for one in (own, other):
        poll(practice, one)
    practice.clock.advance(hours=25)
    for one in (own, other):
        poll(practice, one)
    assert len(messages(practice, CalendarFails.KIND)) == 2

    source.says = [calendar(DENTIST)]
    poll(practice, own)
    with work_in(practice) as work:
        actions.take_away(work, reading_of(practice, other).calendar_id)

    assert letters_to(practice, mailer) == []
    assert [payload["letter"] for payload, *_ in messages(practice, SendLetter.KIND)] == [Kind.CALENDAR_FAILS] * 2


# Again and again


def test_the_worker_reads_a_calendar_every_quarter_of_an_hour_with_one_message_for_its_life(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    assert busy(practice, own) == []

    for _ in range(8):
        practice.clock.advance(minutes=18)
        practice.work_until_idle()

    assert len(source.shown) == 8
    [(payload, state, due)] = messages(practice, PollCalendar.KIND)
    assert (payload["calendar"], state) == (own, "waiting")
    assert USUAL_PAUSE <= due - practice.clock.now() <= USUAL_PAUSE + timedelta(seconds=SPREAD)


def test_the_pause_grows_while_it_fails_and_heeds_what_a_server_asks_for():
    spread = pause_of("y_1") - USUAL_PAUSE
    assert timedelta(0) <= spread < timedelta(seconds=SPREAD)
    assert pause_of("y_1") == pause_of("y_1")
    assert len({pause_of(f"y_{number}") for number in range(50)}) > 30
    assert pause_of("y_1", failing=timedelta(0)) == USUAL_PAUSE + spread
    assert pause_of("y_1", failing=timedelta(minutes=40)) == timedelta(minutes=40) + spread
    assert pause_of("y_1", failing=timedelta(days=3)) == LONGEST_PAUSE + spread
    assert pause_of("y_1", asked=timedelta(hours=5)) == timedelta(hours=5)
    assert pause_of("y_1", asked=timedelta(seconds=5)) == USUAL_PAUSE + spread


def test_a_notice_that_is_due_together_with_calendars_goes_out_first(practice, mailer):
    source = fake_source(practice)
    for name in ("Private", "Other"):
        read_from(practice, name=name)
    sent_before: list[int] = []

    def count(_validator):
        sent_before.append(len(mailer.sent))
        return Fetched(calendar(TENNIS), "")

    source.says = [count]
    practice.clock.advance(hours=1)
    practice.confirm(practice.hold(MONDAY_NINE))
    practice.work_until_idle()

    assert sent_before == [len(mailer.sent)] * 2
    assert mailer.sent


def test_a_calendar_that_hung_is_given_less_time_and_all_of_it_the_time_after(practice, monkeypatch):
    fake_source(practice, away())
    own = read_from(practice)
    given: list[tuple[float, float]] = []

    def hang(plan, began, patience, reading_patience):
        given.append((patience, reading_patience))
        return looking.Missed(began, int((patience + reading_patience) * 1000) + 200, "It hangs.")

    monkeypatch.setattr(polling, "take_look", hang)
    for _ in range(3):
        practice.clock.advance(hours=2)
        poll(practice, own)

    patient, impatient = (polling.PATIENCE, polling.READING_PATIENCE), (polling.IMPATIENCE, polling.IMPATIENCE)
    assert given == [patient, impatient, patient]


def test_a_calendar_that_is_slow_and_can_be_read_keeps_its_time(practice, monkeypatch):
    fake_source(practice, away())
    own = read_from(practice)
    given = []

    def take_long(_plan, began, patience, _reading_patience):
        given.append(patience)
        return looking.Seen(began, 9000, BusyReading((), (), 1), "", ())

    monkeypatch.setattr(polling, "take_look", take_long)
    for _ in range(2):
        practice.clock.advance(hours=2)
        poll(practice, own)

    assert given == [polling.PATIENCE] * 2


@pytest.mark.usefixtures("in_a_child")
def test_where_no_child_can_be_started_a_calendar_is_missed_and_its_therapist_told(practice, mailer, monkeypatch):
    fake_source(practice, calendar(DENTIST))
    own = read_from(practice)

    def refuse(*_asked, **_ways):
        raise BlockingIOError(11, "the machine is full")

    monkeypatch.setattr(guard.subprocess, "Popen", refuse)
    with structlog.testing.capture_logs() as logs:
        for _ in range(30):
            practice.clock.advance(hours=2)
            practice.work_until_idle()

    assert reading_of(practice, own).problem == looking.OUR_TROUBLE
    assert [letter.subject for letter in letters_to(practice, mailer)] == ["A calendar of yours can’t be read"]
    [(_, state, _)] = messages(practice, PollCalendar.KIND)
    assert state == "waiting"
    assert {one["error"] for one in logs if one["event"] == "calendar_look_failed"} == {"BlockingIOError"}
    assert "the machine is full" not in str(logs)


def test_whatever_a_source_trips_over_is_missed_without_a_word_of_it(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    source.says = [RuntimeError("secret-of-ada")]

    with structlog.testing.capture_logs() as logs:
        assert poll(practice, own) is not None

    assert reading_of(practice, own).problem == looking.OUR_TROUBLE
    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert "secret-of-ada" not in str(logs)


def test_a_message_that_was_lost_is_begun_anew_in_the_night_and_no_other(practice):
    source = fake_source(practice, calendar(DENTIST))
    lost, kept = read_from(practice), read_from(practice, name="Kept")
    assert [breach for breach in practice.breaches() if "y_" in breach] == []
    with work_in(practice) as work:
        gone = OutboxMessage.payload.contains(lost)
        work.session.execute(update(OutboxMessage).where(gone).values(state="dead"))
    assert any(lost in breach for breach in practice.breaches())
    practice.clock.advance(hours=1)

    for _ in range(2):
        with practice.app.app_context():
            handlers.on_night(AttendanceSweep("tonight"))

    waiting = [payload["calendar"] for payload, state, _ in messages(practice, PollCalendar.KIND) if state == "waiting"]
    assert sorted(waiting) == sorted([lost, kept])
    practice.clock.advance(minutes=20)
    practice.work_until_idle()
    assert len(source.shown) == 2


def test_what_was_taken_away_is_read_no_more(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    with work_in(practice) as work:
        actions.take_away(work, reading_of(practice, own).calendar_id)

    practice.clock.advance(hours=1)
    practice.work_until_idle()

    assert (len(source.shown), source.forgotten) == (1, [own])
    assert [state for _, state, _ in messages(practice, PollCalendar.KIND)] == ["done"]
    with practice.app.app_context():
        assert [
            db.session.scalar(select(func.count()).select_from(one)) for one in (Reading, BusyCalendar, BusyTime)
        ] == [
            0,
            0,
            0,
        ]


def test_taking_an_address_away_destroys_its_key(practice):
    own = subscribe(practice, "https://cal.example/x")
    with practice.app.app_context():
        assert db.session.get(DocumentKey, own) is not None
    with work_in(practice) as work:
        actions.take_away(work, reading_of(practice, own).calendar_id)
    with practice.app.app_context():
        assert db.session.get(DocumentKey, own) is None
        assert db.session.scalar(select(func.count()).select_from(Subscription)) == 0


# At once


def test_whoever_began_to_look_later_has_the_last_word(practice):
    """A look that hangs for minutes and says what was true long ago changes nothing of what was read meanwhile."""
    source = fake_source(practice)
    own = read_from(practice)

    def hang(_validator):
        source.says = [calendar(TENNIS)]
        practice.clock.advance(minutes=1)
        with practice.app.app_context():  # somebody presses Read it now meanwhile
            polling.poll(own)
        return Fetched(calendar(DENTIST), "old")

    source.says = [hang]
    poll(practice, own)

    assert busy(practice, own) == [hour(MONDAY_NINE + DAY)]
    assert reading_of(practice, own).validator == ""


def test_a_calendar_that_is_taken_away_while_it_is_read_stays_away(practice):
    source = fake_source(practice)
    own = read_from(practice)

    def take_it_away(_validator):
        with practice.app.app_context(), begin_work() as work:
            actions.take_away(work, queries.find_reading(own).calendar_id)
        return Fetched(calendar(DENTIST), "")

    source.says = [take_it_away]
    practice.clock.advance(minutes=20)
    practice.work_until_idle()

    assert busy(practice, own) == []
    with practice.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Reading)) == 0


@pytest.mark.parametrize("tag", ["tag", ""])
def test_unchanged_is_not_believed_once_what_it_stands_for_is_gone(practice, tag):
    """While the server is asked, the therapist says that the calendar is empty: then it says that nothing changed."""
    source = fake_source(practice, Fetched(calendar(DENTIST), tag), calendar())
    own = read_from(practice)
    poll(practice, own)
    practice.clock.advance(minutes=20)
    poll(practice, own)
    practice.clock.advance(minutes=20)

    def empty_it(validator):
        practice.clock.advance(minutes=1)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(accept).result(30)
        return Fetched(None, validator)

    def accept():
        with work_in(practice) as work:
            actions.accept_empty(work, queries.find_reading(own).calendar_id)

    source.says = [empty_it, Fetched(calendar(DENTIST), tag)]
    poll(practice, own)
    assert reading_of(practice, own).read_at == practice.clock.now()  # when they said so
    practice.clock.advance(minutes=20)
    poll(practice, own)

    assert source.shown == ["", tag, tag, ""]
    assert busy(practice, own) == [hour(MONDAY_NINE)]


def test_unchanged_is_not_believed_of_another_set_than_was_asked_about(practice):
    source = fake_source(practice, Fetched(calendar(DENTIST), "old"))
    own = read_from(practice)
    poll(practice, own)
    read_at = practice.clock.now()

    def another_set(_validator):
        with practice.app.app_context(), begin_work() as work:
            work.session.execute(update(Reading).values(validator="new"))
        return Fetched(None, "old")

    source.says = [another_set]
    practice.clock.advance(minutes=20)
    poll(practice, own)

    assert (reading_of(practice, own).read_at, reading_of(practice, own).validator) == (read_at, "new")


def test_a_look_by_a_rule_that_was_changed_meanwhile_is_dropped(practice):
    source = fake_source(practice)
    own = read_from(practice)

    def change_it(_validator):
        with practice.app.app_context(), begin_work() as work:
            actions.change_reading(work, queries.find_reading(own).calendar_id, name="P", all_day=AllDay.IGNORE)
        return Fetched(calendar(Event("20270510", "20270511")), "")

    source.says = [change_it]
    poll(practice, own)

    assert busy(practice, own) == []


def test_two_messages_for_one_calendar_never_run_at_once(practice):
    fake_source(practice, calendar(DENTIST))
    own = read_from(practice)

    assert {PollCalendar(own, since).stream for since in ("1", "2")} == {f"poll:{own}"}


# At the moment of a hold


class Ticking:
    """A steady clock that stands still until somebody moves it."""

    now = 0.0

    def monotonic(self):
        return self.now


def look_again(practice, patience=20.0):
    with practice.app.app_context():
        fresh.look_again(list(db.session.scalars(select(Therapist.id))), patience)


def test_a_last_look_keeps_what_came_since_the_last_poll(practice):
    source = fake_source(practice, calendar(DENTIST))
    own, other = read_from(practice), read_from(practice, name="Other", therapist="noor-haddad")
    for one in (own, other):
        poll(practice, one)
    practice.clock.advance(minutes=5)
    source.says = [calendar(DENTIST, TENNIS)]

    look_again(practice)

    for one in (own, other):
        assert busy(practice, one) == [hour(MONDAY_NINE), hour(MONDAY_NINE + DAY)]
        assert reading_of(practice, one).read_at == practice.clock.now()


@pytest.mark.parametrize("wrong", [away(), b"", calendar(), Fetched(None, "tag")])
def test_a_last_look_that_goes_wrong_is_silent(practice, wrong):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    practice.clock.advance(minutes=5)
    source.says = [wrong]

    with writes_to(practice, "busy_time") as written:
        look_again(practice)

    assert written == []
    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert (reading_of(practice, own).problem, reading_of(practice, own).failing_since) == (None, None)


@pytest.mark.parametrize("said", [calendar(TENNIS), away(), b"", calendar(), Fetched(None, "tag")])
def test_a_second_hold_within_half_a_minute_asks_nobody(practice, said):
    source = fake_source(practice, Fetched(calendar(DENTIST), "tag"))
    own = read_from(practice)
    poll(practice, own)
    practice.clock.advance(minutes=5)
    source.says = [said]

    look_again(practice)
    practice.clock.advance(seconds=29)
    look_again(practice)
    assert len(source.shown) == 2

    practice.clock.advance(seconds=1)
    look_again(practice)
    assert len(source.shown) == 3


def test_a_last_look_that_goes_wrong_does_not_silence_a_poll_that_began_before(practice):
    source = fake_source(practice)
    own = read_from(practice)

    def hang(_validator):
        source.says = [away()]
        practice.clock.advance(seconds=2)
        look_again(practice)
        return Fetched(calendar(DENTIST), "")

    source.says = [hang]
    poll(practice, own)

    assert len(source.shown) == 2
    assert busy(practice, own) == [hour(MONDAY_NINE)]


def test_calendars_that_hang_share_one_patience_and_one_work(practice, monkeypatch):
    source = fake_source(practice, calendar(DENTIST))
    for name in ("One", "Two", "Three"):
        poll(practice, read_from(practice, name=name))
    practice.clock.advance(minutes=5)
    ticking, waited, works = Ticking(), [], []

    class NothingHeard:
        def put(self, _answer):
            """What is said too late."""

        def get(self, timeout):
            waited.append(timeout)
            ticking.now += timeout
            raise Empty

    @contextmanager
    def counted():
        with begin_work() as work:
            works.append(work)
            yield work

    monkeypatch.setattr(fresh, "time", ticking)
    monkeypatch.setattr(fresh, "SimpleQueue", NothingHeard)
    monkeypatch.setattr(fresh, "begin_work", counted)
    look_again(practice, fresh.PATIENCE)

    assert 0 < sum(waited) < fresh.PATIENCE == 1
    assert len(works) == 1
    with practice.app.app_context():
        assert set(db.session.scalars(select(Reading.took_ms))) == {fresh.SLOW_MS + 1}
    assert source.says


def test_keeping_ends_with_the_patience_and_what_is_left_over_is_noted_as_tried(practice, monkeypatch):
    source = fake_source(practice, calendar(DENTIST))
    owns = [read_from(practice, name=name) for name in ("One", "Two")]
    for own in owns:
        poll(practice, own)
    practice.clock.advance(minutes=5)
    source.says = [calendar(TENNIS)]
    ticking = Ticking()

    def take_long(*about):
        actions.keep_look(*about)
        ticking.now += 20

    monkeypatch.setattr(fresh, "time", ticking)
    monkeypatch.setattr(fresh, "keep_look", take_long)
    look_again(practice)
    look_again(practice)

    assert [busy(practice, own) for own in owns] == [[hour(TENNIS.start)], [hour(MONDAY_NINE)]]
    assert len(source.shown) == 4


def test_a_last_look_gives_way_once_and_for_all(practice, monkeypatch):
    fake_source(practice, calendar(DENTIST))
    for name in ("One", "Two"):
        read_from(practice, name=name)
    kept = []

    def give_way(*about):
        kept.append(about)
        raise Contended

    monkeypatch.setattr(fresh, "keep_look", give_way)
    look_again(practice)

    assert len(kept) == 1


def test_the_calendar_that_was_not_read_for_longest_is_asked_first(practice, monkeypatch):
    monkeypatch.setattr(fresh, "MOST_AT_ONCE", 1)
    fake_source(practice, calendar(DENTIST))
    first, last = read_from(practice, name="A"), read_from(practice, name="B")
    for own in (last, first):
        poll(practice, own)
        practice.clock.advance(minutes=1)

    look_again(practice)

    assert reading_of(practice, last).read_at == practice.clock.now()
    assert reading_of(practice, first).read_at == practice.clock.now() - timedelta(minutes=1)


def test_what_was_slow_fails_or_was_read_just_now_is_not_asked_again(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    look_again(practice)
    assert len(source.shown) == 1  # just now

    practice.clock.advance(minutes=5)
    with work_in(practice) as work:
        actions.note_tried(
            work, reading_of(practice, own).calendar_id, practice.clock.now() - timedelta(minutes=4), 1001
        )
    look_again(practice)
    assert len(source.shown) == 1

    poll(practice, own)  # it is quick again
    practice.clock.advance(minutes=5)
    look_again(practice)
    assert len(source.shown) == 3

    source.says = [away()]
    poll(practice, own)
    practice.clock.advance(minutes=5)
    look_again(practice)
    assert len(source.shown) == 4


def test_what_is_late_is_left_behind_and_remembered(practice):
    source = fake_source(practice, calendar(DENTIST))
    own = read_from(practice)
    poll(practice, own)
    practice.clock.advance(minutes=5)
    never = threading.Event()

    def hang(_validator):
        never.wait(60)
        return Fetched(calendar(TENNIS), "")

    source.says = [hang]
    look_again(practice, patience=0.2)
    never.set()

    assert busy(practice, own) == [hour(MONDAY_NINE)]
    assert reading_of(practice, own).took_ms == fresh.SLOW_MS + 1
    assert reading_of(practice, own).problem is None


# What nobody learns


def test_neither_an_address_nor_a_title_is_kept_or_said_anywhere(practice, capfd, caplog):
    caplog.set_level(0)
    with structlog.testing.capture_logs() as logs, serving(response(calendar(DENTIST), ETag='"v"')) as server:
        own = subscribe(practice, server.url)
        for answer in (response(calendar(DENTIST)), response(status="404 Gone"), response(b"", Content_Length="9")):
            server.says(answer)
            practice.clock.advance(hours=2)
            practice.work_until_idle()
        practice.clock.advance(hours=26)
        practice.work_until_idle()

    with practice.app.app_context():
        outbox = [row.payload + row.key + str(row.trouble) for row in db.session.scalars(select(OutboxMessage))]
        audit = [entry.subject + entry.detail for entry in db.session.scalars(select(AuditEntry))]
        kept = [
            str(vars(row))
            for table in (Reading, BusyCalendar, BusyTime, Subscription)
            for row in db.session.scalars(select(table))
        ]
    said = capfd.readouterr()
    everything = "\n".join([*outbox, *audit, *kept, str(logs), caplog.text, said.out, said.err])
    assert own in everything
    assert "secret-of-ada" not in everything
    assert "Dentist" not in everything


def test_two_who_read_at_once_both_come_to_an_end(practice):
    """The worker and whoever presses Read it now: both have fetched, and both keep."""
    source = fake_source(practice)
    own = read_from(practice)
    both = threading.Barrier(2, timeout=30)

    def together(_validator):
        both.wait()
        return Fetched(calendar(DENTIST, TENNIS), "tag")

    source.says = [together]
    with ThreadPoolExecutor(2) as pool:
        pauses = list(pool.map(lambda _: poll(practice, own), range(2)))

    assert None not in pauses
    assert busy(practice, own) == [hour(MONDAY_NINE), hour(MONDAY_NINE + DAY)]
    assert reading_of(practice, own).problem is None
