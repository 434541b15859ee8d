"""Times with whoever is free, by language, and with whom a client saw last; and who could see somebody elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking.holding import MOST_HELD_FROM_ADDRESS
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, NOOR, change_offering, change_therapist, confirmed

HOUR = timedelta(hours=1)
NOON = MONDAY_NINE + 3 * HOUR  # nine in Los Angeles: both therapists are there
ANY = "/times/any?offering=couple-50"


def starts(browser, address):
    return [one["start"][:16] for one in browser.get(address.replace("?", ".json?")).json["times"]]


def hold(browser, address, start):
    page = browser.get(address)
    return browser.send_form(page, {"start": start.isoformat()}, form="/bookings")


def test_each_time_at_which_anybody_is_free_is_there_once(practice):
    practice.hold(MONDAY_NINE)
    practice.hold(NOON)
    practice.hold(NOON + 4 * HOUR, therapist=NOOR)
    found = starts(practice.browser(), ANY)

    assert len(found) == len(set(found))
    assert "2027-05-10T09:00" not in found  # Ada alone is there so early
    assert {"2027-05-10T12:00", "2027-05-10T16:00"} <= set(found)  # one of the two each time


def test_pressing_a_time_with_anybody_holds_it_with_whom_is_asked_for_least(practice):
    practice.hold(MONDAY_NINE)
    client = practice.new_client()
    browser = practice.browser(client)
    held = hold(browser, ANY, NOON)

    assert "with Noor Haddad" in browser.get(held.location).text


def test_only_those_licensed_where_the_client_is_are_shown_and_held(practice):
    client = practice.new_client(region="US-CA")
    browser = practice.browser(client)
    page = browser.get(ANY)

    assert "Noor Haddad" in page.text
    assert "Ada Lindqvist" not in page.text
    assert "2027-05-10T09:00" in starts(practice.browser(), ANY)
    assert "2027-05-10T09:00" not in starts(browser, ANY)  # when only Ada is there
    assert "with Noor Haddad" in browser.get(hold(browser, ANY, NOON).location).text


def test_times_are_of_those_who_speak_the_language_asked_for(practice):
    change_therapist(practice, NOOR, languages=["English", "Arabic"])
    browser = practice.browser(practice.new_client())
    page = browser.get(ANY + "&language=Arabic")

    assert "Noor Haddad" in page.text
    assert "Ada Lindqvist" not in page.text
    assert '<option value="Arabic" selected>' in page.text
    assert "2027-05-10T09:00" not in starts(browser, ANY + "&language=Arabic")
    assert "with Noor Haddad" in browser.get(hold(browser, ANY + "&language=Arabic", NOON).location).text


@pytest.mark.parametrize("address", ["/times/any?offering=nothing", ANY + "&language=Klingon", "/times/nobody"])
@pytest.mark.databases("sqlite")
def test_what_nobody_offers_or_speaks_is_not_there(practice, address):
    assert practice.browser().get(address).status_code == 404


def test_whom_a_client_saw_last_comes_first_by_name(practice):
    held = confirmed(practice, NOON, therapist=NOOR)
    practice.clock.advance(days=6)
    page = practice.browser(held.payer).get(ANY).text

    assert "With Noor Haddad, whom you saw last" in page
    assert "whom you saw last" not in practice.browser(practice.new_client()).get(ANY).text


def test_a_therapist_who_is_not_licensed_there_names_who_is(practice):
    client = practice.new_client(region="US-CA")
    page = practice.browser(client).get(f"/times/{ADA}?offering=couple-50").text

    assert "isn’t licensed where you will be" in page
    assert f'href="/times/{NOOR}?offering=couple-50"' in page
    assert 'name="start"' not in page


def test_where_nobody_is_licensed_the_page_leads_to_the_waiting_list(practice):
    page = practice.browser(practice.new_client(region="US-TX")).get(f"/times/{ADA}?offering=couple-50").text

    assert "Nobody who offers this session is licensed where you will be" in page
    assert 'href="/waiting-list"' in page


def test_asking_for_a_time_without_the_licence_is_refused_and_names_who_could(practice):
    client = practice.new_client(region="US-CA")
    browser = practice.browser(client)
    page = browser.get(f"/times/{NOOR}?offering=couple-50")
    refused = browser.send_form(page, {"therapist": ADA, "start": NOON.isoformat()}, form="/bookings")

    assert refused.status_code == 422
    assert "can’t see you where you are" in refused.text
    assert f'href="/times/{NOOR}?offering=couple-50"' in refused.text


def test_one_address_that_hoards_times_is_told_to_come_back_later(practice):
    for number in range(MOST_HELD_FROM_ADDRESS):
        browser = practice.browser(practice.new_client())
        day = MONDAY_NINE + timedelta(days=number // 7) + (number % 7) * HOUR
        assert hold(browser, f"/times/{ADA}?offering=couple-50", day).status_code == 302

    refused = hold(practice.browser(practice.new_client()), ANY, NOON)
    assert refused.status_code == 409
    assert "Too many times are being kept" in refused.text
    assert "127.0.0.1" not in refused.text


def test_a_first_session_is_refused_to_whoever_has_been_here_and_the_page_says_what_to_choose(practice, clock):
    client = practice.new_client()
    confirmed(practice, MONDAY_NINE, client)
    browser = practice.browser(client)
    clock.set(MONDAY_NINE + 2 * HOUR)
    change_offering(practice, visit="first")

    refused = hold(browser, f"/times/{ADA}?offering=couple-50", MONDAY_NINE + timedelta(days=7))

    assert refused.status_code == 422
    assert "for another visit" in refused.text
    assert "or a follow-up if you have been here" in refused.text


def test_a_therapist_whose_times_are_all_being_kept_is_not_to_be_had_for_a_moment(practice, monkeypatch):
    monkeypatch.setattr("practice.booking.holding.MOST_HELD_OF_THERAPIST", 2)
    for number in range(2):
        practice.hold(MONDAY_NINE + number * HOUR)

    refused = hold(practice.browser(practice.new_client()), f"/times/{ADA}?offering=couple-50", NOON)

    assert refused.status_code == 409
    assert "Too many times are being kept" in refused.text
    assert practice.hold(NOON, therapist=NOOR).reference
