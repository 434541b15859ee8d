"""Chromium for stories, and towns to visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from practice.languages import DEFAULT
from practice.speaking import ASKED
from tests.support import served, town
from tests.support.html_checker import HtmlChecker
from tests.support.reader import reading
from tests.support.skips import find_chromium
from tests.support.town import Demo, Town

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or whichever CHROMIUM names."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def html_checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HtmlChecker]:
    """Says what is wrong with a document's HTML; it begins when it is first asked."""
    checker = HtmlChecker(tmp_path_factory.mktemp("html"))
    yield checker
    checker.end()


@pytest.fixture
def language() -> str:
    """What whoever goes through a story reads; a test that is parametrized with another one is told in that."""
    return DEFAULT


@pytest.fixture
def open_page(chromium: Browser, html_checker: HtmlChecker, language: str) -> Iterator[OpenPage]:
    """Opens a page of a new visitor: open_page(home, width=360, scripts=False).

    They read `language`, and so does the story (tests/support/reader.py).

    What lies at `elsewhere`, the one other address that it may lead to, is an empty page.

    At the end nothing may have been asked of any other machine, and no content policy may have been broken.
    """
    complaints: list[str] = []
    with ExitStack() as ends:
        ends.enter_context(reading(language))

        def open_page(
            home: str, *, width: int = 1280, scripts: bool = True, elsewhere: str = "", **options: Any
        ) -> Page:
            context = chromium.new_context(
                base_url=home,
                viewport={"width": width, "height": 800},
                java_script_enabled=scripts,
                timezone_id="America/New_York",
                locale="en-US",
                **options,
            )
            ends.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            if home and language != DEFAULT:
                context.add_cookies([{"name": ASKED, "value": language, "url": home}])
            if elsewhere:
                context.route(f"{elsewhere}**", lambda route: route.fulfill(body="<title>Weather</title>Sunny"))
            context.on(
                "request",
                lambda asked: None if elsewhere and asked.url == elsewhere else _note_foreign(asked.url, complaints),
            )
            page = context.new_page()
            served.watch(page, html_checker)
            page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
            page.on(
                "console",
                lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
            )
            return page

        yield open_page
    assert not complaints, "\n".join(complaints)


def _note_foreign(url: str, complaints: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname not in ("127.0.0.1", "localhost"):
        complaints.append(f"a page asked {parts.netloc} for something")


@pytest.fixture
def here(database_url: str, tmp_path: Path, mail_expected: None) -> Iterator[Town]:
    """A town in this process, whose clock the test moves."""
    with town.build(database_url, tmp_path / "town") as built:
        yield built


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Demo]]:
    """What `make run` starts, for all stories of this run: one for each language, since stories change it."""
    with ExitStack() as ends:

        @cache
        def demo(language: str) -> Demo:
            return ends.enter_context(town.demo(tmp_path_factory.mktemp(f"demo-{language}")))

        yield demo


@pytest.fixture
def demo(demos: Callable[[str], Demo], language: str) -> Demo:
    """The one of whoever goes through this story."""
    return demos(language)
