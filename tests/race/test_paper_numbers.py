"""Many documents at once, from separate processes: each has a number of its own, and no number is left out."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.billing import actions as billing
from practice.database import db
from practice.errors import Contended
from practice.papers import actions as paper_actions
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.offers import move
from tests.support.papers import DESK, introduce, make, numbers
from tests.support.paying import Till
from tests.support.racing import DONE, PROCESSES, Play

ROUNDS, AT_ONCE = 5, 8
ALL = {f"R2027-{number:04}" for number in range(1, ROUNDS * AT_ONCE + 1)}


@pytest.fixture
def booking(practice):
    """The reference of a booking."""
    held = practice.hold(MONDAY_NINE)
    return held.reference


def given(practice) -> list[str]:
    with practice.app.app_context():
        return [one.name for one in db.session.scalars(select(Paper).order_by(Paper.number, Paper.id))]


def test_numbers_have_no_gap_and_no_twin_however_many_are_issued_at_once(practice, processes, booking):
    for _ in range(ROUNDS):
        outcomes = processes.race([Play("issue", (booking,))] * AT_ONCE)
        assert outcomes == [DONE] * AT_ONCE

    assert set(given(practice)) == ALL
    assert len(given(practice)) == len(ALL)
    assert practice.breaches() == []


def test_whoever_gives_up_leaves_their_number_to_the_next(practice, processes, booking):
    plays = [Play("issue", (booking,)), Play("issue_and_give_up", (booking,))] * 4

    outcomes = processes.race(plays)

    assert outcomes == [DONE, "Refused"] * 4
    assert given(practice) == [f"R2027-{number:04}" for number in range(1, 5)]
    assert practice.breaches() == []


def test_without_the_lock_on_the_series_rivals_would_take_the_same_number(practice, processes, booking):
    processes.race([Play("issue", (booking,))])

    outcomes = processes.race([Play("issue", (booking,))] * PROCESSES, without="locks before a document is added")

    assert outcomes[0] == DONE
    assert outcomes[1:] == ["IntegrityError"] * (PROCESSES - 1)  # all count on from 1; the unique number refuses them


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("locked", [True, False])
def test_an_invoice_and_the_correction_of_another_never_wait_for_each_other(practice, payments, monkeypatch, locked):
    """A correction draws two numbers. Without both series locked first, the audit log comes between them."""
    till = Till(practice, payments)
    first, second = (introduce(practice, practice.hold(MONDAY_NINE + timedelta(days=day))) for day in (0, 1))
    for held in (first, second):
        till.pay(held)
    till.deliver()
    practice.work_until_idle()
    make(practice, first, Kind.INVOICE, till.attempt(first).reference)
    move(practice, first, MONDAY_NINE + timedelta(days=2))
    practice.work_until_idle()
    drawn, under_way, outcomes = threading.Event(), threading.Event(), {}
    lock_series, record, next_number = (
        getattr(paper_actions, name) for name in ("lock_series", "record", "_next_number")
    )

    def slowly(*about):
        number = next_number(*about)
        if threading.current_thread().name == "plain":
            drawn.set()
            assert under_way.wait(20)
        return number

    def lock_first(*about):
        if locked:
            under_way.set()
            lock_series(*about)

    def note(*about):
        record(*about)
        if threading.current_thread().name == "correction":
            under_way.set()

    def ask(held, before=None):
        assert before is None or before.wait(20)
        with practice.app.app_context():
            try:
                with begin_work() as work:
                    billing.make(work, DESK, held.reference, Kind.INVOICE, abouts[held.reference])
            except Contended:
                outcomes[held.reference] = "Contended"
            else:
                outcomes[held.reference] = DONE

    abouts = {held.reference: till.attempt(held).reference for held in (first, second)}
    monkeypatch.setattr(paper_actions, "_next_number", slowly)
    monkeypatch.setattr(paper_actions, "record", note)
    monkeypatch.setattr(billing, "lock_series", lock_first)
    threads = [
        threading.Thread(target=ask, args=(second,), name="plain"),
        threading.Thread(target=ask, args=(first, drawn), name="correction"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(outcomes.values()) == ([DONE, DONE] if locked else ["Contended", DONE])
    assert len(numbers(practice)) == (4 if locked else 2 if outcomes[first.reference] == "Contended" else 3)
    assert practice.breaches() == []
