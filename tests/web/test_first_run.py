"""A new practice: nobody claims it without the address, and its owner comes to a practice that can be booked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import find_offers
from practice.booking.openings import earliest_times
from practice.database import db
from practice.first_run import PracticeAnswers
from practice.opening.actions import WAY_IN_LIFE, SetUpMeanwhile, claim, make_way_in
from practice.opening.models import PracticeOpening
from practice.profile import PracticeProfile
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.staff import PASSWORD, SIGN_IN, audit, desk
from tests.support.story import Practice

NAMED = {
    "name": "Quiet Harbour",
    "zone": "America/New_York",
    "currency": "USD",
    "email": "office@harbour.example",
    "phone": "+1 555 010 0100",
    "address": "1 Quay Street, Hudson, NY",
    "help_region": "US",
    "statement_name": "APPOINTMENT",
    "desk_hours": "mon-fri 09:00-17:00",
}
OWNER = {
    "owner_email": "ada@harbour.example",
    "password": PASSWORD,
    "again": PASSWORD,
    "therapist_name": "Ada Lindqvist",
    "licence_places": ["US-NY"],
    "join_link": "https://video.harbour.example/ada",
}

ACCOUNT = {"owner_email": "eve@harbour.example", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def bare(app, clock) -> Practice:
    """An installation that nobody has set up."""
    return Practice(app, clock)


@pytest.fixture
def address(bare) -> str:
    return f"/staff/first-run/{way_in(bare)}"


def way_in(bare: Practice) -> str:
    with bare.app.app_context(), begin_work() as work:
        return make_way_in(work)


def claimed(bare: Practice, address: str) -> Browser:
    """The owner's browser, once they have set it up and signed in."""
    browser = bare.browser()
    assert browser.submit(address, NAMED).status_code == 302
    assert browser.submit(address, OWNER).status_code == 302
    assert browser.submit(SIGN_IN, {"email": OWNER["owner_email"], "password": PASSWORD}).status_code == 302
    return browser


def counts(bare: Practice) -> tuple[int, int, int]:
    with bare.app.app_context():
        tables = (PracticeProfile, StaffAccount, Therapist)
        return tuple(db.session.scalar(select(func.count()).select_from(one)) for one in tables)


def test_two_pages_make_a_practice_with_an_owner_and_times_that_somebody_can_book(bare, address, clock):
    browser = claimed(bare, address)

    page = browser.get("/staff/setup/open").text
    assert "2 things are left." not in page  # mail, Stripe, and the second factor
    assert "3 things are left." in page
    with bare.app.app_context():
        offers = list(find_offers().values())
        [(span, offer)] = earliest_times(offers, now=clock.now(), count=1)
    assert offer.therapist_name == "Ada Lindqvist"
    assert span.start > clock.now()
    assert "Quiet Harbour" in bare.browser().get("/").text
    assert [entry[1] for entry in audit(bare, "way_in_made", "practice_named", "practice_claimed")] == [
        "way_in_made",
        "practice_named",
        "practice_claimed",
    ]


def test_each_page_is_kept_when_it_is_sent_and_gone_on_with_in_another_browser(bare, address):
    bare.browser().submit(address, NAMED)

    page = bare.browser().get(address).text

    assert "2 of 2" in page
    assert counts(bare) == (1, 0, 0)
    assert bare.browser().submit(address, OWNER).status_code == 302
    assert counts(bare) == (1, 1, 1)


def test_without_the_address_after_a_day_or_once_it_is_spent_there_is_no_way_in(bare, address, clock):
    assert bare.browser().get("/staff/first-run/guess").status_code == 404
    older = address
    newer = f"/staff/first-run/{way_in(bare)}"
    assert bare.browser().get(older).status_code == 404
    clock.advance(hours=WAY_IN_LIFE / timedelta(hours=1))
    assert bare.browser().get(newer).status_code == 404

    last = f"/staff/first-run/{way_in(bare)}"
    claimed(bare, last)

    assert bare.browser().get(last).status_code == 404
    again = f"/staff/first-run/{way_in(bare)}"  # even then: there is an owner
    assert bare.browser().get(again).status_code == 404


def test_two_who_have_the_address_make_one_owner(bare, address):
    first, second = bare.browser(), bare.browser()
    first.submit(address, NAMED)
    late = second.get(address).text
    first.submit(address, OWNER)

    token = re.search(r'name="csrf_token" value="([^"]+)"', late)[1]
    answer = second.post(f"{address}/owner", data={**OWNER, "owner_email": "eve@else.example", "csrf_token": token})

    assert answer.status_code == 404
    assert counts(bare) == (1, 1, 1)


class TestAPracticeThatNobodyOwnsAnyMore:
    @pytest.fixture
    def again(self, bare: Practice, address: str) -> str:
        """A new address, once the owner's account has ended."""
        claimed(bare, address)
        with bare.app.app_context(), begin_work() as work:
            work.session.scalars(select(StaffAccount)).one().active = False
        return f"/staff/first-run/{way_in(bare)}"

    def test_the_address_makes_an_owner_and_changes_nothing_else(self, bare, again):
        browser = bare.browser()
        assert "Own the practice" in browser.get(again).text

        assert browser.submit(again, ACCOUNT).status_code == 302

        assert counts(bare) == (1, 2, 1)
        assert browser.get(again).status_code == 404
        assert browser.submit(SIGN_IN, {"email": "eve@harbour.example", "password": PASSWORD}).status_code == 302
        assert browser.get("/staff/people").status_code == 200
        with bare.app.app_context():
            account = find_account("eve@harbour.example")
            assert ([role.name for role in account.roles], account.therapist_id) == (["owner"], None)
        assert len(audit(bare, "practice_regained")) == 1

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"owner_email": "Ada@harbour.example"}, "owner_email", "Somebody has this address already"),
            ({"owner_email": "eve"}, "owner_email", "letters can go to"),
            ({"password": "short", "again": "short"}, "password", ""),
            ({"again": "another thing entirely"}, "again", "differ"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nobody_is_made(self, bare, again, typed, field, words):
        answer = bare.browser().submit(again, {**ACCOUNT, **typed})

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert words in answer.text
        assert counts(bare) == (1, 1, 1)

    def test_the_form_of_a_first_owner_comes_too_late(self, bare, again):
        browser = bare.browser()
        token = token_of(browser, again)

        answer = browser.post(f"{again}/owner", data={**OWNER, "csrf_token": token})

        assert answer.location == again
        assert counts(bare) == (1, 1, 1)
        said = {key: value for key, value in OWNER.items() if key not in ("password", "again")}
        answers = PracticeAnswers.from_words({**NAMED, **said, "licence_places": "US-NY", "owner_password": PASSWORD})
        with bare.app.app_context(), pytest.raises(SetUpMeanwhile), begin_work() as work:
            claim(work, again.rpartition("/")[2], answers, "a hash")  # whoever was quicker is seen under the lock

    def test_the_form_of_a_practice_that_stands_comes_too_early(self, bare, address):
        browser = bare.browser()
        browser.submit(address, NAMED)

        answer = browser.post(f"{address}/account", data={**ACCOUNT, "csrf_token": token_of(browser, address)})

        assert answer.location == address
        assert counts(bare) == (1, 0, 0)


def test_the_address_is_kept_as_a_hash_alone(bare, address):
    token = address.rpartition("/")[2]
    with bare.app.app_context():
        assert token.encode() not in db.session.get_one(PracticeOpening, 1).token_hash
    assert token not in str(audit(bare, "way_in_made"))


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "what clients call"),
        ({"zone": "New York"}, "zone", "no such time zone"),
        ({"currency": "XQZ"}, "currency", "three letters"),
        ({"email": "office"}, "email", "write to"),
        ({"statement_name": "THERAPY!"}, "statement_name", "5 to 22"),
        ({"desk_hours": "always"}, "desk_hours", ""),
    ],
)
def test_what_is_wrong_with_the_practice_is_said_at_its_field_and_what_was_typed_stays(
    bare, address, typed, field, words
):
    answer = bare.browser().submit(address, {**NAMED, **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert words in answer.text
    assert 'value="1 Quay Street, Hudson, NY"' in answer.text
    assert counts(bare) == (0, 0, 0)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "another thing entirely"}, "again"),
        ({"licence_places": []}, "licence_places"),
        ({"owner_email": "ada"}, "owner_email"),
        ({"join_link": "http://video.example"}, "join_link"),
        ({"therapist_name": ""}, "therapist_name"),
    ],
)
def test_what_is_wrong_with_the_owner_is_said_at_its_field_and_nobody_is_made(bare, address, typed, field):
    browser = bare.browser()
    browser.submit(address, NAMED)

    answer = browser.submit(address, {**OWNER, **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text
    assert counts(bare) == (1, 0, 0)


# What is left


def test_today_says_that_it_is_not_open_until_everything_is_done_and_the_owner_says_so(bare, address, mailer):
    browser = claimed(bare, address)
    assert "The practice is not open yet." in browser.get("/staff/").text
    refused = browser.post("/staff/setup/open", data={"csrf_token": token_of(browser, "/staff/account")})
    assert refused.status_code == 422

    browser.submit("/staff/setup/connections", {}, form="/mail/try")
    free_of_charge(bare)
    turn_on_second_factor(bare)

    page = browser.get("/staff/setup/open").text
    assert "Your practice can be booked:" in page
    assert 'value="https://practice.example/schedule"' in page
    assert browser.submit("/staff/setup/open", {}, form="/setup/open").status_code == 302
    assert "The practice is not open yet." not in browser.get("/staff/").text
    assert audit(bare, "practice_opened")


def test_the_list_follows_what_stands_and_not_what_was_pressed(bare, address):
    browser = claimed(bare, address)
    browser.submit("/staff/setup/hours/ada-lindqvist", {f"rows-{row}-remove": "y" for row in range(10)}, form="weekly")

    page = browser.get("/staff/setup/open").text

    assert "None so far: Ada Lindqvist." in page
    assert "Your practice can be booked" not in page


def test_a_practice_that_stood_before_says_nothing_of_opening(practice):
    owner = desk(practice, "owner")

    assert "not open yet" not in owner.get("/staff/").text
    assert owner.get("/staff/setup/open").status_code == 200


def token_of(browser: Browser, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return found[1]


def free_of_charge(bare: Practice) -> None:
    with bare.app.app_context(), begin_work() as work:
        for therapist in work.session.scalars(select(Therapist)):
            for offering in therapist.offerings:
                offering.price_minor = 0


def turn_on_second_factor(bare: Practice) -> None:
    with bare.app.app_context(), begin_work() as work:
        for account in work.session.scalars(select(StaffAccount)):
            account.tf_primary_method, account.tf_totp_secret = "authenticator", "a secret"
