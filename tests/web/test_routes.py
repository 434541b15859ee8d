"""Every address, every visitor: who gets in, what the answer carries, and that no form works without its token."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from practice import access
from practice.audit import AuditEntry
from practice.database import Model, db
from practice.staff.models import StaffSession
from tests.support.visitors import House, Who, fill

pytestmark = pytest.mark.databases("sqlite")  # what counts is decided before the database; its own tests run on both

EVERYBODY = frozenset(Who)
CLIENTS = frozenset({Who.CLIENT, Who.OTHER_CLIENT, Who.PARTNER})
WHO_COMES = frozenset({Who.CLIENT, Who.PARTNER})  # to the session that the client booked and that stands
THE_CLIENT = frozenset({Who.CLIENT})
STAFF = frozenset({Who.ADA, Who.NOOR, Who.COORDINATOR, Who.CLINICIAN, Who.COLLEAGUE, Who.OWNER})
OWNER = frozenset({Who.OWNER})
READERS = frozenset({Who.CLINICIAN, Who.COLLEAGUE, Who.OWNER})
NOBODY: frozenset[Who] = frozenset()

# Every address that can be opened, and who gets something from it. Everybody else meets 404, or staff's sign-in.
VISIBLE: dict[str, frozenset[Who]] = {
    "agreeing.agree": EVERYBODY,
    "agreements.document": NOBODY,  # there are none; tests/web/test_agreement_pages.py opens some
    "agreements.overview": OWNER,
    "agreements.switch": NOBODY,
    "agreements.write": NOBODY,
    "letters.letter": NOBODY,  # there is none of this key; tests/web/test_letter_pages.py opens some
    "letters.overview": OWNER,
    "letters.preview": NOBODY,
    "consents.plain": NOBODY,
    "consents.text": NOBODY,
    "billing.document": NOBODY,  # there is none; tests/web/test_document_pages.py opens some
    "billing.documents": THE_CLIENT,
    "billing.pdf": NOBODY,
    "booking.booking": THE_CLIENT,
    "booking.cancel": THE_CLIENT,
    "moving.move": THE_CLIENT,
    "waiting.wishes": CLIENTS,
    "booking.therapist": EVERYBODY,
    "booking.times": EVERYBODY,
    "booking.times_json": EVERYBODY,
    "calendar_accounts.account": NOBODY,  # nobody connected one; tests/web/test_calendar_accounts.py opens some
    "calendar_accounts.accounts": frozenset({Who.ADA, Who.NOOR}),
    "calendar_accounts.disconnect": NOBODY,
    "busy_calendars.add": frozenset({Who.ADA, Who.NOOR}),
    "busy_calendars.calendar": NOBODY,  # there is none; tests/web/test_busy_calendar_pages.py opens some
    "busy_calendars.overview": frozenset({Who.ADA, Who.NOOR}),
    "busy_calendars.take_away": NOBODY,
    "calendars.calendar": frozenset({Who.ADA, Who.NOOR}),  # whose sessions it shows
    "calendars.download": WHO_COMES,
    "calendars.feed": EVERYBODY,  # whoever knows the secret in it
    "calendars.one_feed": frozenset({Who.ADA}),  # whose it is
    "calendars.open_times": EVERYBODY,
    "calendars.practice_calendar": OWNER,
    "intake.alone": EVERYBODY,
    "intake.check": EVERYBODY,
    "intake.come_back": EVERYBODY,  # whoever knows the secret in it; it asks for the code
    "stops.about_leaving": EVERYBODY,
    "stops.later": EVERYBODY,
    "intake.link_sent": EVERYBODY,
    "intake.part": EVERYBODY,
    "correct.answers": CLIENTS,
    "request.own": CLIENTS,  # it asks for the code
    "request.take_back": CLIENTS,
    "correct.change": THE_CLIENT,  # it asks for the code
    "more.alone": EVERYBODY,
    "more.check": EVERYBODY,
    "more.later": EVERYBODY,
    "more.next_page": EVERYBODY,
    "more.page": EVERYBODY,
    "more.place": EVERYBODY,
    "more.support": EVERYBODY,
    "return_code.own": CLIENTS,
    "stops.places": EVERYBODY,
    "intake.schedule": EVERYBODY,
    "intake.support": EVERYBODY,
    "intake.times": CLIENTS,
    "stops.youth": EVERYBODY,
    "fees.card": CLIENTS,
    "fees.fee": NOBODY,  # there is none
    "fees.paid": THE_CLIENT,
    "joining.come": EVERYBODY,  # whoever knows the secret in it
    "joining.declined": EVERYBODY,
    "joining.join": EVERYBODY,
    "joining.welcome": EVERYBODY,
    "partners.invite": CLIENTS,  # who may not is led home
    "partners.leave": CLIENTS,
    "partners.pause": CLIENTS,
    "payments.estimates.estimate": THE_CLIENT,
    "payments.paid": THE_CLIENT,
    "payments.pay": THE_CLIENT,
    "portal.agreed": CLIENTS,
    "portal.consent": NOBODY,  # there is none; tests/web/test_own_agreements.py opens some
    "couples.call_off": NOBODY,  # there is no couple; tests/web/test_couple_pages.py opens one
    "couples.couple": NOBODY,
    "couples.couples": STAFF - {Who.COORDINATOR},
    "couples.flag": NOBODY,
    "couples.own_flag": NOBODY,
    "passkeys.new": STAFF,
    "passkeys.sign_in": NOBODY,  # between password and second factor alone
    "people.people": OWNER,
    "people.person": OWNER,
    "people.welcome": NOBODY,  # whoever knows the secret in it; tests/web/test_staff_people.py
    "portal.you": CLIENTS,
    "editions.draft": READERS,
    "editions.instruments": READERS,
    "editions.preview": READERS,
    "questions.new": OWNER,
    "questions.own": NOBODY,  # there is none
    "questions.question": OWNER,
    "questions.questions": READERS,
    "questions.section": OWNER,
    "connections.ask_to_take_away": NOBODY,  # nothing is set; tests/web/test_connection_pages.py takes some away
    "connections.overview": OWNER,
    "first_run.begin": NOBODY,  # there is an owner; tests/web/test_first_run.py begins
    "health.findings": OWNER,
    "opening.items": OWNER,
    "own_site_pages.own_site_page": OWNER,
    "practice_pages.booking": OWNER,
    "practice_pages.practice": OWNER,
    "records.terms": OWNER,
    "registrations.numbers": OWNER,
    "therapists.about": OWNER,
    "therapists.ask_to_retire": OWNER,
    "therapists.new": OWNER,
    "therapists.retired": OWNER,
    "contact.contact": CLIENTS,
    "desk.hours": OWNER,
    "design.page": STAFF,
    "lines.line": OWNER,
    "lines.lists": OWNER,
    "duty.duty": READERS,
    "pulse.pulse": CLIENTS,
    "reminding.stop": NOBODY,  # whoever knows the secret in it, which is another than that of the way back
    "notes.about_couple": NOBODY,  # they are no couple; tests/web/test_note_pages.py opens some
    "notes.about_person": frozenset({Who.ADA, Who.CLINICIAN, Who.OWNER}),
    "notes.drafts": STAFF - {Who.COORDINATOR},
    "notes.note": NOBODY,  # nobody wrote any
    "review.corrections.correct": frozenset({Who.ADA, Who.CLINICIAN}),
    "review.corrections.correct_private": frozenset({Who.CLINICIAN}),
    "review.decline": frozenset({Who.CLINICIAN, Who.OWNER}),
    "review.glass.open_up": frozenset({Who.COLLEAGUE}),  # for whom there is something that only a reason opens
    "review.glass.opened": STAFF - {Who.COORDINATOR},
    "review.intake": STAFF - {Who.NOOR},
    "review.deciding.accept_for": frozenset({Who.CLINICIAN, Who.OWNER}),
    "review.deciding.ask": frozenset({Who.CLINICIAN, Who.OWNER}),
    "review.deciding.call": frozenset({Who.CLINICIAN, Who.OWNER}),
    "review.deciding.refer": frozenset({Who.CLINICIAN, Who.OWNER}),
    "review.deciding.withdrawn": frozenset({Who.CLINICIAN, Who.OWNER}),
    "referrals.change": NOBODY,  # there is none; tests/web/test_referrals.py opens some
    "referrals.listed": OWNER,
    "referrals.new": OWNER,
    "review.intakes": STAFF,
    "review.printing.page": STAFF - {Who.NOOR},
    "review.private": frozenset({Who.CLINICIAN}),
    "review.pulses.calls": READERS - {Who.OWNER},
    "review.pulses.pulse": frozenset({Who.ADA, Who.CLINICIAN, Who.OWNER}),
    "review.queue.views": STAFF,
    "review.sessions": STAFF,
    "review.today": STAFF,
    "access.asking": CLIENTS,
    "access.whole": CLIENTS,
    "rights.data": CLIENTS,
    "rights.erasure": CLIENTS,
    "rights_desk.access.entering": frozenset({Who.CLINICIAN, Who.OWNER}),
    "rights_desk.access.request": NOBODY,  # nobody asked; tests/web/test_access_pages.py opens some
    "rights_desk.deciding.preview": NOBODY,
    "rights_desk.deciding.review": NOBODY,
    "rights_desk.person": frozenset({Who.CLINICIAN, Who.OWNER}),
    "rights_desk.requests": READERS,
    "security.change_password": STAFF,
    "security.login": EVERYBODY - STAFF,  # who is signed in is led home
    "security.mf_recovery": NOBODY,  # between password and second factor alone
    "security.mf_recovery_codes": STAFF,
    "security.tf_select": NOBODY,
    "security.two_factor_rescue": NOBODY,
    "security.two_factor_setup": STAFF,
    "security.two_factor_token_validation": NOBODY,
    "security.verify": STAFF,
    "catalogue.new_offering": OWNER,
    "catalogue.new_room": frozenset({Who.COORDINATOR, Who.OWNER}),
    "catalogue.offering": OWNER,
    "catalogue.offerings": OWNER,
    "catalogue.room": frozenset({Who.COORDINATOR, Who.OWNER}),
    "catalogue.rooms": frozenset({Who.COORDINATOR, Who.OWNER}),
    "schedule.block": STAFF,
    "schedule.book.choose": STAFF,
    "schedule.calendar_questions.question": NOBODY,  # nothing was moved outside
    "schedule.calendar_questions.questions": STAFF,
    "schedule.explain": STAFF,
    "schedule.sessions.call_off": NOBODY,  # it doesn't stand
    "schedule.sessions.move": STAFF - {Who.NOOR},
    "schedule.sessions.session": STAFF - {Who.NOOR},
    "schedule.unblock": NOBODY,  # there is no blocked time
    "schedule.waiting_list": STAFF - {Who.ADA, Who.NOOR},
    "schedule.week": STAFF,
    "schedule.collisions.collisions": STAFF,
    "schedule.withdraw": NOBODY,  # nobody waits
    "setup.hours": frozenset({Who.ADA, Who.COORDINATOR, Who.OWNER}),  # Ada's own
    "setup.therapist": OWNER,
    "setup.therapists": STAFF - {Who.CLINICIAN, Who.COLLEAGUE},  # who has hours of their own, or sets everybody's
    "prices.client": frozenset({Who.COORDINATOR, Who.OWNER}),
    "prices.prices": frozenset({Who.COORDINATOR, Who.OWNER}),
    "audit.log": OWNER,
    "numbers.desk": READERS,
    "numbers.money": frozenset({Who.COORDINATOR, Who.OWNER}),
    "numbers.people": READERS,
    "numbers.picture": NOBODY,  # there is nothing to count; tests/web/test_numbers.py opens some
    "taxes.export": frozenset({Who.COORDINATOR, Who.OWNER}),
    "taxes.taxes": frozenset({Who.COORDINATOR, Who.OWNER}),
    "fee_desk.fee": frozenset({Who.COORDINATOR, Who.OWNER}),
    "fee_desk.spare": frozenset({Who.COORDINATOR, Who.OWNER}),
    "fee_desk.terms": OWNER,
    "till.money": frozenset({Who.COORDINATOR, Who.OWNER}),
    "till.purse": frozenset({Who.COORDINATOR, Who.OWNER}),
    "till.settle": NOBODY,  # nothing waits for a person
    "site.article": EVERYBODY,
    "site.fees": EVERYBODY,
    "site.healthz": EVERYBODY,
    "site.landing": EVERYBODY,
    "site.privacy": EVERYBODY,
    "site.readyz": EVERYBODY,
    "site.security_txt": EVERYBODY,
    "site.robots": EVERYBODY,
    "site.sitemap": EVERYBODY,
    "embed.button": EVERYBODY,
    "embed.times": EVERYBODY,
    "staff.account": STAFF,
    "staff_documents.document": NOBODY,
    "staff_documents.documents": frozenset({Who.ADA, Who.COORDINATOR, Who.CLINICIAN, Who.OWNER}),
    "staff_documents.pdf": NOBODY,
    "staff.two_factor_picture": NOBODY,  # there is none before somebody sets a second factor up
    "static": EVERYBODY,
}
PAGES_TO_CORRECT = {"review.corrections.correct": 4, "review.corrections.correct_private": 7}
SLUGS = {"site.article": "repairing-trust", "catalogue.offering": "couple-50", "catalogue.room": "lamp-room"}
WITHOUT_TOKEN = {"stops.leave"}  # going away must never fail; tests/web/test_leaving.py has what guards it
WRITTEN_BY_LOOKING = {"looked_at", "read_at", "read_by", "last_seen_at"}
MAY_BE_CACHED = {"static", "calendars.feed", "calendars.open_times"}


@pytest.fixture
def house(practice) -> House:
    return fill(practice)


def opened(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]


def sent(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]


def address(house: House, rule: Rule) -> str:
    """An address of this route that leads to something of the first client's."""
    booking = house.confirmed if rule.endpoint == "calendars.download" else house.held
    of_person = rule.endpoint.startswith(("notes.", "prices.", "rights_desk."))
    values = {
        "number": PAGES_TO_CORRECT.get(rule.endpoint, 1),
        "paper": "d_nothinghere",
        "kind": "crisis" if rule.endpoint.startswith("lines.") else "quarantined",
        "key": "privacy",
        "language": "es",
        "policy": "no_secrets",
        "mark": "nothing",
        "booking": "b_nothinghere",
        "remedy": "return",
        "plot": "requests",
        "name": "goal_direction",
        "section": "goals",
        "own": "practice_nothing",
        "audience": "booker",
        "moment": "book",
        "direction": "up",
        "part": "own",
        "filename": "css/practice.css",
        "country": "US",
        "place": "0",
        "reference": house.intake if rule.endpoint.startswith(("review.", "correct.")) else booking.reference,
        **({"reference": booking.payer.reference} if of_person else {}),
        **({"reference": house.feed} if rule.rule.startswith("/staff/calendar/") else {}),
        "slug": SLUGS.get(rule.endpoint, "ada-lindqvist"),
        "token": _token_for(house, rule),
    }
    path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)
    return path + ("?offering=couple-50" if rule.endpoint in ("booking.times", "booking.times_json") else "")


def _token_for(house: House, rule: Rule) -> str:
    if rule.endpoint == "calendars.feed":
        return house.feed_token
    return house.invite_token if rule.endpoint.startswith("joining.") else house.return_token


def contents() -> Iterator[tuple[str, object]]:
    """Every row of every table, but for what looking itself writes: the audit log, who looked, who was last seen."""
    for table in Model.metadata.sorted_tables:
        if table.name not in ("audit_entry", "audit_head", StaffSession.__tablename__):
            kept = [column for column in table.columns if column.key not in WRITTEN_BY_LOOKING]
            for row in db.session.execute(select(*kept)):
                yield table.name, tuple(row)


def rows_of(app: Flask) -> list[tuple[str, object]]:
    with app.app_context():
        return list(contents())


def unguarded(app: Flask) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if access.policy_of(app, rule.endpoint) is None]


def test_every_route_names_its_policy(app):
    assert unguarded(app) == []


def test_a_route_without_a_policy_is_found_and_shut(make_app):
    app = make_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "anything")

    assert unguarded(app) == ["forgotten"]
    assert app.test_client().get("/forgotten").status_code == 404


def test_the_matrix_names_every_address_that_can_be_opened(app):
    assert {rule.endpoint for rule in opened(app)} == set(VISIBLE)


def test_every_visitor_gets_exactly_what_is_theirs(house):
    wrong = []
    for rule in opened(house.practice.app):
        for who, browser in house.browsers.items():
            status = browser.get(address(house, rule)).status_code
            if _let_in(rule, status) is not (who in VISIBLE[rule.endpoint]):
                wrong.append(f"{who}: {rule.endpoint} answered {status}")

    assert not wrong, "\n".join(wrong)


def _let_in(rule: Rule, status: int) -> bool:
    """Whether this answer gave something; staff's sign-in and 404 don't. Redirects within the intake are an answer."""
    assert status in (200, 302, 303, 404), f"{rule.endpoint} answered {status}"
    return status == 200 or (status in (302, 303) and not rule.rule.startswith("/staff"))


def test_what_belongs_to_somebody_else_looks_like_what_does_not_exist(house):
    other = house.browsers[Who.OTHER_CLIENT]
    for path in ("", "/pay", "/paid", "/estimate", "/documents", "/cancel", ".ics"):
        foreign = other.get(f"/bookings/{house.confirmed.reference}{path}")
        missing = other.get(f"/bookings/b_nothinghere{path}")
        assert (foreign.status_code, foreign.text) == (404, missing.text)


def test_who_comes_along_sees_that_a_session_stands_and_nothing_of_what_it_costs_or_may_be_done_with_it(house):
    partner, reference = house.browsers[Who.PARTNER], house.confirmed.reference
    assert partner.get(f"/bookings/{reference}").status_code == 200
    for path in ("/pay", "/paid", "/estimate", "/documents", "/cancel", "/move", "/fee"):
        foreign = partner.get(f"/bookings/{reference}{path}")
        missing = partner.get(f"/bookings/b_nothinghere{path}")
        assert (path, foreign.status_code, foreign.text) == (path, 404, missing.text)
    assert partner.get(f"/bookings/{house.held.reference}").status_code == 404  # not paid yet: its holder's alone


def test_somebody_elses_booking_cannot_be_changed_either(house):
    other = house.browsers[Who.OTHER_CLIENT]
    token = _token(other.get(f"/bookings/{house.others_booking.reference}/cancel").text)
    before = rows_of(house.practice.app)

    for path in ("pay", "cancel"):
        answer = other.post(f"/bookings/{house.held.reference}/{path}", data={"csrf_token": token})
        assert answer.status_code == 404

    assert rows_of(house.practice.app) == before


def test_a_stranger_at_staffs_pages_is_led_to_the_sign_in_and_staff_without_the_role_to_nothing(house):
    page = f"/staff/intakes/{house.intake}/decline"
    stranger = house.browsers[Who.STRANGER].get(page)

    assert (stranger.status_code, stranger.location.partition("?")[0]) == (303, "/staff/sign-in")
    assert house.browsers[Who.COORDINATOR].get(page).status_code == 404


@pytest.mark.parametrize("digits", [10, 30, 5000])
def test_a_number_that_no_column_holds_is_no_address(house, digits):
    numbered = [rule for rule in opened(house.practice.app) if "<int:" in rule.rule]
    assert len(numbered) > 8
    for rule in numbered:
        path = re.sub(r"<[^>]+>", "x", re.sub(r"<int:\w+>", "9" * digits, rule.rule))
        for who in (Who.STRANGER, Who.CLIENT, Who.OWNER):
            assert house.browsers[who].get(path).status_code == 404, rule.rule


def test_opening_any_address_changes_nothing(house):
    before = rows_of(house.practice.app)
    for rule in opened(house.practice.app):
        if rule.endpoint in ("payments.paid", "calendars.feed"):
            continue  # these note something, which their own tests hold against what they may note
        for method in ("get", "head"):
            getattr(house.browsers[Who.STRANGER], method)(address(house, rule))
            getattr(house.browsers[Who.CLIENT], method)(address(house, rule))
    after = rows_of(house.practice.app)

    assert [row for row in after if row not in before] == []
    assert [row for row in before if row not in after] == []


def test_every_answer_carries_the_security_headers(house):
    wrong = []
    for rule in opened(house.practice.app):
        for who in (Who.STRANGER, Who.CLIENT, Who.OWNER):
            answer = house.browsers[who].get(address(house, rule))
            wrong += [f"{rule.endpoint} for {who}: {problem}" for problem in _problems(answer.headers, rule.endpoint)]
    for path in ("/nothing-here", "/bookings/b_nothinghere", "/times/nobody.json"):
        wrong += [f"{path}: {problem}" for problem in _problems(house.browsers[Who.STRANGER].get(path).headers, "")]

    assert not wrong, "\n".join(wrong)


def _problems(headers, endpoint: str) -> Iterator[str]:
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    expected = {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "frame-ancestors": "'none'"}
    for directive, value in expected.items():
        if policy.get(directive) != value:
            yield f"{directive} is {policy.get(directive)}"
    if not policy.get("form-action", "").startswith("'self'"):
        yield f"form-action is {policy.get('form-action')}"
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}"
    if "max-age=" not in headers.get("Strict-Transport-Security", ""):
        yield "no Strict-Transport-Security"
    if endpoint not in MAY_BE_CACHED and "no-store" not in headers.get("Cache-Control", ""):
        yield f"Cache-Control is {headers.get('Cache-Control')}"


def test_no_form_works_without_its_token(house):
    before = rows_of(house.practice.app)
    wrong = []
    for rule in sent(house.practice.app):
        if access.policy_of(house.practice.app, rule.endpoint).csrf and rule.endpoint not in WITHOUT_TOKEN:
            for who in (Who.STRANGER, Who.CLIENT, Who.OWNER):
                for data in ({}, {"csrf_token": "forged"}):
                    status = house.browsers[who].post(address(house, rule), data=data).status_code
                    if status != 400:
                        wrong.append(f"{who}: {rule.endpoint} answered {status}")

    assert not wrong, "\n".join(wrong)
    assert rows_of(house.practice.app) == before


def test_only_the_signed_webhook_takes_no_token(app):
    assert [rule.endpoint for rule in sent(app) if not access.policy_of(app, rule.endpoint).csrf] == [
        "payments.webhook.receive"
    ]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_sent_from_another_site_is_refused_even_with_a_token(house, site):
    browser = house.browsers[Who.CLIENT]
    path = f"/bookings/{house.held.reference}/cancel"
    data = {"csrf_token": _token(browser.get(path).text)}

    assert browser.post(path, data=data, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert browser.post(path, data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code != 403


@pytest.mark.parametrize("base_url", ["https://practice.example", "http://127.0.0.1:5000"])
def test_a_form_works_at_home_over_https_and_http_without_a_referer(browser, base_url):
    answer = browser.submit("/intake/part-1", {"session_location": "US-NY"})

    assert browser.home == base_url
    assert answer.status_code == 422  # read and judged, not refused


@pytest.mark.parametrize("host", ["evil.example", "practice.example.evil.example", "practice.example:81@evil.example"])
def test_another_host_name_is_refused_and_a_forwarded_one_is_not_believed(browser, host):
    forged = browser.get("/", headers={"Host": host})
    assert forged.status_code == 400
    assert "evil.example" not in forged.text

    forwarded = browser.get("/", headers={"X-Forwarded-Host": host, "X-Forwarded-Proto": "http"})
    assert forwarded.status_code == 200
    assert "evil.example" not in forwarded.text


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_a_method_cannot_be_smuggled_in_a_header(house, header):
    path = f"/bookings/{house.held.reference}/cancel"
    before = rows_of(house.practice.app)

    house.browsers[Who.CLIENT].get(path, headers={header: "POST"})
    house.browsers[Who.CLIENT].get(path, query_string={"_method": "POST"})

    assert rows_of(house.practice.app) == before


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(practice):
    browser = practice.browser()
    browser.get("/intake/part-1")
    browser.get("/staff/sign-in")

    cookies = {cookie.key: cookie for cookie in browser._cookies.values()}
    assert set(cookies) == {"__Host-client", "__Host-staff"}
    assert {cookie.http_only for cookie in cookies.values()} == {True}
    assert {cookie.secure for cookie in cookies.values()} == {True}
    assert (cookies["__Host-client"].same_site, cookies["__Host-staff"].same_site) == ("Lax", "Strict")


def test_a_page_that_shows_a_client_to_staff_leaves_a_trace(house):
    house.browsers[Who.COORDINATOR].get(f"/staff/intakes/{house.intake}")

    with house.practice.app.app_context():
        newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert newest.subject == house.intake
    assert newest.actor.startswith("staff:")


def _token(html: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, "the page has no form with a token"
    return found[1]
