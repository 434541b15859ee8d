"""Signing in as staff: who gets in, where they land, and what strangers can learn."""

from __future__ import annotations

from unittest.mock import patch

import argon2
import pytest
from flask import url_for
from limits.errors import StorageError

from practice import access
from practice.limits import limiter
from practice.staff.doors import own_path
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.staff import PASSWORD, SIGN_IN, Colleague, desk, hire, sign_in, without_tokens
from tests.support.story import Practice


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician")


@pytest.mark.parametrize("base_url", ["https://practice.example", "http://127.0.0.1:5000"])
def test_the_right_password_opens_the_desk(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()

    answer = browser.submit(SIGN_IN, {"email": " SAM@practice.example ", "password": PASSWORD})

    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert browser.get("/staff/account").status_code == 200


def test_a_wrong_password_opens_nothing_and_keeps_the_address_that_was_typed(
    practice: Practice, sam: Colleague
) -> None:
    browser = practice.browser()

    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": "four loud brown geese"})

    assert "<title>Error: Sign in" in answer.text
    assert f'value="{sam.email}"' in answer.text
    assert browser.get("/staff/account").location == "/staff/sign-in?next=/staff/account"


def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(practice: Practice, sam: Colleague) -> None:
    def refused(email: str) -> tuple[str, int]:
        hashing = argon2.low_level
        with (
            patch.object(hashing, "hash_secret", wraps=hashing.hash_secret) as hashed,
            patch.object(hashing, "verify_secret", wraps=hashing.verify_secret) as verified,
        ):
            page = practice.browser().submit(SIGN_IN, {"email": email, "password": "four loud brown geese"})
        return without_tokens(page.text).replace(email, "…"), hashed.call_count + verified.call_count

    known, unknown = refused(sam.email), refused("nobody@practice.example")

    assert known == unknown
    assert known[1] == 1


def test_an_account_that_was_closed_answers_as_if_it_never_was(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    with practice.app.app_context(), begin_work():
        account = find_account(sam.email)
        assert account is not None
        account.active = False

    answer = practice.browser().submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})

    assert "don’t go together" in answer.text
    assert browser.get("/staff/account").status_code == 303


def test_too_many_tries_from_one_address_are_refused(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    page = browser.get(SIGN_IN)

    answers = [
        browser.send_form(page, {"email": f"guess-{number}@practice.example", "password": "x"}).status_code
        for number in range(21)
    ]

    assert answers == [200] * 20 + [429]


def test_too_many_tries_for_one_account_are_refused_wherever_they_come_from(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    page = browser.get(SIGN_IN)
    form = {"email": sam.email, "password": "x"}

    for _ in range(10):
        browser.send_form(page, form)
    elsewhere = practice.browser()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.7"

    assert elsewhere.submit(SIGN_IN, {**form, "password": PASSWORD}).status_code == 429


def test_without_its_counter_nobody_signs_in(practice: Practice, sam: Colleague) -> None:
    with patch.object(limiter.limiter, "hit", side_effect=StorageError(ConnectionError())):
        answer = practice.browser().submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


EVIL = ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/", "\t//evil.example"]
EVIL += ["javascript:alert(1)", "/schedule", "///evil.example", "staff/", "https:/staff/", "//evil.example/staff/"]


@pytest.mark.parametrize("wanted", EVIL)
def test_what_is_no_page_of_staffs_leads_home(practice: Practice, sam: Colleague, wanted: str) -> None:
    browser = practice.browser()

    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD, "next": wanted})

    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert own_path(wanted) == "/staff/"


@pytest.mark.parametrize("wanted", ["/staff/\\evil.example", "/staff/\n//evil.example", "/staff/é", None, ""])
def test_what_is_not_plainly_an_address_is_none(wanted: str | None) -> None:
    assert own_path(wanted) == "/staff/"


def test_next_in_the_address_leads_home_too_when_it_is_foreign(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    page = browser.get(SIGN_IN, query_string={"next": "\t//evil.example"})

    answer = browser.post(
        SIGN_IN + "?next=%09//evil.example",
        data={"email": sam.email, "password": PASSWORD, "csrf_token": _token(page.text), "next": ""},
    )

    assert answer.location == "/staff/"


def test_signing_in_goes_on_to_the_page_that_was_wanted(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    wanted = browser.get("/staff/account").location

    answer = browser.submit(wanted, {"email": sam.email, "password": PASSWORD})

    assert answer.location == "/staff/account"


def test_signing_out_ends_the_session_in_the_database_too(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    cookie = browser.get_cookie("__Host-staff", domain="practice.example")
    assert cookie is not None

    answer = browser.submit("/staff/account", form="sign-out")
    stolen = practice.browser()
    stolen.set_cookie("__Host-staff", cookie.value, domain="practice.example")

    assert answer.location == "/staff/sign-in"
    assert browser.get("/staff/account").status_code == 303
    assert stolen.get("/staff/account").status_code == 303


def test_a_forged_form_signs_nobody_in_or_out(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)

    assert practice.browser().post(SIGN_IN, data={"email": sam.email, "password": PASSWORD}).status_code == 400
    assert browser.post("/staff/sign-out", data={"csrf_token": "forged"}).status_code == 400
    assert browser.post("/staff/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code in (400, 403)
    assert browser.get("/staff/account").status_code == 200


def test_json_is_no_way_in(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    token = _token(browser.get(SIGN_IN).text)

    answer = browser.post(
        SIGN_IN,
        json={"email": sam.email, "password": PASSWORD},
        headers={"X-CSRFToken": token, "Accept": "application/json"},
    )

    assert answer.status_code == 415
    assert browser.get("/staff/account").status_code == 303


def test_every_page_of_flask_security_is_ours_or_shut(practice: Practice) -> None:
    shut = {"security.two_factor_setup_validate", "security.two_factor_rescue", "security.tf_select"}
    used = {"login", "logout", "verify", "change_password", "two_factor_setup", "two_factor_token_validation"}
    used |= {"mf_recovery", "mf_recovery_codes"}
    found = {rule.endpoint for rule in practice.app.url_map.iter_rules() if rule.endpoint.startswith("security.")}

    assert found == shut | {f"security.{name}" for name in used}
    for endpoint in found:
        policy = access.policy_of(practice.app, endpoint)
        assert policy is not None
        assert (policy.name == "shut") == (endpoint in shut)
    browser = desk(practice, "owner")
    with practice.app.test_request_context():
        addresses = [url_for("security.two_factor_rescue"), url_for("security.tf_select")]
    assert [browser.get(address).status_code for address in addresses] == [404, 404]


def test_pages_of_staff_carry_no_inline_script_style_or_data_address(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    pages = [
        "/staff/account",
        "/staff/password",
        "/staff/two-factor",
        "/staff/recovery-codes",
        "/staff/confirm-password",
    ]

    for page in [practice.browser().get(SIGN_IN), *(browser.get(page) for page in pages)]:
        assert page.status_code == 200
        for forbidden in ("<style", " style=", "onclick", "data:image", "javascript:"):
            assert forbidden not in page.text
        assert "no-store" in page.headers["Cache-Control"]


def test_the_new_password_must_be_a_good_one_and_ends_other_sessions(practice: Practice, sam: Colleague) -> None:
    here, elsewhere = sign_in(practice, sam), sign_in(practice, sam)
    change = {"password": PASSWORD, "new_password": "a", "new_password_confirm": "a"}

    weak = here.submit("/staff/password", change)
    strong = "seven patient green doors"
    done = here.submit("/staff/password", {**change, "new_password": strong, "new_password_confirm": strong})

    assert "at least 12 characters" in weak.text
    assert (done.status_code, done.location) == (302, "/staff/account")
    assert here.get("/staff/account").status_code == 200
    assert elsewhere.get("/staff/account").status_code == 303
    assert practice.browser().submit(SIGN_IN, {"email": sam.email, "password": PASSWORD}).status_code == 200
    assert practice.browser().submit(SIGN_IN, {"email": sam.email, "password": strong}).status_code == 302


def test_two_colleagues_with_one_address_cannot_be(practice: Practice, sam: Colleague) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        hire(practice, "owner", email="Sam@Practice.example")


def _token(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
