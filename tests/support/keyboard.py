"""Somebody who has no mouse: Tab, Space, Enter, arrows and letters alone. Wherever the focus comes, it can be seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

STOPS = 250  # more than any page has
HAS_FOCUS = "one => one === document.activeElement"
# What keeps the focus of a page from being seen, or nothing. An element shows it itself, or what surrounds it does.
HIDDEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const name = one.outerHTML.slice(0, 120);
  const style = getComputedStyle(one);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "no outline: " + name;
  if (style.outlineColor === "transparent" || style.outlineColor.endsWith(", 0)")) return "no colour: " + name;
  const box = one.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return "no size: " + name;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!inside) return "off screen: " + name;
  const across = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const places = [0.1, 0.5, 0.9].map((part) => box.top + box.height * part).filter((y) => y >= 0 && y < innerHeight);
  const seen = places.some((y) => {
    const top = document.elementFromPoint(across, y);
    return top && (one.contains(top) || top.contains(one) && !top.matches("header *"));
  });
  return seen ? "" : "covered: " + name;
}"""


class Typist:
    """A page, and a keyboard before it. `unseen` says where the focus could not be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.unseen: list[str] = []

    def goes_to(self, what: Locator, key: str = "Tab") -> None:
        """Press Tab, or Shift+Tab, until this has the focus."""
        expect(what.first).to_be_visible()
        for _ in range(STOPS):
            if any(one.evaluate(HAS_FOCUS) for one in what.all()):
                return
            self.page.keyboard.press(key)
            self.watches()
        raise AssertionError(f"no key leads to {what}")

    def watches(self) -> None:
        """Note it where the focus can't be seen."""
        if hidden := self.page.evaluate(HIDDEN):
            self.unseen.append(f"{self.page.url}: {hidden}")

    def presses(self, what: Locator, key: str = "Enter") -> None:
        """Something that leads to another page."""
        self.goes_to(what)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def types(self, what: Locator, words: str) -> None:
        """Write this in the place of what stands there."""
        self.goes_to(what)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        expect(what).to_have_value(words)

    def dates(self, what: Locator, day: str) -> None:
        """A day, as in 1988-04-01: its parts in the order in which an American browser asks for them."""
        year, month, of_month = day.split("-")
        self.goes_to(what)
        self.page.keyboard.type(month + of_month + year)
        expect(what).to_have_value(day)

    def ticks(self, what: Locator) -> None:
        self.goes_to(what)
        self.page.keyboard.press("Space")
        expect(what).to_be_checked()

    def chooses(self, group: Locator, value: str) -> None:
        """One of several that exclude each other: Tab comes to one of them, arrows to the others."""
        wanted = group.and_(self.page.locator(f'[value="{value}"]'))
        self.goes_to(group)
        for _ in range(group.count()):
            if wanted.evaluate(HAS_FOCUS):
                break
            self.page.keyboard.press("ArrowDown")
            self.watches()
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()

    def picks(self, what: Locator, value: str) -> None:
        """One of a list, by the letters of its name."""
        self.goes_to(what)
        self.page.keyboard.type(what.locator(f'option[value="{value}"]').inner_text())
        expect(what).to_have_value(value)

    def fills_in(self, answers: dict[str, Any]) -> None:
        """Answer the questions of this page in their order, each in its own kind of field."""
        for name, value in answers.items():
            found = self.page.locator(f'[name="{name}"]')
            match found.first.evaluate("one => one.type || one.tagName.toLowerCase()"):
                case "checkbox":
                    for chosen in value if isinstance(value, list) else [value]:
                        self.ticks(found.and_(self.page.locator(f'[value="{chosen}"]')))
                case "radio":
                    self.chooses(found, value)
                case "select-one":
                    self.picks(found, value)
                case "date":
                    self.dates(found, value)
                case _:
                    self.types(found, value)
