"""Staff's sessions: rows behind a cookie of their own, which end, and can't be planted."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from practice.database import db
from practice.errors import Contended
from practice.staff import actions, sessions
from practice.staff.models import StaffSession
from practice.staff.queries import find_account
from practice.tokens import token_hash
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.staff import PASSWORD, SIGN_IN, Colleague, audit, hire, sign_in
from tests.support.story import Practice

COOKIE = "__Host-staff"


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician")


def cookie_of(browser: Browser, name: str = COOKIE) -> str:
    """The value of a cookie that this browser has, or nothing."""
    found = browser.get_cookie(name, domain="practice.example")
    return found.value if found else ""


def rows(practice: Practice) -> int:
    """How many sessions there are."""
    with practice.app.app_context():
        return db.session.scalar(select(func.count()).select_from(StaffSession)) or 0


def is_in(browser: Browser) -> bool:
    """Whether this browser is signed in."""
    return browser.get("/staff/account").status_code == 200


def test_the_cookie_is_strict_and_holds_only_the_name_of_a_row(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})
    [header] = [one for one in answer.headers.getlist("Set-Cookie") if COOKIE in one]

    assert header.startswith(f"{COOKIE}=s.")
    assert {part.strip() for part in header.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    with practice.app.app_context():
        stored = db.session.scalars(select(StaffSession.token_hash)).one()
    assert stored == token_hash(cookie_of(browser).removeprefix("s."))


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:5000"])
def test_without_https_the_cookie_goes_without_its_prefix(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()
    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})

    [header] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("staff=")]
    assert "SameSite=Strict" in header
    assert "Secure" not in header


def test_signing_in_ends_what_was_known_before(practice: Practice, sam: Colleague) -> None:
    victim, thief = practice.browser(), practice.browser()
    page = thief.get(SIGN_IN)
    planted = cookie_of(thief)
    victim.set_cookie(COOKIE, planted, domain="practice.example", secure=True, path="/")

    victim.send_form(page, {"email": sam.email, "password": PASSWORD})

    assert is_in(victim)
    assert cookie_of(victim) != planted
    assert not is_in(thief)
    stale = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert victim.post("/staff/account/end-sessions", data={"csrf_token": stale}).status_code == 400


def test_a_row_of_somebody_else_is_left_behind_at_sign_in(practice: Practice, sam: Colleague) -> None:
    kim = hire(practice, "coordinator", email="kim@practice.example")
    thief = sign_in(practice, kim)
    victim = practice.browser()
    victim.set_cookie(COOKIE, cookie_of(thief), domain="practice.example", secure=True, path="/")
    victim.submit("/staff/account", form="sign-out")

    victim.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})

    assert sam.email in victim.get("/staff/account").text
    assert not is_in(thief)


def test_strangers_fill_no_table(practice: Practice, sam: Colleague) -> None:
    for _ in range(3):
        browser = practice.browser()
        browser.get(SIGN_IN)
        browser.submit(SIGN_IN, {"email": sam.email, "password": "four loud brown geese"})

    assert rows(practice) == 0


@pytest.mark.parametrize("forged", ["s.nothing", "s.", "d.e30.x.y", "d.", "x", "s." + "a" * 3000, "\x00"])
def test_a_forged_cookie_is_nobodys(practice: Practice, forged: str) -> None:
    browser = practice.browser()
    browser.set_cookie(COOKIE, forged, domain="practice.example", secure=True, path="/")

    assert browser.get("/staff/account").status_code == 303
    assert browser.get(SIGN_IN).status_code == 200


def test_a_cookie_without_a_row_cannot_say_who_one_is(practice: Practice, sam: Colleague) -> None:
    with practice.app.app_context():
        signer = sessions._door_signer(practice.app)
        uniquifier = db.session.execute(db.text("SELECT fs_uniquifier FROM staff_account")).scalar_one()
    browser = practice.browser()
    browser.set_cookie(
        COOKIE, "d." + str(signer.dumps({"_user_id": uniquifier, "tf_user_id": uniquifier})),
        domain="practice.example", secure=True, path="/",
    )  # fmt: skip

    assert not is_in(browser)


def test_a_session_ends_after_an_idle_hour(practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    for _ in range(3):
        clock.advance(minutes=59)
        assert is_in(browser)

    clock.advance(minutes=60)

    assert not is_in(browser)


def test_a_session_ends_after_half_a_day_however_busy(practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
    browser = sign_in(practice, sam)
    for _ in range(23):
        clock.advance(minutes=30)
        assert is_in(browser)

    clock.advance(minutes=30)

    assert not is_in(browser)


def test_what_has_run_out_is_deleted_at_the_next_sign_in(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    sign_in(practice, sam)
    clock.advance(hours=13)

    sign_in(practice, sam)

    assert rows(practice) == 1


def test_the_staff_cookie_means_nothing_to_clients_pages_nor_theirs_to_staffs(
    practice: Practice, sam: Colleague
) -> None:
    staff = sign_in(practice, sam)
    client = practice.browser(practice.new_client())

    with staff.session_transaction(base_url=staff.home) as session:
        assert "_user_id" not in session
    assert client.get("/staff/account").status_code == 303
    with client.session_transaction(base_url=client.home) as session:
        session["_user_id"] = "1"
    assert client.get("/staff/account").status_code == 303


def test_signing_out_everywhere_ends_every_session(practice: Practice, sam: Colleague) -> None:
    here, elsewhere = sign_in(practice, sam), sign_in(practice, sam)

    answer = here.submit("/staff/account", form="end-sessions", follow_redirects=True)

    assert "You are signed out everywhere" in answer.text
    assert not is_in(here)
    assert not is_in(elsewhere)


def test_a_page_that_was_slow_does_not_bring_an_ended_session_back(practice: Practice, sam: Colleague) -> None:
    token = cookie_of(sign_in(practice, sam)).removeprefix("s.")
    with practice.app.app_context():
        with begin_work() as work:
            actions.end_session(work, token)
        with begin_work() as work:
            actions.keep_session(work, token, "{}")

    assert rows(practice) == 0


def test_signing_in_is_in_the_audit_log(practice: Practice, sam: Colleague) -> None:
    sign_in(practice, sam)

    assert audit(practice, "account_created", "signed_in") == [
        ("system", "account_created", sam.actor),
        (sam.actor, "signed_in", sam.actor),
    ]


def test_when_sessions_cannot_be_read_staff_hears_so_and_stays_signed_in(practice: Practice, sam: Colleague) -> None:
    browser = sign_in(practice, sam)

    with patch.object(sessions, "find_session", side_effect=OperationalError("", {}, Exception())):
        answer = browser.get("/staff/account")

    assert answer.status_code == 503
    assert is_in(browser)


def test_a_sign_in_that_could_not_be_kept_is_not_pretended(practice: Practice, sam: Colleague) -> None:
    browser = practice.browser()

    with patch.object(actions, "open_session", side_effect=Contended):
        answer = browser.submit(SIGN_IN, {"email": sam.email, "password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert not is_in(browser)


def test_a_missed_note_of_having_been_seen_costs_nobody_a_page(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    browser = sign_in(practice, sam)
    browser.get("/staff/account")
    clock.advance(minutes=5)

    with patch.object(actions, "keep_session", side_effect=Contended):
        assert browser.get("/staff/password").status_code == 200


def test_a_changed_password_leaves_one_session_in_the_table(practice: Practice, sam: Colleague) -> None:
    here, _ = sign_in(practice, sam), sign_in(practice, sam)
    strong = "seven patient green doors"

    here.submit("/staff/password", {"password": PASSWORD, "new_password": strong, "new_password_confirm": strong})

    assert is_in(here)
    assert rows(practice) == 1


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def sign_in_from(practice: Practice, colleague: Colleague, user_agent: str) -> Browser:
    """A browser of this kind in which they are signed in."""
    browser = practice.browser()
    browser.environ_base["HTTP_USER_AGENT"] = user_agent
    browser.submit(SIGN_IN, {"email": colleague.email, "password": PASSWORD})
    return browser


def test_the_account_lists_where_one_is_signed_in_by_family_alone(practice: Practice, sam: Colleague) -> None:
    here = sign_in_from(practice, sam, FIREFOX)
    sign_in_from(practice, sam, IPHONE)
    kim = hire(practice, "owner", email="kim@practice.example")
    sign_in_from(practice, kim, "Mozilla/5.0 (Windows NT 10.0) Edg/140")

    page = here.get("/staff/account").text

    assert page.count("This one") == 1
    assert "Firefox on Linux" in page
    assert "Safari on an iPhone" in page
    assert "Edge" not in page
    with practice.app.app_context():
        kept = " ".join(map(str, db.session.scalars(select(StaffSession.browser))))
    assert not any(number in kept for number in ("140", "18", "127.0.0.1"))


def test_one_session_is_ended_alone_and_only_ones_own(practice: Practice, sam: Colleague) -> None:
    here, elsewhere, third = (sign_in(practice, sam) for _ in range(3))
    kim = sign_in(practice, hire(practice, "coordinator", email="kim@practice.example"))
    with practice.app.app_context():
        found = select(StaffSession.reference, StaffSession.token_hash)
        references = {row.token_hash: row.reference for row in db.session.execute(found)}
    theirs = references[token_hash(cookie_of(elsewhere).removeprefix("s."))]
    foreign = kim.get("/staff/account").text.partition('name="csrf_token" value="')[2].partition('"')[0]

    kim.post(f"/staff/account/sessions/{theirs}/end", data={"csrf_token": foreign})
    assert is_in(elsewhere)
    here.submit("/staff/account", form=f"/{theirs}/end")

    assert (is_in(here), is_in(elsewhere), is_in(third)) == (True, False, True)
    assert audit(practice, "session_ended") == [(sam.actor, "session_ended", sam.actor)]


def test_all_others_are_ended_and_this_one_stays(practice: Practice, sam: Colleague) -> None:
    here, *others = (sign_in(practice, sam) for _ in range(3))
    kim = sign_in(practice, hire(practice, "coordinator", email="kim@practice.example"))

    here.submit("/staff/account", form="/end-others")

    assert is_in(here)
    assert [is_in(one) for one in others] == [False, False]
    assert is_in(kim)


def test_what_ran_out_or_lay_idle_is_not_listed(practice: Practice, clock: FrozenClock, sam: Colleague) -> None:
    sign_in_from(practice, sam, IPHONE)
    clock.advance(minutes=61)

    assert "iPhone" not in sign_in_from(practice, sam, FIREFOX).get("/staff/account").text


def test_an_account_remembers_when_it_was_seen_last_to_the_minute(
    practice: Practice, clock: FrozenClock, sam: Colleague
) -> None:
    browser = sign_in(practice, sam)
    clock.advance(minutes=30)
    browser.get("/staff/account")

    with practice.app.app_context():
        account = find_account(sam.email)
        assert account is not None
        assert account.last_seen_at == clock.now()


def test_another_address_moves_no_identity(practice: Practice, sam: Colleague) -> None:
    """Abuse 24: who somebody is hangs on the number of their account, never on what is typed as an address."""
    browser = sign_in(practice, sam)
    with practice.app.app_context(), begin_work():
        account = find_account(sam.email)
        assert account is not None
        account.email = "samira@practice.example"
    kim = hire(practice, "owner", email=sam.email)

    assert "samira@practice.example" in browser.get("/staff/account").text
    assert browser.get("/staff/people").status_code == 404
    assert "owner" in sign_in(practice, kim).get("/staff/account").text
