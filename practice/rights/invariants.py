"""What must hold of keys, holds and erasures, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from practice.erasing import Erasure, LegalHold, reason_of
from practice.intake.models import Intake, IntakeAnswers
from practice.invariants import Invariant
from practice.papers.models import Paper
from practice.people import ClientSession, MailedLink, Person
from practice.rights.rotation import missing_masters
from practice.sealing import CannotOpen, DocumentKey, PersonKey


def check_masters(_session: Session) -> Iterator[str]:
    """Every master key that wraps something is at hand."""
    for key_id in missing_masters():
        yield f"master key {key_id} wraps keys, and is not in the keys file"


def check_erased_are_gone(session: Session) -> Iterator[str]:
    """Of whoever was erased there is no key, contact, answer, way in or unopened hold."""
    erased = select(Person).where(~exists().where(PersonKey.person_id == Person.id)).order_by(Person.id)
    for person in session.scalars(erased):
        if person.contact_sealed is not None or person.email_index is not None or person.code_hash is not None:
            yield f"person {person.reference} has no key, and a contact or a code"
        for table in (ClientSession, MailedLink):
            if session.scalar(select(table.person_id).where(table.person_id == person.id).limit(1)) is not None:
                yield f"person {person.reference} has no key, and a way in"
        theirs = select(Intake.id).where(Intake.person_id == person.id)
        answered = select(IntakeAnswers.intake_id).where(IntakeAnswers.intake_id.in_(theirs))
        if session.scalar(answered.limit(1)) is not None:
            yield f"person {person.reference} has no key, and answers"


def check_nobody_held_was_erased(session: Session) -> Iterator[str]:
    """Nobody was erased while a hold stood, and the reason of each can be read."""
    for hold in session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id)):
        try:
            reason_of(hold)
        except CannotOpen as error:
            yield f"hold {hold.reference}: {error}"


def check_document_keys(session: Session) -> Iterator[str]:
    """A document of the books has its key until the log says that it was destroyed."""
    logged = exists().where(Erasure.subject == Paper.reference, Erasure.kind == "document")
    keyless = select(Paper.reference).where(
        Paper.own_key, ~exists().where(DocumentKey.document == Paper.reference), ~logged
    )
    for reference in session.scalars(keyless.order_by(Paper.id)):
        yield f"document {reference} has lost its key"


OWN: tuple[Invariant, ...] = (
    Invariant("I7", "Every master key that wraps something is at hand", check_masters),
    Invariant("I7", "Of whoever was erased there is nothing left to open", check_erased_are_gone),
    Invariant("I10", "What must stay for a hold is there", check_nobody_held_was_erased),
    Invariant("I10", "Documents of the books can be read until their time is over", check_document_keys),
)
