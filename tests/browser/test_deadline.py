"""What becomes of a time whose payment was begun and never ended, as the client and the next one see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from practice.booking.lifecycle import State
from tests.support.road import Traveller
from tests.support.story import Client, Held

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOBODY = Client(0, "", "", "")
LATER = 9  # a time that is still far enough ahead when the deadline has passed


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.databases("sqlite")
def test_a_page_closed_in_mid_payment_gives_its_time_back_after_the_deadline(here, open_page, scripts):
    first = Traveller(open_page(here.home, scripts=scripts))
    first.goes_to_the_intake()
    first.answers_everything()
    first.chooses_a_therapist()
    start = first.times()[LATER]
    held = Held(first.holds_a_time(start), NOBODY)
    first.goes_on_to_pay()
    checkout = first.page.url
    first.page.close()

    here.clock.advance(minutes=29)
    here.work()
    assert here.practice.state_of(held) is State.HELD

    here.clock.advance(minutes=7)
    here.work()
    assert here.practice.state_of(held) is State.EXPIRED

    second = Traveller(open_page(here.home, scripts=scripts), name="Kim", email="kim@mail.example")
    second.goes_to_the_intake()
    second.answers_everything()
    second.chooses_a_therapist()
    second.holds_a_time(start)

    late = open_page(here.home)
    late.goto(checkout)
    expect(late.get_by_role("button", name="Pay")).to_have_count(0)
    assert here.practice.breaches() == []


@pytest.mark.databases("sqlite")
def test_who_comes_back_after_the_deadline_is_told_so_and_can_choose_again(here, open_page):
    client = Traveller(open_page(here.home, width=360))
    client.goes_to_the_intake()
    client.answers_everything()
    client.chooses_a_therapist()
    reference = client.holds_a_time()

    here.clock.advance(minutes=11)
    here.work()
    client.page.goto(f"/bookings/{reference}")

    client.sees("This time is free again")
    client.page.get_by_role("link", name="Choose another time").click()
    client.holds_a_time()
    client.goes_on_to_pay()
    client.pays()
    client.sees("Your appointment stands")
    assert client.no_sideways_scrolling()
    here.work()
    assert here.practice.breaches() == []
