"""What a fee may be, and the words with which somebody agrees to one. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from practice.money import Money
from practice.speaking import gettext as _

WORDING = "1"
"""The version of agreement(), in every language. Raise it whenever its words change: who agreed to others is asked
again. The fingerprint that is kept tells which language was shown."""


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
        return ":".join((WORDING, *self._sums))

    def same_sums(self, mark: str) -> bool:
        """Whether a page with this mark, in whatever wording and language, shows these sums."""
        return tuple(mark.split(":")[1:3]) == self._sums

    @property
    def _sums(self) -> tuple[str, ...]:
        both = (self.late, self.missed)
        return tuple(f"{one.minor_units}{one.currency}" if one is not None else "none" for one in both)


def agreement(late: str | None, missed: str | None) -> str:
    """What somebody agrees to who has their card kept, in the language of the answer; the sums as people write them."""
    if late and missed:
        most = _(
            "You may charge it, at most, %(late)s if I cancel later than is free, or %(missed)s if I don’t come.",
            late=late,
            missed=missed,
        )
    elif late:
        most = _("You may charge it, at most, %(late)s if I cancel later than is free.", late=late)
    else:
        most = _("You may charge it, at most, %(missed)s if I don’t come.", missed=missed)
    return " ".join(
        (
            _("Keep my card with the payment service for fees."),
            most,
            _("What I have paid for that appointment already counts towards it."),
            _("My page says so each time. I can take this back there whenever I like."),
        )
    )


def fingerprint(text: str) -> str:
    """SHA-256 of what was shown, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
