"""What of a request fits on one printed page, and in which type. Pure.

It counts lines by letters, on the safe side: the page itself cuts whatever might still reach beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple


class Type(NamedTuple):
    """A size of type: its name for the style sheet, letters in a line of a column, and lines in all its columns."""

    name: str
    letters: int
    lines: int


TYPES = (Type("large", 52, 72), Type("middle", 60, 88), Type("small", 68, 102))
"""From the one that reads best. Two columns each, on the shorter of A4 and Letter."""
SPACE = 0.3  # of a line, after each piece
SHORTEST_REST = 40  # letters: less of a long answer isn't worth its beginning


class Piece(NamedTuple):
    """One question, or a short word for it, and what was answered."""

    label: str
    words: str


@dataclass(frozen=True)
class Fitted:
    """What is printed. `left`: how many pieces are missing, wholly or in part."""

    pieces: list[Piece]
    type: str
    left: int


def fit(pieces: Sequence[Piece]) -> Fitted:
    """As much of these as one page holds, in their order, in the largest type in which all fit, or the smallest."""
    for size in TYPES:
        if sum(_lines(one, size) for one in pieces) <= size.lines:
            return Fitted(list(pieces), size.name, 0)
    smallest, kept, room = TYPES[-1], [], float(TYPES[-1].lines)
    for one in pieces:
        needed = _lines(one, smallest)
        if needed > room:
            rest = int(room - SPACE) * smallest.letters - len(one.label) - 2
            if rest >= SHORTEST_REST:
                kept.append(Piece(one.label, " ".join(one.words.split())[:rest].rpartition(" ")[0] + " …"))
            break
        kept.append(one)
        room -= needed
    whole = sum(one in pieces for one in kept)
    return Fitted(kept, smallest.name, len(pieces) - whole)


def _lines(piece: Piece, size: Type) -> float:
    first, *more = piece.words.splitlines() or [""]
    paragraphs = [f"{piece.label}: {first}", *more]
    return sum(max(1, ceil(len(one) / size.letters)) for one in paragraphs) + SPACE
