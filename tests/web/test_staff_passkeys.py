"""Passkeys as the second factor: whose they are, that each answer counts once, and that none is a way round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from practice.settings import Settings
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from tests.support.authenticator import Passkey, add_passkey, give_passkey, options_of
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.staff import PASSWORD, SIGN_IN, Colleague, audit, half_way, hire, sign_in, signed_in_long_ago
from tests.support.story import Practice

NEW, GIVE = "/staff/passkeys/new", "/staff/passkey"


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician")


@pytest.fixture
def phone(practice: Practice, sam: Colleague) -> Passkey:
    """A passkey of Sam's."""
    found = Passkey()
    assert add_passkey(sign_in(practice, sam), found).status_code == 302
    return found


def is_in(browser: Browser) -> bool:
    return browser.get("/staff/account").status_code == 200


def account_of(practice: Practice, colleague: Colleague) -> StaffAccount:
    """Their row, with its passkeys read."""
    with practice.app.app_context():
        account = find_account(colleague.email)
        assert account is not None
        assert account.passkeys is not None
        return account


def test_password_and_passkey_open_the_desk_together(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)

    assert not is_in(browser)
    answer = give_passkey(browser, phone)

    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert "Phone" in browser.get("/staff/account").text
    assert audit(practice, "passkey_added") == [(sam.actor, "passkey_added", sam.actor)]


def test_half_way_opens_nothing_else_and_adds_no_passkey(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)

    for page in ("/staff/account", NEW, "/staff/recovery-codes", "/staff/two-factor/code", "/staff/"):
        assert browser.get(page).status_code == 303, page
    token = browser.get(GIVE).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    for page in (NEW, "/staff/two-factor"):
        browser.post(page, data={"csrf_token": token, "name": "x", "answer": "{}", "setup": "authenticator"})
    assert len(account_of(practice, sam).passkeys) == 1
    assert account_of(practice, sam).tf_totp_secret is None
    assert not is_in(browser)


def test_somebody_elses_passkey_opens_neither_account(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    kim = hire(practice, "owner", email="kim@practice.example")
    own = Passkey()
    add_passkey(sign_in(practice, kim), own)
    browser = half_way(practice, sam)

    answer = give_passkey(browser, own)

    assert answer.status_code == 422
    assert "passkey of your own account" in answer.text
    assert not is_in(browser)


def test_an_answer_that_names_another_account_is_none(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    phone.handle = b"of somebody else"

    assert give_passkey(half_way(practice, sam), phone).status_code == 422


@pytest.mark.parametrize("counts", [True, False])
def test_an_answer_counts_once(practice: Practice, sam: Colleague, counts: bool) -> None:
    key = Passkey(counts=counts)
    add_passkey(sign_in(practice, sam), key)
    first, second = half_way(practice, sam), half_way(practice, sam)
    page = first.get(GIVE)
    answer = key.use(page.text)

    assert first.send_form(page, {"answer": answer}, form=GIVE).status_code == 302
    elsewhere = second.submit(GIVE, {"answer": answer}, form=GIVE)
    first.submit("/staff/account", form="sign-out")
    again = half_way(practice, sam).submit(GIVE, {"answer": answer}, form=GIVE)

    assert (elsewhere.status_code, again.status_code) == (422, 422)


def test_a_copy_that_counts_from_before_is_refused(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    copied = replace(phone)
    for _ in range(2):
        assert give_passkey(half_way(practice, sam), phone).status_code == 302

    assert give_passkey(half_way(practice, sam), copied).status_code == 422


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://practice.example.evil.example"},
        {"origin": "http://practice.example"},
        {"host": "evil.example"},
        {"verifies": False},
    ],
)
def test_an_answer_from_elsewhere_or_of_nobody_in_particular_is_refused(
    practice: Practice, sam: Colleague, phone: Passkey, lie: dict[str, Any]
) -> None:
    assert give_passkey(half_way(practice, sam), replace(phone, **lie)).status_code == 422


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"verifies": False}])
def test_no_such_passkey_is_connected_either(practice: Practice, sam: Colleague, lie: dict[str, Any]) -> None:
    answer = add_passkey(sign_in(practice, sam), Passkey(**lie))

    assert answer.status_code == 422
    assert account_of(practice, sam).passkeys == []


@pytest.mark.parametrize(
    "nonsense", ["", "{}", "[]", "x", '{"id":"AA","rawId":"AA","type":"public-key"}', "9" * 30_000]
)
def test_what_is_no_answer_is_refused_kindly(practice: Practice, sam: Colleague, phone: Passkey, nonsense: str) -> None:
    browser = half_way(practice, sam)
    given = browser.submit(GIVE, {"answer": nonsense}, form=GIVE)
    here = half_way(practice, sam)
    give_passkey(here, phone)
    made = here.submit(NEW, {"answer": nonsense, "name": "Laptop"}, form=NEW)

    assert (given.status_code, made.status_code) == (422, 422)
    assert "<title>Error: Your passkey" in given.text
    assert 'value="Laptop"' in made.text


def test_what_was_asked_too_long_ago_or_for_something_else_is_no_question(
    practice: Practice, clock: FrozenClock, sam: Colleague, phone: Passkey
) -> None:
    browser = half_way(practice, sam)
    page = browser.get(GIVE)
    clock.advance(minutes=6)
    assert browser.send_form(page, {"answer": phone.use(page.text)}, form=GIVE).status_code == 422

    here = half_way(practice, sam)
    give_passkey(here, phone)
    new = here.get(NEW)
    here.get(NEW)  # asks anew
    assert here.send_form(new, {"name": "Key", "answer": Passkey().make(new.text)}, form=NEW).status_code == 422


def test_a_challenge_is_never_the_same(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)

    asked = [options_of(browser.get(GIVE).text)["challenge"] for _ in range(3)]

    assert len(set(asked)) == 3
    assert all(len(one) >= 64 for one in asked)


def test_an_account_has_several_and_each_opens_it(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)
    give_passkey(browser, phone)
    key = Passkey(counts=False)

    assert add_passkey(browser, key, name="Blue key").status_code == 302
    assert options_of(browser.get(NEW).text)["excludeCredentials"]
    assert give_passkey(half_way(practice, sam), key).status_code == 302
    assert give_passkey(half_way(practice, sam), phone).status_code == 302
    handles = {phone.handle, key.handle}
    assert len(handles) == 1
    assert sam.email.encode() not in handles.pop()


def test_one_passkey_is_not_connected_twice_to_this_account_or_another(
    practice: Practice, sam: Colleague, phone: Passkey
) -> None:
    kim = sign_in(practice, hire(practice, "owner", email="kim@practice.example"))
    browser = half_way(practice, sam)
    give_passkey(browser, phone)

    assert add_passkey(browser, replace(phone)).status_code == 409
    taken = add_passkey(kim, replace(phone))

    assert taken.status_code == 409
    assert sam.email not in taken.text


def test_a_new_passkey_and_a_removed_one_end_every_other_session(
    practice: Practice, sam: Colleague, phone: Passkey
) -> None:
    here, elsewhere = half_way(practice, sam), half_way(practice, sam)
    give_passkey(here, phone)
    give_passkey(elsewhere, phone)

    add_passkey(here, Passkey(), name="Laptop")
    assert (is_in(here), is_in(elsewhere)) == (True, False)

    elsewhere = half_way(practice, sam)
    give_passkey(elsewhere, phone)
    reference = account_of(practice, sam).passkeys[1].reference
    here.submit("/staff/account", form=f"{reference}/remove")

    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert [one.name for one in account_of(practice, sam).passkeys] == ["Phone"]
    assert audit(practice, "passkey_removed") == [(sam.actor, "passkey_removed", sam.actor)]


def test_somebody_elses_passkey_cannot_be_removed(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    kim = sign_in(practice, hire(practice, "owner", email="kim@practice.example"))
    reference = account_of(practice, sam).passkeys[0].reference
    token = kim.get("/staff/account").text.partition('name="csrf_token" value="')[2].partition('"')[0]

    assert kim.post(f"/staff/passkeys/{reference}/remove", data={"csrf_token": token}).status_code == 404
    assert len(account_of(practice, sam).passkeys) == 1


def test_adding_and_removing_ask_for_the_password_once_more(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)
    give_passkey(browser, phone)
    signed_in_long_ago(practice)

    assert browser.get(NEW).location == f"/staff/confirm-password?next={NEW}"
    answer = browser.submit("/staff/account", form="/remove")

    assert answer.location == "/staff/confirm-password?next=/staff/account"
    assert len(account_of(practice, sam).passkeys) == 1


def test_a_recovery_code_helps_when_the_passkey_is_lost(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)
    give_passkey(browser, phone)
    page = browser.submit("/staff/recovery-codes").text
    code = page.partition("<code>")[2].partition("</code>")[0]

    answer = half_way(practice, sam).submit("/staff/two-factor/recovery", {"code": code})

    assert answer.status_code == 302


def test_removing_the_only_factor_takes_the_codes_along_where_none_is_a_must(
    practice: Practice, sam: Colleague, phone: Passkey
) -> None:
    browser = half_way(practice, sam)
    give_passkey(browser, phone)
    browser.submit("/staff/recovery-codes")

    browser.submit("/staff/account", form="/remove")

    account = account_of(practice, sam)
    assert (account.passkeys, account.mf_recovery_codes) == ([], None)
    assert is_in(sign_in(practice, sam))


def test_guessing_is_stopped(practice: Practice, sam: Colleague, phone: Passkey) -> None:
    browser = half_way(practice, sam)
    page = browser.get(GIVE)

    answers = [browser.send_form(page, {"answer": "{}"}, form=GIVE).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:5000"])
def test_where_the_practice_is_a_number_no_passkey_is_offered(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)

    assert NEW not in browser.get("/staff/account").text
    assert NEW not in browser.get("/staff/two-factor").text
    assert browser.get(NEW).status_code == 404


def test_strangers_are_led_to_the_sign_in_page(practice: Practice, sam: Colleague) -> None:
    assert practice.browser().get(NEW).location == "/staff/sign-in"
    assert practice.browser().get(GIVE).location == "/staff/sign-in"
    assert sign_in(practice, sam).get(GIVE).location == "/staff/"


class TestProduction:
    """Where the second factor is no choice."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, env="production")

    @pytest.fixture
    def phone(self) -> Passkey:
        return Passkey()

    def arrive(self, practice: Practice, sam: Colleague) -> Browser:
        """Somebody whose password fits for the first time."""
        browser = practice.browser()
        answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
        assert answer.location == "/staff/two-factor"
        return browser

    def test_a_passkey_is_set_up_before_anything_opens(
        self, practice: Practice, sam: Colleague, phone: Passkey
    ) -> None:
        browser = self.arrive(practice, sam)
        assert NEW in browser.get("/staff/two-factor").text

        answer = add_passkey(browser, phone)

        assert answer.location == "/staff/recovery-codes"
        assert is_in(browser)
        assert give_passkey(half_way(practice, sam), phone).status_code == 302

    def test_of_two_who_know_the_password_the_second_sets_up_nothing(
        self, practice: Practice, sam: Colleague, phone: Passkey
    ) -> None:
        first, second = self.arrive(practice, sam), self.arrive(practice, sam)
        page = second.get(NEW)
        add_passkey(first, phone)

        late = Passkey()
        answer = second.send_form(page, {"name": "Mine", "answer": late.make(page.text)}, form=NEW)

        assert answer.status_code == 303
        assert not is_in(second)
        assert len(account_of(practice, sam).passkeys) == 1

    def test_the_last_factor_stays(self, practice: Practice, sam: Colleague, phone: Passkey) -> None:
        browser = self.arrive(practice, sam)
        add_passkey(browser, phone)

        answer = browser.submit("/staff/account", form="/remove", follow_redirects=True)

        assert "This is your only second factor" in answer.text
        assert len(account_of(practice, sam).passkeys) == 1
