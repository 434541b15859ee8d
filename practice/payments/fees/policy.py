"""What a fee may be, and the words with which somebody agrees to one. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from practice.money import Money

WORDING = "1"
"""The version of agreement(). Raise it whenever its words change: who agreed to others is asked again."""


class FeeKind(StrEnum):
    """What a fee is for."""

    LATE = "late"  # cancelled by the client when it wasn't free any more
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """The most that a fee can be, by what it is for; None where there is none."""

    late: Money | None
    missed: Money | None

    def __bool__(self) -> bool:
        return self.late is not None or self.missed is not None

    def most(self, kind: FeeKind) -> Money | None:
        """The most that a fee for this can be."""
        return self.late if kind is FeeKind.LATE else self.missed

    @property
    def mark(self) -> str:
        """A few words that change whenever what is agreed to does, to tell whether a page is still true."""
        sums = (f"{one.minor_units}{one.currency}" if one is not None else "none" for one in (self.late, self.missed))
        return ":".join((WORDING, *sums))


def agreement(late: str | None, missed: str | None) -> str:
    """What somebody agrees to who has their card kept; the sums as people write them, as in $80.00."""
    cases = [f"{late} if I cancel later than is free"] if late else []
    cases += [f"{missed} if I don’t come"] if missed else []
    return (
        "Keep my card with the payment service for fees. You may charge it, at most, "
        f"{', or '.join(cases)}. What I have paid for that appointment already counts towards it. "
        "My page says so each time. I can take this back there whenever I like."
    )


def fingerprint(text: str) -> str:
    """SHA-256 of what was shown, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
