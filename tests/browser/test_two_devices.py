"""Begun on one device, and gone on with on another: by a mailed link, and by the return code."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support import intake
from tests.support.road_of_two import Companion, mailed_link

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SAVED = (1, 2, 3, 4)
NEXT = "/intake/part-5"
TYPED = ("preferred_name", "email", "session_location")
SECRET = ("code", "code_again")


@pytest.mark.parametrize("way", ["by mail", "by return code"])
def test_what_was_saved_is_there_on_another_device_and_nothing_more(demo, open_page, way):
    name = f"Thea {way.rsplit(' ', 1)[1]}"
    email = f"{name.replace(' ', '-').lower()}@mail.example"
    first = Companion(open_page(demo.home, width=360), name=name, email=email)
    first.goes_to_the_intake()
    code = saves_pages(first)
    first.fills_in({"goal_direction": "separate_well"})  # typed, and never sent

    second = Companion(open_page(demo.home), name=name, email=email)
    if way == "by mail":
        second.asks_for_a_link()
        second.comes_back_by_link(mailed_link(open_page(demo.home), demo.mailbox, email, "/return/"))
    else:
        second.comes_back_by_return_code(code)

    expect(second.page).to_have_url(f"{demo.home}{NEXT}")
    assert second.chosen() == set()
    for number in reversed(SAVED):
        second.follows("Back")
        finds_what_was_saved(second, number)
    second.presses("Save and go on")
    expect(second.page).to_have_url(f"{demo.home}{NEXT}")
    for number in (5, 6, 7):
        second.fills_in(intake.answers_to(number))
        second.presses("Save and go on")
    second.follows("Go on")
    second.sees("Check your answers")
    second.presses("Send my answers and choose a time")
    second.chooses_a_therapist("Mara Okafor")
    second.holds_a_time()

    first.opens("/schedule")  # the first device is where the second one is, and asks for nothing twice
    expect(first.page.get_by_role("link", name="Go on where you were")).to_have_count(0)
    expect(first.page.get_by_role("link", name="Begin", exact=True)).to_have_count(0)


def saves_pages(first: Companion) -> str:
    """Those before NEXT; the return code."""
    code = ""
    for number in SAVED:
        if "/intake/agree" in first.page.url:
            first.agrees()
        mine = {"preferred_name": first.name, "email": first.email}
        first.fills_in(intake.answers_to(number, **intake.own_changes(number, mine)))
        if number == 2:
            code = first.return_code()
        first.presses("Save and go on")
    return code


def finds_what_was_saved(second: Companion, number: int) -> None:
    """All of it is on its page, but for what is never shown again."""
    mine = {"preferred_name": second.name, "email": second.email}
    for name, said in intake.answers_to(number, **intake.own_changes(number, mine)).items():
        field = second.page.locator(f'[name="{name}"]')
        if name in SECRET:
            expect(field).to_have_value("")
        elif name == "others_see_messages":
            expect(field.and_(second.page.locator(":checked"))).to_have_count(0)
        elif name in TYPED:
            expect(field).to_have_value(said)
        else:
            for one in said if isinstance(said, list) else [said]:
                expect(field.and_(second.page.locator(f'[value="{one}"]'))).to_be_checked()
