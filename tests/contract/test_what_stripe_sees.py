"""Stripe gets opaque references, an amount and one word. A story with canaries on every side leaves none of them there.

Every other test is held to the same, one by one: tests/support/outgoing.py listens in each, and conftest.py fails it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.offers.models import Offering, Therapist
from practice.money import Money
from practice.payments import stripe_gateway
from practice.payments.fees import consents
from practice.payments.fees.actions import set_terms
from practice.payments.fees.policy import FeeTerms
from practice.payments.gateway import GatewayError, PaymentGateway
from practice.payments.snapshots import ChargeOrder, CheckoutParameters, KeptCard, RefundOrder
from practice.payments.stripe_asking import NOT_YET
from practice.payments.stripe_gateway import StripeGateway
from practice.sandbox.checkout import DECLINED, DISPUTED, GOOD
from practice.sandbox.server import Sandbox
from practice.setup.actions import set_review_first
from practice.work import begin_work
from tests.support import outgoing, outgoing_shapes
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, START, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.intake import answer_until
from tests.support.observed_sandbox import run_observed
from tests.support.over_http import Counter, press
from tests.support.staff import desk
from tests.support.story import Client, Held, Practice

NOBODY = Client(0, "", "", "")
REASON = "Because of the wrencanary in room two"
NOTE = "They spoke of the lapwingcanary"
SAID = {"legal_name": "Quetzalcanary Ibiscanary", "date_of_birth": "1971-11-23", "insurance_use": "no"}
ANSWERS = {
    "preferred_name": "Quetzalcanary",
    "email": "quetzalcanary@mail.example",
    "phone": "+1 212 555 0177",
    "contact_ok": ["email", "call"],
    "others_see_messages": "maybe",
    "safe_contact_note": "my partner Osprycanary opens the letters",
    "access_needs": "a perch for a heroncanary",
    "code": "nightjarcanary egret",
    "code_again": "nightjarcanary egret",
    "breach_types": ["affair_emotional", "money_hidden"],
    "self_harm": "passing",
    "alone_call": "yes",
}
TRACES = ("canary", "2125550177", "212 555 0177", "1971", "nightjar", "affair", "money_hidden", "passing", "couple")
LOGGED = tuple(trace for trace in TRACES if trace not in ("passing", "couple"))


@pytest.fixture
def sandbox(tmp_path: Path, clock: FrozenClock) -> Iterator[Sandbox]:
    with run_observed(tmp_path / "sandbox", clock.now) as (running, _):
        yield running


@pytest.fixture
def payments(sandbox: Sandbox) -> PaymentGateway:
    """The real gateway instead of the fake one."""
    return StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address)


@pytest.fixture
def counter(practice: Practice, sandbox: Sandbox) -> Counter:
    """A practice whose therapist and offering have telling names, and which reads requests first."""
    with practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=True)
        set_terms(work, "command", FeeTerms(None, Money(900_00, "USD")))
        ada = work.session.scalars(select(Therapist).where(Therapist.slug == "ada-lindqvist")).one()
        ada.slug, ada.name = "oriolecanary", "Oriole Kestrelcanary"
        for offering in work.session.scalars(select(Offering)):
            offering.name = "Dovecanary repair for couples"
    return Counter(practice, sandbox)


def books(counter: Counter, browser: Browser, number: int) -> Held:
    """Somebody with canaries in every answer takes a time and goes on to pay, on the pages."""
    mine = {**ANSWERS, "email": f"quetzalcanary-{number}@mail.example"}
    answer_until(browser, 7, **mine)
    browser.submit("/intake/check")
    page = browser.get("/times/oriolecanary?offering=couple-50")
    start = MONDAY_NINE + number * timedelta(hours=1)
    held = browser.send_form(page, {"start": start.isoformat()}, form="/bookings")
    assert held.status_code == 302, held.text
    reference = str(held.location).rsplit("/", 1)[-1]
    paying = browser.submit(f"/bookings/{reference}/pay", {**SAID, "keep_card": "y"} if number == 0 else SAID)
    assert paying.status_code == 303, paying.text
    return Held(reference, NOBODY)


def pays(counter: Counter, browser: Browser, held: Held, card: str = GOOD) -> None:
    assert press(counter.open(held), card=card) == 303
    browser.get(f"/bookings/{held.reference}/paid")
    hear(counter)


def hear(counter: Counter) -> None:
    assert counter.deliver() <= {204}
    counter.practice.work_until_idle()


def request_of(clinician: Browser) -> str:
    """The address of the newest request."""
    return (
        "/staff/intakes/" + re.findall(r'href="/staff/intakes/(i_[a-z0-9]+)"', clinician.get("/staff/intakes").text)[0]
    )


def tell(counter: Counter, clock: FrozenClock) -> list[Held]:
    """Everything that can become of money, with a canary wherever somebody can type."""
    practice = counter.practice
    clinician, coordinator = desk(practice, "clinician"), desk(practice, "coordinator")
    browsers = [practice.browser() for _ in range(5)]
    held = []
    for number, browser in enumerate(browsers):
        held.append(books(counter, browser, number))
        if number == 1:
            assert press(counter.open(held[1]), card=DECLINED) == 402
        if number < 4:  # the last one leaves without paying
            pays(counter, browser, held[number], DISPUTED if number == 3 else GOOD)
        page = request_of(clinician)
        notes = re.findall(r'href="(/staff/notes/people/[a-z0-9_]+)"', clinician.get(page).text)[0]
        assert clinician.submit(notes, {"text": NOTE}).status_code == 302
        if number in (0, 2, 3):
            clinician.submit(page, form="/accept")
        elif number == 1:
            clinician.submit(f"{page}/decline")
        hear(counter)
    accepted, _, cancelled, _, left = held

    coordinator.submit(f"/staff/money/{accepted.reference}", {"amount": "40", "reason": REASON})
    terms = {"decision": "all", "reason": REASON}
    coordinator.submit(f"/staff/schedule/sessions/{cancelled.reference}", terms, form="cancel")
    hear(counter)
    (dispute,) = counter.sandbox.store.newest_first("dispute")
    counter.sandbox.disputes.decide(dispute["id"], "lost")
    counter.cancel(left)
    hear(counter)
    clock.advance(days=2)
    counter.sandbox.balance.pay_out(everything=True)
    hear(counter)  # and the nights between
    clock.advance(days=5)
    session, money = (f"/staff/{room}/{accepted.reference}" for room in ("schedule/sessions", "money"))
    owner = desk(practice, "owner")  # everybody else was signed out meanwhile
    owner.submit(session, {"came": "missed"}, form="attendance")
    owner.submit(f"{money}/fee", {"amount": "100", "reason": REASON})
    hear(counter)
    with practice.app.app_context(), begin_work() as work:
        consents.withdraw(work, booking_actions.lock(work, accepted.reference).person)
    hear(counter)
    assert [practice.state_of(one) for one in held] == [
        State.MISSED,
        State.DECLINED,
        State.CANCELLED,
        State.CONFIRMED,
        State.EXPIRED,
    ]
    return held


def kept_by(sandbox: Sandbox) -> str:
    """All that the sandbox stores, but its keys and what is only ours to set up."""
    rows = [
        dict(row) for table in ("object", "idempotency", "plan") for row in sandbox.store.rows(f"SELECT * FROM {table}")
    ]
    return json.dumps(rows)


def test_nothing_about_anybody_reaches_stripe_or_our_logs_in_a_story_full_of_canaries(
    counter: Counter, clock: FrozenClock, capfd: pytest.CaptureFixture[str]
) -> None:
    held = tell(counter, clock)

    assert [(counter.taken(one), counter.returned(one)) for one in held] == [
        (260_00, 40_00),
        (0, 0),
        (160_00, 160_00),
        (160_00, 0),
        (0, 0),
    ]
    sent = "\n".join(outgoing.sent)
    for asked in (
        "sessions",
        "expire",
        "capture",
        "cancel",
        "refunds",
        "events",
        "payouts",
        "balance_transactions",
        "payment_intents",
    ):
        assert f'/{asked}"' in sent, f"the story never asks for {asked}"
    assert "/v1/customers/cus_" in sent
    written = capfd.readouterr()
    assert "movements_read" in written.out + written.err
    for place, content, traces in (
        ("sent", sent, TRACES),
        ("kept by the sandbox", kept_by(counter.sandbox), TRACES),
        ("logged", written.out + written.err, LOGGED),
    ):
        for trace in traces:
            assert trace not in content.lower(), f"{trace} is in what was {place}"


# Positive controls: each is a leak that a change might bring


def named(params: Any, *said: Any) -> Any:
    made = ask(params, *said)
    made["metadata"]["first_name"] = "Quetzalcanary"
    return made


def in_a_known_field(params: Any, *said: Any) -> Any:
    made = ask(params, *said)
    made["client_reference_id"] = "b_robin"
    return made


def described(params: Any, *said: Any) -> Any:
    made = ask(params, *said)
    made["payment_intent_data"]["description"] = "Couple session"
    return made


ask = stripe_gateway.session_params


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("leak", "says"),
    [
        (named, "metadata[first_name] is new"),
        (in_a_known_field, "says 'robin'"),
        (described, "is not of its shape"),
    ],
)
def test_a_leak_is_found_whoever_makes_it(practice: Practice, sandbox: Sandbox, leak: Any, says: str) -> None:
    counter = Counter(practice, sandbox)
    with outgoing.unheard() as wrong, mock.patch.object(stripe_gateway, "session_params", leak):
        counter.open(practice.hold(MONDAY_NINE))
    assert any(says in one for one in wrong), wrong
    assert outgoing.wrong == []


@pytest.mark.databases("sqlite")
def test_what_the_sandbox_keeps_is_searched_too(practice: Practice, sandbox: Sandbox, tmp_path: Path) -> None:
    with outgoing.unheard(), mock.patch.object(stripe_gateway, "session_params", described):
        Counter(practice, sandbox).open(practice.hold(MONDAY_NINE))
    assert any("'couple'" in one for one in outgoing.check_store(tmp_path / "sandbox"))


def test_a_leak_to_the_fake_service_is_found_too(clock: FrozenClock) -> None:
    service = FakePayments(clock)
    with outgoing.unheard() as wrong, pytest.raises(Exception, match="cs_test_ada"):
        service.retrieve("cs_test_ada-lindqvist")
    assert any("says 'lindqvist'" in one for one in wrong), wrong


def test_a_new_field_or_request_waits_for_a_decision() -> None:
    new = outgoing_shapes.wrong_request("POST", "/v1/customers", [("name", "x")], {}, made_up=False)
    assert ["nobody has decided" in one for one in new] == [True]
    assert list(outgoing_shapes.wrong_call("make_customer", [], made_up=False)) != []
    headers = {"X-Stripe-Client-Telemetry": "{}"}
    assert list(outgoing_shapes.wrong_request("GET", "/v1/payouts", [], headers, made_up=False)) != []


def test_every_request_of_the_gateway_and_every_call_of_the_protocol_has_a_decision() -> None:
    asked = {name for name in vars(PaymentGateway) if not name.startswith("_")}
    no_network = {"read_event", "checkout_origin", "livemode"}
    assert asked - no_network == outgoing_shapes.CALLS.keys()
    for shapes, ours in (("create_checkout", CheckoutParameters), ("refund", RefundOrder)):
        told = {name.split(".")[1] for name in outgoing_shapes.CALLS[shapes] if "." in name}
        assert told == {one.name for one in dataclasses.fields(ours)}


PAGE = "https://practice.example/bookings/b_7k2m9q4w8x3zpd"
EXAMPLES: dict[str, tuple[Any, ...]] = {
    "create_checkout": (
        CheckoutParameters(
            "b_7k2m9q4w8x3zpd", "pa_7k2m9q4w8x3zpd", Money(1, "USD"), START, f"{PAGE}/paid", f"{PAGE}/pay", True, True
        ),
        "checkout-pa_7k2m9q4w8x3zpd",
    ),
    "retrieve": ("cs_test_1",),
    "expire": ("cs_test_1",),
    "capture": ("pi_1", "capture-pa_7k2m9q4w8x3zpd-2027050512"),
    "void": ("pi_1", "void-pa_7k2m9q4w8x3zpd-2027050512"),
    "charge": (
        ChargeOrder("b_7k2m9q4w8x3zpd", "pa_7k2m9q4w8x3zpd", Money(1, "USD"), KeptCard("cus_1", "pm_1")),
        "charge-pa_7k2m9q4w8x3zpd",
    ),
    "find_charge": ("cus_1", "pa_7k2m9q4w8x3zpd"),
    "forget_card": ("cus_1",),
    "refund": (RefundOrder("r_7k2m9q4w8x3zpd", "pi_1", Money(1, "USD")), "refund-r_7k2m9q4w8x3zpd"),
    "find_refund": ("pi_1", "r_7k2m9q4w8x3zpd"),
    "find_dispute": ("du_1",),
    "list_sessions": (START,),
    "list_events": (START,),
    "list_movements": (START,),
    "list_payouts": (START,),
    "list_payout_lines": ("po_1",),
    "list_webhook_endpoints": (),
}


def test_each_method_of_the_gateway_sends_what_was_decided_and_stripe_would_understand(sandbox: Sandbox) -> None:
    gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", sandbox.address)
    for name in outgoing_shapes.CALLS:
        with suppress(GatewayError):
            getattr(gateway, name)(*EXAMPLES[name])
    assert outgoing.wrong == []
    asked = {tuple(json.loads(one)[:2]) for one in outgoing.sent}
    for method, pattern, _ in outgoing_shapes.REQUESTS:
        assert any(verb == method and re.fullmatch(pattern, path) for verb, path in asked), f"nobody asks {pattern}"


@pytest.mark.parametrize(
    "harmless",
    ["b_7k2m9q4w8x3zpd", "requested_by_customer", NOT_YET, "https://couple.example/bookings/b_x/paid"],
)
def test_what_is_opaque_or_our_own_address_is_not_taken_for_a_word(harmless: str) -> None:
    assert outgoing_shapes.telling(harmless) is None


@pytest.mark.parametrize("word", ["Robin", "ada-lindqvist", "x couple y", "b_intake", "Not sure", "couple-50", "kim@x"])
def test_words_that_tell_are_found_alone_and_among_others(word: str) -> None:
    assert outgoing_shapes.telling(word) is not None
