"""Which questions a practice can't switch off or move at will, and why: one list. Pure.

What the program builds on must be asked; how it is worded is the practice's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from practice.intake.couple_safety import COUPLE_RULES
from practice.intake.safety import CRISIS, RULES
from practice.languages import N_

BOOK, SESSION = "book", "session"
MOVABLE = (BOOK, SESSION)  # the moments between which a practice may move a question at all
FIRST_SECTIONS = ("start", "about_you")  # they come first: what stops somebody, and how they find their way back
LAST_SECTION = "just_for_you"  # after it everyone sees the same support page
CLOSED_SECTIONS = ("start", "just_for_you")  # the same for everybody, in the same order, with nothing in between


@dataclass(frozen=True)
class Protection:
    """Why a question is always asked, and at which moments it may be."""

    reason: str
    moments: tuple[str, ...] = ()


_WHY: Mapping[str, tuple[str, ...]] = {
    N_("Nothing may be stored of somebody who hasn’t answered it."): (
        "ack_not_emergency",
        "age_18_plus",
        "private_now",
    ),
    N_("Who is licensed there follows from it, and whose help lines are shown."): ("session_location",),
    N_("We reach people by it, and only in the ways that they allowed."): (
        *("preferred_name", "email", "contact_ok", "phone", "others_see_messages", "safe_contact_note"),
    ),
    N_("What may be booked follows from it."): ("attending", "format_pref"),
    N_("Nobody is invited without it."): ("partner_knows",),
    N_("Estimates and documents carry it."): ("legal_name", "date_of_birth", "insurance_use"),
}
JUST_FOR_YOU = N_("Everyone is asked this alone, in the same words; clinicians rely on it.")
WARNS = N_("Clinicians are warned by it.")

_BY_NAME: Mapping[str, Protection] = {
    **{rule.field: Protection(WARNS, MOVABLE) for rule in (*RULES, *COUPLE_RULES)},
    **{name: Protection(reason) for reason, names in _WHY.items() for name in names},
}
SAFETY = frozenset({*CRISIS, *(rule.field for rule in RULES)})


def protection(name: str, section: str) -> Protection | None:
    """Why a shipped question of this section can't be switched off; None where it can."""
    if section == LAST_SECTION:
        return Protection(JUST_FOR_YOU, (BOOK,))  # sooner, never later
    return _BY_NAME.get(name)


def moments_of(name: str, section: str, shipped: str) -> tuple[str, ...]:
    """The moments at which a shipped question may be asked, its shipped one first."""
    stands = protection(name, section)
    others = stands.moments if stands is not None else MOVABLE
    if shipped not in MOVABLE:
        return (shipped,)
    return (shipped, *(moment for moment in others if moment != shipped))
