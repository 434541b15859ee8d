"""For whom an export is, and what each may read of it. Pure."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """OWN: the person, whenever they want it. SENT: the same, made by staff. WHOLE: a clinician, to hand over."""

    OWN = "own"
    SENT = "sent"
    WHOLE = "whole"

    @property
    def is_whole(self) -> bool:
        """Whether it has what is never shown on a screen again, and what staff wrote."""
        return self is Scope.WHOLE

    @property
    def is_own(self) -> bool:
        """Whether it has what its author saved and never sent: nobody else reads that."""
        return self is Scope.OWN
