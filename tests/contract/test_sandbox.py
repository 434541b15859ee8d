"""The sandbox as a person and a webhook see it: test cards, faults, letters, and what survives a restart."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from practice.money import Money
from practice.payments import stripe_gateway
from practice.payments.gateway import GatewayRefused, GatewayUnavailable
from practice.payments.snapshots import (
    CheckoutParameters,
    CheckoutSession,
    Event,
    RefundOrder,
    RefundSnapshot,
    RefundStatus,
    SessionStatus,
)
from practice.payments.stripe_gateway import StripeGateway
from practice.sandbox.checkout import CARDS, CAUTIOUS, CLOSED, DECLINED, DISPUTED, GOOD, SLOW
from practice.sandbox.faults import FAULTS, NOTHING_DONE
from practice.sandbox.server import RefusedToStart, Sandbox

pytestmark = pytest.mark.made_up
START = datetime.now(UTC).replace(microsecond=0)
PATIENCE = 15  # seconds for something that another thread does


class Page:
    """An answer of the sandbox."""

    def __init__(self, status: int, headers: object, body: bytes) -> None:
        self.status, self.headers, self.text = status, headers, body.decode()

    def header(self, name: str) -> str:
        return str(self.headers.get(name))  # type: ignore[attr-defined]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def visit(address: str, data: dict[str, str] | None = None) -> Page:
    body = urllib.parse.urlencode(data).encode() if data is not None else None
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, body), timeout=PATIENCE) as answer:
            return Page(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Page(error.code, error.headers, error.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Shop:
    """A sandbox, a client of it, and a webhook that notes what it hears."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.smtp_port = free_port()
        self.now = datetime.now(UTC).replace(microsecond=0)  # what is signed is good for five minutes
        self.heard: list[Event] = []
        self.answers: list[int] = []  # what the webhook answers next; 204 when empty
        self._changed = threading.Condition()
        self._webhook = HTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._webhook.serve_forever, args=(0.1,), daemon=True).start()
        self.start()

    def start(self) -> None:
        self.sandbox = Sandbox(
            self.folder,
            smtp_port=self.smtp_port,
            webhook_url=f"http://127.0.0.1:{self._webhook.server_port}/webhooks/stripe",
            now=lambda: self.now,
        )
        self.sandbox.start()
        self.gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", self.sandbox.address)

    def restart(self) -> None:
        self.sandbox.stop()
        self.start()

    def stop(self) -> None:
        self.sandbox.stop()
        self._webhook.shutdown()
        self._webhook.server_close()

    def checkout(self, attempt: str = "pa_one") -> CheckoutSession:
        page = "http://127.0.0.1:5000/bookings/b_one"
        parameters = CheckoutParameters(
            "b_one", attempt, Money(18050, "USD"), self.now + timedelta(minutes=35), f"{page}/paid", f"{page}/pay"
        )
        return self.gateway.create_checkout(parameters, f"checkout-{attempt}")

    def status(self, session: CheckoutSession) -> tuple[SessionStatus, bool]:
        found = self.gateway.retrieve(session.id)
        return found.status, found.paid

    def paid_with(self, card: str) -> str:
        """A payment with this card; what a refund names."""
        session = self.checkout()
        assert visit(str(session.url), {"card": card}).status == 303
        payment = self.gateway.retrieve(session.id).payment
        assert payment is not None
        return payment

    def give_back(self, payment: str, reference: str = "r_one", minor: int = 18050) -> RefundSnapshot:
        return self.gateway.refund(RefundOrder(reference, payment, Money(minor, "USD")), f"refund-{reference}")

    def refund(self, payment: str, reference: str = "r_one") -> RefundStatus | None:
        found = self.gateway.find_refund(payment, reference)
        return found.status if found else None

    def wait_until_heard(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, PATIENCE), self.heard
        return [event.kind for event in self.heard]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = shop.gateway.read_event(body, dict(self.headers))
                with shop._changed:
                    shop.heard.append(event)
                    status = shop.answers.pop(0) if shop.answers else 204
                    shop._changed.notify_all()
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.stop()


def test_the_good_card_pays_and_leads_back_after_the_webhook_was_answered(shop: Shop) -> None:
    session = shop.checkout()
    page = visit(str(session.url))
    assert "Pay $180.50" in page.text
    answer = visit(str(session.url), {"card": GOOD})
    assert (answer.status, answer.header("Location")) == (303, "http://127.0.0.1:5000/bookings/b_one/paid")
    assert [event.kind for event in shop.heard] == ["checkout.session.completed"]
    assert shop.status(session) == (SessionStatus.COMPLETE, True)


def test_a_declined_card_leaves_the_checkout_open_for_another(shop: Shop) -> None:
    session = shop.checkout()
    answer = visit(str(session.url), {"card": DECLINED})
    assert answer.status == 402
    assert "declined" in answer.text
    assert shop.status(session) == (SessionStatus.OPEN, False)
    assert visit(str(session.url), {"card": GOOD}).status == 303
    assert shop.wait_until_heard(2) == ["payment_intent.payment_failed", "checkout.session.completed"]


@pytest.mark.parametrize(("answer", "paid"), [("yes", True), ("no", False)])
def test_a_cautious_bank_asks_first(shop: Shop, answer: str, paid: bool) -> None:
    session = shop.checkout()
    asked = visit(str(session.url), {"card": CAUTIOUS})
    assert asked.status == 303
    challenge = shop.sandbox.address + asked.header("Location")
    assert "is it you?" in visit(challenge).text
    assert visit(challenge, {"answer": answer}).status == (303 if paid else 402)
    assert shop.status(session)[1] is paid


def test_a_checkout_that_was_expired_refuses_the_good_card(shop: Shop) -> None:
    session = shop.checkout()
    shop.gateway.expire(session.id)
    answer = visit(str(session.url), {"card": GOOD})
    assert answer.status == 409
    assert "takes no payment any more" in answer.text
    assert shop.status(session) == (SessionStatus.EXPIRED, False)


def test_a_late_payment_goes_through_only_while_the_checkout_is_open(shop: Shop) -> None:
    in_time, too_late = shop.checkout("pa_in_time"), shop.checkout("pa_too_late")
    for session in (in_time, too_late):
        assert "on its way" in visit(str(session.url), {"fault": "late"}).text
    shop.gateway.expire(too_late.id)
    shop.now += timedelta(seconds=61)
    shop.sandbox.sessions.settle_due()
    assert shop.status(in_time) == (SessionStatus.COMPLETE, True)
    assert shop.status(too_late) == (SessionStatus.EXPIRED, False)


def test_a_lost_webhook_is_in_the_list_of_what_was_not_delivered(shop: Shop) -> None:
    session = shop.checkout()
    visit(str(session.url), {"fault": "drop"})
    shop.sandbox.webhooks.deliver_due()
    assert shop.heard == []
    assert [event.session_id for event in shop.gateway.list_events(START)] == [session.id]


def test_a_duplicated_webhook_comes_twice_with_one_id(shop: Shop) -> None:
    visit(str(shop.checkout().url), {"fault": "duplicate"})
    shop.wait_until_heard(2)
    assert len({event.id for event in shop.heard}) == 1


def test_a_delayed_webhook_comes_a_minute_later(shop: Shop) -> None:
    visit(str(shop.checkout().url), {"fault": "delay"})
    shop.sandbox.webhooks.deliver_due()
    assert shop.heard == []
    shop.now += timedelta(seconds=61)
    assert shop.wait_until_heard(1) == ["checkout.session.completed"]


def test_reordered_webhooks_come_in_the_wrong_order(shop: Shop) -> None:
    visit(str(shop.checkout().url), {"fault": "reorder"})
    shop.now += timedelta(seconds=6)
    assert shop.wait_until_heard(2) == ["checkout.session.completed", "payment_intent.payment_failed"]


def test_a_webhook_that_is_not_answered_well_is_sent_again(shop: Shop) -> None:
    shop.answers += [500, 302]
    visit(str(shop.checkout().url), {"card": GOOD})
    for seconds in (3, 6):
        shop.now += timedelta(seconds=seconds)
        shop.sandbox.webhooks.deliver_due()
    shop.wait_until_heard(3)
    assert len({event.id for event in shop.heard}) == 1
    assert shop.gateway.list_events(START) == []


def test_a_restart_loses_nothing(shop: Shop) -> None:
    session, paid = shop.checkout("pa_open"), shop.checkout("pa_paid")
    visit(str(paid.url), {"fault": "delay"})
    shop.restart()
    assert shop.status(session) == (SessionStatus.OPEN, False)
    assert shop.status(paid) == (SessionStatus.COMPLETE, True)
    assert shop.checkout("pa_open").id == session.id  # the key is remembered
    shop.now += timedelta(seconds=61)
    assert shop.wait_until_heard(1) == ["checkout.session.completed"]


def test_forms_may_lead_back_to_the_shop_and_nowhere_else(shop: Shop) -> None:
    policy = visit(str(shop.checkout().url)).header("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:5000")


@pytest.mark.parametrize("field", [{"card": "4111"}, {"fault": "explode"}])
def test_what_the_page_does_not_offer_is_refused(shop: Shop, field: dict[str, str]) -> None:
    session = shop.checkout()
    assert visit(str(session.url), field).status == 422
    assert shop.status(session) == (SessionStatus.OPEN, False)


def test_another_key_is_not_let_in(shop: Shop) -> None:
    assert visit(f"{shop.sandbox.address}/v1/checkout/sessions").status == 401


def letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Your <b>appointment</b>"
    message["From"], message["To"] = "office@practice.example", "robin@mail.example"
    message.set_content("Plain & <script>alert(1)</script>, see https://practice.example/return/abc.")
    message.add_alternative("<p>Fine <script>alert(2)</script></p>", subtype="html")
    message.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", params={"method": "REQUEST"})
    return message


def test_letters_arrive_and_are_shown_with_all_their_parts(shop: Shop, mail_expected: None) -> None:
    with smtplib.SMTP("127.0.0.1", shop.smtp_port, timeout=PATIENCE) as server:
        server.send_message(letter())
    box = f"{shop.sandbox.address}/sandbox/mail"
    assert "Your &lt;b&gt;appointment&lt;/b&gt;" in visit(box).text
    page = visit(f"{box}/1").text
    assert "Plain &amp; &lt;script&gt;alert(1)" in page
    assert 'href="https://practice.example/return/abc"' in page
    assert "BEGIN:VCALENDAR" in page
    assert "<script" not in page
    framed = visit(f"{box}/1/html")
    assert framed.header("Content-Security-Policy").startswith("sandbox; default-src 'none'")
    source = visit(f"{box}/1/source")
    assert source.header("Content-Type").startswith("text/plain")
    assert "method=" in source.text
    assert visit(f"{box}/2").status == 404


@pytest.mark.parametrize("wrong", [{"api_key": "sk_live_1"}, {"api_key": "rk_live_1"}, {"environment": "production"}])
def test_the_sandbox_refuses_live_keys_and_production(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(RefusedToStart):
        Sandbox(tmp_path, **wrong)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_process_refuses_production_in_words(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "practice.sandbox", "--port", "0", "--smtp-port", "0", "--data", str(tmp_path)],
        env={**os.environ, "PRACTICE_ENV": "production"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "no real money" in ended.stderr


def test_the_product_never_imports_the_sandbox() -> None:
    program = "import sys, practice.wiring, practice.cli; assert not any('sandbox' in name for name in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_payment_that_its_holder_takes_back_is_told_and_the_bank_decides(shop: Shop) -> None:
    session = shop.checkout()
    assert visit(str(session.url), {"card": DISPUTED}).status == 303
    assert sorted(event.kind for event in shop.heard) == ["charge.dispute.created", "checkout.session.completed"]
    (disputed,) = [event.dispute for event in shop.heard if event.dispute]
    page = visit(f"{shop.sandbox.address}/sandbox")
    assert "The bank decides for us" in page.text

    assert visit(f"{shop.sandbox.address}/sandbox/disputes/{disputed}", {"decision": "won"}).status == 303

    shop.sandbox.webhooks.deliver_due()
    assert "charge.dispute.closed" in [event.kind for event in shop.heard]
    assert "The bank decides for us" not in visit(f"{shop.sandbox.address}/sandbox").text
    assert visit(f"{shop.sandbox.address}/sandbox/disputes/{disputed}", {"decision": "perhaps"}).status == 404


def test_what_a_bank_has_taken_back_is_not_refunded(shop: Shop) -> None:
    session = shop.checkout()
    visit(str(session.url), {"card": DISPUTED})
    payment = shop.gateway.retrieve(session.id).payment
    assert payment is not None

    with pytest.raises(GatewayRefused):
        shop.gateway.refund(RefundOrder("r_one", payment, Money(100, "USD")), "refund-r_one")


# Refunds that a bank doesn't take at once


@pytest.mark.parametrize(("decision", "ends"), [("succeeded", "refund.updated"), ("failed", "refund.failed")])
def test_a_refund_can_wait_for_its_bank_over_a_restart_until_a_person_decides(
    shop: Shop, decision: str, ends: str
) -> None:
    payment = shop.paid_with(SLOW)
    refund = shop.give_back(payment)
    shop.restart()
    assert shop.refund(payment) is RefundStatus.PENDING
    assert "The bank takes it" in visit(f"{shop.sandbox.address}/sandbox").text

    address = f"{shop.sandbox.address}/sandbox/refunds/{refund.id}"
    assert visit(address, {"status": "perhaps"}).status == 404
    assert visit(address, {"status": decision}).status == 303

    assert shop.refund(payment) is RefundStatus(decision)
    shop.sandbox.webhooks.deliver_due()
    assert ends in [event.kind for event in shop.heard]
    assert "The bank takes it" not in visit(f"{shop.sandbox.address}/sandbox").text


def test_a_refund_that_comes_back_is_told_moves_the_balance_and_can_be_given_again(shop: Shop) -> None:
    payment = shop.paid_with(CLOSED)
    assert shop.give_back(payment).status is RefundStatus.SUCCEEDED
    shop.restart()
    shop.now += timedelta(seconds=16)
    shop.sandbox.refunds.settle_due()

    assert shop.refund(payment) is RefundStatus.FAILED
    shop.sandbox.webhooks.deliver_due()
    assert [event.refund for event in shop.heard if event.kind == "refund.failed"] == ["r_one"]
    moved = [(one.gross_minor, one.refund) for one in shop.gateway.list_movements(START)]
    assert moved[:2] == [(18050, "r_one"), (-18050, "r_one")]
    assert shop.give_back(payment, "r_two").amount_minor == 18050


# Requests that go wrong, by a switch


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "silent"])
def test_each_fault_does_what_it_says_and_tells_no_more_than_it_would(shop: Shop, fault: str) -> None:
    shop.gateway = StripeGateway("sk_test_sandbox", "whsec_sandbox", shop.sandbox.address, retries=0)
    switch = f"{shop.sandbox.address}/sandbox/faults"
    assert visit(switch, {"fault": fault, "times": "1"}).status == 303
    assert "1 still to come" in visit(f"{shop.sandbox.address}/sandbox").text

    with pytest.raises(GatewayUnavailable):
        shop.checkout()

    done = fault not in NOTHING_DONE and fault != "error"
    assert len(shop.gateway.list_sessions(START)) == done
    if fault == "error":  # for good, under the same key
        with pytest.raises(GatewayUnavailable):
            shop.checkout()
    else:
        assert shop.checkout().status is SessionStatus.OPEN
    assert len(shop.gateway.list_sessions(START)) == (fault != "error")


def test_a_caller_that_is_not_answered_gives_up_and_what_it_asked_was_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_gateway, "TIMEOUT", (3, 1))
    hasty = StripeGateway("sk_test_sandbox", "whsec_sandbox", shop.sandbox.address, retries=0)
    shop.sandbox.api.faults.append("silent")
    patient, shop.gateway = shop.gateway, hasty
    with pytest.raises(GatewayUnavailable):
        shop.checkout()
    assert len(patient.list_sessions(START)) == 1


def test_one_fault_alone_is_not_noticed_because_the_library_asks_again(shop: Shop) -> None:
    shop.sandbox.api.faults.append("cut")
    shop.checkout()
    assert len(shop.gateway.list_sessions(START)) == 1


def test_faults_can_be_taken_back_and_only_known_ones_are_taken(shop: Shop) -> None:
    switch = f"{shop.sandbox.address}/sandbox/faults"
    assert visit(switch, {"fault": "explode"}).status == 422
    assert visit(switch, {"fault": "cut", "times": "51"}).status == 422
    visit(switch, {"fault": "cut", "times": "50"})
    visit(switch, {"fault": ""})
    assert shop.sandbox.api.faults == []


def test_who_leaves_without_paying_is_led_back_and_the_session_ends_by_itself(shop: Shop) -> None:
    session = shop.checkout()
    assert 'href="http://127.0.0.1:5000/bookings/b_one/pay"' in visit(str(session.url)).text
    shop.restart()
    shop.now += timedelta(minutes=35)
    shop.sandbox.sessions.settle_due()
    assert shop.wait_until_heard(1) == ["checkout.session.expired"]


def test_every_page_says_that_it_is_a_test(shop: Shop) -> None:
    session = shop.checkout()
    home, page = shop.sandbox.address, str(session.url)
    answers = [visit(f"{home}{path}") for path in ("/", "/sandbox", "/sandbox/mail", "/sandbox/mail/9", "/nothing")]
    answers += [visit(page), visit(f"{page}/authentication"), visit(page, {"card": DECLINED})]
    answers += [visit(page, {"fault": "late"})]
    shop.gateway.expire(session.id)
    answers += [visit(page), visit(page, {"card": GOOD}), visit(f"{home}/sandbox/faults", {"fault": "no"})]
    assert [answer.status for answer in answers if "TEST MODE" not in answer.text] == []


def test_a_restart_keeps_what_was_paid_disputed_and_authorised(shop: Shop) -> None:
    payment = shop.paid_with(DISPUTED)
    (dispute,) = shop.sandbox.store.newest_first("dispute")
    before = [(one.id, one.net_minor) for one in shop.gateway.list_movements(START)]
    shop.restart()
    found = shop.gateway.find_dispute(dispute["id"])
    assert found is not None
    assert found.payment == payment
    assert [(one.id, one.net_minor) for one in shop.gateway.list_movements(START)] == before
    assert CARDS[DISPUTED] in visit(str(shop.checkout("pa_two").url)).text
