"""Agreeing to fees, keeping the card for them, taking it back. Each runs in its caller's work, without the network."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from practice.audit import record
from practice.booking import agreed_fees
from practice.booking.models import Booking
from practice.errors import Conflict
from practice.languages import N_
from practice.payments.fees.messages import ForgetCard
from practice.payments.fees.models import STANDING, Fee, FeeConsent
from practice.payments.fees.policy import WORDING, FeeTerms, fingerprint
from practice.payments.snapshots import KeptCard
from practice.people import Person
from practice.tokens import reference as new_reference
from practice.work import Work

KEPT_AFTER = timedelta(days=60)
"""How long a card is kept after the last session: longer, and nobody would know what for."""


class SumsChanged(Conflict):
    """The practice changed its fees between the reading and the agreeing."""

    title = N_("The fees have changed meanwhile")
    way_out = N_("Look at them again. Nothing was agreed, and nothing was charged.")


def agree(work: Work, booking: Booking, terms: FeeTerms, text: str) -> FeeConsent:
    """The person who books agrees to these fees, in the words of `text`, while paying for `booking`.

    It counts once their card is kept. Agreeing to the same once more changes nothing.
    """
    pending = find_pending(work, booking)
    if pending is not None and (pending.terms, pending.text_sha256) == (terms, fingerprint(text)):
        return pending
    if pending is not None:
        pending.withdrawn_at = work.now
    consent = FeeConsent(
        reference=new_reference("fc"),
        person_id=booking.person_id,
        booking_id=booking.id,
        late_minor=terms.late.minor_units if terms.late is not None else None,
        missed_minor=terms.missed.minor_units if terms.missed is not None else None,
        currency=booking.currency,
        wording=WORDING,
        text_sha256=fingerprint(text),
        given_at=work.now,
    )
    work.session.add(consent)
    work.session.flush()
    record(work, f"client:{booking.person.reference}", "fees_agreed", booking.reference)
    return consent


def disagree(work: Work, booking: Booking) -> None:
    """They pay without having a card kept after all."""
    pending = find_pending(work, booking)
    if pending is not None:
        pending.withdrawn_at = work.now


def keep_card(work: Work, booking: Booking, kept: KeptCard) -> None:
    """A card that somebody agreed to have kept was used, and the session stands: it replaces their earlier one.

    Where they took it back meanwhile, the service is asked to forget it.
    """
    person_id = booking.person_id
    lock_person(work, person_id)
    consent = find_pending(work, booking)
    if consent is None:
        if not _is_known(work, kept):
            work.post(ForgetCard(kept.customer))
        return
    for earlier in work.session.scalars(select(FeeConsent).where(*STANDING, FeeConsent.person_id == person_id)).all():
        _end(work, earlier)
    work.session.flush()
    consent.customer, consent.card, consent.kept_at = kept.customer, kept.card, work.now
    work.session.flush()
    terms = consent.terms
    agreed_fees.note_agreed(work, person_id, late=terms.late, missed=terms.missed, currency=consent.currency)
    record(work, "worker", "card_kept", booking.reference)


def withdraw(work: Work, person: Person, actor: str | None = None) -> bool:
    """They don't want their card kept any more; whether one was, or would have been. No fee is charged from then on.

    `actor` is who does it, where that isn't they themselves: an erasure.

    Where they pay, or somebody reads their request, just now, the card that they use is not kept either.
    """
    lock_person(work, person.id)
    found = select(FeeConsent).where(FeeConsent.person_id == person.id, FeeConsent.withdrawn_at.is_(None))
    given = work.session.scalars(found.execution_options(populate_existing=True)).all()
    for consent in given:
        _end(work, consent)
        record(work, actor or f"client:{person.reference}", "fees_withdrawn", consent.reference)
    return bool(given)


def withdraw_what_is_over(work: Work) -> None:
    """Keep no card of somebody whose last session is long over, and on whom no fee is being charged."""
    since = work.now - KEPT_AFTER
    comes = exists().where(Booking.person_id == FeeConsent.person_id, Booking.ends_at > since)
    owed = exists().where(Fee.consent_id == FeeConsent.id, Fee.dropped_at.is_(None), Fee.decided_at > since)
    for consent in work.session.scalars(select(FeeConsent).where(*STANDING, ~comes, ~owed)).all():
        _end(work, consent)
        record(work, "worker", "fees_over", consent.reference)


def note_forgotten(work: Work, customer: str) -> None:
    """The service keeps the card no longer."""
    found = select(FeeConsent).where(FeeConsent.customer == customer, FeeConsent.forgotten_at.is_(None))
    for consent in work.session.scalars(found):
        consent.forgotten_at = work.now


def lock_person(work: Work, person_id: int) -> None:
    """Whoever gives, keeps, uses or takes back a person's consent takes turns; locked behind a booking."""
    work.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def find_pending(work: Work, booking: Booking) -> FeeConsent | None:
    """What somebody agreed to who has not paid for this booking yet."""
    found = select(FeeConsent).where(
        FeeConsent.booking_id == booking.id, FeeConsent.kept_at.is_(None), FeeConsent.withdrawn_at.is_(None)
    )
    return work.session.scalars(found.order_by(FeeConsent.id.desc()).limit(1)).one_or_none()


def _is_known(work: Work, kept: KeptCard) -> bool:
    known = select(FeeConsent.id).where(FeeConsent.customer == kept.customer, FeeConsent.withdrawn_at.is_(None))
    return work.session.scalar(known.limit(1)) is not None


def _end(work: Work, consent: FeeConsent) -> None:
    consent.withdrawn_at = work.now
    agreed_fees.forget_agreed(work, consent.person_id)
    if consent.customer is not None:
        work.post(ForgetCard(consent.customer))
