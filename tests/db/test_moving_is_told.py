"""A move as its readers see it: letters, calendar parts, the feed and the download."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import update

from practice.booking.models import Booking
from practice.notify.mailer import MailRefused
from tests.support.clock import MONDAY_NINE
from tests.support.feeds import new_feed
from tests.support.golden import assert_golden
from tests.support.ical_lint import events, problems, unfolded, values
from tests.support.offers import broken, cancel, confirmed, move, open_starts, see, work_in

THERAPIST = "ada@practice.example"
HOUR = timedelta(hours=1)
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR
LINK = re.compile(r"https://practice\.example/return/([\w-]{43})")


def test_the_client_and_the_therapist_get_one_letter_each(practice, mailer):
    held = confirmed(practice, MONDAY_NINE)
    mailer.sent.clear()

    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()

    [to_client], [to_therapist] = mailer.letters_to(held.payer.email), mailer.letters_to(THERAPIST)
    assert len(mailer.sent) == 2
    assert to_client.subject == "Your appointment"
    assert "Tuesday 11 May, 9:00 am Eastern Time" in " ".join(to_client.text.split())
    assert to_therapist.subject == "An appointment was moved"
    for letter in (to_client, to_therapist):
        assert problems(letter.calendar) == []
        assert values(unfolded(letter.calendar), b"METHOD") == [b"REQUEST"]
        [event] = events(letter.calendar)
        assert values(event, b"SEQUENCE") == [b"1"]
        assert values(event, b"UID") == [see(practice, held).uid.encode()]
        assert values(event, b"DTSTART") == [b"20270511T130000Z"]
        assert values(event, b"LOCATION") == []
    assert broken(practice) == []


def test_the_letters_and_the_feed_of_a_move_are_as_agreed(practice, mailer, browser, clock):
    path = new_feed(practice)
    held = practice.hold(MONDAY_NINE)
    with work_in(practice) as work:  # the only thing in a calendar that is random
        work.session.execute(update(Booking).values(uid="00000000-0000-0000-0000-000000000001@appointments"))
    practice.confirm(held)
    practice.work_until_idle()
    clock.advance(hours=1)

    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()

    for address, reader in ((held.payer.email, "client"), (THERAPIST, "therapist")):
        letter = mailer.last_to(address)
        text = LINK.sub("https://practice.example/return/TOKEN", letter.text.replace("\r\n", "\n"))
        assert_golden(f"story-{reader}-moved.txt", f"{letter.subject}\n\n{text}".encode())
    assert_golden("story-feed-moved.ics", browser.get(path).data)


def test_whoever_shares_an_inbox_hears_of_the_move_without_a_calendar_part(practice, mailer):
    held = confirmed(practice, MONDAY_NINE, practice.new_client(calendar_by_mail=False))

    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()

    assert "another time" in mailer.last_to(held.payer.email).text
    assert mailer.last_to(held.payer.email).calendar is None


def test_the_feed_and_the_download_show_the_session_once_at_its_new_time(practice, browser):
    path = new_feed(practice)
    held = confirmed(practice, MONDAY_NINE)
    before = browser.get(path)

    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()

    after = browser.get(path, headers={"If-None-Match": before.headers["ETag"]})
    mine = practice.browser(held.payer).get(f"/bookings/{held.reference}.ics")
    [was] = events(before.data)
    for content in (after.data, mine.data):
        [event] = events(content)
        assert values(event, b"UID") == values(was, b"UID")
        assert values(event, b"SEQUENCE") == [b"1"]
        assert values(event, b"DTSTART") == [b"20270511T130000Z"]
        assert values(event, b"STATUS") == [b"CONFIRMED"]


def test_of_two_moves_in_a_row_only_the_last_is_told(practice, mailer):
    held = confirmed(practice, MONDAY_NINE)
    mailer.sent.clear()

    move(practice, held, TUESDAY_NINE)
    move(practice, held, TUESDAY_NINE + HOUR)
    practice.work_until_idle()

    assert see(practice, held).sequence == 2
    for address in (held.payer.email, THERAPIST):
        [letter] = mailer.letters_to(address)
        [event] = events(letter.calendar)
        assert values(event, b"SEQUENCE") == [b"2"]
        assert values(event, b"DTSTART") == [b"20270511T140000Z"]
    assert TUESDAY_NINE in open_starts(practice, TUESDAY_NINE.date())
    assert broken(practice) == []


def test_a_cancellation_after_a_move_is_the_newest_revision(practice, mailer):
    held = confirmed(practice, MONDAY_NINE)
    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()

    cancel(practice, held)
    practice.work_until_idle()

    for address in (held.payer.email, THERAPIST):
        parts = [letter.calendar for letter in mailer.letters_to(address)]
        assert [values(unfolded(part), b"METHOD") for part in parts] == [[b"REQUEST"], [b"REQUEST"], [b"CANCEL"]]
        assert [values(events(part)[0], b"SEQUENCE") for part in parts] == [[b"0"], [b"1"], [b"2"]]
        assert len({tuple(values(events(part)[0], b"UID")) for part in parts}) == 1
    assert broken(practice) == []


def test_a_cancellation_never_overtakes_the_move_before_it(practice, mailer, clock):
    held = confirmed(practice, MONDAY_NINE)
    mailer.sent.clear()
    mailer.fail_with = MailRefused("the mail server answered 554")
    move(practice, held, TUESDAY_NINE)
    practice.work_until_idle()  # the letters of the move fail and wait
    mailer.fail_with = None
    cancel(practice, held)
    practice.work_until_idle()
    assert mailer.sent == []

    clock.advance(hours=2)
    practice.work_until_idle()

    # The move was never told, and is not true any more: one letter tells each of them the end.
    for address in (held.payer.email, THERAPIST):
        [letter] = mailer.letters_to(address)
        assert values(unfolded(letter.calendar), b"METHOD") == [b"CANCEL"]
        assert values(events(letter.calendar)[0], b"SEQUENCE") == [b"2"]
    assert broken(practice) == []
