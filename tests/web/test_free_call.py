"""A call without charge: a client finds it, holds it and says yes by themselves, and no page speaks of money."""

from __future__ import annotations

import re

import pytest

from practice.booking.lifecycle import State
from practice.demo.world import _short_call
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.intake import send
from tests.support.offers import ADA, teach, work_in
from tests.support.prices import give_withdrawal

pytestmark = pytest.mark.databases("sqlite")
MONEY = re.compile(r"\$|\bcard\b|refund|statement|\bpay\b|\bpaid\b|payment|charged|withdraw", re.IGNORECASE)
CALL = "First call, 20 minutes, by video"


@pytest.fixture
def call(practice):
    """The demo's own free call, which Ada offers here; the practice's clients could withdraw from what they pay for."""
    with work_in(practice) as work:
        _short_call(work)
    teach(practice, ADA, "call-20")
    give_withdrawal(practice)
    return f"/times/{ADA}?offering=call-20"


def words(page):
    """What a page says between its header and its footer."""
    text = re.sub(r"<select.*?</select>", "", page.text, flags=re.DOTALL)  # other sessions have their prices there
    return re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main")])


def test_a_client_comes_from_schedule_to_a_call_that_stands_without_stripe(
    practice, call, browser, payments: FakePayments
):
    assert f"{CALL}</span>" in browser.get("/schedule").text
    send(browser)
    choose = browser.get("/intake/times")
    assert f'href="{call}"' in choose.text
    answer = browser.send_form(browser.get(call), {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    assert answer.status_code == 302
    held = browser.get(answer.location)
    stands = browser.send_form(held, {}, form="/confirm")
    page = browser.get(stands.location)
    practice.work_until_idle()

    assert "Your appointment stands" in page.text
    assert payments.sessions == {}
    assert practice.breaches() == []


def test_no_page_of_a_free_call_speaks_of_money_whatever_becomes_of_it(practice, call, clock):
    client = practice.new_client()
    browser = practice.browser(client)
    pages = [browser.get(call)]
    held = practice.hold(MONDAY_NINE, client, offering="call-20")
    address = f"/bookings/{held.reference}"
    assert browser.get(f"{address}/pay").location == address
    pages += [browser.get(address), browser.get(f"{address}/cancel")]
    clock.advance(minutes=11)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    pages.append(browser.get(address))
    again = practice.hold(MONDAY_NINE, client, offering="call-20")
    address = f"/bookings/{again.reference}"
    browser.send_form(browser.get(address), {}, form="/confirm")
    pages += [browser.get(f"{address}{page}") for page in ("", "/move", "/cancel")]
    browser.send_form(pages[-1], {}, form="/cancel")
    assert practice.state_of(again) is State.CANCELLED
    pages.append(browser.get(address))
    let_go = practice.hold(MONDAY_NINE, client, offering="call-20")
    browser.send_form(browser.get(f"/bookings/{let_go.reference}"), {}, form="/cancel")
    pages.append(browser.get(f"/bookings/{let_go.reference}"))

    assert [(page.request.path, MONEY.findall(words(page))) for page in pages] == [
        (page.request.path, []) for page in pages
    ]


def test_where_nothing_is_named_the_session_that_costs_something_comes_first(practice, call, browser):
    assert "Individual session, 50 minutes: $140" in browser.get("/times/any").text
    assert CALL not in browser.get(f"/times/{ADA}").text.split('<p class="lede">')[1].split("</p>")[0]
    for public in ("/", "/fees", "/schedule", f"/therapists/{ADA}"):
        page = browser.get(public).text
        assert "$0" not in page, public
        assert "Up to 0 hours" not in page
        assert "up to\n      0 hours" not in page
    assert "Sessions from $140" in browser.get("/").text
    assert "without charge" in browser.get("/fees").text
