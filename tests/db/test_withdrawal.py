"""The right of withdrawal, as it was when the time was held: what goes back, what is kept of the client's words."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice.booking import actions as booking_actions
from practice.booking.actions import TermsChanged
from practice.booking.lifecycle import State
from practice.booking.models import Booking, Waiver, WithdrawalRequest
from practice.booking.policy import TermsKind
from practice.booking.queries import cancellation_terms, find_booking, find_withdrawal, terms_now
from practice.booking.withdrawal import VERSION, keep_request, request_text
from practice.database import db
from practice.first_run import PracticeAnswers, set_up
from practice.profile import profile
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.offers import change_offering, keep_for, move, see, work_in
from tests.support.paying import PRICE, Till
from tests.support.prices import give_withdrawal
from tests.support.staff import audit

LATE = MONDAY_NINE - timedelta(hours=1)


@pytest.fixture
def till(practice, payments: FakePayments):
    return Till(practice, payments)


@pytest.fixture
def paid(practice, till):
    """A session five days ahead, paid now, with 14 days to withdraw."""
    give_withdrawal(practice)
    return pay(practice, till, practice.hold(MONDAY_NINE))


def pay(practice, till, held):
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def kind_of(practice, held):
    with practice.app.app_context():
        return cancellation_terms(find_booking(held.reference), practice.clock.now()).kind


def test_a_late_cancellation_inside_the_days_gives_everything_back_and_uses_up_no_waiver(practice, paid, till, clock):
    change_offering(practice, late_waiver=True)
    clock.set(LATE)
    assert kind_of(practice, paid) is TermsKind.WITHDRAWN
    till.cancel(paid)
    practice.work_until_idle()

    assert till.returned() == PRICE
    assert practice.breaches() == []
    with practice.app.app_context():
        assert db.session.scalars(select(Waiver)).all() == []


def test_once_the_session_has_begun_nothing_goes_back(practice, paid, till, clock):
    clock.set(MONDAY_NINE)
    till.cancel(paid)
    practice.work_until_idle()

    assert practice.state_of(paid) is State.CONFIRMED
    assert till.returned() == 0


def test_behind_the_last_day_the_rule_for_late_cancellations_counts_again(practice, till, clock):
    give_withdrawal(practice, 4)  # the last day is Sunday the 9th
    held = pay(practice, till, practice.hold(MONDAY_NINE))
    with practice.app.app_context():
        right = find_withdrawal(find_booking(held.reference), clock.now())
    clock.set(right.ends - timedelta(microseconds=1))
    assert kind_of(practice, held) is TermsKind.WITHDRAWN
    clock.set(right.ends)
    assert kind_of(practice, held) is TermsKind.CHARGED


def test_terms_that_changed_since_the_page_was_read_cancel_nothing(practice, till, clock):
    give_withdrawal(practice, 4)
    held = pay(practice, till, practice.hold(MONDAY_NINE))
    clock.set(MONDAY_NINE - timedelta(hours=10))  # 23:00 of the last day
    with practice.app.app_context():
        shown = terms_now(find_booking(held.reference), clock.now())
    assert shown == f"withdrawn {PRICE}"
    clock.advance(hours=1)
    with pytest.raises(TermsChanged), work_in(practice) as work:
        booking_actions.cancel_as_shown(work, booking_actions.lock(work, held.reference), shown)
    assert practice.state_of(held) is State.CONFIRMED


def test_moving_the_session_begins_no_new_days(practice, paid, clock):
    with practice.app.app_context():
        before = find_withdrawal(find_booking(paid.reference), clock.now())
    clock.advance(days=1)
    move(practice, paid, MONDAY_NINE + timedelta(days=21))

    with practice.app.app_context():
        assert find_withdrawal(find_booking(paid.reference), clock.now()) == before


def test_what_is_held_keeps_the_right_that_there_was_then(practice, paid, till):
    give_withdrawal(practice, None)
    later = practice.hold(MONDAY_NINE + timedelta(hours=2))

    assert see(practice, paid).withdrawal_days == 14
    assert see(practice, later).withdrawal_days is None


def test_what_costs_nothing_has_nothing_to_withdraw_from(practice):
    give_withdrawal(practice)
    client = practice.new_client()

    assert see(practice, keep_for(practice, client, MONDAY_NINE, price=0)).withdrawal_days is None
    assert see(practice, keep_for(practice, client, MONDAY_NINE + timedelta(hours=2))).withdrawal_days == 14


class TestAskingForASessionInsideTheDays:
    def test_is_needed_up_to_the_last_day_and_not_behind_it(self, practice, clock):
        give_withdrawal(practice)  # today is the 5th of May; a checkout may be paid tomorrow, so the 20th is inside
        inside = practice.hold(MONDAY_NINE + timedelta(days=10))
        behind = practice.hold(MONDAY_NINE + timedelta(days=11))

        with practice.app.app_context():
            asked = [find_booking(one.reference) for one in (inside, behind)]
            texts = [request_text(one, clock.now(), reviewed=False) for one in asked]
            assert "within the 14 days" in texts[0]
            assert texts[1] is None
            assert request_text(asked[1], clock.now(), reviewed=True) == texts[0]  # read first, it is confirmed later

    def test_is_nothing_where_there_is_no_such_right(self, practice, clock):
        held = practice.hold(MONDAY_NINE)

        with practice.app.app_context():
            assert request_text(find_booking(held.reference), clock.now(), reviewed=False) is None

    def test_is_kept_once_for_the_same_words_with_their_version_and_their_hash(self, practice, clock):
        give_withdrawal(practice)
        held = practice.hold(MONDAY_NINE)
        for words in ("I ask.", "I ask.", "I ask for it."):
            with work_in(practice) as work:
                keep_request(work, booking_actions.lock(work, held.reference), words)

        with practice.app.app_context():
            kept = db.session.scalars(select(WithdrawalRequest).order_by(WithdrawalRequest.id)).all()
            assert [one.text_sha256 for one in kept] == [
                hashlib.sha256(words).hexdigest() for words in (b"I ask.", b"I ask for it.")
            ]
            assert {(one.version, one.person_id, one.asked_at) for one in kept} == {
                (VERSION, held.payer.person_id, clock.now())
            }
        by = f"client:{held.payer.reference}"
        assert audit(practice, "session_asked_for") == [(by, "session_asked_for", held.reference)] * 2

    @pytest.mark.parametrize("change", ["nobody's right", "somebody else's session"])
    def test_what_fits_no_right_is_found(self, practice, change):
        give_withdrawal(practice)
        held, other = practice.hold(MONDAY_NINE), practice.new_client()
        with work_in(practice) as work:
            keep_request(work, booking_actions.lock(work, held.reference), "I ask.")
        assert practice.breaches() == []
        with work_in(practice) as work:
            if change == "nobody's right":
                work.session.execute(update(Booking).values(withdrawal_days=None))
            else:
                work.session.execute(update(WithdrawalRequest).values(person_id=other.person_id))
        assert [breach[:4] for breach in practice.breaches()] == ["I10:"]


def test_the_letter_says_until_when_and_how_and_nothing_of_it_where_there_is_no_right(practice, paid, till, mailer):
    first = mailer.last_to(paid.payer.email).text
    assert "You can withdraw from this contract until it begins" in " ".join(first.split())
    assert "+1 555 010 0100" in first
    far = pay(practice, till, practice.hold(MONDAY_NINE + timedelta(days=28)))
    said = " ".join(mailer.last_to(far.payer.email).text.split())
    assert "until the end of Wednesday 19 May (Eastern Time), without giving a reason" in said
    give_withdrawal(practice, None)
    none = pay(practice, till, practice.hold(MONDAY_NINE + timedelta(hours=2)))
    assert "withdraw" not in mailer.last_to(none.payer.email).text


@pytest.mark.parametrize(("region", "days"), [("GB", 14), ("US", None), ("CA", None)])
@pytest.mark.databases("sqlite")
def test_a_new_practice_begins_with_what_the_law_of_its_country_says(app, region, days):
    said = {"name": "Harbour", "zone": "Europe/London", "currency": "GBP", "email": "office@practice.example"}
    said |= {
        "phone": "1",
        "address": "1 Quay Street",
        "desk_hours": "mon-fri 09:00-17:00",
        "statement_name": "APPOINTMENT",
    }
    said |= {"therapist_name": "Ada", "licence_places": "US-NY", "join_link": "https://video.example"}
    said |= {"owner_email": "owner@practice.example", "owner_password": "four quiet brown geese"}
    with app.app_context():
        set_up(PracticeAnswers.from_words({**said, "help_region": region}))
        assert profile().withdrawal_days == days
