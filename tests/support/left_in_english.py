"""Which sentences of our catalogues a page says in English, though it speaks another language."""

from __future__ import annotations

import html
import re

from babel.messages.pofile import read_po

from practice.speaking import CATALOGUES

FEWEST_WORDS = 3
HOLES = re.compile(r"%\(\w+\)s|<[^>]+>")
ANY_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


def left_in_english(page: str, *rooms: str) -> list[str]:
    """The pieces of these rooms' English sentences, of three words or more, that stand in the page's text."""
    text = _plain(page)
    return sorted({piece for room in rooms for piece in _pieces(room) if piece in text})


def _plain(page: str) -> str:
    return " ".join(html.unescape(ANY_TAG.sub(" ", page)).split())


def _pieces(room: str) -> set[str]:
    with (CATALOGUES / "es" / "LC_MESSAGES" / f"{room}.po").open("rb") as file:
        keys = [message.id for message in read_po(file) if message.id]
    sentences = [key for keys_of in keys for key in ([keys_of] if isinstance(keys_of, str) else keys_of)]
    found = {piece.strip(" .,:;") for sentence in sentences for piece in HOLES.split(sentence)}
    return {piece for piece in found if len(piece.split()) >= FEWEST_WORDS}
