"""Every page of the demo, as a picture and as axe sees it, in light and dark, from 320 to 1280 px."""

import os
from pathlib import Path

import pytest

from practice.languages import DEFAULT
from tests.support import intake
from tests.support.pictures import Album
from tests.support.reader import IN_BOTH
from tests.support.road import Traveller

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ROOT = Path(__file__).parents[2]
KEPT = {"landing": (360, "light"), "times": (360, "light"), "booking": (768, "light"), "desk": (1280, "light")}
PUBLIC = {
    "landing": "/",
    "article": "/articles/repairing-trust",
    "fees": "/fees",
    "privacy": "/privacy",
    "therapist": "/therapists/mara-okafor",
    "schedule": "/schedule",
    "times-of-a-stranger": "/times/june-castellanos?offering=couple-80",
    "times-with-anybody": "/times/any?offering=couple-50",
    "places": "/intake/places",
    "leaving": "/leave",
    "not-found": "/nowhere",
}
DESK = {
    "sessions": "/staff/sessions",
    "money": "/staff/money/",
    "prices": "/staff/money/prices/",
    "account": "/staff/account",
    "week": "/staff/schedule/?therapist=mara-okafor",
    "week-of-all": "/staff/schedule/?therapist=all",
    "block": "/staff/schedule/block",
    "explain": "/staff/schedule/explain?therapist=mara-okafor&offering=couple-80",
    "waiting-list-of-all": "/staff/schedule/waiting",
    "book": "/staff/schedule/book/",
    "hours": "/staff/setup/hours/mara-okafor",
    "offerings": "/staff/setup/offerings",
    "rooms": "/staff/setup/rooms",
    "design": "/staff/design",
}


@pytest.fixture
def album(language):
    """The pictures go to build/pictures, and with UPDATE_PICTURES=1 (`make pictures`) the README's to docs/pictures.

    Those of another language have a folder of their own, and none of them is in the README.
    """
    folder = ROOT / "build" / "pictures" / (language if language != DEFAULT else "")
    folder.mkdir(parents=True, exist_ok=True)
    readme = ROOT / "docs" / "pictures" if os.environ.get("UPDATE_PICTURES") and language == DEFAULT else None
    return Album(folder=folder, readme=readme, kept=KEPT)


@IN_BOTH
def test_what_the_public_reads_can_be_read_by_everybody(demo, open_page, album):
    page = open_page(demo.home)

    for name, path in PUBLIC.items():
        page.goto(path)
        album.look(page, name)

    assert album.findings == []


@IN_BOTH
def test_the_way_to_a_session_can_be_walked_by_everybody(demo, open_page, album):
    page = open_page(demo.home)
    client = Traveller(page, name="Noa", email="noa@mail.example")
    client.goes_to_the_intake()
    mine = {"preferred_name": "Noa", "email": "noa@mail.example"}
    for number in intake.PARTS:
        if number == 4:
            page.get_by_role("button", name="Go on").click()
            album.look(page, "agree-with-errors")
            client.agrees_on_the_way_to("/intake/part-4$")
        album.look(page, f"part-{number}")
        if number == 2:
            page.get_by_role("button", name="Save and go on").click()
            album.look(page, "part-2-with-errors")
        client.fills_in(intake.answers_to(number, **intake.own_changes(number, mine)))
        page.get_by_role("button", name="Save and go on").click()
    album.look(page, "support")
    page.get_by_role("link", name="Go on").click()
    album.look(page, "check")
    page.get_by_role("button", name="Send my answers and choose a time").click()
    album.look(page, "fitting")
    client.chooses_a_therapist("Mara Okafor")
    album.look(page, "times")
    reference = client.holds_a_time()
    album.look(page, "held")
    page.get_by_role("link", name="Continue to payment").click()
    album.look(page, "agree")
    client.agrees_on_the_way_to("/pay$")
    album.look(page, "pay")
    page.goto(f"{demo.home}/bookings/{reference}")
    client.goes_on_to_pay()
    album.look(page, "checkout")
    client.pays()
    client.sees("Your appointment stands")
    album.look(page, "booking")
    page.goto(f"{demo.home}/bookings/{reference}/documents")
    album.look(page, "documents")
    page.get_by_role("link", name="Good faith estimate").click()
    album.look(page, "document")
    page.goto(f"{demo.home}/bookings/{reference}/cancel")
    album.look(page, "cancel")
    page.goto(f"{demo.home}/bookings/{reference}/move")
    album.look(page, "move")
    page.goto(f"{demo.home}/waiting-list?offering=couple-50")
    page.get_by_label("Tuesday").check()
    page.get_by_role("button", name="Put me on the list").click()
    album.look(page, "waiting-list")
    correct_an_answer(page, demo, album)

    assert album.findings == []


def correct_an_answer(page, demo, album):
    page.goto(f"{demo.home}/you/answers")
    album.look(page, "answers-behind-the-code")
    page.get_by_label("Your code").fill(intake.CODE)
    page.get_by_role("button", name="Show my answers").click()
    album.look(page, "answers")
    page.get_by_role("link", name="Correct “Where trust was hurt”").click()
    album.look(page, "correct-answers")


@IN_BOTH
def test_the_desk_can_be_used_by_everybody(demo, open_page, album):
    page = open_page(demo.home)
    page.goto("/staff/")
    album.look(page, "sign-in")
    page.get_by_label("Email address").fill("mara@lantern.example")
    page.get_by_label("Password").fill("lantern-house-demo")
    page.get_by_role("button", name="Sign in").click()
    album.look(page, "today")
    page.goto("/staff/intakes")
    album.look(page, "desk")
    page.get_by_role("link", name="Piotr").first.click()
    album.look(page, "request")
    request = page.url
    page.goto(f"{request}/correct/4")
    album.look(page, "correct-because-they-asked")
    page.goto(request)
    page.get_by_role("link", name="Decline").click()
    album.look(page, "decline")
    page.goto("/staff/calendar")
    album.look(page, "calendar")
    assert album.findings == []


@IN_BOTH
def test_an_owners_pages_can_be_used_by_everybody(demo, open_page, album):
    page = open_page(demo.home)
    page.goto("/staff/")
    page.get_by_label("Email address").fill("owner@lantern.example")
    page.get_by_label("Password").fill("lantern-house-demo")
    page.get_by_role("button", name="Sign in").click()
    for name, path in DESK.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        album.look(page, name)

    assert album.findings == []
