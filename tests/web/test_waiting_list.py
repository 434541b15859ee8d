"""The waiting list as a client meets it: say what would suit, be asked first, take it, leave it, or take it back."""

from __future__ import annotations

import pytest

from practice.booking.lifecycle import State
from practice.booking.waiting.actions import MOST_WISHES
from practice.booking.waiting.models import WishState
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.offers import cancel, confirmed, offered_to, wish, wish_state
from tests.support.staff import desk

MONDAYS = {"weekdays": ["0"], "opens": "08:00", "closes": "12:00"}


def ask_for(browser, **said):
    page = browser.get("/waiting-list?offering=couple-50&therapist=ada-lindqvist")
    return browser.send_form(page, {**MONDAYS, **said}, form="/waiting-list")


def test_a_wish_is_noted_and_shown_with_what_it_says(practice):
    browser = practice.browser(practice.new_client())
    assert ask_for(browser).status_code == 302
    page = browser.get("/waiting-list").text

    assert "with Ada Lindqvist" in page
    assert "Monday," in page
    assert "8 am to 12 pm" in page
    assert '<a href="/intake/times">Back to the open times</a>' in page


def test_a_wish_without_limits_says_so_instead_of_hours(practice):
    browser = practice.browser(practice.new_client())
    every_day = [str(day) for day in range(7)]
    ask_for(browser, weekdays=every_day, opens="06:00", closes="23:00")

    page = browser.get("/waiting-list").text
    listed = desk(practice, "coordinator").get("/staff/schedule/waiting").text

    assert "with Ada Lindqvist: any day, at any time." in page
    assert "Any day, at any time." in listed
    assert "6:00 am" not in listed


def test_what_is_open_already_is_shown_beside_the_wish(practice):
    browser = practice.browser(practice.new_client())
    ask_for(browser)
    page = browser.get("/waiting-list").text

    assert "Open to everybody just now" in page
    assert "Monday 10 May, 8:00 am" not in page
    assert "Monday 10 May, 9:00 am Eastern Time" in page


def test_a_freed_time_is_kept_for_the_wish_and_can_be_taken(practice, payments):
    taken = confirmed(practice, MONDAY_NINE)
    client = practice.new_client()
    browser = practice.browser(client)
    ask_for(browser)
    cancel(practice, taken)
    kept = offered_to(practice, client)
    assert kept is not None

    assert f'href="/bookings/{kept.held.reference}"' in browser.get("/waiting-list").text
    page = browser.get(f"/bookings/{kept.held.reference}").text
    assert "It opened on the waiting list" in page
    assert "Take this time" in page


def test_a_time_that_is_let_go_leaves_the_wish_on_the_list(practice):
    taken = confirmed(practice, MONDAY_NINE)
    client = practice.new_client()
    browser = practice.browser(client)
    named = wish(practice, client)
    cancel(practice, taken)
    kept = offered_to(practice, client)
    page = browser.get(f"/bookings/{kept.held.reference}")

    assert browser.send_form(page, {"shown": "unpaid"}, form="/cancel").status_code == 302
    assert practice.state_of(kept.held) is State.CANCELLED
    assert wish_state(practice, named) is WishState.WAITING


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"opens": "18:00", "closes": "09:00"}, "Choose a later hour here"),
        ({"opens": "09:00", "closes": "09:00"}, "Choose a later hour here"),
        ({"offering": "999"}, "Not a valid choice"),
        ({"weekdays": ["9"]}, "not a valid choice"),
    ],
    ids=["no day", "backwards", "nothing", "no such session", "no such day"],
)
@pytest.mark.databases("sqlite")
def test_what_can_not_be_wished_is_said_at_its_field_and_notes_nothing(practice, said, words):
    client = practice.new_client()
    browser = practice.browser(client)
    refused = ask_for(browser, **said)

    assert refused.status_code == 422
    assert "<title>Error: Waiting list" in refused.text
    assert words in refused.text
    assert "What you wait for" not in browser.get("/waiting-list").text


def test_one_wish_too_many_is_refused_kindly(practice):
    client = practice.new_client()
    browser = practice.browser(client)
    page = browser.get("/waiting-list")
    for _ in range(MOST_WISHES):
        wish(practice, client)

    refused = browser.send_form(page, MONDAYS, form="/waiting-list")
    assert refused.status_code == 422
    assert "You are waiting for three times already" in refused.text


def test_a_wish_is_taken_back_by_whose_it_is_alone(practice):
    client = practice.new_client()
    named = wish(practice, client)
    browser = practice.browser(client)
    page = browser.get("/waiting-list")

    stranger = practice.browser(practice.new_client())
    token = forms_of(stranger.get("/waiting-list").text)[-1].fields["csrf_token"][0]
    assert stranger.post(f"/waiting-list/{named}/withdraw", data={"csrf_token": token}).status_code == 404
    assert wish_state(practice, named) is WishState.WAITING
    assert browser.send_form(page, {}, form="/withdraw").status_code == 302
    assert wish_state(practice, named) is WishState.WITHDRAWN


def test_whoever_has_no_intake_yet_is_led_to_the_questions(practice):
    client = practice.new_client()
    practice.clock.advance(days=31)
    page = practice.browser(client).get("/waiting-list").text

    assert "A few questions come first" in page
    assert "Put me on the list" not in page


def test_a_stranger_has_no_waiting_list(practice):
    assert practice.browser().get("/waiting-list").status_code == 404


def test_a_wish_counts_as_long_as_the_answers_do(practice):
    client = practice.new_client()
    browser = practice.browser(client)
    ask_for(browser)

    assert "It counts until Friday 4 June" in " ".join(browser.get("/waiting-list").text.split()).replace(
        '<time datetime="2027-06-04T12:00:00+00:00">', ""
    )


def test_a_language_that_nobody_could_type_is_refused_at_its_field(practice):
    browser = practice.browser(practice.new_client())
    assert ask_for(browser, language="\x00").status_code == 422
