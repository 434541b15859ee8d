"""The calendars' addresses: a therapist's feed, a client's download, open times."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice.booking import actions as booking_actions
from practice.booking.messages import BookingCancelled, BookingConfirmed
from practice.booking.models import Booking
from practice.calendars import handlers
from practice.calendars.models import Feed, FeedEntry
from practice.database import db
from practice.work import begin_work
from tests.support.calendar_readers import read_by_ical_js, read_by_khal
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.feeds import new_feed
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, problems, unfolded, values
from tests.support.statements import statements, transactions

HOUR = timedelta(hours=1)


@contextmanager
def work_in(practice):
    with practice.app.app_context(), begin_work() as work:
        yield work


def book(practice, start, **options):
    held = practice.hold(start, **options)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def cancel(practice, held):
    with work_in(practice) as work:
        booking_actions.cancel(work, booking_actions.lock(work, held.reference))
    practice.work_until_idle()


def feed_breaches(practice):
    """Of the promises about calendars; the bookings here stand without a payment, which others check."""
    return [breach for breach in practice.breaches() if breach.startswith("I8")]


def booking_rows(practice):
    with practice.app.app_context():
        return list(db.session.scalars(select(Booking).order_by(Booking.starts_at)))


def fix_uids(practice):
    """UIDs that a golden file can hold: they are random, and nothing else in a calendar is."""
    with work_in(practice) as work:
        for booking in work.session.scalars(select(Booking).order_by(Booking.starts_at, Booking.id)):
            booking.uid = f"00000000-0000-0000-0000-{booking.id:012}@appointments"
            booking.reference = f"b_{booking.id:014}"


# A therapist's feed


def test_a_feed_shows_each_session_once_and_hides_what_is_only_held(practice, browser):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)
    practice.hold(MONDAY_TEN)

    response = browser.get(path)

    assert response.status_code == 200
    assert problems(response.data) == []
    [event] = events(response.data)
    assert values(event, b"DTSTART") == [b"20270510T130000Z"]
    assert values(event, b"SUMMARY") == [b"Session"]
    assert feed_breaches(practice) == []


def test_a_feed_is_as_agreed_before_and_after_a_cancellation(practice, browser, clock):
    path = new_feed(practice)
    held = practice.hold(MONDAY_NINE)
    other = practice.hold(MONDAY_TEN)
    fix_uids(practice)
    with practice.app.app_context():
        references = [booking.reference for booking in booking_rows(practice)]
    for reference in references:
        with work_in(practice) as work:
            booking_actions.confirm(work, booking_actions.lock(work, reference))
    practice.work_until_idle()
    assert held.reference != other.reference
    assert_golden("story-feed-booked.ics", browser.get(path).data)

    clock.advance(hours=1)
    with work_in(practice) as work:
        booking_actions.cancel(work, booking_actions.lock(work, references[0]))
    practice.work_until_idle()

    assert_golden("story-feed-cancelled.ics", browser.get(path).data)


def test_khal_and_ical_js_read_the_times_that_the_database_has(practice, browser, tmp_path):
    path = new_feed(practice)
    for number in range(3):
        book(practice, MONDAY_NINE + number * HOUR)
    book(practice, MONDAY_NINE + 24 * HOUR, offering="couple-90-in-person")
    cancel(practice, book(practice, MONDAY_NINE + 48 * HOUR))
    expected = sorted(
        (booking.uid, booking.starts_at, booking.ends_at, booking.state == "cancelled")
        for booking in booking_rows(practice)
    )

    content = browser.get(path).data
    khal = read_by_khal(content, tmp_path / "khal", first=MONDAY_NINE - timedelta(days=2), days=10)

    for reader in (khal, read_by_ical_js(content)):
        assert [(one.uid, one.starts, one.ends, one.status == "CANCELLED") for one in reader] == expected


def test_a_feed_holds_one_therapists_sessions_and_no_others(practice, browser):
    path = new_feed(practice)
    book(practice, MONDAY_NINE + 5 * HOUR, therapist="noor-haddad")

    assert events(browser.get(path).data) == []


def test_a_feed_names_nobody_and_nothing(practice, browser):
    path = new_feed(practice)
    held = book(practice, MONDAY_NINE)

    said = browser.get(path).data.decode()

    for private in (held.payer.name, held.payer.email, held.reference, "ouple", "herap", "Lindqvist", "Quiet Harbour"):
        assert private not in said


def test_a_cancelled_session_stays_struck_through_for_thirty_days(practice, browser, clock):
    path = new_feed(practice)
    cancel(practice, book(practice, MONDAY_NINE))

    [event] = events(browser.get(path).data)
    assert values(event, b"STATUS") == [b"CANCELLED"]
    assert values(event, b"TRANSP") == [b"TRANSPARENT"]
    assert values(event, b"SEQUENCE") == [b"1"]

    clock.set(MONDAY_NINE + timedelta(days=30))
    with_it = browser.get(path)
    clock.set(MONDAY_NINE + timedelta(days=32))
    without = browser.get(path, headers={"If-None-Match": with_it.headers["ETag"]})
    assert len(events(with_it.data)) == 1
    assert without.status_code == 200
    assert events(without.data) == []


def test_a_past_session_stays_in_the_feed(practice, browser, clock):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)

    clock.advance(days=300)

    assert len(events(browser.get(path).data)) == 1


def test_an_unchanged_feed_is_not_sent_again(practice, browser, clock):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)
    first = browser.get(path)
    clock.advance(hours=3)

    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    weakly = browser.get(path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})

    for response in (again, weakly):
        assert response.status_code == 304
        assert response.data == b""
        assert response.headers["ETag"] == first.headers["ETag"]
        assert response.headers["Cache-Control"] == "private, max-age=300"
    assert not first.headers["ETag"].startswith("W/")


def test_an_unchanged_feed_is_not_even_built(practice, browser, monkeypatch):
    path = new_feed(practice)
    etag = browser.get(path).headers["ETag"]
    monkeypatch.setattr("practice.calendars.queries.build_feed", None)

    assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_an_unchanged_feed_takes_one_statement_and_no_transaction(practice, browser):
    path = new_feed(practice)
    etag = browser.get(path).headers["ETag"]

    with statements() as asked, transactions() as begun:
        assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304

    assert len(asked) == 1
    assert begun == [False]


@pytest.mark.parametrize("change", ["book", "cancel"])
def test_every_change_changes_the_tag(practice, browser, change):
    path = new_feed(practice)
    held = book(practice, MONDAY_NINE)
    before = browser.get(path)

    if change == "book":
        book(practice, MONDAY_TEN)
    else:
        cancel(practice, held)
    after = browser.get(path, headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.data != before.data


def test_the_same_revision_gives_the_same_bytes_in_every_process(practice, browser, make_app):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_TEN)

    other = make_app().test_client()

    assert other.get(path).data == browser.get(path).data
    assert other.get(path).headers["ETag"] == browser.get(path).headers["ETag"]


def test_messages_that_come_twice_or_late_change_nothing_more(practice, browser):
    path = new_feed(practice)
    held = book(practice, MONDAY_NINE)
    cancel(practice, held)
    before = browser.get(path)

    with practice.app.app_context():
        handlers.on_booking_confirmed(BookingConfirmed(held.reference, 0))
        handlers.on_booking_cancelled(BookingCancelled(held.reference, 1, 1, 1))
        handlers.on_booking_confirmed(BookingConfirmed("b_nobody", 0))

    after = browser.get(path)
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]


def test_head_answers_with_the_same_headers_and_no_body(practice, browser):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)
    got = browser.get(path)

    head = browser.head(path)

    assert head.status_code == 200
    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control", "Content-Disposition"):
        assert head.headers[name] == got.headers[name]


def test_a_feed_is_served_as_calendars_want_it(practice, browser):
    response = browser.get(new_feed(practice))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, max-age=300"
    assert response.headers["Content-Disposition"] == 'inline; filename="sessions.ics"'
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Content-Encoding" not in response.headers
    assert "Location" not in response.headers


def test_a_feed_sets_no_cookie_and_is_the_same_with_any(practice, browser):
    path = new_feed(practice)
    at_home = practice.browser(practice.new_client())

    responses = [at_home.get(path), browser.get(path)]

    assert len({response.data for response in responses}) == 1
    assert not any("Set-Cookie" in response.headers for response in responses)


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "..%2f..", "' OR 1=1 --"])
def test_an_address_that_was_never_given_out_is_not_there(practice, browser, token):
    new_feed(practice)

    response = browser.get(f"/calendars/{token}.ics")

    assert response.status_code == 404
    assert "VCALENDAR" not in response.text


def test_the_secret_is_stored_as_a_hash_alone(practice):
    token = new_feed(practice).removeprefix("/calendars/").removesuffix(".ics")

    assert len(token) == 43  # 256 bits
    with practice.app.app_context():
        [feed] = db.session.scalars(select(Feed))
        assert token.encode() not in feed.token_hash
        assert len(feed.token_hash) == 32


def test_a_fetch_is_noted_but_not_each_one(practice, browser, clock):
    path = new_feed(practice)

    def noted():
        with practice.app.app_context():
            return db.session.scalars(select(Feed.last_fetched_at)).one()

    assert noted() is None
    browser.get(path)
    first = noted()
    clock.advance(minutes=30)
    browser.get(path)
    assert noted() == first == clock.now() - timedelta(minutes=30)
    clock.advance(minutes=30)
    browser.get(path)
    assert noted() == clock.now()


def test_an_entry_written_by_other_code_is_written_anew_for_the_reader(practice, browser):
    path = new_feed(practice)
    book(practice, MONDAY_NINE)
    fresh = browser.get(path).data
    with work_in(practice) as work:
        work.session.execute(update(FeedEntry).values(written_as="before", fragment=b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"))

    assert browser.get(path).data == fresh


@pytest.mark.parametrize("damage", ["missing", "moved", "revision", "stray"])
def test_a_feed_that_does_not_follow_is_a_breach(practice, damage):
    book(practice, MONDAY_NINE)
    held = practice.hold(MONDAY_TEN)
    assert feed_breaches(practice) == []
    with work_in(practice) as work:
        [entry] = work.session.scalars(select(FeedEntry))
        if damage == "missing":
            work.session.delete(entry)
        elif damage == "moved":
            entry.starts_at += HOUR
        elif damage == "revision":
            entry.fragment = entry.fragment.replace(b"SEQUENCE:0", b"SEQUENCE:7")
        else:
            stray = work.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()
            work.session.add(
                FeedEntry(
                    booking_id=stray.id,
                    therapist_id=stray.therapist_id,
                    starts_at=stray.starts_at,
                    ends_at=stray.ends_at,
                    cancelled=False,
                    written_as="",
                    fragment=b"",
                )
            )

    assert len(feed_breaches(practice)) == 1


def test_an_entry_that_is_on_its_way_is_no_breach(practice):
    practice.confirm(practice.hold(MONDAY_NINE))

    assert feed_breaches(practice) == []


# A client's download


def test_a_client_downloads_their_appointment(practice):
    held = book(practice, MONDAY_NINE)

    response = practice.browser(held.payer).get(f"/bookings/{held.reference}.ics")

    assert response.status_code == 200
    assert problems(response.data) == []
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert response.headers["Cache-Control"] == "no-store"
    lines = unfolded(response.data)
    assert values(lines, b"METHOD") == []
    [event] = events(response.data)
    assert values(event, b"SUMMARY") == [b"Appointment"]
    assert values(event, b"DTSTART") == [b"20270510T130000Z"]
    for private in (held.payer.name, held.payer.email, "ouple", "Lindqvist", "Quiet Harbour"):
        assert private not in response.text


def test_the_download_and_the_feed_and_the_letter_hold_the_same_object(practice, browser, mailer):
    path = new_feed(practice)
    held = book(practice, MONDAY_NINE)

    found = [
        events(content)[0]
        for content in (
            browser.get(path).data,
            practice.browser(held.payer).get(f"/bookings/{held.reference}.ics").data,
            mailer.last_to(held.payer.email).calendar,
        )
    ]

    for name in (b"UID", b"SEQUENCE", b"DTSTART", b"DTEND", b"DTSTAMP", b"LAST-MODIFIED"):
        assert len({tuple(values(event, name)) for event in found}) == 1


def test_nobody_else_downloads_it(practice, browser):
    held = book(practice, MONDAY_NINE)
    somebody = practice.browser(practice.new_client())

    assert browser.get(f"/bookings/{held.reference}.ics").status_code == 404
    assert somebody.get(f"/bookings/{held.reference}.ics").status_code == 404


def test_a_time_that_is_only_held_has_nothing_to_download(practice):
    held = practice.hold(MONDAY_NINE)

    assert practice.browser(held.payer).get(f"/bookings/{held.reference}.ics").status_code == 404
