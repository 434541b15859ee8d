"""Pausing joint sessions: without a fee, with everything going back, in words that tell nothing of who or why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from practice.booking.holding import JointSessionsRest, reserve
from practice.booking.lifecycle import State
from practice.booking.offers.models import Offering
from practice.booking.offers.queries import get_offer
from practice.booking.queries import find_booking, has_used_waiver
from practice.partners.lifecycle import Standing
from practice.partners.queries import standing_of
from practice.payments.settlement import RefundState
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import leave, pause, practice_couple, resume, send_intake
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, desk, without_tokens

WHY = "I am not sure that I am safe"


@pytest.fixture
def pair(practice):
    return practice_couple(practice)


@pytest.fixture
def till(practice, payments):
    return Till(practice, payments)


@pytest.fixture
def booked(practice, till, pair):
    """A session for two that the inviter paid for; every letter is sent."""
    held = practice.hold(MONDAY_NINE, pair.inviter)
    pay(till, held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    return held


def pay(till, held):
    till.pay(held)
    till.deliver()


def standings(practice, pair):
    with practice.app.app_context():
        return {standing_of(one.person_id) for one in pair}


def own_page(practice, client):
    return without_tokens(practice.browser(client).get("/you").text)


def words(letter):
    """A letter without the link in it."""
    return " ".join(letter.text.partition("http")[0].split())


def test_a_session_ends_with_all_of_it_going_back_and_no_fee_ever_however_late_it_is(
    practice, till, mailer, clock, pair, booked
):
    clock.set(MONDAY_NINE - timedelta(hours=3))

    pause(practice, pair.invited, WHY)
    practice.work_until_idle()

    assert practice.state_of(booked) is State.CANCELLED
    assert till.refunds(booked) == [(RefundState.SUCCEEDED, PRICE)]
    with practice.app.app_context():
        booking = find_booking(booked.reference)
        assert (booking.spared_at, booking.late_cancelled_at) == (clock.now(), None)
    assert "all of it goes back" in words(mailer.last_to(pair.inviter.email))
    assert standings(practice, pair) == {Standing.PAUSED}
    assert practice.breaches() == []


@pytest.mark.parametrize("who", ["inviter", "invited"])
def test_both_read_the_words_that_are_used_when_a_therapist_is_ill(practice, till, mailer, pair, who):
    said = []
    for end in ("ill", "pause"):
        held = practice.hold(MONDAY_NINE, pair.inviter)
        pay(till, held)
        practice.work_until_idle()
        if end == "ill":
            page = f"/staff/schedule/sessions/{held.reference}"
            staff = desk(practice, "coordinator")
            answer = staff.submit(page, {"decision": "all", "reason": "ill"}, form="/cancel")
            assert answer.status_code == 302
        else:
            pause(practice, getattr(pair, who), WHY)
        practice.work_until_idle()
        said.append([words(mailer.last_to(one.email)) for one in pair])
    assert said[0] == said[1]
    assert "can’t keep your appointment" in said[0][0]


def test_nothing_is_booked_for_the_two_meanwhile_and_time_alone_is(practice, pair):
    pause(practice, pair.invited)
    for client in pair:
        with pytest.raises(JointSessionsRest):
            practice.hold(MONDAY_NINE, client)
    practice.hold(MONDAY_NINE, pair.inviter, offering="individual-50")
    with practice.app.app_context():
        offer = get_offer("ada-lindqvist", "couple-50")
        with pytest.raises(JointSessionsRest), begin_work() as work:
            later = MONDAY_TEN - timedelta(hours=1)
            reserve(work, pair.invited.person_id, offer, MONDAY_TEN, deadline=later, price=offer.price)
    assert "Joint sessions rest at the moment" in own_page(practice, pair.inviter)
    page = own_page(practice, pair.invited)
    places = [page.index(one) for one in ("Take my pause back", "Come on my own", "The questions before the session")]
    assert places == sorted(places)

    resume(practice, pair.invited)
    practice.hold(MONDAY_TEN, pair.inviter)
    assert standings(practice, pair) == {Standing.JOINED}
    assert practice.breaches() == []


def test_the_page_of_times_says_that_joint_sessions_rest(practice, pair):
    browser = practice.browser(pair.inviter)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    pause(practice, pair.invited)

    answer = browser.send_form(page, {"start": "2027-05-10T13:00:00+00:00"}, form="/bookings")

    assert answer.status_code == 409
    assert "Joint sessions rest at the moment" in answer.text


@pytest.mark.parametrize("stage", ["held", "checkout open", "expired"])
def test_a_payment_that_comes_during_a_pause_goes_back(practice, till, clock, pair, stage):
    held = practice.hold(MONDAY_NINE, pair.inviter)
    checkout = till.open(held) if stage != "held" else None
    if stage == "expired":
        clock.advance(hours=1)
        practice.work_until_idle()
    pause(practice, pair.invited)
    if checkout is not None and stage == "checkout open":
        till.service.pay(checkout.id)
        till.deliver()
    practice.work_until_idle()

    assert practice.state_of(held) in (State.CANCELLED, State.EXPIRED)
    assert practice.breaches() == []


def test_each_pause_is_its_authors_and_they_go_on_resting_while_either_pauses(practice, pair):
    pause(practice, pair.invited)
    pause(practice, pair.invited)
    pause(practice, pair.inviter)
    resume(practice, pair.invited)
    assert standings(practice, pair) == {Standing.PAUSED}
    resume(practice, pair.invited)
    resume(practice, pair.inviter)
    assert standings(practice, pair) == {Standing.JOINED}
    assert practice.breaches() == []


def test_the_other_one_sees_that_sessions_rest_and_never_who_paused_or_why(practice, mailer, pair):
    pause(practice, pair.invited, WHY)
    practice.work_until_idle()

    page = own_page(practice, pair.inviter)
    assert "Joint sessions rest" in page
    assert "You paused" not in page
    assert WHY not in page + "".join(letter.text for letter in mailer.sent)
    assert "You paused" in own_page(practice, pair.invited)


def test_the_reason_is_read_by_clinicians_alone_and_reading_it_is_noted(practice, pair):
    send_intake(practice, pair.invited)
    pause(practice, pair.invited, WHY)
    with practice.app.app_context():
        from practice.intake.queries import find_submitted

        reference = find_submitted(practice.person(pair.invited)).reference
    clinician, coordinator = desk(practice, "clinician"), desk(practice, "coordinator")

    assert WHY in clinician.get(f"/staff/intakes/{reference}/just-for-you").text
    assert WHY not in clinician.get(f"/staff/intakes/{reference}").text
    sheet = coordinator.get(f"/staff/intakes/{reference}")
    assert WHY not in sheet.text
    assert "paused" in sheet.text
    assert coordinator.get(f"/staff/intakes/{reference}/just-for-you").status_code == 404
    assert [one[2] for one in audit(practice, "couple_viewed")] == [pair.inviter.reference] * 2


def test_leaving_ends_the_pause_and_each_books_for_themselves_again(practice, pair):
    pause(practice, pair.invited)
    leave(practice, pair.inviter)

    assert standings(practice, pair) == {Standing.NOBODY}
    practice.hold(MONDAY_NINE, pair.invited)
    assert practice.breaches() == []


def test_pausing_leaving_and_taking_back_from_the_page(practice, pair):
    browser = practice.browser(pair.invited)
    assert browser.submit("/you/pause", {"reason": "x" * 1501}).status_code == 422
    assert browser.submit("/you/pause", {"reason": WHY}).status_code == 302
    assert "You paused" in browser.get("/you").text
    assert browser.submit("/you", {}, form="/resume").status_code == 302
    assert "Pause joint sessions" in browser.get("/you").text
    assert browser.submit("/you/leave").status_code == 302
    assert "You come with somebody" not in browser.get("/you").text


def test_one_late_cancellation_is_waived_for_the_two_together(practice, till, clock, pair):
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(update(Offering).values(late_waiver=True))
    first, second = (practice.hold(MONDAY_NINE, pair.inviter), practice.hold(MONDAY_TEN, pair.invited))
    for held in (first, second):
        pay(till, held)
    practice.work_until_idle()
    clock.set(MONDAY_NINE - timedelta(hours=3))
    for held in (first, second):
        till.cancel(held)
    practice.work_until_idle()

    assert till.refunds(first) == [(RefundState.SUCCEEDED, PRICE)]
    assert till.refunds(second) == []


def test_what_was_waived_for_one_alone_says_nothing_to_the_other(practice, till, clock, pair):
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(update(Offering).values(late_waiver=True))
    alone = practice.hold(MONDAY_NINE, pair.inviter, offering="individual-50")
    for_two = practice.hold(MONDAY_TEN, pair.invited)
    practice.confirm(alone)
    pay(till, for_two)
    practice.work_until_idle()
    clock.set(MONDAY_NINE - timedelta(hours=3))
    for held in (alone, for_two):
        till.cancel(held)
    practice.work_until_idle()

    with practice.app.app_context():
        assert has_used_waiver(pair.inviter.person_id)
    assert till.refunds(for_two) == [(RefundState.SUCCEEDED, PRICE)]
