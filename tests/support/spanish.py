"""A page that is read in Spanish: what of it is still English."""

from __future__ import annotations

import html
import re
from functools import cache

from babel.messages.pofile import read_po

from practice.intake.documents import shipped_data
from practice.intake.translating import english_of, words_of
from practice.speaking import CATALOGUES
from tests.support.browsing import Browser

SPANISH = {"lang": "es"}
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
VALUE = re.compile(r"%\(\w+\)[sd]")
FEWEST_WORDS = 3  # shorter ones can be Spanish, or part of a name


def in_spanish(browser: Browser) -> Browser:
    """A browser that asked for Spanish once, and remembers it."""
    assert browser.get("/schedule?lang=es").status_code == 200
    return browser


def words_on(page: str) -> str:
    """What a page says in its own part, as one line without markup."""
    found = MAIN.search(page)
    return _plain(found[0] if found else page)


@cache
def english_of_rooms(*rooms: str) -> frozenset[str]:
    """Every piece of at least three words that the pages of these rooms and the questionnaire say in English."""
    said = []
    for room in rooms:
        with (CATALOGUES / "es" / "LC_MESSAGES" / f"{room}.po").open("rb") as file:
            for message in read_po(file, locale="es"):
                said += [message.id] if isinstance(message.id, str) else list(message.id)
    spanish = words_of(shipped_data(), "es")
    said += [text for place, text in english_of(shipped_data()).items() if spanish[place] != text]
    pieces = (_plain(piece) for text in said for piece in VALUE.split(text))
    return frozenset(piece for piece in pieces if len(re.findall(r"[^\W\d_]+", piece)) >= FEWEST_WORDS)


def english_on(page: str, *rooms: str) -> list[str]:
    """The pieces of English that a page still says."""
    text = words_on(page)
    return sorted(piece for piece in english_of_rooms(*rooms) if piece in text)


def _plain(markup: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", markup)).split())
