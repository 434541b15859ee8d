"""What changes the practice's own words, the only writer of their tables. `actor` is as the audit log names them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from practice.audit import record
from practice.database import add_if_absent
from practice.errors import Conflict, Refused
from practice.languages import LANGUAGES, N_
from practice.notify.checking import Problem, empty_of, problems_of
from practice.notify.own_wording.models import LetterDraft, LetterEdition
from practice.notify.own_wording.queries import (
    Both,
    OwnLetter,
    get_entry,
    newest_number,
    read_letter,
    same,
    words_of_edition,
)
from practice.notify.wording import tidy
from practice.speaking import spoken
from practice.work import Work


class DraftChanged(Conflict):
    """Somebody else changed or published the words between the reading and the saving."""

    title = N_("Somebody changed these words while you had them open")
    way_out = N_("Nothing that you sent was saved. Look at them as they stand now, and change them once more.")


class WordsDontFit(Refused):
    """Words that a letter can't be written with; `problems` says of each language what is wrong."""

    title = N_("These words don’t fit the letter yet")
    way_out = N_("Change the words first.")

    def __init__(self, problems: Mapping[str, list[Problem]]) -> None:
        told = [f"{LANGUAGES[language]}: {spoken(one.words)}" for language, found in problems.items() for one in found]
        super().__init__(" ".join(told))
        self.problems = problems


class NothingToPublish(Refused):
    """There is no draft."""

    title = N_("There is nothing to publish")
    way_out = N_("Change the words first.")


def save_draft(work: Work, actor: str, key: str, words: Both, *, seen: str) -> None:
    """Keep these words as the draft of a letter. Texts may still be empty; no letter is written with a draft.

    :raises NotFound: when there is no such letter.
    :raises DraftChanged: when the letter isn't as was seen.
    :raises WordsDontFit: for a placeholder that is unknown, in the wrong place, or gone, and for too long a text.
    """
    row, stands = _lock(work, key, seen)
    written = {
        language: {field: tidy(field, words[language].get(field, "")) for field in stands.entry.fields}
        for language in LANGUAGES
    }
    _refuse({language: problems_of(stands.entry, written[language]) for language in LANGUAGES})
    if same(written, stands.draft):
        return
    _note(work, row, None if same(written, stands.sent) and stands.is_usable else written, actor)
    record(work, actor, "letter_words_changed", key)


def publish(work: Work, actor: str, key: str, *, seen: str) -> None:
    """Have letters say what the draft says, in every language at once. Letters that were sent stay as they are.

    :raises DraftChanged: when the letter isn't as was seen.
    :raises NothingToPublish: when it has no draft.
    :raises WordsDontFit: when something of it isn't written yet in one of the languages, or doesn't fit any more.
    """
    row, stands = _lock(work, key, seen)
    if not stands.has_draft:
        raise NothingToPublish
    entry, draft = stands.entry, stands.draft
    _refuse({one: [*problems_of(entry, draft[one]), *empty_of(entry, draft[one])] for one in LANGUAGES})
    edition = LetterEdition(
        letter=key,
        number=newest_number(key) + 1,
        words=None if same(draft, entry.shipped) else _written(draft),
        made_from=entry.fingerprint,
        published_at=work.now,
        published_by=actor,
    )
    work.session.add(edition)
    _note(work, row, None, actor)
    record(work, actor, "letter_words_published", key, {"number": edition.number})


def discard(work: Work, actor: str, key: str, *, seen: str) -> None:
    """Forget the draft of a letter.

    :raises DraftChanged: when the letter isn't as was seen.
    """
    row, _ = _lock(work, key, seen)
    _note(work, row, None, actor)
    record(work, actor, "letter_words_discarded", key)


def restore(work: Work, actor: str, key: str, number: int, *, seen: str) -> None:
    """Make an earlier version the draft (0: the words that ship); it still has to be published.

    :raises NotFound: when there is none of this number.
    :raises DraftChanged: when the letter isn't as was seen.
    """
    words = words_of_edition(key, number)
    row, _ = _lock(work, key, seen)
    _note(work, row, words, actor)
    record(work, actor, "letter_words_restored", key, {"number": number})


def _lock(work: Work, key: str, seen: str) -> tuple[LetterDraft, OwnLetter]:
    """The row of this letter's draft, locked, and the letter as it stands behind the lock."""
    get_entry(key)
    add_if_absent(work.session, LetterDraft, letter=key)
    row = work.session.get_one(LetterDraft, key, with_for_update=True, populate_existing=True)
    stands = read_letter(key)
    if stands.mark != seen:
        raise DraftChanged
    return row, stands


def _note(work: Work, row: LetterDraft, words: Both | None, actor: str) -> None:
    row.words = _written(words) if words is not None else None
    row.changed_at, row.changed_by = (work.now, actor) if words is not None else (None, None)
    work.session.flush()


def _refuse(problems: Mapping[str, list[Problem]]) -> None:
    if any(problems.values()):
        raise WordsDontFit({language: found for language, found in problems.items() if found})


def _written(words: Both) -> str:
    return json.dumps({language: dict(texts) for language, texts in words.items()}, ensure_ascii=False)
