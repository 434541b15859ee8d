"""What a page of the browser was served as: the HTML that came over the wire, before any script touched it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from playwright.sync_api import Page, Response

from tests.support.html_checker import HtmlChecker, find_java

_last: WeakKeyDictionary[Page, Response] = WeakKeyDictionary()
_checkers: WeakKeyDictionary[Page, HtmlChecker] = WeakKeyDictionary()


def watch(page: Page, checker: HtmlChecker) -> None:
    """Remember what this page is served as from now on, and who can say whether that is valid."""
    _checkers[page] = checker
    page.on("response", lambda response: _note(page, response))


def errors(page: Page) -> list[str]:
    """What is wrong with the HTML of the document that is open there; nothing can be said without Java."""
    if page not in _checkers or find_java() is None:
        return []
    answer = _last.get(page)
    return _checkers[page].errors(answer.text() if answer else page.content())


def _note(page: Page, response: Response) -> None:
    said = response.headers
    shown = said.get("content-type", "").startswith("text/html") and "content-disposition" not in said
    if shown and _is_the_pages(page, response) and not 300 <= response.status < 400:
        _last[page] = response


def _is_the_pages(page: Page, response: Response) -> bool:
    """Whether this is what the page itself went to; a frame in it navigates as well."""
    return response.request.is_navigation_request() and response.frame == page.main_frame
