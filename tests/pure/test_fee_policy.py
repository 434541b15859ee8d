"""What may be charged, and the words with which somebody agrees to it."""

from __future__ import annotations

import pytest

from practice.booking.policy import left_of_fee
from practice.money import Money
from practice.payments.fees.policy import WORDING, FeeKind, FeeTerms, agreement, fingerprint

LATE, MISSED = Money(80_00, "USD"), Money(160_00, "USD")


@pytest.mark.parametrize(
    ("most", "kept", "left"),
    [(160_00, 0, 160_00), (160_00, 80_00, 80_00), (160_00, 159_99, 1), (160_00, 160_00, 0), (80_00, 160_00, 0)],
)
def test_what_was_paid_counts_towards_a_fee_and_never_more_than_it(most: int, kept: int, left: int) -> None:
    assert left_of_fee(Money(most, "USD"), Money(kept, "USD")) == Money(left, "USD")


def test_another_currency_is_never_set_off() -> None:
    with pytest.raises(ValueError, match="add up"):
        left_of_fee(LATE, Money(1, "EUR"))


def test_each_kind_has_its_own_sum() -> None:
    terms = FeeTerms(LATE, None)
    assert (terms.most(FeeKind.LATE), terms.most(FeeKind.MISSED)) == (LATE, None)
    assert bool(terms)
    assert not FeeTerms(None, None)


def test_the_mark_of_what_was_shown_changes_with_each_sum_and_with_the_words() -> None:
    marks = {FeeTerms(*sums).mark for sums in [(LATE, MISSED), (LATE, None), (None, MISSED), (MISSED, LATE)]}
    assert len(marks) == 4
    assert all(mark.startswith(f"{WORDING}:") for mark in marks)


def test_the_agreement_names_only_what_can_be_charged() -> None:
    assert "$80 if I cancel later than is free, or $160 if I don’t come" in agreement("$80", "$160")
    assert "come" not in agreement("$80", None)
    assert "cancel" not in agreement(None, "$160")
    assert "take this back there whenever I like" in agreement("$80", "$160")


def test_the_words_that_were_agreed_to_are_told_apart_by_their_fingerprint() -> None:
    shown = agreement("$80", "$160")
    assert fingerprint(shown) == fingerprint(shown)
    assert fingerprint(shown) != fingerprint(agreement("$80", "$161"))


def test_words_that_change_need_another_version() -> None:
    """Raise WORDING with the words, and this with both: whoever agreed to others is asked again."""
    assert (WORDING, fingerprint(agreement("$80", "$160"))[:12]) == ("1", "3172ec47fc6f")
