"""The calendars' addresses: a therapist's feed, a client's download, open times."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from practice.audit import AuditEntry
from practice.booking import actions as booking_actions
from practice.booking.messages import BookingCancelled, BookingConfirmed
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.calendars import handlers
from practice.calendars.actions import issue_feed
from practice.calendars.models import Feed, FeedEntry
from practice.database import db
from practice.work import begin_work
from tests.support.calendar_readers import read_by_ical_js, read_by_khal
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, problems, unfolded, values
from tests.support.staff import audit, desk

HOUR = timedelta(hours=1)


@contextmanager
def work_in(practice):
    with practice.app.app_context(), begin_work() as work:
        yield work


def issue(practice, slug="ada-lindqvist"):
    """The path of a fresh feed."""
    with work_in(practice) as work:
        token = issue_feed(work, work.session.scalars(select(Therapist).where(Therapist.slug == slug)).one())
    return f"/calendars/{token}.ics"


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
    path = issue(practice)
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
    path = issue(practice)
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
    path = issue(practice)
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
    path = issue(practice)
    book(practice, MONDAY_NINE + 5 * HOUR, therapist="noor-haddad")

    assert events(browser.get(path).data) == []


def test_a_feed_names_nobody_and_nothing(practice, browser):
    path = issue(practice)
    held = book(practice, MONDAY_NINE)

    said = browser.get(path).data.decode()

    for private in (held.payer.name, held.payer.email, held.reference, "ouple", "herap", "Lindqvist", "Quiet Harbour"):
        assert private not in said


def test_a_cancelled_session_stays_struck_through_for_thirty_days(practice, browser, clock):
    path = issue(practice)
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
    path = issue(practice)
    book(practice, MONDAY_NINE)

    clock.advance(days=300)

    assert len(events(browser.get(path).data)) == 1


def test_an_unchanged_feed_is_not_sent_again(practice, browser, clock):
    path = issue(practice)
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
    path = issue(practice)
    etag = browser.get(path).headers["ETag"]
    monkeypatch.setattr("practice.calendars.queries.build_feed", None)

    assert browser.get(path, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("change", ["book", "cancel"])
def test_every_change_changes_the_tag(practice, browser, change):
    path = issue(practice)
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
    path = issue(practice)
    book(practice, MONDAY_NINE)
    book(practice, MONDAY_TEN)

    other = make_app().test_client()

    assert other.get(path).data == browser.get(path).data
    assert other.get(path).headers["ETag"] == browser.get(path).headers["ETag"]


def test_messages_that_come_twice_or_late_change_nothing_more(practice, browser):
    path = issue(practice)
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
    path = issue(practice)
    book(practice, MONDAY_NINE)
    got = browser.get(path)

    head = browser.head(path)

    assert head.status_code == 200
    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control", "Content-Disposition"):
        assert head.headers[name] == got.headers[name]


def test_a_feed_is_served_as_calendars_want_it(practice, browser):
    response = browser.get(issue(practice))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, max-age=300"
    assert response.headers["Content-Disposition"] == 'inline; filename="sessions.ics"'
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Content-Encoding" not in response.headers
    assert "Location" not in response.headers


def test_a_feed_sets_no_cookie_and_is_the_same_with_any(practice, browser):
    path = issue(practice)
    at_home = practice.browser(practice.new_client())

    responses = [at_home.get(path), browser.get(path)]

    assert len({response.data for response in responses}) == 1
    assert not any("Set-Cookie" in response.headers for response in responses)


def test_a_new_address_ends_the_old_one_at_once(practice, browser):
    old = issue(practice)
    etag = browser.get(old).headers["ETag"]

    new = issue(practice)

    assert browser.get(old).status_code == 404
    assert browser.get(old, headers={"If-None-Match": etag}).status_code == 404
    assert browser.get(new).status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "..%2f..", "' OR 1=1 --"])
def test_an_address_that_was_never_given_out_is_not_there(practice, browser, token):
    issue(practice)

    response = browser.get(f"/calendars/{token}.ics")

    assert response.status_code == 404
    assert "VCALENDAR" not in response.text


def test_the_secret_is_stored_as_a_hash_alone(practice):
    token = issue(practice).removeprefix("/calendars/").removesuffix(".ics")

    assert len(token) == 43  # 256 bits
    with practice.app.app_context():
        [feed] = db.session.scalars(select(Feed))
        assert token.encode() not in feed.token_hash
        assert len(feed.token_hash) == 32


def test_a_fetch_is_noted_but_not_each_one(practice, browser, clock):
    path = issue(practice)

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
    path = issue(practice)
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


# The page on which a therapist gets the address


@pytest.fixture
def ada(practice):
    """A browser in which Ada is signed in."""
    return desk(practice, "therapist", therapist="ada-lindqvist")


def test_the_way_to_the_page_is_shown_to_whoever_sees_clients(practice, ada):
    assert 'href="/staff/calendar"' in ada.get("/staff/account").text
    assert 'href="/staff/calendar"' not in desk(practice, "owner").get("/staff/account").text


def test_the_page_gives_the_address_once(practice, ada):
    assert "no such address yet" in ada.get("/staff/calendar").text

    shown = ada.submit("/staff/calendar", form="/staff/calendar")

    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    [path] = set(re.findall(r"<code>https://practice\.example(/calendars/[\w-]{43}\.ics)</code>", shown.text))
    assert practice.browser().get(path).status_code == 200
    assert path not in ada.get("/staff/calendar").text


def test_the_page_gives_the_links_that_calendars_know(ada):
    shown = ada.submit("/staff/calendar", form="/staff/calendar").text

    [token] = set(re.findall(r"/calendars/([\w-]{43})\.ics</code>", shown))
    assert f'href="webcal://practice.example/calendars/{token}.ics"' in shown
    google = f"https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fpractice.example%2Fcalendars%2F{token}.ics"
    assert f'href="{google}"' in shown


def test_the_page_says_how_late_calendars_are_and_when_one_looked(practice, ada):
    first = ada.submit("/staff/calendar", form="/staff/calendar").text
    assert "Google Calendar</b> looks every few hours" in first
    [path] = set(re.findall(r"(/calendars/[\w-]{43}\.ics)</code>", first))
    assert "Not yet" in ada.get("/staff/calendar").text

    practice.browser().get(path)

    assert "Not yet" not in ada.get("/staff/calendar").text
    assert "Wednesday 5 May, 8:00 am Eastern Time" in ada.get("/staff/calendar").text


def test_a_new_address_is_a_click_and_is_audited_without_its_secret(practice, ada):
    shown = [ada.submit("/staff/calendar", form="/staff/calendar").text for _ in range(2)]

    old, new = (re.search(r"(/calendars/([\w-]{43})\.ics)</code>", page) for page in shown)
    assert practice.browser().get(old[1]).status_code == 404
    assert practice.browser().get(new[1]).status_code == 200
    entry = ("staff:1", "feed_issued", "ada-lindqvist")
    assert audit(practice, "feed_issued") == [entry, entry]
    with practice.app.app_context():
        details = list(db.session.scalars(select(AuditEntry.detail)))
    assert not any(secret[2] in detail for secret in (old, new) for detail in details)


def test_an_address_is_made_by_a_form_alone(practice, ada):
    assert ada.post("/staff/calendar").status_code == 400
    ada.get("/staff/calendar")

    with practice.app.app_context():
        assert db.session.scalars(select(Feed)).all() == []


def test_strangers_and_the_desk_do_not_get_to_the_page(practice):
    issue(practice)
    for visitor in (practice.browser(), practice.browser(practice.new_client()), desk(practice, "coordinator")):
        for response in (visitor.get("/staff/calendar"), visitor.post("/staff/calendar")):
            assert response.status_code in (303, 400, 403, 404)
            assert "Make a new address" not in response.text
    with practice.app.app_context():
        assert len(db.session.scalars(select(Feed)).all()) == 1


def test_an_account_of_nobody_who_sees_clients_is_told_so(practice):
    response = desk(practice, "owner").get("/staff/calendar")

    assert response.status_code == 404
    assert "no calendar to share" in response.text


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
    path = issue(practice)
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


# Open times


def open_starts(content):
    return {
        datetime.strptime(values(event, b"DTSTART")[0].decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for event in events(content)
    }


OPEN_TIMES = "/times/ada-lindqvist.ics?offering=couple-50"


def test_open_times_are_a_calendar_in_which_a_taken_time_vanishes(practice, browser):
    before = browser.get(OPEN_TIMES)
    practice.hold(MONDAY_NINE)
    after = browser.get(OPEN_TIMES)

    assert problems(before.data) == []
    assert MONDAY_NINE in open_starts(before.data)
    assert MONDAY_NINE not in open_starts(after.data)
    assert open_starts(after.data) < open_starts(before.data)


def test_open_times_are_the_ones_that_the_page_shows(practice, browser):
    shown = browser.get("/times/ada-lindqvist.json?offering=couple-50").json["times"]
    starts = {datetime.fromisoformat(time["start"]).astimezone(UTC) for time in shown}

    assert starts
    assert starts <= open_starts(browser.get(OPEN_TIMES).data)


def test_open_times_end_with_the_horizon(practice, browser, clock):
    last = max(open_starts(browser.get(OPEN_TIMES).data))

    assert clock.now() + timedelta(days=50) < last <= clock.now() + timedelta(days=60)


def test_an_open_time_keeps_its_identity_and_bytes_and_leads_to_its_page(practice, browser, clock):
    before = browser.get(OPEN_TIMES).data
    clock.advance(hours=1)
    after = browser.get(OPEN_TIMES).data

    first, again = ({values(event, b"DTSTART")[0]: event for event in events(one)} for one in (before, after))
    shared = first.keys() & again.keys()
    assert shared
    assert all(first[start] == again[start] for start in shared)
    uids = [values(event, b"UID")[0] for event in first.values()]
    assert len(set(uids)) == len(uids)
    [url] = values(first[b"20270510T130000Z"], b"URL")
    page = browser.get(url.decode())
    assert page.status_code == 200
    assert "Monday 10 May" in page.text


def test_open_times_block_nothing_and_tell_nothing_private(practice, browser):
    held = practice.hold(MONDAY_NINE)
    content = browser.get(OPEN_TIMES)

    for event in events(content.data):
        assert values(event, b"TRANSP") == [b"TRANSPARENT"]
    assert held.reference not in content.text
    assert "Set-Cookie" not in content.headers


def test_open_times_as_free_busy_are_the_same_time(practice, browser):
    response = browser.get(OPEN_TIMES + "&format=freebusy")

    assert problems(response.data) == []
    [component] = events(response.data)
    periods = [line.partition(b":")[2].split(b"/") for line in component if line.startswith(b"FREEBUSY")]
    starts = [datetime.strptime(start.decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for start, _ in periods]
    assert all(b"FBTYPE=FREE" in line for line in component if line.startswith(b"FREEBUSY"))
    assert starts == sorted(starts)
    assert set(starts) <= open_starts(browser.get(OPEN_TIMES).data)
    assert MONDAY_NINE in starts


def test_open_times_without_an_offering_are_those_of_the_first(practice, browser):
    assert browser.get("/times/noor-haddad.ics").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/times/nobody.ics", 404),
        ("/times/ada-lindqvist.ics?offering=nothing", 404),
        ("/times/noor-haddad.ics?offering=couple-90-in-person", 404),
        ("/times/ada-lindqvist.ics?format=xml", 422),
    ],
)
def test_open_times_that_are_not_there_get_a_clear_answer(practice, browser, path, status):
    response = browser.get(path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_unchanged_open_times_are_not_sent_again(practice, browser):
    first = browser.get(OPEN_TIMES)

    again = browser.get(OPEN_TIMES, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
