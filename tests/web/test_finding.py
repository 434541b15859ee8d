"""What search engines may keep, and what they and whoever shares a link read of it."""

from __future__ import annotations

import json
import re
import struct
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest

from practice.languages import LANGUAGES
from tests.support.intake import answer
from tests.support.offers import ADA
from tests.support.staff import desk
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # words and headers; what they read has tests of its own
FINDABLE = ("/", "/fees", "/privacy", "/schedule", "/articles/repairing-trust", f"/therapists/{ADA}")
HOME = "https://practice.example"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


class Head(HTMLParser):
    """What stands in the head of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.metas[found.get("name") or found.get("property") or ""] = found.get("content", "")
        if tag == "link":
            self.links.append(found)

    def one(self, rel: str, **said: str) -> str:
        """The address of the link that says this."""
        [found] = [link["href"] for link in self.links if link["rel"] == rel and said.items() <= link.items()]
        return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FINDABLE)
def test_a_page_for_everybody_says_what_it_is_and_where_it_stands_in_each_language(
    practice: Practice, path: str, language: str
) -> None:
    answer = practice.browser().get(path, query_string={"lang": language, "from": "elsewhere"})
    head = Head(answer.text)

    plain = HOME + path
    assert "X-Robots-Tag" not in answer.headers
    assert "robots" not in head.metas
    assert 20 < len(head.metas["description"]) <= 200
    assert head.metas["og:description"] == head.metas["description"]
    assert head.one("canonical") == (plain if language == "en" else f"{plain}?lang=es") == head.metas["og:url"]
    assert head.one("alternate", hreflang="es") == f"{plain}?lang=es"
    assert head.one("alternate", hreflang="en") == head.one("alternate", hreflang="x-default") == plain


def test_a_shared_link_shows_a_picture_that_is_there_and_names_nobody(practice: Practice) -> None:
    metas = Head(practice.browser().get("/").text).metas
    picture = practice.browser().get(metas["og:image"].removeprefix(HOME))

    assert picture.mimetype == "image/png"
    size = struct.unpack(">II", picture.data[16:24])  # where a PNG says it: https://www.w3.org/TR/png-3/#11IHDR
    assert size == (int(metas["og:image:width"]), int(metas["og:image:height"])) == (1200, 630)
    assert len(picture.data) < 60_000
    assert metas["og:image:alt"]


@pytest.mark.parametrize(
    "path",
    [f"/times/{ADA}", "/leave", "/nowhere", "/staff/sign-in", "/healthz", f"/therapists/{ADA}x"],
)
def test_no_other_page_may_be_kept(practice: Practice, path: str) -> None:
    answer = practice.browser().get(path)

    assert answer.headers["X-Robots-Tag"] == "noindex"
    if answer.mimetype == "text/html":
        assert Head(answer.text).metas["robots"] == "noindex"


def test_schedule_may_be_kept_as_a_stranger_reads_it_alone(practice: Practice) -> None:
    browser = practice.browser()
    wrong = browser.submit("/schedule", {"email": "no address"}, form="/intake/link")
    assert (wrong.status_code, wrong.headers["X-Robots-Tag"]) == (422, "noindex")
    answer(browser, 1)

    for page in (wrong, browser.get("/schedule")):
        head = Head(page.text)
        assert head.metas["robots"] == "noindex"
        assert "canonical" not in {link["rel"] for link in head.links}


@pytest.mark.parametrize("slug", [ADA, "any"])
def test_open_times_say_what_they_are_although_nobody_may_keep_them(practice: Practice, slug: str) -> None:
    head = Head(practice.browser().get(f"/times/{slug}").text)

    assert head.metas["robots"] == "noindex"
    assert 20 < len(head.metas["description"]) <= 200
    assert "canonical" not in {link["rel"] for link in head.links}


def test_the_robots_are_led_to_the_pages_that_they_may_keep_and_to_no_other(practice: Practice) -> None:
    browser = practice.browser()
    robots = browser.get("/robots.txt").text
    assert f"Sitemap: {HOME}/sitemap.xml" in robots
    assert "Disallow: /" not in robots  # who may not read a page is not told to forget it

    sitemap = ET.fromstring(browser.get("/sitemap.xml").data)
    listed = [url.findtext("s:loc", namespaces=NAMES) for url in sitemap]
    assert {f"{HOME}{path}" for path in FINDABLE} <= set(listed)
    for url in sitemap:
        assert {link.get("hreflang") for link in url.findall("x:link", NAMES)} == set(LANGUAGES)
    for address in listed:
        answer = practice.browser().get(str(address).removeprefix(HOME))
        assert answer.status_code == 200, address
        assert Head(answer.text).one("canonical") == address


def known(page: str) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(data)


def test_machines_read_what_the_practice_is_and_nothing_can_leave_its_place(practice: Practice) -> None:
    name = 'Quiet </script><script>alert("x")</script> & Co'
    desk(practice, "owner").submit("/staff/setup/practice", {"name": name})

    page = practice.browser().get("/").text
    found = known(page)

    assert (found["@type"], found["name"], found["url"]) == ("MedicalBusiness", name, f"{HOME}/")
    assert {"Ada Lindqvist"} <= {person["name"] for person in found["employee"]}
    assert all(re.fullmatch(r"\d+(\.\d\d)?", offer["price"]) for offer in found["makesOffer"])
    assert found["potentialAction"]["target"] == f"{HOME}/schedule"
    assert "<script>alert" not in page


def test_machines_read_what_an_article_is_in_its_language(practice: Practice) -> None:
    found = known(practice.browser().get("/articles/repairing-trust?lang=es").text)

    assert (found["@type"], found["inLanguage"]) == ("Article", "es")
    assert found["headline"].startswith("Cómo se gasta la confianza")
