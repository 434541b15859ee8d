"""What is known of documents and of who agreed to them. Each question is about one person, never their partner."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from practice.consents.documents import COUPLE, KEYS, AskedOf, Document
from practice.consents.models import STANDING, Consent, ConsentText
from practice.database import db
from practice.errors import NotFound
from practice.kept import keep
from practice.people import Person


@dataclass(frozen=True)
class Open:
    """A document that somebody has not agreed to as it stands; `before`: the version that they agreed to, if any."""

    document: Document
    before: int | None

    @property
    def holds_up(self) -> bool:
        """Whether the next step waits for an answer: it is required, or was agreed to in other words."""
        return self.document.required or self.before is not None


@dataclass(frozen=True)
class Standing:
    """How a person stands with a document that is asked of them. `consent` is None where they haven't agreed to it."""

    document: Document
    consent: Consent | None

    @property
    def is_current(self) -> bool:
        """Whether what they agreed to is what it says now."""
        return self.consent is not None and self.consent.text_id == self.document.number


@dataclass(frozen=True)
class Counted:
    """A version of a document, and how many people's agreement to just this one stands."""

    document: Document
    accepted: int
    written_by: str


def find_documents() -> Mapping[str, Document]:
    """Each document as it stands now, by its key, in the order of asking; none where the practice has none."""
    return keep("consents", _read_documents)


def get_document(key: str) -> Document:
    """The same for one.

    :raises NotFound: when the practice has none of this key.
    """
    found = find_documents().get(key)
    if found is None:
        raise NotFound
    return found


def get_text(number: int) -> Document:
    """One version of a document, however old.

    :raises NotFound: when there is none of this number.
    """
    found = db.session.get(ConsentText, number)
    if found is None:
        raise NotFound
    return found.read()


def find_open(person_id: int, circumstances: Collection[AskedOf]) -> list[Open]:
    """Everything that is asked of this person in these circumstances and that they have not agreed to as it stands."""
    standing = find_standing(person_id)
    return [
        Open(document, standing[key].version if key in standing else None)
        for key, document in find_documents().items()
        if _is_asked(document, circumstances) and not (key in standing and standing[key].text_id == document.number)
    ]


def missing(person_id: int, circumstances: Collection[AskedOf]) -> list[Open]:
    """What of it this person's next step waits for; empty: they may go on."""
    return [one for one in find_open(person_id, circumstances) if one.holds_up]


def find_standing(person_id: int) -> dict[str, Consent]:
    """What this person agreed to and has not taken back, by document, in whatever version."""
    found = select(Consent).where(Consent.person_id == person_id, *STANDING)
    return {consent.document: consent for consent in db.session.scalars(found)}


def find_standings(person_id: int, circumstances: Collection[AskedOf]) -> list[Standing]:
    """How this person stands with each document that is asked of them, or that they agreed to."""
    standing = find_standing(person_id)
    return [
        Standing(document, standing.get(key))
        for key, document in find_documents().items()
        if key in standing or _is_asked(document, circumstances)
    ]


def list_consents(person_id: int) -> list[Consent]:
    """Everything that this person ever agreed to, the latest first."""
    found = select(Consent).where(Consent.person_id == person_id)
    return list(db.session.scalars(found.order_by(Consent.given_at.desc(), Consent.id.desc())))


def get_own_consent(reference: str, person: Person | None) -> Consent:
    """One of this person's own.

    :raises NotFound: for an unknown reference, and for somebody else's.
    """
    found = select(Consent).where(
        Consent.reference == reference, Consent.person_id == (person.id if person is not None else None)
    )
    consent = db.session.scalars(found).one_or_none()
    if consent is None:
        raise NotFound
    return consent


def find_taken_back(since: datetime) -> list[Consent]:
    """What sessions need and somebody took back since then and did not give again, the oldest first."""
    newest = select(func.max(Consent.id)).group_by(Consent.person_id, Consent.document)
    found = (
        select(Consent)
        .join(Consent.shown)
        .where(Consent.id.in_(newest), Consent.withdrawn_at >= since, ConsentText.required)
    )
    return list(db.session.scalars(found.order_by(Consent.withdrawn_at, Consent.id)))


def list_versions(key: str) -> list[Counted]:
    """Every version of a document, the newest first."""
    standing = select(Consent.text_id, func.count()).where(Consent.document == key, *STANDING)
    counted = {row[0]: row[1] for row in db.session.execute(standing.group_by(Consent.text_id))}
    rows = select(ConsentText).where(ConsentText.document == key).order_by(ConsentText.version.desc())
    return [Counted(row.read(), counted.get(row.id, 0), row.written_by) for row in db.session.scalars(rows)]


def find_last_of_policy(policy: str) -> Document | None:
    """The couple's document as it stood last under this secrets policy."""
    found = select(ConsentText).where(ConsentText.document == COUPLE, ConsentText.policy == policy)
    row = db.session.scalars(found.order_by(ConsentText.version.desc()).limit(1)).one_or_none()
    return row.read() if row is not None else None


def _is_asked(document: Document, circumstances: Collection[AskedOf]) -> bool:
    return document.asked_of is AskedOf.EVERYBODY or document.asked_of in circumstances


def _read_documents() -> Mapping[str, Document]:
    rows = select(ConsentText).order_by(ConsentText.version)
    found = {row.document: row.read() for row in db.session.scalars(rows)}  # the last version of each remains
    return {key: found[key] for key in KEYS if key in found}
