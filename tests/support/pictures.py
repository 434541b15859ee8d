"""Looks at a page in every size and both schemes, keeps the pictures, and notes what nobody should have to meet.

A finding is a line of words: a rule of axe that is broken, HTML that is not valid, or one of the strains of
tests/support/strains.py that the page doesn't stand. A page that is looked at stays as it was: nothing is reloaded, so
the answer to a POST can be looked at too.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support import served, strains

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
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


def _story() -> str:
    """The test that runs now and the language in which it is told, as the name of a folder."""
    words, _, how = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0].partition("[")
    language = "-es" if "es" in how.rstrip("]").split("-") else ""
    return words.removeprefix("test_").replace("_", "-") + language


@dataclass
class Inspector:
    """What was found on the pages that were looked at; `make pictures` (UPDATE_PICTURES=1) keeps pictures too."""

    findings: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def judge(self, page: Page, name: str) -> None:
        """What the page shows now, with all that can be unfolded: wide and light, narrow and dark."""
        self.seen.append(name)
        if os.environ.get("UPDATE_PICTURES"):
            self._take_pictures(page, name)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE_SCRIPT)
        for scheme, width, rules in zip(SCHEMES, (WIDTHS[-1], WIDTHS[0]), (RULES, OF_LOOKS), strict=True):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            self._judge_with_axe(page, name, scheme, rules)
        self._judge_the_rest(page, name)

    def _take_pictures(self, page: Page, name: str) -> None:
        """Into a folder of this story, in the order in which it is told."""
        folder = PICTURES / _story()
        folder.mkdir(parents=True, exist_ok=True)
        step = f"{len(self.seen):03}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"
        for scheme, width in product(SCHEMES, WIDTHS):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=folder / f"{step}-{width}-{scheme}.png", full_page=True)

    def _judge_with_axe(self, page: Page, name: str, scheme: str, rules: object = RULES) -> None:
        for rule, places in page.evaluate(BROKEN, rules):
            self.findings.append(f"{name} ({scheme}): {rule}: {places}")

    def _judge_the_rest(self, page: Page, name: str) -> None:
        self.findings.extend(f"{name}: {finding}" for finding in strains.findings(page))
        self.findings.extend(f"{name}: not valid HTML: {error}" for error in served.errors(page))
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
        self._judge_the_rest(page, name)
