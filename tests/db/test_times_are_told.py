"""Letters about times that are kept for somebody: who gets which, until when, and what is dropped."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from practice.booking import actions
from practice.booking.messages import BookingExpired, TimeOffered, TimeReserved
from practice.intake.messages import RETURN
from practice.notify import handlers
from practice.people import Contact, contact_of, get_link, save_contact
from tests.support.clock import MONDAY_NINE
from tests.support.offers import (
    broken,
    cancel,
    keep_for,
    offered_to,
    wish,
    wish_state,
    withdraw,
    work_in,
)

HOUR = timedelta(hours=1)
WHEN = "Monday 10 May, 9:00 am Eastern Time"
OPENED = "Tuesday 11 May, 9:00 am Eastern Time"
TUESDAY_NINE = MONDAY_NINE + 24 * HOUR
LINK = re.compile(r"https://practice\.example/return/([\w-]{43})")


def subjects(mailer, client):
    return [letter.subject for letter in mailer.letters_to(client.email)]


def words(letter):
    return " ".join(letter.text.split())


def say_yes(practice, held):
    with work_in(practice) as work:
        booking = actions.lock(work, held.reference)
        actions.open_checkout(work, booking, work.now + HOUR)
        actions.confirm(work, booking)


def change_contact(practice, client, **changes):
    with work_in(practice):
        person = practice.person(client)
        save_contact(person, Contact(**{**contact_of(person).__dict__, **changes}))


@pytest.fixture
def kept(practice):
    """Monday at nine, kept by staff for a client for a day; the letter is still in the outbox."""
    return keep_for(practice, practice.new_client(), MONDAY_NINE)


@pytest.fixture
def waits(practice):
    """A client for whom the waiting list keeps Tuesday at nine; the letter is still in the outbox."""
    client = practice.new_client()
    practice.wish = wish(practice, client)
    held = practice.hold(TUESDAY_NINE)
    cancel(practice, held)
    return client


# A time that staff keep


def test_a_client_is_told_that_a_time_is_kept_and_until_when_and_nobody_else_is(practice, mailer, kept):
    practice.work_until_idle()

    [letter] = mailer.sent
    assert letter.to == kept.payer.email
    assert letter.subject == "A time is kept for you"
    assert WHEN in words(letter)
    assert "until Thursday 6 May, 8:00 am Eastern Time" in words(letter)
    assert letter.calendar is None
    assert broken(practice) == []


def test_the_letter_leads_to_the_booking_behind_the_clients_code(practice, mailer, kept):
    practice.work_until_idle()

    [token] = set(LINK.findall(mailer.last_to(kept.payer.email).text))
    with practice.app.app_context():
        link = get_link(token, RETURN)
        assert (link.target, link.person_id) == (kept.reference, kept.payer.person_id)


def test_letters_about_kept_times_name_nobody_and_nothing(practice, mailer, kept, waits):
    practice.work_until_idle()
    practice.clock.advance(hours=25)
    practice.work_until_idle()

    assert len({letter.subject for letter in mailer.sent}) == 3
    for letter in mailer.sent:
        said = " ".join((letter.subject, letter.text, letter.html)).replace("practice.example", "")
        for private in (kept.payer.name, "Ada", "Lindqvist", "Quiet Harbour", "ouple", "herap", "160", "ession"):
            assert private not in said


def test_whoever_said_yes_meanwhile_hears_of_their_appointment_alone(practice, mailer, kept):
    say_yes(practice, kept)

    practice.work_until_idle()

    assert subjects(mailer, kept.payer) == ["Your appointment"]
    assert broken(practice) == []


def test_whoever_did_not_allow_mail_gets_none_and_no_promise_is_broken(practice, mailer, kept):
    change_contact(practice, kept.payer, channels=("call",))

    practice.work_until_idle()

    assert mailer.sent == []
    assert broken(practice) == []


def test_a_letter_that_comes_after_its_deadline_is_dropped(practice, mailer, kept, clock):
    clock.advance(hours=24)

    practice.work_until_idle()

    assert "A time is kept for you" not in subjects(mailer, kept.payer)


def test_a_promise_that_ended_unanswered_is_taken_back_in_one_short_letter(practice, mailer, kept, clock):
    practice.work_until_idle()
    clock.advance(hours=24)
    practice.work_until_idle()

    assert subjects(mailer, kept.payer) == ["A time is kept for you", "A time is not kept any more"]
    letter = mailer.last_to(kept.payer.email)
    assert f"The time on {WHEN} is not kept for you any more" in words(letter)
    assert "waiting" not in words(letter)
    assert broken(practice) == []


def test_nobody_is_written_to_about_a_kept_time_that_is_long_over(practice, mailer, clock):
    kept = keep_for(practice, practice.new_client(), MONDAY_NINE, until=MONDAY_NINE - clock.now())
    practice.work_until_idle()
    clock.set(MONDAY_NINE + HOUR)

    practice.work_until_idle()

    assert subjects(mailer, kept.payer) == ["A time is kept for you"]


def test_a_hold_that_a_client_made_and_left_is_no_reason_for_a_letter(practice, mailer, clock):
    practice.hold(MONDAY_NINE)

    clock.advance(hours=1)
    practice.work_until_idle()

    assert mailer.sent == []


def test_whoever_gives_a_kept_time_back_is_not_written_to_about_it(practice, mailer, kept):
    practice.work_until_idle()

    cancel(practice, kept)
    practice.work_until_idle()

    assert subjects(mailer, kept.payer) == ["A time is kept for you"]


def test_a_late_payment_wins_over_the_letter_that_takes_the_promise_back(practice, mailer, kept, clock):
    practice.work_until_idle()
    with work_in(practice) as work:
        booking = actions.lock(work, kept.reference)
        actions.open_checkout(work, booking, work.now + HOUR)
    clock.advance(hours=25)
    with work_in(practice) as work:
        booking = actions.lock(work, kept.reference)
        actions.begin_release(work, booking)
        actions.expire(work, booking)
        actions.confirm(work, booking)

    practice.work_until_idle()

    assert subjects(mailer, kept.payer) == ["A time is kept for you", "Your appointment"]


def test_messages_that_come_twice_are_told_once(practice, mailer, kept, clock):
    practice.work_until_idle()
    clock.advance(hours=24)
    practice.work_until_idle()
    with practice.app.app_context():
        for _ in range(2):
            handlers.on_time_reserved(TimeReserved(kept.reference))
            handlers.on_booking_expired(BookingExpired(kept.reference, "again"))
            handlers.on_time_offered(TimeOffered("b_nobody"))

    practice.work_until_idle()

    assert len(mailer.sent) == 2


# The waiting list


def test_whoever_waits_is_told_of_the_time_that_opened(practice, mailer, waits):
    practice.work_until_idle()

    [letter] = mailer.sent
    assert letter.to == waits.email
    assert letter.subject == "A time has opened"
    assert OPENED in words(letter)
    assert "until Wednesday 5 May, 8:00 pm Eastern Time; nobody else can take it" in words(letter)
    [token] = set(LINK.findall(letter.text))
    with practice.app.app_context():
        assert get_link(token, RETURN).target == offered_to(practice, waits).held.reference
    assert broken(practice) == []


def test_a_missed_offer_is_taken_back_and_says_that_they_still_wait(practice, mailer, waits, clock):
    practice.work_until_idle()
    missed = offered_to(practice, waits)
    clock.set(missed.deadline)

    practice.work_until_idle()

    first, second = mailer.letters_to(waits.email)
    assert (first.subject, second.subject) == ("A time has opened", "A time is not kept any more")
    assert f"The time on {OPENED}" in words(second)
    assert "You are still waiting for another" in words(second)
    assert broken(practice) == []


def test_whoever_took_their_wish_back_is_not_told_that_they_wait(practice, mailer, waits, clock):
    withdraw(practice, waits, practice.wish)
    clock.set(offered_to(practice, waits).deadline)
    practice.work_until_idle()

    assert wish_state(practice, practice.wish) == "withdrawn"
    assert "waiting" not in words(mailer.last_to(waits.email))


def test_an_offer_that_was_left_or_taken_before_the_letter_is_not_written_of(practice, mailer, waits):
    offered = offered_to(practice, waits)
    withdraw(practice, waits, practice.wish)
    cancel(practice, offered.held)

    practice.work_until_idle()

    assert mailer.sent == []


def test_the_next_who_waits_is_told_in_turn(practice, mailer, waits, clock):
    second = practice.new_client()
    wish(practice, second)
    practice.work_until_idle()
    assert subjects(mailer, second) == []

    clock.set(offered_to(practice, waits).deadline)
    practice.work_until_idle()

    assert subjects(mailer, second) == ["A time has opened"]
    assert offered_to(practice, second).start == TUESDAY_NINE
