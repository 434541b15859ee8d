"""The practice's other sites: who may frame our small pages, what they show, and what the owner copies for them."""

from __future__ import annotations

import html
import re

import pytest

from practice.profile import profile
from tests.support.offers import ADA
from tests.support.staff import audit, desk, in_order
from tests.support.story import Practice

PAGE = "/staff/setup/own-site"
SMALL = (
    "/embed/en/button",
    "/embed/es/times?lang=es",
    f"/embed/en/times?therapist={ADA}",
    "/embed/en/times?therapist=left",
)


def ancestors(answer) -> str:
    parts = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    return parts["frame-ancestors"]


def test_nobody_may_frame_anything_until_the_owner_says_who(practice: Practice) -> None:
    for path in SMALL:
        assert ancestors(practice.browser().get(path)) == "'none'"


def test_the_sites_that_the_owner_names_may_frame_the_small_pages_and_nothing_else(practice: Practice) -> None:
    owner = desk(practice, "owner")
    typed = "https://www.lantern.example/contact?x=1\n\n https://Lantérn.example:8443 \nhttps://www.lantern.example"
    assert owner.submit(PAGE, {"origins": typed}).status_code == 302

    stranger = practice.browser()
    for path in SMALL:
        answer = stranger.get(path)
        assert ancestors(answer) == "https://www.lantern.example https://xn--lantrn-eva.example:8443"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Robots-Tag"] == "noindex"
    for path in ("/", "/schedule", f"/times/{ADA}", "/embed/fr/button", PAGE):
        assert ancestors(stranger.get(path)) == "'none'"
    assert [(action, subject) for _, action, subject in audit(practice, "own_sites_saved")] == [
        ("own_sites_saved", "practice")
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "http://lantern.example",
        "lantern.example",
        "https://*.example.org",
        "https://lantern.example; script-src *",
        "https://lantern",
        "https://lantern.example 'self'",
        "https://user@lantern.example",
        "https://lantern.example:99999",
        "\x01https://lantern.example",
        "\n".join(f"https://site-{n}.lantern.example" for n in range(60)),
    ],
)
def test_what_is_no_site_is_refused_and_nothing_is_changed(practice: Practice, typed: str) -> None:
    owner = desk(practice, "owner")
    owner.submit(PAGE, {"origins": "https://www.lantern.example"})

    refused = owner.submit(PAGE, {"origins": typed})

    assert refused.status_code == 422
    assert 'href="#origins"' in refused.text
    assert typed.strip().splitlines()[-1].strip("\x01") in html.unescape(refused.text)
    with practice.app.app_context():
        assert profile().embed_origins == "https://www.lantern.example"


def test_two_owners_do_not_overwrite_each_other(practice: Practice) -> None:
    owner = desk(practice, "owner")
    page = owner.get(PAGE).text
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)[1]
    owner.submit(PAGE, {"origins": "https://www.lantern.example"})

    late = owner.submit(PAGE, {"origins": "https://other.example", "seen": seen})

    assert late.status_code == 409
    with practice.app.app_context():
        assert profile().embed_origins == "https://www.lantern.example"


def test_the_open_times_lead_to_our_own_page_with_the_time_chosen(practice: Practice) -> None:
    stranger = practice.browser()
    page = stranger.get("/embed/es/times").text

    assert '<html lang="es">' in page
    assert "Próximas horas libres" in page
    assert '<base target="_top">' in page
    addresses = [html.unescape(one) for one in re.findall(r'<a href="(/times/[^"]+)"', page)]
    assert len(addresses) == 5
    answer = stranger.get(addresses[0])
    assert answer.status_code == 200
    assert '<html lang="es">' in answer.text
    assert 'id="chosen"' in answer.text


def test_a_language_cookie_says_nothing_to_a_frame(practice: Practice) -> None:
    browser = practice.browser()
    browser.get("/?lang=es")
    assert '<html lang="en">' in browser.get("/embed/en/button").text


def test_what_the_owner_copies_is_what_is_served(practice: Practice) -> None:
    owner = desk(practice, "owner")
    lines = [html.unescape(one) for one in re.findall(r"readonly[^>]*>(.*?)</textarea>", owner.get(PAGE).text, re.S)]

    assert len(lines) == 6
    assert re.findall(r'<label for="\w+-es">([^<]+)', owner.get(PAGE).text) == [
        "Link, in Spanish",
        "Button, in Spanish",
        "Next open times, in Spanish",
    ]
    assert any('title="Reservar una sesión"' in line for line in lines)
    for line in lines:
        address = re.search(r'(?:href|src)="https://practice\.example([^"]+)"', line)[1]
        assert practice.browser().get(address).status_code == 200
        assert "<script" not in line


def test_the_sites_that_may_are_asked_for_before_the_lines_that_need_them(practice: Practice) -> None:
    page = desk(practice, "owner").get(PAGE).text

    assert in_order(page, ['id="link-en"', 'id="origins"', 'id="button-en"', 'id="times-es"'])
