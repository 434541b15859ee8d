"""What somebody may try who is signed in as somebody else: every form, every visitor, made from the table of routes.

security.md's list of abuse, 1 to 5, 7 and 12. Who may open a page is said in test_routes.py; what a form without a
page of its own may do for whom is said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from practice.booking.models import Booking
from practice.booking.offers.models import Offering
from practice.database import db
from practice.staff.models import account_role
from tests.support.browsing import Browser, forms_of
from tests.support.staff import without_tokens
from tests.support.visitors import House, Who, fill
from tests.web.test_routes import (
    CLIENTS,
    EVERYBODY,
    NOBODY,
    OWNER,
    READERS,
    STAFF,
    THE_CLIENT,
    VISIBLE,
    address,
    rows_of,
    sent,
)

pytestmark = pytest.mark.databases("sqlite")  # what counts is decided before the database; its own tests run on both

# Who may send a form that has no page at the same address. Everybody else meets 404, or staff's sign-in.
TILL = frozenset({Who.COORDINATOR, Who.OWNER})
THERAPISTS = frozenset({Who.ADA, Who.NOOR})
HER_THERAPIST = frozenset({Who.ADA})
SETS_HOURS = frozenset({Who.ADA, Who.COORDINATOR, Who.OWNER})  # Ada her own
SEES_SESSION = STAFF - {Who.NOOR}
SENT_BY: dict[str, frozenset[Who]] = {
    "access.ask": CLIENTS,
    "access.read": NOBODY,
    "access.take_back": CLIENTS,
    "agreements.install": OWNER,
    "audit.check": OWNER,
    "audit.export": OWNER,
    "billing.make": NOBODY,
    "booking.hold": NOBODY,
    "busy_calendars.accept_empty": NOBODY,
    "busy_calendars.read_now": NOBODY,
    "calendar_accounts.change_password": NOBODY,
    "calendar_accounts.check": NOBODY,
    "calendar_accounts.choose": NOBODY,
    "calendar_accounts.connect": THERAPISTS,
    "calendar_accounts.read": NOBODY,
    "calendars.change": HER_THERAPIST,
    "calendars.end": HER_THERAPIST,
    "calendars.issue": THERAPISTS,
    "calendars.issue_for_practice": OWNER,
    "calendars.renew": HER_THERAPIST,
    "catalogue.archive": NOBODY,
    "catalogue.retire_room": NOBODY,
    "catalogue.unarchive": NOBODY,
    "catalogue.use_room_again": NOBODY,
    "connections.save_mail": OWNER,
    "connections.save_stripe": OWNER,
    "connections.take_away": NOBODY,
    "connections.try_mail": OWNER,
    "connections.try_stripe": OWNER,
    "couples.clear": NOBODY,
    "couples.take_back": NOBODY,
    "duty.dates": READERS,
    "duty.end": NOBODY,
    "duty.week": READERS,
    "editions.discard": OWNER,
    "editions.publish": OWNER,
    "editions.remove_instrument": NOBODY,
    "editions.restore": NOBODY,
    "fee_desk.ask": TILL,
    "fee_desk.drop": TILL,
    "fee_desk.give_back": TILL,
    "first_run.claim": NOBODY,
    "first_run.regain": NOBODY,
    "first_run.name_practice": NOBODY,
    "health.ask": OWNER,
    "intake.close": EVERYBODY,
    "intake.link": EVERYBODY,
    "joining.as_client": EVERYBODY,
    "joining.as_new": EVERYBODY,
    "joining.decline": EVERYBODY,
    "letters.discard": NOBODY,
    "letters.publish": NOBODY,
    "letters.restore": NOBODY,
    "letters.send_sample": NOBODY,
    "lines.shipped": OWNER,
    "moving.confirm": THE_CLIENT,
    "notes.add": NOBODY,
    "notes.discard": NOBODY,
    "numbers.export": READERS,
    "opening.note_open": OWNER,
    "partners.alone": CLIENTS,
    "partners.code": CLIENTS,
    "partners.keep": CLIENTS,
    "partners.mail": NOBODY,
    "partners.resume": CLIENTS,
    "partners.share": CLIENTS,
    "partners.together": CLIENTS,
    "partners.withdraw": CLIENTS,
    "passkeys.remove": NOBODY,
    "payments.estimates.go_on": THE_CLIENT,
    "people.accept": NOBODY,
    "people.end": OWNER,
    "people.end_session": OWNER,
    "people.invite": OWNER,
    "people.invite_again": NOBODY,
    "people.new_password": OWNER,
    "people.open_again": OWNER,
    "people.roles": OWNER,
    "people.take_back": NOBODY,
    "people.take_factors_away": OWNER,
    "portal.take_back": NOBODY,
    "prices.add_step": OWNER,
    "prices.archive_step": NOBODY,
    "prices.put_on_step": TILL,
    "prices.set_price": TILL,
    "pulse.save": NOBODY,
    "questions.move": OWNER,
    "questions.move_section": OWNER,
    "questions.switch_off": OWNER,
    "questions.switch_on": OWNER,
    "questions.take_back": NOBODY,
    "records.save": OWNER,
    "referrals.end": NOBODY,
    "registrations.save_offering": NOBODY,
    "registrations.save_practice": OWNER,
    "registrations.save_therapist": OWNER,
    "reminding.choose": NOBODY,
    "return_code.come_back": EVERYBODY,
    "return_code.renew": CLIENTS,
    "return_code.withdraw": CLIENTS,
    "review.accept": READERS,
    "review.called": READERS,
    "review.glass.end": NOBODY,
    "review.hand_over": READERS,
    "review.paper": READERS | {Who.COORDINATOR},
    "review.pulses.spoken": NOBODY,
    "review.queue.first": NOBODY,
    "review.queue.give": READERS,
    "review.queue.remove": STAFF,
    "review.queue.rename": STAFF,
    "review.queue.save": STAFF,
    "review.queue.usual": STAFF,
    "review.read": READERS,
    "review.take": READERS,
    "review.take_back": READERS,
    "rights.ask": CLIENTS,
    "rights.take": CLIENTS,
    "rights.take_back": CLIENTS,
    "rights_desk.access.check": NOBODY,
    "rights_desk.access.enter": READERS,
    "rights_desk.access.extend": NOBODY,
    "rights_desk.access.take_back": NOBODY,
    "rights_desk.deciding.decide": NOBODY,
    "rights_desk.deciding.save": NOBODY,
    "rights_desk.erase": READERS,
    "rights_desk.export": NOBODY,
    "rights_desk.hold": READERS,
    "rights_desk.lift": READERS,
    "rights_desk.refuse": READERS,
    "schedule.book.known": NOBODY,
    "schedule.book.reserve_known": NOBODY,
    "schedule.book.reserve_new": NOBODY,
    "schedule.calendar_questions.answer": NOBODY,
    "schedule.collisions.leave": NOBODY,
    "schedule.sessions.attendance": SEES_SESSION,
    "schedule.sessions.cancel": SEES_SESSION,
    "schedule.sessions.let_go": SEES_SESSION,
    "security.logout": EVERYBODY,
    "security.two_factor_setup_validate": NOBODY,
    "setup.add_day": SETS_HOURS,
    "setup.add_time_off": SETS_HOURS,
    "setup.preferences": SETS_HOURS,
    "setup.remove_day": NOBODY,
    "setup.remove_time_off": NOBODY,
    "setup.weekly": SETS_HOURS,
    "staff.choose_language": STAFF,
    "staff.end_others": STAFF,
    "staff.end_session": STAFF,
    "staff.end_sessions": STAFF,
    "staff_documents.diagnosis": frozenset({Who.ADA, Who.CLINICIAN}),
    "staff_documents.make": NOBODY,
    "stops.leave": EVERYBODY,
    "taxes.rate": OWNER,
    "taxes.read": TILL,
    "therapists.back": OWNER,
    "therapists.retire": OWNER,
    "till.give_back": TILL,
    "till.look": TILL,
    "till.settle_stray": TILL,
    "waiting.withdraw": NOBODY,
}
# To the same page in another language, with what stands behind it.
SWITCH = re.compile(r'<a href="[^"]*" hreflang="| formaction="[^"]*" formnovalidate name="only_language"')
OTHER_AT_EACH_LOOK = {"audit.log", "passkeys.new"}  # the log tells of the look before, a passkey needs a new challenge
SIGNED = {"payments.webhook.receive"}  # not a form: its signature speaks for it
LOOKED_FOR = {
    "role": "owner",
    "roles": "owner",
    "is_admin": "1",
    "status": "confirmed",
    "state": "confirmed",
    "price": "1",
    "price_minor": "1",
    "amount": "1",
    "therapist_id": "2",
    "person_id": "2",
    "account_id": "1",
    "fields": "private",
    "output": "json",
    "debug": "1",
    "_method": "POST",
}
ENDS_THE_VISIT = {"/staff/sign-out", "/staff/account/end-sessions", "/leave"}


@pytest.fixture
def house(practice) -> House:
    return fill(practice)


def token_of(browser: Browser, *pages: str) -> str:
    """The token of the first of these pages that opens."""
    texts = (answer.text for page in pages if (answer := browser.get(page)).status_code == 200)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', next(texts))
    assert found, f"{pages} have no form"
    return found[1]


def token_for(rule: Rule, browser: Browser) -> str:
    """A token that fits: staff's pages and clients' know different cookies."""
    pages = ("/staff/account", "/staff/sign-in") if rule.rule.startswith("/staff") else ("/intake/part-1",)
    return token_of(browser, *pages)


def may_send(rule: Rule) -> frozenset[Who]:
    return SENT_BY[rule.endpoint] if rule.endpoint in SENT_BY else VISIBLE[rule.endpoint]


def refuses(rule: Rule, answer: TestResponse) -> bool:
    """404, or the way to the sign-in; and at staff's own doors whoever has no business there is led away."""
    led_away = rule.endpoint.startswith(("security.", "passkeys.", "review.glass.")) or "/staff/sign-in" in (
        answer.location or ""
    )
    return answer.status_code == 404 or (answer.status_code in (302, 303) and led_away)


def forms(house: House) -> Iterator[Rule]:
    return (rule for rule in sent(house.practice.app) if rule.endpoint not in SIGNED)


def test_every_form_without_a_page_of_its_own_says_who_may_send_it(house):
    alone = {rule.endpoint for rule in forms(house)} - set(VISIBLE)

    assert alone == set(SENT_BY)


def test_a_form_that_is_not_theirs_does_not_exist_for_anybody_and_changes_nothing(house):
    before = rows_of(house.practice.app)
    wrong = []
    for rule in forms(house):
        for who, browser in house.browsers.items():
            if who not in may_send(rule):
                answer = browser.post(address(house, rule), data={"csrf_token": token_for(rule, browser)})
                if not refuses(rule, answer):
                    wrong.append(f"{who}: {rule.endpoint} answered {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert rows_of(house.practice.app) == before


def test_what_stands_behind_an_address_adds_nothing_to_what_somebody_sees(house):
    wrong = []
    for rule in house.practice.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in OTHER_AT_EACH_LOOK:
            continue
        for who, browser in house.browsers.items():
            path = address(house, rule)
            longer = path + ("&" if "?" in path else "?") + urlencode(LOOKED_FOR)
            if seen(browser, longer) != seen(browser, path) != seen(browser, longer):  # the first may say goodbye
                wrong.append(f"{who}: {rule.endpoint}")

    assert not wrong, "\n".join(wrong)


def seen(browser: Browser, path: str) -> tuple[int, str]:
    answer = browser.get(path)
    return answer.status_code, SWITCH.sub("", without_tokens(answer.text))


def protected(app) -> list[tuple[object, ...]]:
    """What no form of these visitors may move: who has which role, what was agreed to, and what is asked for it."""
    with app.app_context():
        return [
            *db.session.execute(select(account_role.c.account_id, account_role.c.role_id)),
            *db.session.execute(select(Booking.id, Booking.price_minor, Booking.therapist_id, Booking.person_id)),
            *db.session.execute(select(Offering.slug, Offering.price_minor)),
        ]


def test_fields_that_a_form_does_not_have_are_ignored(house):
    before = protected(house.practice.app)
    counted = 0
    for rule in house.practice.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        for browser in house.browsers.values():
            page = browser.get(address(house, rule))
            if page.status_code != 200 or page.mimetype != "text/html":
                continue
            for form in forms_of(page.text):
                target = form.action or page.request.full_path
                if form.method == "post" and target.partition("?")[0] not in ENDS_THE_VISIT:
                    answer = browser.post(target, data={**LOOKED_FOR, **form.fields})
                    assert answer.status_code < 500, f"{rule.endpoint}: {target}"
                    counted += 1

    assert counted > 100
    after = protected(house.practice.app)
    assert [row for row in before if row not in after] == []
    assert house.practice.breaches() == []
