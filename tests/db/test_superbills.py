"""Statements for insurance: what an insurer asks for, with the diagnosis and the sums of just that session."""

from __future__ import annotations

import pytest

from practice.billing.actions import NotYet
from practice.papers import actions as paper_actions
from practice.papers.kinds import Kind
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.papers import (
    DESK,
    NAME,
    about,
    attend,
    diagnose,
    give_back,
    make,
    numbers,
    pay,
    register,
    said,
    write_estimates,
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


def test_a_superbill_has_what_an_insurer_asks_for_of_one_patient(practice: Practice, till: Till, held: Held) -> None:
    register(practice)
    diagnose(practice, held, CODE)
    attend(practice, held)

    text = said(practice, make(practice, held, Kind.SUPERBILL))

    wanted = (NAME, "March 31, 1985", CODE, "90847", "1234567893", "1245319599", "12-3456789", "NY 001234")
    for words in (*wanted, "Ada Lindqvist, LMFT", "02, telehealth", "May 10, 2027", "$160.00"):
        assert words in text, words


def test_the_sums_of_a_superbill_are_what_is_kept(practice: Practice, till: Till, held: Held) -> None:
    register(practice)
    diagnose(practice, held, CODE)
    attend(practice, held)
    give_back(practice, held, 40_00, PRICE)

    text = said(practice, make(practice, held, Kind.SUPERBILL))

    assert "Charged\n$120.00\nPaid by the patient\n$120.00" in text
    assert "160" not in text
    give_back(practice, held, 120_00, 120_00)
    with pytest.raises(NotYet):
        make(practice, held, Kind.SUPERBILL)


@pytest.mark.parametrize("missing", ["codes", "diagnosis", "attendance", "diagnosis that stands"])
def test_without_all_of_it_there_is_none(practice: Practice, till: Till, held: Held, missing: str) -> None:
    if missing != "codes":
        register(practice)
    if missing != "diagnosis":
        diagnose(practice, held, CODE)
    if missing == "diagnosis that stands":
        diagnose(practice, held, "")
    if missing != "attendance":
        attend(practice, held)

    with pytest.raises(NotYet):
        make(practice, held, Kind.SUPERBILL)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (["F99", CODE], ["F41.1", ""], CODE),  # what stood when it ended, whatever came later
        ([], ["F41.1", CODE], "F41.1"),  # else the first one after it
        (["F99", ""], ["", "F41.1"], "F41.1"),
    ],
)
def test_a_superbill_has_the_diagnosis_that_stood_when_its_session_ended(
    practice: Practice, till: Till, held: Held, before: list[str], after: list[str], code: str
) -> None:
    register(practice)
    for one in before:
        diagnose(practice, held, one)
    attend(practice, held)
    for one in after:
        diagnose(practice, held, one)

    first, again = (make(practice, held, Kind.SUPERBILL) for _ in range(2))

    assert (first, again) == ("S2027-0001", "S2027-0001")
    text = said(practice, first)
    assert [one for one in (CODE, "F99", "F41.1") if one in text] == [code]


def test_another_tax_number_makes_another_superbill_and_the_first_stays_as_it_was(
    practice: Practice, till: Till, held: Held
) -> None:
    diagnose(practice, held, CODE)
    register(practice)
    attend(practice, held)
    first = make(practice, held, Kind.SUPERBILL)
    with work_in(practice) as work:
        paper_actions.set_practice(work, DESK, tin="98-7654321", npi="1245319599")

    second = make(practice, held, Kind.SUPERBILL)

    assert (first, second) == ("S2027-0001", "S2027-0002")
    assert f"Document {first}" in said(practice, second)
    assert "98-7654321" not in said(practice, first)


def test_no_other_document_holds_the_diagnosis(practice: Practice, till: Till, held: Held) -> None:
    register(practice)
    write_estimates(practice)
    diagnose(practice, held, CODE)
    make(practice, held, Kind.ESTIMATE)
    attend(practice, held)
    for kind in (Kind.RECEIPT, Kind.INVOICE):
        make(practice, held, kind, about(till, held))
    give_back(practice, held, 40_00, PRICE)

    assert len(numbers(practice)) == 4
    for number in numbers(practice):
        assert CODE not in said(practice, number)
