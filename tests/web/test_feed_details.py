"""What feeds say of each session, and that a feed is sent again whenever that changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import select, update

from practice import logs
from practice.booking import actions as booking_actions
from practice.booking.attending import find_attendees
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.calendars import ics
from practice.calendars.appointments import desk_url, for_therapist
from practice.calendars.models import Detail, Feed, FeedEntry
from practice.calendars.naming import words_with_names
from practice.database import db
from practice.people import contact_of, forget_person, save_contact
from practice.portal.actions import change_contact
from practice.staff.actions import choose_language
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import leave, practice_couple, send_intake
from tests.support.feeds import book, new_feed, summaries
from tests.support.ical_lint import events, problems, unfolded, values
from tests.support.staff import hire

HOUR = timedelta(hours=1)
NOON = MONDAY_NINE + 3 * HOUR


def rename(practice, client, name):
    with practice.app.test_request_context(), begin_work() as work:
        contact = contact_of(practice.person(client))
        change_contact(work, client.person_id, replace(contact, first_name=name))


def called(practice, client, name):
    with practice.app.app_context(), begin_work():
        save_contact(practice.person(client), replace(contact_of(practice.person(client)), first_name=name))


def told(practice, path):
    return summaries(practice.browser().get(path).data)


def pair_of(practice):
    pair = practice_couple(practice)
    called(practice, pair.inviter, "Ana")
    called(practice, pair.invited, "Ben")
    return pair


def test_names_say_both_who_come_and_one_where_one_comes(practice):
    pair, single = pair_of(practice), practice.new_client()
    called(practice, single, "Zoë-Marie de Vries")
    book(practice, MONDAY_NINE, pair.invited)
    book(practice, MONDAY_TEN, pair.inviter, offering="individual-50")
    book(practice, NOON, single)
    names, initials = (new_feed(practice, detail=one) for one in (Detail.FIRST_NAMES, Detail.INITIALS))

    assert told(practice, names) == ["Session: Ben and Ana", "Session: Ana", "Session: Zoë-Marie de Vries"]
    assert told(practice, initials) == ["Session: B. and A.", "Session: A.", "Session: Z. M. D. V."]


def test_a_therapists_feeds_speak_the_language_of_their_account_and_the_practices_english(practice):
    hire(practice, "clinician", therapist="ada-lindqvist", language="es")
    book(practice, MONDAY_NINE, pair_of(practice).inviter)
    said = {one: told(practice, new_feed(practice, detail=one)) for one in Detail}
    everybodys = [told(practice, new_feed(practice, None, one)) for one in (Detail.SESSION, Detail.BUSY)]

    assert said == {
        Detail.BUSY: ["Ocupado"],
        Detail.SESSION: ["Sesión"],
        Detail.INITIALS: ["Sesión: A. y B."],
        Detail.FIRST_NAMES: ["Sesión: Ana y Ben"],
    }
    assert everybodys == [["Session – Ada Lindqvist"], ["Busy – Ada Lindqvist"]]
    assert b"X-WR-CALNAME:Sesiones" in practice.browser().get(new_feed(practice)).data


@pytest.mark.parametrize("detail", Detail)
def test_a_feed_is_sent_again_once_its_therapist_chose_another_language(practice, detail):
    ada = hire(practice, "clinician", therapist="ada-lindqvist")
    book(practice, MONDAY_NINE)
    path, browser = new_feed(practice, detail=detail), practice.browser()
    before = browser.get(path)
    with practice.app.app_context(), begin_work() as work:
        choose_language(work, int(ada.actor.removeprefix("staff:")), "es")

    after = browser.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert problems(after.data) == []
    assert after.data != before.data
    assert browser.get(path, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304


def test_names_are_those_of_whoever_comes_as_booking_has_it(practice, clock):
    """The one query of the feed against booking's own rule, for each booking."""
    pair = pair_of(practice)
    book(practice, MONDAY_NINE, pair.inviter)
    alone = practice.new_client()
    book(practice, MONDAY_TEN, alone)
    book(practice, NOON, pair.invited, offering="individual-50")
    clock.set(NOON + timedelta(days=1))
    send_intake(practice, alone)
    practice_couple(practice, inviter=alone)  # after what they came to alone
    book(practice, MONDAY_NINE + timedelta(days=7), alone)
    book(practice, MONDAY_TEN + timedelta(days=7), pair.inviter)
    leave(practice, pair.invited)

    with practice.app.app_context():
        said = words_with_names(FeedEntry.booking_id > 0, Detail.FIRST_NAMES)
        bookings = list(db.session.scalars(select(Booking)))
        expected = {
            one.id: "Session: " + " and ".join(contact_of(person).first_name for person in find_attendees(one))
            for one in bookings
        }
    assert said == expected
    assert sum(" and " in words for words in said.values()) == 1


def test_no_name_is_kept_in_the_clear(practice):
    client = practice.new_client()
    called(practice, client, "Quetzalcoatl")
    path = new_feed(practice, detail=Detail.FIRST_NAMES)
    book(practice, MONDAY_NINE, client)
    assert told(practice, path) == ["Session: Quetzalcoatl"]

    with practice.app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                assert not any("Quetzal" in str(value) or b"Quetzal" in bytes(str(value), "utf8") for value in row)
    assert practice.breaches() == [one for one in practice.breaches() if "I3" in one]


def test_a_name_reaches_no_other_calendar(practice, mailer):
    client = practice.new_client()
    called(practice, client, "Quetzalcoatl")
    new_feed(practice, detail=Detail.FIRST_NAMES)
    others = [new_feed(practice), new_feed(practice, detail=Detail.BUSY), new_feed(practice, None)]
    held = book(practice, MONDAY_NINE, client)

    stranger = practice.browser()
    seen = [stranger.get(path).data for path in (*others, "/times/ada-lindqvist.ics", "/times/any.ics")]
    seen.append(practice.browser(client).get(f"/bookings/{held.reference}.ics").data)
    seen += [letter.calendar for letter in mailer.sent if letter.calendar]
    assert len(seen) == 8
    assert not any(b"Quetzal" in content.replace(b"\r\n ", b"") for content in seen)


def _rename(practice, pair):
    rename(practice, pair.inviter, "Anja")


def _part(practice, pair):
    leave(practice, pair.invited)


def _erase_one(practice, pair):
    with practice.app.app_context(), begin_work() as work:
        forget_person(work, practice.person(pair.inviter))


CHANGES = {
    "a name": (_rename, ["Session: Anja and Ben"]),
    "who comes": (_part, ["Session: Ana"]),
    "an erasure": (_erase_one, ["Session: Ben"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_tag_changes_with_each_name(practice, what):
    change, expected = CHANGES[what]
    pair = pair_of(practice)
    book(practice, MONDAY_NINE, pair.inviter)
    path = new_feed(practice, detail=Detail.FIRST_NAMES)
    plain = new_feed(practice)
    before, plainly = (practice.browser().get(one) for one in (path, plain))
    assert summaries(before.data) == ["Session: Ana and Ben"]

    change(practice, pair)

    again = practice.browser().get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (again.status_code, summaries(again.data)) == (200, expected)
    assert practice.browser().get(plain, headers={"If-None-Match": plainly.headers["ETag"]}).status_code == 304


def test_the_tag_changes_when_somebody_joins(practice):
    one = practice.new_client()
    called(practice, one, "Ana")
    book(practice, MONDAY_NINE, one)
    path = new_feed(practice, detail=Detail.FIRST_NAMES)
    before = practice.browser().get(path)

    other = practice.new_client()
    called(practice, other, "Ben")
    send_intake(practice, one, preferred_name="Ana")
    practice_couple(practice, inviter=one, invited=other)

    again = practice.browser().get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (again.status_code, summaries(again.data)) == (200, ["Session: Ana and Ben"])


def test_whoever_was_erased_is_a_session_again(practice):
    client = practice.new_client()
    book(practice, MONDAY_NINE, client)
    paths = [new_feed(practice, detail=one) for one in (Detail.FIRST_NAMES, Detail.INITIALS)]
    assert all(told(practice, path) != ["Session"] for path in paths)

    with practice.app.app_context(), begin_work() as work:
        forget_person(work, practice.person(client))

    assert [told(practice, path) for path in paths] == [["Session"], ["Session"]]


def test_an_unchanged_feed_with_names_is_not_even_built(practice, monkeypatch):
    path = new_feed(practice, detail=Detail.FIRST_NAMES)
    book(practice, MONDAY_NINE)
    etag = practice.browser().get(path).headers["ETag"]
    monkeypatch.setattr("practice.calendars.queries.build_feed", None)

    assert practice.browser().get(path, headers={"If-None-Match": etag}).status_code == 304


def test_each_detail_passes_the_lint_and_is_byte_stable(practice, make_app):
    client = practice.new_client()
    called(practice, client, "Ümit, “U.”; das längste\\Wort der Straße von hier bis zum Ende der Zeile 約束 und weiter")
    held = book(practice, MONDAY_NINE, client)
    book(practice, MONDAY_TEN)
    with practice.app.app_context(), begin_work() as work:
        booking_actions.cancel(work, booking_actions.lock(work, held.reference))
    practice.work_until_idle()
    paths = [new_feed(practice, detail=one) for one in Detail] + [
        new_feed(practice, None, detail=one) for one in (Detail.BUSY, Detail.SESSION)
    ]
    other = make_app().test_client()

    for path in paths:
        here, there = practice.browser().get(path), other.get(path)
        assert problems(here.data) == []
        assert len(events(here.data)) == 2
        assert (here.data, here.headers["ETag"]) == (there.data, there.headers["ETag"])
        assert values(unfolded(here.data), b"METHOD") == []


def test_a_busy_feed_tells_that_time_is_taken_and_not_where_that_comes_from(practice):
    book(practice, MONDAY_NINE)
    [event] = events(practice.browser().get(new_feed(practice, detail=Detail.BUSY)).data)

    assert values(event, b"SUMMARY") == [b"Busy"]
    assert values(event, b"URL") == []
    assert b"practice.example" not in b"\n".join(event)


def test_the_lines_that_a_feed_puts_in_are_those_that_a_calendar_object_has():
    """The words are exchanged as bytes, so they must be written as icalendar writes them, long ones too."""
    for words in ("Session", "Busy", "Session: Ana and Ben", "x, y; z\\ " * 20, "約束" * 40):
        object_of = ics.Appointment(
            uid="1@appointments",
            sequence=0,
            starts=datetime(2027, 5, 10, 13, tzinfo=UTC),
            ends=datetime(2027, 5, 10, 14, tzinfo=UTC),
            stamp=datetime(2027, 5, 1, tzinfo=UTC),
            modified=datetime(2027, 5, 1, tzinfo=UTC),
            status=ics.Status.CONFIRMED,
            url="https://practice.example/" + "a" * len(words),
            summary=words,
        )
        fragment = ics.fragment(object_of)
        assert ics.summary_line(words) in fragment
        assert ics.url_line(object_of.url) in fragment


def test_every_entry_has_the_very_lines_that_details_exchange(practice):
    book(practice, MONDAY_NINE)
    with practice.app.app_context():
        [entry] = db.session.scalars(select(FeedEntry))
        assert ics.summary_line("Session") in entry.fragment
        assert ics.url_line(desk_url("https://practice.example")) in entry.fragment
        assert entry.fragment == ics.fragment(for_therapist(entry.booking, "https://practice.example"))


# The whole practice's


def test_the_whole_practices_feed_says_whose_each_session_is(practice):
    book(practice, MONDAY_NINE)
    book(practice, NOON, therapist="noor-haddad")
    everybodys, busy = new_feed(practice, None), new_feed(practice, None, detail=Detail.BUSY)

    assert told(practice, everybodys) == ["Session – Ada Lindqvist", "Session – Noor Haddad"]
    assert told(practice, busy) == ["Busy – Ada Lindqvist", "Busy – Noor Haddad"]
    content = practice.browser().get(everybodys).data
    assert b"X-WR-CALNAME:All sessions" in unfolded(content)
    assert practice.browser().get(everybodys).headers["Last-Modified"]


def test_the_whole_practices_feed_changes_with_every_therapists_and_with_their_names(practice):
    book(practice, MONDAY_NINE)
    path = new_feed(practice, None)
    tags = [practice.browser().get(path).headers["ETag"]]

    book(practice, NOON, therapist="noor-haddad")
    tags.append(practice.browser().get(path).headers["ETag"])
    with practice.app.app_context(), begin_work() as work:
        ada = work.session.scalars(select(Therapist).where(Therapist.slug == "ada-lindqvist")).one()
        ada.name = "Ada Lind"
    after = practice.browser().get(path)
    tags.append(after.headers["ETag"])

    assert len(set(tags)) == 3
    assert summaries(after.data)[0] == "Session – Ada Lind"


def test_a_practice_without_sessions_has_a_feed_too(practice):
    response = practice.browser().get(new_feed(practice, None))

    assert (response.status_code, events(response.data), problems(response.data)) == (200, [], [])


def test_the_database_refuses_a_feed_of_everybody_with_names(practice):
    new_feed(practice, None)

    with pytest.raises(Exception, match="names_for_one_alone"), practice.app.app_context(), begin_work() as work:
        work.session.execute(update(Feed).values(detail=Detail.INITIALS))


# How they are served


def test_no_log_has_the_secret_of_an_address(practice, capfd):
    path = new_feed(practice)
    secret = path.split("/")[2].removesuffix(".ics")
    logs.register(practice.app)
    with structlog.testing.capture_logs() as written:
        for asked in (path, path.replace(secret, secret[::-1])):
            practice.browser().get(asked)
            practice.browser().head(asked)

    assert [entry["endpoint"] for entry in written if entry["event"] == "request"] == ["calendars.feed"] * 4
    printed = "".join(capfd.readouterr())
    assert not any(one in str(written) + printed for one in (secret, secret[::-1]))


@pytest.mark.databases("sqlite")
def test_whoever_asks_far_too_often_has_to_wait(practice):
    """More requests than two minutes allow, since the count begins anew at each full one."""
    stranger, path = practice.browser(), new_feed(practice)
    etag = stranger.get(path).headers["ETag"]

    answers = [stranger.get(path, headers={"If-None-Match": etag}).status_code for _ in range(250)]

    assert set(answers) == {304, 429}
    assert answers[0] == 304


def test_a_compressed_answer_is_never_sent_and_the_tag_is_strong(practice):
    response = practice.browser().get(new_feed(practice), headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in response.headers
    assert not response.headers["ETag"].startswith("W/")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in response.headers
    assert response.headers["Content-Length"] == str(len(response.data))
