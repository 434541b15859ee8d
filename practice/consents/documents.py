"""The documents that people agree to, and what exactly is hashed of one: values, without a database. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from practice.languages import DEFAULT, LANGUAGES

THERAPY, COUPLE, PRIVACY, TELEHEALTH, MAIL = "therapy", "couple", "privacy", "telehealth", "mail"
KEYS = (THERAPY, COUPLE, PRIVACY, TELEHEALTH, MAIL)
"""Every document, in the order in which they are asked. What cancelling late may cost is agreed on the payment page."""

SMS = "sms"
"""Kept for consent to text messages: asked apart, unticked, once the practice can send any."""


class AskedOf(StrEnum):
    """Who is asked to agree to a document."""

    EVERYBODY = "everybody"
    COUPLES = "couples"  # whoever comes as one of two
    VIDEO = "video"  # whoever has a session on a screen
    LETTERS = "letters"  # whoever said that they may be reached by mail


class Method(StrEnum):
    """How somebody agreed."""

    PAGE = "page"
    PAPER = "paper"  # signed on paper; a member of staff noted it


@dataclass(frozen=True)
class Wording:
    """What a document says. Normalised: tidy() made it, or what it made was read again."""

    title: str
    summary: str
    body: str  # Markdown

    @property
    def exact(self) -> str:
        """The whole text as it is shown and hashed: title, summary and body, with an empty line between them."""
        return f"{self.title}\n\n{self.summary}\n\n{self.body}\n"

    @property
    def sha256(self) -> str:
        """SHA-256, in hex, of `exact` in UTF-8."""
        return hashlib.sha256(self.exact.encode()).hexdigest()


@dataclass(frozen=True)
class Document:
    """One version of a document in one language, as it was written down once and for all. `number` is its address."""

    number: int
    key: str
    version: int
    language: str
    wording: Wording
    sha256: str
    asked_of: AskedOf
    required: bool
    valid_from: datetime
    policy: str | None  # of the couple's document: which secrets policy it describes

    @property
    def language_name(self) -> str:
        """What its language is called in that language."""
        return LANGUAGES[self.language]

    @property
    def title(self) -> str:
        return self.wording.title

    @property
    def summary(self) -> str:
        return self.wording.summary


Words = Mapping[str, Wording]
"""What one version says in each language; one that nobody wrote is missing, or has empty fields still."""


def fingerprint(words: Words) -> str:
    """Of every language at once, in a few letters: two that agree say the same."""
    said = "".join(f"{language}:{words[language].sha256}\n" for language in LANGUAGES if language in words)
    return hashlib.sha256(said.encode()).hexdigest()


def unwritten(words: Words) -> list[str]:
    """The languages that lack a title, a summary or the text."""
    return [one for one in LANGUAGES if one not in words or not all(vars(words[one]).values())]


def adds_alone(stands: Words, words: Words) -> bool:
    """Whether what stands would stay as it is, word for word, and only gain a language that it lacks."""
    same = all(words.get(language) == wording for language, wording in stands.items())
    return same and DEFAULT in stands and words.keys() > stands.keys()


def tidy(title: str, summary: str, body: str) -> Wording:
    """The wording as it is kept, whatever keyboard and browser it came from.

    Unicode is composed (NFC), lines end in one line feed without space before it, nothing blank stands at the ends.
    Title and summary are one line each.
    """
    return Wording(_one_line(title), _one_line(summary), _lines(body))


def _one_line(typed: str) -> str:
    return " ".join(unicodedata.normalize("NFC", typed).split())


def _lines(typed: str) -> str:
    composed = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in composed.split("\n")).strip("\n")
