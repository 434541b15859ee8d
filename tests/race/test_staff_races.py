"""Many at once, as staff: one code signs in once, one recovery code too, one decision is made, one refund goes out.

Each race is also run with its guard taken away: were the rivals not there at once, nothing would change.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from passlib.totp import TOTP

from practice.booking.lifecycle import State
from practice.errors import Conflict
from practice.review import actions as review
from practice.staff import actions, datastore
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.paying import PRICE, Till
from tests.support.staff import Colleague, audit, booked, hire, send_request
from tests.support.story import Practice

RIVALS = 8
CODE = "abcd-efgh-jkmn-pqrs"


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician")


@pytest.fixture
def apps(practice: Practice, make_app: Callable[[], Flask]) -> list[Flask]:
    """Two processes' worth of apps."""
    return [practice.app, make_app()]


def race(apps: list[Flask], rival: Callable[[], Any]) -> Counter[Any]:
    """Let RIVALS do the same at the same moment; how often each outcome came."""
    outcomes: list[Any] = []
    together = threading.Barrier(RIVALS)

    def run(app: Flask) -> None:
        with app.app_context():
            together.wait(timeout=30)
            outcomes.append(rival())

    threads = [threading.Thread(target=run, args=(apps[number % len(apps)],)) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


@pytest.mark.parametrize("guarded", [True, False])
def test_one_code_opens_the_desk_once(
    apps: list[Flask], sam: Colleague, clock: FrozenClock, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(datastore, "use_time_step", lambda *_: True)
    with apps[0].app_context():
        codes = apps[0].extensions["security"]._totp_factory
        secret = codes.generate_totp_secret()
        shown = TOTP(key=codes.get_totp_b32_key(secret)).generate(time=clock.now()).token

    def rival() -> bool:
        account = find_account(sam.email)
        return bool(codes.verify_totp(shown, secret, account, window=30))

    assert race(apps, rival) == ({True: 1, False: RIVALS - 1} if guarded else {True: RIVALS})


def test_one_recovery_code_opens_the_desk_once(apps: list[Flask], sam: Colleague) -> None:
    with apps[0].app_context(), begin_work():
        account = find_account(sam.email)
        assert account is not None
        account.mf_recovery_codes = [datastore._hashed(CODE), datastore._hashed("another")]

    def rival() -> bool:
        account = find_account(sam.email)
        assert account is not None
        number = account.id
        with begin_work() as work:
            return actions.use_recovery_code(work, number, datastore._hashed(CODE))

    assert race(apps, rival) == {True: 1, False: RIVALS - 1}


@pytest.mark.parametrize("guarded", [True, False])
def test_of_reviewers_who_decline_at_once_one_does(
    practice: Practice,
    payments: FakePayments,
    apps: list[Flask],
    sam: Colleague,
    guarded: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = Till(practice, payments)
    request = send_request(practice)
    held = practice.hold(MONDAY_NINE)
    booked(practice, request, held.reference)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    if not guarded:
        locked = review._lock

        def forget(*args: Any) -> Any:
            intake = locked(*args)
            intake.review_state = "new"
            return intake

        monkeypatch.setattr(review, "_lock", forget)
        monkeypatch.setattr(review, "as_seen", lambda _: "")

    def rival() -> str:
        account = find_account(sam.email)
        assert account is not None
        try:
            with begin_work() as work:
                seen = f"{held.reference}:confirmed" if guarded else ""
                review.decline(work, account, request, seen="new", ending=seen)
        except Conflict:
            return "meanwhile"
        return "declined"

    outcomes = race(apps, rival)
    practice.work_until_idle()

    assert outcomes == ({"declined": 1, "meanwhile": RIVALS - 1} if guarded else {"declined": RIVALS})
    assert len(audit(practice, "intake_declined")) == outcomes["declined"]
    assert practice.state_of(held) is State.DECLINED
    assert till.returned() == PRICE  # even then: what is declined once has nothing left to give back
