"""From nothing to a practice that somebody books: the owner does it on pages, and a client pays by the owner's key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from practice.opening.actions import make_way_in
from practice.work import begin_work
from tests.support import town
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.road import Traveller
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "four quiet brown geese"
OWNER = "ada@harbour.example"
LEFT = "3 things are left. Each is done on its own page, in any order; come back here whenever you like."
PAGES = ("practice", "practice/booking", "records", "therapists/new", "therapists/ada-lindqvist/about")


@pytest.fixture
def empty(database_url: str, tmp_path: Path, mail_expected: None):
    """A machine on which nobody has set up a practice."""
    with town.found(database_url, tmp_path / "town") as built:
        yield built


@IN_BOTH
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_owner_opens_a_practice_on_pages_and_a_client_books_it(empty: Town, open_page, scripts):
    page = open_page(empty.home, scripts=scripts)
    inspector = Inspector()

    def looks(name: str) -> None:
        if scripts:
            inspector.judge(page, name)

    with empty.practice.app.app_context(), begin_work() as work:
        token = make_way_in(work)
    names_the_practice(page, f"/staff/first-run/{token}", looks)
    becomes_its_owner(page, looks)
    signs_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Open the practice")
    expect(page.get_by_text(LEFT)).to_be_visible()
    looks("open-left")

    connects_mail(page, empty, looks)
    connects_stripe(page, empty, looks)
    turns_on_the_second_factor(page, empty)

    page.goto("/staff/setup/open")
    expect(page.get_by_text("Your practice can be booked:")).to_be_visible()
    looks("open-done")
    page.get_by_role("button", name="It is open: take this off Today").click()
    for name in (
        "practice",
        "practice/booking",
        "records",
        "health",
        "therapists/new",
        "therapists/ada-lindqvist/about",
    ):
        page.goto(f"/staff/setup/{name}")
        looks(name)
    page.goto("/staff/setup/health")
    page.get_by_role("button", name="Ask both now").click()
    expect(page.get_by_text("Stripe takes the key")).to_be_visible()
    looks("health-asked")

    books(Traveller(open_page(empty.home, scripts=scripts)), empty)
    assert inspector.findings == []


def names_the_practice(page: Page, address: str, looks) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your practice")
    page.get_by_role("button", name="Keep and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what clients call the practice.")
    looks("first-naming-wrong")
    page.get_by_label("Name", exact=True).fill("Quiet Harbour")
    page.get_by_label("Email address").fill("office@harbour.example")
    page.get_by_label(re.compile("^Postal address")).fill("1 Quay Street, Hudson, NY")
    page.get_by_role("button", name="Keep and go on").click()


def becomes_its_owner(page: Page, looks) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("You")
    page.reload()  # it can be left and gone on with
    looks("first-owner")
    page.get_by_label("Your email address").fill(OWNER)
    page.get_by_label("A password").fill(PASSWORD)
    page.get_by_label("The password once more").fill(PASSWORD)
    page.get_by_label("Your name, as clients read it").fill("Ada Lindqvist")
    if not page.get_by_label("New York", exact=True).is_visible():
        page.locator("details", has_text="New York").locator("summary").click()
    page.get_by_label("New York", exact=True).check()
    page.get_by_label(re.compile("^Your video room")).fill("https://video.harbour.example/ada")
    page.get_by_role("button", name="Keep, then sign in").click()


def signs_in(page: Page) -> None:
    page.get_by_label("Email address").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def connects_mail(page: Page, empty: Town, looks) -> None:
    page.goto("/staff/setup/connections")
    looks("connections-empty")
    form = page.locator("#mail-form")
    form.get_by_label("Server", exact=True).fill("127.0.0.1")
    form.get_by_label("Encryption").select_option("smtp")
    form.get_by_label("Port").fill("9")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send me a test letter").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing listens there")
    looks("connections-failed")
    form.get_by_label("Port").fill(str(int(empty.home.rpartition(":")[2]) + 1))
    form.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send me a test letter").click()
    expect(page.get_by_role("status").last).to_contain_text(f"The letter to {OWNER} has left.")


def connects_stripe(page: Page, empty: Town, looks) -> None:
    form = page.locator("#stripe-form")
    form.get_by_label("Secret key", exact=False).first.fill("pk_test_1")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("publishable")
    form.get_by_label("Secret key", exact=False).first.fill("sk_test_sandbox")
    form.get_by_label("Signing secret of the webhook", exact=False).fill("whsec_sandbox")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Ask Stripe").click()
    expect(page.get_by_role("status").last).to_contain_text("Stripe was asked, and all is well.")
    looks("connections-tried")


def turns_on_the_second_factor(page: Page, empty: Town) -> None:
    page.goto("/staff/setup/open")
    page.get_by_role("link", name="Second factor").first.click()
    page.get_by_role("button", name="Connect an app").click()
    key = page.locator("code").first.inner_text()
    code = TOTP(key=key).generate(time=empty.clock.now()).token
    page.get_by_label("Code from your app").fill(str(code))
    page.get_by_role("button", name="Connect it").click()


def books(client: Traveller, empty: Town) -> None:
    client.goes_to_the_intake()
    client.answers_everything()
    client.holds_a_time()
    client.goes_on_to_pay()
    client.pays()
    empty.work()
    client.page.reload()
    client.sees("Your appointment stands")
    client.page.goto(empty.mailbox)
    expect(client.page.get_by_text(f"to {client.email}").first).to_be_visible()
