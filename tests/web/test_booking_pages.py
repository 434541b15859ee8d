"""Choosing, holding and giving back a time, as a client meets it."""

from datetime import timedelta

import pytest

from practice.booking.lifecycle import State
from tests.support.clock import MONDAY_NINE, MONDAY_TEN

WRONG_TIMES = {
    "empty": "",
    "word": "soon",
    "naive": "2027-05-10T09:00:00",
    "long": "x" * 999,
    "before all dates": "0001-01-01T00:00:00+14:00",
    "the first date": "0001-01-01T00:00:00+00:00",
    "the last date": "9999-12-31T23:59:00-14:00",
}
TIMES = "/times/ada-lindqvist?offering=couple-50&from=2027-05-10"


@pytest.fixture
def client(practice):
    return practice.new_client()


@pytest.fixture
def browser(practice, client):
    return practice.browser(client)


def ask(browser, **changes):
    wanted = {"therapist": "ada-lindqvist", "offering": "couple-50", "start": MONDAY_NINE.isoformat(), **changes}
    return browser.submit(TIMES, wanted, form="/bookings")


def test_an_open_time_is_held_and_leads_to_its_page(browser):
    answer = ask(browser)

    assert answer.status_code == 302
    page = browser.get(answer.location)
    assert page.status_code == 200
    assert "9:00 am Eastern Time" in page.text


def test_a_second_client_is_told_kindly_and_offered_the_nearest_times(practice, browser):
    practice.hold(MONDAY_NINE)

    answer = ask(browser)

    assert answer.status_code == 409
    assert "was just taken" in answer.text
    assert MONDAY_TEN.isoformat() in answer.text
    assert practice.breaches() == []


@pytest.mark.parametrize(
    "start",
    [
        MONDAY_NINE + timedelta(minutes=5),
        MONDAY_NINE.replace(hour=3),
        MONDAY_NINE - timedelta(days=30),
        MONDAY_NINE + timedelta(days=900),
    ],
    ids=["between steps", "at night", "past", "beyond the horizon"],
)
def test_a_time_that_is_not_offered_is_refused_and_changes_nothing(browser, start):
    answer = ask(browser, start=start.isoformat())

    assert answer.status_code == 409
    assert (
        browser.get("/times/ada-lindqvist.json?offering=couple-50&from=2027-05-10")
        .json["times"][0]["start"]
        .startswith("2027-05-10T09:00")
    )


@pytest.mark.parametrize("start", WRONG_TIMES.values(), ids=WRONG_TIMES)
def test_what_is_no_time_gets_the_page_again(browser, start):
    assert ask(browser, start=start).status_code == 422


@pytest.mark.parametrize("wrong", [{"therapist": "no\x00body"}, {"offering": "x' OR 1=1 --"}, {"therapist": "nobody"}])
def test_an_unknown_therapist_or_offering_is_not_found(browser, wrong):
    assert ask(browser, **wrong).status_code == 404


def test_fields_that_a_client_may_not_set_are_ignored(practice, client, browser):
    answer = ask(browser, price="1", price_minor="1", state="confirmed", person_id="999")

    page = browser.get(answer.location).text
    assert "Continue to payment" in page
    assert "$0.01" not in page


def test_without_an_intake_times_are_shown_and_lead_to_the_questions(practice):
    page = practice.browser().get(TIMES).text

    assert "9:00 am" in page
    assert 'name="start"' not in page
    assert "/schedule" in page


def test_choosing_another_time_lets_the_first_one_go(practice, browser):
    first = ask(browser).location
    ask(browser, start=MONDAY_TEN.isoformat())

    assert "1 hour" not in browser.get(first).text
    assert practice.breaches() == []
    times = browser.get("/times/ada-lindqvist.json?offering=couple-50&from=2027-05-10").json["times"]
    assert not any(time["start"].startswith("2027-05-10T10:00") for time in times)


def test_a_double_click_holds_one_booking(browser):
    assert ask(browser).location == ask(browser).location


def test_letting_a_held_time_go_frees_it_at_once(practice, client, browser):
    held = practice.hold(MONDAY_NINE, client)

    browser.submit(f"/bookings/{held.reference}/cancel")

    assert practice.state_of(held) is State.CANCELLED
    practice.hold(MONDAY_NINE)


def test_opening_the_cancel_page_changes_nothing(practice, client, browser):
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)

    page = browser.get(f"/bookings/{held.reference}/cancel")

    assert "$" in page.text
    assert practice.state_of(held) is State.CONFIRMED


def test_somebody_elses_booking_does_not_exist(practice, browser):
    theirs = practice.hold(MONDAY_NINE)

    for path in (f"/bookings/{theirs.reference}", f"/bookings/{theirs.reference}/cancel"):
        assert browser.get(path).status_code == 404


def test_the_terms_tell_the_truth_when_the_free_time_is_over(practice, clock, client):
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    clock.set(MONDAY_NINE - timedelta(hours=20))

    page = practice.browser(client).get(f"/bookings/{held.reference}").text

    assert "It begins in less than" in page
    assert "You can cancel until" not in page


@pytest.mark.parametrize("query", ["zone=Mars/Olympus", "from=yesterday"])
def test_a_zone_or_date_that_does_not_exist_is_named(browser, query):
    answer = browser.get(f"/times/ada-lindqvist?offering=couple-50&{query}")

    assert answer.status_code == 422
    assert "known" in answer.text or "can’t be read" in answer.text


def test_times_are_shown_by_the_day_of_the_clients_own_zone(browser):
    there = browser.get("/times/ada-lindqvist.json?offering=couple-50&from=2027-05-10&zone=Pacific/Auckland").json

    assert there["zone"] == "Pacific/Auckland"
    assert any(time["start"].startswith("2027-05-11T01:00") for time in there["times"])


def test_a_page_that_says_unpaid_cancels_nothing_that_was_paid_meanwhile(practice, client, browser):
    held = practice.hold(MONDAY_NINE, client)
    page = browser.get(f"/bookings/{held.reference}")
    practice.confirm(held)

    answer = browser.send_form(page, form="/cancel")

    assert answer.status_code == 409
    assert practice.state_of(held) is State.CONFIRMED


def test_a_refund_that_shrank_since_the_page_was_read_is_not_taken_for_agreed(practice, clock, client, browser):
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    page = browser.get(f"/bookings/{held.reference}/cancel")
    clock.set(MONDAY_NINE - timedelta(hours=47))

    fresh = practice.browser(client)
    again = fresh.get(f"/bookings/{held.reference}/cancel")
    answer = fresh.send_form(again, {"shown": "refund 16000"})

    assert "back</button>" in page.text
    assert answer.status_code == 409
    assert practice.state_of(held) is State.CONFIRMED


def test_a_session_that_has_begun_is_not_cancelled_any_more(practice, clock, client):
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    clock.set(MONDAY_NINE + timedelta(minutes=1))
    browser = practice.browser(client)

    assert "nothing left to cancel" in browser.get(f"/bookings/{held.reference}/cancel").text
    assert practice.state_of(held) is State.CONFIRMED
