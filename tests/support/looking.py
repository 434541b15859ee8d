"""Somebody in Chromium who goes to addresses of the practice, wherever a browser of the test is at home, and judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page

from practice.speaking import ASKED
from tests.support import town
from tests.support.browsing import Browser
from tests.support.pictures import Inspector

NAME = "localhost"  # and not a number, for which browsers make no passkeys


def new_home() -> str:
    """An address on this machine."""
    return f"http://{NAME}:{town.free_ports(1)}"


@contextmanager
def at_home(app: Flask, home: str) -> Iterator[None]:
    """The app answers there."""
    with town.served(app, int(home.rpartition(":")[2])):
        yield


@dataclass
class Looker:
    """They read one language. `open_page` is the fixture; the app answers at `home`."""

    app: Flask
    open_page: Callable[..., Page]
    home: str
    language: str
    judge: Inspector = field(default_factory=Inspector)
    _pages: dict[int, Page] = field(default_factory=dict)

    def look(self, browser: Browser, path: str, endpoint: str) -> bool:
        """Judge the page at this address as whoever is at home in `browser` sees it.

        What is no page of this endpoint, because it leads elsewhere or isn't there, is not judged; False then.
        """
        page = self._page_of(browser)
        answer = page.goto(path)
        there, _ = self.app.url_map.bind(NAME).match(urlsplit(page.url).path)
        if answer is None or answer.status != 200 or there != endpoint:
            return False
        self.judge.judge(page, f"{endpoint}-{self.language}")
        return True

    def _page_of(self, browser: Browser) -> Page:
        """Whoever is signed in there is signed in here."""
        if id(browser) not in self._pages:
            page = self._pages[id(browser)] = self.open_page(self.home)
            cookies = [{"name": one.key, "value": one.value, "path": one.path} for one in browser._cookies.values()]
            cookies = [one for one in cookies if one["name"] != ASKED]  # `open_page` knows what is read
            page.context.add_cookies([{**one, "domain": NAME} for one in cookies])  # type: ignore[typeddict-item]
        return self._pages[id(browser)]
