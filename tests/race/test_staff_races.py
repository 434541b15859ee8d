"""Many at once, as staff: one code signs in once, one recovery code too, one decision is made, one refund goes out.

Each race is also run with its guard taken away: were the rivals not there at once, nothing would change.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from passlib.totp import TOTP
from sqlalchemy.exc import IntegrityError

from practice.booking.lifecycle import State
from practice.errors import Conflict
from practice.review import actions as review
from practice.review import asking
from practice.review.steps import UNTOUCHED
from practice.staff import actions, datastore
from practice.staff.passkeys import actions as passkeys
from practice.staff.passkeys.verifying import NewKey
from practice.staff.people import actions as people
from practice.staff.people import queries as people_queries
from practice.staff.people.queries import InvitationOver, mark_of
from practice.staff.queries import find_account, find_owners
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
        locked = review.lock_request

        def forget(*args: Any) -> Any:
            intake = locked(*args)
            intake.review_state = "new"
            return intake

        monkeypatch.setattr(review, "lock_request", forget)
        monkeypatch.setattr(review, "refuse_unless_read", lambda *_: None)
        monkeypatch.setattr(review, "as_seen", lambda _: "")

    def rival() -> str:
        account = find_account(sam.email)
        assert account is not None
        try:
            with begin_work() as work:
                seen = f"{held.reference}:confirmed" if guarded else ""
                review.decline(work, account, request, seen=UNTOUCHED, ending=seen)
        except Conflict:
            return "meanwhile"
        return "declined"

    outcomes = race(apps, rival)
    practice.work_until_idle()

    assert outcomes == ({"declined": 1, "meanwhile": RIVALS - 1} if guarded else {"declined": RIVALS})
    assert len(audit(practice, "intake_declined")) == outcomes["declined"]
    assert practice.state_of(held) is State.DECLINED
    assert till.returned() == PRICE  # even then: what is declined once has nothing left to give back


@pytest.mark.parametrize("guarded", [True, False])
def test_of_reviewers_who_ask_at_once_one_is_done(
    practice: Practice, apps: list[Flask], sam: Colleague, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever decides knows that nothing came in between. Without the comparison, all of them go on from new."""
    request = send_request(practice)
    if not guarded:
        monkeypatch.setattr(asking, "refuse_unless_read", lambda *_: None)
    turns = itertools.count()

    def rival() -> str:
        account, words = find_account(sam.email), f"Question {next(turns)}?"
        assert account is not None
        try:
            with begin_work() as work:
                asking.ask(work, account, request, seen=UNTOUCHED, fields=[], question=words)
        except Conflict:
            return "meanwhile"
        return "asked"

    outcomes = race(apps, rival)

    assert outcomes == ({"asked": 1, "meanwhile": RIVALS - 1} if guarded else {"asked": RIVALS})
    assert len(audit(practice, "information_asked")) == outcomes["asked"]
    assert practice.breaches() == []


@pytest.mark.parametrize("guarded", [True, False])
def test_of_owners_who_step_down_at_once_one_stays(
    practice: Practice, apps: list[Flask], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(people, "keep_an_owner", lambda *_: None)
    owners = [hire(practice, "owner", email=f"owner-{number}@practice.example") for number in range(RIVALS)]
    turns = iter(owners)

    def rival() -> str:
        account = find_account(next(turns).email)
        assert account is not None
        number, actor, seen = account.id, account.actor, mark_of(account)
        try:
            with begin_work() as work:
                people.change_roles(work, actor, number, ["clinician"], None, successor=None, seen=seen)
        except people.LastOwner:
            return "the last one"
        return "stepped down"

    outcomes = race(apps, rival)

    assert outcomes == ({"stepped down": RIVALS - 1, "the last one": 1} if guarded else {"stepped down": RIVALS})
    with apps[0].app_context():
        assert len(find_owners()) == guarded


@pytest.mark.parametrize("guarded", [True, False])
def test_one_invitation_makes_one_account(
    practice: Practice, apps: list[Flask], guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with apps[0].app_context(), begin_work() as work:
        invitation = people.invite(work, "system", "robin@practice.example", ["coordinator"], None)
        token = people.way_in(work, invitation)
    if not guarded:
        for room in (people, people_queries):
            monkeypatch.setattr(room, "is_open", lambda *_: True)
        monkeypatch.setattr(people, "same_address", lambda _: (False, False))

    def rival() -> str:
        try:
            with begin_work() as work:
                people.accept(work, token, "a hash")
        except InvitationOver:
            return "over"
        except IntegrityError:
            return "one address, one account"
        return "made"

    late = "over" if guarded else "one address, one account"
    assert race(apps, rival) == {"made": 1, late: RIVALS - 1}


@pytest.mark.parametrize("guarded", [True, False])
def test_one_answer_of_a_passkey_signs_in_once(
    apps: list[Flask], sam: Colleague, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with apps[0].app_context(), begin_work() as work:
        account = find_account(sam.email)
        assert account is not None
        made = passkeys.add_passkey(work, account.id, "Phone", NewKey(b"id", b"public", 0), b"handle")
        number = made.id
    tries = iter(range(RIVALS))

    def rival() -> bool:
        challenge = b"one challenge" if guarded else f"challenge {next(tries)}".encode()
        with begin_work() as work:
            return passkeys.use_passkey(work, number, challenge, 0)

    assert race(apps, rival) == ({True: 1, False: RIVALS - 1} if guarded else {True: RIVALS})


def test_a_passkey_that_counts_signs_in_once_for_each_count(apps: list[Flask], sam: Colleague) -> None:
    with apps[0].app_context(), begin_work() as work:
        account = find_account(sam.email)
        assert account is not None
        number = passkeys.add_passkey(work, account.id, "Key", NewKey(b"id", b"public", 4), b"handle").id
    tries = iter(range(RIVALS))

    def rival() -> bool:
        challenge = f"challenge {next(tries)}".encode()
        with begin_work() as work:
            return passkeys.use_passkey(work, number, challenge, 5)

    assert race(apps, rival) == {True: 1, False: RIVALS - 1}
