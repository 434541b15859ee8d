"""Documents: numbered without gaps, never changed, and the books stand even when a person is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from practice.billing.actions import BeingDecided, NothingKept
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.booking.models import Booking, Waiver
from practice.database import db
from practice.errors import NotFound
from practice.papers import actions as paper_actions
from practice.papers.kinds import Kind
from practice.papers.models import Paper, PaperSeries
from practice.papers.queries import is_readable
from practice.payments import bookkeeping, remedies
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import RefundState
from practice.payments.snapshots import DisputeStatus, RefundStatus
from practice.people import forget_person
from practice.sealing import CannotOpen
from tests.support.clock import MONDAY_NINE, MONDAY_TEN, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.offers import mark, move, work_in
from tests.support.papers import (
    BORN,
    DESK,
    NAME,
    about,
    attend,
    diagnose,
    give_back,
    introduce,
    make,
    numbers,
    pay,
    register,
    said,
    sheet,
)
from tests.support.paying import PRICE, Till
from tests.support.story import Held, Practice

CODE = "F43.23"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    return pay(practice, till)


# Numbers


def test_each_kind_and_year_counts_from_one(practice: Practice, till: Till, held: Held, clock: FrozenClock) -> None:
    clock.set(datetime.fromisoformat("2027-12-31T20:00:00+00:00"))
    other = pay(practice, till, datetime.fromisoformat("2028-01-17T14:00:00+00:00"))

    first = make(practice, held, Kind.RECEIPT, about(till, held))
    second = make(practice, other, Kind.RECEIPT, about(till, other))
    invoice = make(practice, other, Kind.INVOICE, about(till, other))
    clock.set(datetime.fromisoformat("2028-01-01T04:59:00+00:00"))  # still 2027 where the practice is
    late = make(practice, held, Kind.INVOICE, about(till, held))
    clock.set(datetime.fromisoformat("2028-01-01T05:00:00+00:00"))
    give_back(practice, held, 40_00, PRICE)
    new_year = make(practice, held, Kind.RECEIPT, about(till, held))

    assert [first, second, invoice, late] == ["R2027-0001", "R2027-0002", "I2027-0001", "I2027-0002"]
    assert new_year == "R2028-0001"
    assert numbers(practice, Kind.CREDIT_NOTE) == ["C2028-0001"]
    assert practice.breaches() == []


def test_a_document_that_was_not_made_after_all_takes_no_number(
    practice: Practice, till: Till, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(practice, held, Kind.RECEIPT, about(till, held))

    def break_down(*_args: object, **_others: object) -> None:
        raise RuntimeError("killed between the number and the document")

    with monkeypatch.context() as breaking:
        breaking.setattr(paper_actions, "record", break_down)
        with pytest.raises(RuntimeError, match="killed"):
            make(practice, held, Kind.INVOICE, about(till, held))
    assert numbers(practice) == ["R2027-0001"]

    assert make(practice, held, Kind.INVOICE, about(till, held)) == "I2027-0001"
    assert practice.breaches() == []


def test_the_database_refuses_a_number_twice(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.RECEIPT, about(till, held))
    with work_in(practice) as work:
        work.session.execute(update(PaperSeries).values(last=0))

    with pytest.raises(IntegrityError):
        make(practice, pay(practice, till, MONDAY_TEN), Kind.RECEIPT, newest(practice))


def newest(practice: Practice) -> str:
    with practice.app.app_context():
        return str(db.session.scalars(select(PaymentAttempt.reference).order_by(PaymentAttempt.id.desc())).first())


@pytest.mark.parametrize("harm", ["a gap", "a number that nobody has", "a series that forgot"])
def test_a_gap_is_found(practice: Practice, till: Till, held: Held, harm: str) -> None:
    for start in (MONDAY_TEN, MONDAY_TEN + timedelta(hours=1)):
        other = pay(practice, till, start)
        make(practice, other, Kind.RECEIPT, about(till, other))
    assert practice.breaches() == []
    with work_in(practice) as work:
        match harm:
            case "a gap":
                work.session.execute(delete(Paper).where(Paper.number == 1))
            case "a number that nobody has":
                work.session.execute(update(PaperSeries).values(last=3))
            case _:
                work.session.execute(delete(PaperSeries))

    assert practice.breaches() == ["I4: the numbers R2027 don’t run from 1 to their last one, each once"]


# Receipts


def test_a_receipt_says_what_was_paid_when_for_what_and_by_whom(practice: Practice, till: Till, held: Held) -> None:
    text = said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))

    for words in (NAME, "Session, 50 minutes", "May 10, 2027", "May 5, 2027", "$160.00", "Card", "Quiet Harbour"):
        assert words in text, words
    for kept_out in ("ouple", "herap", "Ada", BORN, "March 31", "insur"):
        assert kept_out not in text, kept_out


def test_asking_twice_gives_the_same_document_until_money_goes_back(practice: Practice, till: Till, held: Held) -> None:
    once, twice = (make(practice, held, Kind.RECEIPT, about(till, held)) for _ in range(2))
    give_back(practice, held, 40_00, PRICE)
    anew = make(practice, held, Kind.RECEIPT, about(till, held))

    assert (once, twice, anew) == ("R2027-0001", "R2027-0001", "R2027-0002")
    assert "$40.00" not in said(practice, once)
    for words in ("Document R2027-0001", "Went back to the card", "−$40.00", "$120.00"):
        assert words in said(practice, anew), words


def set_tax(practice: Practice, percent: str | None, since: date | None = None) -> None:
    with work_in(practice) as work:
        bookkeeping.set_tax(work, DESK, percent, since)


@pytest.mark.parametrize("read", [False, True])
def test_a_receipt_has_the_tax_that_held_when_the_payment_came(
    practice: Practice, till: Till, held: Held, clock: FrozenClock, read: bool
) -> None:
    set_tax(practice, "19")
    other = pay(practice, till, MONDAY_TEN)
    if read:
        clock.advance(days=1)
        practice.work_until_idle()
    set_tax(practice, "7")

    texts = [said(practice, make(practice, one, Kind.RECEIPT, about(till, one))) for one in (held, other)]
    assert "Tax within it" not in texts[0]
    assert "Tax within it, 19%\n$25.55" in texts[1]
    set_tax(practice, "7", date(2027, 5, 5))
    assert "Tax within it, 7%" in said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))


def test_the_tax_of_a_receipt_is_that_of_the_payment_without_that_of_each_part_that_went_back(
    practice: Practice, till: Till
) -> None:
    set_tax(practice, "19")
    held = pay(practice, till)
    give_back(practice, held, 8, PRICE)  # within 8 cents 1.28, within 159.92 as a whole 25.53

    text = said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))
    assert "Tax within it, 19%\n$25.54\nWithout tax\n$134.38" in text


def test_a_payment_that_came_too_late_has_a_receipt_that_says_that_it_goes_back_and_no_invoice(
    practice: Practice, till: Till, clock: FrozenClock
) -> None:
    held = introduce(practice, practice.hold(MONDAY_NINE))
    till.pay(held)
    till.free_by_hand(held)
    practice.hold(MONDAY_NINE)
    till.deliver()
    practice.work_until_idle()

    assert "−$160.00" in said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))
    with pytest.raises(NotFound):
        make(practice, held, Kind.INVOICE, about(till, held))


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.INVOICE])
def test_what_came_otherwise_than_asked_for_has_no_document(
    practice: Practice, till: Till, payments: FakePayments, kind: Kind
) -> None:
    held = introduce(practice, practice.hold(MONDAY_NINE))
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=90_00)
    till.deliver()
    practice.work_until_idle()

    with pytest.raises(NotFound):
        make(practice, held, kind, about(till, held))


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.INVOICE])
def test_what_a_bank_may_take_back_has_none_until_we_have_won(
    practice: Practice, till: Till, held: Held, payments: FakePayments, kind: Kind
) -> None:
    payment = till.attempt(held).payment
    payments.dispute(payment)
    till.deliver()
    practice.work_until_idle()
    with pytest.raises(NotFound):
        make(practice, held, kind, about(till, held))

    payments.dispute(payment, DisputeStatus.WON)
    till.deliver()
    practice.work_until_idle()
    assert make(practice, held, kind, about(till, held)).endswith("0001")


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.INVOICE])
def test_what_a_bank_has_taken_back_has_none_and_what_was_made_before_stays(
    practice: Practice, till: Till, held: Held, payments: FakePayments, kind: Kind
) -> None:
    made = make(practice, held, kind, about(till, held))
    payments.dispute(till.attempt(held).payment, DisputeStatus.LOST)
    till.deliver()
    practice.work_until_idle()

    with pytest.raises(NotFound):
        make(practice, held, kind, about(till, held))
    assert NAME in said(practice, made)


def test_a_receipt_leaves_out_a_refund_that_failed_until_it_went_another_way(
    practice: Practice, till: Till, held: Held, payments: FakePayments
) -> None:
    payments.refund_status = RefundStatus.FAILED
    give_back(practice, held, 40_00, PRICE)
    assert till.refunds(held) == [(RefundState.FAILED, 40_00)]
    failed = said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))
    with work_in(practice) as work:
        remedies.settle_refund_by_hand(work, till.refund_reference(), actor=DESK, reason="By transfer")

    by_hand = said(practice, make(practice, held, Kind.RECEIPT, about(till, held)))

    assert "−$40.00" not in failed
    for words in ("Went back another way", "−$40.00", "$120.00"):
        assert words in by_hand, words


@pytest.mark.parametrize("foreign", ["pa_nothing", ""])
def test_a_document_about_another_payment_is_not_made(practice: Practice, till: Till, held: Held, foreign: str) -> None:
    other = pay(practice, till, MONDAY_TEN)
    for reference in (foreign, about(till, other)):
        with pytest.raises(NotFound):
            make(practice, held, Kind.RECEIPT, reference)
    with pytest.raises(NotFound):
        make(practice, held, Kind.CREDIT_NOTE, about(till, held))


# Invoices


def test_an_invoice_is_credited_by_itself_when_money_goes_back_and_never_changed(
    practice: Practice, till: Till, held: Held
) -> None:
    invoice = make(practice, held, Kind.INVOICE, about(till, held))
    before = sheet(practice, invoice)
    give_back(practice, held, 40_00, PRICE)
    give_back(practice, held, 20_00, 120_00)

    assert make(practice, held, Kind.INVOICE, about(till, held)) == invoice
    assert sheet(practice, invoice) == before
    assert numbers(practice, Kind.CREDIT_NOTE) == ["C2027-0001", "C2027-0002"]
    assert "Document I2027-0001 of May 5, 2027" in said(practice, "C2027-0001")
    assert [("$40.00" in said(practice, "C2027-0001")), ("$20.00" in said(practice, "C2027-0002"))] == [True, True]
    till.cancel(held)
    practice.work_until_idle()
    assert "$100.00" in said(practice, "C2027-0003")
    assert practice.breaches() == []


def test_an_invoice_that_is_asked_for_after_money_went_back_is_of_what_is_left(
    practice: Practice, till: Till, held: Held
) -> None:
    give_back(practice, held, 40_00, PRICE)
    assert numbers(practice) == []

    make(practice, held, Kind.INVOICE, about(till, held))

    assert numbers(practice) == ["I2027-0001"]
    assert "Total\n$120.00" in said(practice, "I2027-0001")
    give_back(practice, held, 120_00, 120_00)
    assert "Credited\n$120.00" in said(practice, "C2027-0001")
    assert practice.breaches() == []


def test_of_what_goes_back_as_a_whole_there_is_no_invoice(practice: Practice, till: Till, held: Held) -> None:
    give_back(practice, held, PRICE, PRICE)

    with pytest.raises(NothingKept):
        make(practice, held, Kind.INVOICE, about(till, held))
    assert numbers(practice) == []


def test_while_it_is_being_worked_out_what_stays_there_is_no_invoice(
    practice: Practice, till: Till, held: Held
) -> None:
    till.cancel(held)

    with pytest.raises(BeingDecided):
        make(practice, held, Kind.INVOICE, about(till, held))


def test_a_session_that_was_moved_has_its_invoice_credited_in_full_and_another_that_names_the_first(
    practice: Practice, till: Till, held: Held
) -> None:
    first = make(practice, held, Kind.INVOICE, about(till, held))
    give_back(practice, held, 40_00, PRICE)
    move(practice, held, MONDAY_NINE + timedelta(days=1))
    practice.work_until_idle()

    second = make(practice, held, Kind.INVOICE, about(till, held))

    assert (first, second) == ("I2027-0001", "I2027-0002")
    for words in (f"Document {first}", "May 11, 2027", "Total\n$120.00"):
        assert words in said(practice, second), words
    assert "Credited\n$120.00" in said(practice, "C2027-0002")
    assert "Another invoice takes the place" in said(practice, "C2027-0002")
    assert make(practice, held, Kind.INVOICE, about(till, held)) == second
    give_back(practice, held, 120_00, 120_00)
    assert [make(practice, held, Kind.INVOICE, about(till, held)), *numbers(practice)] == [
        second,
        *(first, "C2027-0001", "C2027-0002", second, "C2027-0003"),
    ]
    assert practice.breaches() == []
    with practice.app.app_context():
        refers = {one.name: one.supersedes.name for one in db.session.scalars(select(Paper)) if one.supersedes}
        assert refers == {"C2027-0001": first, "C2027-0002": first, second: first, "C2027-0003": second}


@pytest.mark.parametrize("end", ["attended", "missed", "cancelled late", "cancelled on other terms"])
def test_an_invoice_says_whether_something_was_supplied_and_is_corrected_where_that_changes(
    practice: Practice, till: Till, held: Held, clock: FrozenClock, end: str
) -> None:
    first = make(practice, held, Kind.INVOICE, about(till, held))
    assert "What is supplied\n" in said(practice, first)
    match end:
        case "attended" | "missed":
            attend(practice, held)
            heading = "What was supplied"
        case "cancelled late":
            with work_in(practice) as work:
                booking_id = booking_actions.lock(work, held.reference).id
                work.session.add(Waiver(person_id=held.payer.person_id, booking_id=booking_id, used_at=work.now))
            clock.set(MONDAY_NINE - timedelta(hours=3))
            till.cancel(held)
            heading = "Kept for a late cancellation"
        case _:
            with work_in(practice) as work:
                booking = booking_actions.lock(work, held.reference)
                decision = booking_actions.StaffDecision(actor=DESK, share=Fraction(1, 2), reason="They agreed")
                booking_actions.cancel_by_staff(work, booking, decision)
            heading = "Kept for a cancellation"
    if end == "missed":
        mark(practice, held, Trigger.NO_SHOW)
        heading = "Kept for a missed appointment"
    practice.work_until_idle()

    second = make(practice, held, Kind.INVOICE, about(till, held))

    assert second == "I2027-0002"
    assert f"{heading}\n" in said(practice, second)
    assert practice.breaches() == []


def test_invoices_that_are_not_what_is_left_are_found(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.INVOICE, about(till, held))
    with work_in(practice) as work:
        work.session.execute(update(Paper).values(amount_minor=159_99))

    assert practice.breaches() == [
        f"I4: the invoices of {about(till, held)} without their credit notes are not what is left of it"
    ]


def test_a_rate_that_is_set_later_changes_no_invoice(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.INVOICE, about(till, held))
    set_tax(practice, "19", date(2027, 5, 5))

    assert make(practice, held, Kind.INVOICE, about(till, held)) == "I2027-0001"
    give_back(practice, held, 40_00, PRICE)
    assert "Tax" not in said(practice, "C2027-0001").replace("Our tax ID", "")


def test_a_credit_above_its_invoice_is_found(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.INVOICE, about(till, held))
    give_back(practice, held, 40_00, PRICE)
    with work_in(practice) as work:
        work.session.execute(update(Paper).where(Paper.kind == Kind.CREDIT_NOTE).values(amount_minor=160_01))

    assert f"I4: the credit notes about {about(till, held)} are above what was invoiced" in practice.breaches()


def test_yen_have_no_cents_on_any_document(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(currency="JPY", price_minor=16_000))
    held = introduce(practice, held)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()

    for kind in (Kind.RECEIPT, Kind.INVOICE):
        assert "¥16,000\n" in said(practice, make(practice, held, kind, about(till, held)))


# Forgetting


def test_when_somebody_is_forgotten_the_books_stay_and_what_insurers_read_is_gone(
    practice: Practice, till: Till, held: Held
) -> None:
    register(practice)
    diagnose(practice, held, CODE)
    attend(practice, held)
    make(practice, held, Kind.INVOICE, about(till, held))
    give_back(practice, held, 40_00, PRICE)
    make(practice, held, Kind.SUPERBILL)
    with work_in(practice) as work:
        forget_person(work, practice.person(held.payer))
    practice.work_until_idle()

    assert [
        one for one in practice.breaches() if "intake" not in one and "answers" not in one
    ] == []  # their answers were left to retention
    with practice.app.app_context():
        papers = list(db.session.scalars(select(Paper).order_by(Paper.id)))
        kept = [(one.name, one.amount_minor, one.currency) for one in papers]
        assert kept == [("I2027-0001", PRICE, "USD"), ("C2027-0001", 40_00, "USD"), ("S2027-0001", 120_00, "USD")]
        assert [is_readable(one) for one in papers] == [True, True, False]  # the books need a name for years
    assert NAME in said(practice, "I2027-0001")
    with pytest.raises(CannotOpen):
        said(practice, "S2027-0001")


def test_nothing_that_names_somebody_stands_in_the_clear(practice: Practice, till: Till, held: Held) -> None:
    register(practice)
    diagnose(practice, held, CODE)
    attend(practice, held)
    make(practice, held, Kind.SUPERBILL)
    make(practice, held, Kind.INVOICE, about(till, held))

    with practice.app.app_context():
        for table in ("paper", "diagnosis", "audit_entry", "outbox_message"):
            rows = db.session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows or table == "outbox_message"
            for secret in (NAME, BORN, CODE, "Quill"):
                assert not any(secret.encode() in _bytes(value) for row in rows for value in row), (table, secret)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
