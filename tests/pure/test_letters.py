"""The words of the letters, and how they are laid out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from practice.languages import LANGUAGES
from practice.notify import (
    attendee_letters,
    document_letters,
    letters,
    money_letters,
    recurring_letters,
    review_letters,
    staff_letters,
)
from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import CalendarPart, Letter, Link, Returned, Withdraw
from practice.notify.mailer import Envelope, Sender, compose
from practice.notify.rendering import COLUMNS, render
from tests.support.golden import FOLDER, assert_golden

WHEN = "Tuesday 10 March, 3:00 pm Eastern Time"
UNTIL = "Monday 9 March, 8:00 am Eastern Time"
PAGE = "https://practice.example/return/9vJx0Q2mTQ5l0b7mJr1XkY3oW8sZ4dEfGhIjKlMnOpQ"
JOIN = "https://practice.example/join/9vJx0Q2mTQ5l0b7mJr1XkY3oW8sZ4dEfGhIjKlMnOpQ"
CHOOSE = "https://practice.example/staff/invitation/9vJx0Q2mTQ5l0b7mJr1XkY3oW8sZ4dEfGhIjKlMnOpQ"
STOP = "https://practice.example/stop/aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2h"
DESK = "https://practice.example/staff/"
SCHEDULE = "https://practice.example/schedule"
REQUEST = CalendarPart("REQUEST", (FOLDER / "mail-request.ics").read_bytes())
MOVED = CalendarPart("REQUEST", (FOLDER / "mail-moved.ics").read_bytes())
CANCEL = CalendarPart("CANCEL", (FOLDER / "mail-cancel.ics").read_bytes())


def all_letters(voice: Voice, said: dict[str, str]) -> dict[str, Letter]:
    """Every letter, in the words of this voice."""
    return {
        "booked": letters.appointment_booked(voice=voice, when=said["when"], address=PAGE, calendar=REQUEST),
        "booked-without-calendar": letters.appointment_booked(
            voice=voice, when=said["when"], address=PAGE, calendar=None
        ),
        "booked-and-withdrawable": letters.appointment_booked(
            voice=voice,
            when=said["when"],
            address=PAGE,
            calendar=None,
            withdraw=Withdraw.UNTIL_DAY,
            last_day=said["day"],
            phone="+1 555 010 0100",
        ),
        "moved": letters.appointment_moved(voice=voice, when=said["when"], address=PAGE, calendar=MOVED),
        "reserved": letters.time_reserved(voice=voice, when=said["when"], until=said["until"], address=PAGE),
        "offered": letters.time_offered(voice=voice, when=said["when"], until=said["until"], address=PAGE),
        "not-kept": letters.time_not_kept(voice=voice, when=said["when"], waits=False, address=PAGE),
        "not-kept-and-waiting": letters.time_not_kept(voice=voice, when=said["when"], waits=True, address=PAGE),
        "address-changed": letters.address_changed(voice=voice, phone="+1 555 010 0100", address=SCHEDULE),
        "taken-out": letters.appointment_taken_out(voice=voice, address=SCHEDULE, calendar=CANCEL),
        "place-opened": letters.place_opened(voice=voice, address=SCHEDULE),
        "cancelled": letters.appointment_cancelled(
            voice=voice, when=said["when"], returned=Returned.ALL, address=PAGE, calendar=CANCEL
        ),
        "cancelled-late": letters.appointment_cancelled(
            voice=voice, when=said["when"], returned=Returned.NOTHING, address=PAGE, calendar=CANCEL
        ),
        "cancelled-in-part": letters.appointment_cancelled(
            voice=voice, when=said["when"], returned=Returned.PART, address=PAGE, calendar=None
        ),
        "attending-booked": attendee_letters.appointment_booked(
            voice=voice, when=said["when"], address=PAGE, calendar=REQUEST
        ),
        "attending-moved": attendee_letters.appointment_moved(
            voice=voice, when=said["when"], address=PAGE, calendar=MOVED
        ),
        "called-off": letters.appointment_called_off(voice=voice, when=said["when"], address=PAGE, calendar=CANCEL),
        "invitation": attendee_letters.invitation(voice=voice, name="Robin", until=said["until"], address=JOIN),
        "page-changed": attendee_letters.page_changed(voice=voice, address=PAGE),
        "something-waits": review_letters.something_waits(voice=voice, address=PAGE),
        "ready-to-book": review_letters.ready_to_book(voice=voice, address=PAGE),
        "declined": letters.appointment_declined(
            voice=voice, when=said["when"], paid=True, address=PAGE, calendar=CANCEL
        ),
        "payment-returned": money_letters.payment_returned(voice=voice, when=said["when"], address=PAGE),
        "given-back": money_letters.given_back(voice=voice, when=said["when"], address=PAGE),
        "fee-paid": money_letters.fee_paid(voice=voice, when=said["when"], address=PAGE),
        "fee-asked": money_letters.fee_asked(voice=voice, when=said["when"], address=PAGE),
        "second-payment-returned": money_letters.second_payment_returned(voice=voice, when=said["when"], address=PAGE),
        "request-reviewed": letters.request_reviewed(voice=voice, when=said["when"], until=said["until"], address=PAGE),
        "request-turned-down": letters.request_turned_down(voice=voice, when=said["when"], address=PAGE),
        "request-lapsed": letters.request_lapsed(voice=voice, when=said["when"], until=said["until"], address=PAGE),
        "request-lapsed-for-good": letters.request_lapsed(voice=voice, when=said["when"], until=None, address=PAGE),
        "authorisation-released": money_letters.authorisation_released(voice=voice, when=said["when"], address=PAGE),
        "estimate": document_letters.estimate_ready(voice=voice, when=said["when"], address=PAGE),
        "way-back": letters.way_back(voice=voice, address=PAGE),
        "near": recurring_letters.appointment_near(voice=voice, when=said["when"], address=PAGE, stop=STOP),
        "missing": recurring_letters.something_left(voice=voice, when=said["when"], address=PAGE, stop=STOP),
        "pulse": recurring_letters.short_page(voice=voice, address=PAGE, stop=STOP),
        "session-booked": staff_letters.session_booked(voice=voice, when=said["when"], address=DESK, calendar=REQUEST),
        "session-moved": staff_letters.session_moved(voice=voice, when=said["when"], address=DESK, calendar=MOVED),
        "session-cancelled": staff_letters.session_cancelled(
            voice=voice, when=said["when"], address=DESK, calendar=CANCEL
        ),
        "session-taken-out": staff_letters.session_taken_out(voice=voice, address=DESK, calendar=CANCEL),
        "request-arrived": staff_letters.request_arrived(voice=voice, address=DESK),
        "answers-arrived": staff_letters.answers_arrived(voice=voice, address=DESK),
        "money-waits": staff_letters.money_waits(voice=voice, address=f"{DESK}money/"),
        "something-changed": staff_letters.something_changed(voice=voice, address=DESK),
        "review-runs-out": staff_letters.review_runs_out(voice=voice, address=f"{DESK}intakes"),
        "urgent": staff_letters.urgent_notice(voice=voice, address=DESK),
        "calendar-stopped": staff_letters.calendar_stopped(voice=voice, address=f"{DESK}calendar/account/ca_1"),
        "calendar-asks": staff_letters.calendar_asks(voice=voice, address=f"{DESK}schedule/calendar/cq_1"),
        "answer-due": staff_letters.answer_due(voice=voice, address=f"{DESK}data/"),
        "calendar-fails": staff_letters.calendar_fails(voice=voice, when=said["when"], address=f"{DESK}calendar/busy"),
        "answer-overdue": staff_letters.answer_overdue(voice=voice, address=f"{DESK}data/"),
        "two-at-one-time": staff_letters.session_collides(
            voice=voice, when=said["when"], address=f"{DESK}schedule/collisions/"
        ),
        "call-wished": staff_letters.call_wished(voice=voice, address=f"{DESK}calls"),
        "staff-invitation": staff_letters.invitation(
            voice=voice, practice="Quiet Harbour", until=said["until"], address=CHOOSE
        ),
        "staff-password": staff_letters.new_password(
            voice=voice, practice="Quiet Harbour", until=said["until"], address=CHOOSE
        ),
    }


LETTERS = all_letters(ENGLISH, {"when": WHEN, "until": UNTIL, "day": "Friday 6 March (Eastern Time)"})
IN_SPANISH = all_letters(
    Voice("es"),
    {
        "when": "martes 10 de marzo, 3:00 p.m., hora oriental",
        "until": "lunes 9 de marzo, 8:00 a.m., hora oriental",
        "day": "viernes 6 de marzo (hora oriental)",
    },
)
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
    "session-taken-out",
    "staff-invitation",
    "staff-password",
    "request-arrived",
    "answers-arrived",
    "money-waits",
    "something-changed",
    "review-runs-out",
    "urgent",
    "call-wished",
    "answer-due",
    "answer-overdue",
    "calendar-fails",
    "two-at-one-time",
    "calendar-asks",
    "calendar-stopped",
}


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize(("prefix", "written"), [("letter", LETTERS), ("letter-es", IN_SPANISH)], ids=LANGUAGES)
def test_every_letter_is_as_agreed(name, prefix, written):
    letter = written[name]
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

    assert_golden(
        f"{prefix}-{name}.eml", compose(envelope, Sender("Appointments", "office@practice.example")).as_bytes()
    )


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
        assert re.findall(r"<(?:img|script|link|iframe)|style=|\bon\w+=|url\(|@import", html) == []


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
