"""Two workers, a web server and Stripe's sandbox, each a process of its own, all at the same payment at once.

Each race is also run with its guard taken away (fleet_guards.py), where it must go wrong.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from practice.booking.lifecycle import State
from practice.database import db
from practice.notify.messages import CLIENT, THERAPIST, SendLetter
from practice.outbox import OutboxMessage, handler_name
from practice.payments.handlers import on_send_refund
from practice.payments.messages import SendRefund, SettleAttempt
from practice.payments.models import PaymentAttempt, StripeEvent
from practice.payments.settlement import RefundState
from practice.work import begin_work
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, is_stopped, wait_for
from tests.support.over_http import press
from tests.support.paying import PRICE
from tests.support.story import Held

RACES, FEW = 30, 6
PAYERS = "payers.jsonl"
COPIES = 50
ENDED = (State.CONFIRMED, State.EXPIRED)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def fleet(database_url: str, tmp_path: Path, mail_expected: None) -> Iterator[Fleet]:
    with fleets.build(database_url, tmp_path / "fleet") as built:
        yield built


def hold(fleet: Fleet, count: int = 1) -> list[Held]:
    """So many bookings with the two therapists in turns (one alone does not keep so many at once)."""
    today = fleet.ours.now().astimezone(NEW_YORK).replace(hour=12, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=14 - today.weekday())
    times = [monday + timedelta(days=day, hours=hour) for day in range(3) for hour in range(5)]
    wanted = [(who, start) for start in times for who in ("ada-lindqvist", "noor-haddad")]
    return [fleet.practice.hold(start, therapist=who) for who, start in wanted[:count]]


def held_with_open_checkouts(fleet: Fleet, count: int) -> list[Held]:
    held = hold(fleet, count)
    for one in held:
        fleet.counter.open(one)
    return held


# Paying while it is closed


def race(fleet: Fleet, count: int, without: str | None = None) -> list[Held]:
    """For us the deadline passes and two workers close every checkout; in that moment each of their clients pays.

    Stripe's clock is behind ours, so that only our closing ends a checkout.
    """
    fleet.start_sandbox("payers", notes=fleet.folder / PAYERS)
    fleet.start_web()
    held = held_with_open_checkouts(fleet, count)
    fleet.ours.advance(minutes=36)
    for _ in range(2):
        fleet.start_worker(without)
    fleet.settle(lambda: all(fleet.practice.state_of(one) in ENDED for one in held), "every booking to end")
    return held


def payers_of(fleet: Fleet) -> list[dict[str, str]]:
    """What each client saw who had pressed Pay so far."""
    notes = fleet.folder / PAYERS
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []


def books(fleet: Fleet, held: list[Held]) -> Counter[tuple[State, int, int]]:
    """How each booking stands, and what Stripe has taken and given back for it."""
    return Counter(
        (fleet.practice.state_of(one), fleet.counter.taken(one), fleet.counter.returned(one)) for one in held
    )


def test_of_thirty_that_are_paid_while_they_are_closed_each_has_its_session_or_its_money(fleet: Fleet) -> None:
    held = race(fleet, RACES)
    wait_for(lambda: len(payers_of(fleet)) == RACES, "every client to have pressed Pay")
    payers = payers_of(fleet)

    ended = books(fleet, held)
    through = Counter(payer["answer"] for payer in payers)[303]
    assert ended == {(State.CONFIRMED, PRICE, 0): through, (State.EXPIRED, 0, 0): RACES - through}
    assert {payer["answer"] for payer in payers if payer["when"] == "before"} == {303}
    assert {payer["answer"] for payer in payers if payer["when"] == "after"} == {409}
    assert sum(fleet.counter.payable(one) for one in held) == 0
    assert fleet.practice.breaches() == []
    print(f"of those who paid at once {Counter(one['answer'] for one in payers if one['when'] == 'at once')}")


def test_were_times_released_before_their_checkouts_are_closed_some_would_pay_for_nothing(fleet: Fleet) -> None:
    held = race(fleet, FEW, without="closing first")

    fleet.settle(lambda: any(fleet.counter.refunds(one) for one in held), "somebody's money to go back")
    assert any(fleet.counter.taken(one) and fleet.practice.state_of(one) is State.EXPIRED for one in held)


def test_were_what_stripe_says_not_asked_for_some_would_have_sessions_without_paying(fleet: Fleet) -> None:
    held = race(fleet, FEW, without="asking whether it is paid")

    assert books(fleet, held)[State.CONFIRMED, 0, 0] > 0


# One event, many times


def post_at_once(fleet: Fleet, copies: int) -> tuple[Held, str, Counter[int]]:
    """Somebody pays, and the same signed event comes to the web server so often at once; how it answers."""
    fleet.start_sandbox()
    (held,) = hold(fleet)
    assert press(fleet.counter.open(held), fault="drop") == 303
    (event,) = [one for one in fleet.counter.events() if one["type"] == "checkout.session.completed"]
    body, headers = fleet.webhooks.sign(event)
    together = Barrier(copies)

    def post(_: int) -> int:
        request = urllib.request.Request(f"{fleet.home}/webhooks/stripe", body, headers)
        together.wait(30)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    with ThreadPoolExecutor(copies) as threads:
        return held, str(event["id"]), Counter(threads.map(post, range(copies)))


def heard(fleet: Fleet, event: str) -> tuple[int, int]:
    """How often an event stands in the ledger, and how often it had somebody look at its payment."""
    rows = select(func.count()).where(StripeEvent.id.startswith(event))
    looks = select(func.count()).where(OutboxMessage.kind == SettleAttempt.KIND, OutboxMessage.key.contains(event))
    with fleet.app.app_context():
        return db.session.scalar(rows) or 0, db.session.scalar(looks) or 0


def letters(fleet: Fleet) -> Counter[str]:
    """How many letters were written, sent or not, by whom they are for."""
    with fleet.app.app_context():
        posted = db.session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == SendLetter.KIND))
        return Counter(json.loads(one)["recipient"] for one in posted)


def test_fifty_copies_of_one_event_at_once_are_one_settlement_and_one_letter(fleet: Fleet) -> None:
    fleet.start_web()
    held, event, answers = post_at_once(fleet, COPIES)
    for _ in range(2):
        fleet.start_worker()
    fleet.settle(lambda: fleet.practice.state_of(held) is State.CONFIRMED, "the session to stand")
    wait_for(lambda: fleet.letters_to(held.payer.email) > 0, "the letter that says so")

    assert answers == {204: COPIES}
    assert heard(fleet, event) == (1, 1)
    assert letters(fleet) == {CLIENT: 1, THERAPIST: 1}
    assert fleet.letters_to(held.payer.email) == 1
    assert books(fleet, [held]) == {(State.CONFIRMED, PRICE, 0): 1}
    assert fleet.practice.breaches() == []


def test_without_the_ledger_each_copy_would_count(fleet: Fleet) -> None:
    fleet.start_web(without="the ledger")
    _, event, answers = post_at_once(fleet, FEW)

    assert answers == {204: FEW}
    assert heard(fleet, event) == (FEW, FEW)


# A worker that is held still


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_stands_still_past_its_lease_refunds_nothing_twice(fleet: Fleet, moment: str) -> None:
    fleet.start_sandbox()
    (held,) = hold(fleet)
    fleet.counter.pay(held)
    fleet.counter.deliver()
    fleet.practice.work_until_idle()
    fleet.counter.cancel(held)
    slow = fleet.start_worker(without=f"going on {moment} a refund")
    wait_for(lambda: is_stopped(slow), "the first worker to stand still")
    assert fleet.counter.refunds(held) == [(RefundState.DUE, PRICE)]

    fleet.ours.advance(minutes=3)
    other = fleet.start_worker()
    given = [(RefundState.SUCCEEDED, PRICE)]
    wait_for(lambda: fleet.counter.refunds(held) == given, "the second worker to refund")
    wait_for(lambda: not fleet.waiting(), "the second worker to be idle")
    fleet.stop(other)
    go_on(fleet, slow, held)

    assert fleet.counter.refunds(held) == given
    assert len(fleet.store.newest_first("refund")) == 1
    assert books(fleet, [held]) == {(State.CANCELLED, PRICE, PRICE): 1}
    assert fleet.practice.breaches() == []
    with fleet.app.app_context():
        asked = select(OutboxMessage).where(OutboxMessage.kind == SendRefund.KIND)
        sent = db.session.scalars(asked.where(OutboxMessage.handler == handler_name(on_send_refund))).one()
        assert (sent.state, sent.fence, sent.tries) == ("done", 2, 0)


def go_on(fleet: Fleet, slow: fleets.BaseProcess, held: Held) -> None:
    """Let a worker go on, until it has done what it was at and one thing more."""
    with fleet.app.app_context(), begin_work() as work:
        attempt = work.session.scalars(select(PaymentAttempt.reference)).one()
        work.post(SettleAttempt(attempt, "once more"))
    assert slow.pid is not None
    fleets.os.kill(slow.pid, fleets.signal.SIGCONT)
    wait_for(lambda: not fleet.waiting(), "the first worker to be done")
