"""What the desk does with a request besides yes and no, as reviewer and client see it in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from practice.demo.world import ACCOUNTS, PASSWORD
from tests.support.intake import CODE
from tests.support.road import Traveller

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OWNER = ACCOUNTS[0][0]
QUESTION = "Could you both come in the mornings?"


@pytest.fixture
def desk(demo, open_page) -> Page:
    """The owner, signed in."""
    page = open_page(demo.home)
    page.goto("/staff/")
    page.get_by_label("Email address").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def sends_a_request(demo, open_page, name: str) -> Traveller:
    """Somebody new, on a phone without scripts, who has sent what is asked before booking."""
    page = open_page(demo.home, width=360, scripts=False)
    client = Traveller(page, name=name, email=f"{name.lower()}@mail.example")
    client.goes_to_the_intake()
    client.answers_everything()
    client.sees("Choose a time")
    return client


def opens_request(desk: Page, name: str) -> None:
    desk.goto("/staff/intakes")
    desk.get_by_role("link", name=name).first.click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(name)


def reads_own_page(client: Traveller, link: str) -> None:
    client.page.goto("/you")
    client.page.get_by_role("link", name=link).click()
    if client.page.get_by_label("code").count():
        client.page.get_by_label("code").fill(CODE)
        client.page.get_by_role("button", name="Show it").click()
    client.sees("Your request")


def test_asked_answered_and_back_on_the_desk(demo, open_page, desk):
    client = sends_a_request(demo, open_page, "Asta")
    opens_request(desk, "Asta")
    desk.get_by_role("button", name=re.compile("Take it|Begin the review")).click()
    desk.get_by_role("link", name=re.compile("Ask for information")).click()
    desk.get_by_label("A question of your own").fill(QUESTION)
    desk.locator('[name="fields"][value="access_needs"]').check()
    desk.get_by_role("button", name="Ask", exact=True).click()
    expect(desk.get_by_role("main")).to_contain_text("The client sees: We need something")

    reads_own_page(client, "See what it is")
    assert client.no_sideways_scrolling()
    expect(client.page.get_by_role("main")).to_contain_text(QUESTION)
    client.page.get_by_role("button", name="Send my answer").click()
    expect(client.page.get_by_role("alert")).to_contain_text("Write an answer")
    client.page.get_by_label("Your answer").fill("Only before nine")
    client.page.locator('[name="access_needs"]').fill("A lift, please")
    client.page.get_by_role("button", name="Send my answer").click()
    expect(client.page.get_by_role("main")).to_contain_text("Reviewing")

    desk.goto("/staff/")
    notice = desk.get_by_text("Asta answered what you asked.")
    expect(notice).to_be_visible()
    notice.get_by_role("link", name="Read it").click()
    main = desk.get_by_role("main")
    expect(main).to_contain_text("Only before nine")
    expect(main).to_contain_text("A lift, please")
    expect(main).to_contain_text("The client sees: Reviewing")


def test_accepted_for_one_therapist_they_see_that_ones_times_alone(demo, open_page, desk):
    client = sends_a_request(demo, open_page, "Birk")
    assert client.page.get_by_role("link", name=re.compile("See the times with")).count() > 1
    opens_request(desk, "Birk")
    desk.get_by_role("link", name=re.compile("Accept with therapist and format")).click()
    for other in desk.get_by_role("group", name="With").get_by_role("checkbox").all():
        other.uncheck()
    desk.get_by_role("group", name="With").get_by_label("Mara Okafor").check()
    desk.get_by_role("button", name="Accept for these").click()
    expect(desk.get_by_role("main")).to_contain_text("The client sees: Ready to book")

    client.page.goto("/intake/times")

    links = client.page.get_by_role("link", name=re.compile("See the times with"))
    expect(links).to_have_count(1)
    expect(links).to_have_text(re.compile("Mara Okafor"))


def test_referred_out_they_read_whom_behind_their_code(demo, open_page, desk):
    client = sends_a_request(demo, open_page, "Cato")
    desk.goto("/staff/setup/referrals")
    desk.get_by_role("link", name="Add somebody").click()
    desk.get_by_label("Name").fill("Harbour Clinic")
    for name, said in (("what_for", "help with drinking"), ("es_what_for", "ayuda con el alcohol")):
        desk.locator(f"[name={name}]").fill(said)
    for name, said in (("place", "New York"), ("es_place", "Nueva York")):
        desk.locator(f"[name={name}]").fill(said)
    desk.get_by_label("Phone").fill("+1 212 555 0123")
    desk.get_by_role("button", name="Save").click()
    opens_request(desk, "Cato")
    desk.get_by_role("link", name=re.compile("Refer out")).click()
    desk.get_by_label("Harbour Clinic").check()
    desk.get_by_role("button", name="Refer out").click()
    expect(desk.get_by_role("main")).to_contain_text("The client sees: Closed")

    client.page.goto("/you")
    expect(client.page.get_by_role("main")).not_to_contain_text("Harbour")
    reads_own_page(client, "More about it")
    main = client.page.get_by_role("main")
    expect(main).to_contain_text("Harbour Clinic")
    expect(main.get_by_role("link", name="+1 212 555 0123")).to_be_visible()
