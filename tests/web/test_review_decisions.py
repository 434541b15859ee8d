"""Accepting and declining: what ends, what goes back, and that two reviewers never overwrite each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from practice.booking.lifecycle import State
from practice.booking.queries import find_eligibility
from practice.intake.models import Intake
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, booked, desk, request_of, send_request
from tests.support.story import Held, Practice

QUEUE = "/staff/intakes"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@dataclass(frozen=True)
class Case:
    """A request with a session that is booked and paid."""

    reference: str
    held: Held

    @property
    def page(self) -> str:
        return f"{QUEUE}/{self.reference}"


@pytest.fixture
def case(practice: Practice, till: Till) -> Case:
    found = send_request(practice, preferred_name="Robin")
    held = practice.hold(MONDAY_NINE)
    booked(practice, found, held.reference)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    return Case(found, held)


def state_of(practice: Practice, reference: str) -> str:
    """How the request stands."""
    with practice.app.app_context():
        return request_of(practice, reference).review_state


def test_accepting_keeps_the_booking_and_says_who_did_it(practice: Practice, case: Case) -> None:
    browser = desk(practice, "clinician")

    answer = browser.submit(case.page, form="/accept", follow_redirects=True)

    assert "Accepted." in answer.text
    assert state_of(practice, case.reference) == "accepted"
    assert practice.state_of(case.held) is State.CONFIRMED
    assert len(audit(practice, "intake_accepted")) == 1
    assert "Robin" in browser.get(QUEUE + "?state=decided").text
    assert "Robin" not in browser.get(QUEUE).text.partition("<main")[2]


def test_before_declining_the_exact_sum_and_the_letter_are_shown_and_nothing_is_done(
    practice: Practice, case: Case
) -> None:
    page = desk(practice, "clinician").get(case.page + "/decline").text

    assert "<b>$160</b>" in page
    assert "Decline, and give $160 back" in page
    assert "your appointment on Monday 10 May, 9:00 am Eastern Time does not take place" in page
    assert state_of(practice, case.reference) == "new"


def test_who_declines_or_reads_what_is_private_is_told_whose_it_is(practice: Practice, case: Case) -> None:
    browser = desk(practice, "clinician")

    declining, private = browser.get(case.page + "/decline").text, browser.get(case.page + "/just-for-you").text

    assert "<title>Decline the request of Robin" in declining
    assert "<h1>Decline the request of Robin?</h1>" in declining
    assert "<title>Robin: Just for you" in private
    assert "<h1>Robin: Just for you</h1>" in private


def test_declining_gives_everything_back(practice: Practice, case: Case, till: Till) -> None:
    browser = desk(practice, "clinician")
    shown = browser.get(case.page + "/decline")

    answer = browser.send_form(shown, form="/decline")
    practice.work_until_idle()

    assert answer.location == case.page
    assert practice.state_of(case.held) is State.DECLINED
    assert till.returned() == PRICE
    assert practice.breaches() == []
    assert "declined" in browser.get(case.page).text.lower()


def test_the_letter_is_the_one_that_was_shown(practice: Practice, case: Case, mailer: FakeMailer) -> None:
    browser = desk(practice, "clinician")
    shown = " ".join(browser.get(case.page + "/decline").text.split())

    browser.submit(case.page + "/decline")
    practice.work_until_idle()

    [letter] = [one for one in mailer.sent if one.subject == "Your appointment request"]
    sent = " ".join(letter.text.split())
    for sentence in ("does not take place.", "Banks take five to ten days.", "we help you find another way."):
        assert sentence in sent
        assert sentence in shown


def test_whoever_was_faster_in_another_window_of_their_own_is_told_so(practice: Practice, case: Case) -> None:
    browser = desk(practice, "clinician")
    pages = [browser.get(case.page + "/decline") for _ in range(2)]
    browser.send_form(pages[0], form="/decline")

    second = browser.send_form(pages[1], form="/decline")

    assert second.status_code == 409
    assert "Meanwhile: Declined by yourself, " in second.text
    assert "Somebody was faster" not in second.text


def test_declining_twice_is_one_refund_and_a_kind_answer(practice: Practice, case: Case, till: Till) -> None:
    one, other = desk(practice, "clinician"), desk(practice, "owner")
    pages = [browser.get(case.page + "/decline") for browser in (one, other)]

    first = one.send_form(pages[0], form="/decline")
    second = other.send_form(pages[1], form="/decline")
    practice.work_until_idle()

    assert (first.status_code, second.status_code) == (302, 409)
    assert "This request changed while you read it" in second.text
    assert "Somebody was faster: <b>clinician-desk@practice.example</b>. Declined" in second.text
    assert "Robin" in second.text
    assert till.returned() == PRICE
    assert len(audit(practice, "intake_declined")) == 1


def test_who_accepts_what_was_declined_meanwhile_changes_nothing(practice: Practice, case: Case) -> None:
    one, other = desk(practice, "clinician"), desk(practice, "owner")
    before = other.get(case.page)
    one.submit(case.page + "/decline")

    answer = other.send_form(before, form="/accept")

    assert answer.status_code == 409
    assert state_of(practice, case.reference) == "declined"


def test_who_declines_what_was_accepted_meanwhile_reads_so_first(practice: Practice, case: Case) -> None:
    one, other = desk(practice, "clinician"), desk(practice, "owner")
    before = other.get(case.page + "/decline")
    one.submit(case.page, form="/accept")

    assert other.send_form(before, form="/decline").status_code == 409
    assert state_of(practice, case.reference) == "accepted"
    assert practice.state_of(case.held) is State.CONFIRMED

    assert other.submit(case.page + "/decline").status_code == 302
    assert practice.state_of(case.held) is State.DECLINED


def test_a_payment_that_arrives_while_the_sum_is_read_is_shown_before_it_goes_back(
    practice: Practice, case: Case, till: Till
) -> None:
    browser = desk(practice, "clinician")
    second = practice.hold(MONDAY_TEN)
    booked(practice, case.reference, second.reference)
    shown = browser.get(case.page + "/decline")
    till.pay(second)
    till.deliver()
    practice.work_until_idle()

    answer = browser.send_form(shown, form="/decline")

    assert answer.status_code == 409
    assert practice.state_of(case.held) is State.CONFIRMED
    assert "<b>$320</b>" in browser.get(case.page + "/decline").text


def test_a_time_that_is_only_held_is_let_go_and_nothing_is_said_of_money(practice: Practice) -> None:
    found = send_request(practice)
    held = practice.hold(MONDAY_NINE)
    booked(practice, found, held.reference)
    browser = desk(practice, "clinician")

    page = browser.get(f"{QUEUE}/{found}/decline").text
    browser.submit(f"{QUEUE}/{found}/decline")

    assert "Nothing was paid" in page
    assert "No letter goes out" in page
    assert practice.state_of(held) is State.CANCELLED


def test_after_declining_nothing_can_be_booked_with_these_answers(practice: Practice, clock: FrozenClock) -> None:
    found = send_request(practice)
    desk(practice, "clinician").submit(f"{QUEUE}/{found}/decline")

    with practice.app.app_context():
        eligibility = find_eligibility(request_of(practice, found).person)
        assert eligibility is not None
        assert not eligibility.covers("couple", "video", ["US-NY"], clock.now())


@pytest.mark.parametrize("roles", [("coordinator",), ("therapist",)])
def test_others_decide_nothing_and_their_try_is_noted(practice: Practice, case: Case, roles: tuple[str, ...]) -> None:
    browser = desk(practice, *roles, therapist="ada-lindqvist")
    token = token_of(browser)

    answers = [
        browser.get(case.page + "/decline"),
        browser.post(case.page + "/decline", data={"csrf_token": token, "seen": "new", "ending": ""}),
        browser.post(case.page + "/accept", data={"csrf_token": token, "seen": "new"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert [subject for _, _, subject in audit(practice, "page_refused")] == [case.reference] * 3
    assert state_of(practice, case.reference) == "new"


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({}, {}, 400),
        ({}, {"csrf_token": "forged"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, {"csrf_token": "own"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, {"csrf_token": "own"}, 403),
        ({}, {"csrf_token": "own", "seen": "else"}, 422),
        ({}, {"csrf_token": "own", "seen": ""}, 422),
    ],
)
def test_forged_and_foreign_forms_decide_nothing(
    practice: Practice, case: Case, headers: dict[str, str], data: dict[str, str], status: int
) -> None:
    browser = desk(practice, "clinician")
    if data.get("csrf_token") == "own":
        data = {**data, "csrf_token": token_of(browser)}

    for action in ("accept", "decline"):
        answer = browser.post(f"{case.page}/{action}", data={"seen": "new", **data}, headers=headers)
        assert answer.status_code == status

    assert state_of(practice, case.reference) == "new"
    assert practice.state_of(case.held) is State.CONFIRMED


def test_what_is_added_to_a_decision_is_ignored(practice: Practice, case: Case) -> None:
    extra = {"review_state": "declined", "refund": "0", "price_minor": "1", "role": "owner", "decided_by": "staff:99"}

    desk(practice, "clinician").submit(case.page, extra, form="/accept")

    assert state_of(practice, case.reference) == "accepted"
    with practice.app.app_context():
        assert request_of(practice, case.reference).decided_by != "staff:99"


def test_a_decision_is_no_address_that_can_be_opened(practice: Practice, case: Case) -> None:
    browser = desk(practice, "clinician")

    assert browser.get(case.page + "/accept").status_code == 405
    assert browser.get(case.page + "/decline?seen=new&ending=&_method=POST").status_code == 200
    assert browser.post(case.page, data={"csrf_token": token_of(browser)}).status_code == 405
    assert state_of(practice, case.reference) == "new"


def token_of(browser: Browser) -> str:
    """A form token of this browser's session."""
    return browser.get("/staff/account").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_declining_what_was_sent_before_leaves_what_came_of_the_newer_request(
    practice: Practice, case: Case, clock: FrozenClock
) -> None:
    clock.advance(minutes=5)
    with practice.app.app_context(), begin_work() as work:
        old = request_of(practice, case.reference)
        newer = Intake(
            reference="i_newer",
            person_id=old.person_id,
            questionnaire_hash=old.questionnaire_hash,
            started_at=work.now,
            saved_at=work.now,
            submitted_at=work.now,
            review_state="new",
        )
        work.session.add(newer)

    desk(practice, "clinician").submit(case.page + "/decline")

    assert state_of(practice, case.reference) == "declined"
    assert practice.state_of(case.held) is State.CONFIRMED
    with practice.app.app_context():
        eligibility = find_eligibility(request_of(practice, "i_newer").person)
        assert eligibility is not None
        assert eligibility.covers("couple", "video", ["US-NY"], clock.now())


def test_who_is_declined_before_paying_is_not_told_that_they_let_it_go(practice: Practice) -> None:
    found = send_request(practice)
    client = practice.new_client()
    held = practice.hold(MONDAY_NINE, client)
    booked(practice, found, held.reference)
    desk(practice, "clinician").submit(f"{QUEUE}/{found}/decline")

    with practice.app.app_context():
        person = request_of(practice, found).person
        browser = practice.browser(replace(client, person_id=person.id))
    page = browser.get(f"/bookings/{held.reference}").text

    assert "We could not take this appointment" in page
    assert "Choose another time" not in page


def test_who_was_declined_is_promised_no_times(practice: Practice) -> None:
    found = send_request(practice)
    desk(practice, "clinician").submit(f"{QUEUE}/{found}/decline")
    client = practice.new_client()
    with practice.app.app_context():
        person = request_of(practice, found).person
        browser = practice.browser(replace(client, person_id=person.id))

    page = browser.get("/schedule").text
    assert "The next page shows what is open to you" in page
    assert "The next step is to choose a time" not in page
    assert "/times/" not in browser.get("/intake/times").text
