"""The road of two who come together, as each goes it in a real browser: asking along, coming along, and what is asked
before the session. Reads as sentences, as support/road.py does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from tests.support import intake
from tests.support.road import Traveller

LETTER_LOOKS = 240  # a quarter of a second apart: the worker looks at its messages twice a second
LANE = re.compile("^lane")  # who may speak of an answer is chosen from the beginning


class Companion(Traveller):
    """One of two, with one browser page. `shown` keeps every page that they came to, as it was before they typed."""

    def __init__(self, page: Page, *, name: str, email: str, code: str = intake.CODE) -> None:
        super().__init__(page, name=name, email=email)
        self.code = code
        self.shown: list[str] = []

    def looks(self) -> None:
        """Keep what the page shows."""
        self.shown.append(self.page.content())

    def opens(self, address: str) -> None:
        self.page.goto(address)
        self.looks()

    def presses(self, name: str) -> None:
        """A button, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()
        self.looks()

    def follows(self, name: str) -> None:
        """A link, likewise."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).click()
        self.looks()

    # Asking along, and coming along

    def makes_a_code_to_hand_over(self) -> str:
        """From their own page; the code."""
        self.opens("/you")
        self.follows("Ask somebody along")
        self.fills_in({"partner_knows": "not_yet"})
        self.presses("Go on")
        expect(self.page.get_by_role("button", name="Send the invitation")).to_have_count(0)
        self.presses("Make a code")
        return self.page.locator(".handed-over code").inner_text()

    def types_the_code(self, code: str) -> None:
        """Where a code is typed; the next page says what it is."""
        self.opens("/join")
        self.fills_in({"code": code})
        self.presses("Go on")

    def comes_along(self) -> None:
        """From the page that says what it is: how to be reached, and a code of their own."""
        self.follows("Come along")
        self.sees("About you")
        mine = {"preferred_name": self.name, "email": self.email, "code": self.code, "code_again": self.code}
        self.fills_in({"age_18_plus": "yes", **intake.PARTS[2], **mine})
        self.presses("Come along")

    # What is asked before the session

    def answers_pages(self, said: Mapping[str, Any], *, most: int = 100) -> list[str]:
        """So many pages of questions at most, agreeing and going on where something stands between; their addresses."""
        walked: list[str] = []
        while len(walked) < most and not self.page.url.endswith("/check"):
            if "/intake/agree" in self.page.url:
                self.agrees()
            elif self.page.url.endswith("/support"):
                self.follows("Go on")
            else:
                assert self.page.url not in walked, f"{self.page.url} asks again"
                walked.append(self.page.url)
                self.answers_page(said)
        return walked

    def answers_page(self, said: Mapping[str, Any]) -> None:
        """The page that is open, with whatever of it was said."""
        self.fills_in({name: said[name] for name in intake.asked_on(self.page.content()) if name in said})
        self.presses("Save and go on")

    def agrees(self) -> None:
        """To everything that the page asks."""
        for tick in self.page.get_by_role("checkbox").all():
            tick.check()
        self.presses("Go on")

    def sends(self) -> None:
        """What was answered, from the page that shows it once more."""
        self.sees("Check your answers")
        self.presses("Send my answers")
        self.sees("Your page")

    # What the page shows

    def chosen(self) -> set[str]:
        """The names of the questions of this page to which an answer is chosen."""
        names: list[str] = self.page.locator("main form input:checked").evaluate_all("all => all.map(one => one.name)")
        return {name for name in names if not LANE.match(name)}

    def return_code(self) -> str:
        """As the page shows it after the first one was saved."""
        return self.page.locator("strong.code").inner_text()

    def asks_for_a_link(self) -> None:
        """On Schedule a session, by mail."""
        self.page.goto("/schedule")
        self.page.get_by_label("The email address you gave us").fill(self.email)
        self.presses("Send me a link")

    def comes_back_by_link(self, address: str) -> None:
        """A mailed one, with their code."""
        self.opens(address)
        self.sees("Open your pages")
        self.page.get_by_label("Your code").fill(self.code)
        self.presses("Open")

    def comes_back_by_return_code(self, code: str) -> None:
        """Without mail."""
        self.page.goto("/schedule")
        self.page.get_by_text("Without mail: with your return code").click()
        self.page.get_by_label("Your return code").fill(code)
        self.page.get_by_label("Your own code").fill(self.code)
        self.presses("Go on where I was")


def mailed_link(page: Page, mailbox: str, reader: str, way: str) -> str:
    """The address in the newest letter to this reader that leads this way, as in /return/, once it has come."""
    letters = page.locator("li", has_text=f"to {reader}").get_by_role("link")
    links = page.get_by_role("region", name="Links").locator(f'a[href*="{way}"]')
    for _ in range(LETTER_LOOKS):
        page.goto(mailbox)
        for address in letters.evaluate_all("all => all.map(one => one.href)"):
            page.goto(address)
            if links.count():
                return str(links.first.get_attribute("href"))
        page.wait_for_timeout(250)
    raise AssertionError(f"no letter for {reader} that leads to {way} came")
