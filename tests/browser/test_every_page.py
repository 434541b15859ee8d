"""Every address that shows a page is looked at in Chromium: here, or in a story, or it is named with a reason.

Here it is opened by whoever may, with what the visitors of tests/web have; the states of a page belong to the stories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.routing import Rule

from tests.browser.test_axe import STAFF_PAGES
from tests.browser.test_pictures import DESK, PUBLIC
from tests.support import town
from tests.support.browsing import Browser
from tests.support.pictures import Inspector
from tests.support.story import Practice
from tests.support.visitors import House, Who, fill
from tests.web.test_routes import VISIBLE, address, opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

OpenPage = Callable[..., Page]

# Whoever sees the most comes first.
IN_TURN = (Who.CLIENT, Who.CLINICIAN, Who.OWNER, Who.COORDINATOR, Who.ADA, Who.COLLEAGUE, Who.PARTNER, Who.STRANGER)
FILES = {
    "access.whole", "billing.pdf", "booking.times_json", "calendars.download", "calendars.feed", "calendars.open_times",
    "consents.plain", "numbers.picture", "site.healthz", "site.readyz", "site.robots", "site.security_txt",
    "site.sitemap",
    "staff.two_factor_picture", "staff_documents.pdf", "static", "taxes.export",
}  # fmt: skip
LED_ELSEWHERE = {"agreeing.agree", "intake.part", "more.next_page"}
IN_STORIES = {
    "test_axe.py": {
        "agreements.document", "agreements.write", "contact.contact", "couples.call_off", "couples.couple",
        "couples.flag", "fees.card", "intake.alone", "intake.come_back", "intake.link_sent", "joining.come",
        "joining.declined", "joining.join", "joining.welcome", "more.alone", "more.check", "more.later", "more.page",
        "more.place", "more.support", "partners.invite", "partners.leave", "partners.pause", "portal.agreed",
        "portal.consent", "portal.you", "pulse.pulse", "reminding.stop", "return_code.own", "review.intake",
        "review.intakes", "review.private", "review.pulses.pulse", "rights.data", "rights.erasure",
        "rights_desk.person", "stops.later", "stops.youth",
    },
    "test_pictures.py": {
        "billing.document", "billing.documents", "booking.booking", "booking.cancel", "calendars.calendar",
        "correct.answers", "correct.change", "intake.check", "intake.support", "intake.times", "moving.move",
        "payments.pay", "review.corrections.correct", "review.decline", "review.today", "security.login",
        "waiting.wishes",
    },
    "test_busy_calendars.py": {"busy_calendars.add", "busy_calendars.calendar", "busy_calendars.overview",
        "busy_calendars.take_away"},
    "test_first_run.py": {"connections.overview", "first_run.begin", "health.findings", "opening.items",
        "practice_pages.booking", "practice_pages.practice", "records.terms", "therapists.about", "therapists.new"},
    "test_glass.py": {"review.glass.open_up", "review.glass.opened"},
    "test_notes.py": {"notes.about_couple", "notes.drafts", "notes.note"},
    "test_numbers.py": {"audit.log", "numbers.desk", "numbers.money", "numbers.people"},
    "test_own_calendars.py": {"calendar_accounts.account", "calendar_accounts.accounts", "calendars.one_feed",
        "calendars.practice_calendar", "schedule.calendar_questions.question",
        "schedule.calendar_questions.questions", "schedule.collisions.collisions"},
    "test_own_letters.py": {"letters.letter", "letters.overview", "letters.preview"},
    "test_requests_desk.py": {"review.printing.page", "review.queue.views"},
    "test_staff_accounts.py": {"passkeys.new", "passkeys.sign_in", "people.people", "people.person", "people.welcome"},
}  # fmt: skip
# What comes about only in longer stories than are told in the browser so far. Its words and forms are in tests/web.
NOT_LOOKED_AT = {
    "agreements.switch": "test_agreement_pages.py",
    "calendar_accounts.disconnect": "test_calendar_accounts.py",
    "connections.ask_to_take_away": "test_connection_pages.py",
    "consents.text": "test_own_agreements.py",
    "couples.own_flag": "test_couple_pages.py",
    "fees.fee": "test_fee_pages.py",
    "questions.own": "test_question_pages.py",
    "referrals.change": "test_closing.py",
    "rights_desk.access.request": "test_access_pages.py",
    "rights_desk.deciding.preview": "test_access_pages.py",
    "rights_desk.deciding.review": "test_access_pages.py",
    "schedule.sessions.call_off": "test_schedule_sessions.py",
    "schedule.unblock": "test_schedule_week.py",
    "schedule.withdraw": "test_waiting_list.py",
    "security.mf_recovery": "test_staff_two_factor.py",
    "security.tf_select": "test_staff_two_factor.py",
    "security.two_factor_rescue": "test_staff_two_factor.py",
    "security.two_factor_token_validation": "test_staff_two_factor.py",
    "staff_documents.document": "test_document_pages.py",
    "till.settle": "test_money_pages.py",
}


@pytest.fixture
def base_url() -> str:
    return f"http://{town.HOST}:{town.free_ports(1)}"


@pytest.fixture
def house(practice: Practice, base_url: str) -> Iterator[House]:
    house = fill(practice)
    with town.served(practice.app, int(base_url.rpartition(":")[2])):
        yield house


def told(app: Flask) -> set[str]:
    """The endpoints that stories look at."""
    addresses = app.url_map.bind(town.HOST)
    plain = {path.partition("?")[0] for path in (PUBLIC | DESK | STAFF_PAGES).values()}
    return {addresses.match(path)[0] for path in plain if addresses.test(path)}.union(*IN_STORIES.values())


def elsewhere(app: Flask) -> set[str]:
    return FILES | LED_ELSEWHERE | told(app) | set(NOT_LOOKED_AT)


def test_every_address_is_looked_at_or_named_with_a_reason(app):
    endpoints = {rule.endpoint for rule in opened(app)}
    here = {endpoint for endpoint in endpoints if VISIBLE[endpoint]} - elsewhere(app)

    assert endpoints - here - elsewhere(app) == set()
    assert elsewhere(app) - endpoints == set()
    assert set(NOT_LOOKED_AT) & told(app) == set()


def test_every_story_and_reason_is_there():
    browser, web = (Path(__file__).parents[1] / name for name in ("browser", "web"))

    assert [name for name in IN_STORIES if not (browser / name).is_file()] == []
    assert [name for name in NOT_LOOKED_AT.values() if not (web / name).is_file()] == []


def test_what_no_story_looks_at_can_be_used_by_everybody(house, open_page, base_url):
    app = house.practice.app
    judge = looked_at([rule for rule in opened(app) if rule.endpoint not in elsewhere(app)], house, open_page, base_url)

    assert len(judge.seen) > 30
    assert judge.findings == []


def test_every_page_can_be_used_by_everybody_in_spanish(house, open_page, base_url):
    pages = [rule for rule in opened(house.practice.app) if rule.endpoint not in FILES | LED_ELSEWHERE]
    judge = looked_at(pages, house, open_page, base_url, language="es")

    assert len(judge.seen) > 100
    assert judge.findings == []


def looked_at(
    rules: Iterable[Rule], house: House, open_page: OpenPage, base_url: str, language: str = "en"
) -> Inspector:
    """The pages that somebody may see, each by whoever sees the most of it."""
    judge, pages = Inspector(), dict[Who, Page]()
    for rule in rules:
        may = VISIBLE[rule.endpoint]
        if not may:
            continue
        who = next(one for one in IN_TURN if one in may)
        if who not in pages:
            pages[who] = open_page(base_url)
            at_home(pages[who], house.browsers[who])
            pages[who].context.add_cookies([{"name": "lang", "value": language, "path": "/", "domain": town.HOST}])
        pages[who].goto(address(house, rule))
        judge.judge(pages[who], f"{rule.endpoint}-{language}")
    return judge


def at_home(page: Page, browser: Browser) -> None:
    """Whoever is signed in there is signed in here."""
    cookies = [{"name": one.key, "value": one.value, "path": one.path} for one in browser._cookies.values()]
    page.context.add_cookies([{**one, "domain": town.HOST} for one in cookies])
