"""A request that is read first, as the client and the desk see it: what each page says is what is true then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from practice.setup.actions import set_review_first
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.intake import send
from tests.support.paying import Till
from tests.support.staff import desk
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")
SAID = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no"}
QUEUE = "/staff/intakes"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    with practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=True)
    return Till(practice, payments)


@pytest.fixture
def asked(till: Till, browser: Browser) -> str:
    """The reference of a booking whose client has authorised their card in `browser`."""
    send(browser)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    reference = str(browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings").location).rsplit(
        "/", 1
    )[-1]
    paying = browser.get(f"/bookings/{reference}/pay").text
    assert "Authorize $160" in paying
    assert "It is not charged" in paying
    browser.submit(f"/bookings/{reference}/pay", SAID)
    assert till.service.pay(till.service.only_session().id)
    returned = browser.get(f"/bookings/{reference}/paid")
    assert str(returned.location).endswith(f"/bookings/{reference}")
    till.deliver()
    till.practice.work_until_idle()
    return reference


def request_page(practice: Practice) -> tuple[Browser, str]:
    """A clinician, and the address of the only request."""
    clinician = desk(practice, "clinician")
    queue = clinician.get(QUEUE).text
    assert "to decide before" in queue
    return clinician, QUEUE + "/i_" + queue.partition(f'href="{QUEUE}/i_')[2].partition('"')[0]


def text_of(page: str) -> str:
    return " ".join(page.split())


@pytest.mark.parametrize("page", ["/", "/fees", "/schedule"])
def test_the_public_pages_say_when_a_card_is_charged(till, browser, page):
    on = text_of(browser.get(page).text)
    with till.practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=False)
    off = text_of(browser.get(page).text)

    assert ("said yes" in on, "said yes" in off) == (True, False)


def test_the_client_reads_that_nothing_is_charged_and_until_when_they_hear(browser, asked, mailer: FakeMailer):
    page = text_of(browser.get(f"/bookings/{asked}").text)

    assert "Your card is authorized for $160, and <b>not charged</b>" in page
    assert "You hear from us before" in page
    assert "Withdraw this request" in page
    assert "authorized and not charged" in mailer.sent[-1].text.replace("\n", " ")


def test_accepting_charges_and_the_page_of_the_client_says_that_it_stands(practice, browser, asked):
    clinician, page = request_page(practice)
    shown = text_of(clinician.get(page).text)
    assert "Accepting charges $160 to the card that is authorized" in shown

    clinician.submit(page, form="/accept")
    assert "We said yes. Your card is being charged now" in browser.get(f"/bookings/{asked}").text
    practice.work_until_idle()

    assert "Your appointment stands" in browser.get(f"/bookings/{asked}").text
    assert practice.breaches() == []


def test_declining_says_before_and_after_that_nothing_is_charged(practice, browser, asked, till, mailer: FakeMailer):
    clinician, page = request_page(practice)
    before = text_of(clinician.get(page + "/decline").text)
    assert "Nothing was paid for what is still to come, so nothing goes back. What the card has set aside" in before
    assert "Nothing was charged. What your card had set aside" in before  # the letter

    clinician.submit(page + "/decline")
    practice.work_until_idle()

    assert "Nothing was charged. What your card had set aside" in text_of(browser.get(f"/bookings/{asked}").text)
    assert "Nothing was charged." in mailer.sent[-1].text
    assert till.service.only_session().voided
    assert practice.breaches() == []


def test_a_client_can_withdraw_without_being_charged(practice, browser, asked, till):
    before = text_of(browser.get(f"/bookings/{asked}/cancel").text)
    assert "Withdraw this request?" in before
    assert "Nothing was charged, and nothing will be" in before

    browser.submit(f"/bookings/{asked}/cancel")
    practice.work_until_idle()

    after = text_of(browser.get(f"/bookings/{asked}").text)
    assert "Your request is withdrawn" in after
    assert "What your card had set aside is given up" in after
    assert "cancelled" not in after
    assert till.service.only_session().voided


def test_a_request_that_nobody_answers_leads_to_the_time_that_is_kept_once_more(practice, till):
    held = practice.hold(MONDAY_NINE + timedelta(days=28))
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    practice.clock.advance(days=7)
    practice.work_until_idle()

    client = practice.browser(held.payer)
    page = client.get(f"/bookings/{held.reference}")
    assert "We did not answer in time" in page.text
    assert "free again" not in page.text
    assert "Nothing was charged." in page.text
    again = client.get(re.search(r'href="(/bookings/b_[^"]+)">See the time', page.text)[1])
    assert "Nobody else can take it until" in again.text
