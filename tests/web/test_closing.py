"""Accepting for some, referring out, taking back: what may be booked, what ends, what the client reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from practice.booking.eligibility import Chosen
from practice.booking.holding import NotEligible, hold_slot
from practice.booking.lifecycle import State
from practice.booking.offers.queries import find_offers, get_therapist
from practice.booking.queries import find_choices, find_eligibility
from practice.clock import clock
from practice.people import Person, hash_code
from practice.review import actions, closing
from practice.review.deciding import DecidedMeanwhile
from practice.review.queries import find_deciders
from practice.review.steps import mark_of
from practice.setup.actions import set_review_first
from practice.work import begin_work
from tests.support.answering_couples import intake_of, two
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.intake import CODE
from tests.support.offers import change_offering, confirmed, see, work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import add_referral, audit, booked, desk, request_of, send_request
from tests.support.story import Practice

OWN = "/you/request"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def found(practice: Practice) -> str:
    """The reference of a request."""
    return send_request(practice, preferred_name="Robin")


def page_of(found: str) -> str:
    return f"/staff/intakes/{found}"


def stage_of(practice: Practice, found: str) -> str:
    with practice.app.app_context():
        return request_of(practice, found).review_state


def at_home(practice: Practice, found: str) -> Browser:
    """A browser of whoever sent the request, with their code typed."""
    with work_in(practice) as work:
        person_id = request_of(practice, found).person_id
        person = work.session.get_one(Person, person_id)
        person.code_hash = hash_code(CODE)
    browser = practice.browser(replace(practice.new_client(), person_id=person_id))
    assert browser.submit(OWN, {"code": CODE}).location == OWN
    return browser


def offered(practice: Practice, found: str) -> set[tuple[str, str]]:
    """What they may book, by therapist and offering."""
    with practice.app.app_context():
        eligibility = find_eligibility(request_of(practice, found).person)
        assert eligibility is not None
        return {(one.therapist_slug, one.offering_slug) for one in find_choices(eligibility, clock().now())}


def token_of(browser: Browser) -> str:
    """The token that this browser sends with any form."""
    return browser.get("/staff/").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def paid(practice: Practice, till: Till, found: str, start: datetime = MONDAY_NINE):
    held = practice.hold(start)
    booked(practice, found, held.reference)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def choose(practice: Practice, staff: Browser, found: str, therapist: str, offering: str):
    with practice.app.app_context():
        who = get_therapist(therapist).id
        what = next(one.offering_id for one in find_offers().values() if one.offering_slug == offering)
    said = {"therapists": [str(who)], "offerings": [str(what)]}
    return staff.submit(page_of(found) + "/accept-for", said, form="/accept-for")


def test_accepting_for_one_therapist_and_offering_leaves_these_alone_and_writes(
    practice: Practice, found: str, mailer: FakeMailer
) -> None:
    practice.work_until_idle()
    mailer.sent.clear()
    before = offered(practice, found)
    assert len(before) > 1
    staff = desk(practice, "clinician")

    assert choose(practice, staff, found, "ada-lindqvist", "couple-50").status_code == 302
    practice.work_until_idle()

    assert stage_of(practice, found) == "accepted"
    assert offered(practice, found) == {("ada-lindqvist", "couple-50")}
    assert [one.subject for one in mailer.sent] == ["You can choose a time"]
    client = at_home(practice, found)
    assert "Ready to book" in client.get(OWN).text
    assert practice.breaches() == []

    assert choose(practice, staff, found, "ada-lindqvist", "individual-50").status_code == 302  # otherwise, later
    assert offered(practice, found) == {("ada-lindqvist", "individual-50")}


def test_what_the_practice_did_not_choose_cannot_be_held(practice: Practice, found: str) -> None:
    assert choose(practice, desk(practice, "clinician"), found, "ada-lindqvist", "individual-50").status_code == 302

    with practice.app.app_context():
        person_id = request_of(practice, found).person_id
        wanted, left = find_offers()["ada-lindqvist", "couple-50"], find_offers()["ada-lindqvist", "individual-50"]
    with pytest.raises(NotEligible), work_in(practice) as work:
        hold_slot(work, person_id, wanted, MONDAY_NINE)
    with work_in(practice) as work:
        assert hold_slot(work, person_id, left, MONDAY_NINE)


def test_a_choice_that_nobody_offers_is_an_error(practice: Practice, found: str) -> None:
    staff = desk(practice, "clinician")

    answer = staff.submit(page_of(found) + "/accept-for", {"therapists": [], "offerings": []}, form="/accept-for")

    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert stage_of(practice, found) == "new"


def test_referring_out_ends_what_is_booked_gives_all_back_and_names_the_others_behind_the_code(
    practice: Practice, found: str, till: Till, mailer: FakeMailer
) -> None:
    held = paid(practice, till, found)
    add_referral(practice)
    staff = desk(practice, "clinician")
    page = staff.get(page_of(found) + "/refer")
    assert "<b>$160</b>" in page.text
    chosen = page.text.partition('name="referrals"')[2].partition('value="')[2].partition('"')[0]

    assert staff.send_form(page, {"referrals": [chosen]}, form="/refer").status_code == 302
    practice.work_until_idle()

    assert stage_of(practice, found) == "referred_out"
    assert practice.state_of(held) is State.DECLINED
    assert till.returned() == PRICE
    assert offered(practice, found) == set()
    assert "There is something on your page" in [one.subject for one in mailer.sent]
    assert not [one for one in mailer.sent if "Harbour" in one.text]
    own = at_home(practice, found).get(OWN).text
    assert "Closed" in own
    assert "Harbour Clinic" in own
    assert "help with drinking" in own
    assert practice.breaches() == []


def test_where_nobody_is_listed_a_request_can_still_be_declined(practice: Practice, found: str) -> None:
    page = desk(practice, "clinician").get(page_of(found) + "/refer").text

    assert f'href="{page_of(found)}/decline">Decline without a referral</a>' in page


def test_a_referral_needs_somebody_of_the_list(practice: Practice, found: str) -> None:
    add_referral(practice)
    staff = desk(practice, "clinician")
    page = staff.get(page_of(found) + "/refer")

    assert staff.send_form(page, {"referrals": []}, form="/refer").status_code == 422
    assert staff.send_form(page, {"referrals": ["rf_nobody"]}, form="/refer").status_code == 422
    assert stage_of(practice, found) == "new"


def test_the_list_is_changed_by_one_at_a_time_and_needs_a_way_to_reach_them(practice: Practice, found: str) -> None:
    owner = add_referral(practice)
    address = (
        owner.get("/staff/setup/referrals").text.partition('href="/staff/setup/referrals/rf_')[2].partition('"')[0]
    )
    path = f"/staff/setup/referrals/rf_{address}"
    one, stale = owner.get(path), owner.get(path)
    assert owner.send_form(one, {"place": "Boston"}, form=path).status_code == 302
    assert owner.send_form(stale, {"place": "Chicago"}, form=path).status_code == 409
    wrong = owner.send_form(owner.get(path), {"phone": "", "web": ""}, form=path)
    assert wrong.status_code == 422
    assert "so that they can be reached" in wrong.text
    assert "Boston" in owner.get("/staff/setup/referrals").text

    assert owner.send_form(owner.get(path), form="/end").status_code == 302
    assert "Harbour" not in owner.get("/staff/setup/referrals").text.partition("<main")[2]


def test_a_client_takes_their_request_back_and_gets_what_the_policy_says(
    practice: Practice, found: str, till: Till
) -> None:
    held = paid(practice, till, found)
    client = at_home(practice, found)
    page = client.get(OWN + "/take-back")
    assert "<b>$160</b> of $160 goes back" in page.text
    staff = desk(practice, "clinician")
    stale = staff.get(page_of(found) + "/decline")

    assert client.send_form(page, form="/take-back").location == "/you"
    practice.work_until_idle()

    assert stage_of(practice, found) == "withdrawn"
    assert practice.state_of(held) is State.CANCELLED
    assert till.returned() == PRICE
    assert offered(practice, found) == set()
    assert "Closed" in client.get("/you").text
    assert practice.breaches() == []
    again = client.send_form(page, form="/take-back")
    assert again.status_code == 409
    late = staff.send_form(stale, form="/decline").text
    assert "Meanwhile: Withdrawn by the client, " in late
    assert "Somebody was faster" not in late
    assert len(audit(practice, "intake_withdrawn")) == 1


def test_late_it_costs_what_cancelling_costs_and_other_terms_than_were_read_end_nothing(
    practice: Practice, found: str, till: Till
) -> None:
    held = paid(practice, till, found)
    client = at_home(practice, found)
    early = client.get(OWN + "/take-back")
    practice.clock.set(MONDAY_NINE)
    practice.clock.advance(hours=-5)
    client.submit(OWN, {"code": CODE})

    late = client.send_form(early, form="/take-back")

    assert late.status_code == 409
    assert practice.state_of(held) is State.CONFIRMED
    assert stage_of(practice, found) == "new"


@pytest.mark.parametrize("who", ["client", "staff"])
def test_of_two_late_sessions_one_is_waived_and_the_page_says_what_is_kept_of_the_other(
    practice: Practice, found: str, till: Till, who: str
) -> None:
    change_offering(practice, late_waiver=True)
    first, second = (paid(practice, till, found, MONDAY_NINE + timedelta(hours=hours)) for hours in (0, 3))
    practice.clock.set(MONDAY_NINE - timedelta(hours=5))
    if who == "client":
        browser, path = at_home(practice, found), OWN + "/take-back"
    else:
        browser, path = desk(practice, "clinician"), page_of(found) + "/withdrawn"

    page = browser.get(path)

    assert page.text.count("<b>$160</b> of $160 goes back") == 1
    assert page.text.count("By the rule for late cancellations, nothing goes back") == 1
    assert browser.send_form(page, form=path).status_code == 302
    practice.work_until_idle()
    assert [amount for _, amount in till.refunds(first)] == [PRICE]
    assert till.refunds(second) == []
    assert [see(practice, one).late_cancelled_at is None for one in (first, second)] == [True, False]
    assert practice.breaches() == []


def test_a_waiver_that_is_used_up_meanwhile_ends_nothing(practice: Practice, found: str, till: Till) -> None:
    change_offering(practice, late_waiver=True)
    one, other = (paid(practice, till, found, MONDAY_NINE + timedelta(hours=hours)) for hours in (0, 3))
    practice.clock.set(MONDAY_NINE - timedelta(hours=5))
    client = at_home(practice, found)
    page = client.get(OWN + "/take-back")
    till.cancel(one)

    assert client.send_form(page, form="/take-back").status_code == 409
    assert practice.state_of(other) is State.CONFIRMED
    assert "nothing goes back" in client.get(OWN + "/take-back").text


def test_what_a_late_cancellation_costs_is_told_to_whom_it_is_told(practice: Practice, found: str, till: Till) -> None:
    change_offering(practice, late_waiver=True)
    one, other = (paid(practice, till, found, MONDAY_NINE + timedelta(hours=hours)) for hours in (0, 3))
    practice.clock.set(MONDAY_NINE - timedelta(hours=5))
    client = at_home(practice, found)
    page = f"/bookings/{other.reference}"

    told = words(client.get(page).text)
    assert "<b>the fee of $160 is kept</b> if you cancel. The first time that you cancel too late, it isn’t." in told
    assert "Cancel it, and get $160 back" in client.get(f"{page}/cancel").text

    till.cancel(one)
    told = words(client.get(page).text)
    assert "<b>the fee of $160 is kept</b> if you cancel" in told
    assert "The first time that" not in told
    assert "Cancel it without a refund" in client.get(f"{page}/cancel").text


def words(page: str) -> str:
    return " ".join(page.split())


@pytest.mark.parametrize("how", ["decline", "refer", "withdrawn"])
@pytest.mark.parametrize("minutes", [0, 20, 55])
def test_no_ending_gives_back_what_was_paid_for_a_session_that_has_begun(
    practice: Practice, found: str, till: Till, how: str, minutes: int
) -> None:
    begun = paid(practice, till, found)
    later = paid(practice, till, found, MONDAY_NINE + timedelta(days=7))
    add_referral(practice)
    practice.clock.set(MONDAY_NINE + timedelta(minutes=minutes))
    staff = desk(practice, "clinician")
    page = staff.get(f"{page_of(found)}/{how}")
    assert "$160" in page.text
    assert "$320" not in page.text
    chosen = {"referrals": [page.text.partition('name="referrals"')[2].partition('value="')[2].partition('"')[0]]}

    assert staff.send_form(page, chosen if how == "refer" else {}, form=f"/{how}").status_code == 302
    practice.work_until_idle()

    assert practice.state_of(begun) is not State.DECLINED
    assert till.refunds(begun) == []
    assert [amount for _, amount in till.refunds(later)] == [PRICE]
    assert practice.breaches() == []


def test_staff_note_that_somebody_takes_it_back(practice: Practice, found: str, till: Till) -> None:
    held = paid(practice, till, found)
    staff = desk(practice, "clinician")
    stale = staff.get(page_of(found) + "/withdrawn")

    assert staff.send_form(stale, form="/withdrawn").status_code == 302
    practice.work_until_idle()

    assert practice.state_of(held) is State.CANCELLED
    assert stage_of(practice, found) == "withdrawn"
    assert staff.send_form(stale, form="/withdrawn").status_code == 409


@pytest.mark.parametrize("page", ["ask", "call", "accept-for", "refer", "withdrawn"])
@pytest.mark.databases("sqlite")
def test_whoever_decides_nothing_finds_no_such_page_and_one_that_is_over_says_so(
    practice: Practice, found: str, page: str
) -> None:
    for role in ("coordinator", "therapist"):
        therapist = "ada-lindqvist" if role == "therapist" else None
        assert desk(practice, role, therapist=therapist).get(f"{page_of(found)}/{page}").status_code == 404
    staff = desk(practice, "owner")
    staff.submit(page_of(found) + "/decline")

    over = staff.get(f"{page_of(found)}/{page}")

    assert over.status_code == 200
    assert "This request can’t go on so" in over.text


def test_whoever_comes_otherwise_than_was_chosen_for_them_is_read_anew(
    practice: Practice, found: str, till: Till
) -> None:
    with work_in(practice) as work:
        set_review_first(work, "command", on=True)
    assert choose(practice, desk(practice, "clinician"), found, "ada-lindqvist", "individual-50").status_code == 302
    client = at_home(practice, found)
    with practice.app.app_context():
        who = replace(practice.new_client(), person_id=request_of(practice, found).person_id)
    assert not see(practice, practice.hold(MONDAY_NINE, who, offering="individual-50")).review_first

    client.submit("/you", {}, form="/alone")
    client.submit("/you", {}, form="/together")

    assert see(practice, practice.hold(MONDAY_NINE + timedelta(hours=3), who)).review_first


def test_a_plain_yes_after_a_choice_is_refused_and_leaves_the_choice(practice: Practice, found: str) -> None:
    staff = desk(practice, "clinician")
    assert choose(practice, staff, found, "ada-lindqvist", "individual-50").status_code == 302
    page = staff.get(page_of(found))
    assert f'action="{page_of(found)}/accept"' not in page.text
    with practice.app.app_context():
        said = {"seen": mark_of(request_of(practice, found)), "csrf_token": token_of(staff)}

    assert staff.post(page_of(found) + "/accept", data=said).status_code == 409
    assert offered(practice, found) == {("ada-lindqvist", "individual-50")}
    assert len(audit(practice, "intake_accepted")) == 1


def test_of_an_invited_partner_nothing_is_decided_but_that_their_answers_were_read(
    practice: Practice, mailer: FakeMailer
) -> None:
    couple = two(practice)
    found = intake_of(practice, couple.other)
    staff, partner = desk(practice, "clinician"), practice.browser(couple.other)
    page = staff.get(page_of(found)).text
    for way in ("ask", "call"):
        assert f'href="{page_of(found)}/{way}"' in page
    with practice.app.app_context():
        before = find_eligibility(practice.person(couple.other))
        seen = mark_of(request_of(practice, found))
    said = {"seen": seen, "ending": "", "csrf_token": token_of(staff)}
    for way in ("decline", "refer", "withdrawn", "accept-for"):
        assert f'href="{page_of(found)}/{way}"' not in page
        assert "<form" not in staff.get(f"{page_of(found)}/{way}").text.partition("<main")[2].partition("</main")[0]
        assert staff.post(f"{page_of(found)}/{way}", data=said).status_code in (409, 422)
    with practice.app.app_context(), pytest.raises(DecidedMeanwhile), begin_work() as work:
        closing.note_withdrawn(work, find_deciders()[0], found, seen=seen, ending="")
    with practice.app.app_context(), pytest.raises(DecidedMeanwhile), begin_work() as work:
        nothing = Chosen((), (), (), ())
        actions.accept(work, find_deciders()[0], found, seen=seen, chosen=nothing)
    assert stage_of(practice, found) == "new"
    practice.work_until_idle()
    mailer.sent.clear()

    assert "Note that these are read" in page
    assert staff.submit(page_of(found), form="/accept").status_code == 302
    practice.work_until_idle()

    assert stage_of(practice, found) == "accepted"
    assert mailer.sent == []
    own = partner.get("/you").text
    assert "Reviewing" in own
    assert "Ready to book" not in own
    with practice.app.app_context():
        assert before is None
        assert find_eligibility(practice.person(couple.other)) is None
    assert practice.breaches() == []
    confirmed(practice, MONDAY_NINE, couple.one)
    assert "Booked" in partner.get("/you").text
    assert found not in staff.get("/staff/intakes").text
