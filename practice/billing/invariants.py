"""What must hold of invoices and the money that they are about, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from practice.billing.queries import in_force
from practice.invariants import Invariant
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.payments.invariants import is_at_work
from practice.payments.models import PaymentAttempt


def check_invoices_are_what_is_kept(session: Session) -> Iterator[str]:
    """The invoices of a payment, without what is credited, come to what is left of it, once quiet.

    Not where its person is forgotten: what goes back of it then has no credit note, since nothing can name them.
    """
    invoiced = exists().where(Paper.source == PaymentAttempt.reference, Paper.kind == Kind.INVOICE)
    for attempt in session.scalars(select(PaymentAttempt).where(invoiced).order_by(PaymentAttempt.id)):
        known = attempt.booking.person.contact_sealed is not None
        if known and in_force(attempt.reference) != attempt.kept.minor_units and not is_at_work(session, attempt):
            yield f"the invoices of {attempt.reference} without their credit notes are not what is left of it"


OWN: tuple[Invariant, ...] = (
    Invariant("I4", "Invoices come to what is left of their payment", check_invoices_are_what_is_kept),
)
