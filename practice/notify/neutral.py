"""Words that tell what a letter is about to whoever looks over a shoulder. Pure. They are named, never refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from practice.languages import N_, Sentence
from practice.notify.checking import Problem
from practice.notify.wording import SUBJECT, Entry, Words

TELLING = re.compile(
    # English
    r"\b(?:therap\w*|couples?|partners?|trust|betray\w*|affairs?|infidel\w*|cheat\w*|intake|questionnaire\w*|clinic\w*|"
    r"counsel\w*|marriages?|marital|spouses?|husbands?|wife|wives|divorc\w*|relationships?|mental\w*|health|sessions?|psych\w*|"
    # Spanish
    r"terap\w*|parejas?|confianza|traici\w*|engañ\w*|infiel\w*|aventuras?|amantes?|cuestionario\w*|clínic\w*|consejer\w*|"
    r"matrimoni\w*|espos[oa]s?|marido|relaci[oó]n\w*|salud|sesi[oó]n\w*|psic[oó]\w*)\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(
    r"[$€£¥]\s?\d(?:[\d.,]*\d)?|"
    r"\b\d(?:[\d.,]*\d)?\s?(?:[$€£¥]|(?:usd|eur|gbp|dollars?|euros?|pounds?|dólares|pesos|libras)\b)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)


def worries_of(entry: Entry, words: Words, names: Collection[str]) -> list[Problem]:
    """What of these words isn't neutral; of a letter for staff only the subject counts. `names`: whom to leave out."""
    read = (SUBJECT,) if entry.for_staff else entry.fields
    return [problem for field in read for problem in _look(field, words.get(field, ""), names)]


def _look(field: str, text: str, names: Collection[str]) -> Iterator[Problem]:
    for found in dict.fromkeys(one.lower() for one in TELLING.findall(text)):
        words = N_("“%(found)s” may tell somebody else in the house what the letter is about.")
        yield Problem(field, Sentence(words, found=found))
    for found in dict.fromkeys(AMOUNT.findall(text)):
        words = N_("“%(found)s” looks like a sum. What something costs stands on their page, behind their code.")
        yield Problem(field, Sentence(words, found=found))
    for found in dict.fromkeys(ADDRESS.findall(text)):
        words = N_("“%(found)s” is an address. A letter has its own link; others make mail look like fraud.")
        yield Problem(field, Sentence(words, found=found))
    for name in names:
        if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            words = N_("“%(name)s” is a name, and may tell with whom an appointment is.")
            yield Problem(field, Sentence(words, name=name))
