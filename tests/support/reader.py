"""Stories are told in English, and the same stories can be gone through by whoever reads another language.

While they do, every sentence by which a story finds something on a page, or expects it there, is looked up in the
catalogues first. What no catalogue has (a name, an address, what was typed) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from playwright.sync_api import Locator, LocatorAssertions, Page, PageAssertions

from practice import notify
from practice.intake.documents import shipped_data
from practice.intake.translating import english_of, words_of
from practice.languages import DEFAULT, LANGUAGES
from practice.regions import names_in
from practice.speaking import whole_catalogue
from tests.support.spanish import VALUE, words_on

Words = str | re.Pattern[str]
Pairs = Iterator[tuple[str, str]]

IN_BOTH = pytest.mark.parametrize("language", LANGUAGES)
"""A story that is told in each language; `open_page` and `demo` follow it."""

# What in a call are words: the argument of this name, or in this place.
FINDING = {
    "get_by_role": ("name", None),
    "get_by_label": ("text", 0),
    "get_by_text": ("text", 0),
    "locator": ("has_text", None),
}
EXPECTING = ("to_have_text", "to_contain_text", "not_to_contain_text")
OF_CLASSES = {
    Page: FINDING,
    Locator: {**FINDING, "filter": ("has_text", None)},
    LocatorAssertions: dict.fromkeys(EXPECTING, ("expected", 0)),
    PageAssertions: {"to_have_title": ("title_or_reg_exp", 0)},
}
WORDS = Path(notify.__file__).parent / "words"
INNER = re.compile(r"<(\w+)[^>]*>(.*?)</\1>", re.DOTALL)  # a link in a sentence is found by its own words


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Go through everything inside as a reader of this language."""
    with ExitStack() as ends:
        if language != DEFAULT:
            for owner, names in OF_CLASSES.items():
                for name, place in names.items():
                    ends.enter_context(
                        patch.object(owner, name, _in_their_words(getattr(owner, name), place, language))
                    )
        yield


def as_read(words: Words, language: str) -> Words:
    """What stands on the page of this reader where a reader of English finds these words.

    A whole sentence becomes one, or a pattern where its English says two things. A piece of sentences, and a pattern,
    become a pattern of all that it could be.
    """
    if language == DEFAULT or not words:
        return words
    sentences = _sentences(language)
    if isinstance(words, re.Pattern):
        return _any_of([one for one in sentences if words.search(one.english)], also=words.pattern)
    said = [one for one in sentences if one.share_in(words) > 0]
    closest = max((one.share_in(words) for one in said), default=0)
    pieces = [one for one in sentences if words.lower() in one.english.lower()]
    if closest < MOSTLY and pieces:
        return _any_of(pieces, also=re.escape(words))
    ways = {one.filled(words, language) for one in said if one.share_in(words) == closest} or {words}
    return ways.pop() if len(ways) == 1 else re.compile(f"^(?:{'|'.join(map(re.escape, sorted(ways)))})$")


FEWEST_LETTERS = 4  # a sentence of values with less between them could be anything
MOSTLY = 0.5  # of the letters that a sentence says itself; the rest are its values


@dataclass(frozen=True)
class _Said:
    """A sentence in both languages, without markup; `%(name)s` stands for a value."""

    english: str
    other: str

    def share_in(self, words: str) -> float:
        """How much of these words the sentence says itself: 1 is all, and 0 that it doesn't say them."""
        if words == self.english:
            return 1
        letters = _letters(VALUE.sub("", self.english))
        if letters < FEWEST_LETTERS or not _pattern_of(self.english).fullmatch(words):
            return 0
        return letters / _letters(words)

    def filled(self, words: str, language: str) -> str:
        """The sentence of the other language, with the values that these words have, each as it is read."""
        found = _pattern_of(self.english).fullmatch(words)
        values = {name: as_read(value, language) for name, value in found.groupdict().items()} if found else {}
        whole = {name: value for name, value in values.items() if isinstance(value, str)}
        typed = found.groupdict() if found else {}
        return VALUE.sub(lambda one: whole.get(one[0][2:-2], typed.get(one[0][2:-2], one[0])), self.other)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


@cache
def _pattern_of(sentence: str) -> re.Pattern[str]:
    """What says this sentence, with any values; each is a group of its name where it comes first."""
    seen: set[str] = set()

    def value(name: str) -> str:
        group = f"(?P={name})" if name in seen else f"(?P<{name}>.+)"
        seen.add(name)
        return group

    pieces = re.split(r"%\((\w+)\)[sd]", sentence)
    return re.compile("".join(value(piece) if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)))


@cache
def _sentences(language: str) -> tuple[_Said, ...]:
    pairs = (*_of_catalogues(language), *_of_the_questionnaire(language), *_of_places(language), *_of_letters(language))
    return tuple(dict.fromkeys(_Said(_plain(text), _plain(other)) for text, other in pairs if text))


def _plain(sentence: str) -> str:
    return words_on(sentence).replace("%%", "%")


def _of_catalogues(language: str) -> Pairs:
    """Each form of a plural, and what stands inside a tag, are sentences of their own, too."""
    for message in whole_catalogue(language):
        one = isinstance(message.id, str)
        forms = [(message.id, message.string)] if one else zip(message.id, message.string, strict=True)
        for text, other in forms:
            yield text, other
            inner, others = INNER.findall(text), INNER.findall(other)
            if len(inner) == len(others):
                yield from ((one, another) for (_, one), (_, another) in zip(inner, others, strict=True))


def _of_the_questionnaire(language: str) -> Pairs:
    others = words_of(shipped_data(), language)
    yield from ((text, others[place]) for place, text in english_of(shipped_data()).items())


def _of_places(language: str) -> Pairs:
    others = names_in(language)
    yield from ((name, others[code]) for code, name in names_in(DEFAULT).items())


def _of_letters(language: str) -> Pairs:
    """What an owner is told of each."""
    english, others = (
        yaml.safe_load((WORDS / f"catalogue{ending}.yaml").read_text("utf-8")) for ending in ("", f".{language}")
    )
    yield from ((letter["goes"], others[kind]["goes"]) for kind, letter in english.items())


def _any_of(sentences: list[_Said], *, also: str) -> re.Pattern[str]:
    """Whatever says one of these, with any values; or what the pattern `also` finds."""
    ways = [".+".join(map(re.escape, VALUE.split(one.other))) for one in sentences]
    return re.compile("|".join([also, *ways]))


def _in_their_words(method: Callable[..., Any], place: tuple[str, int | None], language: str) -> Callable[..., Any]:
    name, at = place

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return [read(one) for one in value]
        return as_read(value, language) if isinstance(value, str | re.Pattern) else value

    @wraps(method)
    def called(self: object, *args: Any, **options: Any) -> Any:
        given = list(args)
        if at is not None and len(given) > at:
            given[at] = read(given[at])
        elif name in options:
            options[name] = read(options[name])
        return method(self, *given, **options)

    return called
