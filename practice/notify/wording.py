"""The words of one letter, as data, and how values come into them. Pure.

A letter's words are a few named texts: `subject`, its parts in order, `link` and, where it can be stopped, `stop`. A
part is one or more paragraphs with an empty line between them. Some parts are cases: code chooses one of them, or none.
The texts hold placeholders, as in {when}, and no logic: a placeholder is replaced by a plain value, once, and nothing
else in braces means anything.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from practice.languages import DEFAULT, LANGUAGES, N_

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

Words = Mapping[str, str]
"""The texts of one letter in one language, by their names, in their order."""


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
        return tuple(
            dict.fromkeys(name for part in self.parts for name in placeholders_in(self.shipped[DEFAULT][part]))
        )

    def allowed(self, field: str) -> tuple[str, ...]:
        """The placeholders that have a value wherever this text is read."""
        if field in LINES:
            return ()
        everywhere = [name for part in self.always for name in placeholders_in(self.shipped[DEFAULT][part])]
        return tuple(dict.fromkeys([*everywhere, *placeholders_in(self.shipped[DEFAULT][field])]))

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


def _put_in(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def placeholders_in(text: str) -> list[str]:
    """The names of the placeholders of a text, as they come."""
    return PLACEHOLDER.findall(text)
