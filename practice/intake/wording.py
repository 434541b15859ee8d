"""Words that a practice writes for its clients' pages: how long, and what can't be shown. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from practice.languages import N_, Sentence

WORDS = {"question": 400, "hint": 600, "missing": 300, "title": 120, "intro": 1200}  # characters at most
MAY_BE_EMPTY = frozenset({"hint", "missing", "intro"})
LONGEST_LABEL = 200
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # as in checks.py


@dataclass(frozen=True)
class Problem:
    """What doesn't fit: where (a part and a name within it, as in the overlay), and what to do, in words.

    The words are a Sentence, so that each reader is told in their language.
    """

    part: str
    name: str
    words: str
    key: str = ""  # of the field: question, hint, options…


def wrong_text(text: object, longest: int, *, empty: bool) -> str:
    """What is wrong with words for a page; nothing where they can be shown."""
    if not isinstance(text, str) or (not empty and not text.strip()):
        return Sentence(N_("Write something here."))
    if len(text) > longest:
        return Sentence(N_("%(longest)s characters at most; this has %(length)s."), longest=longest, length=len(text))
    if any(one in TURNING or (unicodedata.category(one) in {"Cc", "Cs"} and one not in "\r\n") for one in text):
        return Sentence(N_("It holds a character that can’t be shown. Type it once more by hand."))
    return ""
