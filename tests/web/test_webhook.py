"""The webhook: only what is signed is heard, each event once, and nothing is decided in the request."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from practice.booking.lifecycle import State
from practice.database import db
from practice.outbox import OutboxMessage
from practice.payments.models import StripeEvent
from tests.support import fake_events
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.paying import Till
from tests.support.story import Practice

SQLITE = pytest.mark.databases("sqlite")


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def events_kept(practice: Practice) -> int:
    with practice.app.app_context():
        return db.session.scalar(select(func.count()).select_from(StripeEvent)) or 0


def settlings_posted(practice: Practice) -> int:
    wanted = select(func.count()).where(OutboxMessage.kind == "settle_attempt", OutboxMessage.payload.contains("evt_"))
    with practice.app.app_context():
        return db.session.scalar(wanted) or 0


def test_a_signed_event_is_kept_and_looked_into_later(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    assert till.deliver() == [204]
    assert practice.state_of(held) is State.HELD  # the request only notes it
    assert (events_kept(practice), settlings_posted(practice)) == (1, 1)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED


@SQLITE
@pytest.mark.parametrize(
    "header", [None, "", "t=1,v1=", "t=abc,v1=00", "v1=00", "nonsense", "t=1830081600,v1=" + "0" * 64]
)
def test_an_event_without_a_true_signature_is_refused(practice: Practice, till: Till, header: str | None) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    body, _ = till.service.sign(till.service.mailbag[0])
    assert till.post(body, {} if header is None else {"Stripe-Signature": header}) == 400
    practice.work_until_idle()
    assert practice.state_of(held) is State.HELD
    assert events_kept(practice) == 0


@SQLITE
def test_an_event_that_was_signed_with_another_secret_is_refused(practice: Practice, till: Till) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    till.service.secret, ours = "whsec_another", till.service.secret
    forged = till.service.sign(till.service.mailbag[0])
    till.service.secret = ours
    assert till.post(*forged) == 400


@SQLITE
def test_a_signed_event_whose_body_was_changed_is_refused(practice: Practice, till: Till) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    body, headers = till.service.sign(till.service.mailbag[0])
    assert till.post(body.replace(b"completed", b"expired"), headers) == 400


@SQLITE
def test_a_signature_from_six_minutes_ago_is_refused(practice: Practice, till: Till, clock: FrozenClock) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    old = till.service.sign(till.service.mailbag[0])
    clock.advance(minutes=4)
    assert till.post(*old) == 204
    clock.advance(minutes=2)
    assert till.post(*old) == 400


@SQLITE
def test_a_live_event_at_a_test_webhook_is_refused(practice: Practice, till: Till) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    assert till.deliver([replace(till.service.mailbag[0], livemode=True)]) == [400]


@SQLITE
def test_what_is_signed_but_is_no_event_is_refused(practice: Practice, till: Till, payments: FakePayments) -> None:
    for body in (b"", b"[]", b"{}", b"\xff\xfe", json.dumps({"id": "evt_1"}).encode()):
        at = str(int(practice.clock.now().timestamp()))
        headers = {"Stripe-Signature": f"t={at},v1={fake_events.digest_of(payments.secret, at, body)}"}
        assert till.post(body, headers) == 400, body


@SQLITE
def test_a_webhook_larger_than_any_event_is_refused(practice: Practice, till: Till) -> None:
    assert till.post(b"x" * 300_000, {"Stripe-Signature": "t=1,v1=00"}) == 413


@SQLITE
def test_an_event_of_somebody_elses_in_the_same_account_is_kept_and_nothing_more(
    practice: Practice, till: Till
) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    foreign = replace(till.service.mailbag[0], id="evt_foreign", attempt=None, session_id="cs_foreign")
    assert till.deliver([foreign]) == [204]
    assert settlings_posted(practice) == 0
    assert practice.breaches() == []


@SQLITE
def test_an_event_of_an_attempt_that_we_do_not_know_is_shown_to_a_person(practice: Practice, till: Till) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    assert till.deliver([replace(till.service.mailbag[0], attempt="pa_from_a_lost_backup")]) == [204]
    assert any("a payment that we don’t know" in breach for breach in practice.breaches())


def test_ten_deliveries_of_one_event_at_once_count_as_one(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    signed = till.service.sign(till.service.mailbag[0])
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: till.post(*signed), range(10)))
    assert set(answers) <= {204, 503}  # 503: busy, so the service sends it again
    assert 204 in answers
    assert (events_kept(practice), settlings_posted(practice)) == (1, 1)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert practice.breaches() == []


@SQLITE
def test_the_webhook_answers_to_nothing_but_a_post(practice: Practice) -> None:
    for method in ("get", "put", "delete"):
        assert getattr(practice.browser(), method)("/webhooks/stripe").status_code == 405
