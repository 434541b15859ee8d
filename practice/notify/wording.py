"""The words of the letters, as data: which letters there are, and what each says in each language. Pure.

A letter's words are a few named texts: `subject`, its parts in order, `link` and, where it can be stopped, `stop`. A
part is one or more paragraphs with an empty line between them. Some parts are cases: code chooses one of them, or none.
The texts hold placeholders, as in {when}, and no logic: a placeholder is replaced by a plain value, once, and nothing
else in braces means anything.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib.resources import files
from typing import Any
from unicodedata import category

import yaml

from practice.languages import DEFAULT, LANGUAGES, N_, Sentence

PLACEHOLDERS = {
    "when": N_("the day and time, with its zone"),
    "until": N_("until when, with its zone"),
    "last_day": N_("a day, with its zone"),
    "phone": N_("the practice’s phone number"),
    "name": N_("the first name of whoever invites"),
    "practice": N_("the practice’s name"),
}
SUBJECT, LINK, STOP = "subject", "link", "stop"
LINES = (SUBJECT, LINK, STOP)  # one line each, and no placeholder in them
LONGEST_LINE, LONGEST_PART = 80, 2_000  # characters
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # what ends a line, or can't be shown
BRACES = re.compile(r"\{+[^{}]{0,40}\}*|\}+")

Words = Mapping[str, str]
"""The texts of one letter in one language, by their names, in their order."""


class BadWords(Exception):
    """The words that we ship don't fit together. A bug of ours, found at the start."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one text: its name, and a Sentence that says the way out."""

    field: str
    words: str


@dataclass(frozen=True)
class Told:
    """What an owner is told of a letter, in their language: as in Entry."""

    to: str
    goes: str
    cases: Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """One letter: to whom, when it goes out, and its texts as we ship them, by language.

    `cases`: the parts of which code chooses one, and what each is for; "" stands for the letter without any of them.
    `told`: the same in the other languages.
    """

    key: str
    to: str
    goes: str
    for_staff: bool
    cases: Mapping[str, str]
    shipped: Mapping[str, Words]
    told: Mapping[str, Told] = field(default_factory=dict)

    def told_in(self, language: str) -> Told:
        """To whom, when and which cases, for an owner who reads this language."""
        return self.told.get(language) or Told(self.to, self.goes, self.cases)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its texts, in order."""
        return tuple(self.shipped[DEFAULT])

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in LINES)

    @property
    def always(self) -> tuple[str, ...]:
        """The parts that no case leaves out."""
        return tuple(name for name in self.parts if name not in self.cases)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Every placeholder of this letter, as they come."""
        return tuple(dict.fromkeys(name for part in self.parts for name in _named(self.shipped[DEFAULT][part])))

    def allowed(self, field: str) -> tuple[str, ...]:
        """The placeholders that have a value wherever this text is read."""
        if field in LINES:
            return ()
        everywhere = [name for part in self.always for name in _named(self.shipped[DEFAULT][part])]
        return tuple(dict.fromkeys([*everywhere, *_named(self.shipped[DEFAULT][field])]))

    @property
    def fingerprint(self) -> str:
        """Of the shipped words in every language: another one once we ship others."""
        return hashlib.sha256(json.dumps({one: dict(self.shipped[one]) for one in LANGUAGES}).encode()).hexdigest()


@dataclass(frozen=True)
class Said:
    """What one letter says, with its values put in. `stop` is empty where it can't be stopped."""

    subject: str
    paragraphs: tuple[str, ...]
    link: str
    stop: str


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


def fill(entry: Entry, words: Words, values: Mapping[str, str], case: str = "") -> Said:
    """Put the values into the words of one case. Values are plain: what looks like a placeholder in one stays as it is.

    :raises LookupError: for a case that this letter hasn't, or a placeholder without a value.
    """
    if case not in (entry.cases or {"": ""}):
        raise LookupError(f"{entry.key} has no case {case!r}")
    chosen = [words[name] for name in entry.parts if name not in entry.cases or name == case]
    said = "\n\n".join(chosen)
    paragraphs = tuple(_put_in(one, values) for one in split(said))
    return Said(words[SUBJECT], paragraphs, words[LINK], words.get(STOP, ""))


def split(text: str) -> tuple[str, ...]:
    """The paragraphs of a text; what stands on several lines becomes one."""
    return tuple(" ".join(one.split()) for one in re.split(r"\n\s*\n", text.strip()) if one.strip())


def tidy(field: str, typed: str) -> str:
    """A text as it is kept: without spaces around it, and with one empty line between paragraphs."""
    return typed.strip() if field in LINES else "\n\n".join(split(typed.replace("\r\n", "\n")))


def problems_of(entry: Entry, words: Words) -> list[Problem]:
    """What is wrong with what is written here: an unknown placeholder, one that is gone, too long a text.

    A text that isn't written yet has no problem; empty_of() tells of it.
    """
    found = [problem for field in entry.fields for problem in _check_field(entry, field, words.get(field, ""))]
    return found + list(_gone(entry, words))


def empty_of(entry: Entry, words: Words) -> list[Problem]:
    """The texts that nobody has written yet."""
    nothing = Sentence(N_("Nothing is written here yet."))
    return [Problem(field, nothing) for field in entry.fields if not words.get(field, "").strip()]


def fits(entry: Entry, words: Words) -> bool:
    """Whether a letter can be written with these words, in every case."""
    return set(words) == set(entry.fields) and not problems_of(entry, words) and not empty_of(entry, words)


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
        if unknown := sorted({name for text in words.values() for name in _named(text)} - set(PLACEHOLDERS)):
            raise BadWords(f"{where}: nobody gives a value for {{{unknown[0]}}}")
        if problems := [*problems_of(entry, words), *empty_of(entry, words)]:
            raise BadWords(f"{where}, {problems[0].field}: {problems[0].words}")


def _check_field(entry: Entry, field: str, text: str) -> Iterator[Problem]:
    longest = LONGEST_LINE if field in LINES else LONGEST_PART
    if len(text) > longest:
        words = N_("%(longest)s characters at most; these are %(length)s.")
        yield Problem(field, Sentence(words, longest=longest, length=len(text)))
    if any(category(sign) in UNSEEN and not (sign == "\n" and field not in LINES) for sign in text):
        words = N_("It holds a line break or a sign that can’t be shown. Write it on one line.")
        yield Problem(field, Sentence(words))
    allowed = entry.allowed(field)
    there_are = Sentence(N_("There are none here."))
    if allowed:
        there_are = Sentence(
            N_("There are: %(placeholders)s."), placeholders=", ".join(f"{{{name}}}" for name in allowed)
        )
    for braces in dict.fromkeys(BRACES.findall(text)):
        named = PLACEHOLDER.fullmatch(braces)
        if named and field == SUBJECT:
            words = N_("%(braces)s can’t stand in a subject: it shows on a locked phone. Put it into the text.")
            yield Problem(field, Sentence(words, braces=braces))
        elif named and named[1] not in allowed:
            words = N_("%(braces)s is no placeholder of this text. %(there_are)s")
            yield Problem(field, Sentence(words, braces=braces, there_are=there_are))
        elif not named:
            words = N_("%(braces)s is no placeholder; braces stand around placeholders alone. %(there_are)s")
            yield Problem(field, Sentence(words, braces=braces, there_are=there_are))


def _gone(entry: Entry, words: Words) -> Iterator[Problem]:
    """The placeholders that the shipped words have, and that are nowhere where their reader would look for them."""
    if not all(words.get(part, "").strip() for part in entry.always):
        return  # what isn't written yet may still hold them
    shipped = entry.shipped[DEFAULT]
    everywhere = {name for part in entry.always for name in _named(words[part])}
    for part in entry.parts:
        written = words.get(part, "")
        here = everywhere if part in entry.always else {*everywhere, *_named(written)}
        gone = [name for name in dict.fromkeys(_named(shipped[part])) if name not in here]
        if gone and written.strip():
            yield Problem(part, _missing(gone))


def _missing(gone: list[str]) -> str:
    first, *others = [f"{{{name}}}" for name in gone]
    listed = reduce(lambda one, other: Sentence(N_("%(one)s and %(other)s"), one=one, other=other), others, first)
    meant = [
        Sentence(N_("%(braces)s is %(meaning)s"), braces=f"{{{name}}}", meaning=Sentence(PLACEHOLDERS[name]))
        for name in gone
    ]
    means = reduce(lambda one, other: Sentence("%(one)s; %(other)s", one=one, other=other), meant)
    words = N_("%(listed)s is missing, and its reader needs it: %(means)s. Write it where it belongs.")
    return Sentence(words, listed=listed, means=means)


def _put_in(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _named(text: str) -> list[str]:
    return PLACEHOLDER.findall(text)


def _texts(told: Mapping[str, str | list[str]]) -> Words:
    return {field: text if isinstance(text, str) else "\n\n".join(text) for field, text in told.items()}


def _load(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((files("practice.notify") / "words" / f"{name}.yaml").read_text("utf-8"))
    return found
