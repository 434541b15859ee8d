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
from practice.languages import DEFAULT, LANGUAGES
from practice.people import Person
from practice.speaking import current_language


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
    """How a person stands with a document that is asked of them. `consent` is None where they haven't agreed to it;
    `texts`: what it says now, in every language that it is written in, English first."""

    document: Document
    consent: Consent | None
    texts: tuple[Document, ...]

    @property
    def is_current(self) -> bool:
        """Whether what they agreed to is what it says now, in whichever language."""
        return self.consent is not None and self.consent.version == self.document.version


@dataclass(frozen=True)
class Counted:
    """A version of a document, and how many people's agreement to just this one stands."""

    document: Document
    accepted: int
    written_by: str


def find_documents() -> Mapping[str, Document]:
    """Each document as it stands now, by its key, in the order of asking; none where the practice has none.

    In the language of the answer, and in English where nobody wrote these words in it.
    """
    language = current_language()
    return {key: texts.get(language, texts[DEFAULT]) for key, texts in _find_texts().items()}


def get_document(key: str) -> Document:
    """The same for one.

    :raises NotFound: when the practice has none of this key.
    """
    found = find_documents().get(key)
    if found is None:
        raise NotFound
    return found


def find_texts(key: str) -> Mapping[str, Document]:
    """One document as it stands now, in each language that it is written in; empty where there is none of this key."""
    return _find_texts().get(key, {})


def find_untold() -> dict[str, list[str]]:
    """The documents that stand and are not written in every language: which languages each lacks, by key."""
    found = {key: [one for one in LANGUAGES if one not in texts] for key, texts in _find_texts().items()}
    return {key: languages for key, languages in found.items() if languages}


def get_text(number: int) -> Document:
    """One version of a document, however old.

    :raises NotFound: when there is none of this number.
    """
    found = db.session.get(ConsentText, number)
    if found is None:
        raise NotFound
    return found.read()


def find_translations(document: Document) -> list[Document]:
    """The same version in the other languages that it was written in."""
    found = select(ConsentText).where(
        ConsentText.document == document.key,
        ConsentText.version == document.version,
        ConsentText.language != document.language,
    )
    return [row.read() for row in db.session.scalars(found.order_by(ConsentText.language))]


def find_valid_until(document: Document) -> datetime | None:
    """When a later version took its place; None of the one that stands."""
    found = select(func.min(ConsentText.valid_from)).where(
        ConsentText.document == document.key, ConsentText.version > document.version
    )
    return db.session.scalar(found)


def find_open(person_id: int, circumstances: Collection[AskedOf]) -> list[Open]:
    """Everything that is asked of this person in these circumstances and that they have not agreed to as it stands."""
    standing = find_standing(person_id)
    return [
        Open(document, standing[key].version if key in standing else None)
        for key, document in find_documents().items()
        if _is_asked(document, circumstances) and not (key in standing and standing[key].version == document.version)
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
    standing, written = find_standing(person_id), _find_texts()
    return [
        Standing(document, standing.get(key), tuple(written[key][one] for one in LANGUAGES if one in written[key]))
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
    """Every version of a document in English, the newest first; counted are agreements in every language."""
    standing = select(Consent.version, func.count()).where(Consent.document == key, *STANDING)
    counted = {row[0]: row[1] for row in db.session.execute(standing.group_by(Consent.version))}
    rows = select(ConsentText).where(ConsentText.document == key, ConsentText.language == DEFAULT)
    found = db.session.scalars(rows.order_by(ConsentText.version.desc()))
    return [Counted(row.read(), counted.get(row.version, 0), row.written_by) for row in found]


def find_last_of_policy(policy: str) -> Document | None:
    """The couple's document as it stood last under this secrets policy."""
    found = select(ConsentText).where(
        ConsentText.document == COUPLE, ConsentText.policy == policy, ConsentText.language == DEFAULT
    )
    row = db.session.scalars(found.order_by(ConsentText.version.desc()).limit(1)).one_or_none()
    return row.read() if row is not None else None


def _is_asked(document: Document, circumstances: Collection[AskedOf]) -> bool:
    return document.asked_of is AskedOf.EVERYBODY or document.asked_of in circumstances


def _find_texts() -> Mapping[str, Mapping[str, Document]]:
    return keep("consents", _read_documents)


def _read_documents() -> Mapping[str, Mapping[str, Document]]:
    """By key, the last version of each in every language that it has."""
    found: dict[str, dict[str, Document]] = {}
    for row in db.session.scalars(select(ConsentText).order_by(ConsentText.version)):
        texts = found.setdefault(row.document, {})
        if any(one.version != row.version for one in texts.values()):
            texts.clear()
        texts[row.language] = row.read()
    return {key: found[key] for key in KEYS if key in found}
