"""What staff agree on with somebody is what that person pays, from the day on and for nobody else."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from practice.audit import AuditEntry
from practice.booking import actions as booking_actions
from practice.booking.holding import hold_slot
from practice.booking.lifecycle import State
from practice.booking.offers.queries import find_offers, get_offer
from practice.booking.prices import actions
from practice.booking.prices.actions import AgreedMeanwhile, Agreeing, NotAgreeable, NotAStep, OnStep, SetPrice
from practice.booking.prices.models import PriceAgreement, ScaleStep
from practice.booking.prices.queries import count_agreements, own_prices, read_agreed
from practice.database import db
from practice.errors import NotFound
from practice.intake.actions import start_draft
from practice.intake.retention import erase_draft
from practice.money import Money
from practice.people import Contact, Person, forget_person, save_contact
from practice.profile import ONLY, PracticeProfile
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import ADA, ALONE, COUPLE, cancel, change_offering, offered_to, see, wish, work_in
from tests.support.prices import WHY, add_step, put_on_step, set_price, today
from tests.support.racing_guards import without_locks
from tests.support.statements import statements

DAY = timedelta(days=1)


@pytest.fixture
def robin(practice):
    return practice.new_client()


def price_of(practice, held):
    return see(practice, held).price_minor


class TestAHold:
    def test_costs_what_was_agreed_with_that_person_and_the_list_price_for_everybody_else(self, practice, robin):
        put_on_step(practice, robin, add_step(practice))

        assert price_of(practice, practice.hold(MONDAY_NINE, robin)) == 96_00
        assert price_of(practice, practice.hold(MONDAY_TEN)) == 160_00

    def test_copies_the_price_of_the_moment_and_keeps_it_whatever_is_agreed_afterwards(self, practice, robin):
        held = practice.hold(MONDAY_NINE, robin)
        set_price(practice, robin, 90_00)

        assert price_of(practice, held) == 160_00
        assert price_of(practice, practice.hold(MONDAY_TEN, robin)) == 90_00

    def test_goes_by_the_day_in_the_practices_zone_on_which_the_time_is_held(self, practice, robin, clock):
        first = today(practice) + DAY
        set_price(practice, robin, 90_00, first=first, last=first)
        clock.advance(hours=15, minutes=59)  # 23:59 in New York, where it is tomorrow in UTC
        assert price_of(practice, practice.hold(MONDAY_NINE, robin)) == 160_00
        clock.advance(minutes=1)
        assert price_of(practice, practice.hold(MONDAY_TEN, robin)) == 90_00
        clock.advance(hours=24)
        assert price_of(practice, practice.hold(MONDAY_NINE, robin)) == 160_00

    def test_asks_one_thing_more_than_it_would_without_prices(self, practice, robin):
        put_on_step(practice, robin, add_step(practice))
        with practice.app.app_context():
            offer = get_offer(ADA, COUPLE)
            with begin_work() as work, statements() as asked:
                hold_slot(work, robin.person_id, offer, MONDAY_NINE)

        assert len([one for one, _ in asked if "price_agreement" in one or "scale_step" in one]) == 1

    def test_of_a_price_of_nothing_is_confirmed_without_a_payment_and_read_by_nobody_first(self, practice, robin):
        with work_in(practice) as work:
            work.session.get_one(PracticeProfile, ONLY).review_first = True
        set_price(practice, robin, 0)
        held = practice.hold(MONDAY_NINE, robin)
        assert not see(practice, held).review_first
        with work_in(practice) as work:
            booking_actions.confirm_free(work, booking_actions.lock(work, held.reference))
        practice.work_until_idle()

        assert practice.state_of(held) is State.CONFIRMED
        assert practice.breaches() == []


def test_the_waiting_list_keeps_a_time_at_what_was_agreed(practice, robin):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)
    set_price(practice, robin, 90_00)
    wish(practice, robin)
    cancel(practice, held)

    assert price_of(practice, offered_to(practice, robin).held) == 90_00


def test_what_is_kept_for_everybody_stays_at_the_price_of_the_list(practice, robin):
    put_on_step(practice, robin, add_step(practice))
    with practice.app.app_context():
        kept = find_offers()[ADA, COUPLE]
        own = own_prices(robin.person_id, practice.clock.now()).put_into([kept])

        assert own == [replace(kept, price=Money(96_00, "USD"))]
        assert find_offers()[ADA, COUPLE] is kept
        assert kept.price == Money(160_00, "USD")


def test_a_stranger_asks_the_database_nothing(practice):
    with practice.app.app_context():
        own_prices(None, practice.clock.now())
        with statements() as asked:
            own = own_prices(None, practice.clock.now())
            assert own.of(Money(1_00, "USD"), 1) == Money(1_00, "USD")

    assert asked == []


class TestAnAgreement:
    def test_is_added_to_the_others_and_changes_none_of_them(self, practice, robin):
        step = add_step(practice)
        put_on_step(practice, robin, step)
        with practice.app.app_context():
            before = read_agreed(robin.person_id)
        set_price(practice, robin, 90_00)
        put_on_step(practice, robin, None)

        with practice.app.app_context():
            after = read_agreed(robin.person_id)
        assert after[: len(before)] == before
        assert [one.number for one in after] == [1, 2, 3]
        assert price_of(practice, practice.hold(MONDAY_NINE, robin)) == 90_00
        assert price_of(practice, practice.hold(MONDAY_TEN, robin, offering=ALONE)) == 140_00

    def test_is_in_the_audit_log_without_its_reason_which_only_their_key_opens(self, practice, robin):
        set_price(practice, robin, 90_00)

        with practice.app.app_context():
            [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "price_agreed"))
            assert (entry.actor, entry.subject) == ("staff:1", robin.reference)
            assert WHY not in entry.detail
            [row] = db.session.scalars(select(PriceAgreement))
            assert WHY.encode() not in row.reason_sealed

    def test_is_refused_where_something_was_agreed_since_the_page_was_read(self, practice, robin):
        set_price(practice, robin, 90_00)

        with work_in(practice) as work, pytest.raises(AgreedMeanwhile):
            actions.agree(work, "staff:2", robin.person_id, Agreeing(OnStep(None), today(practice), None, WHY, seen=0))
        with practice.app.app_context():
            assert count_agreements(robin.person_id) == 1

    def test_is_refused_where_it_makes_no_sense(self, practice, robin):
        step, day = add_step(practice), today(practice)
        with work_in(practice) as work:
            actions.archive_step(work, "staff:1", step)
        change_offering(practice, ALONE, active=False)
        with practice.app.app_context():
            couple = get_offer(ADA, COUPLE).offering_id
            alone = db.session.execute(text("SELECT id FROM offering WHERE slug = 'individual-50'")).scalar_one()
        wrong = [
            Agreeing(OnStep(step), day, None, WHY, 0),
            Agreeing(OnStep(999), day, None, WHY, 0),
            Agreeing(SetPrice(999, None), day, None, WHY, 0),
            Agreeing(SetPrice(alone, Money(1_00, "USD")), day, None, WHY, 0),
            Agreeing(SetPrice(couple, Money(1_00, "EUR")), day, None, WHY, 0),
            Agreeing(SetPrice(couple, Money(10_000_001, "USD")), day, None, WHY, 0),
            Agreeing(SetPrice(couple, Money(1_00, "USD")), day, day - DAY, WHY, 0),
        ]
        for asked in wrong:
            with pytest.raises(NotAgreeable), work_in(practice) as work:
                actions.agree(work, "staff:1", robin.person_id, asked)
        with practice.app.app_context():
            assert count_agreements(robin.person_id) == 0

    def test_goes_when_the_person_is_forgotten_and_is_made_with_nobody_who_was(self, practice, robin):
        set_price(practice, robin, 90_00)
        with work_in(practice) as work:
            actions.forget_agreements(work, robin.person_id)
            forget_person(work, practice.person(robin))

        with pytest.raises(NotFound), work_in(practice) as work:
            actions.agree(work, "staff:1", robin.person_id, Agreeing(OnStep(None), today(practice), None, WHY, 0))
        with practice.app.app_context():
            assert db.session.scalars(select(PriceAgreement)).all() == []


def test_a_draft_is_erased_together_with_what_was_agreed_with_its_person(practice):
    with practice.app.test_request_context(), begin_work() as work:
        intake = start_draft(work, None, "America/New_York")
        save_contact(intake.person, Contact("Robin", "robin@mail.example"))
        asked = Agreeing(OnStep(None), work.now.date(), None, WHY, 0)
        actions.agree(work, "staff:1", intake.person_id, asked)
        reference = intake.reference
    with work_in(practice) as work:
        erase_draft(work, reference, "worker")

    with practice.app.app_context():
        assert db.session.scalars(select(PriceAgreement)).all() == []
        assert db.session.scalars(select(Person)).all() == []


class TestTheScale:
    def test_a_step_that_is_archived_still_holds_for_whoever_is_on_it(self, practice, robin):
        step = add_step(practice)
        put_on_step(practice, robin, step)
        for _ in range(2):
            with work_in(practice) as work:
                actions.archive_step(work, "staff:1", step)

        assert price_of(practice, practice.hold(MONDAY_NINE, robin)) == 96_00
        with practice.app.app_context():
            archived = select(AuditEntry).where(AuditEntry.action == "scale_step_archived")
            assert len(db.session.scalars(archived).all()) == 1

    @pytest.mark.parametrize(("name", "points"), [("", 8000), ("x" * 61, 8000), ("Reduced", 10_001), ("Reduced", -1)])
    def test_has_no_step_without_a_name_or_beyond_the_price(self, practice, name, points):
        with pytest.raises(NotAStep), work_in(practice) as work:
            actions.add_step(work, "staff:1", name, points)

    def test_the_database_refuses_a_share_beyond_the_price_too(self, practice):
        with pytest.raises(IntegrityError), work_in(practice) as work:
            work.session.add(ScaleStep(name="More", basis_points=10_001))


RIVALS = 4


@pytest.mark.parametrize("locked", [True, False])
def test_of_two_who_agree_at_once_one_does_and_the_others_hear_of_it(practice, robin, make_app, locked):
    apps, outcomes, together = [practice.app, make_app()], [], threading.Barrier(RIVALS)
    meeting = threading.Barrier(RIVALS)

    def rival(number):
        with apps[number % 2].app_context():
            asked = Agreeing(OnStep(None), today(practice), None, WHY, seen=0)
            together.wait(timeout=30)
            try:
                with begin_work() as work:
                    actions.agree(work, f"staff:{number}", robin.person_id, asked)
            except AgreedMeanwhile:
                outcomes.append("told")
            except Exception as refused:
                outcomes.append(type(refused).__name__)
            else:
                outcomes.append("agreed")

    def run():
        threads = [threading.Thread(target=rival, args=(number,)) for number in range(RIVALS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    if locked:
        run()
        assert sorted(outcomes) == ["agreed", *["told"] * (RIVALS - 1)]
    else:  # all of them have seen that nothing is agreed yet: only the number keeps them apart, and not in words
        with without_locks("INSERT INTO price_agreement", lambda: meeting.wait(timeout=30)):
            run()
        assert "told" not in outcomes
        assert outcomes.count("agreed") == 1
    with practice.app.app_context():
        assert count_agreements(robin.person_id) == 1


def test_the_check_finds_a_history_with_a_hole(practice, robin):
    set_price(practice, robin, 90_00)
    set_price(practice, robin, 80_00)
    assert practice.breaches() == []
    with work_in(practice) as work:
        work.session.execute(delete(PriceAgreement).where(PriceAgreement.number == 1))

    [breach] = practice.breaches()
    assert breach.startswith("I10: ")
