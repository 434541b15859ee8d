"""Web and worker are killed between any two steps of handling money, and started again: nothing is lost or done twice.

Each test names the instants at which its process dies (tests/support/fail_points.py). The processes are real, and so is
the service's side: `practice serve` and `practice worker --until-idle` against the sandbox, on both databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State, Trigger
from practice.money import Money
from practice.payments import checkout, reviews
from practice.payments.fees import actions as fees
from practice.payments.fees import consents
from practice.payments.fees.policy import FeeTerms
from practice.setup.actions import set_review_first
from practice.work import begin_work
from tests.support import fail_points, mortal_town
from tests.support.fail_points import FAIL_POINTS, FailPoint
from tests.support.http_visitor import NoAnswer
from tests.support.mortal_town import FOR_THE_RECORDS, MortalTown, wait_until
from tests.support.paying import PRICE

CHARGED, RETURNED = ("charge", PRICE), ("refund", -PRICE)
TERMS = FeeTerms(None, Money(200_00, "USD"))
LEFT = Money(200_00 - PRICE, "USD")  # of it, once the session is paid
A_KEYS_LIFE = {"hours": 25}  # afterwards the service has forgotten what it was asked under a key


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[MortalTown]:
    with mortal_town.build(database_url, tmp_path) as built:
        yield built


def at(points: dict[str, FailPoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("point", points)


def test_every_point_is_a_function_of_the_product() -> None:
    assert all(callable(getattr(*point.resolve())) for point in FAIL_POINTS.values())


# Opening a checkout


def go_to_pay(town: MortalTown, point: str):
    """A client presses Pay, and the web dies."""
    held, visitor = town.hold_after_the_intake()
    web = town.open_web(dies_at=point)
    with pytest.raises(NoAnswer):
        visitor.send(f"/bookings/{held.reference}/pay", FOR_THE_RECORDS)
    town.died(web, point)
    return held, visitor


@at(fail_points.OPEN)
def test_a_client_who_presses_pay_again_pays_once(town: MortalTown, point: str) -> None:
    held, visitor = go_to_pay(town, point)
    town.open_web()

    status, address = visitor.send(f"/bookings/{held.reference}/pay", FOR_THE_RECORDS)
    assert status == 303
    assert [one.url for one in town.sessions(held)] == [address]
    assert town.pay(address) == 303
    town.settle_down()

    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.money() == [CHARGED]


@at(fail_points.OPEN)
def test_a_client_who_goes_away_leaves_no_time_taken_and_nothing_to_pay(town: MortalTown, point: str) -> None:
    held, _ = go_to_pay(town, point)

    town.clock.advance(minutes=4)
    town.work()
    town.clock.advance(minutes=50)
    town.settle_down()

    assert town.practice.state_of(held) is State.EXPIRED
    assert not town.can_be_paid(held)
    assert len(town.sessions(held)) <= 1
    assert town.money() == []
    assert town.hold()


# Hearing of a payment


@at(fail_points.WEBHOOK)
def test_an_event_whose_receiver_dies_is_sent_again_and_taken_once(town: MortalTown, point: str) -> None:
    held = town.hold()
    address = town.open_checkout(held)
    web = town.open_web(dies_at=point)
    assert town.pay(address) == 303
    town.died(web, point)

    town.open_web()
    town.clock.advance(seconds=10)  # the service's pause before it tries again
    wait_until(lambda: town.heard(held) == 1 and not town.service.list_events(town.begun))
    town.settle_down()

    assert town.heard(held) == 1
    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.money() == [CHARGED]


@at(fail_points.RETURN)
def test_a_client_whose_return_is_cut_off_has_their_session(town: MortalTown, point: str) -> None:
    held, visitor = town.hold_after_the_intake()
    assert town.pay(town.open_checkout(held), "drop") == 303
    web = town.open_web(dies_at=point)
    with pytest.raises(NoAnswer):
        visitor.get(f"/bookings/{held.reference}/paid")
    town.died(web, point)

    town.open_web()
    assert visitor.get(f"/bookings/{held.reference}/paid") == (302, f"/bookings/{held.reference}")
    town.settle_down()

    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.money() == [CHARGED]


@at(fail_points.SETTLE)
def test_a_worker_that_dies_while_settling_confirms_after_its_restart(town: MortalTown, point: str) -> None:
    held = town.hold()
    town.pay_unheard(held)
    town.kill_worker(point)

    town.settle_down()

    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.attempts(held) == ["paid"]
    assert town.money() == [CHARGED]


@at(fail_points.SETTLE)
def test_a_payment_for_a_lost_time_goes_back_once_though_the_worker_dies(town: MortalTown, point: str) -> None:
    late = town.hold()
    address = town.open_checkout(late)
    town.do(booking_actions.let_go, late)
    town.do(booking_actions.expire, late)  # by hand, with its checkout open: what only a person can do
    town.hold()
    assert town.pay(address, "drop") == 303
    town.clock.advance(minutes=3)
    town.kill_worker(point)

    town.settle_down()

    assert town.practice.state_of(late) is State.EXPIRED
    assert town.money() == [CHARGED, RETURNED]


# Letting a time go


def give_up(town: MortalTown) -> tuple[object, str]:
    """A client gives a time back while its checkout is open."""
    held = town.hold()
    address = town.open_checkout(held)
    town.do(booking_actions.let_go, held)
    return held, address


@at(fail_points.RELEASE_BEGINS)
def test_a_time_whose_deadline_has_passed_is_free_though_the_worker_dies(town: MortalTown, point: str) -> None:
    held = town.hold()
    town.open_checkout(held)
    town.clock.advance(minutes=36)
    town.kill_worker(point)

    town.settle_down()

    assert_free_and_unpayable(town, held)


@at(fail_points.STILL_PAYABLE | fail_points.CLOSED)
def test_a_time_that_is_given_back_is_free_though_the_worker_dies(town: MortalTown, point: str) -> None:
    held, _ = give_up(town)
    town.kill_worker(point)

    town.settle_down()

    assert_free_and_unpayable(town, held)


@at(fail_points.STILL_PAYABLE)
def test_who_pays_before_the_checkout_is_closed_has_the_session(town: MortalTown, point: str) -> None:
    held, address = give_up(town)
    town.kill_worker(point)
    assert town.pay(address, "drop") == 303

    town.settle_down()

    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.money() == [CHARGED]


@at(fail_points.CLOSED)
def test_nobody_can_pay_once_the_checkout_is_closed(town: MortalTown, point: str) -> None:
    held, address = give_up(town)
    town.kill_worker(point)
    assert town.pay(address) == 409

    town.settle_down()

    assert_free_and_unpayable(town, held)


def assert_free_and_unpayable(town: MortalTown, held) -> None:
    assert town.practice.state_of(held) is State.EXPIRED
    assert town.attempts(held) == ["expired"]
    assert not town.can_be_paid(held)
    assert town.money() == []
    assert town.hold()


# Giving money back


def cancelled(town: MortalTown):
    held = town.confirmed()
    town.do(booking_actions.cancel, held)
    return held


@at(fail_points.REFUND)
def test_money_goes_back_once_though_the_worker_dies_and_the_key_is_forgotten(town: MortalTown, point: str) -> None:
    held = cancelled(town)
    town.kill_worker(point)

    town.clock.advance(**A_KEYS_LIFE)
    town.settle_down()

    assert town.practice.state_of(held) is State.CANCELLED
    assert town.money() == [CHARGED, RETURNED]


# What is authorised first


def in_review(town: MortalTown):
    with town.practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=True)
    held = town.hold()
    town.pay_unheard(held)
    town.work()
    assert town.practice.state_of(held) is State.IN_REVIEW
    assert town.money() == []
    return held


@at(fail_points.CAPTURE)
def test_what_was_authorised_is_taken_once_though_the_worker_dies(town: MortalTown, point: str) -> None:
    held = in_review(town)
    town.do(reviews.approve, held, "staff:1")
    town.kill_worker(point)

    town.clock.advance(**A_KEYS_LIFE)
    town.settle_down()

    assert town.practice.state_of(held) is State.CONFIRMED
    assert town.money() == [CHARGED]


@at(fail_points.VOID)
def test_what_was_declined_is_given_up_though_the_worker_dies(town: MortalTown, point: str) -> None:
    held = in_review(town)
    town.do(booking_actions.decline, held)
    town.kill_worker(point)

    town.clock.advance(**A_KEYS_LIFE)
    town.settle_down()

    assert town.practice.state_of(held) is State.DECLINED
    assert [one.voided for one in town.sessions(held)] == [True]
    assert town.money() == []


# Charging a kept card


def missed_with_a_kept_card(town: MortalTown):
    """A session that was paid with a card that is kept, and that nobody came to."""
    with town.practice.app.app_context(), begin_work() as work:
        fees.set_terms(work, "staff:1", TERMS)
    held = town.hold()
    town.do(consents.agree, held, TERMS, "as it was shown")
    with town.practice.app.app_context():
        address = checkout.open_checkout(held.reference)
    assert town.pay(address, "drop") == 303
    town.clock.advance(days=30)
    town.work()
    town.do(booking_actions.mark, held, Trigger.NO_SHOW)
    return held


@at(fail_points.FEE)
def test_a_fee_is_charged_once_though_the_worker_dies_and_the_key_is_forgotten(town: MortalTown, point: str) -> None:
    held = missed_with_a_kept_card(town)
    with town.practice.app.app_context(), begin_work() as work:
        fees.charge(work, held.reference, LEFT, most=LEFT, actor="staff:1", reason="Nobody came")
    town.kill_worker(point)

    town.clock.advance(**A_KEYS_LIFE)
    town.settle_down()

    assert town.practice.state_of(held) is State.MISSED
    charged = [minor for kind, minor in town.money() if kind == "charge"]  # there were payouts meanwhile
    assert charged == [PRICE, LEFT.minor_units]


# The nightly look


@at(fail_points.RECONCILE)
def test_a_night_that_is_cut_off_settles_everything_after_the_restart(town: MortalTown, point: str) -> None:
    both = [town.hold(), town.hold(hours=2)]
    for held in both:
        assert town.pay(town.open_checkout(held), "drop") == 303
    town.forget_to_look()
    town.clock.advance(days=1)
    town.kill_worker(point)

    town.settle_down()

    assert [town.practice.state_of(held) for held in both] == [State.CONFIRMED, State.CONFIRMED]
    assert town.money() == [CHARGED, CHARGED]


# Controls: plausible orders of the same steps, which only a kill between two of them shows to be wrong


def test_a_refund_that_is_asked_for_before_its_try_is_noted_would_not_end(town: MortalTown) -> None:
    cancelled(town)
    town.kill_worker("refund: given, before it is committed", wrong="a refund is asked for before its try is noted")

    town.clock.advance(**A_KEYS_LIFE)
    town.work()

    assert town.promises() != 0


def test_a_time_that_is_freed_before_its_checkout_is_closed_could_still_be_paid(town: MortalTown) -> None:
    held, address = give_up(town)
    town.kill_worker("release: before the checkout is closed", wrong="a time is freed before its checkout is closed")
    town.hold()

    town.settle_down()

    assert town.can_be_paid(held)
    assert town.pay(address) == 303
