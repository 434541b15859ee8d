"""What consents promises of its own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.consents.documents import MAIL, Wording
from practice.consents.models import STANDING, Consent, ConsentText
from practice.languages import DEFAULT
from practice.people import Person


def texts_are_as_hashed(session: Session) -> Iterator[str]:
    """I10: every version of a document is still what its fingerprint says, and none is missing."""
    for row in session.scalars(select(ConsentText).order_by(ConsentText.id)):
        if Wording(row.title, row.summary, row.body).sha256 != row.sha256:
            yield f"{row.document}, version {row.version}, isn't what was hashed"
    english = select(ConsentText.document, func.count(), func.max(ConsentText.version))
    counted = english.where(ConsentText.language == DEFAULT).group_by(ConsentText.document)
    for document, count, last in session.execute(counted):
        if count != last:
            yield f"{document} has {count} versions, and the last is number {last}"


def languages_agree(session: Session) -> Iterator[str]:
    """I10: every version of a document is there in English, and in each other language is asked of the same people."""
    rows = list(session.scalars(select(ConsentText).order_by(ConsentText.id)))
    english = {(row.document, row.version): row for row in rows if row.language == DEFAULT}
    for row in rows:
        same = english.get((row.document, row.version))
        if same is None:
            yield f"{row.document}, version {row.version}, is there in {row.language} and not in English"
        elif (row.asked_of, row.required, row.policy) != (same.asked_of, same.required, same.policy):
            yield f"{row.document}, version {row.version}, is asked otherwise in {row.language} than in English"


def consents_name_their_text(session: Session) -> Iterator[str]:
    """I10: whatever somebody agreed to is the kept text of just that version."""
    pairs = select(Consent, ConsentText).join(ConsentText, ConsentText.id == Consent.text_id).order_by(Consent.id)
    for consent, row in session.execute(pairs):
        said = (consent.document, consent.version, consent.sha256)
        if said != (row.document, row.version, row.sha256):
            yield f"consent {consent.reference} names another text than the one that is kept"


def letters_follow(session: Session) -> Iterator[str]:
    """I10: who gets letters is who agreed to them, where they were asked and we still know them."""
    agreed = set(session.scalars(select(Consent.person_id).where(Consent.document == MAIL, *STANDING)))
    known = select(Person.id, Person.reference, Person.letters_agreed).where(Person.contact_sealed.is_not(None))
    for person_id, reference, letters in session.execute(known.order_by(Person.id)):
        if (person_id in agreed) is not bool(letters):
            yield f"person {reference} gets letters otherwise than they agreed"
