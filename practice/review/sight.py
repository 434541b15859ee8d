"""Who on the staff sees what of an intake. Pure: roles and ties in, a sight out. What nobody grants, nobody sees."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum

DESK = frozenset({"owner", "clinician"})


class Sight(StrEnum):
    """How much of an intake somebody sees."""

    CLINICAL = "clinical"  # everything but the private section
    LOGISTICS = "logistics"  # who, where, when, and what they need to come; no risk, nothing of what happened


class Tie(StrEnum):
    """What ties a member of staff to somebody. Without one, a clinician reads nothing clinical of them."""

    TREATS = "treats"  # has a session with them, alone or with whoever they come with
    OWNS = "owns"  # their request, or that of whoever they come with, is this account's
    NOBODYS = "nobodys"  # neither of them has a request that is anybody's
    CALLED = "called"  # an urgent notice calls this account to them, or this account answered it lately
    OPENED = "opened"  # they were opened with a reason, and that hasn't run out


Rule = Callable[[Collection[str], Collection[Tie]], bool]
"""Whether somebody with these roles, tied so to somebody, may do something."""


def sight_of(roles: Collection[str], *, treats: bool = False, ties: Collection[Tie] = ()) -> Sight | None:
    """What somebody with these roles sees of one intake; None means that for them it does not exist.

    `treats` is Tie.TREATS. A therapist without the desk sees their own clients; a clinician those to whom something
    ties them, and of all others what whoever coordinates sees.
    """
    treats = treats or Tie.TREATS in ties
    if "owner" in roles or ({"therapist", "clinician"} & set(roles) and treats) or ("clinician" in roles and ties):
        return Sight.CLINICAL
    return Sight.LOGISTICS if {"coordinator", "clinician"} & set(roles) else None


def reads_private(roles: Collection[str]) -> bool:
    """Whether they read at all what somebody answered just for themselves; of whom, reads_private_of() says."""
    return "clinician" in roles


def reads_private_of(roles: Collection[str], ties: Collection[Tie]) -> bool:
    """Whether they read what this person answered just for themselves."""
    return reads_private(roles) and bool(ties)


def clears(roles: Collection[str], ties: Collection[Tie]) -> bool:
    """Whether they clear flags and joint time, take that back, and call a couple's session off.

    Who decides about somebody's safety must be able to read what they answered just for themselves, and answer for
    them: having opened them with a reason is for reading.
    """
    return reads_private(roles) and answers_for(ties)


def decides(roles: Collection[str], ties: Collection[Tie]) -> bool:
    """Whether they accept and decline: the owner of everything, a clinician of those for whom they answer."""
    return "owner" in roles or ("clinician" in roles and answers_for(ties))


def takes(roles: Collection[str], ties: Collection[Tie], of_two: Collection[Tie] | None) -> bool:
    """Whether they can make a request their own: who may decide, and a clinician who opened it with a reason.

    `of_two` ties to both, None where nobody comes with them. The request of one makes both theirs: so both were opened.
    """
    return decides(roles, ties) or reads_private_of(roles, ties if of_two is None else of_two)


def answers_for(ties: Collection[Tie]) -> bool:
    """Whether something more than a reason ties them: what somebody opened with one is read, and not changed."""
    return bool(set(ties) - {Tie.OPENED})


def writes_about(roles: Collection[str], ties: Collection[Tie]) -> bool:
    """Whether they write what stays about somebody: who would read what is clinical of them without a reason too."""
    return sight_of(roles, ties=set(ties) - {Tie.OPENED}) is Sight.CLINICAL


def opens_with_reason(roles: Collection[str], ties: Collection[Tie]) -> bool:
    """Whether there is something of this person that they read only after they said why."""
    return reads_private(roles) and not ties
