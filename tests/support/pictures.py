"""Looks at a page in every size and both schemes, keeps the pictures, and notes what nobody should have to meet.

A finding is a line of words: sideways scrolling at 320 px, or a rule of axe that is broken. A page that is looked at
stays as it was: nothing is reloaded, so the answer to a POST can be looked at too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
NARROWEST = 320
HEIGHT = 800
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Album:
    """Where the pictures go, and what was found on the way.

    `kept` names the pictures of the README with their width and scheme; they go to `readme`, unless that is None.
    """

    folder: Path
    readme: Path | None = None
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Take the pictures of what the page shows now, and judge it."""
        self.seen.append(name)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png", full_page=True)
                if self.readme is not None and self.kept.get(name) == (width, scheme):
                    page.screenshot(path=self.readme / f"{name}.png")
            self._judge_with_axe(page, name, scheme)
        page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROWEST:
            self.findings.append(f"{name}: scrolls sideways at {NARROWEST} px, it is {wide} px wide")
        page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})

    def _judge_with_axe(self, page: Page, name: str, scheme: str) -> None:
        for broken in Axe().run(page, options=RULES).response["violations"]:
            places = ", ".join(str(node["target"]) for node in broken["nodes"][:3])
            self.findings.append(f"{name} ({scheme}): {broken['id']}: {places}")
