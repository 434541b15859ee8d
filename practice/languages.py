"""The languages that we speak and write, and which of them a browser asks for. Pure."""

from __future__ import annotations

from typing import Self

DEFAULT = "en"
LANGUAGES = {"en": "English", "es": "Español"}
OTHERS = tuple(language for language in LANGUAGES if language != DEFAULT)
LOCALES = {"en": "en_US", "es": "es_US"}  # as Babel names them


def preferred(accept_language: str) -> str:
    """The language of an Accept-Language header, where it clearly prefers one of ours; else English.

    "Clearly": it stands above every other of ours. What can't be read counts for nothing.
    """
    wishes = dict.fromkeys(LANGUAGES, 0.0)
    for one in accept_language[:500].split(","):
        tag, _, weight = one.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in wishes:
            wishes[language] = max(wishes[language], _quality(weight))
    best = max(wishes.values())
    liked = [language for language, wish in wishes.items() if wish == best]
    return liked[0] if len(liked) == 1 else DEFAULT


def _quality(weight: str) -> float:
    name, _, number = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        found = float(number)
    except ValueError:
        return 0.0
    return found if name.strip().lower() == "q" and 0 <= found <= 1 else 0.0


def N_(message: str) -> str:  # noqa: N802 - the name by which every tool of gettext knows it
    """Mark a sentence for the catalogues where it can't be said yet: whoever shows it looks it up."""
    return message


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802
    """The same of a sentence that depends on a number: who shows it says ngettext(*sentences, num)."""
    return one, several


class Sentence(str):
    """A sentence with its values put in, in English, that can be said in another language: speaking.spoken() does.

    For pure files: `Sentence(N_("Write %(longest)s at most."), longest=80)`. It is compared, stored and logged as the
    English text that it is. A value may be such a sentence itself.
    """

    message: str
    values: dict[str, object]

    def __new__(cls, message: str, **values: object) -> Self:
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made


IN = {"en": N_("in English"), "es": N_("in Spanish")}
"""In which language something is written, as who reads another says it."""
