"""What the practice's own words are: those that letters are written with, the draft, and every version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select, tuple_

from practice.database import db
from practice.errors import NotFound
from practice.languages import LANGUAGES
from practice.notify.catalogue import catalogue
from practice.notify.checking import fits
from practice.notify.own_wording.models import LetterDraft, LetterEdition
from practice.notify.wording import Entry, Words

log = structlog.get_logger()

Both = Mapping[str, Words]
"""The words of one letter, by language."""


@dataclass(frozen=True)
class OwnLetter:
    """One letter as the practice has it.

    `sent` are the words that go out, `draft` those that are being written; without a draft the two are the same. `mark`
    is the same for two readers who saw the same.
    """

    entry: Entry
    sent: Both
    draft: Both
    is_own: bool  # not the words that ship
    is_usable: bool  # a letter can be written with the practice's own words
    shipped_changed: bool  # what ships has other words than when these were published
    has_draft: bool
    changed_at: datetime | None
    changed_by: str | None
    mark: str


def get_entry(key: str) -> Entry:
    """The letter of this key.

    :raises NotFound: when there is none.
    """
    found = catalogue().get(key)
    if found is None:
        raise NotFound
    return found


def published_words(key: str, language: str) -> Words | None:
    """The practice's own words of a letter, or None where it has none, or none that a letter can be written with."""
    edition = _find_newest(key)
    if edition is None or edition.words is None:
        return None
    entry, words = catalogue()[key], _read(edition.words)
    if not _usable(entry, words):
        log.error("letter_words_unusable", kind=key)  # the desk shows it too; the letter goes out in the shipped words
        return None
    return words[language]


def find_unusable() -> list[Entry]:
    """The letters of which the practice's own words can't be used any more, so that the shipped ones go out."""
    newest = select(LetterEdition.letter, func.max(LetterEdition.number)).group_by(LetterEdition.letter)
    found = select(LetterEdition).where(tuple_(LetterEdition.letter, LetterEdition.number).in_(newest))
    return [
        catalogue()[row.letter]
        for row in db.session.scalars(found.order_by(LetterEdition.letter))
        if row.words is not None and row.letter in catalogue()
        if not _usable(catalogue()[row.letter], _read(row.words))
    ]


def read_letter(key: str) -> OwnLetter:
    """One letter as it stands, and its draft.

    :raises NotFound: when there is none of this key.
    """
    return _read_letter(get_entry(key), _find_newest(key), db.session.get(LetterDraft, key))


def list_letters() -> list[OwnLetter]:
    """Every letter, in the order of the catalogue."""
    editions = {row.letter: row for row in db.session.scalars(select(LetterEdition).order_by(LetterEdition.number))}
    drafts = {row.letter: row for row in db.session.scalars(select(LetterDraft))}
    return [_read_letter(entry, editions.get(key), drafts.get(key)) for key, entry in catalogue().items()]


def list_editions(key: str) -> list[LetterEdition]:
    """Everything that was published of a letter, the newest first."""
    found = select(LetterEdition).where(LetterEdition.letter == key).order_by(LetterEdition.number.desc())
    return list(db.session.scalars(found))


def words_of_edition(key: str, number: int) -> Both:
    """What a version said; number 0 is what ships.

    :raises NotFound: when there is none of this number.
    """
    entry = get_entry(key)
    row = db.session.get(LetterEdition, (key, number)) if number else None
    if number and row is None:
        raise NotFound
    return _complete(entry, _read(row.words)) if row is not None and row.words is not None else entry.shipped


def newest_number(key: str) -> int:
    """The number of the version that counts; 0 where none was published."""
    edition = _find_newest(key)
    return edition.number if edition is not None else 0


def same(one: Both, other: Both) -> bool:
    """Whether two say the same in every language."""
    return all(dict(one[language]) == dict(other[language]) for language in LANGUAGES)


def _read_letter(entry: Entry, edition: LetterEdition | None, draft: LetterDraft | None) -> OwnLetter:
    own = _read(edition.words) if edition is not None and edition.words is not None else None
    usable = own is None or _usable(entry, own)
    written = _read(draft.words) if draft is not None and draft.words is not None else None
    stands = _complete(entry, own) if own is not None else entry.shipped
    begun = _complete(entry, written) if written is not None else stands
    seen = [edition.number if edition is not None else 0, written, entry.fingerprint]
    return OwnLetter(
        entry=entry,
        sent=stands if usable else entry.shipped,
        draft=begun,
        is_own=own is not None,
        is_usable=usable,
        shipped_changed=own is not None and edition is not None and edition.made_from != entry.fingerprint,
        has_draft=written is not None,
        changed_at=draft.changed_at if draft is not None else None,
        changed_by=draft.changed_by if draft is not None else None,
        mark=hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16],
    )


def _find_newest(key: str) -> LetterEdition | None:
    found = select(LetterEdition).where(LetterEdition.letter == key).order_by(LetterEdition.number.desc()).limit(1)
    return db.session.scalars(found).first()


def _read(words: str) -> Both:
    found: Both = json.loads(words)
    return found


def _usable(entry: Entry, words: Both) -> bool:
    return all(fits(entry, words.get(language, {})) for language in LANGUAGES)


def _complete(entry: Entry, words: Both) -> Both:
    """Words of an earlier catalogue with the texts of today: what is new in it says what ships."""
    return {
        language: {field: words.get(language, {}).get(field, text) for field, text in entry.shipped[language].items()}
        for language in LANGUAGES
    }
