"""A client's own page: what they agreed to, as it was shown then, and taking it back."""

from __future__ import annotations

import re

import pytest

from tests.support.clock import MONDAY_NINE
from tests.support.consents import accept, agree, consents_of, document, free_session, reword, with_documents
from tests.support.fees import FeeDesk
from tests.support.paying import Till


@pytest.fixture
def practice(practice):
    return with_documents(practice)


@pytest.fixture
def client(practice):
    client = practice.new_client()
    accept(practice, client)
    return client


def given(practice, client, key):
    return next(one for one in consents_of(practice, client) if one.document == key and one.stands)


def test_everything_is_listed_and_each_shown_in_the_words_of_its_version(practice, client):
    browser, taken = practice.browser(client), given(practice, client, "privacy")
    reword(practice, "privacy", "Words of later.")

    listed = browser.get("/you/agreed").text
    for one in consents_of(practice, client):
        assert f"/you/agreed/{one.reference}" in listed
    page = browser.get(f"/you/agreed/{taken.reference}").text
    assert re.search(r"version 1 on this site on <b>\w+ \d+ \w+ 2027, \d+:\d\d [ap]m Eastern Time</b>\.", page)
    assert taken.sha256 in page
    assert "Words of later." not in page


def test_new_words_are_a_notice_on_ones_page_and_appointments_stand(practice, client):
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    browser = practice.browser(client)
    assert "Read, and agree" not in browser.get("/you").text
    reword(practice, "therapy")

    page = browser.get("/you").text
    assert "Read, and agree" in page
    assert document(practice, "therapy").title.replace("&", "&amp;") in page
    assert held.reference in page
    assert str(practice.state_of(held)) == "confirmed"
    agree(browser, practice, "therapy")
    assert "Read, and agree" not in browser.get("/you").text


def test_taking_back_what_sessions_need_says_what_it_means_pauses_new_bookings_and_cancels_nothing(practice, client):
    held = free_session(practice, client)
    browser, taken = practice.browser(client), given(practice, client, "therapy")
    page = browser.get(f"/you/agreed/{taken.reference}").text
    for words in ("Appointments that stand are kept", "You can’t book another one", "need not say why"):
        assert words in page

    assert browser.submit(f"/you/agreed/{taken.reference}").location == "/you/agreed"

    assert str(practice.state_of(held)) == "confirmed"
    another = practice.hold(MONDAY_NINE.replace(hour=18), client)
    pay = f"/bookings/{another.reference}/pay"
    assert browser.get(pay).status_code == 302
    again = browser.get(f"/you/agreed/{taken.reference}").text
    assert "You took it back on" in again
    assert "Take it back" not in again
    assert practice.breaches() == []


def test_taking_it_back_twice_is_taking_it_back_once(practice, client):
    browser, taken = practice.browser(client), given(practice, client, "privacy")
    page = browser.get(f"/you/agreed/{taken.reference}")
    browser.send_form(page)
    first = [one.withdrawn_at for one in consents_of(practice, client)]

    assert browser.send_form(page).status_code == 302
    assert [one.withdrawn_at for one in consents_of(practice, client)] == first


def test_after_letters_are_stopped_pages_say_where_to_look_instead(practice, client):
    browser, taken = practice.browser(client), given(practice, client, "mail")
    assert "nothing reminds you" in browser.get(f"/you/agreed/{taken.reference}").text.replace("\n      ", " ")
    browser.submit(f"/you/agreed/{taken.reference}")
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)

    assert "send you no letters" in " ".join(browser.get(f"/bookings/{held.reference}").text.split())


def test_somebody_elses_is_not_there(practice, client):
    taken, other = given(practice, client, "privacy"), practice.browser(practice.new_client())

    assert other.get(f"/you/agreed/{taken.reference}").status_code == 404
    page = other.get("/you/agreed")
    assert taken.reference not in page.text
    token = other.get("/schedule").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert other.post(f"/you/agreed/{taken.reference}", data={"csrf_token": token}).status_code == 404
    assert given(practice, client, "privacy").stands


def test_fees_that_were_agreed_to_stand_in_the_same_list_and_lead_to_the_card(practice, payments, client):
    desk = FeeDesk(Till(practice, payments))
    desk.book(MONDAY_NINE, client)

    page = practice.browser(client).get("/you/agreed").text
    assert "Fees, and a card that is kept" in page
    assert 'href="/card"' in page
