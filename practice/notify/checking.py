"""What is wrong with words that are written for a letter: ours, or a practice's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from unicodedata import category

from practice.languages import DEFAULT, N_, Sentence
from practice.notify.wording import (
    LINES,
    LONGEST_LINE,
    LONGEST_PART,
    PLACEHOLDER,
    PLACEHOLDERS,
    SUBJECT,
    Entry,
    Words,
    placeholders_in,
)

UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # what ends a line, or can't be shown
BRACES = re.compile(r"\{+[^{}]{0,40}\}*|\}+")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one text: its name, and a Sentence that says the way out."""

    field: str
    words: str


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
    everywhere = {name for part in entry.always for name in placeholders_in(words[part])}
    for part in entry.parts:
        written = words.get(part, "")
        here = everywhere if part in entry.always else {*everywhere, *placeholders_in(written)}
        gone = [name for name in dict.fromkeys(placeholders_in(shipped[part])) if name not in here]
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
