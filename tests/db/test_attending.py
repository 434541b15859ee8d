"""Two people at one appointment: each is told in words, zone and calendar of their own, and has a page of it."""

from __future__ import annotations

import pytest

from practice.booking import actions as booking_actions
from practice.booking import moving
from practice.booking.attending import find_attendees
from practice.booking.offers.queries import get_offer
from practice.booking.queries import find_booking
from practice.people import Contact, contact_of, save_contact
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import client_for_two, leave, practice_couple
from tests.support.ical_lint import events, problems, unfolded, values

MONEY = ("paid", "card", "fee", "$", "cancel")


@pytest.fixture
def pair(practice):
    return practice_couple(practice)


@pytest.fixture
def booked(practice, pair):
    """A session for two that the inviter booked; all letters are sent."""
    held = practice.hold(MONDAY_NINE, pair.inviter)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def change_contact(practice, client, **changes):
    with practice.app.app_context(), begin_work():
        person = practice.person(client)
        save_contact(person, Contact(**{**contact_of(person).__dict__, **changes}))


def cancel(practice, held):
    with practice.app.app_context(), begin_work() as work:
        booking_actions.cancel(work, booking_actions.lock(work, held.reference))


def move(practice, held, start, offering="couple-50"):
    with practice.app.app_context():
        offer = get_offer("ada-lindqvist", offering)
        with begin_work() as work:
            moving.move_as_staff(work, held.reference, offer, start)


def told(practice):
    """Breaches of the promises about letters; what is paid has tests of its own."""
    return [one for one in practice.breaches() if one.startswith(("I5", "I10"))]


def test_both_come_to_a_session_for_two_and_one_alone_to_every_other(practice, pair, booked):
    alone = practice.hold(MONDAY_TEN, pair.inviter, offering="individual-50")
    with practice.app.app_context():
        both = [one.id for one in find_attendees(find_booking(booked.reference))]
        assert both == [pair.inviter.person_id, pair.invited.person_id]
        assert [one.id for one in find_attendees(find_booking(alone.reference))] == [pair.inviter.person_id]


def test_each_of_the_two_hears_of_it_and_who_did_not_book_reads_nothing_of_money(practice, mailer, pair, booked):
    [to_payer] = mailer.letters_to(pair.inviter.email)
    [to_other] = mailer.letters_to(pair.invited.email)
    assert to_payer.subject == to_other.subject == "Your appointment"
    for word in (*MONEY, pair.inviter.name, pair.inviter.email, pair.inviter.reference):
        assert word not in to_other.text + to_other.html
    assert told(practice) == []


def test_each_reads_the_time_in_their_own_zone(practice, mailer, pair):
    with practice.app.app_context(), begin_work():
        practice.person(pair.invited).zone = "America/Los_Angeles"
    practice.confirm(practice.hold(MONDAY_NINE, pair.inviter))
    practice.work_until_idle()

    assert "9:00 am Eastern Time" in mailer.last_to(pair.inviter.email).text
    assert "6:00 am Pacific Time" in mailer.last_to(pair.invited.email).text


def test_each_has_one_calendar_object_of_their_own_through_every_revision(practice, mailer, pair, booked):
    move(practice, booked, MONDAY_TEN)
    practice.work_until_idle()
    cancel(practice, booked)
    practice.work_until_idle()

    uids = {}
    for client in pair:
        parts = [letter.calendar for letter in mailer.letters_to(client.email)]
        found = [events(part)[0] for part in parts]
        assert [problems(part) for part in parts] == [[], [], []]
        assert [values(one, b"SEQUENCE") for one in found] == [[b"0"], [b"1"], [b"2"]]
        assert [values(unfolded(part), b"METHOD") for part in parts] == [[b"REQUEST"], [b"REQUEST"], [b"CANCEL"]]
        [uids[client.reference]] = {tuple(values(one, b"UID")) for one in found}
    assert len(set(uids.values())) == 2
    assert told(practice) == []


def test_the_download_holds_the_same_object_as_the_letters(practice, mailer, pair, booked):
    for client in pair:
        downloaded = practice.browser(client).get(f"/bookings/{booked.reference}.ics").data
        mailed = mailer.last_to(client.email).calendar
        assert values(events(downloaded)[0], b"UID") == values(events(mailed)[0], b"UID")


def test_a_calendar_part_goes_only_to_whose_mail_nobody_else_reads(practice, mailer, pair):
    change_contact(practice, pair.invited, calendar_by_mail=False)
    practice.confirm(practice.hold(MONDAY_NINE, pair.inviter))
    practice.work_until_idle()

    assert mailer.last_to(pair.inviter.email).calendar is not None
    assert mailer.last_to(pair.invited.email).calendar is None


def test_who_wants_no_mail_gets_none_and_the_other_one_does(practice, mailer, pair):
    change_contact(practice, pair.invited, channels=("call",))
    practice.confirm(practice.hold(MONDAY_NINE, pair.inviter))
    practice.work_until_idle()

    assert mailer.letters_to(pair.invited.email) == []
    assert len(mailer.letters_to(pair.inviter.email)) == 1


def test_who_joins_later_hears_of_what_is_coming(practice, mailer):
    inviter = client_for_two(practice)
    held = practice.hold(MONDAY_NINE, inviter)
    practice.confirm(held)
    practice.work_until_idle()
    pair = practice_couple(practice, inviter=inviter)
    assert told(practice) == []  # on its way
    practice.work_until_idle()

    assert "9:00 am" in mailer.last_to(pair.invited.email).text
    assert len(mailer.letters_to(inviter.email)) == 1
    assert told(practice) == []


def test_a_time_that_is_only_held_is_its_holders_alone(practice, mailer, pair):
    held = practice.hold(MONDAY_NINE, pair.inviter)
    practice.work_until_idle()

    assert mailer.letters_to(pair.invited.email) == []
    assert practice.browser(pair.invited).get(f"/bookings/{held.reference}").status_code == 404
    assert held.reference not in practice.browser(pair.invited).get("/you").text


def test_the_others_page_of_it_says_when_and_where_and_nothing_of_money(practice, pair, booked):
    browser = practice.browser(pair.invited)
    assert booked.reference in browser.get("/you").text

    page = browser.get(f"/bookings/{booked.reference}").text

    assert "Your appointment stands" in page
    assert "https://video.practice.example/ada-lindqvist" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    for word in ("$", "Paid", "Fee", "Documents", "Choose another time", "Cancel", pair.inviter.name):
        assert word not in main


def test_however_it_ends_who_did_not_book_reads_the_same_words(practice, mailer, pair):
    texts = set()
    for end in (cancel, decline, cancel_by_staff):
        held = practice.hold(MONDAY_NINE, pair.inviter)
        practice.confirm(held)
        practice.work_until_idle()
        end(practice, held)
        practice.work_until_idle()
        text = mailer.last_to(pair.invited.email).text
        texts.add(text.partition("/return/")[0])
    assert len(texts) == 1
    assert "can’t keep your appointment" in texts.pop()
    assert told(practice) == []


def decline(practice, held):
    with practice.app.app_context(), begin_work() as work:
        booking_actions.decline(work, booking_actions.lock(work, held.reference))


def cancel_by_staff(practice, held):
    with practice.app.app_context(), begin_work() as work:
        decision = booking_actions.StaffDecision("staff:1", booking_actions.WHOLE)
        booking_actions.cancel_by_staff(work, booking_actions.lock(work, held.reference), decision)


def test_who_leaves_comes_no_more_to_what_the_other_booked_and_keeps_what_they_booked(practice, mailer, pair, booked):
    own = practice.hold(MONDAY_TEN, pair.invited)
    practice.confirm(own)
    practice.work_until_idle()
    mailer.sent.clear()

    leave(practice, pair.invited)
    practice.work_until_idle()

    browser = practice.browser(pair.invited)
    assert browser.get(f"/bookings/{booked.reference}").status_code == 404
    assert browser.get(f"/bookings/{own.reference}").status_code == 200
    [to_leaver] = mailer.letters_to(pair.invited.email)
    assert values(unfolded(to_leaver.calendar), b"METHOD") == [b"CANCEL"]
    called_off, changed = mailer.letters_to(pair.inviter.email)
    assert "10:00 am" in called_off.text
    assert changed.subject == "About your appointments"
    assert told(practice) == []


def test_who_comes_back_is_told_anew(practice, mailer, pair, booked):
    leave(practice, pair.invited)
    practice.work_until_idle()
    practice_couple(practice, inviter=pair.inviter, invited=pair.invited)
    practice.work_until_idle()

    assert "Your appointment is on" in mailer.last_to(pair.invited.email).text
    assert told(practice) == []


def test_each_calendar_part_to_whoever_goes_and_comes_back_is_newer_than_the_one_before(
    practice, mailer, clock, pair, booked
):
    """RFC 5546: a calendar takes no REQUEST that is older than the CANCEL that it has."""
    for _ in range(2):
        clock.advance(minutes=5)
        leave(practice, pair.invited)
        practice.work_until_idle()
        clock.advance(minutes=5)
        practice_couple(practice, inviter=pair.inviter, invited=pair.invited)
        practice.work_until_idle()
    clock.advance(minutes=5)
    move(practice, booked, MONDAY_TEN)
    practice.work_until_idle()
    cancel(practice, booked)
    practice.work_until_idle()

    parts = [unfolded(one.calendar) for one in mailer.letters_to(pair.invited.email) if one.calendar]
    assert len({values(part, b"UID")[0] for part in parts}) == 1
    methods = [values(part, b"METHOD")[0].decode() for part in parts]
    assert methods == ["REQUEST", "CANCEL", "REQUEST", "CANCEL", "REQUEST", "REQUEST", "CANCEL"]
    sequences = [int(values(part, b"SEQUENCE")[0]) for part in parts]
    assert sequences == sorted(set(sequences))
    stamps = [values(part, b"DTSTAMP")[0] for part in parts]
    assert stamps == sorted(stamps)


def test_whoever_should_hear_and_does_not_is_a_breach(practice, pair, booked, monkeypatch):
    monkeypatch.setattr("practice.notify.handlers.tell_companion", lambda *_: None)
    move(practice, booked, MONDAY_TEN)
    practice.work_until_idle()
    assert [one for one in told(practice) if "comes along" in one]

    cancel(practice, booked)
    practice.work_until_idle()
    assert [one for one in told(practice) if "came along" in one]
