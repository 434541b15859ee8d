"""What settle() decides, held against docs/late-payment.md and against every combination of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from practice.booking.lifecycle import State
from practice.money import Money
from practice.payments.settlement import (
    ATTEMPT_TRANSITIONS,
    AttemptState,
    AttemptTrigger,
    Decision,
    Expected,
    IllegalPaymentStep,
    Mismatch,
    RefundState,
    Step,
    decide,
    next_attempt_state,
    next_refund_state,
)
from practice.payments.snapshots import CheckoutSession, RefundStatus, SessionStatus

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXPECTED = Expected(reference="b_one", attempt="pa_one", amount=Money(18000, "USD"), livemode=False)
PAID = CheckoutSession(
    id="cs_1",
    url=None,
    status=SessionStatus.COMPLETE,
    paid=True,
    amount_minor=18000,
    currency="USD",
    livemode=False,
    reference="b_one",
    attempt="pa_one",
    payment="pi_1",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=35),
)
SNAPSHOTS = {
    "open, unpaid": replace(PAID, status=SessionStatus.OPEN, paid=False, payment=None),
    "expired, unpaid": replace(PAID, status=SessionStatus.EXPIRED, paid=False, payment=None),
    "complete, not paid yet": replace(PAID, paid=False),
    "paid": PAID,
    "authorised": replace(PAID, paid=False, authorised=True),
    "voided": replace(PAID, paid=False, voided=True),
    "paid, but not as asked": replace(PAID, amount_minor=1),
}
SETTLED = (AttemptState.PAID, AttemptState.QUARANTINED, AttemptState.VOIDED)
A_FEE = "none: it is for a fee"
TABLE = Path(__file__).parents[2] / "docs" / "late-payment.md"


def documented_rows() -> list[tuple[str, str, str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    begin = lines.index("| Stripe says | The booking is | Its time is | So we |") + 2
    rows = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        said, booking, slot, step = (cell.strip() for cell in line.strip("|").split("|"))
        rows.append((said, booking, slot, step))
    return rows


def settled(snapshot: CheckoutSession, booking: State | None, *, free: bool) -> Step:
    return decide(snapshot, EXPECTED, attempt=AttemptState.OPEN, booking=booking, slot_free=free).step


def documented_step(said: str, booking: State | None, *, free: bool) -> Step:
    for row_said, row_booking, row_slot, step in documented_rows():
        if row_booking == "any":
            bookings = [*State, None]
        elif row_booking == A_FEE:
            bookings = [None]
        else:
            bookings = [State(name.strip()) for name in row_booking.split(",")]
        slots = {"free": [True], "taken": [False]}.get(row_slot, [True, False])
        if row_said == said and booking in bookings and free in slots:
            return Step(step.partition(":")[0].strip("`"))
    raise LookupError((said, booking, free))


@pytest.mark.parametrize("said", SNAPSHOTS)
@pytest.mark.parametrize("booking", [*State, None])
@pytest.mark.parametrize("free", [True, False])
def test_the_docs_say_what_the_code_decides(said: str, booking: State | None, free: bool) -> None:
    assert settled(SNAPSHOTS[said], booking, free=free) is documented_step(said, booking, free=free)


@pytest.mark.parametrize(
    ("change", "mismatch"),
    [
        ({"amount_minor": 17999}, Mismatch.AMOUNT),
        ({"amount_minor": 18001}, Mismatch.AMOUNT),
        ({"currency": "EUR"}, Mismatch.CURRENCY),
        ({"livemode": True}, Mismatch.MODE),
        ({"reference": "b_two"}, Mismatch.REFERENCE),
        ({"attempt": "pa_two"}, Mismatch.REFERENCE),
        ({"attempt": None}, Mismatch.REFERENCE),
    ],
)
@pytest.mark.parametrize("booking", [*State, None])
def test_a_payment_that_is_not_what_we_asked_for_is_quarantined_whatever_the_booking(
    change: dict[str, object], mismatch: Mismatch, booking: State | None
) -> None:
    wrong = replace(PAID, **change)  # type: ignore[arg-type]
    decision = decide(wrong, EXPECTED, attempt=AttemptState.OPEN, booking=booking, slot_free=True)
    assert decision == Decision(Step.QUARANTINE, mismatch)


@pytest.mark.parametrize(("attempt", "snapshot"), list(product(SETTLED, SNAPSHOTS)))
def test_what_was_settled_stays_settled(attempt: AttemptState, snapshot: str) -> None:
    for booking, free in product(State, [True, False]):
        decision = decide(SNAPSHOTS[snapshot], EXPECTED, attempt=attempt, booking=booking, slot_free=free)
        assert decision == Decision(Step.NOTHING)


@pytest.mark.parametrize("attempt", [AttemptState.EXPIRED, AttemptState.FAILED])
def test_a_payment_for_an_attempt_that_we_gave_up_is_honoured_all_the_same(attempt: AttemptState) -> None:
    decision = decide(PAID, EXPECTED, attempt=attempt, booking=State.EXPIRED, slot_free=True)
    assert decision.step is Step.RECLAIM_AND_CONFIRM
    assert next_attempt_state(attempt, AttemptTrigger.PAYMENT_SETTLED) is AttemptState.PAID


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("authorised", Step.NOTHING),
        ("paid", Step.CONFIRM),
        ("voided", Step.LAPSE),
        ("paid, but not as asked", Step.QUARANTINE),
    ],
)
def test_what_comes_of_the_authorisation_of_a_request_that_is_read(said: str, step: Step) -> None:
    reviewed = decide(
        SNAPSHOTS[said], EXPECTED, attempt=AttemptState.AUTHORISED, booking=State.IN_REVIEW, slot_free=False
    )
    assert reviewed.step is step


@pytest.mark.parametrize("booking", [State.CANCELLED, State.DECLINED, State.EXPIRED])
@pytest.mark.parametrize(
    ("said", "step"),
    [("authorised", Step.VOID), ("paid", Step.REFUND_IN_FULL), ("voided", Step.NOTHING_PAYABLE_LEFT)],
)
def test_a_request_that_ended_is_never_charged(said: str, step: Step, booking: State) -> None:
    ended = decide(SNAPSHOTS[said], EXPECTED, attempt=AttemptState.AUTHORISED, booking=booking, slot_free=False)
    assert ended.step is step


def test_nothing_leads_out_of_a_final_state() -> None:
    assert not {state for state, _ in ATTEMPT_TRANSITIONS} & set(SETTLED)


def test_a_step_that_the_table_lacks_is_an_error() -> None:
    with pytest.raises(IllegalPaymentStep):
        next_attempt_state(AttemptState.PAID, AttemptTrigger.SESSION_MADE)


def test_an_old_answer_does_not_take_a_refund_back() -> None:
    assert next_refund_state(RefundState.SUCCEEDED, RefundStatus.PENDING) is RefundState.SUCCEEDED
    assert next_refund_state(RefundState.FAILED, RefundStatus.SUCCEEDED) is RefundState.FAILED


def test_a_refund_that_the_bank_sends_back_has_failed() -> None:
    assert next_refund_state(RefundState.SUCCEEDED, RefundStatus.FAILED) is RefundState.FAILED
