"""The road from the front page to a paid appointment, as a person goes it in a real browser. Reads as sentences."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support import intake

GOOD, DECLINED = "4242424242424242", "4000000000000002"
FOR_THE_RECORDS = {"legal_name": "Robin Quill", "date_of_birth": "1988-04-01", "insurance_use": "no"}


class Traveller:
    """One client with one browser page."""

    def __init__(self, page: Page, *, name: str = "Robin", email: str = "robin@mail.example") -> None:
        self.page = page
        self.name = name
        self.email = email

    def goes_to_the_intake(self) -> None:
        """Front page, Schedule a session, Begin."""
        self.page.goto("/")
        self.page.get_by_role("link", name="Schedule a session").last.click()
        self.sees("Schedule a session")
        expect(self.page.get_by_role("main")).to_contain_text("$")
        self.page.get_by_role("link", name="Begin").click()

    def answers_everything(self, **changes: Any) -> None:
        """All seven parts, the support page, check your answers."""
        mine = {"preferred_name": self.name, "email": self.email, **changes}
        for number in intake.PARTS:
            self.agrees_on_the_way_to(rf"/intake/part-{number}$")
            self.fills_in(intake.answers_to(number, **intake.own_changes(number, mine)))
            self.page.get_by_role("button", name="Save and go on").click()
        self.sees("Good to know, whatever you answered")
        self.page.get_by_role("link", name="Go on").click()
        self.sees("Check your answers")
        self.page.get_by_role("button", name="Send my answers and choose a time").click()

    def fills_in(self, answers: dict[str, Any]) -> None:
        """Answer the questions of this page, each in its own kind of field."""
        for name, value in answers.items():
            found = self.page.locator(f'[name="{name}"]')
            kind = found.first.evaluate("one => one.type || one.tagName.toLowerCase()")
            if kind in ("radio", "checkbox"):
                for chosen in value if isinstance(value, list) else [value]:
                    self.page.locator(f'[name="{name}"][value="{chosen}"]').check()
            elif kind == "select-one":
                found.select_option(value)
            else:
                found.fill(value)

    def agrees_on_the_way_to(self, page: str) -> None:
        """To everything on the page that asks, where the practice has one; the keyboard is enough."""
        expect(self.page).to_have_url(re.compile(rf"/intake/agree\?|{page}"))
        if "/intake/agree" not in self.page.url:
            return
        self.sees("Before you go on")
        for tick in self.page.get_by_role("checkbox").all():
            expect(tick).not_to_be_checked()
            tick.focus()
            self.page.keyboard.press("Space")
        self.page.get_by_role("button", name="Go on").click()
        expect(self.page).to_have_url(re.compile(page))

    def chooses_a_therapist(self, name: str = "Ada Lindqvist") -> None:
        """From those who fit."""
        self.sees("Choose a time")
        self.page.get_by_role("link", name=f"See the times with {name}").click()

    def times(self) -> list[str]:
        """The starts that this page offers, as its buttons send them."""
        expect(self.page.locator("button.slot").first).to_be_visible()
        found: list[str] = self.page.locator("button.slot").evaluate_all("all => all.map(one => one.value)")
        return found

    def holds_a_time(self, start: str | None = None) -> str:
        """Take a time on the page (the first when none is named); the booking's reference."""
        self.page.locator(f'button.slot[value="{start or self.times()[0]}"]').first.click()
        self.sees("We keep this time for you")
        return self.page.url.rsplit("/", 1)[1]

    def goes_on_to_pay(self) -> None:
        """Through the last questions to the checkout, under the real content policy."""
        self.page.get_by_role("link", name="Continue to payment").click()
        self.agrees_on_the_way_to("/pay$")
        self.sees("Before you pay")
        self.fills_in(FOR_THE_RECORDS)
        self.page.get_by_role("button", name=re.compile("^(Pay|Go on)")).click()
        expect(self.page).to_have_url(re.compile("/checkout/|/estimate"))
        if self.page.url.endswith("/estimate"):  # where the practice writes them
            self.sees("Your estimate")
            self.page.get_by_role("button", name=re.compile("^Pay")).click()
            expect(self.page).to_have_url(re.compile("/checkout/"))

    def pays(self, card: str = GOOD) -> None:
        """On the checkout's own page."""
        self.page.locator(f'[name="card"][value="{card}"]').check()
        self.page.get_by_role("button", name=re.compile("^Pay")).first.click()

    def sees(self, heading: str) -> None:
        """The page's first heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def no_sideways_scrolling(self) -> bool:
        """Whether everything fits into the window's width."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        return wide
