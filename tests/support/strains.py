"""What people do to a page: narrow it, enlarge it, space its text out, take its colours and its motion away.

Each strain is put on the page that is open and taken off again. A finding is a line of words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

NARROWEST, HALF, HEIGHT = 320, 640, 800  # HALF is what 200 % leaves of 1280 px
# WCAG 1.4.12. A sheet of the document's own object model, which the content policy has no say in.
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
SPACE_OUT = """(rules) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
SPACE_BACK = "() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1); }"

WIDTH = "document.documentElement.scrollWidth"
# Text that its own box hides. What only screen readers meet is one pixel wide.
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  const shown = one.checkVisibility() && one.clientWidth > 1 && one.clientHeight > 1;
  const hides = [style.overflowX, style.overflowY].some((said) => said === "hidden" || said === "clip");
  return shown && hides && one.textContent.trim() !== ""
    && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
}).map((one) => one.outerHTML.slice(0, 80))"""
# Where colours are the reader's own, only a line tells where a control is.
WITHOUT_EDGE = """() => [...document.querySelectorAll("button, .button, input, select, textarea")].filter((one) => {
  if (!one.checkVisibility() || one.type === "hidden" || one.closest("svg")) return false;
  const style = getComputedStyle(one);
  const drawn = ["checkbox", "radio", "file", "range", "color"].includes(one.type) && style.appearance !== "none";
  const edge = ["Top", "Right", "Bottom", "Left"].some(
    (side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0);
  const line = style.textDecorationLine.includes("underline");
  return !(drawn || edge || line);
}).map((one) => one.outerHTML.slice(0, 80))"""
MOVING = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
  const style = getComputedStyle(one);
  const lasts = (said) => said.split(",").some((part) => parseFloat(part) > 0.01);
  return lasts(style.transitionDuration)
    || (style.animationName !== "none" && lasts(style.animationDuration));
}).map((one) => one.outerHTML.slice(0, 80))"""


def findings(page: Page) -> Iterator[str]:
    """What goes wrong under each strain. The page is left as wide as HALF."""
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    yield from _wider_than(page, NARROWEST, f"at {NARROWEST} px")
    with _spaced_out(page):
        yield from _wider_than(page, NARROWEST, f"at {NARROWEST} px with its text spaced out")
        yield from (f"cuts its text when it is spaced out: {one}" for one in page.evaluate(CUT))
    page.set_viewport_size({"width": HALF, "height": HEIGHT})
    yield from _wider_than(page, HALF, "at 200 %")
    with _forced_colours(page):
        yield from (f"shows no edge where colours are forced: {one}" for one in page.evaluate(WITHOUT_EDGE))
    page.emulate_media(reduced_motion="reduce")
    yield from (f"moves though it was asked not to: {one}" for one in page.evaluate(MOVING))


def _wider_than(page: Page, width: int, when: str) -> Iterator[str]:
    wide = page.evaluate(WIDTH)
    if wide > width:
        yield f"scrolls sideways {when}, it is {wide} px wide"


@contextmanager
def _spaced_out(page: Page) -> Iterator[None]:
    page.evaluate(SPACE_OUT, SPACED)
    yield
    page.evaluate(SPACE_BACK)


@contextmanager
def _forced_colours(page: Page) -> Iterator[None]:
    page.emulate_media(forced_colors="active")
    yield
    page.emulate_media(forced_colors="null")
