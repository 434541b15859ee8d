"""One contract for the payment service, run on the fake and, over HTTP with the real SDK, on the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pydantic
import pytest
import stripe

from practice.money import Money
from practice.payments.gateway import (
    ExpiryRefused,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyMismatch,
    NotAuthorised,
    NotOpen,
    PaymentGateway,
    UnknownSession,
    UntrustedEvent,
)
from practice.payments.snapshots import (
    ChargeOrder,
    ChargeStatus,
    CheckoutParameters,
    CheckoutSession,
    DisputeStatus,
    KeptCard,
    RefundOrder,
    RefundStatus,
    SessionStatus,
)
from practice.payments.stripe_gateway import WRITTEN_FOR, StripeGateway
from practice.sandbox.server import Sandbox
from tests.support import stripe_shapes
from tests.support.fake_payments import FakePayments
from tests.support.observed_sandbox import run_observed

pytestmark = pytest.mark.made_up
PRICE = Money(18000, "USD")
FEE = Money(8000, "USD")
LATER = {
    ChargeStatus.PAID: "pays",
    ChargeStatus.ASKS: "authentication_required",
    ChargeStatus.DECLINED: "card_declined",
}
Signed = tuple[bytes, Mapping[str, str]]


@dataclass
class SteppedClock:
    """Starts at the real time, because the SDK compares signatures with it, and goes on when told."""

    instant: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def now(self) -> datetime:
        return self.instant

    def advance(self, **parts: float) -> None:
        self.instant += timedelta(**parts)


@dataclass
class Service:
    """A payment service, and what a test may do on its other side."""

    gateway: PaymentGateway
    clock: SteppedClock
    pay: Callable[[str], bool]
    faults: list[str]
    signed: Callable[[], list[Signed]]
    dispute: Callable[[str], str]  # of a payment; the id of the dispute
    pay_keeping: Callable[[str, ChargeStatus], object]  # pay a session, and what the bank says of later charges
    retries: int  # calls that the gateway makes by itself before it gives up
    received: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def parameters(self, attempt: str = "pa_one", **changes: Any) -> CheckoutParameters:
        made = CheckoutParameters(
            reference="b_one",
            attempt=attempt,
            amount=PRICE,
            expires_at=self.clock.now() + timedelta(minutes=35),
            success_url="http://127.0.0.1:5000/bookings/b_one/paid",
            cancel_url="http://127.0.0.1:5000/bookings/b_one/pay",
        )
        return replace(made, **changes)

    def open(self, attempt: str = "pa_one") -> CheckoutSession:
        return self.gateway.create_checkout(self.parameters(attempt), f"checkout-{attempt}")

    def paid(self, attempt: str = "pa_one") -> CheckoutSession:
        session_id = self.open(attempt).id
        assert self.pay(session_id)
        return self.gateway.retrieve(session_id)

    def fail(self, fault: str) -> None:
        """Let the next call fail for good."""
        self.faults += [fault] * self.retries


@pytest.fixture(params=["fake", "stripe"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    clock = SteppedClock()
    if request.param == "fake":
        fake = FakePayments(clock)
        yield Service(
            fake,
            clock,
            fake.pay,
            fake.faults,
            lambda: [fake.sign(one) for one in fake.mailbag],
            fake.dispute,
            lambda session_id, later: (setattr(fake, "charge_status", later), fake.pay(session_id)),
            retries=1,
        )
        return
    with run_observed(tmp_path, clock.now) as (sandbox, received):
        yield Service(
            StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address),
            clock,
            lambda session_id: sandbox.sessions.pay(session_id) is not None,
            sandbox.api.faults,
            lambda: [sandbox.webhooks.sign(one) for one in reversed(sandbox.store.newest_first("event"))],
            lambda payment: str(sandbox.disputes.open(payment)["id"]),
            lambda session_id, later: sandbox.sessions.pay(session_id, later=LATER[later]),
            retries=3,
            received=received,
        )


def test_a_session_is_made_as_asked(service: Service) -> None:
    asked = service.parameters()
    made = service.gateway.create_checkout(asked, "key")
    assert made.status is SessionStatus.OPEN
    assert not made.paid
    assert (made.reference, made.attempt, made.livemode) == ("b_one", "pa_one", False)
    assert (made.amount_minor, made.currency, made.expires_at) == (18000, "USD", asked.expires_at)
    assert made.payment is None
    assert made.url is not None
    assert made.url.startswith(service.gateway.checkout_origin + "/")
    assert service.gateway.retrieve(made.id) == made


def test_the_same_key_gives_the_same_session(service: Service) -> None:
    asked = service.parameters()
    first, second = (service.gateway.create_checkout(asked, "key") for _ in range(2))
    assert first.id == second.id
    assert len(service.gateway.list_sessions(asked.expires_at - timedelta(hours=1))) == 1


def test_the_same_key_with_other_parameters_is_refused(service: Service) -> None:
    asked = service.parameters()
    service.gateway.create_checkout(asked, "key")
    with pytest.raises(IdempotencyMismatch):
        service.gateway.create_checkout(replace(asked, amount=Money(1000, "USD")), "key")


def test_a_key_is_replayed_even_when_its_time_would_be_too_near_by_now(service: Service) -> None:
    asked = service.parameters()
    first = service.gateway.create_checkout(asked, "key")
    service.clock.advance(minutes=10)
    assert service.gateway.create_checkout(asked, "key").id == first.id


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_an_end_too_near_or_too_far_makes_no_session_and_keeps_no_key(service: Service, minutes: int) -> None:
    start = service.clock.now()
    with pytest.raises(ExpiryRefused):
        service.gateway.create_checkout(service.parameters(expires_at=start + timedelta(minutes=minutes)), "key")
    assert service.gateway.list_sessions(start) == []
    assert service.gateway.create_checkout(service.parameters(), "key").status is SessionStatus.OPEN


@pytest.mark.parametrize("minutes", [30, 24 * 60])
def test_the_shortest_and_the_longest_end_are_taken(service: Service, minutes: int) -> None:
    asked = service.parameters(expires_at=service.clock.now() + timedelta(minutes=minutes))
    assert service.gateway.create_checkout(asked, "key").expires_at == asked.expires_at


def test_a_paid_session_is_complete_and_names_its_payment(service: Service) -> None:
    paid = service.paid()
    assert (paid.status, paid.paid, paid.url) == (SessionStatus.COMPLETE, True, None)
    assert paid.payment is not None


def test_an_expired_session_cannot_be_paid(service: Service) -> None:
    session_id = service.open().id
    assert service.gateway.expire(session_id).status is SessionStatus.EXPIRED
    assert not service.pay(session_id)
    assert not service.gateway.retrieve(session_id).paid


def test_a_session_whose_time_is_over_has_expired_and_cannot_be_paid(service: Service) -> None:
    session_id = service.open().id
    service.clock.advance(minutes=35)
    assert not service.pay(session_id)
    assert service.gateway.retrieve(session_id).status is SessionStatus.EXPIRED


def test_a_session_can_be_paid_up_to_its_last_second(service: Service) -> None:
    session_id = service.open().id
    service.clock.advance(minutes=34, seconds=59)
    assert service.pay(session_id)


def test_a_session_is_paid_once(service: Service) -> None:
    assert not service.pay(service.paid().id)


@pytest.mark.parametrize("how", ["paid", "expired"])
def test_only_an_open_session_can_be_expired(service: Service, how: str) -> None:
    session_id = service.open().id
    if how == "paid":
        service.pay(session_id)
    else:
        service.gateway.expire(session_id)
    with pytest.raises(NotOpen):
        service.gateway.expire(session_id)


def test_an_unknown_session_is_unknown(service: Service) -> None:
    with pytest.raises(UnknownSession):
        service.gateway.retrieve("cs_test_nothing")
    with pytest.raises(UnknownSession):
        service.gateway.expire("cs_test_nothing")


def authorised(service: Service) -> CheckoutSession:
    made = service.gateway.create_checkout(service.parameters(authorises=True), "checkout-pa_one")
    assert service.pay(made.id)
    return service.gateway.retrieve(made.id)


def test_a_session_that_only_authorises_takes_nothing_and_says_until_when_it_can(service: Service) -> None:
    session = authorised(service)
    assert (session.status, session.authorised, session.paid, session.voided) == (
        SessionStatus.COMPLETE,
        True,
        False,
        False,
    )
    assert session.capture_before == service.clock.now().replace(microsecond=0) + timedelta(days=7)


def test_what_is_authorised_is_captured_once(service: Service) -> None:
    session = authorised(service)
    for _ in range(2):  # under the same key
        service.gateway.capture(str(session.payment), "capture-1")
    found = service.gateway.retrieve(session.id)
    assert (found.paid, found.authorised, found.voided) == (True, False, False)
    for end in (service.gateway.capture, service.gateway.void):
        with pytest.raises(NotAuthorised):
            end(str(session.payment), "another key")


def test_what_is_voided_is_never_captured(service: Service) -> None:
    session = authorised(service)
    service.gateway.void(str(session.payment), "void-1")
    found = service.gateway.retrieve(session.id)
    assert (found.paid, found.authorised, found.voided) == (False, False, True)
    for end in (service.gateway.capture, service.gateway.void):
        with pytest.raises(NotAuthorised):
            end(str(session.payment), "another key")


def test_what_nobody_captures_in_time_lapses(service: Service) -> None:
    session = authorised(service)
    service.clock.advance(days=7, seconds=1)
    assert service.gateway.retrieve(session.id).voided
    with pytest.raises(NotAuthorised):
        service.gateway.capture(str(session.payment), "capture-1")


def test_a_refund_gives_back_what_was_asked_and_is_found_by_our_reference(service: Service) -> None:
    payment = service.paid().payment
    assert payment is not None
    made = service.gateway.refund(RefundOrder("r_one", payment, PRICE), "refund-r_one")
    assert (made.status, made.amount_minor, made.currency) == (RefundStatus.SUCCEEDED, 18000, "USD")
    assert service.gateway.find_refund(payment, "r_one") == made
    assert service.gateway.find_refund(payment, "r_two") is None


def test_a_refund_under_the_same_key_happens_once(service: Service) -> None:
    payment = service.paid().payment
    assert payment is not None
    order = RefundOrder("r_one", payment, Money(6000, "USD"))
    first, second = (service.gateway.refund(order, "key") for _ in range(2))
    assert first == second
    assert service.gateway.refund(RefundOrder("r_two", payment, Money(12000, "USD")), "other").amount_minor == 12000


def test_never_more_is_refunded_than_was_paid(service: Service) -> None:
    payment = service.paid().payment
    assert payment is not None
    service.gateway.refund(RefundOrder("r_one", payment, Money(6000, "USD")), "one")
    with pytest.raises(GatewayRefused):
        service.gateway.refund(RefundOrder("r_two", payment, Money(12001, "USD")), "two")
    service.gateway.refund(RefundOrder("r_three", payment, Money(12000, "USD")), "three")
    with pytest.raises(GatewayRefused):
        service.gateway.refund(RefundOrder("r_four", payment, Money(1, "USD")), "four")


def test_after_its_key_is_forgotten_a_refund_is_still_found_by_our_reference(service: Service) -> None:
    payment = service.paid().payment
    assert payment is not None
    made = service.gateway.refund(RefundOrder("r_one", payment, PRICE), "key")
    service.clock.advance(hours=25)
    assert service.gateway.find_refund(payment, "r_one") == made


def test_no_answer_is_told_apart_from_a_no(service: Service) -> None:
    service.fail("unavailable")
    with pytest.raises(GatewayUnavailable):
        service.open()
    assert service.open().status is SessionStatus.OPEN


def test_a_lost_answer_is_had_by_asking_again_with_the_same_key(service: Service) -> None:
    asked = service.parameters()
    service.faults.append("lost")
    with pytest.raises(GatewayUnavailable):
        service.gateway.create_checkout(asked, "key")
    service.gateway.create_checkout(asked, "key")
    assert len(service.gateway.list_sessions(asked.expires_at - timedelta(hours=1))) == 1


def test_sessions_are_listed_newest_first_and_from_a_moment_on(service: Service) -> None:
    service.open("pa_old")
    service.clock.advance(minutes=5)
    since = service.clock.now()
    newer = [service.open(f"pa_{number}").attempt for number in range(3)]
    assert [one.attempt for one in service.gateway.list_sessions(since)] == newer[::-1]


def test_paying_and_expiring_are_said_by_signed_events(service: Service) -> None:
    paid = service.paid("pa_paid")
    expired = service.gateway.expire(service.open("pa_expired").id)
    events = [service.gateway.read_event(body, headers) for body, headers in service.signed()]
    said = [(event.kind, event.session_id, event.attempt) for event in events]
    assert said == [
        ("checkout.session.completed", paid.id, "pa_paid"),
        ("checkout.session.expired", expired.id, "pa_expired"),
    ]
    assert len({event.id for event in events}) == 2


def test_a_refund_is_said_by_an_event_that_names_our_reference(service: Service) -> None:
    payment = service.paid().payment
    assert payment is not None
    service.gateway.refund(RefundOrder("r_one", payment, PRICE), "key")
    events = [service.gateway.read_event(body, headers) for body, headers in service.signed()]
    assert [event.refund for event in events if event.kind == "refund.created"] == ["r_one"]


def test_a_dispute_is_said_by_an_event_and_found_by_its_id(service: Service) -> None:
    paid = service.paid()
    assert paid.payment is not None
    disputed = service.dispute(paid.payment)

    event = service.gateway.read_event(*service.signed()[-1])
    assert (event.kind, event.dispute, event.attempt) == ("charge.dispute.created", disputed, None)
    found = service.gateway.find_dispute(disputed)
    assert found is not None
    assert (found.status, found.payment, found.amount_minor, found.currency) == (
        DisputeStatus.OPEN,
        paid.payment,
        PRICE.minor_units,
        "USD",
    )
    assert found.due_by is not None
    assert found.due_by > found.created_at


def test_an_unknown_dispute_is_none_and_no_answer_is_no_answer(service: Service) -> None:
    assert service.gateway.find_dispute("du_unknown") is None
    service.fail("unavailable")
    with pytest.raises(GatewayUnavailable):
        service.gateway.find_dispute("du_unknown")


def test_undelivered_events_can_be_asked_for(service: Service) -> None:
    start = service.clock.now()
    paid = service.paid()
    service.clock.advance(hours=1)
    listed = service.gateway.list_events(start)
    assert [(event.kind, event.session_id) for event in listed] == [("checkout.session.completed", paid.id)]
    assert service.gateway.list_events(service.clock.now()) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body, headers: (body, {}),
        lambda body, headers: (body.replace(b"completed", b"c0mpleted"), headers),
        lambda body, headers: (body, {**headers, "Stripe-Signature": "t=1,v1=00"}),
        lambda body, headers: (body, {**headers, "Stripe-Signature": ""}),
        lambda body, headers: (b"\xff\xfe", headers),
        lambda body, headers: (b"", headers),
    ],
    ids=["unsigned", "altered", "forged", "blank", "not text", "empty"],
)
def test_an_event_that_proves_nothing_is_not_believed(
    service: Service, spoil: Callable[[bytes, Mapping[str, str]], Signed]
) -> None:
    service.paid()
    (signed,) = service.signed()
    service.gateway.read_event(*signed)  # believed as it is
    with pytest.raises(UntrustedEvent):
        service.gateway.read_event(*spoil(*signed))


def test_a_signature_of_six_minutes_ago_is_not_believed(service: Service) -> None:
    service.paid()
    service.clock.advance(minutes=-6)
    (old,) = service.signed()
    service.clock.advance(minutes=6)
    with pytest.raises(UntrustedEvent):
        service.gateway.read_event(*old)


def test_stripe_gets_references_an_amount_and_one_word(tmp_path: Path) -> None:
    received: list[dict[str, Any]] = []
    sandbox = Sandbox(tmp_path, observe=lambda method, path, body: received.append(body))
    sandbox.start()
    try:
        gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address)
        asked = CheckoutParameters(
            "b_one",
            "pa_one",
            PRICE,
            datetime.now(UTC) + timedelta(minutes=35),
            "https://a.example/p",
            "https://a.example/c",
        )
        gateway.create_checkout(asked, "key")
    finally:
        sandbox.stop()
    references = {"booking": "b_one", "attempt": "pa_one"}
    assert received == [
        {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": "false"},
            "client_reference_id": "b_one",
            "metadata": references,
            "payment_intent_data": {"description": "Appointment", "metadata": references},
            "line_items": [
                {
                    "quantity": "1",
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": "18000",
                        "product_data": {"name": "Appointment"},
                    },
                }
            ],
            "expires_at": str(int(asked.expires_at.timestamp())),
            "success_url": "https://a.example/p",
            "cancel_url": "https://a.example/c",
        }
    ]


@pytest.mark.parametrize(
    ("language", "locale", "word", "begins"),
    [("en", "en", "Appointment", "Your card is auth"), ("es", "es-419", "Cita", "Su tarjeta queda auto")],
)
def test_the_page_of_the_service_speaks_the_language_of_whoever_pays(
    tmp_path: Path, language: str, locale: str, word: str, begins: str
) -> None:
    received: list[dict[str, Any]] = []
    sandbox = Sandbox(tmp_path, observe=lambda method, path, body: received.append(body))
    sandbox.start()
    try:
        gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address)
        page, ends = "https://a.example/p", datetime.now(UTC) + timedelta(minutes=35)
        asked = CheckoutParameters("b_one", "pa_one", PRICE, ends, page, page, authorises=True, language=language)
        gateway.create_checkout(asked, "key")
        order = ChargeOrder("b_one", "pa_two", PRICE, KeptCard("cus_1", "pm_1"), language)
        with suppress(GatewayError):  # nobody kept such a card
            gateway.charge(order, "another")
    finally:
        sandbox.stop()

    checkout, charge = received[:2]
    assert checkout["locale"] == locale
    assert checkout["line_items"][0]["price_data"]["product_data"] == {"name": word}
    assert checkout["payment_intent_data"]["description"] == charge["description"] == word
    assert checkout["custom_text"]["submit"]["message"].startswith(begins)


def test_the_version_of_the_api_is_a_decision() -> None:
    assert stripe.api_version == WRITTEN_FOR, (
        f"The installed stripe speaks API {stripe.api_version}, and the gateway was written for {WRITTEN_FOR}. "
        "Pin the former stripe in the lock files again; or read Stripe's changelog between the two, and then change "
        "WRITTEN_FOR in practice/payments/stripe_gateway.py, API_VERSION in practice/sandbox/listing.py and "
        "docs/go-live.md."
    )


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "payment", "payment_method_types": ["card"]},
        {"mode": "pay"},
        {"mode": "payment", "line_items": [{"quantity": "1", "price_data": {"currency": "usd", "amount": "1"}}]},
        {"mode": "payment", "expires_at": "soon"},
    ],
    ids=["a parameter that is gone", "a value that is none", "an unknown name inside", "a wrong type"],
)
def test_the_checker_of_requests_finds_what_stripe_would_not_know(body: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        stripe_shapes.check("POST", "/v1/checkout/sessions", body)


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {str(number): "" for number in range(51)}},
        {"metadata": {"k" * 41: ""}},
        {"payment_intent_data": {"metadata": {"attempt": "v" * 501}}},
        {"client_reference_id": "b" * 201},
        {"success_url": "https://a.example/" + "p" * 5000},
        {"cancel_url": "https://a.example/" + "p" * 5000},
    ],
    ids=["keys of metadata", "a key", "a value", "the reference", "where one returns", "where one leaves to"],
)
def test_the_checker_of_requests_finds_what_stripe_would_not_take(body: dict[str, Any]) -> None:
    with pytest.raises(stripe_shapes.TooLong):
        stripe_shapes.check("POST", "/v1/checkout/sessions", body)


def test_a_request_that_no_type_of_the_library_is_known_for_fails() -> None:
    with pytest.raises(LookupError, match="add the SDK's params"):
        stripe_shapes.check("POST", "/v1/charges", {})


def test_checkout_leads_to_stripe_itself_unless_told_otherwise() -> None:
    assert StripeGateway("sk_test_x", "whsec_x").checkout_origin == "https://checkout.stripe.com"
    assert StripeGateway("sk_live_x", "whsec_x").livemode
    assert not StripeGateway("sk_test_x", "whsec_x").livemode


def keep(service: Service, later: ChargeStatus = ChargeStatus.PAID, **changes: Any) -> CheckoutSession:
    """A paid checkout whose card is kept."""
    made = service.gateway.create_checkout(service.parameters(keeps_card=True, **changes), "checkout-keeping")
    service.pay_keeping(made.id, later)
    return service.gateway.retrieve(made.id)


def order(service: Service, later: ChargeStatus = ChargeStatus.PAID) -> ChargeOrder:
    kept = keep(service, later).kept
    assert kept is not None
    return ChargeOrder("b_one", "pa_fee", FEE, kept)


def test_a_card_is_kept_only_where_the_checkout_says_so(service):
    assert service.paid("pa_plain").kept is None
    session = keep(service)
    assert session.kept is not None
    assert session.paid


def test_nothing_is_kept_before_somebody_has_used_a_card(service):
    made = service.gateway.create_checkout(service.parameters(keeps_card=True), "checkout-keeping")
    assert service.gateway.retrieve(made.id).kept is None


def test_the_card_of_an_authorised_payment_is_known_before_it_is_taken(service):
    session = keep(service, authorises=True)
    assert (session.authorised, session.paid) == (True, False)
    assert session.kept is not None


def test_a_kept_card_is_charged_once_however_often_it_is_asked_for(service):
    wanted = order(service)
    first = service.gateway.charge(wanted, "charge-one")
    assert (first.status, first.amount_minor, first.currency) == (ChargeStatus.PAID, FEE.minor_units, FEE.currency)
    assert (first.reference, first.attempt, first.livemode) == ("b_one", "pa_fee", False)
    assert service.gateway.charge(wanted, "charge-one") == first
    assert service.gateway.find_charge(wanted.kept.customer, "pa_fee") == first
    movements = service.gateway.list_movements(service.clock.now() - timedelta(days=1))
    assert [one.gross_minor for one in movements if one.payment == first.payment] == [FEE.minor_units]


def test_what_was_charged_from_a_kept_card_can_be_given_back(service):
    charged = service.gateway.charge(order(service), "charge-one")
    back = service.gateway.refund(RefundOrder("r_fee", str(charged.payment), FEE), "refund-fee")
    assert back.status is RefundStatus.SUCCEEDED
    with pytest.raises(GatewayRefused):
        service.gateway.refund(RefundOrder("r_more", str(charged.payment), FEE), "refund-more")


@pytest.mark.parametrize("said", [ChargeStatus.ASKS, ChargeStatus.DECLINED])
def test_a_bank_that_does_not_say_yes_to_a_charge_moves_no_money_and_can_be_looked_up(service, said):
    wanted = order(service, said)
    before = len(service.gateway.list_movements(service.clock.now() - timedelta(days=1)))
    assert service.gateway.charge(wanted, "charge-one").status is said
    assert service.gateway.charge(wanted, "charge-one").status is said
    found = service.gateway.find_charge(wanted.kept.customer, "pa_fee")
    assert found is not None
    assert found.status is said
    assert len(service.gateway.list_movements(service.clock.now() - timedelta(days=1))) == before


def test_a_charge_whose_answer_is_lost_is_found_again(service):
    wanted = order(service)
    service.faults += ["lost"]
    with pytest.raises(GatewayUnavailable):
        service.gateway.charge(wanted, "charge-one")
    found = service.gateway.find_charge(wanted.kept.customer, "pa_fee")
    assert found is not None
    assert found.status is ChargeStatus.PAID


def test_nothing_is_found_of_a_charge_that_was_never_tried(service):
    assert service.gateway.find_charge(order(service).kept.customer, "pa_fee") is None


def test_a_forgotten_card_can_not_be_charged_and_may_be_forgotten_twice(service):
    wanted = order(service)
    service.gateway.forget_card(wanted.kept.customer)
    service.gateway.forget_card(wanted.kept.customer)
    with pytest.raises(GatewayRefused):
        service.gateway.charge(wanted, "charge-one")
    assert service.gateway.find_charge(wanted.kept.customer, "pa_fee") is None


def test_somebody_elses_card_is_not_charged(service):
    mine, theirs = order(service), KeptCard("cus_theirs", "pm_theirs")
    with pytest.raises(GatewayRefused):
        service.gateway.charge(replace(mine, kept=replace(theirs, card=mine.kept.card)), "charge-one")
