"""The letters that there are: which, what each says in each language, checked, and the voice that says one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from practice.languages import DEFAULT, LANGUAGES
from practice.notify.checking import empty_of, problems_of
from practice.notify.wording import PLACEHOLDERS, SUBJECT, Entry, Said, Told, Words, fill, placeholders_in


class BadWords(Exception):
    """The words that we ship don't fit together. A bug of ours, found at the start."""


def _nothing_of_its_own(_key: str, _language: str) -> Words | None:
    return None


@dataclass(frozen=True)
class Voice:
    """In which language a letter is written, and where the practice's own words come from, if it has any.

    `own` gives words that fit their letter, or None: then ours are taken.
    """

    language: str = DEFAULT
    own: Callable[[str, str], Words | None] = _nothing_of_its_own

    def subject(self, key: str) -> str:
        """The subject of this letter: the same whatever it says."""
        return (self.own(key, self.language) or catalogue()[key].shipped[self.language])[SUBJECT]

    def say(self, key: str, values: Mapping[str, str], case: str = "") -> Said:
        """The words of this letter, with these values.

        :raises LookupError: for a letter or a case that isn't there.
        """
        entry = catalogue()[key]
        words = self.own(key, self.language) or entry.shipped[self.language]
        return fill(entry, words, values, case)


ENGLISH = Voice()
"""What we ship, in English."""


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every letter by its key, in the order of the catalogue, checked.

    :raises BadWords: where the languages don't say the same letters, parts and placeholders.
    """
    told = {language: _load(f"catalogue.{language}") for language in LANGUAGES if language != DEFAULT}
    return read_catalogue(_load("catalogue"), {language: _load(language) for language in LANGUAGES}, told)


def read_catalogue(
    letters: Mapping[str, Any],
    words: Mapping[str, Mapping[str, Any]],
    told: Mapping[str, Mapping[str, Any]] | None = None,
) -> Mapping[str, Entry]:
    """The same from what the files hold: `letters` from catalogue.yaml, `words` by language, and by language too what
    an owner is `told` of each letter.
    """
    for language, theirs in words.items():
        if odd := sorted(set(theirs) ^ set(letters)):
            raise BadWords(f"{language}: {', '.join(odd)} stands in one of the two files alone")
    for language, theirs in (told or {}).items():
        if odd := sorted(key for key in {*theirs, *letters} if not _tells_the_same(letters.get(key), theirs.get(key))):
            raise BadWords(f"catalogue.{language}: {', '.join(odd)} isn’t told as in the English one")
    entries = {}
    for key, entry_told in letters.items():
        shipped = {language: _texts(theirs[key]) for language, theirs in words.items()}
        others = {language: _read_told(theirs[key]) for language, theirs in (told or {}).items()}
        ours = _read_told(entry_told)
        entry = Entry(key, ours.to, ours.goes, entry_told.get("for_staff", False), ours.cases, shipped, others)
        _check_shipped(entry)
        entries[key] = entry
    return entries


def _read_told(told: Mapping[str, Any]) -> Told:
    return Told(told["to"], told["goes"], told.get("cases", {}))


def _tells_the_same(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> bool:
    """Whether both are there and speak of the same cases."""
    return bool(ours and theirs and theirs.get("to") and theirs.get("goes")) and (
        list((ours or {}).get("cases", {})) == list((theirs or {}).get("cases", {}))
    )


def _check_shipped(entry: Entry) -> None:
    if odd := sorted(set(entry.cases) - {""} - set(entry.parts)):
        raise BadWords(f"{entry.key}: no text for the case {', '.join(odd)}")
    for language, words in entry.shipped.items():
        where = f"{entry.key} ({language})"
        if tuple(words) != entry.fields:
            raise BadWords(f"{where}: has {', '.join(words)}; it should have {', '.join(entry.fields)}")
        if unknown := sorted({name for text in words.values() for name in placeholders_in(text)} - set(PLACEHOLDERS)):
            raise BadWords(f"{where}: nobody gives a value for {{{unknown[0]}}}")
        if problems := [*problems_of(entry, words), *empty_of(entry, words)]:
            raise BadWords(f"{where}, {problems[0].field}: {problems[0].words}")


def _texts(told: Mapping[str, str | list[str]]) -> Words:
    return {field: text if isinstance(text, str) else "\n\n".join(text) for field, text in told.items()}


def _load(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((files("practice.notify") / "words" / f"{name}.yaml").read_text("utf-8"))
    return found
