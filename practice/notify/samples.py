"""A letter with made-up values, to look at. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from practice.languages import DEFAULT, LANGUAGES
from practice.notify.letters import Letter, Link
from practice.notify.wording import STOP, Entry, Words, fill

VALUES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "when": "Tuesday 10 March, 3:00 pm Eastern Time",
        "until": "Monday 9 March, 8:00 am Eastern Time",
        "last_day": "Friday 6 March (Eastern Time)",
        "phone": "+1 555 010 0100",
        "name": "Robin",
        "practice": "Lantern House",
    },
    "es": {
        "when": "martes 10 de marzo, 3:00 p.m., hora oriental",
        "until": "lunes 9 de marzo, 8:00 a.m., hora oriental",
        "last_day": "viernes 6 de marzo (hora oriental)",
        "phone": "+1 555 010 0100",
        "name": "Robin",
        "practice": "Lantern House",
    },
}


def cases_of(entry: Entry, language: str = DEFAULT) -> Mapping[str, str]:
    """Each way in which a letter may come out, and what that is for, in words of this language."""
    return entry.told_in(language).cases or {"": ""}


def sample(entry: Entry, words: Words, language: str, case: str, address: str) -> Letter:
    """The letter as somebody would get it in this case, with its links leading to `address`.

    Texts that aren't written yet are left out.

    :raises LookupError: for a language or a case that isn't there.
    """
    if language not in LANGUAGES:
        raise LookupError(language)
    said = fill(entry, words, VALUES[language], case)
    stop = Link(said.stop, address) if STOP in entry.fields else None
    return Letter(said.subject, said.paragraphs, Link(said.link, address), stop=stop, language=language)
