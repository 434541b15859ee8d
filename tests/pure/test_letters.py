"""The words of the letters, and how they are laid out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from practice.notify import attendee_letters, document_letters, letters, money_letters, recurring_letters, staff_letters
from practice.notify.letters import CalendarPart, Letter, Link, Returned
from practice.notify.mailer import Envelope, Sender, compose
from practice.notify.rendering import COLUMNS, render
from tests.support.golden import FOLDER, assert_golden

WHEN = "Tuesday 10 March, 3:00 pm Eastern Time"
UNTIL = "Monday 9 March, 8:00 am Eastern Time"
PAGE = "https://practice.example/return/9vJx0Q2mTQ5l0b7mJr1XkY3oW8sZ4dEfGhIjKlMnOpQ"
JOIN = "https://practice.example/join/9vJx0Q2mTQ5l0b7mJr1XkY3oW8sZ4dEfGhIjKlMnOpQ"
STOP = "https://practice.example/stop/aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2h"
DESK = "https://practice.example/staff/"
SCHEDULE = "https://practice.example/schedule"
REQUEST = CalendarPart("REQUEST", (FOLDER / "mail-request.ics").read_bytes())
MOVED = CalendarPart("REQUEST", (FOLDER / "mail-moved.ics").read_bytes())
CANCEL = CalendarPart("CANCEL", (FOLDER / "mail-cancel.ics").read_bytes())

LETTERS = {
    "booked": letters.appointment_booked(when=WHEN, address=PAGE, calendar=REQUEST),
    "booked-without-calendar": letters.appointment_booked(when=WHEN, address=PAGE, calendar=None),
    "booked-and-withdrawable": letters.appointment_booked(
        when=WHEN,
        address=PAGE,
        calendar=None,
        withdraw_until="the end of Friday 6 March (Eastern Time)",
        phone="+1 555 010 0100",
    ),
    "moved": letters.appointment_moved(when=WHEN, address=PAGE, calendar=MOVED),
    "reserved": letters.time_reserved(when=WHEN, until=UNTIL, address=PAGE),
    "offered": letters.time_offered(when=WHEN, until=UNTIL, address=PAGE),
    "not-kept": letters.time_not_kept(when=WHEN, waits=False, address=PAGE),
    "not-kept-and-waiting": letters.time_not_kept(when=WHEN, waits=True, address=PAGE),
    "address-changed": letters.address_changed(phone="+1 555 010 0100", address=SCHEDULE),
    "place-opened": letters.place_opened(address=SCHEDULE),
    "cancelled": letters.appointment_cancelled(when=WHEN, returned=Returned.ALL, address=PAGE, calendar=CANCEL),
    "cancelled-late": letters.appointment_cancelled(
        when=WHEN, returned=Returned.NOTHING, address=PAGE, calendar=CANCEL
    ),
    "cancelled-in-part": letters.appointment_cancelled(when=WHEN, returned=Returned.PART, address=PAGE, calendar=None),
    "attending-booked": attendee_letters.appointment_booked(when=WHEN, address=PAGE, calendar=REQUEST),
    "attending-moved": attendee_letters.appointment_moved(when=WHEN, address=PAGE, calendar=MOVED),
    "called-off": letters.appointment_called_off(when=WHEN, address=PAGE, calendar=CANCEL),
    "invitation": attendee_letters.invitation(name="Robin", until=UNTIL, address=JOIN),
    "page-changed": attendee_letters.page_changed(address=PAGE),
    "declined": letters.appointment_declined(when=WHEN, paid=True, address=PAGE, calendar=CANCEL),
    "payment-returned": money_letters.payment_returned(when=WHEN, address=PAGE),
    "given-back": money_letters.given_back(when=WHEN, address=PAGE),
    "fee-paid": money_letters.fee_paid(when=WHEN, address=PAGE),
    "fee-asked": money_letters.fee_asked(when=WHEN, address=PAGE),
    "second-payment-returned": money_letters.second_payment_returned(when=WHEN, address=PAGE),
    "request-reviewed": letters.request_reviewed(when=WHEN, until=UNTIL, address=PAGE),
    "request-turned-down": letters.request_turned_down(when=WHEN, address=PAGE),
    "request-lapsed": letters.request_lapsed(when=WHEN, until=UNTIL, address=PAGE),
    "request-lapsed-for-good": letters.request_lapsed(when=WHEN, until=None, address=PAGE),
    "authorisation-released": money_letters.authorisation_released(when=WHEN, address=PAGE),
    "estimate": document_letters.estimate_ready(when=WHEN, address=PAGE),
    "way-back": letters.way_back(address=PAGE),
    "near": recurring_letters.appointment_near(when=WHEN, address=PAGE, stop=STOP),
    "missing": recurring_letters.something_left(when=WHEN, address=PAGE, stop=STOP),
    "pulse": recurring_letters.short_page(address=PAGE, stop=STOP),
    "session-booked": staff_letters.session_booked(when=WHEN, address=DESK, calendar=REQUEST),
    "session-moved": staff_letters.session_moved(when=WHEN, address=DESK, calendar=MOVED),
    "session-cancelled": staff_letters.session_cancelled(when=WHEN, address=DESK, calendar=CANCEL),
    "request-arrived": staff_letters.request_arrived(address=DESK),
    "answers-arrived": staff_letters.answers_arrived(address=DESK),
    "money-waits": staff_letters.money_waits(address=f"{DESK}money/"),
    "something-changed": staff_letters.something_changed(address=DESK),
    "review-runs-out": staff_letters.review_runs_out(address=f"{DESK}intakes"),
    "urgent": staff_letters.urgent_notice(address=DESK),
    "answer-due": staff_letters.answer_due(address=f"{DESK}data/"),
    "answer-overdue": staff_letters.answer_overdue(address=f"{DESK}data/"),
    "call-wished": staff_letters.call_wished(address=f"{DESK}calls"),
}
# What somebody who looks over a shoulder must not learn. "session" is for therapists alone.
TELLING = re.compile(
    r"therap|couple|partner|trust|betray|intake|question|answers\b|clinic|counsel|marriage|relationship|mental|health|"
    r"session|practice\b(?!\.example)|\$|€|£",
    re.IGNORECASE,
)
TO_STAFF = {
    "session-booked",
    "session-moved",
    "session-cancelled",
    "request-arrived",
    "answers-arrived",
    "money-waits",
    "something-changed",
    "review-runs-out",
    "urgent",
    "call-wished",
    "answer-due",
    "answer-overdue",
}


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_is_as_agreed(name):
    letter = LETTERS[name]
    rendered = render(letter)
    envelope = Envelope(
        key=f"golden:{name}",
        to="reader@post.example",
        subject=letter.subject,
        text=rendered.text,
        html=rendered.html,
        sent=datetime(2026, 3, 1, 17, 30, tzinfo=UTC),
        calendar=letter.calendar,
    )

    assert_golden(f"letter-{name}.eml", compose(envelope, Sender("Appointments", "office@practice.example")).as_bytes())


@pytest.mark.parametrize("name", sorted(set(LETTERS) - TO_STAFF))
def test_a_letter_to_a_client_tells_nobody_what_it_is_about(name):
    letter = LETTERS[name]

    assert TELLING.findall(" ".join([letter.subject, *letter.paragraphs, letter.link.label])) == []


@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_and_a_calendar_part_tell_nothing_either(name):
    letter = LETTERS[name]

    assert TELLING.findall(letter.subject) == []
    assert WHEN not in letter.subject


@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_say_the_same(name):
    rendered = render(LETTERS[name])
    plain = re.sub(r"<head>.*</head>", "", rendered.html, flags=re.DOTALL)
    html_words = set(re.findall(r"[\w’']+", re.sub(r"<a href=\"([^\"]*)\">", r"\1 ", plain).replace("&#39;", "'")))
    text_words = set(re.findall(r"[\w’']+", rendered.text))

    assert text_words <= html_words


def test_nothing_in_the_html_is_fetched_or_run():
    for letter in LETTERS.values():
        html = render(letter).html
        assert re.findall(r"<(?:img|script|style|link|iframe)|style=|on\w+=|url\(", html) == []


def test_lines_of_text_fit_a_small_screen_and_links_stay_whole():
    for letter in LETTERS.values():
        lines = render(letter).text.splitlines()
        assert all(len(line) <= COLUMNS or line in addresses_of(letter) for line in lines)
        assert set(addresses_of(letter)) <= set(lines)


def addresses_of(letter):
    return [link.address for link in (letter.link, letter.stop) if link is not None]


def test_what_is_put_into_a_letter_stays_text():
    letter = Letter("Subject", ("<script>alert(1)</script> & {{ 7 * 7 }}",), Link("Open", 'https://x.example/"><b>'))

    rendered = render(letter)

    assert "<script>" not in rendered.html
    assert '"><b>' not in rendered.html
    assert "{{ 7 * 7 }}" in rendered.text
    assert "49" not in rendered.html
