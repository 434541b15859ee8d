"""Who on the staff sees what of an intake. Pure: roles in, a sight out. What nobody grants, nobody sees."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

DESK = frozenset({"owner", "clinician"})


class Sight(StrEnum):
    """How much of an intake somebody sees."""

    CLINICAL = "clinical"  # everything but the private section
    LOGISTICS = "logistics"  # who, where, when, and what they need to come; no risk, nothing of what happened


def sight_of(roles: Collection[str], *, treats: bool) -> Sight | None:
    """What somebody with these roles sees of one intake; None means that for them it does not exist.

    `treats` says whether the person has a session with them. A therapist without the desk sees their own clients.
    """
    if DESK & set(roles) or ("therapist" in roles and treats):
        return Sight.CLINICAL
    return Sight.LOGISTICS if "coordinator" in roles else None


def reads_private(roles: Collection[str]) -> bool:
    """Whether they read what somebody answered just for themselves."""
    return "clinician" in roles


def clears(roles: Collection[str]) -> bool:
    """Whether they clear flags and joint time, take that back, and call a couple's session off.

    Who decides about somebody's safety must be able to read what they answered just for themselves.
    """
    return reads_private(roles)


def decides(roles: Collection[str]) -> bool:
    """Whether they accept and decline."""
    return bool(DESK & set(roles))
