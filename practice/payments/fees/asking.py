"""The question on the payment page: whether the card is kept for fees, in exact sums, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import UNPAID
from practice.booking.models import AgreedFees, Booking
from practice.booking.queries import find_agreed_fees
from practice.payments.errors import OtherWords
from practice.payments.fees import consents
from practice.payments.fees.forms import KeepCardForm
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.policy import FeeTerms, agreement
from practice.payments.fees.queries import NO_FEES, find_standing, terms_now
from practice.people import Person
from practice.presenting import money
from practice.speaking import current_language
from practice.work import Work


@dataclass(frozen=True)
class Question:
    """What is asked, if anything; `standing` is what they agreed to before, with a card that is kept."""

    booking: Booking
    terms: FeeTerms
    text: str
    standing: FeeConsent | None
    agreed_before: AgreedFees | None
    form: KeepCardForm

    @property
    def mark(self) -> str:
        """Of what is shown: other sums have another, and so have other words."""
        return f"{self.terms.mark}:{current_language()}"

    @property
    def agreed(self) -> bool:
        """Whether they want the card kept that they are about to pay with."""
        return bool(self.terms) and bool(self.form.keep_card.data)

    def note_answer(self, work: Work) -> None:
        """Keep what they answered, unless it is paid meanwhile.

        :raises SumsChanged: when they ticked other sums than the practice charges by now.
        :raises OtherWords: when they ticked the same sums in other words.
        """
        booking = booking_actions.lock(work, self.booking.reference)
        if booking.state not in UNPAID:
            return
        if not self.agreed:
            consents.disagree(work, booking)
            return
        shown = self.form.fees_shown.data or ""
        if shown != self.mark:
            raise OtherWords if self.terms.same_sums(shown) else consents.SumsChanged
        consents.agree(work, booking, self.terms, self.text)


def read_question(booking: Booking, person: Person) -> Question:
    """The question for whoever is about to pay for this booking; none where they have agreed to the same before."""
    terms, standing = terms_now(booking.currency), find_standing(person)
    if standing is not None and standing.terms == terms:
        terms = NO_FEES
    late, missed = (money(one) if one is not None else None for one in (terms.late, terms.missed))
    text = agreement(late, missed) if terms else ""
    return Question(booking, terms, text, standing, find_agreed_fees(booking), KeepCardForm())
