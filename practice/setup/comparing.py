"""What changes between two versions of a text, line by line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from practice.consents.documents import Wording


@dataclass(frozen=True)
class Change:
    """Some lines that went, and some that came in their place; either may be empty."""

    gone: tuple[str, ...]
    come: tuple[str, ...]


def compare(before: Wording, after: Wording) -> list[Change]:
    """The places where the whole text, title and summary included, is different, from top to bottom."""
    old, new = (tuple(line for line in one.exact.splitlines() if line) for one in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Change(old[first:last], new[begin:end])
        for kind, first, last, begin, end in matcher.get_opcodes()
        if kind != "equal"
    ]
