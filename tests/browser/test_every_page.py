"""Every address that shows a page is looked at in Chromium, in both languages: here, or in test_rare_pages.py.

Here it is opened by whoever may, with what the visitors of tests/web have. Stories look at the same pages on their way,
in more states; nothing here counts on that, so that a story may take another way and no page is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
from flask import Flask
from werkzeug.routing import Rule

from practice import access
from tests.support.looking import Looker, at_home, new_home
from tests.support.rare_pages import FIRST, RARE
from tests.support.story import Practice
from tests.support.visitors import House, Who, fill
from tests.web.test_routes import VISIBLE, address, opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

# Whoever sees the most comes first.
IN_TURN = (Who.CLIENT, Who.CLINICIAN, Who.OWNER, Who.COORDINATOR, Who.ADA, Who.COLLEAGUE, Who.PARTNER, Who.STRANGER)
FILES = {
    "billing.pdf", "booking.times_json", "calendars.download", "calendars.feed", "calendars.open_times",
    "consents.plain", "numbers.picture", "site.healthz", "site.readyz", "site.robots", "site.security_txt",
    "site.sitemap", "staff.two_factor_picture", "staff_documents.pdf", "static", "taxes.export",
}  # fmt: skip
LEAD_ON = {"fees.paid", "more.next_page"}  # to another page, always
IN_RARE_PAGES = {FIRST, *chain(*RARE.values())}


@pytest.fixture
def base_url() -> str:
    return new_home()


@pytest.fixture
def house(practice: Practice, base_url: str) -> Iterator[House]:
    house = fill(practice)
    with at_home(practice.app, base_url):
        yield house


def shut(app: Flask) -> set[str]:
    """What a library would show, and nobody opens."""
    policies = {rule.endpoint: access.policy_of(app, rule.endpoint) for rule in opened(app)}
    return {endpoint for endpoint, policy in policies.items() if policy is not None and policy.name == "shut"}


def elsewhere(app: Flask) -> set[str]:
    return FILES | LEAD_ON | IN_RARE_PAGES | shut(app)


def test_what_nobody_opens_here_is_a_rare_page_or_none(app):
    endpoints = {rule.endpoint for rule in opened(app)}

    assert {endpoint for endpoint in endpoints if not VISIBLE[endpoint]} - elsewhere(app) == set()
    assert elsewhere(app) - endpoints == set()


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_can_be_used_by_everybody(house, open_page, base_url, language):
    app = house.practice.app
    looker = Looker(app, open_page, base_url, language)
    rules = [rule for rule in opened(app) if rule.endpoint not in elsewhere(app)]

    assert [rule.endpoint for rule in rules if not somebody_looks(looker, house, rule)] == []
    assert looker.judge.findings == []


def somebody_looks(looker: Looker, house: House, rule: Rule) -> bool:
    """The first of those who may see it; the others where it leads the first on."""
    who_may = (house.browsers[who] for who in IN_TURN if who in VISIBLE[rule.endpoint])
    return any(looker.look(browser, address(house, rule), rule.endpoint) for browser in who_may)
