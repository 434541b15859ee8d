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
from typing import Any
from unittest.mock import patch

import pytest
from playwright.sync_api import Locator, LocatorAssertions, Page, PageAssertions

from practice.intake.documents import shipped_data
from practice.intake.translating import english_of, words_of
from practice.languages import DEFAULT, LANGUAGES
from practice.speaking import whole_catalogue
from tests.support.spanish import VALUE, words_on

Words = str | re.Pattern[str]
# What in a call are words: an argument of this name, or the one in this place.
FINDING = {
    "get_by_role": ("name", None),
    "get_by_label": ("text", 0),
    "get_by_text": ("text", 0),
    "locator": ("has_text", None),
    "filter": ("has_text", None),
}
EXPECTING = dict.fromkeys(
    (
        "to_have_text",
        "not_to_have_text",
        "to_contain_text",
        "not_to_contain_text",
        "to_have_accessible_name",
    ),
    ("expected", 0),
)
OF_CLASSES = {
    Page: {name: place for name, place in FINDING.items() if name != "filter"},
    Locator: FINDING,
    LocatorAssertions: EXPECTING,
    PageAssertions: {"to_have_title": ("title_or_reg_exp", 0)},
}
IN_BOTH = pytest.mark.parametrize("language", LANGUAGES)
"""A story that is told in each language; `open_page` and `demo` follow it."""
FEWEST_LETTERS = 4  # a sentence of values with less between them could be anything


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

    A whole sentence becomes one. A piece of sentences, and a pattern, become a pattern of all that it could be.
    """
    if language == DEFAULT or not words:
        return words
    sentences = _sentences(language)
    if isinstance(words, re.Pattern):
        return _any_of([one for one in sentences if words.search(one.english)], also=words.pattern)
    if same := [one for one in sentences if one.is_said_by(words)]:
        closest = max(len(one.letters) for one in same)
        ways = {one.filled(words, language) for one in same if len(one.letters) == closest}
        return ways.pop() if len(ways) == 1 else re.compile(f"^(?:{'|'.join(map(re.escape, ways))})$")
    pieces = [one for one in sentences if words.lower() in one.english.lower()]
    return _any_of(pieces, also=re.escape(words)) if pieces else words


@dataclass(frozen=True)
class _Said:
    """A sentence in both languages, without markup; `%(name)s` stands for a value."""

    english: str
    other: str

    @property
    def letters(self) -> str:
        """What the English says whatever the values."""
        return re.sub(r"[^a-zA-Z]", "", VALUE.sub("", self.english))

    def is_said_by(self, words: str) -> bool:
        if words == self.english:
            return True
        return len(self.letters) >= FEWEST_LETTERS and bool(_pattern_of(self.english).fullmatch(words))

    def filled(self, words: str, language: str) -> str:
        """The sentence of the other language, with the values that these words have, each as it is read."""
        found = _pattern_of(self.english).fullmatch(words)
        values = {name: as_read(value, language) for name, value in found.groupdict().items()} if found else {}
        return VALUE.sub(lambda one: str(values.get(one[0][2:-2], one[0])), self.other)


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
    """All that the catalogues and the questionnaire say; of a plural, each form."""
    pairs = []
    for message in whole_catalogue(language):
        if isinstance(message.id, str):
            pairs.append((message.id, str(message.string)))
        else:
            pairs += zip(message.id, message.string, strict=True)
    others = words_of(shipped_data(), language)
    pairs += [(text, others[place]) for place, text in english_of(shipped_data()).items()]
    return tuple(dict.fromkeys(_Said(words_on(text), words_on(other)) for text, other in pairs if text))


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
