"""The second factor: set up, asked for, never accepted twice, and what helps when the phone is lost."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask_security.totp import Totp
from passlib.totp import TOTP

from practice.settings import Settings
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from tests.support.authenticator import Passkey, add_passkey, give_passkey
from tests.support.clock import FrozenClock
from tests.support.phones import CODE_PAGE, code_of, connect
from tests.support.staff import PASSWORD, SIGN_IN, Colleague, audit, half_way, hire, sign_in
from tests.support.story import Practice


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician")


@pytest.fixture
def phone(practice: Practice, clock: FrozenClock, sam: Colleague) -> TOTP:
    """Sam's authenticator app, connected; the step of its first code is over."""
    found = connect(sign_in(practice, sam), clock)
    clock.advance(minutes=1)
    return found


def account_of(practice: Practice, colleague: Colleague) -> StaffAccount:
    """Their row, detached: its columns can be read."""
    with practice.app.app_context():
        account = find_account(colleague.email)
        assert account is not None
        return account


def test_password_and_code_open_the_desk_together(
    practice: Practice, clock: FrozenClock, sam: Colleague, phone: TOTP
) -> None:
    browser = half_way(practice, sam)

    assert browser.get("/staff/account").status_code == 303
    answer = browser.submit(CODE_PAGE, {"code": code_of(phone, clock)})

    assert (answer.status_code, answer.location) == (302, "/staff/")
    assert "On." in browser.get("/staff/account").text


def test_half_way_opens_nothing_else(practice: Practice, sam: Colleague, phone: TOTP) -> None:
    browser = half_way(practice, sam)

    for page in ("/staff/account", "/staff/password", "/staff/recovery-codes", "/staff/intakes", "/staff/"):
        assert browser.get(page).status_code == 303, page
    assert browser.get("/staff/two-factor/picture.svg").status_code == 404


def test_half_way_cannot_swap_the_factor_for_a_new_one(practice: Practice, sam: Colleague, phone: TOTP) -> None:
    browser = half_way(practice, sam)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(CODE_PAGE).text)
    assert token is not None
    before = account_of(practice, sam).tf_totp_secret

    browser.post("/staff/two-factor", data={"csrf_token": token.group(1), "setup": "authenticator"})
    browser.post("/staff/two-factor", data={"csrf_token": token.group(1), "setup": "disable"})

    assert account_of(practice, sam).tf_totp_secret == before
    assert browser.get("/staff/account").status_code == 303


def test_a_code_works_once(practice: Practice, clock: FrozenClock, sam: Colleague, phone: TOTP) -> None:
    code = code_of(phone, clock)

    first = half_way(practice, sam).submit(CODE_PAGE, {"code": code})
    second = half_way(practice, sam).submit(CODE_PAGE, {"code": code})

    assert first.status_code == 302
    assert "was used before" in second.text


def test_a_code_from_before_the_last_one_is_refused(
    practice: Practice, clock: FrozenClock, sam: Colleague, phone: TOTP
) -> None:
    earlier = code_of(phone, clock)
    clock.advance(seconds=30)
    assert half_way(practice, sam).submit(CODE_PAGE, {"code": code_of(phone, clock)}).status_code == 302

    assert half_way(practice, sam).submit(CODE_PAGE, {"code": earlier}).status_code == 200


def test_the_code_that_connected_the_app_signs_nobody_in(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    app = connect(sign_in(practice, sam), clock)

    assert half_way(practice, sam).submit(CODE_PAGE, {"code": code_of(app, clock)}).status_code == 200


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "١٢٣٤٥٦", "1234567", "' OR 1=1"])
def test_what_is_no_code_is_refused_kindly(practice: Practice, sam: Colleague, phone: TOTP, typed: str) -> None:
    answer = half_way(practice, sam).submit(CODE_PAGE, {"code": typed})

    assert answer.status_code == 200
    assert "<title>Error: Your code" in answer.text


def test_guessing_codes_is_stopped(practice: Practice, sam: Colleague, phone: TOTP) -> None:
    browser = half_way(practice, sam)
    page = browser.get(CODE_PAGE)

    answers = [browser.send_form(page, {"code": f"{number:06}"}).status_code for number in range(11)]

    assert answers == [200] * 10 + [429]


def test_a_changed_factor_ends_other_sessions(practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
    elsewhere = sign_in(practice, sam)
    here = sign_in(practice, sam)

    connect(here, clock)

    assert here.get("/staff/account").status_code == 200
    assert elsewhere.get("/staff/account").status_code == 303


def test_turning_it_off_ends_other_sessions_and_the_recovery_codes(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    here = sign_in(practice, sam)
    connect(here, clock)
    here.submit("/staff/recovery-codes")
    clock.advance(minutes=1)

    answer = here.submit("/staff/two-factor", {"setup": "disable"})

    assert answer.location == "/staff/account"
    assert here.get("/staff/account").status_code == 200
    account = account_of(practice, sam)
    assert (account.tf_totp_secret, account.mf_recovery_codes) == (None, None)


def test_a_recovery_code_works_once_and_only_its_hash_is_kept(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    here = sign_in(practice, sam)
    connect(here, clock)
    codes = re.findall(r"<code>([a-z0-9\-]{19})</code>", here.submit("/staff/recovery-codes").text)
    kept = account_of(practice, sam).mf_recovery_codes or []

    first = half_way(practice, sam).submit("/staff/two-factor/recovery", {"code": codes[0].upper().replace("-", " ")})
    second = half_way(practice, sam).submit("/staff/two-factor/recovery", {"code": codes[0]})

    assert len(codes) == len(set(codes)) == len(kept) == 8
    assert not set(codes) & set(kept)
    assert first.status_code == 302
    assert "was used before" in second.text
    assert codes[1] not in here.get("/staff/recovery-codes?show_codes=1").text
    assert audit(practice, "recovery_code_used") == [(sam.actor, "recovery_code_used", sam.actor)]


def test_the_picture_is_an_image_of_ours_for_this_session_alone(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    page = browser.submit("/staff/two-factor", form="two-factor")

    picture = browser.get("/staff/two-factor/picture.svg")

    assert 'src="/staff/two-factor/picture.svg"' in page.text
    assert picture.content_type.startswith("image/svg+xml")
    assert "no-store" in picture.headers["Cache-Control"]
    assert practice.browser().get("/staff/two-factor/picture.svg").status_code == 404
    assert sign_in(practice, sam).get("/staff/two-factor/picture.svg").status_code == 404


def test_with_both_factors_the_passkey_is_asked_for_and_the_code_does_too(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    here = sign_in(practice, sam)
    app = connect(here, clock)
    passkey = Passkey()
    add_passkey(here, passkey)
    clock.advance(minutes=1)
    browser = practice.browser()

    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD, "next": "/staff/account"})
    assert answer.location == "/staff/passkey?next=/staff/account"
    assert CODE_PAGE in browser.get(answer.location).text
    assert "Use your passkey instead" in browser.get(CODE_PAGE).text
    by_code = browser.submit(CODE_PAGE, {"code": code_of(app, clock)})

    assert by_code.status_code == 302
    assert browser.get("/staff/account").status_code == 200


def test_turning_the_app_off_leaves_passkeys_and_recovery_codes(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    here = sign_in(practice, sam)
    connect(here, clock)
    passkey = Passkey()
    add_passkey(here, passkey)
    here.submit("/staff/recovery-codes")

    here.submit("/staff/two-factor", {"setup": "disable"})

    account = account_of(practice, sam)
    assert account.tf_totp_secret is None
    assert len(account.mf_recovery_codes or ()) == 8
    browser = practice.browser()
    browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
    assert browser.get("/staff/account").status_code == 303
    assert give_passkey(browser, passkey).status_code == 302


class TestProduction:
    """Where the second factor is no choice."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, env="production")

    def test_it_is_set_up_before_anything_opens(self, practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
        browser = practice.browser()

        answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
        assert answer.location == "/staff/two-factor"
        assert browser.get("/staff/account").status_code == 303
        connect(browser, clock)

        assert browser.get("/staff/account").status_code == 200

    def test_the_app_can_be_turned_off_where_a_passkey_stays(
        self, practice: Practice, clock: FrozenClock, sam: Colleague
    ) -> None:
        browser = practice.browser()
        browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
        connect(browser, clock)
        passkey = Passkey()
        add_passkey(browser, passkey)

        browser.submit("/staff/two-factor", {"setup": "disable"})

        assert account_of(practice, sam).tf_totp_secret is None
        assert "only second factor" in browser.submit("/staff/account", form="/remove", follow_redirects=True).text

    def test_it_cannot_be_turned_off(self, practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
        browser = practice.browser()
        browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
        connect(browser, clock)

        answer = browser.submit("/staff/two-factor", {"setup": "disable"})

        assert "That can’t be chosen here" in answer.text
        assert account_of(practice, sam).tf_totp_secret is not None


def test_flask_security_still_leaves_the_guard_against_replay_to_us() -> None:
    """Should it bring one of its own, ours may go."""
    assert Totp({"1": "secret"}, "x").get_last_counter(object()) is None  # type: ignore[arg-type]
