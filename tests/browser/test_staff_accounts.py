"""From an invitation to the desk in Chromium: a password, a passkey of a made-up device, and signing in with both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support import town
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.road_of_two import mailed_link
from tests.support.staff import PASSWORD, hire
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

STRONG = "seven patient green doors"
ROBIN = "robin@practice.example"


@pytest.fixture
def by_name(database_url: str, tmp_path: Path, mail_expected: None) -> Iterator[Town]:
    """A town whose address is a name: browsers make no passkeys for numbers."""
    with town.build(database_url, tmp_path / "town", host="localhost") as built:
        yield built


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")


def with_a_device(page: Page) -> None:
    """Give this browser a phone of its own that vouches for whoever holds it."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    line.send("WebAuthn.addVirtualAuthenticator", {"options": {**device, "isUserVerified": True}})


@IN_BOTH
def test_somebody_is_invited_chooses_a_password_and_signs_in_with_a_passkey(by_name, open_page):
    olive = hire(by_name.practice, "owner", email="olive@practice.example")
    judge = Inspector()
    owner = open_page(by_name.home)
    sign_in(owner, olive.email, PASSWORD)
    owner.goto("/staff/people")
    judge.judge(owner, "people")
    owner.get_by_label("Email address").fill(ROBIN)
    owner.get_by_label(re.compile("^Coordinator")).check()
    press(owner, "Invite")
    expect(owner.get_by_text("The invitation is on its way")).to_be_visible()
    by_name.work()
    link = mailed_link(open_page(by_name.home), by_name.mailbox, ROBIN, "/staff/invitation/")

    robin = open_page(by_name.home)
    with_a_device(robin)
    robin.goto(link)
    judge.judge(robin, "invitation")
    robin.get_by_label("New password").fill(STRONG)
    robin.get_by_label("Repeat the password").fill(STRONG)
    press(robin, "Set password")
    sign_in(robin, ROBIN, STRONG)
    robin.goto("/staff/passkeys/new")
    judge.judge(robin, "passkey-new")
    robin.get_by_label("What do you call it?").fill("My mobile")
    press(robin, "Add it")
    expect(robin.get_by_role("heading", name="Recovery codes")).to_be_visible()
    robin.goto("/staff/account")
    expect(robin.get_by_text("On, by passkey.")).to_be_visible()
    judge.judge(robin, "account")
    press(robin, "Sign out")

    sign_in(robin, ROBIN, STRONG)
    expect(robin.get_by_role("heading", name="Your passkey")).to_be_visible()
    judge.judge(robin, "passkey")
    press(robin, "Use your passkey")
    robin.goto("/staff/account")
    expect(robin.get_by_text("last used")).to_be_visible()

    owner.goto("/staff/people")
    owner.get_by_role("link", name=f"Change {ROBIN}").click()
    judge.judge(owner, "person")
    press(owner, "End the account")
    robin.goto("/staff/account")
    expect(robin).to_have_url(re.compile("/staff/sign-in"))
    assert judge.findings == []


def test_without_scripts_the_page_says_what_else_there_is(by_name, open_page):
    olive = hire(by_name.practice, "owner", email="olive@practice.example")
    page = open_page(by_name.home, scripts=False)
    sign_in(page, olive.email, PASSWORD)
    page.goto("/staff/passkeys/new")

    expect(page.get_by_text("This needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add it")).to_be_hidden()
