"""Looks at a page in every size and both schemes, keeps the pictures, and notes what nobody should have to meet.

A finding is a line of words: sideways scrolling at 320 px, or a rule of axe that is broken. A page that is looked at
stays as it was: nothing is reloaded, so the answer to a POST can be looked at too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
NARROWEST = 320
HEIGHT = 800
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colours and on the width; the rest is the same however a page is looked at.
OF_LOOKS = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"],
}
# Only what is broken: everything that axe looked at is long, and takes longer to hand over than to find out.
BROKEN = """async (rules) => {
  const found = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((one) => [one.id, one.nodes.slice(0, 3).map((node) => String(node.target)).join(", ")]);
}"""


@dataclass
class Inspector:
    """What was found on the pages that were looked at, without pictures of them."""

    findings: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def judge(self, page: Page, name: str) -> None:
        """What the page shows now, with all that can be unfolded: wide and light, narrow and dark."""
        self.seen.append(name)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE_SCRIPT)
        for scheme, width, rules in zip(SCHEMES, (WIDTHS[-1], WIDTHS[0]), (RULES, OF_LOOKS), strict=True):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            self._judge_with_axe(page, name, scheme, rules)
        self._judge_width(page, name)

    def _judge_with_axe(self, page: Page, name: str, scheme: str, rules: object = RULES) -> None:
        for rule, places in page.evaluate(BROKEN, rules):
            self.findings.append(f"{name} ({scheme}): {rule}: {places}")

    def _judge_width(self, page: Page, name: str) -> None:
        page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROWEST:
            self.findings.append(f"{name}: scrolls sideways at {NARROWEST} px, it is {wide} px wide")
        page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})


@dataclass(kw_only=True)
class Album(Inspector):
    """Where the pictures go, and what was found on the way.

    `kept` names the pictures of the README with their width and scheme; they go to `readme`, unless that is None.
    """

    folder: Path
    readme: Path | None = None
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)

    def look(self, page: Page, name: str) -> None:
        """Take the pictures of what the page shows now, and judge it."""
        self.seen.append(name)
        page.evaluate(AXE_SCRIPT)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png", full_page=True)
                if self.readme is not None and self.kept.get(name) == (width, scheme):
                    page.screenshot(path=self.readme / f"{name}.png")
            self._judge_with_axe(page, name, scheme)
        self._judge_width(page, name)
