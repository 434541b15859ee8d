"""What moved at the payment service: one contract for the fake and, over HTTP with the real SDK, for the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stripe

from practice.money import Money
from practice.payments.gateway import GatewayUnavailable, KeyRefused, PaymentGateway
from practice.payments.snapshots import CheckoutParameters, DisputeStatus, MovementKind, PayoutStatus, RefundOrder
from practice.payments.stripe_gateway import WRITTEN_FOR, StripeGateway
from practice.payments.stripe_reading import movement_of, payout_of
from practice.sandbox.listing import EVENTS
from practice.sandbox.server import Sandbox
from tests.contract.test_sandbox import visit
from tests.support.clock import FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.observed_sandbox import run_observed

pytestmark = pytest.mark.made_up
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOOK = "http://127.0.0.1:9/webhooks/stripe"
PRICE = Money(180_00, "USD")
FEE = 5_52  # of the price


@dataclass
class Service:
    """A payment service, and what a test may do on its other side."""

    gateway: PaymentGateway
    clock: FrozenClock
    pay: Callable[[str], object]
    dispute: Callable[[str], str]
    win: Callable[[str], object]  # a dispute of a payment
    pay_out: Callable[[], object]
    faults: list[str]
    retries: int

    def paid(self, attempt: str = "pa_one", amount: Money = PRICE, *, authorises: bool = False) -> str:
        """A payment; what a refund names."""
        page = "http://127.0.0.1:5000/b"
        ends = self.clock.now() + timedelta(minutes=35)
        asked = CheckoutParameters("b_one", attempt, amount, ends, page, page, authorises=authorises)
        session_id = self.gateway.create_checkout(asked, f"checkout-{attempt}").id
        self.pay(session_id)
        payment = self.gateway.retrieve(session_id).payment
        assert payment is not None
        return payment

    def moved(self) -> list[tuple[str, int, int, int]]:
        """Everything that moved, oldest first."""
        found = self.gateway.list_movements(LONG_AGO)
        return [(str(one.kind), one.gross_minor, one.fee_minor, one.net_minor) for one in reversed(found)]


@pytest.fixture(params=["fake", "stripe"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    clock = FrozenClock()
    if request.param == "fake":
        fake = FakePayments(clock)
        yield Service(
            fake,
            clock,
            fake.pay,
            fake.dispute,
            lambda payment: fake.dispute(payment, DisputeStatus.WON),
            fake.balance.pay_out,
            fake.faults,
            1,
        )
        return
    with run_observed(tmp_path, clock.now, webhook_url=HOOK) as (sandbox, received):
        sandbox.webhooks.deliver_due = lambda: None  # type: ignore[method-assign]  # nobody is there

        def win(payment: str) -> None:
            (disputed,) = [one for one in sandbox.store.newest_first("dispute") if one["payment_intent"] == payment]
            sandbox.disputes.decide(disputed["id"], "won")

        yield Service(
            StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address),
            clock,
            sandbox.sessions.pay,
            lambda payment: str(sandbox.disputes.open(payment)["id"]),
            win,
            lambda: sandbox.balance.pay_out(everything=True),
            sandbox.api.faults,
            3,
        )
        assert received


def test_a_payment_moves_what_came_without_the_fee(service: Service) -> None:
    payment = service.paid()

    (moved,) = service.gateway.list_movements(LONG_AGO)

    assert (moved.kind, moved.payment, moved.refund, moved.payout) == (MovementKind.CHARGE, payment, None, None)
    assert (moved.gross_minor, moved.fee_minor, moved.net_minor, moved.currency) == (180_00, FEE, 180_00 - FEE, "USD")
    assert moved.created_at == service.clock.now()
    assert moved.available_at > moved.created_at


def test_what_is_authorised_moves_nothing_until_it_is_captured(service: Service) -> None:
    taken = service.paid("pa_taken", authorises=True)
    given_up = service.paid("pa_given_up", authorises=True)
    assert service.moved() == []
    service.gateway.void(given_up, "void-pa_given_up")
    service.gateway.capture(taken, "capture-pa_taken")
    assert service.moved() == [("charge", 180_00, FEE, 180_00 - FEE)]
    assert [one.payment for one in service.gateway.list_movements(LONG_AGO)] == [taken]


def test_a_refund_names_our_reference_and_a_dispute_costs_a_fee_and_comes_back(service: Service) -> None:
    refunded, disputed = service.paid("pa_one"), service.paid("pa_two")
    service.gateway.refund(RefundOrder("r_one", refunded, Money(60_00, "USD")), "refund")
    service.dispute(disputed)
    service.win(disputed)

    assert service.moved() == [
        ("charge", 180_00, FEE, 180_00 - FEE),
        ("charge", 180_00, FEE, 180_00 - FEE),
        ("refund", -60_00, 0, -60_00),
        ("dispute", -180_00, 15_00, -195_00),
        ("dispute", 180_00, 0, 180_00),
    ]
    found = service.gateway.list_movements(LONG_AGO)
    assert [(one.payment, one.refund) for one in found] == [
        (disputed, None),
        (disputed, None),
        (refunded, "r_one"),
        (disputed, None),
        (refunded, None),
    ]


def test_a_payout_holds_what_came_before_it_and_its_lines_add_up(service: Service) -> None:
    service.paid("pa_one")
    service.gateway.refund(RefundOrder("r_one", service.paid("pa_two"), Money(60_00, "USD")), "refund")
    service.pay_out()
    service.paid("pa_three")

    (payout,) = service.gateway.list_payouts(LONG_AGO)
    lines = service.gateway.list_payout_lines(payout.id)
    held = [one for one in lines if one.kind is not MovementKind.PAYOUT]

    assert (payout.status, payout.automatic, payout.itemised) == (PayoutStatus.PAID, True, True)
    assert payout.amount_minor == sum(one.net_minor for one in held) == 300_00 - 2 * FEE
    assert {one.payout for one in lines} == {payout.id}
    assert [one.refund for one in held] == ["r_one", None, None]
    (out,) = [one for one in service.gateway.list_movements(LONG_AGO) if one.kind is MovementKind.PAYOUT]
    assert (out.net_minor, out.payout) == (-payout.amount_minor, payout.id)


def test_each_currency_is_paid_out_by_itself_and_nothing_twice(service: Service) -> None:
    service.paid("pa_one")
    service.paid("pa_two", Money(9000, "JPY"))
    service.pay_out()
    service.pay_out()

    payouts = service.gateway.list_payouts(LONG_AGO)
    assert sorted((one.currency, one.amount_minor) for one in payouts) == [("JPY", 9000 - 291), ("USD", 180_00 - FEE)]


def test_movements_and_payouts_are_listed_from_a_moment_on(service: Service) -> None:
    service.paid("pa_one")
    service.pay_out()
    service.clock.advance(hours=1)
    since = service.clock.now()
    payment = service.paid("pa_two")

    assert [one.payment for one in service.gateway.list_movements(since)] == [payment]
    assert service.gateway.list_payouts(since) == []


def test_no_answer_is_no_empty_list(service: Service) -> None:
    service.paid()
    reads: list[Callable[[], object]] = [
        lambda: service.gateway.list_movements(LONG_AGO),
        lambda: service.gateway.list_payouts(LONG_AGO),
        lambda: service.gateway.list_payout_lines("po_one"),
        service.gateway.list_webhook_endpoints,
    ]
    for read in reads:
        service.faults += ["unavailable"] * service.retries
        with pytest.raises(GatewayUnavailable):
            read()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[tuple[Sandbox, FrozenClock]]:
    clock = FrozenClock()
    running = Sandbox(tmp_path, now=clock.now, webhook_url=HOOK)
    running.webhooks.deliver_due = lambda: None  # type: ignore[method-assign]
    running.start()
    yield running, clock
    running.stop()


def test_lists_longer_than_a_page_are_read_to_their_end(sandbox: tuple[Sandbox, FrozenClock]) -> None:
    running, _ = sandbox
    charge = {"id": "ch_one", "currency": "usd"}
    for number in range(230):
        running.balance.add("charge", charge, number + 1)
    gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", running.address)

    assert [one.gross_minor for one in gateway.list_movements(LONG_AGO)] == list(range(230, 0, -1))
    running.balance.pay_out(everything=True)
    (payout,) = gateway.list_payouts(LONG_AGO)
    assert len(gateway.list_payout_lines(payout.id)) == 231


def test_each_day_pays_out_what_is_available_and_the_button_pays_out_all(sandbox: tuple[Sandbox, FrozenClock]) -> None:
    running, clock = sandbox
    running.balance.add("charge", {"id": "ch_one", "currency": "usd"}, 100)
    clock.advance(days=1)
    running.balance.pay_out_due()
    assert running.store.newest_first("payout") == []
    clock.advance(days=1)
    done = threading.Thread(target=running.balance.pay_out_due)  # as the sandbox's own thread does meanwhile
    done.start()
    running.balance.pay_out_due()
    done.join()
    assert [one["amount"] for one in running.store.newest_first("payout")] == [100]

    running.balance.add("charge", {"id": "ch_two", "currency": "usd"}, 70)
    assert visit(f"{running.address}/sandbox/payouts", {}).status == 303
    assert [one["amount"] for one in running.store.newest_first("payout")] == [70, 100]


def test_a_key_that_is_not_taken_is_told_apart_from_silence(sandbox: tuple[Sandbox, FrozenClock]) -> None:
    running, _ = sandbox
    with pytest.raises(KeyRefused):
        StripeGateway("sk_test_other", "whsec_sandbox", running.address).list_payouts(LONG_AGO)


def test_the_sandbox_says_where_it_tells_of_events(sandbox: tuple[Sandbox, FrozenClock]) -> None:
    running, _ = sandbox
    (endpoint,) = StripeGateway("sk_test_sandbox", "whsec_x", running.address).list_webhook_endpoints()

    assert (endpoint.address, endpoint.enabled, endpoint.events) == (HOOK, True, EVENTS)
    assert endpoint.api_version == WRITTEN_FOR == stripe.api_version


@pytest.mark.parametrize(
    ("kind", "source", "read"),
    [
        ("payment", {"object": "charge", "payment_intent": {"id": "pi_one"}}, (MovementKind.CHARGE, "pi_one", None)),
        ("refund_failure", {"object": "refund", "payment_intent": "pi_one"}, (MovementKind.REFUND, "pi_one", None)),
        ("adjustment", {"object": "dispute", "payment_intent": "pi_one"}, (MovementKind.DISPUTE, "pi_one", None)),
        ("adjustment", {"object": "transfer", "payment_intent": "pi_one"}, (MovementKind.OTHER, None, None)),
        ("adjustment", None, (MovementKind.OTHER, None, None)),
        ("stripe_fee", None, (MovementKind.FEE, None, None)),
        ("payout", "po_one", (MovementKind.PAYOUT, None, "po_one")),
        ("payout_failure", {"object": "payout", "id": "po_one"}, (MovementKind.RETURNED_PAYOUT, None, None)),
        ("of_next_year", "x_one", (MovementKind.OTHER, None, None)),
    ],
)
def test_what_stripe_says_of_a_movement_is_read(kind: str, source: object, read: tuple[object, ...]) -> None:
    fields = {"id": "txn_one", "type": kind, "source": source, "amount": -5, "fee": 2, "net": -7, "currency": "usd"}
    moved = movement_of({**fields, "created": 1, "available_on": 2})
    assert (moved.kind, moved.payment, moved.payout) == read
    assert (moved.gross_minor, moved.fee_minor, moved.net_minor) == (-5, 2, -7)


@pytest.mark.parametrize("status", ["completed", "in_progress", "not_applicable"])
def test_a_payout_arrives_on_a_date_whatever_the_zone_and_may_not_be_itemised(status: str) -> None:
    arrives = int(datetime(2027, 5, 7, tzinfo=UTC).timestamp())
    fields = {"id": "po_one", "status": "in_transit", "amount": 5, "currency": "usd", "automatic": True, "created": 1}
    payout = payout_of({**fields, "arrival_date": arrives, "reconciliation_status": status})
    assert (payout.arrives_on.isoformat(), payout.itemised) == ("2027-05-07", status == "completed")
