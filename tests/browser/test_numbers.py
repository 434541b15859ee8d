"""An owner looks back: numbers as pictures with their tables, the files of them, and who saw what."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.town import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def sign_in(page: Page, who: str) -> None:
    page.goto("/staff/")
    page.get_by_label("Email address").fill(f"{who}@lantern.example")
    page.get_by_label("Password").fill("lantern-house-demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Staff")).to_be_visible()


def rows_in(page: Page, key: str) -> list[list[str]]:
    return [row.locator("th, td").all_text_contents() for row in page.locator(f"#{key}-table").get_by_role("row").all()]


def download(page: Page, button: str) -> list[list[str]]:
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).first.click()
    said = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(said, newline="")))


def see_all_drawn(page: Page) -> None:
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
        expect(image).not_to_have_js_property("naturalWidth", 0)
        expect(image).to_have_js_property("complete", True)


@IN_BOTH
def test_an_owner_looks_back_over_a_quarter(demo: Demo, open_page: OpenPage) -> None:
    page, judge = open_page(demo.home), Inspector()
    sign_in(page, "owner")
    page.get_by_role("link", name="Numbers", exact=True).click()
    page.get_by_label("The last").select_option("13")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#requests-said")).to_contain_text("13 weeks")
    expect(page.locator("#first-look-said")).to_contain_text("had waited")
    expect(page.locator("#show-rate-said")).to_contain_text("People came to")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        see_all_drawn(page)
        shown = page.locator("#requests-heading ~ figure img").evaluate("(one) => one.currentSrc")
        assert ("paper=dark" in shown) is (scheme == "dark")
    page.emulate_media(color_scheme="light")

    page.get_by_text("The table: Requests").focus()
    page.keyboard.press("Enter")
    table = rows_in(page, "requests")
    assert len(table) == 14
    assert download(page, "Download this table as CSV") == table
    judge.judge(page, "numbers")

    page.get_by_role("link", name="What people bring").click()
    expect(page.get_by_role("heading", name="What people hope for")).to_be_visible()
    judge.judge(page, "numbers-people")
    page.get_by_role("navigation", name="Numbers").get_by_role("link", name="Money").click()
    expect(page.get_by_role("heading", name="Revenue and refunds, USD")).to_be_visible()
    expect(page.get_by_text("The table: Revenue and refunds, USD")).to_be_visible()
    judge.judge(page, "numbers-money")
    assert judge.findings == []


@IN_BOTH
def test_an_owner_finds_out_who_looked_and_that_the_log_is_whole(demo: Demo, open_page: OpenPage) -> None:
    page, judge = open_page(demo.home), Inspector()
    sign_in(page, "owner")
    page.get_by_role("link", name="Data", exact=True).click()
    page.get_by_role("link", name="Who saw or changed what").click()
    page.get_by_role("button", name="Check it now").click()
    expect(page.get_by_role("status")).to_contain_text("being checked")
    page.get_by_label("What", exact=True).select_option("looked")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("cell", name="looked at", exact=False).first).to_be_visible()
    judge.judge(page, "audit")
    headings, *lines = download(page, "Download these entries as CSV")
    assert headings[0] == "number"
    assert lines
    assert judge.findings == []
    page.goto("/staff/intakes")
    page.locator("a[href*='/staff/intakes/i_']").first.click()
    page.get_by_role("link", name="Who looked at this").click()
    expect(page.get_by_role("cell", name=re.compile("opened a request")).first).to_be_visible()


def test_a_therapist_without_the_desk_finds_no_numbers(demo: Demo, open_page: OpenPage) -> None:
    page = open_page(demo.home)
    sign_in(page, "june")
    expect(page.get_by_role("link", name="Numbers", exact=True)).to_have_count(0)
    answer = page.goto("/staff/numbers/")
    assert answer is not None
    assert answer.status == 404
