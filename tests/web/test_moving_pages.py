"""The client chooses another time for a session that stands, or says yes to one that costs nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from practice.booking.lifecycle import State
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.offers import change_offering, confirmed, keep_for, see
from tests.support.staff import desk

DAY = timedelta(days=1)
TUESDAY_NINE = MONDAY_NINE + DAY


def move_to(browser, held, start, **more):
    return browser.submit(f"/bookings/{held.reference}/move", {"start": start.isoformat(), **more})


def post_to(browser, page, path):
    """Send nothing but the token of a page that is open to another address."""
    return browser.post(path, data={"csrf_token": forms_of(page.text)[-1].fields["csrf_token"][0]})


def test_the_page_of_a_session_leads_to_its_other_times_and_a_press_moves_it(practice):
    held = confirmed(practice, MONDAY_NINE)
    browser = practice.browser(held.payer)
    assert f'href="/bookings/{held.reference}/move"' in browser.get(f"/bookings/{held.reference}").text
    page = browser.get(f"/bookings/{held.reference}/move")
    assert "<h1>Choose another time</h1>" in page.text
    assert "Your appointment is" in page.text
    assert "Monday 10 May, 9:00 am Eastern Time" in page.text
    assert "$160" in page.text

    moved = browser.send_form(page, {"start": TUESDAY_NINE.isoformat()}, form="/move")
    assert moved.location == f"/bookings/{held.reference}"
    assert "Tuesday 11 May, 9:00 am Eastern Time" in browser.get(moved.location).text
    assert see(practice, held).starts_at == TUESDAY_NINE


def test_the_desk_is_led_from_a_time_that_cannot_be_moved_to_letting_it_go(practice):
    waiting = practice.hold(MONDAY_NINE)
    page = f"/staff/schedule/sessions/{waiting.reference}"

    assert f'href="{page}#letting-go">Let this time go</a>' in desk(practice, "coordinator").get(f"{page}/move").text


def test_a_fee_that_was_agreed_is_said_to_stay_though_the_session_costs_more_by_now(practice):
    held = confirmed(practice, MONDAY_NINE)
    change_offering(practice, price_minor=200_00)
    page = practice.browser(held.payer).get(f"/bookings/{held.reference}/move").text

    assert "What you agreed to pay stays: $160" in page
    assert "costs $200" in page


def test_a_time_that_somebody_took_meanwhile_leaves_the_session_where_it_was(practice):
    held = confirmed(practice, MONDAY_NINE)
    practice.hold(TUESDAY_NINE)

    refused = move_to(practice.browser(held.payer), held, TUESDAY_NINE)
    assert refused.status_code == 409
    assert "Your appointment keeps the time that it has" in refused.text
    assert see(practice, held).starts_at == MONDAY_NINE


def test_a_page_that_was_open_while_the_session_moved_moves_nothing(practice):
    held = confirmed(practice, MONDAY_NINE)
    browser = practice.browser(held.payer)
    old = browser.get(f"/bookings/{held.reference}/move")
    move_to(browser, held, TUESDAY_NINE)

    refused = browser.send_form(old, {"start": (MONDAY_NINE + 2 * DAY).isoformat()}, form="/move")
    assert refused.status_code == 409
    assert "another time by now" in refused.text
    assert see(practice, held).starts_at == TUESDAY_NINE


def test_too_late_to_cancel_for_free_is_too_late_to_move(practice):
    held = confirmed(practice, MONDAY_NINE)
    browser = practice.browser(held.payer)
    page = browser.get(f"/bookings/{held.reference}/move")
    practice.clock.advance(days=3, hours=1, minutes=1)  # 48 hours before, and a minute

    refused = browser.send_form(page, {"start": (MONDAY_NINE + 4 * DAY).isoformat()}, form="/move")
    assert refused.status_code == 409
    assert "can’t be moved" in refused.text
    again = browser.get(f"/bookings/{held.reference}/move").text
    assert 'name="start"' not in again
    assert "+1 555 010 0100" in again
    assert f'href="/bookings/{held.reference}/move"' not in browser.get(f"/bookings/{held.reference}").text


@pytest.mark.parametrize("start", ["", "tomorrow", "2027-05-11T09:00", "0001-01-01T00:00:00+00:00"])
def test_what_is_no_time_is_refused_and_moves_nothing(practice, start):
    held = confirmed(practice, MONDAY_NINE)

    refused = practice.browser(held.payer).submit(f"/bookings/{held.reference}/move", {"start": start})
    assert refused.status_code == 422
    assert see(practice, held).sequence == 0


def test_a_time_outside_of_the_hours_is_not_to_be_had_by_asking_for_it(practice):
    held = confirmed(practice, MONDAY_NINE)

    assert move_to(practice.browser(held.payer), held, MONDAY_NINE - timedelta(hours=2)).status_code == 409
    assert see(practice, held).starts_at == MONDAY_NINE


def test_somebody_elses_session_is_not_there_to_move_or_to_confirm(practice):
    held = confirmed(practice, MONDAY_NINE)
    stranger = practice.browser(practice.new_client())

    assert stranger.get(f"/bookings/{held.reference}/move").status_code == 404
    assert post_to(stranger, stranger.get("/schedule"), f"/bookings/{held.reference}/confirm").status_code == 404


def test_a_session_without_charge_stands_once_the_client_says_yes(practice):
    client = practice.new_client()
    held = keep_for(practice, client, MONDAY_NINE, price=0)
    browser = practice.browser(client)
    page = browser.get(f"/bookings/{held.reference}")
    assert "It costs" in page.text
    assert "/pay" not in page.text

    assert browser.send_form(page, {}, form="/confirm").status_code == 302
    assert practice.state_of(held) is State.CONFIRMED
    practice.work_until_idle()
    assert practice.breaches() == []


def test_no_page_of_a_session_without_charge_speaks_of_money_or_of_a_card(practice):
    client = practice.new_client()
    held = keep_for(practice, client, MONDAY_NINE, price=0)
    browser = practice.browser(client)
    address = f"/bookings/{held.reference}"
    kept = browser.get(address)
    browser.send_form(kept, {}, form="/confirm")
    stands, moving, cancelling = (browser.get(address + page) for page in ("", "/move", "/cancel"))
    assert browser.send_form(cancelling, {}, form="/cancel").status_code == 302
    cancelled = browser.get(address)

    assert practice.state_of(held) is State.CANCELLED
    for page in (kept, stands, moving, cancelling, cancelled):
        assert not re.search(r"\$0|card that paid|statement|fee is kept|refund", page.text), page.request.path
    assert "somebody else can have it" in cancelling.text
    assert "It stays without charge" in moving.text


def test_what_costs_something_is_not_confirmed_by_saying_yes(practice):
    client = practice.new_client()
    held = keep_for(practice, client, MONDAY_NINE)
    browser = practice.browser(client)
    page = browser.get(f"/bookings/{held.reference}")
    assert "Take this time" in page.text

    refused = post_to(browser, page, f"/bookings/{held.reference}/confirm")
    assert refused.status_code == 409
    assert practice.state_of(held) is State.RESERVED


def test_a_time_that_is_kept_can_be_let_go(practice):
    client = practice.new_client()
    held = keep_for(practice, client, MONDAY_NINE)
    browser = practice.browser(client)
    page = browser.get(f"/bookings/{held.reference}")

    assert browser.send_form(page, {"shown": "unpaid"}, form="/cancel").status_code == 302
    assert practice.state_of(held) is State.CANCELLED
    assert practice.hold(MONDAY_NINE)
