"""Two who parted: a therapist who sees one of them again, with somebody else, doesn't see the two who were."""

from __future__ import annotations

import pytest

from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.couples import leave
from tests.support.glass import Floor, floor
from tests.support.offers import ADA, confirmed
from tests.support.staff import Colleague, hire, sign_in
from tests.support.story import Practice


@pytest.fixture
def house(practice: Practice) -> Floor:
    return floor(practice)


@pytest.fixture
def ada(practice: Practice) -> Colleague:
    return hire(practice, "therapist", email="ada@practice.example", therapist=ADA)


def pages_of_the_two(house: Floor, browser: Browser) -> list[int]:
    reference = house.couple.reference
    pages = (f"/staff/couples/{reference}", f"/staff/notes/couples/{reference}")
    return [browser.get(page).status_code for page in pages]


def test_a_session_held_after_two_parted_doesnt_open_them(house: Floor, ada: Colleague) -> None:
    leave(house.practice, house.couple.other)
    house.practice.clock.advance(hours=1)
    confirmed(house.practice, MONDAY_NINE, house.couple.one)
    browser = sign_in(house.practice, ada)
    assert browser.get(f"/staff/intakes/{house.robin}").status_code == 200
    assert pages_of_the_two(house, browser) == [404, 404]


def test_whoever_had_a_session_of_the_two_reads_of_them_when_they_parted_and_one_came_again(
    house: Floor, ada: Colleague
) -> None:
    confirmed(house.practice, MONDAY_NINE, house.couple.one)
    browser = sign_in(house.practice, ada)
    assert pages_of_the_two(house, browser) == [200, 200]
    leave(house.practice, house.couple.other)
    house.practice.clock.advance(hours=1)
    confirmed(house.practice, MONDAY_NINE.replace(day=MONDAY_NINE.day + 1), house.couple.one)
    assert pages_of_the_two(house, sign_in(house.practice, ada)) == [200, 200]
